package bearerd

import (
	"context"
	"encoding/json"
	"time"
)

// SignOptions say what to sign. The zero value is an access token of the default profile, with
// that profile's lifetime.
type SignOptions struct {
	// Kind is AccessToken or RefreshToken; SignPair takes none.
	Kind Kind
	// Profile, where it is not the default one.
	Profile string
	// TTL is a span such as "15m" or "900", or "none" for a token without exp.
	TTL string
}

// Signed is a new token. ExpiresAt is the zero time where it has no exp.
type Signed struct {
	Token     string
	ExpiresAt time.Time
}

// A Pair is an access and a refresh token of one sign-in.
type Pair struct {
	Access, Refresh                   string
	AccessExpiresAt, RefreshExpiresAt time.Time
	// Payload is the JSON of the claims that a rotation signed; a new pair has none.
	Payload json.RawMessage
}

// Sign signs claims: a map, a struct, or JSON text. The profile needs a signing key.
func (v *Verifier) Sign(ctx context.Context, claims any, o SignOptions) (Signed, error) {
	switch o.Kind {
	case UnknownKind:
		o.Kind = AccessToken
	case AccessToken, RefreshToken:
	default:
		return Signed{}, ErrValidation.because("kind must be AccessToken or RefreshToken")
	}
	text, err := o.read(claims)
	if err != nil {
		return Signed{}, err
	}
	return v.engine.sign(ctx, text, o)
}

// SignPair signs an access and a refresh token of the same claims.
func (v *Verifier) SignPair(ctx context.Context, claims any, o SignOptions) (*Pair, error) {
	if o.Kind != UnknownKind {
		return nil, ErrValidation.because("kind: a pair has both")
	}
	text, err := o.read(claims)
	if err != nil {
		return nil, err
	}
	return v.engine.signPair(ctx, text, o)
}

func (o *SignOptions) read(claims any) (string, error) {
	if err := checkTexts("profile", o.Profile, "ttl", o.TTL); err != nil {
		return "", err
	}
	return document(claims, "claims")
}

// RotateOptions say how the new tokens' claims differ from the old ones'.
type RotateOptions struct {
	// Profile, where neither the token's issuer nor the default says it.
	Profile string
	// TTL of the new access token, in place of the profile's.
	TTL string
	// Set are claims to set: a map, a struct or JSON text; nil for none.
	Set any
	// Remove names claims to leave out.
	Remove []string
}

// Rotate spends a refresh token for a new pair. Within the profile's grace the same token gives the
// same pair again; after it, it is [ErrReused] and its whole family is revoked.
func (v *Verifier) Rotate(ctx context.Context, refresh string, o RotateOptions) (*Pair, error) {
	if err := checkTexts("profile", o.Profile, "ttl", o.TTL); err != nil {
		return nil, err
	}
	r := rotation{profile: o.Profile, ttl: o.TTL}
	var err error
	if o.Set != nil {
		if r.set, err = document(o.Set, "set"); err != nil {
			return nil, err
		}
	}
	if len(o.Remove) > 0 {
		if r.remove, err = document(o.Remove, "remove"); err != nil {
			return nil, err
		}
	}
	return v.engine.rotate(ctx, refresh, r)
}

// RevokeToken revokes a token by its handle; a refresh token takes its family with it.
func (v *Verifier) RevokeToken(ctx context.Context, token string, options ...Option) error {
	return v.revoke(ctx, revokesToken, token, options, forProfile)
}

// RevokeHandle revokes by the claim that the profile revokes by: jti, sid or another.
func (v *Verifier) RevokeHandle(ctx context.Context, handle string, options ...Option) error {
	return v.revoke(ctx, revokesHandle, handle, options, forProfile)
}

// RevokeFamily revokes every refresh token that descends from one sign-in.
func (v *Verifier) RevokeFamily(ctx context.Context, family string, options ...Option) error {
	return v.revoke(ctx, revokesFamily, family, options, forProfile)
}

// RevokeSubject voids what a subject was issued up to now, or before [IssuedBefore].
func (v *Verifier) RevokeSubject(ctx context.Context, subject string, options ...Option) error {
	return v.revoke(ctx, revokesSubject, subject, options, forSubject)
}

func (v *Verifier) revoke(ctx context.Context, what revokes, text string, options []Option, allowed uint8) error {
	var q query
	if err := q.read(options, allowed, "revocation of a "+string(what)); err != nil {
		return err
	}
	if text == "" {
		return ErrValidation.because(string(what) + " is empty")
	}
	if what != revokesToken {
		if err := checkTexts(string(what), text); err != nil {
			return err
		}
	}
	return v.engine.revoke(ctx, what, text, &q)
}

// checkTexts takes names and texts in turn.
func checkTexts(pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		if _, err := checkedText(pairs[i+1], pairs[i]); err != nil {
			return err
		}
	}
	return nil
}

func pairFrom(text string) (*Pair, error) {
	var answer struct {
		Access, Refresh  string
		AccessExpiresAt  *int64          `json:"access_expires_at"`
		RefreshExpiresAt *int64          `json:"refresh_expires_at"`
		Payload          json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || answer.Access == "" || answer.Refresh == "" {
		return nil, errShape()
	}
	return &Pair{
		Access:           answer.Access,
		Refresh:          answer.Refresh,
		AccessExpiresAt:  optionalDate(answer.AccessExpiresAt),
		RefreshExpiresAt: optionalDate(answer.RefreshExpiresAt),
		Payload:          answer.Payload,
	}, nil
}

func optionalDate(seconds *int64) time.Time {
	if seconds == nil {
		return time.Time{}
	}
	return time.Unix(*seconds, 0)
}

func errShape() *Error {
	return ErrInternal.because("the answer is of another shape; use versions that belong together")
}
