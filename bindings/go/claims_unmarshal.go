package bearerd

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode"
)

// Unmarshal decodes the claims into a value of the caller's own, as encoding/json does.
//
// encoding/json does not tell "role" from "Role": it takes either for the other, and the last of
// the two wins. A token in which two claims differ only in case is therefore refused here with
// [ErrWrongClaimType]; String, Int64, Bool and Get compare names exactly and still read it.
func (c *Claims) Unmarshal(v any) error {
	if c.indexed().ambiguous() {
		return ErrWrongClaimType.because("two claims differ only in case, which encoding/json cannot tell apart; " +
			"read them by name")
	}
	err := json.Unmarshal([]byte(c.json), v)
	if err == nil {
		return nil
	}
	// The error itself is not passed on: it may quote the value that did not fit.
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) && mismatch.Type != nil {
		return ErrWrongClaimType.because("field " + mismatch.Field + " of type " + mismatch.Type.String())
	}
	return ErrWrongClaimType.because("the claims do not fit the value to be filled")
}

func (x *claimIndex) ambiguous() bool {
	seen := make(map[string]struct{}, len(x.members))
	for i := range x.members {
		seen[strings.Map(foldRune, x.members[i].name)] = struct{}{}
	}
	return len(seen) < len(x.members)
}

// The least of the runes that are equal but for case.
func foldRune(r rune) rune {
	for {
		next := unicode.SimpleFold(r)
		if next <= r {
			return next
		}
		r = next
	}
}
