package bearerd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// withRoutes is orders() with rules for its paths.
func withRoutes() map[string]any {
	document := orders()
	document["routes"] = []any{
		map[string]any{"path": "/*", "public": true},
		map[string]any{"path": "/api/*", "token": true},
		map[string]any{"path": "/api/orders/*", "methods": []string{"GET"}, "guard": "writers"},
		map[string]any{"path": "/api/mine", "guard": "desk"},
		map[string]any{"path": "/admin/*", "guard": "admin"},
	}
	guards := document["guards"].(map[string]any)
	guards["writers"] = map[string]any{"scopes": []string{"write:orders"}}
	guards["admin"] = map[string]any{"roles": []string{"admin"}}
	return document
}

// site is a server that tells which path was served to whom, "-" where there are no claims.
type site struct {
	address string
	served  atomic.Int64
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.served.Add(1)
	subject := "-"
	if claims, ok := ClaimsFrom(r.Context()); ok {
		subject = claims.Subject()
	}
	fmt.Fprint(w, r.URL.Path+" "+subject)
}

func serveRoutes(t *testing.T, v *Verifier, options ...AuthOption) *site {
	t.Helper()
	s := &site{}
	server := httptest.NewServer(RequireAuth(v, append(options, Routes())...)(s))
	t.Cleanup(server.Close)
	s.address = strings.TrimPrefix(server.URL, "http://")
	return s
}

// ask sends a request line as it is.
func (s *site) ask(t *testing.T, line string, headers ...string) (status int, answer string, response *http.Response) {
	t.Helper()
	connection, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	text := line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n"
	if _, err := io.WriteString(connection, text); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(line, " ")
	response, err = http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body), response
}

func (s *site) wants(t *testing.T, status int, line string, headers ...string) {
	t.Helper()
	before := s.served.Load()
	got, answer, _ := s.ask(t, line, headers...)
	if got != status {
		t.Errorf("%q: %d, want %d: %s", line, got, status, answer)
	}
	if served := s.served.Load() - before; served == 1 != (status == 200) {
		t.Errorf("%q: the handler was called %d times", line, served)
	}
}

func bearer(token string) string { return "Authorization: Bearer " + token }

func TestRoutes(t *testing.T) {
	eachWay(t, withRoutes(), func(t *testing.T, w world) {
		s := serveRoutes(t, w.Verifier)
		plain := bearer(w.token(t, map[string]any{"scope": "x"}))
		writer := bearer(w.token(t, nil))
		admin := bearer(w.token(t, map[string]any{"roleId": "admin"}))
		for _, c := range []struct {
			line, header string
			status       int
		}{
			{"GET /", "", 200},
			{"GET /index.html?x=/admin", "", 200},
			{"GET /?x=//admin/../%2f;", "", 200},
			{"POST /login", bearer("no token at all"), 200},
			{"GET /", bearer("\xff\xfe"), 200},
			{"GET /api", "", 401},
			{"GET /api/carts", "", 401},
			{"GET /api/carts", bearer("no.token.either"), 401},
			{"GET /api/carts", plain, 200},
			{"GET /%61pi/carts", "", 401},
			{"GET /api/orders/7", plain, 403},
			{"GET /api/orders/7", writer, 200},
			{"GET /api/%6frders/7/", plain, 403},
			{"HEAD /api/orders/7", writer, 200},
			{"HEAD /api/orders/7", "", 401},
			{"DELETE /api/orders/7", writer, 403},
			{"DELETE /api/orders/7", "", 403},
			{"get /api/orders/7", writer, 403},
			{"GET /api/mine", writer + "\r\nX-Device-Id: d1", 200},
			{"GET /api/mine", writer + "\r\nX-Device-Id: d2", 403},
			{"GET /admin", plain, 403},
			{"GET /admin/x?y", admin, 200},
			{"OPTIONS /api/carts", "Origin: https://app.example\r\nAccess-Control-Request-Method: POST", 401},
			{"OPTIONS /login", "Origin: https://app.example\r\nAccess-Control-Request-Method: POST", 200},
			{"GET /api/live", "Connection: Upgrade\r\nUpgrade: websocket", 401},
			{"GET /live", "Connection: Upgrade\r\nUpgrade: websocket", 200},
			{"CONNECT /admin", "", 401},
			{"POST /api/carts", "X-HTTP-Method-Override: GET\r\n" + plain, 200},
			{"POST /api/orders/7", "X-HTTP-Method-Override: GET\r\n" + writer, 403},
		} {
			var headers []string
			if c.header != "" {
				headers = []string{c.header}
			}
			s.wants(t, c.status, c.line, headers...)
		}
	})
}

