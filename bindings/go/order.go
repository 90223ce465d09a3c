package bearerd

import (
	"context"
	"encoding/json"
)

// An operation on sessions or personal access tokens: where the sidecar takes it, by which member
// it is told whom it is about, and in which order the library takes the others.
type operation struct {
	number  uint32
	path    string
	about   string
	members []string
}

var (
	opSignIn         = &operation{0, "/v1/sessions", "subject", []string{"attributes", "claims", "ttl", "lifetime"}}
	opGetSession     = &operation{1, "/v1/sessions/get", "sid", nil}
	opListSessions   = &operation{2, "/v1/sessions/list", "subject", nil}
	opEndSession     = &operation{3, "/v1/sessions/end", "sid", nil}
	opEndSessions    = &operation{4, "/v1/sessions/end", "subject", []string{"except"}}
	opChangeSession  = &operation{5, "/v1/sessions/attributes", "sid", []string{"set", "remove"}}
	opChangeSessions = &operation{6, "/v1/sessions/attributes", "subject", []string{"set", "remove"}}
	opCreatePAT      = &operation{7, "/v1/pats", "subject", []string{"description", "scopes", "claims", "ttl"}}
	opListPATs       = &operation{8, "/v1/pats/list", "subject", []string{"after"}}
	opRevokePAT      = &operation{9, "/v1/pats/revoke", "id", nil}
	opRevokePATToken = &operation{10, "/v1/pats/revoke", "token", nil}
	opRevokePATs     = &operation{11, "/v1/pats/revoke", "subject", nil}
)

// An order is an operation with what it is about. What is wrong with it is said when it is given.
type order struct {
	*operation
	what string
	kind uint32
	in   string
	said map[string]said
	err  error
}

type said struct {
	text   string
	isJSON bool
}

func newOrder(o *operation, what string) *order {
	order := &order{operation: o, what: what, said: map[string]said{}}
	if what == "" {
		order.fail(ErrValidation.because(o.about + " is empty"))
	} else if o == opRevokePATToken {
		if !visible(what) {
			order.fail(ErrMalformed.because(""))
		}
	} else if _, err := checkedText(what, o.about); err != nil {
		order.fail(err)
	}
	return order
}

func (o *order) fail(err error) {
	if o.err == nil {
		o.err = err
	}
}

func (o *order) options(options []Option) *order {
	var q query
	if err := q.read(options, forProfile, o.path); err != nil {
		o.fail(err)
	}
	o.in = q.profile
	return o
}

func (o *order) profile(name string) {
	if _, err := checkedText(name, "profile"); err != nil {
		o.fail(err)
	}
	o.in = name
}

func (o *order) text(name, text string) {
	if text == "" {
		return
	}
	if _, err := checkedText(text, name); err != nil {
		o.fail(err)
	}
	o.said[name] = said{text, false}
}

func (o *order) document(name string, value any) {
	if value == nil {
		return
	}
	text, err := document(value, name)
	if err != nil {
		o.fail(err)
	} else if !json.Valid([]byte(text)) {
		o.fail(ErrValidation.because(name + " is not JSON"))
	}
	o.said[name] = said{text, true}
}

// body is what the sidecar takes.
func (o *order) body() map[string]any {
	body := map[string]any{o.about: o.what}
	if o.in != "" {
		body["profile"] = o.in
	}
	for name, said := range o.said {
		if said.isJSON {
			body[name] = json.RawMessage(said.text)
		} else {
			body[name] = said.text
		}
	}
	if o.operation == opSignIn {
		body["kind"] = [...]string{"none", "access", "pair"}[o.kind]
	}
	return body
}

func (v *Verifier) give(ctx context.Context, o *order, into any) error {
	if o.err != nil {
		return o.err
	}
	text, err := v.engine.give(ctx, o)
	if err != nil {
		return err
	}
	if json.Unmarshal([]byte(text), into) != nil {
		return errShape()
	}
	return nil
}

func (v *Verifier) count(ctx context.Context, o *order) (int, error) {
	var answer struct{ Ended, Revoked int }
	err := v.give(ctx, o, &answer)
	return answer.Ended + answer.Revoked, err
}
