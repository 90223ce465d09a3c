package bearerd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// More than any answer: a batch is at most a megabyte of tokens and answers with their claims.
const mostAnswer = 16 << 20

type asking struct {
	method, path string
	body         any
	header       http.Header
	control      bool
	// May be sent again where a kept connection turns out to be closed.
	repeatable bool
}

// ask makes one request and returns the body of a 200. Everything else is an error, and none of
// them holds what was sent.
func (r *remote) ask(ctx context.Context, e *endpoint, a asking) ([]byte, error) {
	if r.closed.Load() {
		return nil, errClosed()
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	request, err := r.request(ctx, e, a)
	if err != nil {
		return nil, err
	}
	response, err := e.client.Do(request)
	if err != nil {
		return nil, e.unreachable(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer+1))
	if err != nil {
		return nil, e.unreachable(err)
	}
	if len(text) > mostAnswer {
		return nil, ErrInternal.because("the sidecar's answer is too long")
	}
	if response.StatusCode != http.StatusOK {
		return nil, refusal(response.StatusCode, text)
	}
	return text, nil
}

func (r *remote) request(ctx context.Context, e *endpoint, a asking) (*http.Request, error) {
	var body io.Reader
	if a.body != nil {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if encoder.Encode(a.body) != nil {
			return nil, ErrValidation.because("the request cannot be written as JSON")
		}
		body = &text
	}
	request, err := http.NewRequestWithContext(ctx, a.method, e.base+a.path, body)
	if err != nil {
		return nil, ErrInternal.because("the request cannot be made")
	}
	if a.header != nil {
		request.Header = a.header
	}
	request.Header.Set("User-Agent", "bearerd-go")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if a.control && r.token != "" {
		request.Header.Set("Authorization", "Bearer "+r.token)
	}
	if a.repeatable {
		// An empty list marks the request as repeatable and is not sent.
		request.Header["Idempotency-Key"] = nil
	}
	return request, nil
}

func (r *remote) askControl(ctx context.Context, path string, body any, repeatable bool) ([]byte, error) {
	if r.control == nil {
		return nil, ErrValidation.because("no control plane was given; dial with bearerd.Control(address)")
	}
	return r.ask(ctx, r.control, asking{
		method: http.MethodPost, path: path, body: body, control: true, repeatable: repeatable,
	})
}

// The cause is kept for errors.Is, so that a context's end can be told from a socket's error.
func (e *endpoint) unreachable(cause error) *Error {
	return ErrStoreUnavailable.because("the sidecar at " + e.address + " does not answer").causedBy(cause)
}

var errHeadTooLarge = errors.New("the sidecar does not read as many headers")

func refusal(status int, body []byte) *Error {
	var answer struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(body, &answer)
	row, known := byName[answer.Code]
	switch {
	case !known && status == http.StatusNotFound:
		return ErrInternal.because("the sidecar has no such route; is the address the right plane's?")
	case !known && status == http.StatusRequestHeaderFieldsTooLarge:
		return ErrMalformed.causedBy(errHeadTooLarge)
	case !known:
		return ErrInternal.because("the sidecar answered with HTTP status " + strconv.Itoa(status))
	case answer.Message == row.Message:
		return row.because("")
	default:
		return row.because(answer.Message)
	}
}

// A token that is too long for a request is too long for any profile.
func tooLongIsMalformed(err error) error {
	if errors.Is(err, ErrTooLarge) {
		return ErrMalformed.because("")
	}
	return err
}
