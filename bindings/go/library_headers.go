//go:build cgo

package bearerd

/*
#cgo noescape bd_extract
#cgo nocallback bd_extract
#include "shim.h"
*/
import "C"

import (
	"context"
	"slices"
	"strings"
	"unsafe"
)

func (l *library) learnPlaces(description *Description) {
	l.names = make(map[string][]place, len(description.Profiles))
	for name, profile := range description.Profiles {
		l.names[name] = placesOf(profile.TokenFrom)
	}
	l.unnamed = placesOf([]string{"bearer"})
	if places, found := l.names[description.DefaultProfile]; found {
		l.unnamed = places
	}
}

func placesOf(tokenFrom []string) []place {
	var places []place
	for _, from := range tokenFrom {
		kind, name, _ := strings.Cut(from, ":")
		switch kind {
		case "bearer":
			name = "authorization"
		case "cookie":
			name = "cookie"
		}
		if at := placeOf(name); !slices.Contains(places, at) {
			places = append(places, at)
		}
	}
	return places
}

// verifyHeaders reads the headers in which the profile looks, in every spelling and with every
// repeat that the server kept, so that what could be read in two ways is seen to be so.
func (l *library) verifyHeaders(_ context.Context, headers map[string][]string, q *query) (*Claims, error) {
	places := l.unnamed
	if q.profile != "" {
		var found bool
		if places, found = l.names[q.profile]; !found {
			return nil, ErrValidation.because("profile: no profile has that name")
		}
	}
	var (
		flatSpace [1024]byte
		endSpace  [16]C.uint64_t
		sentSpace [8]string
	)
	flat, ends, sent := flatSpace[:0], endSpace[:0], sentSpace[:0]
	add := func(name string, values []string) {
		for _, value := range values {
			flat = append(flat, name...)
			ends = append(ends, C.uint64_t(len(flat)))
			flat = append(flat, value...)
			ends = append(ends, C.uint64_t(len(flat)))
			sent = append(sent, value)
		}
	}
	for _, at := range places {
		add(at.lower, headers[at.canonical])
		if at.lower != at.canonical {
			add(at.lower, headers[at.lower])
		}
	}
	token, err := l.extract(flat, ends, sent, q.profile)
	if err != nil {
		return nil, err
	}
	return l.verify(token, q)
}

func (l *library) extract(flat []byte, ends []C.uint64_t, sent []string, profile string) (string, error) {
	stripe, open := l.gate.enter()
	if !open {
		return "", errClosed()
	}
	var at, length C.uint64_t
	code := C.bd_extract(l.verifier, borrow(profile), (*C.char)(unsafe.Pointer(unsafe.SliceData(flat))),
		unsafe.SliceData(ends), C.size_t(len(sent)), &at, &length)
	l.gate.leave(stripe)
	if code != C.BEARERD_OK {
		return "", refused(uint32(code), "")
	}
	// The same bytes in the string that the server gave us: nothing is copied to be kept.
	for i, value := range sent {
		if end := uint64(ends[2*i+1]); uint64(at) < end {
			start := uint64(at) - (end - uint64(len(value)))
			return value[start : start+uint64(length)], nil
		}
	}
	return "", ErrInternal.because("the token was found outside of the headers")
}
