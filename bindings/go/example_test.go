//go:build cgo

package bearerd_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	bearerd "github.com/bearerd/bearerd/bindings/go"
)

const config = `{
  "profiles": {"api": {
    "algorithms": ["HS256"],
    "keys": [{"secret_base64url": "uHLt_5TbD7Wzoj-xw4zoL0xIl-PuK3YZTTZW9gOq4ic"}],
    "sign": {"access": "15m"}
  }},
  "guards": {"orders": {"scopes": ["read:orders"]}}
}`

func verifierAndToken() (*bearerd.Verifier, string) {
	v, err := bearerd.New(config)
	if err != nil {
		log.Fatal(err)
	}
	claims := map[string]any{"sub": "ada", "scope": "read:orders", "team": 7, "vip": true}
	signed, err := v.Sign(context.Background(), claims, bearerd.SignOptions{})
	if err != nil {
		log.Fatal(err)
	}
	return v, signed.Token
}

func Example() {
	v, token := verifierAndToken()
	defer v.Close()

	claims, err := v.Verify(token)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(claims.Subject(), claims.HasScope("read:orders"))

	_, err = v.Verify(token + "x")
	fmt.Println(errors.Is(err, bearerd.ErrMalformed), errors.Is(err, bearerd.ErrInvalidSignature), bearerd.StatusOf(err))
	// Output:
	// ada true
	// false true 401
}

func ExampleVerifier_Verify_guard() {
	v, token := verifierAndToken()
	defer v.Close()

	orders, err := v.Guard("orders")
	if err != nil {
		log.Fatal(err)
	}
	_, err = v.Verify(token, bearerd.WithGuard(orders))
	fmt.Println(err)

	admins, err := bearerd.NewGuard(bearerd.Rule{Roles: []any{"admin", 1}})
	if err != nil {
		log.Fatal(err)
	}
	_, err = v.Verify(token, bearerd.WithGuard(admins))
	fmt.Println(err)
	// Output:
	// <nil>
	// bearerd: FORBIDDEN: The token does not grant this. (roles)
}

func ExampleClaims() {
	v, token := verifierAndToken()
	defer v.Close()
	claims, err := v.Verify(token)
	if err != nil {
		log.Fatal(err)
	}

	team, err := claims.Int64("team")
	fmt.Println(team, err)
	_, err = claims.String("team")
	fmt.Println(errors.Is(err, bearerd.ErrWrongClaimType))

	var mine struct {
		Sub string
		VIP bool
	}
	if err := claims.Unmarshal(&mine); err != nil {
		log.Fatal(err)
	}
	fmt.Println(mine.Sub, mine.VIP)
	// Output:
	// 7 <nil>
	// true
	// ada true
}

func ExampleVerifier_RevokeToken() {
	v, token := verifierAndToken()
	defer v.Close()
	ctx := context.Background()

	_, err := v.Verify(token)
	fmt.Println(err)
	if err := v.RevokeToken(ctx, token); err != nil {
		log.Fatal(err)
	}
	_, err = v.Verify(token)
	fmt.Println(errors.Is(err, bearerd.ErrRevoked))
	// Output:
	// <nil>
	// true
}

func ExampleRequireAuth() {
	v, token := verifierAndToken()
	defer v.Close()

	orders := func(w http.ResponseWriter, r *http.Request) {
		claims, _ := bearerd.ClaimsFrom(r.Context())
		fmt.Fprint(w, "orders of ", claims.Subject())
	}
	mux := http.NewServeMux()
	mux.Handle("GET /orders", bearerd.RequireAuth(v, bearerd.RequireScopes("read:orders"))(http.HandlerFunc(orders)))

	for _, authorization := range []string{"Bearer " + token, ""} {
		request := httptest.NewRequest("GET", "/orders", nil)
		request.Header.Set("Authorization", authorization)
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, request)
		fmt.Println(answer.Code, answer.Body)
	}
	// Output:
	// 200 orders of ada
	// 401 {"code":"MISSING_TOKEN","message":"No token was presented.","status":401}
}

func ExampleVerifier_SignIn() {
	v, err := bearerd.New(`{"profiles": {"api": {
	  "algorithms": ["HS256"],
	  "keys": [{"secret_base64url": "uHLt_5TbD7Wzoj-xw4zoL0xIl-PuK3YZTTZW9gOq4ic"}],
	  "sign": {}, "sessions": {"lifetime": "7d"}, "pat": {"prefix": "acme_pat_"}
	}}}`)
	if err != nil {
		log.Fatal(err)
	}
	defer v.Close()
	ctx := context.Background()

	opened, err := v.SignIn(ctx, "ada", bearerd.SignInOptions{
		Tokens: bearerd.AccessAlone, Attributes: map[string]any{"position": "clerk"},
	})
	if err != nil {
		log.Fatal(err)
	}
	show := func() {
		claims, err := v.Verify(opened.Access)
		if err != nil {
			fmt.Println(errors.Is(err, bearerd.ErrSessionEnded))
			return
		}
		session, _ := claims.Session()
		fmt.Println(session.Attributes)
	}
	show()
	v.ChangeSession(ctx, opened.ID, bearerd.AttributeChange{Set: map[string]any{"position": "lead"}})
	show()
	v.EndSession(ctx, opened.ID)
	show()

	pat, err := v.CreatePAT(ctx, "ada", bearerd.PATOptions{Scopes: []string{"read:orders"}, TTL: "90d"})
	if err != nil {
		log.Fatal(err)
	}
	claims, err := v.Verify(pat.Token)
	fmt.Println(claims.HasScope("read:orders"), err)
	// Output:
	// {"position":"clerk"}
	// {"position":"lead"}
	// true
	// true <nil>
}
