// Bench compares verification in Go: bearerd with and without its cache, and the libraries that Go
// programs use. Contestants take turns in every round, every answer is asserted before anything is
// timed, and each call is given a string that was cut out of a header for it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 9, "rounds, of which the median is taken")
	slice := flag.Duration("slice", 150*time.Millisecond, "what a contestant is given in each round")
	flag.Parse()
	for _, family := range []string{"HS256", "RS256"} {
		// What is seen before is a question of caches, the processor's included.
		for _, tokens := range []int{64, 1000} {
			f, err := newField(family, tokens)
			if err != nil {
				fmt.Fprintln(os.Stderr, "bench:", err)
				os.Exit(1)
			}
			if err := f.assert(); err != nil {
				fmt.Fprintln(os.Stderr, "bench: a wrong answer:", err)
				os.Exit(1)
			}
			f.print(f.race(*rounds, *slice))
		}
	}
}

// race is nanoseconds a call, the median of all rounds, for each contestant.
func (f *field) race(rounds int, slice time.Duration) map[string]float64 {
	times := make(map[string][]float64)
	for range rounds {
		for _, c := range append(f.contestants, f.control) {
			times[c.name] = append(times[c.name], f.time(c, slice))
		}
	}
	medians := make(map[string]float64)
	for _, c := range append(f.contestants, f.control) {
		each := times[c.name]
		f.record(c.name, each)
		medians[c.name] = slices.Sorted(slices.Values(each))[len(each)/2]
	}
	return medians
}

// record keeps a figure for the report: one line of JSON, in the file that BEARERD_BENCH_RECORD names.
func (f *field) record(name string, rounds []float64) {
	path := os.Getenv("BEARERD_BENCH_RECORD")
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	err = json.NewEncoder(file).Encode(map[string]any{
		"group": fmt.Sprintf("Go: %s, %d tokens", f.family, len(f.headers)), "name": name, "unit": "ns", "rounds": rounds,
	})
	if err != nil {
		panic(err)
	}
}

func (f *field) time(c contestant, slice time.Duration) float64 {
	const prefix = len("Bearer ")
	// What the process was given, the collector's share included: on a machine that others use, too,
	// time on the wall is theirs as well.
	batch := max(1, 1000/len(f.headers))
	start, before := time.Now(), processorTime()
	for passes := 1; ; passes++ {
		// The clock is read once for about a thousand calls.
		for range batch {
			for _, header := range f.headers {
				if c.verify(header[prefix:]) != nil {
					panic("refused while it was timed")
				}
			}
		}
		if time.Since(start) >= slice {
			return float64(processorTime()-before) / float64(passes*batch*len(f.headers))
		}
	}
}

func (f *field) print(medians map[string]float64) {
	best := min(medians[golangJWT], medians[golangJWTMap])
	fmt.Printf("\n%s, %d tokens of %d characters\n", f.family, len(f.headers), len(f.headers[0])-len("Bearer "))
	fmt.Printf("  %-34s %10s %14s %12s\n", "", "ns", "golang-jwt / it", "goal")
	for _, c := range append(f.contestants, f.control) {
		goal := ""
		if c.goal > 0 {
			goal = fmt.Sprintf(">= %.0f", c.goal)
		}
		fmt.Printf("  %-34s %10.0f %14.2f %12s\n", c.name, medians[c.name], best/medians[c.name], goal)
	}
}

func processorTime() int64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return used.Utime.Nano() + used.Stime.Nano()
}
