//go:build cgo

package bearerd

// #include "shim.h"
import "C"

import (
	"encoding/json"
	"runtime"
	"strings"
	"sync/atomic"
)

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
