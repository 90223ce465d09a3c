package bearerd

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// What the sidecar takes beside a token.
type question struct {
	Token    string   `json:"token,omitempty"`
	Tokens   []string `json:"tokens,omitempty"`
	Profile  string   `json:"profile,omitempty"`
	Audience string   `json:"audience,omitempty"`
	Device   string   `json:"device,omitempty"`
	Guard    any      `json:"guard,omitempty"`

	Route *routeQuestion `json:"route,omitempty"`
}

type accepted struct {
	Code      string          `json:"code"`
	Claims    json.RawMessage `json:"claims"`
	Kind      string          `json:"kind"`
	ExpiresAt *int64          `json:"expires_at"`
	Context   toldContext     `json:"context"`
}

func (q *query) question() (question, error) {
	asked := question{Profile: q.profile, Audience: q.audience, Device: q.device}
	switch guard := q.guard; {
	case guard == nil:
	case guard.name != "":
		asked.Guard = guard.name
	default:
		asked.Guard = json.RawMessage(guard.rule)
	}
	if q.kind == UnknownKind {
		return asked, nil
	}
	// The sidecar expects the kind that the guard names.
	if q.kind == AnyKind {
		return asked, errNotOffered("WithKind(AnyKind)")
	}
	kind := map[string]any{"token": q.kind.String()}
	switch rule := asked.Guard.(type) {
	case nil:
		asked.Guard = kind
	case json.RawMessage:
		asked.Guard = map[string]any{"all": []any{kind, rule}}
	default:
		return asked, errNotOffered("WithKind beside a guard by name; let the guard name the kind")
	}
	return asked, nil
}

func (r *remote) verify(ctx context.Context, token string, q *query) (*Claims, error) {
	asked, err := q.question()
	if err != nil {
		return nil, err
	}
	if !visible(token) {
		return nil, ErrMalformed.because("")
	}
	asked.Token = token
	return r.verified(ctx, asked, nil)
}

func (r *remote) verified(ctx context.Context, asked question, header http.Header) (*Claims, error) {
	text, err := r.askVerify(ctx, asked, header)
	if err != nil {
		return nil, tooLongIsMalformed(err)
	}
	var answer accepted
	if json.Unmarshal(text, &answer) != nil {
		return nil, errShape()
	}
	return answer.read()
}

func (r *remote) askVerify(ctx context.Context, asked question, header http.Header) ([]byte, error) {
	return r.ask(ctx, r.data, asking{
		method: http.MethodPost, path: "/v1/verify", body: asked, header: header, repeatable: true,
	})
}

// encoding/json would replace what is not UTF-8, and two tokens would look like one; a token that
// could be verified is visible ASCII.
func visible(token string) bool {
	for i := range len(token) {
		if token[i] <= ' ' || token[i] > '~' {
			return false
		}
	}
	return token != ""
}

func (a *accepted) read() (*Claims, error) {
	if len(a.Claims) == 0 || a.Claims[0] != '{' {
		return nil, errShape()
	}
	claims := &Claims{json: string(a.Claims), kind: kindNamed(a.Kind), expiresAt: noExpiry, issuedAt: noIssuedAt}
	if a.ExpiresAt != nil {
		claims.expiresAt = *a.ExpiresAt
	}
	if member := claims.indexed().find("sub"); member != nil {
		claims.subject = member.text
		if _, err := strconv.ParseFloat(member.raw, 64); err == nil {
			claims.subject = member.raw // a number, in its own digits
		}
	}
	if member := claims.indexed().find("iat"); member != nil {
		if seconds, err := strconv.ParseFloat(member.raw, 64); err == nil && math.Abs(seconds) < 1<<53 {
			claims.issuedAt = int64(math.Floor(seconds))
		}
	}
	if a.Context != (toldContext{}) {
		claims.beside = &toldBeside{a.Context, claims.subject}
	}
	return claims, nil
}

// verifyHeaders sends the headers on and lets the sidecar find the token, as its profile says.
func (r *remote) verifyHeaders(ctx context.Context, headers map[string][]string, q *query) (*Claims, error) {
	asked, err := q.question()
	if err != nil {
		return nil, err
	}
	sent, err := sentOn(headers)
	if err != nil {
		return nil, err
	}
	return r.verified(ctx, asked, sent)
}

func sentOn(headers map[string][]string) (http.Header, error) {
	sent := make(http.Header, len(headers)+2)
	for name, values := range headers {
		if !passedOn(name) {
			continue
		}
		for _, value := range values {
			if strings.ContainsFunc(value, isControl) {
				return nil, ErrMalformed.because("")
			}
			sent.Add(name, value) // two spellings of one name become two values of it
		}
	}
	return sent, nil
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// Headers that belong to the connection to the client, not to its token, and those by which the
// sidecar takes orders.
func passedOn(name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect",
		"content-length", "content-type", "content-encoding", "accept-encoding", "origin", "user-agent",
		"idempotency-key", "x-idempotency-key":
		return false
	}
	for _, prefix := range []string{":", "sec-", "access-control-", "proxy-", "x-bearerd-", "if-", "grpc-"} {
		if strings.HasPrefix(lower, prefix) {
			return false
		}
	}
	return lower != "" && !strings.HasSuffix(lower, "-bin") && !strings.ContainsFunc(lower, isNoNameRune)
}

// RFC 9110 §5.6.2, of what is left of it in lower case.
func isNoNameRune(r rune) bool {
	return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
}

// Small enough for the sidecar's limits on a batch and on a body, as they are by default.
const (
	mostTokens     = 256
	mostTokenBytes = 512 << 10
)

func (r *remote) verifyMany(ctx context.Context, tokens []string, q *query) ([]Result, error) {
	asked, err := q.question()
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(tokens))
	var places []int
	size := 0
	for i, token := range tokens {
		if !visible(token) {
			results[i].Err = ErrMalformed.because("")
			continue
		}
		if len(places) == mostTokens || len(places) > 0 && size+len(token) > mostTokenBytes {
			if err := r.verifyBatch(ctx, asked, places, results); err != nil {
				return nil, err
			}
			asked.Tokens, places, size = nil, nil, 0
		}
		asked.Tokens, places, size = append(asked.Tokens, token), append(places, i), size+len(token)
	}
	if len(places) > 0 {
		if err := r.verifyBatch(ctx, asked, places, results); err != nil {
			return nil, err
		}
	}
	return results, nil
}

func (r *remote) verifyBatch(ctx context.Context, asked question, places []int, results []Result) error {
	text, err := r.ask(ctx, r.data, asking{
		method: http.MethodPost, path: "/v1/verify/batch", body: asked, repeatable: true,
	})
	if errors.Is(err, ErrTooLarge) && len(places) == 1 {
		results[places[0]].Err = tooLongIsMalformed(err)
		return nil
	}
	if err != nil {
		return err
	}
	var answer struct {
		Results []accepted `json:"results"`
	}
	if json.Unmarshal(text, &answer) != nil || len(answer.Results) != len(places) {
		return errShape()
	}
	for i := range answer.Results {
		one, result := &answer.Results[i], &results[places[i]]
		if one.Code == "OK" {
			result.Claims, result.Err = one.read()
		} else if row, known := byName[one.Code]; known {
			result.Err = row.because("")
		} else {
			result.Err = unknownCode("")
		}
	}
	return nil
}
