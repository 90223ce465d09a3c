//go:build cgo

package bearerd

// #include "shim.h"
import "C"

import (
	"context"
	"encoding/json"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
)

func (l *library) give(_ context.Context, o *order) (string, error) {
	var texts [4]string
	for i, name := range o.members {
		texts[i] = o.said[name].text
	}
	var count int64
	text, err := l.ask(func(v *C.bearerd_verifier, answer *C.bd_answer) {
		C.bd_order(v, C.uint32_t(o.number), C.uint32_t(o.kind), borrow(o.in), borrow(o.what), borrow(texts[0]),
			borrow(texts[1]), borrow(texts[2]), borrow(texts[3]), answer)
		count = int64(answer.expires_at)
	})
	if err == nil && text == "" {
		text = `{"ended":` + strconv.FormatInt(count, 10) + `}`
	}
	return text, err
}

// What leads from claims to their session: a handle of theirs, and what was last read by it.
type sessionSource struct {
	claims C.uintptr_t
	last   atomic.Pointer[versionedSession]
}

type versionedSession struct {
	version uint64
	session Session
}

// sourceOf takes a handle over; nil where it leads to no session.
func sourceOf(claims C.uintptr_t) func() (Session, bool) {
	if claims == 0 {
		return nil
	}
	source := &sessionSource{claims: claims}
	runtime.AddCleanup(source, func(claims C.uintptr_t) { C.bd_release(claims) }, claims)
	return source.read
}

func (s *sessionSource) read() (Session, bool) {
	var answer C.bd_answer
	known := s.last.Load()
	version := uint64(0)
	if known != nil {
		version = known.version
	}
	now := uint64(C.bd_session(s.claims, C.uint64_t(version), &answer))
	runtime.KeepAlive(s)
	if known != nil && now == version {
		return known.session, true
	}
	text, err := taken(&answer)
	if err != nil || text == "" {
		return Session{}, false
	}
	var shown shownSession
	if json.NewDecoder(strings.NewReader(text)).Decode(&shown) != nil {
		return Session{}, false
	}
	read := &versionedSession{now, shown.read()}
	s.last.Store(read)
	return read.session, true
}
