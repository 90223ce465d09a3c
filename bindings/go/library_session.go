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
	claims      C.uintptr_t
	last        atomic.Pointer[versionedSession]
	lastContext atomic.Pointer[versionedContext]
}

type versionedSession struct {
	version uint64
	session Session
}

type versionedContext struct {
	version uint64
	told    toldContext
}

// besideOf is what comes with claims; nil where nothing does.
func besideOf(claims C.uintptr_t) beside {
	var answer C.bd_answer
	if held := C.bd_hold_session(claims, &answer); held != 0 {
		source := &sessionSource{claims: held}
		runtime.AddCleanup(source, func(claims C.uintptr_t) { C.bd_release(claims) }, held)
		return source
	}
	if text, err := taken(&answer); err == nil && text != "" {
		return &keptContext{text: text}
	}
	return nil
}

func (s *sessionSource) session() (Session, bool) {
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

func (s *sessionSource) permission() (Permission, bool) {
	var answer C.bd_answer
	known := s.lastContext.Load()
	version := uint64(0)
	if known != nil {
		version = known.version
	}
	// The version is read before the context, which may so be newer than it says, and not older.
	now := uint64(C.bd_context(s.claims, C.uint64_t(version), &answer))
	runtime.KeepAlive(s)
	if known != nil && now == version {
		return known.told.permission()
	}
	text, err := taken(&answer)
	if err != nil || text == "" {
		return Permission{}, false
	}
	read := &versionedContext{version: now}
	if decode(text, &read.told) != nil {
		return Permission{}, false
	}
	s.lastContext.Store(read)
	return read.told.permission()
}

// The context of claims without a session, which stays what it is. Most requests do not ask for it,
// so it is decoded by the first that does.
type keptContext struct {
	text string
	told atomic.Pointer[toldContext]
}

func (*keptContext) session() (Session, bool) { return Session{}, false }

func (k *keptContext) permission() (Permission, bool) {
	told := k.told.Load()
	if told == nil {
		told = new(toldContext)
		if decode(k.text, told) != nil {
			return Permission{}, false
		}
		k.told.Store(told)
	}
	return told.permission()
}
