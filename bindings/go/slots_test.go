package bearerd

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestAReusedSlotIsNotServed(t *testing.T) {
	table := newSlotTable(1000)
	one, other := &Claims{generation: 1}, &Claims{generation: 2}
	if table.load(7, 1) != nil || table.store(7, one) != one || table.load(7, 1) != one {
		t.Fatal("what is stored is not found")
	}
	if table.load(7, 2) != nil {
		t.Fatal("an entry was served to another generation")
	}
	if table.store(7, &Claims{generation: 1}) != one {
		t.Fatal("two objects for one entry")
	}
	if table.store(7, other) != other || table.load(7, 1) != nil || table.load(7, 2) != other {
		t.Fatal("the slot was not taken over")
	}
	if far := (&Claims{generation: 3}); table.store(1<<31, far) != far || table.load(1<<31, 3) != nil {
		t.Fatal("a slot beyond the table")
	}
}

func TestTheTableIsBoundedInBytes(t *testing.T) {
	const slots = 4096
	table := newSlotTable(slots)
	payload := strings.Repeat("x", 16<<10)
	for round := range uint64(3) {
		for slot := range uint32(slots) {
			table.store(slot, &Claims{generation: round<<32 | uint64(slot) + 1, json: payload})
		}
	}
	held := int64(0)
	for slot := range uint32(slots) {
		held += table.chunks[slot/chunkSize].Load()[slot%chunkSize].Load().weight()
	}
	if held > leastBytes || held != table.bytes.Load() || held == 0 {
		t.Errorf("holds %d, counts %d", held, table.bytes.Load())
	}
}

func TestTheTableUnderContention(t *testing.T) {
	table := newSlotTable(8)
	table.limit.Store(20 * overhead)
	var group sync.WaitGroup
	for worker := range uint64(8) {
		start(&group, func() {
			for i := range uint64(20_000) {
				generation := (worker+i)%64 + 1
				slot := uint32(generation % 8)
				if c := table.load(slot, generation); c != nil && c.subject != fmt.Sprint(generation) {
					t.Errorf("%d was served %s", generation, c.subject)
					return
				}
				table.store(slot, &Claims{generation: generation, subject: fmt.Sprint(generation)})
			}
		})
	}
	group.Wait()
}
