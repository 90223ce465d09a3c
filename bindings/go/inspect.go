package bearerd

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
)

// An Explanation says why a token is refused, in full: it quotes claims, so it is for operators
// and not for the client.
type Explanation struct {
	Code     string `json:"code"`
	Status   int    `json:"status"`
	Profile  string `json:"profile"`
	Reason   string `json:"reason"`
	Claim    string `json:"claim"`
	Expected string `json:"expected"`
	Actual   string `json:"actual"`
}

// Explain verifies like Verify and tells what it found. A token that is refused is no error here.
func (v *Verifier) Explain(ctx context.Context, token string, options ...Option) (*Explanation, error) {
	var q query
	if err := q.forVerify(v, options); err != nil {
		return nil, err
	}
	return v.engine.explain(ctx, token, &q)
}

// A Description is what a configuration came to.
type Description struct {
	// DefaultProfile is empty where no profile is the default.
	DefaultProfile string `json:"default_profile"`
	// Slots bounds the numbers of the cache's entries.
	Slots    uint32                        `json:"slots"`
	Profiles map[string]ProfileDescription `json:"profiles"`
	Guards   []string                      `json:"guards"`
}

// A ProfileDescription is one profile's part of a [Description].
type ProfileDescription struct {
	// TokenFrom is where the token is looked for: "bearer", "header:NAME", "cookie:NAME".
	TokenFrom  []string `json:"token_from"`
	Algorithms []string `json:"algorithms"`
	Signs      bool     `json:"signs"`
	Rotates    bool     `json:"rotates"`
	// Where it has either, verification may wait for their store.
	Sessions bool `json:"sessions"`
	PATs     bool `json:"pats"`
}

// Describe tells profiles, guards and where tokens are looked for. A sidecar does not say.
func (v *Verifier) Describe(ctx context.Context) (*Description, error) {
	return v.engine.describe(ctx)
}

// Stats are the counters of the claims cache.
type Stats struct {
	Slots                          uint32
	Hits, Misses, Inserts, NotKept uint64
	Evicted, Entries, Bytes        uint64
	Revocations                    uint64
}

// Stats counts for all profiles together, or for one with [WithProfile]. A sidecar has its metrics
// at /metrics instead.
func (v *Verifier) Stats(ctx context.Context, options ...Option) (Stats, error) {
	var q query
	if err := q.read(options, forProfile, "statistics"); err != nil {
		return Stats{}, err
	}
	return v.engine.stats(ctx, &q)
}

// JWKS is the public keys of all profiles as a JWK set; a shared secret is never in it.
func (v *Verifier) JWKS(ctx context.Context) (json.RawMessage, error) {
	text, err := v.engine.jwks(ctx)
	if err != nil {
		return nil, err
	}
	return json.RawMessage(text), nil
}

// ReplaceKeys replaces the fixed keys of a profile by a JWK set, all or nothing. From the next call
// on, tokens of keys that left are refused, seen before or not.
func (v *Verifier) ReplaceKeys(ctx context.Context, jwks any, options ...Option) error {
	var q query
	if err := q.read(options, forProfile, "replacement of keys"); err != nil {
		return err
	}
	text, err := document(jwks, "jwks")
	if err != nil {
		return err
	}
	return v.engine.replaceKeys(ctx, text, &q)
}

// ReloadKeys reads the key files of all profiles again. One bad file leaves every key as it was.
func (v *Verifier) ReloadKeys(ctx context.Context) error { return v.engine.reloadKeys(ctx) }

// refused is the error of a code that the library or the sidecar answered with. Their messages
// repeat the code's name and put what they know behind it, which is what is kept.
func refused(number uint32, message string) *Error {
	row, known := byNumber[number]
	if !known {
		return unknownCode(message)
	}
	detail := strings.TrimPrefix(message, row.Code)
	detail = strings.TrimPrefix(strings.TrimSpace(detail), ": ")
	if inner, found := strings.CutPrefix(detail, "("); found && strings.HasSuffix(inner, ")") {
		detail = strings.TrimSuffix(inner, ")")
	}
	return row.because(detail)
}

func errNotOffered(what string) error {
	return ErrValidation.because("a sidecar does not offer " + what).causedBy(errors.ErrUnsupported)
}
