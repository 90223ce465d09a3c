package bearerd

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The texts that the steps of a case have kept for later ones.
type sharedTexts map[string]string

func (k sharedTexts) keep(t *testing.T, as, texts map[string]string) {
	t.Helper()
	for member, name := range as {
		text := texts[member]
		if text == "" {
			t.Fatalf("the answer has no %s to be kept as %s", member, name)
		}
		k[name] = text
	}
}

// fill puts what was kept in the place of what stands for it. A step in which nothing does stays as
// it is spelled.
func (k sharedTexts) fill(t *testing.T, step string) string {
	t.Helper()
	if !strings.Contains(step, `"$"`) {
		return step
	}
	text, err := json.Marshal(k.filled(t, loose(t, step)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (k sharedTexts) filled(t *testing.T, value any) any {
	t.Helper()
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = k.filled(t, value[i])
		}
	case map[string]any:
		if name, stands := value["$"]; stands {
			text, there := k[name.(string)]
			if !there {
				t.Fatalf("nothing was kept as %s", name)
			}
			before, _ := value["before"].(string)
			after, _ := value["after"].(string)
			return before + text + after
		}
		for name := range value {
			value[name] = k.filled(t, value[name])
		}
	}
	return value
}

// agree compares, numbers by their digits. A wanted {"$ahead": n} is a time within n seconds from now.
func agree(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		if ahead, there := want["$ahead"]; there {
			return isAhead(got, ahead)
		}
		members, is := got.(map[string]any)
		if !is || len(members) != len(want) {
			return false
		}
		for name := range want {
			if member, there := members[name]; !there || !agree(member, want[name]) {
				return false
			}
		}
		return true
	case []any:
		elements, is := got.([]any)
		if !is || len(elements) != len(want) {
			return false
		}
		for i := range want {
			if !agree(elements[i], want[i]) {
				return false
			}
		}
		return true
	default:
		return reflect.DeepEqual(got, want)
	}
}

func isAhead(got, ahead any) bool {
	number, is := got.(json.Number)
	if !is {
		return false
	}
	at, err := number.Int64()
	most, wrong := ahead.(json.Number).Int64()
	now := time.Now().Unix()
	return err == nil && wrong == nil && at > now && at <= now+most
}
