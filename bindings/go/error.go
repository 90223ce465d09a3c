package bearerd

import (
	"errors"
	"net/http"
)

// An Error is a refusal of a token, or a fault in the configuration, the request or the library.
//
// It never holds a token, a secret or the value of a claim, so it may be logged as it is. What a
// client is told should be Code and Message alone; Detail is for operators.
type Error struct {
	// Code is the name in the table of codes, such as "EXPIRED".
	Code string
	// Number is the row in the table of codes, such as 500.
	Number uint32
	// Status is the HTTP status that belongs to the code, or 0 where none does.
	Status int
	// Message is the table's one sentence for the code.
	Message string
	// Detail says which claim, guard, file or key it was, where that is known.
	Detail string

	cause error
}

// Error is "bearerd: EXPIRED: The token has expired." with the detail behind it.
func (e *Error) Error() string {
	text := "bearerd: " + e.Code + ": " + e.Message
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	return text
}

// Is reports whether target has the same code, whatever the details: errors.Is(err, ErrExpired).
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Number == e.Number
}

// Unwrap is what caused a fault, such as a socket's error or a context's.
func (e *Error) Unwrap() error { return e.cause }

// The rows of the table are shared and their fields can be written to, so what is handed out is
// always a copy.
func (e *Error) because(detail string) *Error {
	copied := *e
	copied.Detail = detail
	return &copied
}

func (e *Error) causedBy(cause error) *Error {
	copied := *e
	copied.cause = cause
	return &copied
}

// StatusOf is the HTTP status to answer with: that of the code, 200 for nil, and 500 for errors
// that are not bearerd's or whose code has no status.
func StatusOf(err error) int {
	if err == nil {
		return http.StatusOK
	}
	var coded *Error
	if errors.As(err, &coded) {
		return statusOf(coded)
	}
	return http.StatusInternalServerError
}

// ErrClosed is returned by every call on a [Verifier] after its Close. Its code is INVALID_HANDLE.
var ErrClosed = ErrInvalidHandle.because("the verifier is closed")

func errClosed() error { return ErrClosed.because(ErrClosed.Detail) }
