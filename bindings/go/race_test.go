//go:build race

package bearerd

const underRace = true
