#include "table.h"

#include <stdlib.h>

int table_init(Table *table, uint32_t count) {
    table->slots = NULL;
    table->count = 0;
    table->hand = 0;
    table->weight = 0;
    table->limit = TABLE_TEXT_BYTES;
    if (count == 0) return 0;
    /* Zeroed pages cost nothing until a slot in them is used. */
    table->slots = calloc(count, sizeof(Kept));
    if (table->slots == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    table->count = count;
    return 0;
}

void table_clear(Table *table) {
    for (uint32_t slot = 0; slot < table->count; slot++) Py_CLEAR(table->slots[slot].claims);
    free(table->slots);
    table->slots = NULL;
    table->count = 0;
}

PyObject *table_get(const Table *table, uint32_t slot, uint64_t generation) {
    if (slot >= table->count) return NULL;
    const Kept *kept = &table->slots[slot];
    return kept->generation == generation ? Py_XNewRef(kept->claims) : NULL;
}

static void drop(Table *table, Kept *kept) {
    PyObject *claims = kept->claims;
    table->weight -= kept->weight;
    kept->claims = NULL;
    kept->weight = 0;
    Py_XDECREF(claims);
}

void table_put(Table *table, uint32_t slot, uint64_t generation, PyObject *claims, size_t weight) {
    if (slot >= table->count || weight > table->limit / 64) return;
    Kept *kept = &table->slots[slot];
    drop(table, kept);
    while (table->weight + weight > table->limit) {
        drop(table, &table->slots[table->hand]);
        table->hand = (table->hand + 1) % table->count;
    }
    kept->generation = generation;
    kept->claims = Py_NewRef(claims);
    kept->weight = (uint32_t)weight;
    table->weight += weight;
}
