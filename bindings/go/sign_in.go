package bearerd

import (
	"context"
	"time"
)

// SignInOptions say what a sign-in gives out. The zero value is a session of the default profile
// and no tokens: they are signed elsewhere, and must carry its ID.
type SignInOptions struct {
	// Profile, where it is not the default one.
	Profile string
	// Tokens are those to sign.
	Tokens SignInTokens
	// Attributes are what the session carries: a map, a struct or JSON text; nil for nothing.
	Attributes any
	// Claims of the tokens, beside subject and session: a map, a struct or JSON text; nil for none.
	Claims any
	// TTL of the access token, as in [SignOptions].
	TTL string
	// Lifetime of the session without being used, such as "7d", in place of the profile's.
	Lifetime string
}

// SignInTokens are the tokens that a sign-in signs.
type SignInTokens uint8

const (
	// NoTokens signs none.
	NoTokens SignInTokens = iota
	// AccessAlone signs an access token.
	AccessAlone
	// AccessAndRefresh signs a pair, whose family is named as the session is.
	AccessAndRefresh
)

// SignedIn is a session with its tokens; those that were not asked for are empty.
type SignedIn struct {
	ID                                string
	ExpiresAt                         time.Time
	Access, Refresh                   string
	AccessExpiresAt, RefreshExpiresAt time.Time
}

// SignIn opens a session for a user who has signed in, and signs tokens for it: all or nothing. It
// waits for the store.
func (v *Verifier) SignIn(ctx context.Context, subject string, o SignInOptions) (*SignedIn, error) {
	if o.Tokens > AccessAndRefresh {
		return nil, ErrValidation.because("tokens must be NoTokens, AccessAlone or AccessAndRefresh")
	}
	order := newOrder(opSignIn, subject)
	order.kind = uint32(o.Tokens)
	order.profile(o.Profile)
	order.document("attributes", o.Attributes)
	order.document("claims", o.Claims)
	order.text("ttl", o.TTL)
	order.text("lifetime", o.Lifetime)
	var answer struct {
		ID               string `json:"sid"`
		ExpiresAt        int64  `json:"expires_at"`
		Access, Refresh  string
		AccessExpiresAt  *int64 `json:"access_expires_at"`
		RefreshExpiresAt *int64 `json:"refresh_expires_at"`
	}
	if err := v.give(ctx, order, &answer); err != nil {
		return nil, err
	}
	return &SignedIn{
		ID: answer.ID, ExpiresAt: time.Unix(answer.ExpiresAt, 0), Access: answer.Access, Refresh: answer.Refresh,
		AccessExpiresAt: optionalDate(answer.AccessExpiresAt), RefreshExpiresAt: optionalDate(answer.RefreshExpiresAt),
	}, nil
}

// GetSession is a live session as the store has it; nil where it has ended or never was.
func (v *Verifier) GetSession(ctx context.Context, id string, options ...Option) (*Session, error) {
	var answer struct{ Session *shownSession }
	if err := v.give(ctx, newOrder(opGetSession, id).options(options), &answer); err != nil || answer.Session == nil {
		return nil, err
	}
	session := answer.Session.read()
	return &session, nil
}

// ListSessions are the live sessions of a user, the oldest first.
func (v *Verifier) ListSessions(ctx context.Context, subject string, options ...Option) ([]Session, error) {
	return v.sessions(ctx, newOrder(opListSessions, subject).options(options))
}

// EndSession ends a session, and reports whether there was one. Its tokens are refused with
// [ErrSessionEnded] from the next call on.
func (v *Verifier) EndSession(ctx context.Context, id string, options ...Option) (bool, error) {
	ended, err := v.count(ctx, newOrder(opEndSession, id).options(options))
	return ended > 0, err
}

// EndSessions ends all sessions of a user but one, which may be empty, and says how many.
func (v *Verifier) EndSessions(ctx context.Context, subject, except string, options ...Option) (int, error) {
	order := newOrder(opEndSessions, subject).options(options)
	order.text("except", except)
	return v.count(ctx, order)
}

// AttributeChange is what changes of the attributes of a session.
type AttributeChange struct {
	// Set are attributes to set: a map, a struct or JSON text; nil for none.
	Set any
	// Remove names attributes to remove.
	Remove []string
}

func (c *AttributeChange) into(order *order) *order {
	order.document("set", c.Set)
	if len(c.Remove) > 0 {
		order.document("remove", c.Remove)
	}
	return order
}

// ChangeSession changes the attributes of a session; nil where it has ended. Tokens that are out
// come with the new ones.
func (v *Verifier) ChangeSession(ctx context.Context, id string, c AttributeChange, options ...Option) (*Session, error) {
	changed, err := v.sessions(ctx, c.into(newOrder(opChangeSession, id).options(options)))
	if err != nil || len(changed) == 0 {
		return nil, err
	}
	return &changed[0], nil
}

// ChangeSessions changes the attributes of all sessions of a user.
func (v *Verifier) ChangeSessions(ctx context.Context, subject string, c AttributeChange, options ...Option) ([]Session, error) {
	return v.sessions(ctx, c.into(newOrder(opChangeSessions, subject).options(options)))
}

func (v *Verifier) sessions(ctx context.Context, order *order) ([]Session, error) {
	var answer struct{ Sessions []shownSession }
	if err := v.give(ctx, order, &answer); err != nil {
		return nil, err
	}
	return readSessions(answer.Sessions), nil
}
