package bearerd

import (
	"encoding/json"
	"errors"
	"net/http"
)

type errorHandler func(http.ResponseWriter, *http.Request, error)

// OnError answers refused requests in place of [WriteError], or logs them before it calls that.
func OnError(handler func(http.ResponseWriter, *http.Request, error)) AuthOption {
	return authOption(func(p *authPlan) error {
		if handler == nil {
			return ErrValidation.because("error handler is nil")
		}
		p.onError = handler
		return nil
	})
}

// RequireAuth is middleware that lets requests with an acceptable token through, with the claims in
// their context, and answers the others as the sidecar does.
//
//	mux.Handle("GET /orders", bearerd.RequireAuth(v, bearerd.RequireScopes("read:orders"))(orders))
//
// It panics where the options cannot be compiled, as [net/http.ServeMux] does with bad patterns; use
// [NewAuth] for an error.
func RequireAuth(v *Verifier, options ...AuthOption) func(http.Handler) http.Handler {
	auth, err := NewAuth(v, options...)
	if err != nil {
		panic(err)
	}
	return auth.Handler
}

// Handler lets requests with an acceptable token through to next, and with [Routes] public ones, whose
// context has no claims.
func (a *Auth) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, err := a.authenticateRequest(r)
		if err != nil {
			a.onError(w, r, err)
			return
		}
		if ctx != r.Context() {
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
}

func refuseHTTP(w http.ResponseWriter, _ *http.Request, err error) { WriteError(w, err) }

// WriteError answers with an error as the sidecar does: its status, the challenge of RFC 6750, and
// a JSON body of code, message and status. The client is not told the detail.
func WriteError(w http.ResponseWriter, err error) {
	coded := ErrInternal
	errors.As(err, &coded)
	row, known := byNumber[coded.Number]
	if !known {
		row = ErrInternal
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	if challenge := Challenge(row); challenge != "" {
		header.Set("WWW-Authenticate", challenge)
	}
	w.WriteHeader(statusOf(row))
	// A client that is gone is no error of ours.
	_ = json.NewEncoder(w).Encode(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Status  int    `json:"status"`
	}{row.Code, row.Message, statusOf(row)})
}

// Challenge is the value of WWW-Authenticate that belongs to an error (RFC 6750 §3), or empty.
func Challenge(err error) string {
	var coded *Error
	if !errors.As(err, &coded) {
		return ""
	}
	var kind string
	switch coded.Number {
	case ErrMissingToken.Number, ErrUnauthorized.Number:
		return "Bearer"
	case ErrForbidden.Number, ErrDeviceMismatch.Number, ErrWrongTokenKind.Number:
		kind = "insufficient_scope"
	default:
		if coded.Status != http.StatusUnauthorized {
			return ""
		}
		kind = "invalid_token"
	}
	return `Bearer error="` + kind + `", error_description="` + coded.Message + `"`
}
