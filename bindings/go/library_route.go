//go:build cgo

package bearerd

/*
#cgo noescape bd_route_find
#cgo nocallback bd_route_find
#include "shim.h"
*/
import "C"

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync/atomic"
)

// The guards that routes have named so far. There are as many as the configuration has, so each is
// kept; the map is replaced when one is added, and never written to.
type routeGuards struct {
	named atomic.Pointer[map[string]*Guard]
}

func (g *routeGuards) find(name string) *Guard {
	if named := g.named.Load(); named != nil {
		return (*named)[name]
	}
	return nil
}

func (g *routeGuards) add(guard *Guard) {
	for {
		old := g.named.Load()
		next := map[string]*Guard{guard.name: guard}
		if old != nil {
			maps.Copy(next, *old)
		}
		if g.named.CompareAndSwap(old, &next) {
			return
		}
	}
}

// findRoute returns the guard that must hold, nil where there is none to hold.
func (l *library) findRoute(method, target string) (guard *Guard, public bool, err error) {
	stripe, open := l.gate.enter()
	if !open {
		return nil, false, errClosed()
	}
	defer l.gate.leave(stripe)
	var found C.bd_route
	C.bd_route_find(l.verifier, borrow(method), borrow(target), &found)
	if found.code != C.BEARERD_OK {
		return nil, false, refused(uint32(found.code), takeMessage(found.message))
	}
	switch found.access {
	case C.BEARERD_ACCESS_PUBLIC:
		return nil, true, nil
	case C.BEARERD_ACCESS_TOKEN:
		return nil, false, nil
	case C.BEARERD_ACCESS_GUARD:
	default:
		return nil, false, errShape()
	}
	name := lent(&found.guard, found.guard_len)
	if guard := l.guards.find(name); guard != nil {
		return guard, false, nil
	}
	guard = &Guard{name: strings.Clone(name)}
	if err := l.findGuard(guard); err != nil {
		return nil, false, err
	}
	l.guards.add(guard)
	return guard, false, nil
}

func (l *library) route(method, target string) (Route, error) {
	guard, public, err := l.findRoute(method, target)
	if err != nil || guard == nil {
		return Route{Public: public}, err
	}
	return Route{Guard: guard.name}, nil
}

func (l *library) checkRoutes() error {
	if _, _, err := l.findRoute("", "/"); err != nil && !errors.Is(err, ErrForbidden) {
		return err
	}
	return nil
}

func (l *library) verifyRoute(ctx context.Context, r *routed, q *query) (*Claims, bool, error) {
	guard, public, err := l.findRoute(r.method, r.target)
	if err != nil || public {
		return nil, public, err
	}
	if r.unclear != nil {
		return nil, false, r.unclear
	}
	if guard != nil {
		q.guard = guard
		q.given |= 1 << chooseGuard
	}
	claims, err := l.verifyHeaders(ctx, r.headers, q)
	return claims, false, err
}