func TestNobodyIsAnybodyOnAPublicPath(t *testing.T) {
	eachWay(t, withRoutes(), func(t *testing.T, w world) {
		s := serveRoutes(t, w.Verifier)
		if status, answer, _ := s.ask(t, "GET /x", bearer(w.token(t, nil))); status != 200 || answer != "/x -" {
			t.Error(status, answer)
		}
		if status, answer, _ := s.ask(t, "GET /api/x", bearer(w.token(t, nil))); status != 200 || answer != "/api/x user-4711" {
			t.Error(status, answer)
		}
		// Nothing of what comes along is in its way, nor changes what is refused.
		two := []string{"X-Device-Id: a", "X-Device-Id: b", bearer("a"), bearer("b"), "Cookie: " + strings.Repeat("x=y; ", 40_000)}
		s.wants(t, 200, "GET /x", two...)
		s.wants(t, 422, "GET /api/x", two...)
		s.wants(t, 401, "GET /api/x", two[4:]...)
		s.wants(t, 401, "GET /api/x", two[2:4]...)
		s.wants(t, 403, "DELETE /api/orders/x", two...)
		s.wants(t, 403, "GET //x", two...)
	})
}

func TestWhatRoutesRefuseIsAnsweredAsAnyRefusal(t *testing.T) {
	eachWay(t, withRoutes(), func(t *testing.T, w world) {
		s := serveRoutes(t, w.Verifier)
		forbidden := `Bearer error="insufficient_scope", error_description="The token does not grant this."`
		for _, c := range []struct{ line, header, code, challenge string }{
			{"GET /api/x", "X-None: x", "MISSING_TOKEN", "Bearer"},
			{"GET /api/x", bearer("x"), "MALFORMED", `Bearer error="invalid_token", error_description="The token is malformed."`},
			{"GET /admin", bearer(w.token(t, nil)), "FORBIDDEN", forbidden},
			{"DELETE /api/orders/1", "X-None: x", "FORBIDDEN", forbidden},
			{"GET /x;y", "X-None: x", "FORBIDDEN", forbidden},
			{"GET http://x/", "X-None: x", "FORBIDDEN", forbidden},
		} {
			_, text, response := s.ask(t, c.line, c.header)
			response.Body = io.NopCloser(strings.NewReader(text))
			if code := answerOf(t, response); code != c.code || response.Header.Get("WWW-Authenticate") != c.challenge {
				t.Errorf("%s: %s, %q", c.line, code, response.Header.Get("WWW-Authenticate"))
			}
		}
	})
}

