package bearerd

import "sync/atomic"

// What this side has built for the library's cache entries: the claims of slot i, as long as their
// generation is the entry's. A slot that was reused has another generation, so what it held before
// is never served. The table is as large as the library's and made in chunks, where entries are.
type slotTable struct {
	chunks []atomic.Pointer[slotChunk]
	// Claims stay in their slot until it is reused, and entries that left the library's cache for
	// want of bytes leave their slots empty there and full here: so bytes are bounded here, too.
	bytes, limit atomic.Int64
	hand         atomic.Uint32
}

const chunkSize = 256

type slotChunk [chunkSize]atomic.Pointer[Claims]

// A payload and what surrounds it, for each slot, or this much in all for small tables.
const (
	bytesPerSlot = 1 << 10
	leastBytes   = 16 << 20
	// The struct, its index once built, and the slot.
	overhead = 512
)

func newSlotTable(slots uint32) *slotTable {
	t := &slotTable{chunks: make([]atomic.Pointer[slotChunk], (uint64(slots)+chunkSize-1)/chunkSize)}
	t.limit.Store(max(leastBytes, int64(slots)*bytesPerSlot))
	return t
}

func (t *slotTable) load(slot uint32, generation uint64) *Claims {
	at := slot / chunkSize
	if uint64(at) >= uint64(len(t.chunks)) {
		return nil
	}
	chunk := t.chunks[at].Load()
	if chunk == nil {
		return nil
	}
	if claims := chunk[slot%chunkSize].Load(); claims != nil && claims.generation == generation {
		return claims
	}
	return nil
}

// store returns what serves the generation from now on: claims, or what another goroutine built
// from the same entry meanwhile.
func (t *slotTable) store(slot uint32, claims *Claims) *Claims {
	at := slot / chunkSize
	if uint64(at) >= uint64(len(t.chunks)) {
		return claims
	}
	chunk := t.chunks[at].Load()
	for chunk == nil {
		t.chunks[at].CompareAndSwap(nil, new(slotChunk))
		chunk = t.chunks[at].Load()
	}
	place := &chunk[slot%chunkSize]
	for {
		old := place.Load()
		if old != nil && old.generation == claims.generation {
			return old
		}
		if place.CompareAndSwap(old, claims) {
			if t.bytes.Add(claims.weight()-old.weight()) > t.limit.Load() {
				t.sweep()
			}
			return claims
		}
	}
}

// sweep empties one chunk after the other, as a clock's hand goes, until what is left fits.
func (t *slotTable) sweep() {
	for range t.chunks {
		chunk := t.chunks[t.hand.Add(1)%uint32(len(t.chunks))].Load()
		if chunk == nil {
			continue
		}
		for i := range chunk {
			t.bytes.Add(-chunk[i].Swap(nil).weight())
		}
		if t.bytes.Load() <= t.limit.Load() {
			return
		}
	}
}

func (c *Claims) weight() int64 {
	if c == nil {
		return 0
	}
	return int64(len(c.json)+len(c.subject)) + overhead
}
