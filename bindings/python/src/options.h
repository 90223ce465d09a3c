/* The keyword options of verification. */
#ifndef BEARERD_PYTHON_OPTIONS_H
#define BEARERD_PYTHON_OPTIONS_H

#include "verifier.h"

/* profile, guard, audience, device, kind: in this order, after a method's own parameter. */
#define OPTION_NAMES NAME_PROFILE, NAME_GUARD, NAME_AUDIENCE, NAME_DEVICE, NAME_KIND

/* A call of one parameter and the options behind it. All of it borrows from the call's arguments. */
typedef struct call {
    PyObject *values[PARAMETERS];
    bearerd_verify_opts opts;
    const bearerd_verify_opts *given; /* NULL: none */
} Call;

/* -1 with an exception set: an option that is not understood is never passed over. */
int options_call(VerifierObject *, const Signature *, PyObject *const *args, Py_ssize_t nargs,
                 PyObject *kwnames, Call *);

/* "access" or "refresh", or, where `any` is a choice, "any"; absent or None: BEARERD_KIND_PROFILE. */
int options_kind(PyObject *, int any, uint32_t *out);

#endif
