//go:build cgo

package bearerd

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

const hasLibrary = true

func TestAHitAllocatesNothing(t *testing.T) {
	v, err := New(orders())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	w := world{v, "library"}
	token := w.token(t, nil)
	first, err := v.Verify(token)
	if err != nil {
		t.Fatal(err)
	}
	header := "Bearer " + token
	guard, err := v.Guard("readers")
	if err != nil {
		t.Fatal(err)
	}
	allocations := testing.AllocsPerRun(1000, func() {
		claims, err := v.Verify(token)
		if err != nil || claims != first {
			t.Error("another object for the same token: ", err)
		}
		claims, err = v.Verify(token, WithGuard(guard), WithAudience("orders"), WithProfile("api"))
		if err != nil || claims != first || !claims.HasScope("read:orders") || claims.Subject() == "" {
			t.Error(err)
		}
		if _, there := claims.Permission(); !there {
			t.Error("no permission")
		}
		if claims, err = v.VerifyAuthorization(header); err != nil || claims != first {
			t.Error(err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

// What hangs on a verifier is not Go's memory, and many may come and go before Go's has grown.
func TestClosedVerifiersAreFreed(t *testing.T) {
	open := func(times int) {
		for range times {
			v, err := New(orders())
			if err != nil {
				t.Fatal(err)
			}
			w := world{v, "library"}
			if _, err := v.Verify(w.token(t, nil)); err != nil {
				t.Fatal(err)
			}
			if err := v.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	open(30)
	early := residentBytes(t)
	open(60)
	// Each weighs some megabytes. What malloc keeps for each thread it has met is far less.
	if grown := residentBytes(t) - early; grown > 64<<20 {
		t.Errorf("grew by %d bytes", grown)
	}
}

func TestFromFileAndEnvironment(t *testing.T) {
	text, err := json.Marshal(orders())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bearerd.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	verifies := func(v *Verifier, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		w := world{v, "library"}
		if _, err := w.Verify(w.token(t, nil)); err != nil {
			t.Error(err)
		}
	}
	for _, config := range []any{string(text), text, json.RawMessage(text), orders()} {
		verifies(New(config))
	}
	verifies(FromFile(path))
	t.Setenv("BEARERD_CONFIG", path)
	verifies(FromEnv())
	if _, err := FromFile(filepath.Join(t.TempDir(), "none.toml")); !errors.Is(err, ErrConfig) {
		t.Error(err)
	}
	if _, err := New("x = "); !errors.Is(err, ErrConfig) {
		t.Error(err)
	}
	for _, config := range []any{nil, 7, "", "\xff", "{", make(chan int), []string{"x"}} {
		if v, err := New(config); err == nil {
			v.Close()
			t.Errorf("%v: is no configuration", config)
		}
	}
}

func TestAGuardThatRoutesNameIsCompiledOnce(t *testing.T) {
	v, err := New(withRoutes())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	first, _, err := v.library.findRoute("GET", "/api/orders/7")
	if err != nil || first == nil || first.name != "writers" {
		t.Fatal(first, err)
	}
	other, _, err := v.library.findRoute("GET", "/admin")
	if err != nil || other == nil || other.name != "admin" {
		t.Fatal(other, err)
	}
	allocations := testing.AllocsPerRun(1000, func() {
		if again, public, err := v.library.findRoute("GET", "/api/orders/7"); again != first || public || err != nil {
			t.Error(again, public, err)
		}
		if none, public, err := v.library.findRoute("GET", "/x"); none != nil || !public || err != nil {
			t.Error(none, public, err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}
