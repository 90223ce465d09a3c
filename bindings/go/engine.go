package bearerd

import "context"

// What answers: the library in this process, or a sidecar. Texts are checked to be UTF-8 before
// they get here; tokens are not.
type engine interface {
	verifyMany(ctx context.Context, tokens []string, q *query) ([]Result, error)
	verifyHeaders(ctx context.Context, headers map[string][]string, q *query) (*Claims, error)
	verifyRoute(ctx context.Context, r *routed, q *query) (claims *Claims, public bool, err error)
	route(method, target string) (Route, error)
	checkRoutes() error
	explain(ctx context.Context, token string, q *query) (*Explanation, error)
	findGuard(guard *Guard) error

	sign(ctx context.Context, claims string, o SignOptions) (Signed, error)
	signPair(ctx context.Context, claims string, o SignOptions) (*Pair, error)
	rotate(ctx context.Context, refresh string, o rotation) (*Pair, error)
	revoke(ctx context.Context, what revokes, text string, q *query) error
	give(ctx context.Context, o *order) (string, error)

	replaceKeys(ctx context.Context, jwks string, q *query) error
	reloadKeys(ctx context.Context) error
	jwks(ctx context.Context) (string, error)
	describe(ctx context.Context) (*Description, error)
	stats(ctx context.Context, q *query) (Stats, error)

	close() error
}

// A refresh token's rotation, with its documents already written.
type rotation struct{ profile, ttl, set, remove string }

type revokes string

const (
	revokesToken   revokes = "token"
	revokesHandle  revokes = "handle"
	revokesFamily  revokes = "family"
	revokesSubject revokes = "subject"
)
