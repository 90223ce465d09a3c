package main

// static void nothing(const char *token, unsigned long length, unsigned long *out) { *out = length; }
// #cgo noescape nothing
// #cgo nocallback nothing
import "C"

import "unsafe"

const control = "a call into C that does nothing"

// What no binding over C can be faster than.
func callIntoC(token string) error {
	var length C.ulong
	C.nothing((*C.char)(unsafe.Pointer(unsafe.StringData(token))), C.ulong(len(token)), &length)
	if int(length) != len(token) {
		return errEmpty
	}
	return nil
}
