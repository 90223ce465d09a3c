package bearerd

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// One file of cases for every language: the same code, and the same claims, for each step.
type sharedCases struct {
	Configurations map[string]json.RawMessage
	Cases          []struct {
		Name, Configuration string
		// Whether the case can be told over HTTP; here, the token is never sent as a header.
		HTTP *bool
		Why  string
		// Those with state are not read here yet.
		State bool
		Steps []json.RawMessage
	}
}

type sharedStep struct {
	Verify, Authorization *sharedQuestion
	Revoke                *struct {
		Handle, Subject, Token *string
		IssuedBefore           *int64 `json:"issued_before"`
	}
	Code   string
	Claims json.RawMessage
	// Not read here yet.
	Context json.RawMessage
}

type sharedQuestion struct {
	Token, Value              string
	Profile, Audience, Device *string
	Guard                     json.RawMessage
}

func TestSharedCases(t *testing.T) {
	var shared sharedCases
	strictly(t, repository(t, "tests/vectors/cases.json"), &shared)
	if len(shared.Cases) == 0 {
		t.Fatal("no cases")
	}
	for _, c := range shared.Cases {
		if c.State {
			continue
		}
		steps := make([]sharedStep, len(c.Steps))
		for i, text := range c.Steps {
			strictly(t, string(text), &steps[i])
		}
		var document map[string]any
		if err := json.Unmarshal(shared.Configurations[c.Configuration], &document); err != nil {
			t.Fatal(c.Name, err)
		}
		t.Run(c.Name, func(t *testing.T) {
			eachWay(t, document, func(t *testing.T, w world) {
				for i, step := range steps {
					claims, err := step.run(t, w)
					if codeOf(err) != step.Code {
						t.Errorf("step %d: %v, want %s", i, err, step.Code)
					}
					if step.Claims != nil && claims != nil {
						if got, want := loose(t, claims.JSON()), loose(t, string(step.Claims)); !reflect.DeepEqual(got, want) {
							t.Errorf("step %d: %v, want %v", i, got, want)
						}
					}
				}
			})
		})
	}
}

func strictly(t *testing.T, text string, into any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatal(err)
	}
}

func (s *sharedStep) run(t *testing.T, w world) (*Claims, error) {
	switch {
	case s.Verify != nil:
		options, err := s.Verify.options(t, w)
		if err != nil {
			return nil, err
		}
		return w.Verify(s.Verify.Token, options...)
	case s.Authorization != nil:
		options, err := s.Authorization.options(t, w)
		if err != nil {
			return nil, err
		}
		return w.VerifyAuthorization(s.Authorization.Value, options...)
	case s.Revoke != nil:
		ctx := context.Background()
		switch {
		case s.Revoke.Handle != nil:
			return nil, w.RevokeHandle(ctx, *s.Revoke.Handle)
		case s.Revoke.Token != nil:
			return nil, w.RevokeToken(ctx, *s.Revoke.Token)
		case s.Revoke.Subject != nil && s.Revoke.IssuedBefore != nil:
			return nil, w.RevokeSubject(ctx, *s.Revoke.Subject, IssuedBefore(time.Unix(*s.Revoke.IssuedBefore, 0)))
		case s.Revoke.Subject != nil:
			return nil, w.RevokeSubject(ctx, *s.Revoke.Subject)
		}
	}
	t.Fatalf("a step of an unknown kind: %+v", s)
	return nil, nil
}

func (q *sharedQuestion) options(t *testing.T, w world) ([]Option, error) {
	var options []Option
	if q.Profile != nil {
		options = append(options, WithProfile(*q.Profile))
	}
	if q.Audience != nil {
		options = append(options, WithAudience(*q.Audience))
	}
	if q.Device != nil {
		options = append(options, WithDevice(*q.Device))
	}
	if q.Guard != nil {
		var name string
		guard, err := (*Guard)(nil), error(nil)
		if json.Unmarshal(q.Guard, &name) == nil {
			guard, err = w.Guard(name)
		} else {
			guard, err = NewGuard(q.Guard)
		}
		if err != nil {
			return nil, err
		}
		options = append(options, WithGuard(guard))
	}
	return options, nil
}

func loose(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
