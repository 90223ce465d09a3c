package bearerd

import "context"

type claimsKey struct{}

// ClaimsFrom is the claims of the request's token, where the request came through the middleware
// or an interceptor. It reports false on public methods and outside of requests.
func ClaimsFrom(ctx context.Context) (*Claims, bool) {
	claims, ok := ctx.Value(claimsKey{}).(*Claims)
	return claims, ok
}

// ContextWithClaims is for middleware of other frameworks.
func ContextWithClaims(ctx context.Context, claims *Claims) context.Context {
	return context.WithValue(ctx, claimsKey{}, claims)
}
