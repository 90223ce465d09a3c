package bearerd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestTheTableIsTheRepositorys(t *testing.T) {
	seen := 0
	for _, line := range strings.Split(repository(t, "tests/golden/codes.txt"), "\n") {
		var number uint32
		var name string
		var status int
		if n, _ := fmt.Sscanf(line, "%d %s %d", &number, &name, &status); n != 3 || number == 0 {
			continue
		}
		seen++
		row, known := byNumber[number]
		if !known || row.Code != name || row.Status != status {
			t.Errorf("%s: have %+v", line, row)
		}
	}
	if seen == 0 || seen != len(byNumber) || seen != len(byName) {
		t.Errorf("%d rows in the golden file, %d here", seen, len(byNumber))
	}
}

func TestTheSentencesAreTheCores(t *testing.T) {
	row := regexp.MustCompile(`= (\d+), "([A-Z0-9_]+)", \d+, "(.*)";`)
	found := row.FindAllStringSubmatch(repository(t, "src/error/code.rs"), -1)
	if len(found) < len(byNumber) {
		t.Fatalf("only %d rows found", len(found))
	}
	for _, match := range found {
		if match[2] == "OK" {
			continue
		}
		if row := byName[match[2]]; row == nil || row.Message != match[3] {
			t.Errorf("%s: have %+v", match[0], row)
		}
	}
}

func TestErrorsCompareByCode(t *testing.T) {
	err := fmt.Errorf("orders: %w", ErrExpired.because("exp"))
	if !errors.Is(err, ErrExpired) || errors.Is(err, ErrRevoked) {
		t.Error("codes do not compare")
	}
	var coded *Error
	if !errors.As(err, &coded) || coded.Code != "EXPIRED" || coded.Number != 500 || coded.Detail != "exp" {
		t.Errorf("%+v", coded)
	}
	if want := "bearerd: EXPIRED: The token has expired. (exp)"; coded.Error() != want {
		t.Errorf("%q", coded.Error())
	}
	caused := ErrStoreUnavailable.causedBy(context.Canceled)
	if !errors.Is(caused, context.Canceled) {
		t.Error("the cause is lost")
	}
	for err, want := range map[error]int{
		nil: 200, io.EOF: 500, ErrExpired: 401, ErrForbidden: 403, ErrConfig: 500, ErrKeysUnavailable: 503,
	} {
		if got := StatusOf(err); got != want {
			t.Errorf("%v: %d", err, got)
		}
	}
}

func TestTheTableCannotBeChangedThroughAnError(t *testing.T) {
	eachWay(t, orders(), func(t *testing.T, w world) {
		_, err := w.Verify("x")
		err.(*Error).Message = "changed"
		if ErrMalformed.Message == "changed" {
			t.Error("a caller changed the table")
		}
	})
}
