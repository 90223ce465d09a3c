package bearerd

import (
	"context"
	"strings"
)

// A Verifier verifies tokens under all profiles, keys and guards of one configuration. Any number
// of goroutines may use it at once. Make one with [New], [FromFile], [FromEnv] or [Dial].
type Verifier struct {
	engine engine
	// The engine, where it is the library: called without an interface in between, so that
	// nothing of a verification leaves the stack.
	library *library
	remote  *remote
}

// New is a verifier in this process, from a configuration in the sidecar's schema: TOML or JSON
// text (string, []byte), or a map or struct that marshals to the JSON. BEARERD_* variables do not
// apply to it.
func New(config any) (*Verifier, error) {
	text, err := document(config, "configuration")
	if err != nil {
		return nil, err
	}
	return inProcess(openText(text))
}

// FromFile is [New] from a file. BEARERD_* variables override single keys of it.
func FromFile(path string) (*Verifier, error) {
	if _, err := checkedText(path, "path"); err != nil {
		return nil, err
	}
	return inProcess(openFile(path))
}

// FromEnv is [New] from the file that BEARERD_CONFIG names, else from the JWT_* variables.
func FromEnv() (*Verifier, error) { return inProcess(openEnvironment()) }

func inProcess(l *library, err error) (*Verifier, error) {
	if err != nil {
		return nil, err
	}
	return &Verifier{engine: l, library: l}, nil
}

// Close waits for the calls in flight and frees what the verifier holds. Every call after it
// returns [ErrClosed]; claims that were returned before stay valid. A second Close returns
// ErrClosed, too. A verifier that is forgotten without Close is freed by the collector.
func (v *Verifier) Close() error { return v.engine.close() }

// Verify is the claims of a token that is accepted, or the [*Error] that says why it is not.
//
// A token seen before costs one call of the library and no allocation. With a verifier from [Dial]
// it is one request, under that verifier's timeout.
func (v *Verifier) Verify(token string, options ...Option) (*Claims, error) {
	return v.VerifyContext(context.Background(), token, options...)
}

// VerifyContext is [Verifier.Verify] under a context. Verification in this process waits for nothing
// but the store of a session or a personal access token that memory does not know, under that store's
// own deadline; the context is not looked at there.
func (v *Verifier) VerifyContext(ctx context.Context, token string, options ...Option) (*Claims, error) {
	var q query
	if len(options) > 0 {
		if err := q.forVerify(v, options); err != nil {
			return nil, err
		}
	}
	if v.library != nil {
		return v.library.verify(token, &q)
	}
	return v.askSidecar(ctx, token, q)
}

// Takes a copy, so that the query of a verification in this process stays on the stack.
func (v *Verifier) askSidecar(ctx context.Context, token string, q query) (*Claims, error) {
	return v.remote.verify(ctx, token, &q)
}

// VerifyAuthorization is Verify of the value of an Authorization header: "Bearer", in any case, one
// blank, and the token. An empty value and other schemes are MISSING_TOKEN.
//
// Use it where there is one such header for certain. HTTP servers let a request repeat a header,
// and their Get hides the second; [Verifier.VerifyHeaders] and the middleware see both.
func (v *Verifier) VerifyAuthorization(value string, options ...Option) (*Claims, error) {
	return v.VerifyAuthorizationContext(context.Background(), value, options...)
}

// VerifyAuthorizationContext is [Verifier.VerifyAuthorization] under a context.
func (v *Verifier) VerifyAuthorizationContext(ctx context.Context, value string, options ...Option) (*Claims, error) {
	token, err := bearerToken(value)
	if err != nil {
		return nil, err
	}
	return v.VerifyContext(ctx, token, options...)
}

func bearerToken(value string) (string, error) {
	const scheme = "bearer"
	if len(value) < len(scheme) || !strings.EqualFold(value[:len(scheme)], scheme) {
		return "", ErrMissingToken.because("")
	}
	switch rest := value[len(scheme):]; {
	case rest == "" || rest == " ":
		return "", ErrMissingToken.because("")
	case rest[0] == ' ':
		return rest[1:], nil
	case rest[0] == '\t':
		return "", ErrMalformed.because("")
	default: // a longer word: some other scheme
		return "", ErrMissingToken.because("")
	}
}

// VerifyHeaders finds the token where the profile looks for it and verifies it. The headers are an
// [net/http.Header] or gRPC metadata, with every repeat; two tokens that differ, and two
// Authorization headers, are MALFORMED.
func (v *Verifier) VerifyHeaders(ctx context.Context, headers map[string][]string, options ...Option) (*Claims, error) {
	var q query
	if err := q.forVerify(v, options); err != nil {
		return nil, err
	}
	return v.engine.verifyHeaders(ctx, headers, &q)
}

// A Result is one token's of [Verifier.VerifyMany]: either Claims or Err.
type Result struct {
	Claims *Claims
	Err    error
}

// VerifyMany verifies tokens in one call: one result each, in their order. The error is about the
// call; what a token is refused for is in its result.
func (v *Verifier) VerifyMany(tokens []string, options ...Option) ([]Result, error) {
	return v.VerifyManyContext(context.Background(), tokens, options...)
}

// VerifyManyContext is [Verifier.VerifyMany] under a context.
func (v *Verifier) VerifyManyContext(ctx context.Context, tokens []string, options ...Option) ([]Result, error) {
	var q query
	if err := q.forVerify(v, options); err != nil {
		return nil, err
	}
	return v.engine.verifyMany(ctx, tokens, &q)
}

func (q *query) forVerify(v *Verifier, options []Option) error {
	if err := q.read(options, forVerify, "verification"); err != nil {
		return err
	}
	if q.guard != nil {
		return q.guard.usableBy(v)
	}
	return nil
}
