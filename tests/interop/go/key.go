package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"

	"github.com/golang-jwt/jwt/v5"
)

var curves = map[string]elliptic.Curve{
	"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521(),
	"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521(),
}

// makeKey makes what golang-jwt signs with: a secret or a private key of Go's own libraries.
func makeKey(alg string) (any, error) {
	switch method := jwt.GetSigningMethod(alg).(type) {
	case *jwt.SigningMethodHMAC:
		secret := make([]byte, method.Hash.Size())
		_, err := rand.Read(secret)
		return secret, err
	case *jwt.SigningMethodEd25519:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	case *jwt.SigningMethodECDSA:
		return ecdsa.GenerateKey(curves[alg], rand.Reader)
	case *jwt.SigningMethodRSA, *jwt.SigningMethodRSAPSS:
		return rsa.GenerateKey(rand.Reader, 2048)
	default:
		return nil, fmt.Errorf("golang-jwt does not offer %s", alg)
	}
}

// publicJWK writes the key by hand: golang-jwt leaves JWK to others.
func publicJWK(public crypto.PublicKey) (map[string]string, error) {
	switch key := public.(type) {
	case *rsa.PublicKey:
		exponent := big.NewInt(int64(key.E)).Bytes()
		return map[string]string{"kty": "RSA", "n": encode(key.N.Bytes()), "e": encode(exponent)}, nil
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			return nil, err
		}
		half := 1 + len(point)/2 // after the 4 that says "uncompressed"
		x, y := encode(point[1:half]), encode(point[half:])
		return map[string]string{"kty": "EC", "crv": key.Params().Name, "x": x, "y": y}, nil
	case ed25519.PublicKey:
		return map[string]string{"kty": "OKP", "crv": "Ed25519", "x": encode(key)}, nil
	default:
		return nil, fmt.Errorf("no JWK for a %T", public)
	}
}

func publicPEM(public crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// readJWK reads a verification key, by hand again.
func readJWK(jwk map[string]any) (any, error) {
	var failed error
	member := func(name string) []byte {
		text, _ := jwk[name].(string)
		bytes, err := base64.RawURLEncoding.Strict().DecodeString(text)
		if (err != nil || text == "") && failed == nil {
			failed = fmt.Errorf("jwk member %q: %v", name, err)
		}
		return bytes
	}
	number := func(name string) *big.Int { return new(big.Int).SetBytes(member(name)) }
	var key any
	switch jwk["kty"] {
	case "oct":
		key = member("k")
	case "RSA":
		key = &rsa.PublicKey{N: number("n"), E: int(number("e").Int64())}
	case "EC":
		name, _ := jwk["crv"].(string)
		curve, known := curves[name]
		if !known {
			return nil, fmt.Errorf("jwk: unknown curve %q", name)
		}
		point := append(append([]byte{4}, member("x")...), member("y")...)
		read, err := ecdsa.ParseUncompressedPublicKey(curve, point)
		if err != nil {
			return nil, err
		}
		key = read
	case "OKP":
		key = ed25519.PublicKey(member("x"))
	default:
		return nil, fmt.Errorf("jwk: unknown kty %v", jwk["kty"])
	}
	return key, failed
}

func readPEM(text string) (any, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fmt.Errorf("no PEM block")
	}
	return x509.ParsePKIXPublicKey(block.Bytes)
}

// readPrivatePEM reads the public half of a PKCS#8 key.
func readPrivatePEM(text string) (any, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fmt.Errorf("no PEM block")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a %T does not sign", key)
	}
	return signer.Public(), nil
}

func encode(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }
