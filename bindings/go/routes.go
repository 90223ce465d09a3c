package bearerd

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// A Route is what the [[routes]] of a configuration ask of a request. The zero Route asks for a token.
type Route struct {
	// Public is whether anybody may, with a token or without. No token is to be looked at.
	Public bool
	// Guard is the name of the guard that must hold, for [Verifier.Guard]. Empty: a token that the
	// profile accepts is enough.
	Guard string
}

// Route is what the [[routes]] of the configuration ask of a request: of its method, empty where it is
// not known, and of its target as it stands in the request line, query and escapes included
// (RFC 9112 §3.2). It is for frameworks that [Auth.Handler] cannot serve.
//
// [ErrForbidden] refuses the request whatever token it brings: no rule allows it, or its path could
// be read in two ways. [ErrValidation]: the configuration has no routes. A sidecar decides about the
// request as a whole and does not tell, so there use [Auth.AuthenticateRoute].
func (v *Verifier) Route(method, target string) (Route, error) {
	return v.engine.route(method, target)
}

// Routes has the [[routes]] of the configuration say what each request must bring, by its method and
// target: nothing, a token, or a token for which a guard holds. What they refuse is answered with 403,
// whatever token comes with it. It stands alone: the requirement of a guard, a rule or a kind beside
// it is a mistake.
//
// The rules are about the target as the client sent it, whatever [net/http.StripPrefix] has cut off
// since. Where something has put another path in its place, and where the request line names a whole
// address, the request is refused. The method is that which the request has when it gets here, so
// handlers that override methods, and golang.org/x/net/http2/h2c, go outside. CORS preflights are
// requests like any other: they need a public rule for OPTIONS, or a handler outside that answers them.
//
// Where the configuration has no routes, [NewAuth] returns an error; with a verifier from [Dial],
// requests are refused with [ErrValidation].
func Routes() AuthOption {
	return authOption(func(p *authPlan) error {
		p.routes = true
		return nil
	})
}

// AsksRoutes reports whether the auth was made with [Routes]. Such a one decides about requests of
// HTTP, and needs their target.
func (a *Auth) AsksRoutes() bool { return a.routes }

func (p *authPlan) checkRoutes(v *Verifier) error {
	if p.named != nil || len(p.rules) > 0 {
		return ErrValidation.because("the routes say what is required; leave Routes or the requirements out")
	}
	for _, option := range p.options {
		if option.choice == chooseKind {
			return ErrValidation.because("the routes say what is required; leave WithKind out and let guards name the kind")
		}
	}
	return v.engine.checkRoutes()
}

// AuthenticateRoute is [Auth.Authenticate] for an auth that asks [Routes]: of the method, empty where
// it is not known, and the target as it stands in the request line. The context of a public request
// is returned as it is. An auth without Routes decides by the headers alone.
func (a *Auth) AuthenticateRoute(
	ctx context.Context, method, target string, headers map[string][]string,
) (context.Context, error) {
	if !a.routes {
		return a.Authenticate(ctx, headers)
	}
	if !utf8.ValidString(method) || !utf8.ValidString(target) || !strings.HasPrefix(target, "/") {
		return nil, ErrForbidden.because("the request's target is no path")
	}
	q, unclear := a.query(headers)
	claims, public, err := a.verifier.engine.verifyRoute(ctx, &routed{method, target, headers, unclear}, &q)
	if err != nil {
		return nil, err
	}
	switch {
	case public:
		return ctx, nil
	case claims == nil:
		return nil, errShape()
	}
	return ContextWithClaims(ctx, claims), nil
}

// A request about which the routes decide.
type routed struct {
	method, target string
	headers        map[string][]string
	// Why it cannot be verified, which is of no interest where it is public.
	unclear error
}

func (a *Auth) authenticateRequest(r *http.Request) (context.Context, error) {
	if a.routes {
		if err := checkTarget(r); err != nil {
			return nil, err
		}
	}
	return a.AuthenticateRoute(r.Context(), r.Method, r.RequestURI, r.Header)
}

// The routes decide by what the client sent, and routers by r.URL.Path: so one must be the other, or
// what is left of it.
func checkTarget(r *http.Request) error {
	if r.RequestURI == "" {
		return ErrForbidden.because("the request has no RequestURI: it did not come through a server; " +
			"tests make requests with net/http/httptest.NewRequest")
	}
	path, _, _ := strings.Cut(r.RequestURI, "?")
	sent, err := url.PathUnescape(path)
	if err != nil || r.URL == nil || !strings.HasSuffix(sent, r.URL.Path) {
		return ErrForbidden.because("the path is not the one that was sent; ask the routes before it is rewritten")
	}
	return nil
}
