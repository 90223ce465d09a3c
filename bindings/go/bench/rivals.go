package main

import (
	"errors"
	"time"

	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/jwx/v3/jwa"
	jwxjwt "github.com/lestrrat-go/jwx/v3/jwt"
)

const (
	golangJWT    = "golang-jwt 5, into a struct"
	golangJWTMap = "golang-jwt 5, into a map"
	goJOSE       = "go-jose 4, into a struct"
	jwxName      = "jwx 3"
)

var errEmpty = errors.New("no subject")

// The claims of an application, with golang-jwt's own.
type appClaims struct {
	jwt.RegisteredClaims
	RoleID    int64    `json:"roleId"`
	TeamID    string   `json:"teamId"`
	VIP       bool     `json:"vip"`
	Scope     []string `json:"scope"`
	TokenType string   `json:"tokenType"`
	DeviceID  string   `json:"deviceId"`
}

// Everyone checks what bearerd's profile checks: the algorithm, exp, iat and the kind of the token.
func (f *field) rivals() []contestant {
	var key any = f.secret
	if f.public != nil {
		key = f.public
	}
	return []contestant{f.golangJWT(key), f.golangJWTMap(key), f.goJOSE(key), f.jwx(key)}
}

func of(name string, read func(string) (string, int64, error)) contestant {
	return contestant{name: name, read: read, verify: func(token string) error {
		subject, _, err := read(token)
		if err == nil && subject == "" {
			return errEmpty
		}
		return err
	}}
}

func (f *field) parser() *jwt.Parser {
	return jwt.NewParser(jwt.WithValidMethods([]string{f.family}), jwt.WithExpirationRequired(), jwt.WithIssuedAt())
}

func (f *field) golangJWT(key any) contestant {
	parser := f.parser()
	choose := func(*jwt.Token) (any, error) { return key, nil }
	return of(golangJWT, func(token string) (string, int64, error) {
		claims := new(appClaims)
		if _, err := parser.ParseWithClaims(token, claims, choose); err != nil {
			return "", 0, err
		}
		if claims.TokenType != "access" {
			return "", 0, errors.New("kind")
		}
		return claims.Subject, claims.RoleID, nil
	})
}

func (f *field) golangJWTMap(key any) contestant {
	parser := f.parser()
	choose := func(*jwt.Token) (any, error) { return key, nil }
	return of(golangJWTMap, func(token string) (string, int64, error) {
		claims := jwt.MapClaims{}
		if _, err := parser.ParseWithClaims(token, claims, choose); err != nil {
			return "", 0, err
		}
		if claims["tokenType"] != "access" {
			return "", 0, errors.New("kind")
		}
		role, _ := claims["roleId"].(float64)
		subject, err := claims.GetSubject()
		return subject, int64(role), err
	})
}

func (f *field) goJOSE(key any) contestant {
	algorithms := []jose.SignatureAlgorithm{jose.SignatureAlgorithm(f.family)}
	type joseClaims struct {
		josejwt.Claims
		RoleID    int64    `json:"roleId"`
		TeamID    string   `json:"teamId"`
		VIP       bool     `json:"vip"`
		Scope     []string `json:"scope"`
		TokenType string   `json:"tokenType"`
		DeviceID  string   `json:"deviceId"`
	}
	return of(goJOSE, func(token string) (string, int64, error) {
		parsed, err := josejwt.ParseSigned(token, algorithms)
		if err != nil {
			return "", 0, err
		}
		var claims joseClaims
		if err := parsed.Claims(key, &claims); err != nil {
			return "", 0, err
		}
		if err := claims.ValidateWithLeeway(josejwt.Expected{Time: time.Now()}, 0); err != nil {
			return "", 0, err
		}
		if claims.TokenType != "access" || claims.Expiry == nil {
			return "", 0, errors.New("kind or exp")
		}
		return claims.Subject, claims.RoleID, nil
	})
}

func (f *field) jwx(key any) contestant {
	algorithm := jwa.HS256()
	if f.public != nil {
		algorithm = jwa.RS256()
	}
	return of(jwxName, func(token string) (string, int64, error) {
		parsed, err := jwxjwt.ParseString(token, jwxjwt.WithKey(algorithm, key), jwxjwt.WithValidate(true),
			jwxjwt.WithRequiredClaim("exp"), jwxjwt.WithClaimValue("tokenType", "access"))
		if err != nil {
			return "", 0, err
		}
		var role float64
		if err := parsed.Get("roleId", &role); err != nil {
			return "", 0, err
		}
		subject, _ := parsed.Subject()
		return subject, int64(role), nil
	})
}
