package main

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

type verifyDocument struct {
	Issuer   string `json:"issuer"`
	Audience string `json:"audience"`
	Keys     []struct {
		givenKey
		Tokens map[string]string `json:"tokens"`
	} `json:"keys"`
}

type givenKey struct {
	Alg        string         `json:"alg"`
	Kid        string         `json:"kid"`
	JWK        map[string]any `json:"jwk"`
	PEM        string         `json:"pem"`
	PrivatePEM string         `json:"private_pem"`
	Secret     string         `json:"secret"`
}

type verdict struct {
	Alg    string        `json:"alg"`
	Kid    string        `json:"kid"`
	Form   string        `json:"form"`
	Name   string        `json:"name"`
	Code   string        `json:"code"`
	Claims jwt.MapClaims `json:"claims,omitempty"`
	Detail string        `json:"detail,omitempty"`
}

func verify(document verifyDocument) ([]verdict, error) {
	verdicts := []verdict{}
	for _, key := range document.Keys {
		forms, err := materials(key.givenKey)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key.Alg, err)
		}
		parser := jwt.NewParser(
			jwt.WithValidMethods([]string{key.Alg}),
			jwt.WithAudience(document.Audience),
			jwt.WithIssuer(document.Issuer),
			jwt.WithExpirationRequired(),
			jwt.WithIssuedAt(),
			jwt.WithJSONNumber(),
		)
		for form, material := range forms {
			for name, token := range key.Tokens {
				judged := judge(parser, token, material)
				judged.Alg, judged.Kid, judged.Form, judged.Name = key.Alg, key.Kid, form, name
				verdicts = append(verdicts, judged)
			}
		}
	}
	return verdicts, nil
}

// materials reads every form that the key is given in.
func materials(key givenKey) (map[string]any, error) {
	forms := map[string]any{}
	jwk, err := readJWK(key.JWK)
	if err != nil {
		return nil, err
	}
	forms["jwk"] = jwk
	if key.PEM != "" {
		if forms["pem"], err = readPEM(key.PEM); err != nil {
			return nil, err
		}
	}
	if key.PrivatePEM != "" {
		if forms["private pem"], err = readPrivatePEM(key.PrivatePEM); err != nil {
			return nil, err
		}
	}
	if key.Secret != "" {
		if forms["secret"], err = base64.RawURLEncoding.DecodeString(key.Secret); err != nil {
			return nil, err
		}
	}
	return forms, nil
}

func judge(parser *jwt.Parser, text string, material any) verdict {
	claims := jwt.MapClaims{}
	_, err := parser.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) { return material, nil })
	if err == nil {
		return verdict{Code: "OK", Claims: claims}
	}
	code := "OTHER"
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		code = "EXPIRED"
	case errors.Is(err, jwt.ErrTokenInvalidAudience), errors.Is(err, jwt.ErrTokenInvalidIssuer):
		code = "INVALID_CLAIM"
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		code = "INVALID_SIGNATURE"
	}
	return verdict{Code: code, Detail: err.Error()}
}
