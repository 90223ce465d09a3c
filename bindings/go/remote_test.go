package bearerd

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A sidecar that answers as a test says.
func pretend(t *testing.T, handler http.HandlerFunc, options ...DialOption) (*Verifier, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	v, err := Dial(server.URL, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v, server
}

func TestASidecarThatIsNotThere(t *testing.T) {
	v, err := Dial("unix://"+filepath.Join(t.TempDir(), "none.sock"), Control("unix:///nowhere"))
	if err != nil {
		t.Fatal(err)
	}
	claims, err := v.Verify("a.b.c")
	if claims != nil || !errors.Is(err, ErrStoreUnavailable) || StatusOf(err) != 503 || !errors.As(err, new(*net.OpError)) {
		t.Error(claims, err)
	}
	if _, err := v.VerifyMany([]string{"a.b.c"}); !errors.Is(err, ErrStoreUnavailable) {
		t.Error(err)
	}
	if _, err := v.Sign(context.Background(), ada(), SignOptions{}); !errors.Is(err, ErrStoreUnavailable) {
		t.Error(err)
	}
}

func TestContextsAndTimeouts(t *testing.T) {
	stuck := make(chan struct{})
	handler := func(http.ResponseWriter, *http.Request) { <-stuck }
	v, _ := pretend(t, handler)
	quick, _ := pretend(t, handler, Timeout(20*time.Millisecond))
	defer close(stuck)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := v.VerifyContext(ctx, "a.b.c"); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrStoreUnavailable) {
		t.Error(err)
	}
	if _, err := quick.Verify("a.b.c"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestAnswersThatCannotBe(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		elsewhere.Add(1)
		w.Write([]byte(`{"claims":{"sub":"x"},"profile":"api","kind":null,"expires_at":null}`))
	}))
	defer other.Close()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		code   string
	}{
		"not JSON":    {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) }, "INTERNAL"},
		"no claims":   {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"code":"OK"}`)) }, "INTERNAL"},
		"null claims": {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"claims":null}`)) }, "INTERNAL"},
		"list claims": {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"claims":["a"]}`)) }, "INTERNAL"},
		"empty":       {func(w http.ResponseWriter, _ *http.Request) {}, "INTERNAL"},
		"no content":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "INTERNAL"},
		"not found":   {http.NotFound, "INTERNAL"},
		"bad gateway": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }, "INTERNAL"},
		"head too large": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusRequestHeaderFieldsTooLarge)
		}, "MALFORMED"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		}, "INTERNAL"},
		"a newer code": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(401)
			w.Write([]byte(`{"code":"FROM_THE_FUTURE","message":"x","status":401}`))
		}, "INTERNAL"},
		"OK that is none": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(401)
			w.Write([]byte(`{"code":"OK","message":"x","status":401}`))
		}, "INTERNAL"},
		"endless": {func(w http.ResponseWriter, _ *http.Request) {
			w.Write([]byte(`{"claims":{"a":"`))
			for chunk := []byte(strings.Repeat("x", 1<<16)); ; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}, "INTERNAL"},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "999")
			w.Write([]byte(`{"claims":{"sub":"x"}}`))
		}, "STORE_UNAVAILABLE"},
	} {
		v, _ := pretend(t, c.answer)
		claims, err := v.Verify("a.b.c")
		if claims != nil || codeOf(err) != c.code {
			t.Errorf("%s: %v %v", name, claims, err)
		}
		results, err := v.VerifyMany([]string{"a.b.c"})
		if err == nil {
			t.Errorf("%s: many: %+v", name, results)
		}
	}
	if elsewhere.Load() != 0 {
		t.Error("a token followed a redirect")
	}
}

func TestNothingIsKeptAndConnectionsAre(t *testing.T) {
	var asked, connections atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Write([]byte(`{"claims":{"sub":7,"iat":1700000000.9},"profile":"api","kind":"refresh","expires_at":1800000000}`))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	v, err := Dial(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		claims, err := v.Verify("a.b.c")
		if err != nil || claims.Subject() != "7" || claims.IssuedAt().Unix() != 1700000000 || claims.Kind() != RefreshToken ||
			claims.ExpiresAt().Unix() != 1800000000 {
			t.Fatal(claims, err)
		}
	}
	if asked.Load() != 50 || connections.Load() != 1 {
		t.Errorf("%d requests over %d connections", asked.Load(), connections.Load())
	}
}

func TestASidecarThatWasRestarted(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	listen := func() *http.Server {
		listener, err := net.Listen("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Write([]byte(`{"claims":{"sub":"x"},"profile":"api","kind":null,"expires_at":null}`))
		})}
		go server.Serve(listener)
		return server
	}
	v, err := Dial("unix://" + socket)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		server := listen()
		for range 3 {
			if _, err := v.Verify("a.b.c"); err != nil {
				t.Fatal(err)
			}
		}
		server.Close()
	}
}

