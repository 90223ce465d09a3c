//go:build cgo

package bearerd

// #include "shim.h"
import "C"

import (
	"context"
	"strconv"
)

func (l *library) give(_ context.Context, o *order) (string, error) {
	var texts [4]string
	for i, name := range o.members {
		texts[i] = o.said[name].text
	}
	var count int64
	text, err := l.ask(func(v *C.bearerd_verifier, answer *C.bd_answer) {
		C.bd_order(v, C.uint32_t(o.number), C.uint32_t(o.kind), borrow(o.in), borrow(o.what), borrow(texts[0]),
			borrow(texts[1]), borrow(texts[2]), borrow(texts[3]), answer)
		count = int64(answer.expires_at)
	})
	if err == nil && text == "" {
		text = `{"ended":` + strconv.FormatInt(count, 10) + `}`
	}
	return text, err
}
