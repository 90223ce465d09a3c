package main

import (
	"crypto"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/golang-jwt/jwt/v5"
)

type mintRequest struct {
	Algorithms []string `json:"algorithms"`
	Tokens     []wanted `json:"tokens"`
}

type wanted struct {
	Name     string        `json:"name"`
	Claims   jwt.MapClaims `json:"claims"`
	Text     string        `json:"text"` // the payload to the letter, where it is not empty
	Kid      bool          `json:"kid"`
	Stranger bool          `json:"stranger"`
}

type minted struct {
	Version string      `json:"version"`
	Keys    []mintedKey `json:"keys"`
}

// mintedKey is a key as a verifier is given it, with the tokens that it signed.
type mintedKey struct {
	Alg    string            `json:"alg"`
	Kid    string            `json:"kid"`
	JWK    map[string]string `json:"jwk"`
	PEM    string            `json:"pem,omitempty"`
	Secret string            `json:"secret,omitempty"`
	Tokens map[string]string `json:"tokens"`
}

func mint(request mintRequest) (minted, error) {
	answer := minted{Version: version()}
	for _, alg := range request.Algorithms {
		key, err := mintKey(alg, request)
		if err != nil {
			return minted{}, fmt.Errorf("%s: %w", alg, err)
		}
		answer.Keys = append(answer.Keys, key)
	}
	return answer, nil
}

func mintKey(alg string, request mintRequest) (mintedKey, error) {
	own, err := makeKey(alg)
	if err != nil {
		return mintedKey{}, err
	}
	stranger, err := makeKey(alg)
	if err != nil {
		return mintedKey{}, err
	}
	key := mintedKey{Alg: alg, Kid: "golang-jwt-" + alg, Tokens: map[string]string{}}
	for _, wanted := range request.Tokens {
		signer := own
		if wanted.Stranger {
			signer = stranger
		}
		if key.Tokens[wanted.Name], err = sign(wanted, alg, key.Kid, signer); err != nil {
			return mintedKey{}, fmt.Errorf("%s: %w", wanted.Name, err)
		}
	}
	if secret, ok := own.([]byte); ok {
		key.Secret = encode(secret)
		key.JWK = map[string]string{"kty": "oct", "k": key.Secret}
	} else {
		public := own.(crypto.Signer).Public()
		if key.JWK, err = publicJWK(public); err != nil {
			return mintedKey{}, err
		}
		if key.PEM, err = publicPEM(public); err != nil {
			return mintedKey{}, err
		}
	}
	key.JWK["kid"], key.JWK["alg"] = key.Kid, alg
	return key, nil
}

func sign(wanted wanted, alg, kid string, signer any) (string, error) {
	token := jwt.NewWithClaims(jwt.GetSigningMethod(alg), wanted.Claims)
	if wanted.Kid {
		token.Header["kid"] = kid
	}
	if wanted.Text == "" {
		return token.SignedString(signer)
	}
	header, err := json.Marshal(token.Header)
	if err != nil {
		return "", err
	}
	signed := encode(header) + "." + encode([]byte(wanted.Text))
	signature, err := token.Method.Sign(signed, signer)
	return signed + "." + encode(signature), err
}

func version() string {
	if build, ok := debug.ReadBuildInfo(); ok && len(build.Deps) > 0 {
		return build.Deps[0].Version + ", " + runtime.Version()
	}
	return runtime.Version()
}
