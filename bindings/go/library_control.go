//go:build cgo

package bearerd

// #include "shim.h"
import "C"

import (
	"context"
	"encoding/json"
	"runtime"
	"strings"
)

// ask makes one call of the library that answers with a text.
func (l *library) ask(call func(*C.bearerd_verifier, *C.bd_answer)) (string, error) {
	stripe, open := l.gate.enter()
	if !open {
		return "", errClosed()
	}
	defer l.gate.leave(stripe)
	var answer C.bd_answer
	call(l.verifier, &answer)
	return taken(&answer)
}

// taken is the text of an answer, or its error.
func taken(answer *C.bd_answer) (string, error) {
	if answer.code != C.BEARERD_OK {
		return "", refused(uint32(answer.code), takeMessage(answer.message))
	}
	if answer.text == 0 {
		return "", nil
	}
	text := strings.Clone(lent(&answer.ptr, answer.len))
	C.bd_text_release(answer.text)
	return text, nil
}

func decode(text string, into any) error {
	if json.Unmarshal([]byte(text), into) != nil {
		return errShape()
	}
	return nil
}

func (l *library) explain(_ context.Context, token string, q *query) (*Explanation, error) {
	text, err := l.ask(func(v *C.bearerd_verifier, answer *C.bd_answer) {
		C.bd_explain(v, borrow(token), borrow(q.profile), borrow(q.audience), borrow(q.device),
			C.uint32_t(q.kind), q.guard.native(), answer)
		runtime.KeepAlive(q.guard)
	})
	if err != nil {
		return nil, err
	}
	explanation := new(Explanation)
	return explanation, decode(text, explanation)
}

func (l *library) sign(_ context.Context, claims string, o SignOptions) (Signed, error) {
	expiresAt := int64(noExpiry)
	token, err := l.ask(func(v *C.bearerd_verifier, answer *C.bd_answer) {
		C.bd_sign(v, 0, C.uint32_t(o.Kind), borrow(o.Profile), borrow(o.TTL), borrow(claims), answer)
		expiresAt = int64(answer.expires_at)
	})
	if err != nil {
		return Signed{}, err
	}
	return Signed{Token: token, ExpiresAt: dateOf(expiresAt)}, nil
}

func (l *library) signPair(_ context.Context, claims string, o SignOptions) (*Pair, error) {
	text, err := l.ask(func(v *C.bearerd_verifier, answer *C.bd_answer) {
		C.bd_sign(v, 1, 0, borrow(o.Profile), borrow(o.TTL), borrow(claims), answer)
	})
	if err != nil {
		return nil, err
	}
	return pairFrom(text)
}

func (l *library) rotate(_ context.Context, refresh string, o rotation) (*Pair, error) {
	text, err := l.ask(func(v *C.bearerd_verifier, answer *C.bd_answer) {
		C.bd_rotate(v, borrow(refresh), borrow(o.profile), borrow(o.ttl), borrow(o.set), borrow(o.remove), answer)
	})
	if err != nil {
		return nil, err
	}
	return pairFrom(text)
}

func (l *library) revoke(_ context.Context, what revokes, text string, q *query) error {
	before := int64(noIssuedAt)
	if q.given&(1<<chooseIssuedBefore) != 0 {
		before = q.before
	}
	number := map[revokes]C.int{
		revokesToken: C.BD_TOKEN, revokesHandle: C.BD_HANDLE, revokesFamily: C.BD_FAMILY, revokesSubject: C.BD_SUBJECT,
	}[what]
	_, err := l.ask(func(v *C.bearerd_verifier, answer *C.bd_answer) {
		C.bd_revoke(v, number, borrow(q.profile), borrow(text), C.int64_t(before), answer)
	})
	return err
}

func (l *library) replaceKeys(_ context.Context, jwks string, q *query) error {
	_, err := l.ask(func(v *C.bearerd_verifier, answer *C.bd_answer) {
		C.bd_replace_keys(v, borrow(q.profile), borrow(jwks), answer)
	})
	return err
}

func (l *library) reloadKeys(context.Context) error {
	_, err := l.ask(func(v *C.bearerd_verifier, answer *C.bd_answer) { C.bd_ask(v, C.BD_RELOAD, answer) })
	return err
}

func (l *library) jwks(context.Context) (string, error) {
	return l.ask(func(v *C.bearerd_verifier, answer *C.bd_answer) { C.bd_ask(v, C.BD_JWKS, answer) })
}

func (l *library) describe(context.Context) (*Description, error) {
	text, err := l.ask(func(v *C.bearerd_verifier, answer *C.bd_answer) { C.bd_ask(v, C.BD_DESCRIBE, answer) })
	if err != nil {
		return nil, err
	}
	description := new(Description)
	return description, decode(text, description)
}

func (l *library) stats(_ context.Context, q *query) (Stats, error) {
	var stats C.bearerd_stats
	_, err := l.ask(func(v *C.bearerd_verifier, answer *C.bd_answer) {
		C.bd_stats(v, borrow(q.profile), &stats, answer)
	})
	if err != nil {
		return Stats{}, err
	}
	return Stats{
		Slots:       uint32(stats.slots),
		Hits:        uint64(stats.hits),
		Misses:      uint64(stats.misses),
		Inserts:     uint64(stats.inserts),
		NotKept:     uint64(stats.not_kept),
		Evicted:     uint64(stats.evicted),
		Entries:     uint64(stats.entries),
		Bytes:       uint64(stats.bytes),
		Revocations: uint64(stats.revocations),
	}, nil
}
