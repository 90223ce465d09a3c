package bearerd

import (
	"sync/atomic"
	"unsafe"
)

// A gate lets Close wait for the calls in flight. Calls are counted in stripes, so that goroutines
// do not share a cache line; one that finds the gate closed turns back.
type gate struct {
	stripes [stripes]stripe
	closed  atomic.Bool
	left    chan struct{}
}

type stripe struct {
	inside atomic.Int64
	_      [56]byte
}

const stripes = 64

func (g *gate) init() { g.left = make(chan struct{}, 1) }

// enter reports whether the gate is open; then leave must follow, with the same stripe.
func (g *gate) enter() (*stripe, bool) {
	// Stacks are a goroutine's own, so their addresses tell goroutines apart.
	var here byte
	at := uintptr(unsafe.Pointer(&here)) >> 11
	s := &g.stripes[(at^at>>6)%stripes]
	// Counted before the look at closed, which close sets before it looks at the counts: one of
	// the two sees the other.
	s.inside.Add(1)
	if !g.closed.Load() {
		return s, true
	}
	g.leave(s)
	return nil, false
}

func (g *gate) leave(s *stripe) {
	if s.inside.Add(-1) == 0 && g.closed.Load() {
		g.tell()
	}
}

func (g *gate) tell() {
	select {
	case g.left <- struct{}{}:
	default:
	}
}

// close reports false where the gate was closed before. It returns when nobody is inside.
func (g *gate) close() bool {
	if g.closed.Swap(true) {
		return false
	}
	for i := range g.stripes {
		for g.stripes[i].inside.Load() != 0 {
			<-g.left
		}
	}
	return true
}
