package bearerdgrpc_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	bearerd "github.com/bearerd/bearerd/bindings/go"
	bearerdgrpc "github.com/bearerd/bearerd/bindings/go/grpc"
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

// A service by hand: what protoc-gen-go-grpc would write.
func service() *grpc.ServiceDesc {
	unary := func(name string) grpc.MethodDesc {
		serve := func(ctx context.Context, _ any) (any, error) { return whom(ctx), nil }
		return grpc.MethodDesc{MethodName: name, Handler: func(server any, ctx context.Context, decode func(any) error,
			interceptor grpc.UnaryServerInterceptor) (any, error) {
			request := new(text)
			if err := decode(request); err != nil {
				return nil, err
			}
			return interceptor(ctx, request, &grpc.UnaryServerInfo{Server: server, FullMethod: "/orders.v1.Orders/" + name}, serve)
		}}
	}
	return &grpc.ServiceDesc{
		ServiceName: "orders.v1.Orders",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{unary("Get"), unary("Remove"), unary("Health")},
		Streams: []grpc.StreamDesc{{StreamName: "Watch", ServerStreams: true, Handler: func(_ any, stream grpc.ServerStream) error {
			if err := stream.RecvMsg(new(text)); err != nil {
				return err
			}
			return stream.SendMsg(whom(stream.Context()))
		}}},
	}
}

func serve(t *testing.T, interceptor *bearerdgrpc.Interceptor) *grpc.ClientConn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(interceptor.ServerOptions()...)
	server.RegisterService(service(), nil)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	connection, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return connection
}

func ask(ctx context.Context, connection *grpc.ClientConn, method string, sent []string) (string, metadata.MD, error) {
	for _, value := range sent {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", value)
	}
	answer := new(text)
	if method != watch {
		var trailer metadata.MD
		err := connection.Invoke(ctx, method, wrapperspb.String("x"), answer, grpc.Trailer(&trailer))
		return answer.GetValue(), trailer, err
	}
	stream, err := connection.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, method)
	if err != nil {
		return "", nil, err
	}
	if err := stream.SendMsg(wrapperspb.String("x")); err != nil {
		return "", nil, err
	}
	if err := stream.CloseSend(); err != nil {
		return "", nil, err
	}
	err = stream.RecvMsg(answer)
	return answer.GetValue(), stream.Trailer(), err
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

func TestInterceptor(t *testing.T) {
	v := newVerifier(t)
	interceptor, err := bearerdgrpc.New(newAuth(t, v, bearerd.RequireScopes("read")),
		bearerdgrpc.Public(health), bearerdgrpc.Guarded(newAuth(t, v, bearerd.RequireScopes("remove")), remove))
	if err != nil {
		t.Fatal(err)
	}
	connection := serve(t, interceptor)
	reader := "Bearer " + sign(t, v, bearerd.AccessToken, "read")
	stranger := "Bearer " + sign(t, v, bearerd.AccessToken, "other")
	refresh := "Bearer " + sign(t, v, bearerd.RefreshToken, "read")
	for name, c := range map[string]struct {
		method string
		sent   []string
		whom   string
		code   codes.Code
		named  string
	}{
		"good":                   {get, []string{reader}, "ada", 0, ""},
		"none":                   {get, nil, "", codes.Unauthenticated, "MISSING_TOKEN"},
		"bad":                    {get, []string{"Bearer a.b.c"}, "", codes.Unauthenticated, "MALFORMED"},
		"twice":                  {get, []string{reader, reader}, "", codes.Unauthenticated, "MALFORMED"},
		"twice, hidden":          {get, []string{reader, "Basic x"}, "", codes.Unauthenticated, "MALFORMED"},
		"forbidden":              {get, []string{stranger}, "", codes.PermissionDenied, "FORBIDDEN"},
		"refresh":                {get, []string{refresh}, "", codes.PermissionDenied, "WRONG_TOKEN_KIND"},
		"guarded":                {remove, []string{reader}, "", codes.PermissionDenied, "FORBIDDEN"},
		"public":                 {health, nil, "nobody", 0, ""},
		"public, with a bad one": {health, []string{"Bearer x"}, "nobody", 0, ""},
		"stream":                 {watch, []string{reader}, "ada", 0, ""},
		"stream, none":           {watch, nil, "", codes.Unauthenticated, "MISSING_TOKEN"},
		"stream, forbidden":      {watch, []string{stranger}, "", codes.PermissionDenied, "FORBIDDEN"},
	} {
		got, trailer, err := ask(t.Context(), connection, c.method, c.sent)
		if c.code == codes.OK {
			if err != nil || got != c.whom {
				t.Errorf("%s: %q %v", name, got, err)
			}
			continue
		}
		answer := status.Convert(err)
		if answer.Code() != c.code || !strings.HasPrefix(answer.Message(), c.named+": ") ||
			len(trailer[bearerdgrpc.CodeTrailer]) != 1 || trailer[bearerdgrpc.CodeTrailer][0] != c.named {
			t.Errorf("%s: %q %v %v", name, got, err, trailer)
		}
	}
}

func TestWhatIsNoMethod(t *testing.T) {
	auth := newAuth(t, newVerifier(t))
	for name, option := range map[string]bearerdgrpc.Option{
		"nil": nil, "empty": bearerdgrpc.Public(""), "no slash": bearerdgrpc.Public("a.B/C"), "service": bearerdgrpc.Public("/a.B/"),
		"pattern": bearerdgrpc.Public("/a.B/*"), "longer": bearerdgrpc.Public("/a.B/C/D"),
		"twice": bearerdgrpc.Public(get, get), "no auth": bearerdgrpc.Guarded(nil, get),
	} {
		if _, err := bearerdgrpc.New(auth, option); err == nil {
			t.Errorf("%s: is accepted", name)
		}
	}
	if _, err := bearerdgrpc.New(nil); err == nil {
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
	if _, err := bearerdgrpc.New(byRoutes); err == nil {
		t.Error("routes have no say about methods")
	}
	if _, err := bearerdgrpc.New(auth, bearerdgrpc.Guarded(byRoutes, get)); err == nil {
		t.Error("routes have no say about one method")
	}
}