func TestWhatIsSentOn(t *testing.T) {
	var got http.Header
	v, _ := pretend(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		w.Write([]byte(`{"claims":{},"profile":"api","kind":null,"expires_at":null}`))
	}, ControlToken("c0ntrol"))
	_, err := v.VerifyHeaders(context.Background(), map[string][]string{
		"Authorization": {"Bearer x"}, "authorization": {"Bearer y"}, "Cookie": {"a=b", "c=d"}, "x-token": {"t"},
		"X-Bearerd-Profile": {"other"}, "x-bearerd-anything": {"1"}, "Connection": {"close"}, "Upgrade": {"h2c"},
		"Content-Type": {"text/plain"}, "Content-Length": {"7"}, "Transfer-Encoding": {"chunked"}, "Expect": {"100-continue"},
		"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}, ":authority": {"x"}, "trace-bin": {"\x00\xff"},
		"bad name": {"x"}, "bad\r\nname": {"x"}, "Host": {"evil.example"}, "Accept-Encoding": {"gzip"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got["Authorization"]) != 2 || len(got["Cookie"]) != 2 || got.Get("X-Token") != "t" ||
		got.Get("Content-Type") != "application/json" || got.Get("User-Agent") != "bearerd-go" {
		t.Errorf("%v", got)
	}
	for name := range got {
		switch name {
		case "Authorization", "Cookie", "X-Token", "Content-Type", "User-Agent", "Content-Length":
		default:
			t.Errorf("%s was sent on", name)
		}
	}
	_, err = v.VerifyHeaders(context.Background(), map[string][]string{"Authorization": {"Bearer x\r\nX-Bearerd-Profile: other"}})
	wantCode(t, err, "MALFORMED")
}

func TestTheControlTokenGoesToTheControlPlaneAlone(t *testing.T) {
	var seen []string
	v, _ := pretend(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.URL.Path+" "+r.Header.Get("Authorization"))
		w.Write([]byte(`{"claims":{},"profile":"api","kind":null,"expires_at":null,"access":"a.b.c"}`))
	}, ControlToken("c0ntrol"))
	v.Verify("a.b.c")
	v.VerifyHeaders(context.Background(), map[string][]string{"Cookie": {"sid=a.b.c"}})
	v.Sign(context.Background(), ada(), SignOptions{})
	if got := strings.Join(seen, ","); got != "/v1/verify ,/v1/verify ,/v1/sign Bearer c0ntrol" {
		t.Error(got)
	}
	v, _ = pretend(t, http.NotFound)
	if _, err := v.Sign(context.Background(), ada(), SignOptions{}); !errors.Is(err, ErrValidation) {
		t.Error(err)
	}
}

func TestAddresses(t *testing.T) {
	for _, address := range []string{"unix:///run/bearerd/data.sock", "http://127.0.0.1:8611", "http://localhost:1/", "http://[::1]:8611"} {
		if _, err := Dial(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{
		"", "unix://", "/run/data.sock", "https://127.0.0.1", "http://10.0.0.1:8611", "http://issuer.example", "http://u:p@127.0.0.1",
		"http://127.0.0.1/path", "http://127.0.0.1?x", "http://localhost.evil.example", "ftp://127.0.0.1",
	} {
		if _, err := Dial(address); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for name, option := range map[string]DialOption{
		"nil": nil, "timeout": Timeout(0), "token": ControlToken(""), "control": Control("x"),
	} {
		if _, err := Dial("unix:///s", option); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A sidecar that goes down just as a kept connection is used again reads the request and answers
// nothing. What may be asked twice is asked again.
func TestAConnectionThatDiesUnderARequest(t *testing.T) {
	var connections atomic.Int64
	var dropped sync.Map
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connection := r.Context().Value(connectionKey{}).(int64)
		if _, again := dropped.LoadOrStore(connection, true); again {
			panic(http.ErrAbortHandler) // closes the connection
		}
		w.Write([]byte(`{"claims":{},"profile":"api","kind":null,"expires_at":null,"access":"a.b.c","refresh":"d.e.f"}`))
	}))
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, connections.Add(1))
	}
	server.Start()
	defer server.Close()
	v, err := Dial(server.URL, ControlToken("c0ntrol"))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := v.Verify("a.b.c"); err != nil {
			t.Fatal(err)
		}
	}
	// A refresh token is spent by the first request, so rotation is not repeated.
	if _, err := v.Rotate(context.Background(), "a.b.c", RotateOptions{}); !errors.Is(err, ErrStoreUnavailable) {
		t.Error(err)
	}
}

type connectionKey struct{}

// encoding/json would send U+FFFD in place of what is not UTF-8: another token than was presented.
func TestWhatCannotBeATokenIsNotSent(t *testing.T) {
	v, _ := pretend(t, func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("%s was asked", r.URL.Path)
	}, ControlToken("c0ntrol"))
	for _, token := range []string{"", " a.b.c", "a.b.c\n", "a.b\x00.c", "a.b.c\x7f", "a.b.c\xff", "a.Ł.c", "a.\ufffd.c"} {
		_, one := v.Verify(token)
		many, err := v.VerifyMany([]string{token, token})
		if err != nil {
			t.Fatal(err)
		}
		_, rotated := v.Rotate(context.Background(), token, RotateOptions{})
		for _, err := range []error{one, many[0].Err, many[1].Err, rotated} {
			if codeOf(err) != "MALFORMED" {
				t.Errorf("%q: %v", token, err)
			}
		}
		if err := v.RevokeToken(context.Background(), token); err == nil {
			t.Errorf("%q was revoked", token)
		}
	}
}
