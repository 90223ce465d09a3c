package bearerd

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestVerify(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		token := w.token(t, nil)
		for range 3 {
			claims, err := w.Verify(token)
			if err != nil {
				t.Fatal(err)
			}
			if claims.Subject() != "user-4711" || claims.Issuer() != "https://issuer.example" || claims.Kind() != AccessToken {
				t.Errorf("%s", claims.JSON())
			}
			if left := time.Until(claims.ExpiresAt()); left < 10*time.Minute || left > 16*time.Minute {
				t.Errorf("expires in %v", left)
			}
			if age := time.Since(claims.IssuedAt()); age < 0 || age > time.Minute {
				t.Errorf("issued %v ago", age)
			}
			if !claims.HasScope("write:orders") || claims.HasScope("write") || len(claims.Scopes()) != 2 {
				t.Errorf("%v", claims.Scopes())
			}
		}
	})
}

func TestWhatIsRefused(t *testing.T) {
	const header = `{"alg":"HS256","kid":"k1","typ":"JWT"}`
	now := time.Now().Unix()
	payload := func(more string) string {
		return fmt.Sprintf(`{"sub":"u","aud":"orders","iss":"https://issuer.example","tokenType":"access","exp":%d%s}`, now+600, more)
	}
	good := forge(header, payload(""))
	flipped := []byte(good)
	if at := len(flipped) - 20; flipped[at] != 'A' {
		flipped[at] = 'A'
	} else {
		flipped[at] = 'B'
	}
	cases := map[string]struct{ token, code string }{
		"good":              {good, "OK"},
		"empty":             {"", "MALFORMED"},
		"one part":          {"x", "MALFORMED"},
		"expired":           {forge(header, strings.Replace(payload(""), fmt.Sprint(now+600), fmt.Sprint(now-600), 1)), "EXPIRED"},
		"not yet":           {forge(header, payload(fmt.Sprintf(`,"nbf":%d`, now+600))), "NOT_YET_VALID"},
		"audience":          {forge(header, strings.Replace(payload(""), "orders", "others", 1)), "INVALID_CLAIM"},
		"refresh":           {forge(header, strings.Replace(payload(""), "access", "refresh", 1)), "WRONG_TOKEN_KIND"},
		"none":              {forge(`{"alg":"none"}`, payload("")), "UNSUPPORTED_ALG"},
		"unknown kid":       {forge(`{"alg":"HS256","kid":"k2"}`, payload("")), "UNKNOWN_KEY"},
		"signature":         {string(flipped), "INVALID_SIGNATURE"},
		"duplicate member":  {forge(header, payload(`,"sub":"v"`)), "MALFORMED"},
		"NUL at the end":    {good + "\x00", "MALFORMED"},
		"NUL within":        {good[:20] + "\x00" + good[20:], "MALFORMED"},
		"blank":             {" " + good, "MALFORMED"},
		"U+0141 for A":      {strings.Replace(good, "e", "Ł", 1), "MALFORMED"},
		"U+0141 at the end": {good + "Ł", "MALFORMED"},
		"invalid UTF-8":     {good + "\xff", "MALFORMED"},
		"invalid within":    {good[:9] + "\xc5" + good[10:], "MALFORMED"},
		"long":              {strings.Repeat("a", 20_000) + good, "MALFORMED"},
		"very long":         {strings.Repeat("a", 3<<20), "MALFORMED"},
	}
	eachWay(t, orders(), func(t *testing.T, w world) {
		// Twice each, with the good one kept in the cache between.
		for range 2 {
			for name, c := range cases {
				claims, err := w.Verify(c.token)
				if codeOf(err) != c.code || (err == nil) != (claims != nil) {
					t.Errorf("%s: %v", name, err)
				}
				if err != nil && len(c.token) > 8 && strings.Contains(err.Error(), c.token) {
					t.Errorf("%s: the error holds the token", name)
				}
			}
		}
		// U+0141 narrowed to a byte is "A": a token in which the one stands for the other must not
		// be the good one.
		if at := strings.IndexByte(good, 'A'); at >= 0 {
			_, err := w.Verify(good[:at] + "Ł" + good[at+1:])
			wantCode(t, err, "MALFORMED")
		}
	})
}