func TestRoutesAroundAndWithinAMux(t *testing.T) {
	eachWay(t, withRoutes(), func(t *testing.T, w world) {
		auth := RequireAuth(w.Verifier, Routes())
		s := &site{}
		rewritten := func(path string, next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.URL.Path = path
				next.ServeHTTP(w, r)
			})
		}
		overridden := func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Method = r.Header.Get("X-HTTP-Method-Override")
				next.ServeHTTP(w, r)
			})
		}
		mux := http.NewServeMux()
		mux.Handle("/api/", http.StripPrefix("/api", auth(s)))
		mux.Handle("/admin/", auth(http.StripPrefix("/admin", s)))
		mux.Handle("/rewritten/", rewritten("/admin/x", auth(s)))
		mux.Handle("/api/orders/overridden", overridden(auth(s)))
		server := httptest.NewServer(mux)
		defer server.Close()
		s.address = strings.TrimPrefix(server.URL, "http://")
		writer, plain := bearer(w.token(t, nil)), bearer(w.token(t, map[string]any{"scope": "x"}))
		s.wants(t, 401, "GET /api/carts")
		s.wants(t, 200, "GET /api/carts", plain)
		s.wants(t, 403, "GET /api/orders/1", plain)
		s.wants(t, 200, "GET /api/orders/1", writer)
		s.wants(t, 403, "GET /api/%2e%2e/x", writer)
		s.wants(t, 403, "GET /admin/x", writer)
		s.wants(t, 200, "GET /admin/x", bearer(w.token(t, map[string]any{"roleId": "admin"})))
		s.wants(t, 403, "GET /rewritten/x", bearer(w.token(t, map[string]any{"roleId": "admin"})))
		s.wants(t, 200, "POST /api/orders/overridden", writer, "X-HTTP-Method-Override: GET")
		s.wants(t, 403, "GET /api/orders/overridden", writer, "X-HTTP-Method-Override: DELETE")
	})
}

func TestRoutesForOtherFrameworks(t *testing.T) {
	eachWay(t, withRoutes(), func(t *testing.T, w world) {
		auth, err := NewAuth(w.Verifier, Routes())
		if err != nil || !auth.AsksRoutes() {
			t.Fatal(err)
		}
		sent := map[string][]string{"authorization": {"Bearer " + w.token(t, nil)}}
		for _, c := range []struct{ method, target, code, subject string }{
			{"GET", "/x", "OK", ""}, {"", "/x", "OK", ""}, {"GET", "/api/orders/7", "OK", "user-4711"},
			{"", "/api/orders/7", "FORBIDDEN", ""}, {"\xff", "/api/orders/7", "FORBIDDEN", ""}, {"\xff", "/x", "FORBIDDEN", ""},
			{"GET", "", "FORBIDDEN", ""}, {"GET", "/\xff", "FORBIDDEN", ""}, {"GET", "/x?\xff", "FORBIDDEN", ""},
			{"GET", "/\ufffd", "FORBIDDEN", ""}, {"GET", "/admin\x00", "FORBIDDEN", ""},
		} {
			ctx, err := auth.AuthenticateRoute(background, c.method, c.target, sent)
			if codeOf(err) != c.code {
				t.Errorf("%q %q: %v", c.method, c.target, err)
			}
			if err != nil {
				continue
			}
			claims, there := ClaimsFrom(ctx)
			if there != (c.subject != "") || there && claims.Subject() != c.subject {
				t.Errorf("%q %q: %v", c.method, c.target, claims)
			}
		}
		if ctx, err := auth.Authenticate(background, sent); ctx != nil || !errors.Is(err, ErrValidation) {
			t.Error("without a target: ", err)
		}
		plain, err := NewAuth(w.Verifier, RequireScopes("nope"))
		if err != nil || plain.AsksRoutes() {
			t.Fatal(err)
		}
		_, err = plain.AuthenticateRoute(background, "GET", "/x", sent)
		wantCode(t, err, "FORBIDDEN")
	})
}

func TestRouteByItself(t *testing.T) {
	eachWay(t, withRoutes(), func(t *testing.T, w world) {
		if w.library == nil {
			if route, err := w.Route("GET", "/x"); route != (Route{}) || !errors.Is(err, errors.ErrUnsupported) {
				t.Error(route, err)
			}
			return
		}
		for _, c := range []struct {
			method, target, code string
			route                Route
		}{
			{"GET", "/x?y", "OK", Route{Public: true}}, {"", "/api/carts", "OK", Route{}},
			{"HEAD", "/api/%6frders/7", "OK", Route{Guard: "writers"}}, {"GET", "/api/orders/7", "OK", Route{Guard: "writers"}},
			{"GET", "/admin", "OK", Route{Guard: "admin"}}, {"POST", "/api/orders/7", "FORBIDDEN", Route{}},
			{"GET", "", "FORBIDDEN", Route{}}, {"GET", "//", "FORBIDDEN", Route{}}, {"\xff", "/x", "FORBIDDEN", Route{}},
		} {
			if route, err := w.Route(c.method, c.target); codeOf(err) != c.code || route != c.route {
				t.Errorf("%q %q: %+v %v", c.method, c.target, route, err)
			}
		}
	})
}

