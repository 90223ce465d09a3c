package bearerd

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// serve is a real server on port 0 whose handler tells whom it served.
func serve(t *testing.T, auth *Auth) string {
	t.Helper()
	server := httptest.NewServer(auth.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, ok := ClaimsFrom(r.Context())
		if !ok {
			t.Error("no claims in the context")
		}
		fmt.Fprint(w, claims.Subject())
	})))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// send writes header lines as they are: clients that are polite hide what a hostile one sends.
func send(t *testing.T, address string, lines ...string) *http.Response {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	text := "GET /orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + strings.Join(append(lines, ""), "\r\n") + "\r\n"
	if _, err := io.WriteString(connection, text); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Body = io.NopCloser(strings.NewReader(string(body)))
	return response
}

func answerOf(t *testing.T, response *http.Response) (code string) {
	t.Helper()
	var body map[string]any
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	code, _ = body["code"].(string)
	row := byName[code]
	if row == nil || len(body) != 3 || body["message"] != row.Message || body["status"] != float64(response.StatusCode) ||
		response.StatusCode != row.Status || response.Header.Get("Content-Type") != "application/json" ||
		response.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v %v", response.StatusCode, response.Header, body)
	}
	return code
}

func TestMiddleware(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		auth, err := NewAuth(w.Verifier, RequireScopes("read:orders"), RequireRole(4, "admin"))
		if err != nil {
			t.Fatal(err)
		}
		address := serve(t, auth)
		token, other := w.token(t, nil), w.token(t, map[string]any{"sub": "other"})
		bearer := "Authorization: Bearer " + token
		invalid := `Bearer error="invalid_token", error_description="The token is malformed."`
		for name, c := range map[string]struct {
			lines           []string
			code, challenge string
		}{
			"bearer":            {[]string{bearer}, "OK", ""},
			"scheme in capital": {[]string{"authorization: BEARER " + token}, "OK", ""},
			"header":            {[]string{"X-Token: " + token}, "OK", ""},
			"cookie":            {[]string{"Cookie: a=b; sid=" + token}, "OK", ""},
			"two places, one":   {[]string{bearer, "Cookie: sid=" + token}, "OK", ""},
			"none":              {nil, "MISSING_TOKEN", "Bearer"},
			"another scheme":    {[]string{"Authorization: Basic dTpw"}, "MISSING_TOKEN", "Bearer"},
			"twice":             {[]string{bearer, bearer}, "MALFORMED", invalid},
			"twice, other":      {[]string{bearer, "Authorization: Bearer " + other}, "MALFORMED", invalid},
			"twice, hidden":     {[]string{bearer, "authorization: Basic dTpw"}, "MALFORMED", invalid},
			"two places, two":   {[]string{bearer, "X-Token: " + other}, "MALFORMED", invalid},
			"two cookies":       {[]string{"Cookie: sid=" + token, "Cookie: sid=" + other}, "MALFORMED", invalid},
			"two blanks":        {[]string{"Authorization: Bearer  " + token}, "MALFORMED", invalid},
			"U+0141":            {[]string{bearer + "Ł"}, "MALFORMED", invalid},
			"not UTF-8":         {[]string{bearer + "\xff"}, "MALFORMED", invalid},
			"a profile's name":  {[]string{bearer, "X-Bearerd-Profile: other"}, "OK", ""},
			"a host's header":   {[]string{bearer, "Origin: https://evil.example", "Sec-Fetch-Site: cross-site"}, "OK", ""},
			"a refresh token": {[]string{"Authorization: Bearer " + w.signed(t, RefreshToken, nil)}, "WRONG_TOKEN_KIND",
				`Bearer error="insufficient_scope", error_description="The token is of the wrong kind."`},
			"no scope": {[]string{"Authorization: Bearer " + w.token(t, map[string]any{"scope": "write:orders"})}, "FORBIDDEN",
				`Bearer error="insufficient_scope", error_description="The token does not grant this."`},
			"another role": {[]string{"Authorization: Bearer " + w.token(t, map[string]any{"roleId": 5})}, "FORBIDDEN",
				`Bearer error="insufficient_scope", error_description="The token does not grant this."`},
		} {
			response := send(t, address, c.lines...)
			if c.code == "OK" {
				body, _ := io.ReadAll(response.Body)
				if response.StatusCode != 200 || string(body) != "user-4711" {
					t.Errorf("%s: %d %s", name, response.StatusCode, body)
				}
				continue
			}
			if code := answerOf(t, response); code != c.code || response.Header.Get("WWW-Authenticate") != c.challenge {
				t.Errorf("%s: %s, %q", name, code, response.Header.Get("WWW-Authenticate"))
			}
		}
	})
}

