// Package bearerd verifies bearer tokens at the speed of a memory lookup, without the holes that
// cached verification usually has.
//
// A [Verifier] holds every profile, key and guard of one configuration. [New], [FromFile] and
// [FromEnv] verify in this process, through libbearerd; [Dial] asks a bearerd sidecar over its unix
// socket instead. Both give the same answer, with the same code, to the same token, and both are
// the same type, so only the line that makes the verifier differs.
//
//	v, err := bearerd.New(config)
//	claims, err := v.Verify(token)
//	if errors.Is(err, bearerd.ErrExpired) { … }
//
// What is kept of a token that was seen before is its claims, never the verdict: time, issuer,
// audience, kind, revocation and guards are evaluated on every call.
//
// # Without cgo
//
// Built with CGO_ENABLED=0 the package has the same API, but no library in it: New, FromFile and
// FromEnv return an error that says so, and Dial works. Nothing is cached on this side of the
// socket, so a revocation holds on the very next call.
//
// # Errors
//
// Every error that a token or the configuration causes is an [*Error], with the code, number and
// HTTP status of the one table that all of bearerd shares. Compare with [errors.Is] and the Err…
// variables, or ask [StatusOf].
//
// # Goroutines
//
// Verifier, Claims, Guard and Auth may be used by any number of goroutines at once. Claims are
// immutable, and one *Claims serves every request that presents the same token.
package bearerd