func TestOptions(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		access, refresh := w.token(t, nil), w.signed(t, RefreshToken, nil)
		readers, err := w.Guard("readers")
		if err != nil {
			t.Fatal(err)
		}
		desk, _ := w.Guard("desk")
		admin, err := NewGuard(Rule{Roles: []any{9, "admin"}})
		if err != nil {
			t.Fatal(err)
		}
		refreshing, err := NewGuard(`{"token":"refresh"}`)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			token   string
			options []Option
			code    string
		}{
			"profile":              {access, []Option{WithProfile("api")}, "OK"},
			"another profile":      {access, []Option{WithProfile("other")}, "VALIDATION_ERROR"},
			"no profile":           {access, []Option{WithProfile("")}, "VALIDATION_ERROR"},
			"audience":             {access, []Option{WithAudience("orders")}, "OK"},
			"another audience":     {access, []Option{WithAudience("billing")}, "INVALID_CLAIM"},
			"audience not UTF-8":   {access, []Option{WithAudience("orders\xff")}, "VALIDATION_ERROR"},
			"guard by name":        {access, []Option{WithGuard(readers)}, "OK"},
			"guard by rule":        {access, []Option{WithGuard(admin)}, "FORBIDDEN"},
			"guard nil":            {access, []Option{WithGuard(nil)}, "VALIDATION_ERROR"},
			"device":               {access, []Option{WithGuard(desk), WithDevice("d1")}, "OK"},
			"another device":       {access, []Option{WithGuard(desk), WithDevice("d2")}, "DEVICE_MISMATCH"},
			"no device":            {access, []Option{WithGuard(desk)}, "DEVICE_MISMATCH"},
			"access kind":          {access, []Option{WithKind(AccessToken)}, "OK"},
			"refresh kind":         {refresh, []Option{WithKind(RefreshToken)}, "OK"},
			"refresh by guard":     {refresh, []Option{WithGuard(refreshing)}, "OK"},
			"kind beside a rule":   {refresh, []Option{WithKind(RefreshToken), WithGuard(admin)}, "FORBIDDEN"},
			"wrong kind":           {refresh, []Option{WithKind(AccessToken)}, "WRONG_TOKEN_KIND"},
			"wrong kind by guard":  {access, []Option{WithGuard(refreshing)}, "WRONG_TOKEN_KIND"},
			"no such kind":         {access, []Option{WithKind(9)}, "VALIDATION_ERROR"},
			"twice":                {access, []Option{WithProfile("api"), WithProfile("api")}, "VALIDATION_ERROR"},
			"not for verification": {access, []Option{IssuedBefore(time.Now())}, "VALIDATION_ERROR"},
			"zero":                 {access, []Option{{}}, "VALIDATION_ERROR"},
		} {
			_, err := w.Verify(c.token, c.options...)
			if codeOf(err) != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err = w.Verify(refresh, WithKind(AnyKind))
		if w.way == "library" && err != nil || w.way == "sidecar" && !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("any kind: %v", err)
		}
	})
}

func TestGuardsOfOthersAndBrokenOnes(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		other, err := Dial("unix:///nowhere")
		if err != nil {
			t.Fatal(err)
		}
		guard, err := other.Guard("readers")
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Verify(w.token(t, nil), WithGuard(guard))
		wantCode(t, err, "VALIDATION_ERROR")
		missing, err := w.Guard("nobody")
		if err == nil {
			_, err = w.Verify(w.token(t, nil), WithGuard(missing))
		}
		wantCode(t, err, "VALIDATION_ERROR")
		for _, rule := range []any{
			`{"roels":[1]}`, `{}`, `[]`, `{`, nil, Rule{Scopes: []string{}}, Rule{VIP: new(bool), AnyScope: []string{}},
			"\xff", map[string]any{"scopes": []string{"a\xff"}},
		} {
			guard, err := NewGuard(rule)
			if err == nil && w.way == "sidecar" {
				_, err = w.Verify(w.token(t, nil), WithGuard(guard))
			}
			if err == nil {
				t.Errorf("%v: is no guard", rule)
			}
		}
	})
}

