//go:build !cgo

package bearerd

const hasLibrary = false
