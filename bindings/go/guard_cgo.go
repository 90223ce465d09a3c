//go:build cgo

package bearerd

// #include "shim.h"
import "C"

import "runtime"

type compiledGuard struct{ handle *C.bearerd_guard }

func (g *Guard) compile() error {
	if err := checkABI(); err != nil {
		return err
	}
	var answer C.bd_answer
	return g.adopt(C.bd_guard(nil, borrow(g.rule), &answer), &answer)
}

func (l *library) findGuard(g *Guard) error {
	stripe, open := l.gate.enter()
	if !open {
		return errClosed()
	}
	defer l.gate.leave(stripe)
	var answer C.bd_answer
	return g.adopt(C.bd_guard(l.verifier, borrow(g.name), &answer), &answer)
}

// Guards are few and live long: the collector frees them, away from every verification.
func (g *Guard) adopt(handle *C.bearerd_guard, answer *C.bd_answer) error {
	if _, err := taken(answer); err != nil {
		return err
	}
	g.compiled.handle = handle
	runtime.AddCleanup(g, freeGuard, handle)
	return nil
}

func freeGuard(handle *C.bearerd_guard) { C.bearerd_guard_free(handle) }

func (g *Guard) native() *C.bearerd_guard {
	if g == nil {
		return nil
	}
	return g.compiled.handle
}
