package bearerd

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Spellings that some server would take for /admin, none of them public.
var hostile = []string{
	"//admin", "///admin", "/x/../admin", "/x/%2e%2e/admin", "/x/%2E%2E/admin", "/x/.%2e/admin", "/./admin", "/%2e/admin",
	"/admin;x", "/x;/../admin", "/x%2fadmin", "/x%2Fadmin", "/x%5cadmin", "/x%5Cadmin", "/admin%00", "/%252e%252e/admin",
	"/ADMIN", "/Admin/x", "/%41dmin", "/x%23/../admin", "/x%3b/admin", "/admin//", "/x//admin", "/%c0%af/admin", "/%ff",
	"/admin#x", "/x\\admin", "/x/..\\admin", "/caf\u00e9", "/%EF%BC%8Fadmin",
}

func TestNoSpellingPassesForAPublicPath(t *testing.T) {
	eachWay(t, withRoutes(), func(t *testing.T, w world) {
		s := serveRoutes(t, w.Verifier)
		admin := bearer(w.token(t, map[string]any{"roleId": "admin"}))
		for _, target := range append([]string{"/admin%", "/admin%2", "admin", "", "*", "http://x/admin", "http://x/", "http://x", "x:1"}, hostile...) {
			for _, line := range []string{"GET " + target, "OPTIONS " + target, "CONNECT " + target} {
				status, answer, _ := s.ask(t, line, admin)
				// Some of these are no target of HTTP to begin with, and OPTIONS * is answered by net/http.
				if status != 403 && status != 400 && line != "OPTIONS *" {
					t.Errorf("%q: %d %s", line, status, answer)
				}
			}
		}
		if served := s.served.Load(); served != 0 {
			t.Errorf("%d were served", served)
		}
	})
}

func TestRoutesOverHTTP2(t *testing.T) {
	eachWay(t, withRoutes(), func(t *testing.T, w world) {
		s := &site{}
		server := httptest.NewUnstartedServer(RequireAuth(w.Verifier, Routes())(s))
		server.EnableHTTP2 = true
		server.StartTLS()
		defer server.Close()
		ask := func(target string) int {
			request, err := http.NewRequest(http.MethodGet, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.URL.Opaque = target // sent as it is
			request.Header.Set("Authorization", "Bearer "+w.token(t, map[string]any{"roleId": "admin", "scope": "x"}))
			response, err := server.Client().Do(request)
			if err != nil {
				t.Fatal(target, err)
			}
			response.Body.Close()
			if response.ProtoMajor != 2 {
				t.Fatal(response.Proto)
			}
			return response.StatusCode
		}
		for target, wanted := range map[string]int{"/x": 200, "/admin?x": 200, "/api/orders/1": 403, "/api/carts": 200} {
			if got := ask(target); got != wanted {
				t.Errorf("%q: %d", target, got)
			}
		}
		served := s.served.Load()
		for _, target := range hostile {
			// Go's client takes what begins with two slashes for another host.
			if strings.HasPrefix(target, "//") {
				continue
			}
			if got := ask(target); got != 403 && got != 400 {
				t.Errorf("%q: %d", target, got)
			}
		}
		if s.served.Load() != served {
			t.Error("some were served")
		}
	})
}
