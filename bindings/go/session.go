package bearerd

import (
	"encoding/json"
	"strconv"
	"time"
)

// A Session is what a sign-in opened, as it was when it was read. It may change without a new
// sign-in, so it is asked for after each verification.
type Session struct {
	// ID is its name, the sid of its tokens.
	ID      string
	Subject string
	// Attributes are what it carries: one JSON object.
	Attributes string
	// CreatedAt and RenewedAt are zero where a sidecar told of the session along with claims.
	CreatedAt, RenewedAt time.Time
	// ExpiresAt is when it ends unless it is renewed.
	ExpiresAt time.Time
}

// Attribute reads one attribute, as encoding/json does. The error is [ErrNoSuchClaim] or
// [ErrWrongClaimType].
func (s *Session) Attribute(name string, into any) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(s.Attributes), &all); err != nil {
		return errShape()
	}
	value, there := all[name]
	if !there {
		return ErrNoSuchClaim.because(strconv.Quote(name))
	}
	if json.Unmarshal(value, into) != nil {
		return ErrWrongClaimType.because(strconv.Quote(name))
	}
	return nil
}

// Session is the session that the token belongs to, and whether it has one: not where the profile
// has no sessions, and not for a personal access token.
//
// In this process it is what the last verification of the token found, which may be newer than the
// one that returned these claims: the same claims are returned while attributes change. From a
// sidecar it is what came with these claims.
func (c *Claims) Session() (Session, bool) {
	if c.beside == nil {
		return Session{}, false
	}
	return c.beside.session()
}

type shownSession struct {
	ID         string          `json:"sid"`
	Subject    string          `json:"subject"`
	Attributes json.RawMessage `json:"attributes"`
	CreatedAt  int64           `json:"created_at"`
	RenewedAt  int64           `json:"renewed_at"`
	ExpiresAt  int64           `json:"expires_at"`
}

func (s *shownSession) read() Session {
	return Session{
		ID: s.ID, Subject: s.Subject, Attributes: string(s.Attributes),
		CreatedAt: time.Unix(s.CreatedAt, 0), RenewedAt: time.Unix(s.RenewedAt, 0), ExpiresAt: time.Unix(s.ExpiresAt, 0),
	}
}

func readSessions(shown []shownSession) []Session {
	sessions := make([]Session, len(shown))
	for i := range shown {
		sessions[i] = shown[i].read()
	}
	return sessions
}
