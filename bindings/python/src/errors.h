/* Codes become exceptions. */
#ifndef BEARERD_PYTHON_ERRORS_H
#define BEARERD_PYTHON_ERRORS_H

#include "state.h"

/* Takes the classes from bearerd.errors and gives each the row of the library's table.
 * -1 with ImportError set where the two do not cover each other. */
int errors_init(State *);

/* An error to hand to the library. */
bearerd_error errors_empty(void);

/* Sets the exception of `code`, with what `err` says (NULL: the table's sentence). Returns NULL. */
PyObject *errors_raise(const State *, bearerd_code code, const bearerd_error *err);

/* The exception of `code` as an object, not set. */
PyObject *errors_make(const State *, bearerd_code code);

#endif
