/* bearerd.Claims: a mapping that nobody can change, so that one object serves every request with
 * its token. */
#ifndef BEARERD_PYTHON_CLAIMS_H
#define BEARERD_PYTHON_CLAIMS_H

#include "state.h"

/* Claims over `dict`, which nobody else may hold. */
PyObject *claims_new(const State *, PyObject *dict);

/* Has new claims lead to what the token came with beside them. -1 with an exception set. */
int claims_hold(PyObject *claims, const bearerd_claims *handle);

/* A dict and lists of the caller's own, at every depth. */
PyObject *claims_thaw(const State *, PyObject *claims);

int claims_check(const State *, PyObject *);

int claims_init(State *, PyObject *module);

#endif
