package bearerdconnect_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	bearerd "github.com/bearerd/bearerd/bindings/go"
	bearerdconnect "github.com/bearerd/bearerd/bindings/go/connect"
)

const (
	get    = "/orders.v1.Orders/Get"
	watch  = "/orders.v1.Orders/Watch"
	remove = "/orders.v1.Orders/Remove"
	health = "/orders.v1.Orders/Health"
)

const config = `{
  "profiles": {"api": {
    "algorithms": ["HS256"], "keys": [{"secret": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"}], "sign": {},
    "claims": {"kind": {"claim": "tokenType"}}
  }}
}`

type text = wrapperspb.StringValue

// Whom the handler served: "nobody" where there are no claims.
func whom(ctx context.Context) *text {
	claims, ok := bearerd.ClaimsFrom(ctx)
	if !ok {
		return wrapperspb.String("nobody")
	}
	return wrapperspb.String(claims.Subject())
}

func serve(t *testing.T, interceptor connect.Interceptor) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	options := connect.WithInterceptors(interceptor)
	unary := func(ctx context.Context, _ *connect.Request[text]) (*connect.Response[text], error) {
		return connect.NewResponse(whom(ctx)), nil
	}
	for _, name := range []string{get, remove, health} {
		mux.Handle(name, connect.NewUnaryHandler(name, unary, options))
	}
	mux.Handle(watch, connect.NewServerStreamHandler(watch,
		func(ctx context.Context, _ *connect.Request[text], stream *connect.ServerStream[text]) error {
			return stream.Send(whom(ctx))
		}, options))
	server := httptest.NewUnstartedServer(mux)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func newVerifier(t *testing.T) *bearerd.Verifier {
	t.Helper()
	v, err := bearerd.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

func newAuth(t *testing.T, v *bearerd.Verifier, options ...bearerd.AuthOption) *bearerd.Auth {
	t.Helper()
	auth, err := bearerd.NewAuth(v, options...)
	if err != nil {
		t.Fatal(err)
	}
	return auth
}

func sign(t *testing.T, v *bearerd.Verifier, kind bearerd.Kind, scope string) string {
	t.Helper()
	signed, err := v.Sign(context.Background(), map[string]any{"sub": "ada", "scope": scope}, bearerd.SignOptions{Kind: kind})
	if err != nil {
		t.Fatal(err)
	}
	return signed.Token
}

type call func(ctx context.Context, name string, authorization ...string) (string, error)

// A client of each protocol that a Connect server speaks.
func clients(server *httptest.Server) map[string]call {
	made := map[string]call{}
	for name, options := range map[string][]connect.ClientOption{
		"connect": nil, "connect with GET": {connect.WithHTTPGet()}, "grpc": {connect.WithGRPC()}, "grpc-web": {connect.WithGRPCWeb()},
	} {
		made[name] = func(ctx context.Context, method string, authorization ...string) (string, error) {
			client := connect.NewClient[text, text](server.Client(), server.URL+method, options...)
			request := connect.NewRequest(wrapperspb.String("x"))
			for _, value := range authorization {
				request.Header().Add("Authorization", value)
			}
			if method == watch {
				stream, err := client.CallServerStream(ctx, request)
				if err != nil {
					return "", err
				}
				defer stream.Close()
				if !stream.Receive() {
					return "", stream.Err()
				}
				return stream.Msg().GetValue(), nil
			}
			response, err := client.CallUnary(ctx, request)
			if err != nil {
				return "", err
			}
			return response.Msg.GetValue(), nil
		}
	}
	return made
}

func TestInterceptor(t *testing.T) {
	v := newVerifier(t)
	interceptor, err := bearerdconnect.New(newAuth(t, v, bearerd.RequireScopes("read")),
		bearerdconnect.Public(health), bearerdconnect.Guarded(newAuth(t, v, bearerd.RequireScopes("remove")), remove))
	if err != nil {
		t.Fatal(err)
	}
	server := serve(t, interceptor)
	reader := "Bearer " + sign(t, v, bearerd.AccessToken, "read")
	stranger := "Bearer " + sign(t, v, bearerd.AccessToken, "other")
	refresh := "Bearer " + sign(t, v, bearerd.RefreshToken, "read")
	for protocol, ask := range clients(server) {
		for name, c := range map[string]struct {
			method string
			sent   []string
			whom   string
			code   connect.Code
			named  string
		}{
			"good":                   {get, []string{reader}, "ada", 0, ""},
			"none":                   {get, nil, "", connect.CodeUnauthenticated, "MISSING_TOKEN"},
			"bad":                    {get, []string{"Bearer a.b.c"}, "", connect.CodeUnauthenticated, "MALFORMED"},
			"twice":                  {get, []string{reader, reader}, "", connect.CodeUnauthenticated, "MALFORMED"},
			"forbidden":              {get, []string{stranger}, "", connect.CodePermissionDenied, "FORBIDDEN"},
			"refresh":                {get, []string{refresh}, "", connect.CodePermissionDenied, "WRONG_TOKEN_KIND"},
			"guarded":                {remove, []string{reader}, "", connect.CodePermissionDenied, "FORBIDDEN"},
			"public":                 {health, nil, "nobody", 0, ""},
			"public, with a token":   {health, []string{reader}, "nobody", 0, ""},
			"public, with a bad one": {health, []string{"Bearer x"}, "nobody", 0, ""},
			"stream":                 {watch, []string{reader}, "ada", 0, ""},
			"stream, none":           {watch, nil, "", connect.CodeUnauthenticated, "MISSING_TOKEN"},
			"stream, forbidden":      {watch, []string{stranger}, "", connect.CodePermissionDenied, "FORBIDDEN"},
		} {
			got, err := ask(t.Context(), c.method, c.sent...)
			if c.code == 0 {
				if err != nil || got != c.whom {
					t.Errorf("%s, %s: %q %v", protocol, name, got, err)
				}
				continue
			}
			var coded *connect.Error
			if !errors.As(err, &coded) || coded.Code() != c.code || coded.Meta().Get("X-Bearerd-Code") != c.named ||
				!strings.HasPrefix(coded.Message(), c.named+": ") {
				t.Errorf("%s, %s: %q %v", protocol, name, got, err)
			}
		}
	}
}

func TestTheStatusOverHTTP(t *testing.T) {
	v := newVerifier(t)
	interceptor, err := bearerdconnect.New(newAuth(t, v, bearerd.RequireScopes("read")))
	if err != nil {
		t.Fatal(err)
	}
	server := serve(t, interceptor)
	for token, status := range map[string]int{
		"": 401, sign(t, v, bearerd.AccessToken, "other"): 403, sign(t, v, bearerd.AccessToken, "read"): 200,
	} {
		request, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+get, strings.NewReader(`"x"`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != status || (status != 200) != strings.HasPrefix(response.Header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%d, want %d: %v", response.StatusCode, status, response.Header)
		}
	}
}

func TestAClientIsLeftAlone(t *testing.T) {
	v := newVerifier(t)
	interceptor, err := bearerdconnect.New(newAuth(t, v))
	if err != nil {
		t.Fatal(err)
	}
	server := serve(t, interceptor)
	client := connect.NewClient[text, text](server.Client(), server.URL+get, connect.WithInterceptors(interceptor))
	request := connect.NewRequest(wrapperspb.String("x"))
	request.Header().Set("Authorization", "Bearer "+sign(t, v, bearerd.AccessToken, ""))
	if _, err := client.CallUnary(t.Context(), request); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoMethod(t *testing.T) {
	auth := newAuth(t, newVerifier(t))
	for name, option := range map[string]bearerdconnect.Option{
		"nil": nil, "empty": bearerdconnect.Public(""), "no slash": bearerdconnect.Public("a.B/C"), "service": bearerdconnect.Public("/a.B/"),
		"pattern": bearerdconnect.Public("/a.B/*"), "longer": bearerdconnect.Public("/a.B/C/D"),
		"twice": bearerdconnect.Public(get, get), "no auth": bearerdconnect.Guarded(nil, get),
	} {
		if _, err := bearerdconnect.New(auth, option); err == nil {
			t.Errorf("%s: is accepted", name)
		}
	}
	if _, err := bearerdconnect.New(nil); err == nil {
		t.Error("no auth")
	}
	sidecar, err := bearerd.Dial("unix:///nowhere")
	if err != nil {
		t.Fatal(err)
	}
	byRoutes, err := bearerd.NewAuth(sidecar, bearerd.Routes())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bearerdconnect.New(byRoutes); err == nil {
		t.Error("routes have no say about methods")
	}
	if _, err := bearerdconnect.New(auth, bearerdconnect.Guarded(byRoutes, get)); err == nil {
		t.Error("routes have no say about one method")
	}
}

// Methods have paths, too: a whole handler may be left to the routes of the configuration.
func TestRoutesAroundTheHandler(t *testing.T) {
	v, err := bearerd.New(strings.TrimSuffix(config, "}") + `,
		"routes": [
			{"path": "/orders.v1.Orders/*", "token": true},
			{"path": "/orders.v1.Orders/Remove", "guard": "writers"},
			{"path": "/orders.v1.Orders/Health", "public": true}
		],
		"guards": {"writers": {"scopes": ["write"]}}
	}`)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	mux := http.NewServeMux()
	for _, name := range []string{get, remove, health} {
		mux.Handle(name, connect.NewUnaryHandler(name, func(ctx context.Context, _ *connect.Request[text]) (*connect.Response[text], error) {
			return connect.NewResponse(whom(ctx)), nil
		}))
	}
	server := httptest.NewUnstartedServer(newAuth(t, v, bearerd.Routes()).Handler(mux))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	reader := "Bearer " + sign(t, v, bearerd.AccessToken, "read")
	for name, call := range clients(server) {
		for _, c := range []struct {
			method, token, served string
			code                  connect.Code
		}{
			{health, "", "nobody", 0}, {health, reader, "nobody", 0}, {get, reader, "ada", 0},
			{get, "", "", connect.CodeUnauthenticated}, {remove, reader, "", connect.CodePermissionDenied},
		} {
			var sent []string
			if c.token != "" {
				sent = []string{c.token}
			}
			served, err := call(context.Background(), c.method, sent...)
			if served != c.served || (err != nil) != (c.code != 0) || err != nil && connect.CodeOf(err) != c.code {
				t.Errorf("%s: %s: %q %v", name, c.method, served, err)
			}
		}
	}
}
