package bearerd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

func claimsOf(payload string) *Claims {
	return &Claims{json: payload, expiresAt: noExpiry, issuedAt: noIssuedAt}
}

func TestAccessors(t *testing.T) {
	c := claimsOf(` { "s" : "plain" ,"e":"a\"b\\\u0141\ud83d\ude00","n":-42,"big":9223372036854775808,"f":1.5,"x":1e3,` +
		`"t":true,"no":false,"nil":null,"o":{"a":[1,{"b":"}]"}]},"l":[1,"]"],"k\u0065y":"v","":"empty","scope":"a b" } `)
	for name, want := range map[string]string{"s": "plain", "e": "a\"b\\Ł😀", "key": "v", "": "empty"} {
		if got, err := c.String(name); err != nil || got != want {
			t.Errorf("%q: %q %v", name, got, err)
		}
	}
	for name, want := range map[string]string{
		"n": "-42", "o": `{"a":[1,{"b":"}]"}]}`, "l": `[1,"]"]`, "nil": "null", "e": `"a\"b\\\u0141\ud83d\ude00"`,
	} {
		if got, err := c.Get(name); err != nil || got != want {
			t.Errorf("%q: %q %v", name, got, err)
		}
	}
	if n, err := c.Int64("n"); err != nil || n != -42 {
		t.Error(n, err)
	}
	for _, name := range []string{"big", "f", "x", "s", "nil", "t"} {
		if _, err := c.Int64(name); !errors.Is(err, ErrWrongClaimType) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if yes, err := c.Bool("t"); err != nil || !yes {
		t.Error(yes, err)
	}
	if no, err := c.Bool("no"); err != nil || no {
		t.Error(no, err)
	}
	if _, err := c.Bool("nil"); !errors.Is(err, ErrWrongClaimType) {
		t.Error(err)
	}
	if _, err := c.String("S"); !errors.Is(err, ErrNoSuchClaim) {
		t.Error(err)
	}
	if !c.Has("nil") || c.Has("a") {
		t.Error("Has")
	}
	if !c.ExpiresAt().IsZero() || !c.IssuedAt().IsZero() || c.Issuer() != "" {
		t.Error("dates or issuer out of nothing")
	}
}

func TestScopes(t *testing.T) {
	for payload, want := range map[string][]string{
		`{}`: {}, `{"scope":null}`: {}, `{"scope":7}`: {}, `{"scope":""}`: {}, `{"scope":"a"}`: {"a"},
		`{"scope":"a b"}`: {"a", "b"}, `{"scope":["a","b c",7,null]}`: {"a", "b c"},
		`{"scope":[]}`: {}, `{"scope":[ "a" , ["b"], {"c":"d"}, "\u0065,]" ]}`: {"a", "e,]"}, `{"scope":{"a":1}}`: {},
	} {
		c := claimsOf(payload)
		got := c.Scopes()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q", payload, got)
		}
		if len(got) > 0 {
			got[0] = "changed"
			if slices.Contains(c.Scopes(), "changed") || c.HasScope("changed") {
				t.Error("a caller changed what the next one sees")
			}
		}
	}
}

func TestUnmarshal(t *testing.T) {
	type app struct {
		Sub    string
		RoleID int `json:"roleId"`
	}
	var filled app
	if err := claimsOf(`{"sub":"u","roleId":4}`).Unmarshal(&filled); err != nil || filled != (app{"u", 4}) {
		t.Error(filled, err)
	}
	err := claimsOf(`{"roleId":4,"ROLEID":1}`).Unmarshal(&filled)
	if !errors.Is(err, ErrWrongClaimType) || !strings.Contains(err.Error(), "case") {
		t.Error(err)
	}
	// The Kelvin sign folds to k.
	if err := claimsOf(`{"k":4,"\u212a":1}`).Unmarshal(&filled); !errors.Is(err, ErrWrongClaimType) {
		t.Error(err)
	}
	for _, payload := range []string{`{"roleId":"s3cret-value"}`, `{"roleId":77777777777777777777}`} {
		err := claimsOf(payload).Unmarshal(&filled)
		if !errors.Is(err, ErrWrongClaimType) || strings.Contains(fmt.Sprintf("%+v", err), "s3cret") ||
			strings.Contains(err.Error(), "7777") {
			t.Error("the error holds a claim: ", err)
		}
	}
}

func TestClaimsStayOutOfLogs(t *testing.T) {
	c := claimsOf(`{"sub":"s3cret-value"}`)
	c.subject = "s3cret-value"
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "claims", c)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "claims", c)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&log, verb, c)
		fmt.Fprintf(&log, verb, struct{ C *Claims }{c})
	}
	text, err := json.Marshal(c)
	if err != nil || strings.Contains(log.String()+string(text), "s3cret") {
		t.Error(log.String(), string(text))
	}
}

// What got here was validated, and still no text may make the index panic or run away.
func FuzzIndex(f *testing.F) {
	for _, text := range []string{`{"a":1}`, `{`, `{"a`, `{"a":`, `{"a":"\`, `{"a":[}`, `{"a":}`, `{:1}`, `{"a":1,}`, `[]`, ``, `{"\u00`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		index := indexClaims(text)
		var members map[string]json.RawMessage
		if json.Unmarshal([]byte(text), &members) != nil {
			return
		}
		for i := range index.members {
			raw, known := members[index.members[i].name]
			if !known {
				t.Errorf("%q: member %q", text, index.members[i].name)
			}
			_ = raw
		}
		for name, raw := range members {
			if text == "null" {
				continue
			}
			if member := index.find(name); member == nil || !json.Valid([]byte(member.raw)) || len(raw) == 0 {
				t.Errorf("%q: no member %q", text, name)
			}
		}
	})
}
