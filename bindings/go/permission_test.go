package bearerd

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

// permitted is orders() with permissions that are read from the claims, or from the session.
func permitted(from string) map[string]any {
	document := orders()
	if from == "session" {
		document = stateful()
	}
	profile := document["profiles"].(map[string]any)["api"].(map[string]any)
	profile["permissions"] = map[string]any{
		"from": from, "grants": "rights", "level": "level", "bypass_levels": []int{0},
		"data_scope": map[string]any{"all": []int{1}, "project": []int{2}},
	}
	return document
}

func permissionOf(t *testing.T, w world, token string) Permission {
	t.Helper()
	claims, err := w.Verify(token)
	if err != nil {
		t.Fatal(err)
	}
	permission, there := claims.Permission()
	if !there {
		t.Fatal("no permission")
	}
	return permission
}

func TestPermissionByTheClaims(t *testing.T) {
	eachWay(t, permitted("claims"), func(t *testing.T, w world) {
		for _, c := range []struct {
			level  any
			wanted Permission
		}{
			{1, Permission{AllData, false}}, {2, Permission{ProjectData, false}}, {9, Permission{SelfData, false}},
			{0, Permission{AllData, true}}, {"", Permission{SelfData, false}}, {nil, Permission{SelfData, false}},
		} {
			token := w.token(t, map[string]any{"rights": []string{}, "level": c.level})
			// Of a token that is new, of one seen before, and once more of the same claims.
			for range 3 {
				if got := permissionOf(t, w, token); got != c.wanted {
					t.Errorf("level %v: %+v", c.level, got)
				}
			}
			results, err := w.VerifyMany([]string{token})
			if err != nil || results[0].Err != nil {
				t.Fatal(results, err)
			}
			if got, there := results[0].Claims.Permission(); !there || got != c.wanted {
				t.Errorf("level %v, of many: %+v", c.level, got)
			}
		}
	})
}

func TestPermissionWithoutScopes(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		if got := permissionOf(t, w, w.token(t, nil)); got != (Permission{}) {
			t.Errorf("%+v", got)
		}
	})
}

func TestNoPermissionWhereTheProfileHasNone(t *testing.T) {
	document := stateful()
	delete(document["profiles"].(map[string]any)["api"].(map[string]any), "permissions")
	eachWay(t, document, func(t *testing.T, w world) {
		for _, token := range []string{w.signIn(t, "ada", "").Access, w.signIn(t, "ada", `{"level":1}`).Access} {
			claims, err := w.Verify(token)
			if err != nil {
				t.Fatal(err)
			}
			if permission, there := claims.Permission(); there || permission != (Permission{}) {
				t.Errorf("%+v", permission)
			}
			if _, there := claims.Session(); !there {
				t.Error("no session")
			}
		}
	})
}

// The same claims are returned while attributes change: what they come with has to be new.
func TestPermissionByTheSession(t *testing.T) {
	eachWay(t, permitted("session"), func(t *testing.T, w world) {
		opened := w.signIn(t, "ada", `{"rights":["a.b"],"level":2}`)
		if got := permissionOf(t, w, opened.Access); got != (Permission{ProjectData, false}) {
			t.Fatalf("%+v", got)
		}
		kept, err := w.Verify(opened.Access)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			set    string
			wanted Permission
		}{
			{`{"level":1}`, Permission{AllData, false}}, {`{"level":0}`, Permission{AllData, true}},
			{`{"level":5}`, Permission{SelfData, false}}, {`{"unrelated":true}`, Permission{SelfData, false}},
		} {
			if _, err := w.ChangeSession(background, opened.ID, AttributeChange{Set: c.set}); err != nil {
				t.Fatal(err)
			}
			if got := permissionOf(t, w, opened.Access); got != c.wanted {
				t.Errorf("%s: %+v", c.set, got)
			}
			if got, there := kept.Permission(); w.library != nil && (!there || got != c.wanted) {
				t.Errorf("%s: the claims that were kept say %+v", c.set, got)
			}
		}
		made, err := w.CreatePAT(background, "ada", PATOptions{})
		if err != nil {
			t.Fatal(err)
		}
		claims, err := w.Verify(made.Token)
		if err != nil {
			t.Fatal(err)
		}
		if permission, there := claims.Permission(); there {
			t.Errorf("a personal access token has no session, but %+v", permission)
		}
	})
}

func TestTheRequestHasItsPermission(t *testing.T) {
	eachWay(t, permitted("session"), func(t *testing.T, w world) {
		var seen Permission
		server := httptest.NewServer(RequireAuth(w.Verifier)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			claims, _ := ClaimsFrom(r.Context())
			seen, _ = claims.Permission()
		})))
		defer server.Close()
		opened := w.signIn(t, "ada", `{"level":2}`)
		request, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL, nil)
		request.Header.Set("Authorization", "Bearer "+opened.Access)
		for _, wanted := range []DataScope{ProjectData, AllData} {
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != 200 || seen.DataScope != wanted {
				t.Fatalf("%d %+v", response.StatusCode, seen)
			}
			if _, err := w.ChangeSession(background, opened.ID, AttributeChange{Set: `{"level":1}`}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
