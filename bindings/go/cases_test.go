package bearerd

import (
	"encoding/json"
	"strings"
	"testing"
)

// One file of cases for every language: the same code, and the same claims, for each step.
type sharedCases struct {
	Configurations map[string]json.RawMessage
	Cases          []sharedCase
}

type sharedCase struct {
	Name, Configuration string
	// Whether the case can be told over HTTP; here, the token is never sent as a header.
	HTTP *bool
	Why  string
	// Whether tokens arise while the case runs. It makes no difference here: each gets a verifier of
	// its own.
	State bool
	Steps []json.RawMessage
}

func TestSharedCases(t *testing.T) {
	var shared sharedCases
	strictly(t, repository(t, "tests/vectors/cases.json"), &shared)
	ran, stateful, contexts := map[string]int{}, map[string]int{}, map[string]int{}
	for _, c := range shared.Cases {
		var document map[string]any
		if err := json.Unmarshal(shared.Configurations[c.Configuration], &document); err != nil {
			t.Fatal(c.Name, err)
		}
		t.Run(c.Name, func(t *testing.T) {
			eachWay(t, document, func(t *testing.T, w world) {
				if len(c.Steps) == 0 {
					t.Error("no steps")
				}
				contexts[w.way] += c.replay(t, w)
				ran[w.way]++
				if c.State {
					stateful[w.way]++
				}
			})
		})
	}
	ways := []string{"sidecar"}
	if hasLibrary {
		ways = append(ways, "library")
	}
	for _, way := range ways {
		t.Logf("%s: %d cases, %d of them with state, %d contexts", way, ran[way], stateful[way], contexts[way])
		if ran[way] == 0 || ran[way] != len(shared.Cases) || stateful[way] == 0 || contexts[way] == 0 {
			t.Errorf("%s: not all of %d cases ran", way, len(shared.Cases))
		}
	}
}

// replay says how many contexts it has compared.
func (c *sharedCase) replay(t *testing.T, w world) (contexts int) {
	kept := sharedTexts{}
	for i, text := range c.Steps {
		var step sharedStep
		strictly(t, kept.fill(t, string(text)), &step)
		// Once by the signature, and once by the cache. What changes something is done once.
		times := 1
		if step.Verify != nil || step.Authorization != nil {
			times = 2
		}
		for range times {
			answer, err := step.run(t, w)
			if codeOf(err) != step.Code {
				t.Errorf("step %d: %v, want %s", i, err, step.Code)
			} else if err == nil {
				contexts += step.judge(t, i, answer)
				kept.keep(t, step.As, answer.texts)
			}
		}
	}
	return contexts
}

func (s *sharedStep) judge(t *testing.T, at int, answer sharedAnswer) (contexts int) {
	differ := func(what string, got, want any) {
		t.Errorf("step %d: %s: %v, want %v", at, what, got, want)
	}
	if s.Count != nil && (answer.count == nil || *answer.count != *s.Count) {
		differ("count", answer.count, *s.Count)
	}
	if s.Claims == nil && s.ClaimsHave == nil && s.Context == nil {
		return 0
	}
	claims := loose(t, answer.claims.JSON())
	if s.Claims != nil {
		if want := loose(t, string(s.Claims)); !agree(claims, want) {
			differ("claims", claims, want)
		}
	}
	if s.ClaimsHave != nil {
		want := loose(t, string(s.ClaimsHave)).(map[string]any)
		for name := range want {
			got, there := claims.(map[string]any)[name]
			if !there || !agree(got, want[name]) {
				differ("claim "+name, got, want[name])
			}
		}
	}
	if s.Context != nil {
		if got, want := contextOf(t, answer.claims), loose(t, string(s.Context)); !agree(got, want) {
			differ("context", got, want)
		}
		return 1
	}
	return 0
}

// What the claims come with, written as the sidecar writes it.
func contextOf(t *testing.T, claims *Claims) any {
	t.Helper()
	context := map[string]any{}
	if session, there := claims.Session(); there {
		context["session"] = map[string]any{
			"id": session.ID, "attributes": json.RawMessage(session.Attributes), "expires_at": session.ExpiresAt.Unix(),
		}
	}
	if permission, there := claims.Permission(); there {
		scope := any(permission.DataScope)
		if scope == DataScope("") {
			scope = nil
		}
		context["permission"] = map[string]any{"data_scope": scope, "bypass": permission.Bypass}
	}
	if len(context) == 0 {
		return nil
	}
	text, err := json.Marshal(context)
	if err != nil {
		t.Fatal(err)
	}
	return loose(t, string(text))
}

func strictly(t *testing.T, text string, into any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatal(err)
	}
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