func TestVerifyMany(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		good := w.token(t, nil)
		var tokens []string
		for i := range 700 {
			switch i % 7 {
			case 3:
				tokens = append(tokens, fmt.Sprint("bad", i))
			case 5:
				tokens = append(tokens, good+"Ł")
			default:
				tokens = append(tokens, good)
			}
		}
		tokens = append(tokens, "", strings.Repeat("b", 2<<20), good)
		results, err := w.VerifyMany(tokens)
		if err != nil || len(results) != len(tokens) {
			t.Fatal(len(results), err)
		}
		for i, result := range results {
			accepted := tokens[i] == good
			if accepted != (result.Err == nil) || accepted != (result.Claims != nil) {
				t.Fatalf("%d: %+v", i, result)
			}
			if accepted && result.Claims.Subject() != "user-4711" {
				t.Fatalf("%d: %s", i, result.Claims.JSON())
			}
			if !accepted {
				wantCode(t, result.Err, "MALFORMED")
			}
		}
		if results, err := w.VerifyMany(nil); err != nil || len(results) != 0 {
			t.Error(results, err)
		}
	})
}

func TestVerifyAuthorization(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		token := w.token(t, nil)
		for value, code := range map[string]string{
			"Bearer " + token: "OK", "bearer " + token: "OK", "BEARER " + token: "OK",
			"": "MISSING_TOKEN", "Bearer": "MISSING_TOKEN", "Bearer ": "MISSING_TOKEN", "Basic " + token: "MISSING_TOKEN",
			token: "MISSING_TOKEN", "Bearerx " + token: "MISSING_TOKEN",
			"Bearer  " + token: "MALFORMED", "Bearer\t" + token: "MALFORMED", "Bearer " + token + " ": "MALFORMED",
			"Bearer " + token + ", Bearer " + token: "MALFORMED", "Bearer " + token + "\xff": "MALFORMED",
		} {
			_, err := w.VerifyAuthorization(value)
			if codeOf(err) != code {
				t.Errorf("%q: %v", value, err)
			}
		}
	})
}

func TestExplain(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		told, err := w.Explain(context.Background(), w.token(t, nil), WithAudience("billing"))
		if err != nil || told.Code != "INVALID_CLAIM" || told.Status != 401 || told.Claim != "aud" ||
			!strings.Contains(told.Expected, "billing") || !strings.Contains(told.Actual, "orders") {
			t.Errorf("%+v %v", told, err)
		}
		told, err = w.Explain(context.Background(), w.token(t, nil))
		if err != nil || told.Code != "OK" {
			t.Errorf("%+v %v", told, err)
		}
	})
}

func TestSecretsThatJSONWouldChange(t *testing.T) {
	document := orders()
	raw := "\xff\xfe\xfd\xfc mixture of raw bytes, which encoding/json replaces"
	document["profiles"].(map[string]any)["api"].(map[string]any)["keys"] = []any{map[string]any{"secret": raw}}
	_, err := New(document)
	wantCode(t, err, "VALIDATION_ERROR")
	if strings.Contains(err.Error(), "raw bytes") {
		t.Error("the error holds the secret")
	}
	encoded := base64.RawURLEncoding.EncodeToString([]byte(raw))
	document["profiles"].(map[string]any)["api"].(map[string]any)["keys"] = []any{map[string]any{"secret_base64url": encoded}}
	v, err := New(document)
	if !hasLibrary {
		wantCode(t, err, "CONFIG_ERROR")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	v.Close()
}

func TestReplacementsAreTold(t *testing.T) {
	for text, want := range map[string]bool{
		``: false, `"a"`: false, `"\ufffd"`: true, `"\\ufffd"`: false, `"\\\ufffd"`: true, `"�"`: false, `\`: false, `\\`: false,
	} {
		if hasReplacement(text) != want {
			t.Errorf("%s", text)
		}
	}
}
