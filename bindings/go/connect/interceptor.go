// Package bearerdconnect authenticates the calls of Connect services.
//
//	auth, err := bearerd.NewAuth(v, bearerd.RequireScopes("read:orders"))
//	interceptor, err := bearerdconnect.New(auth, bearerdconnect.Public("/orders.v1.Orders/Health"))
//	path, handler := ordersv1connect.NewOrdersHandler(server, connect.WithInterceptors(interceptor))
//
// Handlers find the claims with [bearerd.ClaimsFrom]. What is refused is CodeUnauthenticated,
// CodePermissionDenied or CodeUnavailable, with the code's name in the X-Bearerd-Code header of the
// answer, or in its trailer on streams.
package bearerdconnect

import (
	"context"
	"errors"

	"connectrpc.com/connect"

	bearerd "github.com/bearerd/bearerd/bindings/go"
	"github.com/bearerd/bearerd/bindings/go/internal/methods"
)

// An Interceptor authenticates calls at the server, unary and streaming. In a client it does
// nothing.
type Interceptor struct{ methods *methods.Table }

var _ connect.Interceptor = (*Interceptor)(nil)

// An Option is a choice for [New].
type Option func(*methods.Table) error

// Public names methods that need no token: "/package.Service/Method". Their context has no claims.
func Public(names ...string) Option {
	return func(table *methods.Table) error { return table.Name(nil, names) }
}

// Guarded lets another auth decide about these methods.
func Guarded(auth *bearerd.Auth, names ...string) Option {
	return func(table *methods.Table) error {
		if auth == nil {
			return errors.New("bearerd: auth is nil; use Public for methods that need no token")
		}
		return table.Name(auth, names)
	}
}

// New is an interceptor by which auth decides about every method that no option names.
func New(auth *bearerd.Auth, options ...Option) (*Interceptor, error) {
	table, err := methods.New(auth)
	if err != nil {
		return nil, err
	}
	for _, option := range options {
		if option == nil {
			return nil, errors.New("bearerd: an option is nil")
		}
		if err := option(table); err != nil {
			return nil, err
		}
	}
	return &Interceptor{table}, nil
}

// WrapUnary authenticates unary calls.
func (i *Interceptor) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
		if request.Spec().IsClient {
			return next(ctx, request)
		}
		ctx, err := i.methods.Authenticate(ctx, request.Spec().Procedure, request.Header())
		if err != nil {
			return nil, Error(err)
		}
		return next(ctx, request)
	}
}

// WrapStreamingClient leaves clients alone.
func (i *Interceptor) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// WrapStreamingHandler authenticates streams when they are opened.
func (i *Interceptor) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, stream connect.StreamingHandlerConn) error {
		ctx, err := i.methods.Authenticate(ctx, stream.Spec().Procedure, stream.RequestHeader())
		if err != nil {
			return Error(err)
		}
		return next(ctx, stream)
	}
}

// Error is an error of bearerd's as one of Connect's. The client is told the code and its sentence;
// the detail is left out.
func Error(err error) *connect.Error {
	var coded *bearerd.Error
	if !errors.As(err, &coded) {
		coded = bearerd.ErrInternal
	}
	answer := connect.NewError(codeOf(coded), errors.New(coded.Code+": "+coded.Message))
	answer.Meta().Set("X-Bearerd-Code", coded.Code)
	if challenge := bearerd.Challenge(coded); challenge != "" {
		answer.Meta().Set("WWW-Authenticate", challenge)
	}
	return answer
}

func codeOf(err *bearerd.Error) connect.Code {
	switch err.Status {
	case 401:
		return connect.CodeUnauthenticated
	case 403:
		return connect.CodePermissionDenied
	case 422, 413:
		return connect.CodeInvalidArgument
	case 429:
		return connect.CodeResourceExhausted
	case 503:
		return connect.CodeUnavailable
	default:
		return connect.CodeInternal
	}
}
