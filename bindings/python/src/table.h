/* The claims objects already built, by the slot of their cache entry. */
#ifndef BEARERD_PYTHON_TABLE_H
#define BEARERD_PYTHON_TABLE_H

#include "state.h"

/* All JSON text whose objects are kept, together. An object weighs about five times its text. The
 * library evicts by its own bounds, and a stale object stays until its slot is used again or this
 * bound is met. */
#define TABLE_TEXT_BYTES ((size_t)32 << 20)

typedef struct kept {
    uint64_t generation;
    PyObject *claims;
    uint32_t weight;
} Kept;

/* Every use is under the interpreter's lock. */
typedef struct table {
    Kept *slots;
    uint32_t count;
    uint32_t hand;
    size_t weight;
    size_t limit;
} Table;

/* A table for slots below `count`. -1 with MemoryError set. */
int table_init(Table *, uint32_t count);
void table_clear(Table *);

/* The object built for this very entry, as a new reference, or NULL. A slot is reused; a generation
 * never is. */
PyObject *table_get(const Table *, uint32_t slot, uint64_t generation);

/* Keeps an object that was built from `weight` bytes of text. */
void table_put(Table *, uint32_t slot, uint64_t generation, PyObject *claims, size_t weight);

#endif
