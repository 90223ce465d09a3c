//go:build cgo

package bearerd

/*
#cgo noescape bd_verify_many
#cgo nocallback bd_verify_many
#cgo noescape bd_release_many
#cgo nocallback bd_release_many
#include "shim.h"
*/
import "C"

import (
	"context"
	"runtime"
	"unsafe"
)

func (l *library) verifyMany(_ context.Context, tokens []string, q *query) ([]Result, error) {
	stripe, open := l.gate.enter()
	if !open {
		return nil, errClosed()
	}
	defer l.gate.leave(stripe)
	if len(tokens) == 0 {
		return nil, nil
	}
	size := 0
	for _, token := range tokens {
		size += len(token)
	}
	flat := make([]byte, 0, size)
	ends := make([]C.uint64_t, len(tokens))
	for i, token := range tokens {
		flat = append(flat, token...)
		ends[i] = C.uint64_t(len(flat))
	}
	verdicts := make([]C.bd_verdict, len(tokens))
	whole := C.bd_verify_many(l.verifier, (*C.char)(unsafe.Pointer(unsafe.SliceData(flat))), unsafe.SliceData(ends),
		C.size_t(len(tokens)), borrow(q.profile), borrow(q.audience), borrow(q.device), C.uint32_t(q.kind),
		q.guard.native(), unsafe.SliceData(verdicts))
	runtime.KeepAlive(q.guard)
	if whole == 0 {
		return nil, ErrInternal.because("out of memory")
	}
	results := make([]Result, len(tokens))
	for i := range verdicts {
		if code := uint32(verdicts[i].code); code != C.BEARERD_OK {
			results[i].Err = refused(code, "")
		} else if verdicts[i].claims == 0 {
			results[i].Err = errShape()
		} else {
			results[i].Claims = l.kept(&verdicts[i])
		}
	}
	C.bd_release_many(unsafe.SliceData(verdicts), C.size_t(len(verdicts)))
	return results, nil
}
