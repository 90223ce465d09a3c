package bearerd

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestSignAndRotate(t *testing.T) {
	ctx := context.Background()
	eachWay(t, orders(), func(t *testing.T, w world) {
		signed, err := w.Sign(ctx, map[string]any{"sub": "u"}, SignOptions{TTL: "90s", Profile: "api"})
		if err != nil {
			t.Fatal(err)
		}
		claims, err := w.Verify(signed.Token)
		if err != nil || !claims.ExpiresAt().Equal(signed.ExpiresAt) || time.Until(signed.ExpiresAt) > 91*time.Second {
			t.Errorf("%v %v", signed.ExpiresAt, err)
		}
		pair, err := w.SignPair(ctx, `{"sub":"u","roleId":4}`, SignOptions{})
		if err != nil || pair.AccessExpiresAt.IsZero() || !pair.RefreshExpiresAt.After(pair.AccessExpiresAt) {
			t.Fatalf("%+v %v", pair, err)
		}
		options := RotateOptions{Set: map[string]any{"roleId": 5}, Remove: []string{"vip"}}
		next, err := w.Rotate(ctx, pair.Refresh, options)
		if err != nil {
			t.Fatal(err)
		}
		claims, err = w.Verify(next.Access)
		if err != nil {
			t.Fatal(err)
		}
		if role, err := claims.Int64("roleId"); err != nil || role != 5 {
			t.Error(role, err)
		}
		again, err := w.Rotate(ctx, pair.Refresh, options)
		if err != nil || again.Refresh != next.Refresh {
			t.Error("not the same successor within the grace: ", err)
		}
		_, err = w.Rotate(ctx, pair.Access, RotateOptions{})
		wantCode(t, err, "WRONG_TOKEN_KIND")
		for name, err := range map[string]error{
			"pair of a kind": second(w.SignPair(ctx, ada(), SignOptions{Kind: AccessToken})),
			"any kind":       second(w.Sign(ctx, ada(), SignOptions{Kind: AnyKind})),
			"ttl":            second(w.Sign(ctx, ada(), SignOptions{TTL: "soon"})),
			"profile":        second(w.Sign(ctx, ada(), SignOptions{Profile: "other"})),
			"claims nil":     second(w.Sign(ctx, nil, SignOptions{})),
			"claims empty":   second(w.Sign(ctx, "", SignOptions{})),
			"claims a list":  second(w.Sign(ctx, []int{1}, SignOptions{})),
			"claims broken":  second(w.Sign(ctx, `{"sub":`, SignOptions{})),
			"not UTF-8":      second(w.Sign(ctx, map[string]any{"sub": "\xff"}, SignOptions{})),
			"set broken":     second(w.Rotate(ctx, next.Refresh, RotateOptions{Set: `{`})),
		} {
			if codeOf(err) != "VALIDATION_ERROR" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestRevocationHoldsOnTheNextCall(t *testing.T) {
	ctx := context.Background()
	eachWay(t, orders(), func(t *testing.T, w world) {
		by := map[string]func(claims *Claims, token string) error{
			"token": func(_ *Claims, token string) error { return w.RevokeToken(ctx, token) },
			"handle": func(claims *Claims, _ string) error {
				return w.RevokeHandle(ctx, claims.ID(), WithProfile("api"))
			},
			"subject": func(claims *Claims, _ string) error { return w.RevokeSubject(ctx, claims.Subject()) },
		}
		for name, revoke := range by {
			token := w.token(t, map[string]any{"sub": "revoked-by-" + name})
			var claims *Claims
			for range 2 {
				var err error
				if claims, err = w.Verify(token); err != nil {
					t.Fatal(err)
				}
			}
			if err := revoke(claims, token); err != nil {
				t.Fatal(name, err)
			}
			for range 2 {
				_, err := w.Verify(token)
				wantCode(t, err, "REVOKED")
			}
		}
		old := w.token(t, map[string]any{"sub": "spared"})
		if err := w.RevokeSubject(ctx, "spared", IssuedBefore(time.Now().Add(-time.Hour))); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Verify(old); err != nil {
			t.Error(err)
		}
		for name, err := range map[string]error{
			"empty": w.RevokeHandle(ctx, ""), "not UTF-8": w.RevokeSubject(ctx, "\xff"),
			"before":   w.RevokeHandle(ctx, "h", IssuedBefore(time.Now())),
			"audience": w.RevokeToken(ctx, old, WithAudience("orders")),
		} {
			if codeOf(err) != "VALIDATION_ERROR" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestFamily(t *testing.T) {
	ctx := context.Background()
	eachWay(t, orders(), func(t *testing.T, w world) {
		pair, err := w.SignPair(ctx, ada(), SignOptions{})
		if err != nil {
			t.Fatal(err)
		}
		claims, err := w.Verify(pair.Refresh, WithKind(RefreshToken))
		if err != nil {
			t.Fatal(err)
		}
		family, err := claims.String("family")
		if err != nil {
			t.Fatal(err)
		}
		err = w.RevokeFamily(ctx, family)
		if w.way == "sidecar" {
			if !errors.Is(err, errors.ErrUnsupported) {
				t.Error(err)
			}
			err = w.RevokeToken(ctx, pair.Refresh)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Verify(pair.Refresh, WithKind(RefreshToken))
		wantCode(t, err, "REVOKED")
	})
}

func TestKeys(t *testing.T) {
	ctx := context.Background()
	eachWay(t, orders(), func(t *testing.T, w world) {
		token := w.token(t, nil)
		if _, err := w.Verify(token); err != nil {
			t.Fatal(err)
		}
		public, err := w.JWKS(ctx)
		var set struct{ Keys []any }
		if err != nil || json.Unmarshal(public, &set) != nil || strings.Contains(string(public), secret) || len(set.Keys) != 0 {
			t.Errorf("%s %v", public, err)
		}
		if err := w.ReloadKeys(ctx); err != nil {
			t.Error(err)
		}
		stats, err := w.Stats(ctx)
		if w.way == "sidecar" {
			if !errors.Is(err, errors.ErrUnsupported) {
				t.Error(err)
			}
			return
		}
		if err != nil || stats.Entries != 1 || stats.Slots == 0 {
			t.Errorf("%+v %v", stats, err)
		}
		description, err := w.Describe(ctx)
		if err != nil || description.DefaultProfile != "api" || len(description.Profiles["api"].TokenFrom) != 3 {
			t.Errorf("%+v %v", description, err)
		}
		another := sha256.Sum256([]byte(secret))
		jwk := fmt.Sprintf(`{"keys":[{"kty":"oct","alg":"HS256","kid":"k1","k":%q}]}`,
			base64.RawURLEncoding.EncodeToString(another[:]))
		if err := w.ReplaceKeys(ctx, jwk, WithProfile("api")); err != nil {
			t.Fatal(err)
		}
		// The token is cached, and its key is gone.
		_, err = w.Verify(token)
		wantCode(t, err, "INVALID_SIGNATURE")
	})
}
