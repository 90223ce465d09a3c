package bearerd

import (
	"context"
	"encoding/json"
	"net/http"
)

func (r *remote) explain(ctx context.Context, token string, q *query) (*Explanation, error) {
	asked, err := q.question()
	if err != nil {
		return nil, err
	}
	if !visible(token) {
		return nil, ErrValidation.because("token is not visible ASCII, and no verifier accepts it")
	}
	asked.Token = token
	text, err := r.askControl(ctx, "/v1/explain", asked, true)
	if err != nil {
		return nil, err
	}
	explanation := new(Explanation)
	if json.Unmarshal(text, explanation) != nil {
		return nil, errShape()
	}
	return explanation, nil
}

type signing struct {
	Profile string          `json:"profile,omitempty"`
	Kind    string          `json:"kind"`
	Claims  json.RawMessage `json:"claims"`
	TTL     string          `json:"ttl,omitempty"`
}

func (r *remote) signed(ctx context.Context, kind, claims string, o SignOptions) ([]byte, error) {
	if !json.Valid([]byte(claims)) {
		return nil, ErrValidation.because("claims is not JSON")
	}
	return r.askControl(ctx, "/v1/sign", signing{o.Profile, kind, json.RawMessage(claims), o.TTL}, true)
}

func (r *remote) sign(ctx context.Context, claims string, o SignOptions) (Signed, error) {
	text, err := r.signed(ctx, o.Kind.String(), claims, o)
	if err != nil {
		return Signed{}, err
	}
	var answer map[string]any
	if json.Unmarshal(text, &answer) != nil {
		return Signed{}, errShape()
	}
	token, ok := answer[o.Kind.String()].(string)
	if !ok {
		return Signed{}, errShape()
	}
	result := Signed{Token: token}
	if seconds, ok := answer[o.Kind.String()+"_expires_at"].(float64); ok {
		result.ExpiresAt = dateOf(int64(seconds))
	}
	return result, nil
}

func (r *remote) signPair(ctx context.Context, claims string, o SignOptions) (*Pair, error) {
	text, err := r.signed(ctx, "pair", claims, o)
	if err != nil {
		return nil, err
	}
	return pairFrom(string(text))
}

func (r *remote) rotate(ctx context.Context, refresh string, o rotation) (*Pair, error) {
	if !visible(refresh) {
		return nil, ErrMalformed.because("")
	}
	body := map[string]any{"refresh": refresh}
	for name, text := range map[string]string{"profile": o.profile, "ttl": o.ttl} {
		if text != "" {
			body[name] = text
		}
	}
	for name, text := range map[string]string{"set": o.set, "remove": o.remove} {
		if text == "" {
			continue
		}
		if !json.Valid([]byte(text)) {
			return nil, ErrValidation.because(name + " is not JSON")
		}
		body[name] = json.RawMessage(text)
	}
	// Sent once: a refresh token is spent by the first.
	text, err := r.askControl(ctx, "/v1/rotate", body, false)
	if err != nil {
		return nil, err
	}
	return pairFrom(string(text))
}

func (r *remote) revoke(ctx context.Context, what revokes, text string, q *query) error {
	if what == revokesFamily {
		return errNotOffered("revocation by family; revoke a refresh token of it")
	}
	if what == revokesToken && !visible(text) {
		return ErrMalformed.because("")
	}
	body := map[string]any{string(what): text}
	if q.profile != "" {
		body["profile"] = q.profile
	}
	if q.given&(1<<chooseIssuedBefore) != 0 {
		body["issued_before"] = q.before
	}
	_, err := r.askControl(ctx, "/v1/revoke", body, true)
	return err
}

func (r *remote) reloadKeys(ctx context.Context) error {
	_, err := r.askControl(ctx, "/v1/keys/reload", map[string]any{}, true)
	return err
}

func (r *remote) jwks(ctx context.Context) (string, error) {
	text, err := r.ask(ctx, r.data, asking{method: http.MethodGet, path: "/.well-known/jwks.json", repeatable: true})
	return string(text), err
}

func (r *remote) replaceKeys(context.Context, string, *query) error {
	return errNotOffered("replacement of keys; change its key files and reload")
}

func (r *remote) describe(context.Context) (*Description, error) {
	return nil, errNotOffered("a description")
}

func (r *remote) stats(context.Context, *query) (Stats, error) {
	return Stats{}, errNotOffered("statistics; scrape its /metrics")
}

// A name is the sidecar's to find; a rule is sent as it is, so it must be JSON.
func (r *remote) findGuard(*Guard) error { return nil }
