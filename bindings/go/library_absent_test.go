//go:build !cgo

package bearerd

import (
	"errors"
	"strings"
	"testing"
)

const hasLibrary = false

func TestInProcessNeedsTheLibrary(t *testing.T) {
	for _, made := range []func() (*Verifier, error){
		func() (*Verifier, error) { return New(orders()) },
		func() (*Verifier, error) { return FromFile("bearerd.toml") },
		FromEnv,
	} {
		if v, err := made(); v != nil || !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), "bearerd.Dial") {
			t.Error(v, err)
		}
	}
}
