package bearerd

import (
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// Claims are what an accepted token says. They are immutable: every request that presents the same
// token is given the same *Claims, and nothing that is returned from it can change it.
//
// Printing or logging Claims shows no claim; ask for what you need.
type Claims struct {
	json       string
	subject    string
	expiresAt  int64
	issuedAt   int64
	generation uint64
	kind       Kind
	// Filled by whoever asks for a claim by name first. Two that do so at once build the same.
	index atomic.Pointer[claimIndex]
	// Nil where there is none.
	beside beside
}

// What stands for a date that the token does not have.
const (
	noExpiry   = math.MaxInt64
	noIssuedAt = math.MinInt64
)

// Subject is whom the token is about: sub, or the claim that the profile maps to it. It is empty
// where the token names none.
func (c *Claims) Subject() string { return c.subject }

// Issuer is iss, or empty.
func (c *Claims) Issuer() string { return c.textOrEmpty("iss") }

// ID is jti, or empty.
func (c *Claims) ID() string { return c.textOrEmpty("jti") }

// Kind is access or refresh where the profile tells kinds apart, and that of a personal access token.
func (c *Claims) Kind() Kind { return c.kind }

// ExpiresAt is exp to the second, or the zero time where the token has none.
func (c *Claims) ExpiresAt() time.Time { return dateOf(c.expiresAt) }

// IssuedAt is iat to the second, or the zero time where the token has none.
func (c *Claims) IssuedAt() time.Time { return dateOf(c.issuedAt) }

func dateOf(seconds int64) time.Time {
	if seconds == noExpiry || seconds == noIssuedAt {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// Scopes are the words of the scope claim, or its elements where it is a list. The slice is the
// caller's own.
func (c *Claims) Scopes() []string { return slices.Clone(c.indexed().scopes) }

// HasScope reports whether the scope claim holds that scope. It allocates nothing.
func (c *Claims) HasScope(scope string) bool {
	return slices.Contains(c.indexed().scopes, scope)
}

// Has reports whether the token has that claim, null included.
func (c *Claims) Has(name string) bool {
	return c.indexed().find(name) != nil
}

// String is a claim that is a string. The error is [ErrNoSuchClaim] or [ErrWrongClaimType].
func (c *Claims) String(name string) (string, error) {
	member, err := c.member(name)
	if err != nil {
		return "", err
	}
	if member.raw[0] != '"' {
		return "", wrongType(name, "a string")
	}
	return member.text, nil
}

// Int64 is a claim that is a number written as an integer. The error is [ErrNoSuchClaim] or
// [ErrWrongClaimType].
func (c *Claims) Int64(name string) (int64, error) {
	member, err := c.member(name)
	if err != nil {
		return 0, err
	}
	number, err := strconv.ParseInt(member.raw, 10, 64)
	if err != nil {
		return 0, wrongType(name, "an integer of 64 bits")
	}
	return number, nil
}

// Bool is a claim that is true or false. The error is [ErrNoSuchClaim] or [ErrWrongClaimType].
func (c *Claims) Bool(name string) (bool, error) {
	member, err := c.member(name)
	if err != nil {
		return false, err
	}
	switch member.raw {
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, wrongType(name, "true or false")
	}
}

// Get is the JSON of one claim, as it was signed. The error is [ErrNoSuchClaim].
func (c *Claims) Get(name string) (string, error) {
	member, err := c.member(name)
	if err != nil {
		return "", err
	}
	return member.raw, nil
}

// JSON is the whole payload, as it was signed: one JSON object.
func (c *Claims) JSON() string { return c.json }

// Format keeps claims out of logs: whatever the verb, no claim is shown.
func (c *Claims) Format(f fmt.State, _ rune) {
	if c == nil {
		_, _ = f.Write([]byte("<nil>"))
		return
	}
	fmt.Fprintf(f, "bearerd.Claims(%d bytes)", len(c.json))
}

// LogValue keeps claims out of structured logs.
func (c *Claims) LogValue() slog.Value {
	return slog.StringValue(fmt.Sprint(c))
}

func (c *Claims) textOrEmpty(name string) string {
	if member := c.indexed().find(name); member != nil {
		return member.text
	}
	return ""
}

func (c *Claims) member(name string) (*claimMember, error) {
	if member := c.indexed().find(name); member != nil {
		return member, nil
	}
	return nil, ErrNoSuchClaim.because(strconv.Quote(name))
}

func (c *Claims) indexed() *claimIndex {
	if index := c.index.Load(); index != nil {
		return index
	}
	index := indexClaims(c.json)
	c.index.Store(index)
	return index
}

func wrongType(name, wanted string) *Error {
	return ErrWrongClaimType.because(strconv.Quote(name) + " is not " + wanted)
}
