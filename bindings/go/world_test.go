package bearerd

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const secret = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"

// What most tests are about: HS256, two kinds of token, the claim names of an application.
func orders() map[string]any {
	return map[string]any{
		"default_profile": "api",
		"profiles": map[string]any{
			"api": map[string]any{
				"algorithms":  []string{"HS256"},
				"audience":    "orders",
				"issuer":      "https://issuer.example",
				"token_from":  []string{"bearer", "header:X-Token", "cookie:sid"},
				"keys":        []any{map[string]any{"secret": secret, "kid": "k1"}},
				"sign":        map[string]any{"access": "15m", "refresh": "7d"},
				"rotation":    map[string]any{"grace": "10s"},
				"permissions": map[string]any{"grants": "grants"},
				"claims": map[string]any{
					"kind": map[string]any{"claim": "tokenType"},
					"role": "roleId", "team": "teamId", "device": "deviceId",
				},
			},
		},
		"guards": map[string]any{
			"readers": map[string]any{"scopes": []string{"read:orders"}},
			"desk":    map[string]any{"device": true},
		},
	}
}

// The claims of an application's token.
func ada() map[string]any {
	return map[string]any{
		"sub": "user-4711", "roleId": 4, "vip": true, "teamId": "t1",
		"scope": []string{"read:orders", "write:orders"}, "deviceId": "d1",
	}
}

// A verifier by one of the two ways in.
type world struct {
	*Verifier
	way string
}

// Every way in that this build has. The sidecar has to be there: where it cannot be, the caller of
// the tests leaves out what is named after it.
func eachWay(t *testing.T, document map[string]any, test func(t *testing.T, w world)) {
	t.Helper()
	if hasLibrary {
		t.Run("library", func(t *testing.T) {
			v, err := New(document)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { v.Close() })
			test(t, world{v, "library"})
		})
	}
	t.Run("sidecar", func(t *testing.T) { test(t, world{dialSidecar(t, document), "sidecar"}) })
}

func dialSidecar(t *testing.T, document map[string]any) *Verifier {
	t.Helper()
	data, control := startSidecar(t, document)
	v, err := Dial("unix://"+data, Control("unix://"+control))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

func startSidecar(t *testing.T, document map[string]any) (data, control string) {
	t.Helper()
	binary := filepath.Join(os.Getenv("LIBBEARERD_PREFIX"), "bin", "bearerd")
	if _, err := os.Stat(binary); err != nil {
		t.Fatal("no sidecar to test against under LIBBEARERD_PREFIX: ", err)
	}
	// Paths of sockets are short, and t.TempDir's need not be.
	directory, err := os.MkdirTemp("", "bearerd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(directory) })
	data, control = filepath.Join(directory, "data.sock"), filepath.Join(directory, "control.sock")
	served := map[string]any{"server": map[string]any{
		"listen": []string{}, "data_socket": data, "control_socket": control, "log": "error",
	}}
	for name, section := range document {
		served[name] = section
	}
	text, err := json.Marshal(served)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(directory, "bearerd.json")
	if err := os.WriteFile(config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	process := exec.Command(binary, "serve", "--config", config)
	var log bytes.Buffer
	process.Stdout, process.Stderr = &log, &log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() { process.Wait(); close(gone) }()
	t.Cleanup(func() {
		process.Process.Signal(os.Interrupt)
		<-gone
	})
	deadline := time.Now().Add(20 * time.Second)
	for {
		connection, err := net.Dial("unix", control)
		if err == nil {
			connection.Close()
			return data, control
		}
		select {
		case <-gone:
			t.Fatalf("the sidecar did not start: %s", log.String())
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("the sidecar does not listen: %s", log.String())
		}
	}
}

func (w world) token(t *testing.T, change map[string]any) string {
	t.Helper()
	return w.signed(t, AccessToken, change)
}

func (w world) signed(t *testing.T, kind Kind, change map[string]any) string {
	t.Helper()
	claims := ada()
	for name, value := range change {
		claims[name] = value
	}
	signed, err := w.Sign(context.Background(), claims, SignOptions{Kind: kind})
	if err != nil {
		t.Fatal(err)
	}
	return signed.Token
}

// forge signs any header and payload with the secret of the tests.
func forge(header, payload string) string {
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(header)) + "." + encode([]byte(payload))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}

func start(group *sync.WaitGroup, work func()) {
	group.Add(1)
	go func() {
		defer group.Done()
		work()
	}()
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if got := codeOf(err); got != code {
		t.Fatalf("got %s, want %s: %v", got, code, err)
	}
}

func codeOf(err error) string {
	switch err := err.(type) {
	case nil:
		return "OK"
	case *Error:
		return err.Code
	default:
		return "no *Error: " + err.Error()
	}
}

// repository is the root of the repository that the binding lies in.
func repository(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", path))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
