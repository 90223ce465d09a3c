package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	bearerd "github.com/bearerd/bearerd/bindings/go"
)

const (
	hot     = "bearerd, seen before"
	hotAll  = "bearerd, seen before, four claims"
	cold    = "bearerd, no cache"
	coldAll = "bearerd, no cache, four claims"
	tokens  = 1000
)

// One algorithm: its key, its tokens and who verifies them.
type field struct {
	family      string
	headers     []string
	contestants []contestant
	control     contestant
	secret      []byte
	public      *rsa.PublicKey
}

type contestant struct {
	name string
	goal float64
	// Verifies and reads the subject; some read more, as their name says.
	verify func(token string) error
	// The subject and the role that verify sees.
	read func(token string) (string, int64, error)
}

func newField(family string, tokens int) (*field, error) {
	f := &field{family: family}
	key := map[string]any{"kid": "2026-05"}
	if family == "RS256" {
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			return nil, err
		}
		key["pem"] = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
		f.public = &private.PublicKey
	} else {
		f.secret = make([]byte, 32)
		if _, err := rand.Read(f.secret); err != nil {
			return nil, err
		}
		delete(key, "kid")
		key["secret_hex"] = fmt.Sprintf("%x", f.secret)
	}
	cached, err := verifier(family, key, map[string]any{})
	if err != nil {
		return nil, err
	}
	uncached, err := verifier(family, key, map[string]any{"max_entries": 0})
	if err != nil {
		return nil, err
	}
	for i := range tokens {
		signed, err := cached.Sign(context.Background(), claimsOf(i), bearerd.SignOptions{TTL: "1h"})
		if err != nil {
			return nil, err
		}
		f.headers = append(f.headers, "Bearer "+signed.Token)
	}
	hotGoal := map[string]float64{"HS256": 80, "RS256": 300}[family]
	f.contestants = append([]contestant{
		ours(hot, hotGoal, cached, false), ours(hotAll, 0, cached, true),
		ours(cold, 2, uncached, false), ours(coldAll, 0, uncached, true),
	}, f.rivals()...)
	f.control = contestant{name: control, verify: callIntoC}
	return f, nil
}

func verifier(family string, key, cache map[string]any) (*bearerd.Verifier, error) {
	return bearerd.New(map[string]any{"profiles": map[string]any{"api": map[string]any{
		"algorithms": []string{family}, "keys": []any{key}, "sign": map[string]any{}, "cache": cache,
		"claims": map[string]any{
			"kind": map[string]any{"claim": "tokenType"}, "role": "roleId", "team": "teamId", "device": "deviceId",
		},
	}}})
}

// What an application puts into its tokens; the signer adds iat, exp, jti and tokenType.
func claimsOf(i int) map[string]any {
	return map[string]any{
		"sub": fmt.Sprintf("usr_%016d", i), "roleId": 4, "vip": true, "teamId": "team_00420042",
		"scope": []string{"read:orders", "write:orders", "read:users"}, "deviceId": "dev_7f3a9c51d2047f3a9c",
	}
}

func ours(name string, goal float64, v *bearerd.Verifier, all bool) contestant {
	return contestant{
		name: name,
		goal: goal,
		verify: func(token string) error {
			claims, err := v.Verify(token)
			if err != nil {
				return err
			}
			if claims.Subject() == "" {
				return errEmpty
			}
			if !all {
				return nil
			}
			if _, err := claims.Int64("roleId"); err != nil {
				return err
			}
			if _, err := claims.String("teamId"); err != nil {
				return err
			}
			if !claims.HasScope("read:users") {
				return errEmpty
			}
			return nil
		},
		read: func(token string) (string, int64, error) {
			claims, err := v.Verify(token)
			if err != nil {
				return "", 0, err
			}
			role, err := claims.Int64("roleId")
			return claims.Subject(), role, err
		},
	}
}

// assert asks everyone about every token, and about one whose signature is another's.
func (f *field) assert() error {
	for _, c := range f.contestants {
		for i, header := range f.headers {
			token := header[len("Bearer "):]
			subject, role, err := c.read(token)
			if err != nil || subject != claimsOf(i)["sub"] || role != 4 {
				return fmt.Errorf("%s, token %d: %q %d %w", c.name, i, subject, role, err)
			}
			if err := c.verify(token); err != nil {
				return fmt.Errorf("%s, token %d: %w", c.name, i, err)
			}
		}
		one, other := f.headers[0][len("Bearer "):], f.headers[1]
		forged := one[:len(one)-40] + other[len(other)-40:]
		if _, _, err := c.read(forged); err == nil {
			return fmt.Errorf("%s accepted a forged token", c.name)
		}
		if err := c.verify(forged); err == nil {
			return fmt.Errorf("%s accepted a forged token", c.name)
		}
	}
	return nil
}