func TestRoutesThatCannotBe(t *testing.T) {
	eachWay(t, withRoutes(), func(t *testing.T, w world) {
		guard, err := NewGuard(`{"vip":true}`)
		if err != nil {
			t.Fatal(err)
		}
		for name, option := range map[string]AuthOption{
			"scopes": RequireScopes("x"), "permission": RequirePermission("a.b.c"), "guard by name": RequireGuard("readers"),
			"guard": WithGuard(guard), "kind": WithKind(RefreshToken), "a kind's rule": RequireTokenKind(AccessToken),
		} {
			for _, options := range [][]AuthOption{{option, Routes()}, {Routes(), option}} {
				if auth, err := NewAuth(w.Verifier, options...); auth != nil || !errors.Is(err, ErrValidation) ||
					!strings.Contains(err.Error(), "routes") {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		if _, err := NewAuth(w.Verifier, Routes(), WithProfile("api"), WithAudience("orders"), DeviceHeader("X-D")); err != nil {
			t.Error(err)
		}
	})
	eachWay(t, orders(), func(t *testing.T, w world) {
		auth, err := NewAuth(w.Verifier, Routes())
		if w.library != nil {
			if auth != nil || !errors.Is(err, ErrValidation) || !strings.Contains(err.Error(), "[[routes]]") {
				t.Error(err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = auth.AuthenticateRoute(background, "GET", "/x", nil)
		if !errors.Is(err, ErrValidation) || !strings.Contains(err.Error(), "[[routes]]") {
			t.Error(err)
		}
	})
}

func TestRoutesWithoutAServer(t *testing.T) {
	eachWay(t, withRoutes(), func(t *testing.T, w world) {
		var seen error
		handler := RequireAuth(w.Verifier, Routes(), OnError(func(w http.ResponseWriter, _ *http.Request, err error) {
			seen = err
			WriteError(w, err)
		}))(&site{})
		made, err := http.NewRequestWithContext(context.Background(), "GET", "/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, made)
		if recorder.Code != 403 || !strings.Contains(seen.Error(), "httptest.NewRequest") {
			t.Error(recorder.Code, seen)
		}
		recorder = httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest("GET", "/x", nil))
		if recorder.Code != 200 {
			t.Error(recorder.Code)
		}
	})
}

// What says that a request is public is asked of a sidecar, and so is believed of nothing else.
func TestWhatASidecarCallsPublic(t *testing.T) {
	for answer, code := range map[string]string{
		`{"public":true}`: "OK", `{"public":false}`: "INTERNAL", `{}`: "INTERNAL", `{"public":true,"claims":{"sub":"x"}}`: "INTERNAL",
		`{"public":"true"}`: "INTERNAL", `{"claims":null}`: "INTERNAL", `ok`: "INTERNAL", ``: "INTERNAL",
	} {
		v, _ := pretend(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, answer) })
		auth, err := NewAuth(v, Routes())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := auth.AuthenticateRoute(background, "GET", "/x", nil); codeOf(err) != code {
			t.Errorf("%s: %v", answer, err)
		}
		if claims, err := v.Verify("a.b.c"); err == nil && !strings.Contains(answer, "sub") {
			t.Errorf("%s: %v", answer, claims)
		}
	}
	v, _ := pretend(t, http.NotFound)
	v.Close()
	auth, err := NewAuth(v, Routes())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := auth.AuthenticateRoute(background, "GET", "/x", nil); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
