// Package bearerdgrpc authenticates the calls of gRPC services.
//
//	auth, err := bearerd.NewAuth(v, bearerd.RequireScopes("read:orders"))
//	interceptor, err := bearerdgrpc.New(auth, bearerdgrpc.Public("/grpc.health.v1.Health/Check"))
//	server := grpc.NewServer(interceptor.ServerOptions()...)
//
// Handlers find the claims with [bearerd.ClaimsFrom]. What is refused is Unauthenticated,
// PermissionDenied or Unavailable, with the code's name in the trailer x-bearerd-code.
package bearerdgrpc

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	bearerd "github.com/bearerd/bearerd/bindings/go"
	"github.com/bearerd/bearerd/bindings/go/internal/methods"
)

// CodeTrailer is the trailer that names the code of a refused call.
const CodeTrailer = "x-bearerd-code"

// An Interceptor authenticates calls at the server, unary and streaming.
type Interceptor struct{ methods *methods.Table }

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

// ServerOptions installs both interceptors, behind those that the server chained before.
func (i *Interceptor) ServerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(i.Unary), grpc.ChainStreamInterceptor(i.Stream)}
}

// Unary authenticates unary calls: a [grpc.UnaryServerInterceptor].
func (i *Interceptor) Unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	authenticated, err := i.authenticate(ctx, info.FullMethod)
	if err != nil {
		_ = grpc.SetTrailer(ctx, trailer(err))
		return nil, Error(err)
	}
	return next(authenticated, request)
}

// Stream authenticates streams when they are opened: a [grpc.StreamServerInterceptor].
func (i *Interceptor) Stream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	ctx, err := i.authenticate(stream.Context(), info.FullMethod)
	if err != nil {
		stream.SetTrailer(trailer(err))
		return Error(err)
	}
	return next(server, &authenticatedStream{stream, ctx})
}

func (i *Interceptor) authenticate(ctx context.Context, method string) (context.Context, error) {
	headers, _ := metadata.FromIncomingContext(ctx)
	return i.methods.Authenticate(ctx, method, headers)
}

type authenticatedStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *authenticatedStream) Context() context.Context { return s.ctx }

// Error is an error of bearerd's as a status of gRPC's. The client is told the code and its
// sentence; the detail is left out.
func Error(err error) error {
	coded := codedOf(err)
	return status.Error(codeOf(coded), coded.Code+": "+coded.Message)
}

func trailer(err error) metadata.MD { return metadata.Pairs(CodeTrailer, codedOf(err).Code) }

func codedOf(err error) *bearerd.Error {
	var coded *bearerd.Error
	if !errors.As(err, &coded) {
		return bearerd.ErrInternal
	}
	return coded
}

func codeOf(err *bearerd.Error) codes.Code {
	switch err.Status {
	case 401:
		return codes.Unauthenticated
	case 403:
		return codes.PermissionDenied
	case 422, 413:
		return codes.InvalidArgument
	case 429:
		return codes.ResourceExhausted
	case 503:
		return codes.Unavailable
	default:
		return codes.Internal
	}
}
