#ifndef BEARERD_PYTHON_KEYWORDS_H
#define BEARERD_PYTHON_KEYWORDS_H

#include "state.h"

/* How a method may be called: `positional` leading parameters may be given by position, the first
 * `required` must be given. `names` lists all, positional ones first. */
typedef struct signature {
    const char *function;
    int positional;
    int required;
    int count;
    const enum name *names;
} Signature;

/* The most parameters of any method. */
#define PARAMETERS 7

/* Fills `values` (borrowed; NULL where not given) in the order of `names`. -1 with TypeError set. */
int keywords_read(const State *, const Signature *, PyObject *const *args, Py_ssize_t nargs,
                  PyObject *kwnames, PyObject **values);

/* Makes the names of a state. -1 with an exception set. */
int keywords_init(State *);

/* The spelling of a name. */
const char *keywords_text(enum name);

#endif
