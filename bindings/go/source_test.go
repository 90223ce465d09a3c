package bearerd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

func TestFromFileAndEnvironment(t *testing.T) {
	if !hasLibrary {
		t.Log("told apart in TestInProcessNeedsTheLibrary")
		return
	}
	text, err := json.Marshal(document1())
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
	for _, config := range []any{string(text), text, json.RawMessage(text), document1()} {
		verifies(New(config))
	}
	verifies(FromFile(path))
	t.Setenv("BEARERD_CONFIG", path)
	verifies(FromEnv())
	for _, config := range []any{nil, 7, "", "\xff", "{", make(chan int), []string{"x"}} {
		if v, err := New(config); err == nil {
			v.Close()
			t.Errorf("%v: is no configuration", config)
		}
	}
}
