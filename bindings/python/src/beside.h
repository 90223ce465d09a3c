/* What a token comes with beside its claims: the session, and the context that the sidecar answers.
 * Both change while the claims stay, so they are asked for anew, and only where somebody looks. */
#ifndef BEARERD_PYTHON_BESIDE_H
#define BEARERD_PYTHON_BESIDE_H

#include "state.h"

typedef struct beside Beside;

/* Of a token that was accepted just now; `*out` is NULL where there is nothing beside its claims.
 * -1 with MemoryError set. */
int beside_new(const bearerd_claims *, Beside **out);

void beside_free(Beside *);

/* What the last verification of the token found, or None. The same object for as long as it says the
 * same. */
PyObject *beside_session(State *, Beside *);
PyObject *beside_context(State *, Beside *);

#endif
