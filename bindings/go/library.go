//go:build cgo

package bearerd

/*
#cgo pkg-config: bearerd
#cgo noescape bd_verify_plain
#cgo nocallback bd_verify_plain
#cgo noescape bd_verify
#cgo nocallback bd_verify
#cgo noescape bd_fetch
#cgo nocallback bd_fetch
#cgo noescape bd_show
#cgo nocallback bd_show
#cgo noescape bd_release
#cgo nocallback bd_release
#cgo noescape bd_free
#cgo nocallback bd_free
#include "shim.h"
*/
import "C"

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// The library in this process: a verifier of libbearerd's, with what is built from it.
type library struct {
	gate     gate
	verifier *C.bearerd_verifier
	number   C.uintptr_t // the verifier's address
	table    *slotTable
	guards   routeGuards
	names    map[string][]place
	// Where a profile is not named and none is the default.
	unnamed []place
	cleanup runtime.Cleanup
}

var checkABI = sync.OnceValue(func() error {
	if C.bearerd_abi_version() != C.BEARERD_ABI_VERSION {
		return ErrABIMismatch.because("install the libbearerd that this program was built with")
	}
	return nil
})

func openText(text string) (*library, error) { return open(C.BD_TEXT, text) }
func openFile(path string) (*library, error) { return open(C.BD_FILE, path) }
func openEnvironment() (*library, error)     { return open(C.BD_ENVIRONMENT, "") }

func open(from C.int, text string) (*library, error) {
	if err := checkABI(); err != nil {
		return nil, err
	}
	var answer C.bd_answer
	verifier := C.bd_new(from, borrow(text), &answer)
	if _, err := taken(&answer); err != nil {
		return nil, err
	}
	l := &library{verifier: verifier, number: C.uintptr_t(uintptr(unsafe.Pointer(verifier)))}
	l.gate.init()
	l.cleanup = runtime.AddCleanup(l, freeVerifier, verifier)
	description, err := l.describe(context.Background())
	if err != nil {
		return nil, err
	}
	l.table = newSlotTable(description.Slots)
	l.learnPlaces(description)
	return l, nil
}

func freeVerifier(verifier *C.bearerd_verifier) { C.bearerd_verifier_free(verifier) }

func (l *library) close() error {
	if !l.gate.close() {
		return errClosed()
	}
	l.cleanup.Stop()
	freeVerifier(l.verifier)
	return nil
}

func (l *library) verify(token string, q *query) (*Claims, error) {
	var hit C.bd_hit
	stripe, open := l.gate.enter()
	if !open {
		return nil, errClosed()
	}
	if q.given == 0 {
		C.bd_verify_plain(l.number, borrow(token), &hit)
	} else {
		C.bd_verify(l.verifier, borrow(token), borrow(q.profile), borrow(q.audience), borrow(q.device),
			C.uint32_t(q.kind), q.guard.native(), &hit)
	}
	if hit.code == C.BEARERD_OK && hit.fresh == 0 {
		if claims := l.table.load(uint32(hit.slot), uint64(hit.generation)); claims != nil {
			l.gate.leave(stripe)
			runtime.KeepAlive(q.guard)
			return claims, nil
		}
		// A hit whose entry is new to this side.
		C.bd_fetch(l.verifier, borrow(token), borrow(q.profile), borrow(q.audience), borrow(q.device),
			C.uint32_t(q.kind), q.guard.native(), &hit)
	}
	l.gate.leave(stripe)
	runtime.KeepAlive(q.guard)
	if hit.code != C.BEARERD_OK {
		return nil, refused(uint32(hit.code), takeMessage(hit.message))
	}
	return l.seen(hit.fresh)
}

// seen takes over a handle of claims.
func (l *library) seen(fresh C.uintptr_t) (*Claims, error) {
	var verdict C.bd_verdict
	C.bd_show(fresh, &verdict)
	if verdict.code != C.BEARERD_OK {
		return nil, refused(uint32(verdict.code), "")
	}
	claims := l.kept(&verdict)
	C.bd_release(verdict.claims)
	return claims, nil
}

// The claims of a verdict that came with a handle: what this side has of the entry, or a copy.
func (l *library) kept(verdict *C.bd_verdict) *Claims {
	slot, generation := uint32(verdict.slot), uint64(verdict.generation)
	if slot != C.BEARERD_NO_SLOT {
		if claims := l.table.load(slot, generation); claims != nil {
			return claims
		}
	}
	claims := &Claims{
		json:       strings.Clone(lent(&verdict.json, verdict.json_len)),
		subject:    strings.Clone(lent(&verdict.subject, verdict.subject_len)),
		expiresAt:  int64(verdict.expires_at),
		issuedAt:   int64(verdict.issued_at),
		generation: generation,
		kind:       Kind(verdict.kind),
		beside:     besideOf(verdict.claims),
	}
	if slot == C.BEARERD_NO_SLOT {
		return claims
	}
	return l.table.store(slot, claims)
}

// borrow lends a string to C for one call. Empty text is NULL: an option that is left out.
func borrow(text string) C.bearerd_str {
	if text == "" {
		return C.bearerd_str{}
	}
	return C.bearerd_str{ptr: (*C.char)(unsafe.Pointer(unsafe.StringData(text))), len: C.size_t(len(text))}
}

// lent is C's memory as a string, as long as what it belongs to is not released. The word holds a
// pointer of C's, which the collector does not know; reading it as one is all that happens here.
func lent(word *C.uintptr_t, length C.size_t) string {
	if length == 0 {
		return ""
	}
	return unsafe.String(*(**byte)(unsafe.Pointer(word)), int(length))
}

func takeMessage(message C.uintptr_t) string {
	if message == 0 {
		return ""
	}
	text := C.GoString(*(**C.char)(unsafe.Pointer(&message)))
	C.bd_free(message)
	return text
}
