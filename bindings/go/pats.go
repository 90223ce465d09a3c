package bearerd

import (
	"context"
	"encoding/json"
	"time"
)

// PATOptions say what a personal access token is to be. The zero value is one of the default
// profile without scopes, that lives as long as the profile allows.
type PATOptions struct {
	// Profile, where it is not the default one.
	Profile string
	// Description is what its owner calls it.
	Description string
	Scopes      []string
	// Claims are further ones: a map, a struct or JSON text; nil for none.
	Claims any
	// TTL is a span such as "90d", or "none" for a token without end.
	TTL string
}

// CreatedPAT is a new personal access token. This is the only time that it is shown.
type CreatedPAT struct {
	Token, ID string
	// ExpiresAt is the zero time where it has no end.
	ExpiresAt time.Time
}

// A PAT is a personal access token as its owner may see it. Dates that it has not are zero.
type PAT struct {
	// ID is the jti of its claims, and what it is revoked by.
	ID, Subject, Description string
	Scopes                   []string
	// Claims are the further ones: one JSON object.
	Claims                           string
	CreatedAt, ExpiresAt, LastUsedAt time.Time
	// LastUsedFrom is an address, or empty.
	LastUsedFrom string
}

// CreatePAT creates a personal access token. It waits for the store.
func (v *Verifier) CreatePAT(ctx context.Context, subject string, o PATOptions) (*CreatedPAT, error) {
	order := newOrder(opCreatePAT, subject)
	order.profile(o.Profile)
	order.text("description", o.Description)
	if len(o.Scopes) > 0 {
		order.document("scopes", o.Scopes)
	}
	order.document("claims", o.Claims)
	order.text("ttl", o.TTL)
	var answer struct {
		Token, ID string
		ExpiresAt *int64 `json:"expires_at"`
	}
	if err := v.give(ctx, order, &answer); err != nil {
		return nil, err
	}
	return &CreatedPAT{Token: answer.Token, ID: answer.ID, ExpiresAt: optionalDate(answer.ExpiresAt)}, nil
}

// ListPATs are a hundred personal access tokens of a subject that were not revoked, and what to pass
// as after for those that follow; both are empty where there are none.
func (v *Verifier) ListPATs(ctx context.Context, subject, after string, options ...Option) (pats []PAT, next string, err error) {
	order := newOrder(opListPATs, subject).options(options)
	order.text("after", after)
	var answer struct {
		PATs []struct {
			ID, Subject, Description string
			Scopes                   []string
			Claims                   json.RawMessage
			CreatedAt                int64   `json:"created_at"`
			ExpiresAt                *int64  `json:"expires_at"`
			LastUsedAt               *int64  `json:"last_used_at"`
			LastUsedFrom             *string `json:"last_used_from"`
		}
		Next *string
	}
	if err := v.give(ctx, order, &answer); err != nil {
		return nil, "", err
	}
	for _, one := range answer.PATs {
		pat := PAT{
			ID: one.ID, Subject: one.Subject, Description: one.Description, Scopes: one.Scopes, Claims: string(one.Claims),
			CreatedAt: time.Unix(one.CreatedAt, 0), ExpiresAt: optionalDate(one.ExpiresAt), LastUsedAt: optionalDate(one.LastUsedAt),
		}
		if one.LastUsedFrom != nil {
			pat.LastUsedFrom = *one.LastUsedFrom
		}
		pats = append(pats, pat)
	}
	if answer.Next != nil {
		next = *answer.Next
	}
	return pats, next, nil
}

// RevokePAT revokes a personal access token by its ID, and reports whether there was one to revoke.
func (v *Verifier) RevokePAT(ctx context.Context, id string, options ...Option) (bool, error) {
	revoked, err := v.count(ctx, newOrder(opRevokePAT, id).options(options))
	return revoked > 0, err
}

// RevokePATToken revokes a personal access token that is at hand.
func (v *Verifier) RevokePATToken(ctx context.Context, token string, options ...Option) (bool, error) {
	revoked, err := v.count(ctx, newOrder(opRevokePATToken, token).options(options))
	return revoked > 0, err
}

// RevokePATs revokes every personal access token of a subject, and says how many.
func (v *Verifier) RevokePATs(ctx context.Context, subject string, options ...Option) (int, error) {
	return v.count(ctx, newOrder(opRevokePATs, subject).options(options))
}
