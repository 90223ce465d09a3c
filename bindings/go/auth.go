package bearerd

import (
	"context"
	"net/textproto"
	"strings"
	"unicode/utf8"
)

// An Auth decides about requests: whose token, and what it must grant. It is made once; the
// middleware of net/http and the interceptors of Connect and gRPC are made from it.
type Auth struct {
	verifier *Verifier
	options  []Option
	device   place
	onError  errorHandler
	routes   bool
}

// A header in which something is looked for, in the spelling of net/http and in that of gRPC.
type place struct{ canonical, lower string }

// NewAuth compiles what is required of requests. Requirements add up.
func NewAuth(v *Verifier, options ...AuthOption) (*Auth, error) {
	if v == nil {
		return nil, ErrValidation.because("verifier is nil")
	}
	plan := authPlan{device: "X-Device-Id", onError: refuseHTTP}
	for _, option := range options {
		if option == nil {
			return nil, ErrValidation.because("an option is nil")
		}
		if err := option.apply(&plan); err != nil {
			return nil, err
		}
	}
	if plan.routes {
		if err := plan.checkRoutes(v); err != nil {
			return nil, err
		}
	}
	guard, err := plan.guard(v)
	if err != nil {
		return nil, err
	}
	if guard != nil {
		plan.options = append(plan.options, WithGuard(guard))
	}
	var q query
	if err := q.forVerify(v, plan.options); err != nil {
		return nil, err
	}
	return &Auth{
		verifier: v,
		options:  plan.options,
		device:   placeOf(plan.device),
		onError:  plan.onError,
		routes:   plan.routes,
	}, nil
}

func (p *authPlan) guard(v *Verifier) (*Guard, error) {
	switch {
	case p.named == nil && len(p.rules) == 0:
		return nil, nil
	case p.named == nil && len(p.rules) == 1:
		return NewGuard(p.rules[0])
	case p.named == nil:
		return NewGuard(map[string]any{"all": p.rules})
	case len(p.rules) > 0:
		return nil, ErrValidation.because("a guard by name stands alone; put the other requirements into it")
	case p.named.owner != nil:
		return p.named, nil
	default:
		return v.Guard(p.named.name)
	}
}

// Authenticate decides about one request by its headers: an [net/http.Header] or gRPC metadata. The
// context that it returns has the claims for [ClaimsFrom]. It is for middleware; handlers are
// served by [Auth.Handler] and by the connect and grpc modules. An auth that asks [Routes] needs more
// than headers: see [Auth.AuthenticateRoute].
func (a *Auth) Authenticate(ctx context.Context, headers map[string][]string) (context.Context, error) {
	if a.routes {
		return nil, ErrValidation.because("the routes decide by method and target; call AuthenticateRoute")
	}
	q, err := a.query(headers)
	if err != nil {
		return nil, err
	}
	claims, err := a.verifier.engine.verifyHeaders(ctx, headers, &q)
	if err != nil {
		return nil, err
	}
	return ContextWithClaims(ctx, claims), nil
}

// What is asked of one request.
func (a *Auth) query(headers map[string][]string) (query, error) {
	var q query
	device, err := a.deviceOf(headers)
	if err != nil {
		return q, err
	}
	if err := q.forVerify(a.verifier, a.options); err != nil {
		return q, err
	}
	if device != "" {
		q.device = device
		q.given |= 1 << chooseDevice
	}
	return q, nil
}

// The one device that the headers name; two could be read in two ways.
func (a *Auth) deviceOf(headers map[string][]string) (string, error) {
	sent := headers[a.device.canonical]
	if a.device.lower != a.device.canonical {
		if more := headers[a.device.lower]; len(sent) == 0 {
			sent = more
		} else if len(more) > 0 {
			return "", ErrValidation.because("device is named twice")
		}
	}
	switch {
	case len(sent) == 0:
		return "", nil
	case len(sent) > 1:
		return "", ErrValidation.because("device is named twice")
	case !utf8.ValidString(sent[0]):
		return "", ErrValidation.because("device is not UTF-8")
	default:
		return sent[0], nil
	}
}

func placeOf(name string) place {
	return place{textproto.CanonicalMIMEHeaderKey(name), strings.ToLower(name)}
}
