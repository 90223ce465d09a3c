package bearerd

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var loadTime = flag.Duration("load", time.Second, "how long the load test runs")

// 64 goroutines over four times as many tokens as the cache has room for, so that slots are reused
// all the time and hits, misses and entries that are new to this side come in every order.
func TestLoad(t *testing.T) {
	document := orders()
	profile := document["profiles"].(map[string]any)["api"].(map[string]any)
	profile["cache"] = map[string]any{"max_entries": 512}
	eachWay(t, document, func(t *testing.T, w world) {
		tokens := make([]string, 2048)
		for i := range tokens {
			tokens[i] = w.token(t, map[string]any{"sub": fmt.Sprint("user-", i), "roleId": i})
		}
		guard, err := NewGuard(Rule{Scopes: []string{"read:orders"}})
		if err != nil {
			t.Fatal(err)
		}
		var (
			group sync.WaitGroup
			calls atomic.Int64
			stop  atomic.Bool
		)
		for worker := range uint64(64) {
			start(&group, func() {
				random := rand.New(rand.NewPCG(worker, 1))
				for !stop.Load() {
					i := random.IntN(len(tokens))
					if random.IntN(2) == 0 {
						i %= 64 // hot
					}
					if err := oneCall(w, tokens, i, random.IntN(100), guard); err != nil {
						t.Error(err)
						return
					}
					calls.Add(1)
				}
			})
		}
		// Everything that is ever kept is there after a while; from then on memory must not grow.
		time.Sleep(*loadTime / 3)
		early := residentBytes(t)
		time.Sleep(*loadTime - *loadTime/3)
		// A busy machine takes longer to do what says anything.
		for calls.Load() < 1000 && !t.Failed() {
			time.Sleep(10 * time.Millisecond)
		}
		stop.Store(true)
		group.Wait()
		late := residentBytes(t)
		// The race detector's own memory grows, and in a second little settles.
		if grown := late - early; grown > 16<<20 && !underRace && *loadTime >= 5*time.Second {
			t.Errorf("grew by %d bytes from %d", grown, early)
		}
		t.Logf("%d calls, %d MiB and then %d MiB", calls.Load(), early>>20, late>>20)
	})
}

func oneCall(w world, tokens []string, i, dice int, guard *Guard) error {
	// A fresh string, as it is cut out of a header.
	header := "Bearer " + tokens[i]
	token := header[len("Bearer "):]
	var claims *Claims
	var err error
	switch {
	case dice == 0:
		if _, err := w.Verify(token[:len(token)-1]); codeOf(err) == "OK" {
			return fmt.Errorf("a token that was cut was accepted")
		}
		return nil
	case dice == 1:
		if _, err := w.Verify(token, WithAudience("billing")); codeOf(err) != "INVALID_CLAIM" {
			return fmt.Errorf("another audience: %v", err)
		}
		return nil
	case dice < 10:
		claims, err = w.Verify(token, WithGuard(guard))
	case dice < 20:
		claims, err = w.VerifyHeaders(context.Background(), map[string][]string{"Authorization": {header}})
	case dice == 20:
		results, err := w.VerifyMany([]string{token, tokens[0], "bad", token})
		if err != nil || results[3].Err != nil || results[2].Err == nil {
			return fmt.Errorf("many: %v %v", results, err)
		}
		claims = results[3].Claims
	default:
		claims, err = w.Verify(token)
	}
	if err != nil {
		return err
	}
	role, err := claims.Int64("roleId")
	if err != nil || role != int64(i) || claims.Subject() != fmt.Sprint("user-", i) {
		return fmt.Errorf("token %d: claims of %s", i, claims.Subject())
	}
	return nil
}

func residentBytes(t *testing.T) int64 {
	t.Helper()
	runtime.GC()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "VmRSS:")
	var kilobytes int64
	if _, err := fmt.Sscan(after, &kilobytes); err != nil || !found {
		t.Fatal("no VmRSS: ", err)
	}
	return kilobytes << 10
}
