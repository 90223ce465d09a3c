/* JSON text of the library becomes Python objects. */
#ifndef BEARERD_PYTHON_JSON_H
#define BEARERD_PYTHON_JSON_H

#include "state.h"

/* Claims for objects and tuples for arrays, which nobody can change: claims are shared by all who
 * present the token. */
#define JSON_FROZEN 1
/* dict and list, the caller's own. */
#define JSON_PLAIN 0

/* The text is what the library has checked or written: one valid JSON value. Text that is not
 * raises, and is read no further than `len`. */
PyObject *json_parse(State *, const char *text, size_t len, int frozen);

/* Any object as JSON text (str), by json.dumps' rules. */
PyObject *json_encode(const State *, PyObject *);

int json_init(State *);

#endif
