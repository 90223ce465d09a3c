package bearerd

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func TestAfterClose(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		token := w.token(t, nil)
		claims, err := w.Verify(token)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		_, verify := w.Verify(token)
		_, many := w.VerifyMany([]string{token})
		_, headers := w.VerifyHeaders(ctx, map[string][]string{"Authorization": {"Bearer " + token}})
		_, explain := w.Explain(ctx, token)
		_, sign := w.Sign(ctx, ada(), SignOptions{})
		_, rotate := w.Rotate(ctx, token, RotateOptions{})
		_, jwks := w.JWKS(ctx)
		for name, err := range map[string]error{
			"verify": verify, "many": many, "headers": headers, "explain": explain, "sign": sign, "rotate": rotate,
			"jwks": jwks, "revoke": w.RevokeHandle(ctx, "h"), "reload": w.ReloadKeys(ctx), "close": w.Close(),
		} {
			if !errors.Is(err, ErrClosed) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if claims.Subject() != "user-4711" || claims.JSON() == "" {
			t.Error("claims died with their verifier")
		}
	})
}

func TestCloseWhileInUse(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		token := w.token(t, nil)
		var group sync.WaitGroup
		var calls atomic.Int64
		for range 16 {
			start(&group, func() {
				for {
					claims, err := w.Verify(token)
					if errors.Is(err, ErrClosed) {
						return
					}
					if err != nil || claims.Subject() != "user-4711" {
						t.Error(err)
						return
					}
					calls.Add(1)
				}
			})
		}
		for calls.Load() < 200 {
			runtime.Gosched()
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		group.Wait()
	})
}

func TestTheGateWaitsForThoseInside(t *testing.T) {
	var g gate
	g.init()
	s, open := g.enter()
	if !open {
		t.Fatal("closed from the start")
	}
	closed := make(chan bool)
	go func() { closed <- g.close() }()
	for !g.closed.Load() {
		runtime.Gosched()
	}
	if _, open := g.enter(); open {
		t.Fatal("open while it is closed")
	}
	select {
	case <-closed:
		t.Fatal("closed over somebody inside")
	default:
	}
	g.leave(s)
	if !<-closed || g.close() {
		t.Fatal("closed twice, or not at all")
	}
}
