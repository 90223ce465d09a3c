package bearerd

import (
	"context"
	"encoding/json"
	"time"
)

func (r *remote) give(ctx context.Context, o *order) (string, error) {
	// What opens or creates something is sent once.
	once := o.operation == opSignIn || o.operation == opCreatePAT
	text, err := r.askControl(ctx, o.path, o.body(), !once)
	return string(text), err
}

// What the sidecar tells of a session along with claims.
type toldSession struct {
	ID         string          `json:"id"`
	Attributes json.RawMessage `json:"attributes"`
	ExpiresAt  int64           `json:"expires_at"`
}

// The context that came with claims.
type toldBeside struct {
	toldContext
	subject string
}

func (t *toldBeside) session() (Session, bool) {
	told := t.Session
	if told == nil {
		return Session{}, false
	}
	return Session{
		ID: told.ID, Subject: t.subject, Attributes: string(told.Attributes), ExpiresAt: time.Unix(told.ExpiresAt, 0),
	}, true
}
