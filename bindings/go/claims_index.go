package bearerd

import (
	"encoding/json"
	"strings"
)

// Where each claim stands in the payload. The payload was validated before it got here (one
// object, no duplicate members, bounded depth), so this only has to find its way, and stops where
// it cannot.
type claimIndex struct {
	members []claimMember
	scopes  []string
}

type claimMember struct {
	name string
	// The JSON of the value, never empty.
	raw string
	// The string, decoded, where the value is one.
	text string
}

func (x *claimIndex) find(name string) *claimMember {
	for i := range x.members {
		if x.members[i].name == name {
			return &x.members[i]
		}
	}
	return nil
}

func indexClaims(payload string) *claimIndex {
	index := &claimIndex{members: make([]claimMember, 0, 16)}
	s := scanner{text: payload}
	if !s.take('{') {
		return index
	}
	for !s.take('}') {
		name := s.value()
		if !s.take(':') {
			break
		}
		raw := s.value()
		if name == "" || raw == "" {
			break
		}
		index.members = append(index.members, claimMember{decoded(name), raw, decoded(raw)})
		if !s.take(',') {
			break
		}
	}
	if scope := index.find("scope"); scope != nil {
		index.scopes = scopesOf(scope)
	}
	return index
}

// RFC 6749 §3.3 separates scopes by single blanks; some issuers send a list.
func scopesOf(member *claimMember) []string {
	switch member.raw[0] {
	case '"':
		return strings.Fields(member.text)
	case '[':
		scopes := make([]string, 0, 8)
		s := scanner{text: member.raw}
		for s.take('['); !s.take(']'); {
			element := s.value()
			if element == "" {
				break
			}
			if element[0] == '"' {
				scopes = append(scopes, decoded(element))
			}
			if !s.take(',') {
				break
			}
		}
		return scopes
	default:
		return nil
	}
}

// The string that a JSON string stands for; empty for any other value.
func decoded(raw string) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	if inner := raw[1 : len(raw)-1]; strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	var text string
	if json.Unmarshal([]byte(raw), &text) != nil {
		return ""
	}
	return text
}

type scanner struct {
	text string
	at   int
}

func (s *scanner) take(wanted byte) bool {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\n', '\r':
			s.at++
		case wanted:
			s.at++
			return true
		default:
			return false
		}
	}
	return false
}

// The JSON of the value that comes next, without the blanks around it.
func (s *scanner) value() string {
	for s.at < len(s.text) && strings.IndexByte(" \t\n\r", s.text[s.at]) >= 0 {
		s.at++
	}
	start, depth := s.at, 0
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case '"':
			s.skipString()
			if depth == 0 {
				return s.text[start:s.at]
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return s.text[start:s.at]
			}
			depth--
			if depth == 0 {
				s.at++
				return s.text[start:s.at]
			}
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return s.text[start:s.at]
			}
		}
		s.at++
	}
	return s.text[start:s.at]
}

func (s *scanner) skipString() {
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case '"':
			s.at++
			return
		}
	}
	s.at = len(s.text)
}
