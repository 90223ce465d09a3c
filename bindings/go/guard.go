package bearerd

import "encoding/json"

// A Guard is a rule over verified claims and the request. It is compiled once and never changes;
// any number of goroutines and verifiers may use it.
type Guard struct {
	// The rule's JSON, or the name of a configured guard.
	rule, name string
	compiled   compiledGuard
	// Whose configuration the name is from; a name means nothing to another verifier.
	owner *Verifier
}

// NewGuard compiles a rule: a [Rule], or JSON text, or anything that marshals to it.
//
// Without cgo there is no compiler in the process: the rule is checked by the sidecar, on first use.
func NewGuard(rule any) (*Guard, error) {
	text, err := document(rule, "guard")
	if err != nil {
		return nil, err
	}
	guard := &Guard{rule: text}
	if err := guard.compile(); err != nil {
		return nil, err
	}
	return guard, nil
}

// Guard is the guard of that name in the configuration, for [WithGuard].
//
// A sidecar is not asked here: a name that it does not have is a VALIDATION_ERROR on first use.
func (v *Verifier) Guard(name string) (*Guard, error) {
	if _, err := checkedText(name, "guard"); err != nil {
		return nil, err
	}
	if name == "" {
		return nil, ErrValidation.because("guard has no name")
	}
	guard := &Guard{name: name, owner: v}
	if err := v.engine.findGuard(guard); err != nil {
		return nil, err
	}
	return guard, nil
}

func (g *Guard) usableBy(v *Verifier) error {
	if g.owner != nil && g.owner != v {
		return ErrValidation.because("guard is another verifier's; names belong to one configuration")
	}
	return nil
}

// plausible is as much of compiling as can be done without a compiler.
func (g *Guard) plausible() error {
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(g.rule), &members) != nil || len(members) == 0 {
		return ErrValidation.because("guard is not a JSON object with members")
	}
	return nil
}
