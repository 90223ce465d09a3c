/* bearerd.Guard: a compiled rule. */
#ifndef BEARERD_PYTHON_GUARD_H
#define BEARERD_PYTHON_GUARD_H

#include "state.h"

/* The guard of that name in the verifier's configuration. */
PyObject *guard_named(const State *, const bearerd_verifier *, PyObject *name);

/* The handle inside, as long as the object lives; NULL where it is no Guard. */
const bearerd_guard *guard_borrow(const State *, PyObject *);

int guard_init(State *, PyObject *module);

#endif
