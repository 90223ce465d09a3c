package bearerd

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var background = context.Background()

func stateful() map[string]any {
	document := orders()
	profile := document["profiles"].(map[string]any)["api"].(map[string]any)
	profile["sessions"] = map[string]any{}
	profile["pat"] = map[string]any{"prefix": "acme_pat_"}
	return document
}

func (w world) signIn(t *testing.T, subject string, attributes string) *SignedIn {
	t.Helper()
	options := SignInOptions{Tokens: AccessAlone}
	if attributes != "" {
		options.Attributes = attributes
	}
	signedIn, err := w.SignIn(background, subject, options)
	if err != nil {
		t.Fatal(err)
	}
	return signedIn
}

func attributesOf(t *testing.T, v *Verifier, token string) string {
	t.Helper()
	claims, err := v.Verify(token)
	if err != nil {
		t.Fatal(err)
	}
	session, there := claims.Session()
	if !there {
		t.Fatal("no session")
	}
	return session.Attributes
}

// comes asks until it is so: another process takes its time.
func comes(t *testing.T, ask func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ask(); {
		if time.Now().After(end) {
			t.Fatal("it does not come")
		}
	}
}

func TestSignIn(t *testing.T) {
	eachWay(t, stateful(), func(t *testing.T, w world) {
		none, err := w.SignIn(background, "ada", SignInOptions{})
		if err != nil || len(none.ID) != 43 || none.Access != "" || none.Refresh != "" {
			t.Fatal(none, err)
		}
		access, err := w.SignIn(background, "ada", SignInOptions{
			Tokens: AccessAlone, Claims: map[string]any{"roleId": 4}, TTL: "60", Lifetime: "1h",
		})
		if err != nil || access.Refresh != "" {
			t.Fatal(err)
		}
		claims, err := w.Verify(access.Access)
		if err != nil {
			t.Fatal(err)
		}
		session, there := claims.Session()
		if !there || session.ID != access.ID || session.Subject != "ada" || session.Attributes != "{}" ||
			claims.ExpiresAt().Sub(claims.IssuedAt()) != time.Minute || !session.ExpiresAt.Equal(access.ExpiresAt) {
			t.Fatal(session, there)
		}
		pair, err := w.SignIn(background, "ada", SignInOptions{Tokens: AccessAndRefresh})
		if err != nil {
			t.Fatal(err)
		}
		next, err := w.Rotate(background, pair.Refresh, RotateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if rotated, err := w.Verify(next.Access); err != nil || rotated.textOrEmpty("sid") != pair.ID {
			t.Fatal(err)
		}
		all, err := w.ListSessions(background, "ada")
		if err != nil || len(all) != 3 || all[0].ID != none.ID || all[2].ID != pair.ID {
			t.Fatal(all, err)
		}
	})
}

func TestAChangedAttributeComesWithACachedToken(t *testing.T) {
	eachWay(t, stateful(), func(t *testing.T, w world) {
		opened := w.signIn(t, "ada", `{"position":"clerk","modules":["hr"]}`)
		before, err := w.Verify(opened.Access)
		if err != nil {
			t.Fatal(err)
		}
		session, _ := before.Session()
		var position string
		if err := session.Attribute("position", &position); err != nil || position != "clerk" {
			t.Fatal(position, err)
		}
		var number int
		wantCode(t, session.Attribute("position", &number), "WRONG_CLAIM_TYPE")
		wantCode(t, session.Attribute("floor", &number), "NO_SUCH_CLAIM")
		changed, err := w.ChangeSession(background, opened.ID, AttributeChange{Set: `{"position":"lead"}`, Remove: []string{"modules"}})
		if err != nil || changed.Attributes != `{"position":"lead"}` {
			t.Fatal(changed, err)
		}
		if got := attributesOf(t, w.Verifier, opened.Access); got != `{"position":"lead"}` {
			t.Fatal(got)
		}
		if _, err := w.ChangeSessions(background, "ada", AttributeChange{Set: map[string]any{"floor": 2}}); err != nil {
			t.Fatal(err)
		}
		if got := attributesOf(t, w.Verifier, opened.Access); got != `{"position":"lead","floor":2}` {
			t.Fatal(got)
		}
		if again, err := w.Verify(opened.Access); err != nil || w.library != nil && again != before {
			t.Fatal("the claims stay", err)
		}
		found, err := w.GetSession(background, opened.ID)
		if err != nil || found.Attributes != `{"position":"lead","floor":2}` || found.CreatedAt.IsZero() {
			t.Fatal(found, err)
		}
	})
}

func TestAnEndedSessionIsRefused(t *testing.T) {
	eachWay(t, stateful(), func(t *testing.T, w world) {
		one, two := w.signIn(t, "ada", ""), w.signIn(t, "ada", "")
		for _, each := range []*SignedIn{one, two} {
			if _, err := w.Verify(each.Access); err != nil {
				t.Fatal(err)
			}
		}
		if ended, err := w.EndSessions(background, "ada", two.ID); err != nil || ended != 1 {
			t.Fatal(ended, err)
		}
		_, err := w.Verify(one.Access)
		wantCode(t, err, "SESSION_ENDED")
		if _, err := w.Verify(two.Access); err != nil {
			t.Fatal(err)
		}
		for _, wanted := range []bool{true, false} {
			if ended, err := w.EndSession(background, two.ID); err != nil || ended != wanted {
				t.Fatal(ended, err)
			}
		}
		if found, err := w.GetSession(background, two.ID); err != nil || found != nil {
			t.Fatal(found, err)
		}
		if changed, err := w.ChangeSession(background, two.ID, AttributeChange{Set: `{"a":1}`}); err != nil || changed != nil {
			t.Fatal(changed, err)
		}
	})
}

func TestPersonalAccessTokens(t *testing.T) {
	eachWay(t, stateful(), func(t *testing.T, w world) {
		made, err := w.CreatePAT(background, "ada", PATOptions{
			Description: "laptop", Scopes: []string{"read:orders"}, Claims: `{"roleId":4}`, TTL: "1h",
		})
		if err != nil || !strings.HasPrefix(made.Token, "acme_pat_") || made.ExpiresAt.IsZero() {
			t.Fatal(made, err)
		}
		guard, err := NewGuard(`{"scopes":["read:orders"]}`)
		if err != nil {
			t.Fatal(err)
		}
		claims, err := w.Verify(made.Token, WithGuard(guard))
		if err != nil || claims.ID() != made.ID || claims.Kind() != PersonalAccessToken {
			t.Fatal(claims, err)
		}
		if _, there := claims.Session(); there {
			t.Fatal("it belongs to nobody's sign-in")
		}
		if _, err := w.Verify(made.Token, WithKind(PersonalAccessToken)); err != nil {
			t.Fatal(err)
		}
		_, err = w.Verify(made.Token, WithKind(AccessToken))
		wantCode(t, err, "WRONG_TOKEN_KIND")
		pats, next, err := w.ListPATs(background, "ada", "")
		if err != nil || next != "" || len(pats) != 1 || pats[0].ID != made.ID || pats[0].Claims != `{"roleId":4}` {
			t.Fatal(pats, next, err)
		}
		for _, wanted := range []bool{true, false} {
			if revoked, err := w.RevokePAT(background, made.ID); err != nil || revoked != wanted {
				t.Fatal(revoked, err)
			}
		}
		_, err = w.Verify(made.Token)
		wantCode(t, err, "REVOKED")
		second, err := w.CreatePAT(background, "ada", PATOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if revoked, err := w.RevokePATToken(background, second.Token); err != nil || !revoked {
			t.Fatal(revoked, err)
		}
		if _, err := w.CreatePAT(background, "ada", PATOptions{}); err != nil {
			t.Fatal(err)
		}
		if revoked, err := w.RevokePATs(background, "ada"); err != nil || revoked != 1 {
			t.Fatal(revoked, err)
		}
	})
}

func TestOneFileOfStateForLibraryAndSidecar(t *testing.T) {
	if !hasLibrary {
		t.Log("only against the sidecar: TestAnEndedSessionIsRefused")
		return
	}
	document := stateful()
	document["state"] = "sqlite:" + filepath.Join(t.TempDir(), "state.db")
	here, err := New(document)
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	one, two := world{here, "library"}, world{dialSidecar(t, document), "sidecar"}
	opened := one.signIn(t, "ada", `{"floor":1}`)
	if got := attributesOf(t, two.Verifier, opened.Access); got != `{"floor":1}` {
		t.Fatal(got)
	}
	made, err := two.CreatePAT(background, "ada", PATOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.Verify(made.Token); err != nil {
		t.Fatal(err)
	}
	if _, err := two.ChangeSession(background, opened.ID, AttributeChange{Set: `{"floor":2}`}); err != nil {
		t.Fatal(err)
	}
	comes(t, func() bool { return attributesOf(t, one.Verifier, opened.Access) == `{"floor":2}` })
	if ended, err := two.EndSession(background, opened.ID); err != nil || !ended {
		t.Fatal(ended, err)
	}
	comes(t, func() bool { _, err := one.Verify(opened.Access); return codeOf(err) == "SESSION_ENDED" })
	if revoked, err := one.RevokePAT(background, made.ID); err != nil || !revoked {
		t.Fatal(revoked, err)
	}
	comes(t, func() bool { _, err := two.Verify(made.Token); return codeOf(err) == "REVOKED" })
}

func TestTheRequestHasItsSession(t *testing.T) {
	eachWay(t, stateful(), func(t *testing.T, w world) {
		server := httptest.NewServer(RequireAuth(w.Verifier)(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
			claims, _ := ClaimsFrom(request.Context())
			session, _ := claims.Session()
			answer.Write([]byte(session.Attributes))
		})))
		defer server.Close()
		opened := w.signIn(t, "ada", `{"floor":1}`)
		request, _ := http.NewRequest(http.MethodGet, server.URL, nil)
		request.Header.Set("Authorization", "Bearer "+opened.Access)
		for _, wanted := range []string{`{"floor":1}`, `{"floor":2}`} {
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			told, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil || string(told) != wanted {
				t.Fatal(string(told), err)
			}
			if _, err := w.ChangeSession(background, opened.ID, AttributeChange{Set: `{"floor":2}`}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestWhatIsWrongWithSessionsIsRefused(t *testing.T) {
	eachWay(t, stateful(), func(t *testing.T, w world) {
		for name, call := range map[string]func() error{
			"no subject": func() error { _, err := w.SignIn(background, "", SignInOptions{}); return err },
			"no UTF-8":   func() error { _, err := w.SignIn(background, "\xff", SignInOptions{}); return err },
			"tokens":     func() error { _, err := w.SignIn(background, "ada", SignInOptions{Tokens: 9}); return err },
			"attributes": func() error { _, err := w.SignIn(background, "ada", SignInOptions{Attributes: "[]"}); return err },
			"no JSON":    func() error { _, err := w.SignIn(background, "ada", SignInOptions{Attributes: "{"}); return err },
			"lifetime":   func() error { _, err := w.SignIn(background, "ada", SignInOptions{Lifetime: "none"}); return err },
			"profile":    func() error { _, err := w.SignIn(background, "ada", SignInOptions{Profile: "nobody"}); return err },
			"no session": func() error { _, err := w.EndSession(background, "x"); return err },
			"no such id": func() error { _, err := w.RevokePAT(background, "x"); return err },
			"scopes": func() error {
				_, err := w.CreatePAT(background, "ada", PATOptions{Scopes: []string{"a b"}})
				return err
			},
			"after": func() error { _, _, err := w.ListPATs(background, "ada", "x"); return err },
			"both": func() error {
				_, err := w.ChangeSessions(background, "ada", AttributeChange{Set: `{"a":1}`, Remove: []string{"a"}})
				return err
			},
			"wrong option": func() error { _, err := w.ListSessions(background, "ada", WithAudience("x")); return err },
		} {
			if got := codeOf(call()); got != "VALIDATION_ERROR" && got != "INVALID_UTF8" {
				t.Errorf("%s: %s", name, got)
			}
		}
		if all, err := w.ListSessions(background, "ada"); err != nil || len(all) != 0 {
			t.Fatal(all, err)
		}
	})
}