func TestRequirements(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		access, refresh := w.token(t, nil), w.signed(t, RefreshToken, nil)
		plain := w.token(t, map[string]any{"vip": false, "teamId": "", "scope": "x"})
		hr := w.token(t, map[string]any{"grants": []string{"hr.*", "crm.lead.read"}})
		mine := "X-Device-Id: d1"
		for name, c := range map[string]struct {
			options []AuthOption
			token   string
			lines   []string
			code    string
		}{
			"nothing":           {nil, access, nil, "OK"},
			"vip":               {[]AuthOption{RequireVIP()}, access, nil, "OK"},
			"no vip":            {[]AuthOption{RequireVIP()}, plain, nil, "FORBIDDEN"},
			"team":              {[]AuthOption{RequireTeam("t1")}, access, nil, "OK"},
			"another team":      {[]AuthOption{RequireTeam("t2")}, access, nil, "FORBIDDEN"},
			"any team":          {[]AuthOption{RequireTeam()}, access, nil, "OK"},
			"no team":           {[]AuthOption{RequireTeam()}, plain, nil, "FORBIDDEN"},
			"any scope":         {[]AuthOption{RequireAnyScope("x", "read:orders")}, access, nil, "OK"},
			"no scope":          {[]AuthOption{RequireAnyScope("y", "z")}, access, nil, "FORBIDDEN"},
			"permission":        {[]AuthOption{RequirePermission("hr.employee.update")}, hr, nil, "OK"},
			"permissions":       {[]AuthOption{RequirePermission("hr.employee.update", "crm.lead.update")}, hr, nil, "FORBIDDEN"},
			"any permission":    {[]AuthOption{RequireAnyPermission("crm.lead.update", "crm.lead.read")}, hr, nil, "OK"},
			"another one":       {[]AuthOption{RequireAnyPermission("crm.lead.update", "hr")}, hr, nil, "FORBIDDEN"},
			"without grants":    {[]AuthOption{RequirePermission("hr.employee.update")}, access, nil, "FORBIDDEN"},
			"refresh":           {[]AuthOption{RequireTokenKind(RefreshToken)}, refresh, nil, "OK"},
			"access for it":     {[]AuthOption{RequireTokenKind(RefreshToken)}, access, nil, "WRONG_TOKEN_KIND"},
			"device":            {[]AuthOption{RequireDevice()}, access, []string{mine}, "OK"},
			"another device":    {[]AuthOption{RequireDevice()}, access, []string{"X-Device-Id: d2"}, "DEVICE_MISMATCH"},
			"no device":         {[]AuthOption{RequireDevice()}, access, nil, "DEVICE_MISMATCH"},
			"two devices":       {[]AuthOption{RequireDevice()}, access, []string{mine, mine}, "VALIDATION_ERROR"},
			"device by header":  {[]AuthOption{RequireDevice(), DeviceHeader("X-Mine")}, access, []string{"x-mine: d1"}, "OK"},
			"guard by name":     {[]AuthOption{RequireGuard("readers")}, access, nil, "OK"},
			"guard by name, no": {[]AuthOption{RequireGuard("readers")}, plain, nil, "FORBIDDEN"},
			"audience":          {[]AuthOption{WithAudience("billing")}, access, nil, "INVALID_CLAIM"},
			"they add up":       {[]AuthOption{RequireVIP(), RequireTeam("t1"), RequireScopes("nope")}, access, nil, "FORBIDDEN"},
		} {
			auth, err := NewAuth(w.Verifier, c.options...)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			response := send(t, serve(t, auth), append(c.lines, "Authorization: Bearer "+c.token)...)
			if c.code == "OK" {
				if response.StatusCode != 200 {
					t.Errorf("%s: %d", name, response.StatusCode)
				}
			} else if code := answerOf(t, response); code != c.code {
				t.Errorf("%s: %s", name, code)
			}
		}
	})
}

func TestAuthThatCannotBe(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		other, err := Dial("unix:///nowhere")
		if err != nil {
			t.Fatal(err)
		}
		others, _ := other.Guard("readers")
		for name, options := range map[string][]AuthOption{
			"no scopes": {RequireScopes()}, "no roles": {RequireRole()}, "device": {WithDevice("d")},
			"nil": {nil}, "nil guard": {WithGuard(nil)}, "kind": {RequireTokenKind(AnyKind)}, "header": {DeviceHeader("")},
			"two names": {RequireGuard("readers"), RequireGuard("desk")}, "name and rule": {RequireGuard("readers"), RequireVIP()},
			"another's": {WithGuard(others)}, "before": {Option{choice: chooseIssuedBefore}}, "no name": {RequireGuard("")},
		} {
			auth, err := NewAuth(w.Verifier, options...)
			if err == nil && w.way == "sidecar" && strings.HasPrefix(name, "no ") {
				// The sidecar is the compiler: what it refuses is refused then.
				if response := send(t, serve(t, auth), "Authorization: Bearer "+w.token(t, nil)); response.StatusCode != 422 {
					t.Errorf("%s: %d", name, response.StatusCode)
				}
			} else if err == nil {
				t.Errorf("%s: is no requirement", name)
			}
		}
		defer func() {
			if err, _ := recover().(error); !errors.Is(err, ErrValidation) {
				t.Errorf("RequireAuth: %v", err)
			}
		}()
		RequireAuth(w.Verifier, nil)
	})
}

func TestOnErrorSeesTheDetailAndAnswers(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		var seen error
		auth, err := NewAuth(w.Verifier, OnError(func(rw http.ResponseWriter, _ *http.Request, err error) {
			seen = err
			WriteError(rw, err)
		}))
		if err != nil {
			t.Fatal(err)
		}
		if code := answerOf(t, send(t, serve(t, auth))); code != "MISSING_TOKEN" || !errors.Is(seen, ErrMissingToken) {
			t.Error(code, seen)
		}
	})
}

func TestFaultsOfOursAreNotTheClients(t *testing.T) {
	recorder := httptest.NewRecorder()
	WriteError(recorder, fmt.Errorf("db: %w", io.ErrUnexpectedEOF))
	if code := answerOf(t, recorder.Result()); code != "INTERNAL" {
		t.Error(code)
	}
	recorder = httptest.NewRecorder()
	WriteError(recorder, ErrKeysUnavailable.because("https://issuer.example did not answer"))
	if body := recorder.Body.String(); recorder.Code != 503 || strings.Contains(body, "issuer") || Challenge(ErrKeysUnavailable) != "" {
		t.Error(recorder.Code, body)
	}
	if Challenge(io.EOF) != "" || Challenge(ErrUnauthorized) != "Bearer" {
		t.Error("challenge")
	}
}
