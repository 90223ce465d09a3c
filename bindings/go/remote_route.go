package bearerd

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// What the sidecar takes as the route of a request.
type routeQuestion struct {
	Method string `json:"method,omitempty"`
	Target string `json:"target"`
}

func (r *remote) route(string, string) (Route, error) {
	return Route{}, errNotOffered("a route by itself; see Auth.AuthenticateRoute")
}

// A sidecar is not asked before there is a request.
func (r *remote) checkRoutes() error { return nil }

func (r *remote) verifyRoute(ctx context.Context, request *routed, q *query) (*Claims, bool, error) {
	asked, err := q.question()
	if err != nil {
		return nil, false, err
	}
	asked.Route = &routeQuestion{request.method, request.target}
	sent, wrong := sentOn(request.headers)
	if wrong == nil {
		wrong = request.unclear
	}
	if wrong == nil {
		claims, public, err := r.askRoute(ctx, asked, sent)
		if !errors.Is(err, errHeadTooLarge) {
			return claims, public, err
		}
		wrong = err
	}
	// What is wrong with the headers stands in no public request's way, and hides no refusal: so the
	// route is asked without them.
	_, public, without := r.askRoute(ctx, asked, nil)
	if public || !errors.Is(without, ErrMissingToken) {
		return nil, public, without
	}
	return nil, false, wrong
}

func (r *remote) askRoute(ctx context.Context, asked question, header http.Header) (*Claims, bool, error) {
	text, err := r.askVerify(ctx, asked, header)
	if err != nil {
		return nil, false, err
	}
	var answer struct {
		accepted
		Public bool `json:"public"`
	}
	if json.Unmarshal(text, &answer) != nil || answer.Public && answer.Claims != nil {
		return nil, false, errShape()
	}
	if answer.Public {
		return nil, true, nil
	}
	claims, err := answer.read()
	return claims, false, err
}
