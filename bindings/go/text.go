package bearerd

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// A document from what a caller gives: text as it is, anything else as its JSON.
func document(v any, what string) (string, error) {
	switch given := v.(type) {
	case nil:
		return "", ErrValidation.because(what + " is nil")
	case string:
		return filledText(given, what)
	case []byte:
		return filledText(string(given), what)
	case json.RawMessage:
		return filledText(string(given), what)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		// The error may quote what could not be written.
		return "", ErrValidation.because(what + " cannot be written as JSON")
	}
	// encoding/json writes U+FFFD for bytes that are not UTF-8, and as an escape only then. A
	// secret made of raw bytes would silently become one that can be guessed.
	if hasReplacement(text.String()) {
		return "", ErrValidation.because(what + " holds text that is not UTF-8; write bytes as base64 or hexadecimal")
	}
	return text.String(), nil
}

// Empty text is a variable that nobody filled in, and would ask for less than was meant.
func filledText(text, what string) (string, error) {
	if text == "" {
		return "", ErrValidation.because(what + " is empty")
	}
	return checkedText(text, what)
}

func checkedText(text, what string) (string, error) {
	if !utf8.ValidString(text) {
		return "", ErrValidation.because(what + " is not UTF-8")
	}
	return text, nil
}

func hasReplacement(text string) bool {
	for {
		_, escape, found := strings.Cut(text, `\`)
		if !found || escape == "" {
			return false
		}
		if strings.HasPrefix(escape, "ufffd") {
			return true
		}
		text = escape[1:] // an escaped backslash escapes nothing after it
	}
}
