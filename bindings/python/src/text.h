/* Text that crosses the boundary: borrowed from Python objects, never decoded or narrowed. */
#ifndef BEARERD_PYTHON_TEXT_H
#define BEARERD_PYTHON_TEXT_H

#include "state.h"

enum text { TEXT_OK, TEXT_NOT_UNICODE, TEXT_ERROR };

/* The bytes of a str (as UTF-8; those of ASCII are not copied) or bytes object, as long as it lives.
 * TEXT_NOT_UNICODE: a str with a lone surrogate, which has no UTF-8. TEXT_ERROR: an exception is
 * set; one about the type names `what` and never the value. */
enum text text_borrow(PyObject *object, const char *what, bearerd_str *out);

/* The same where a lone surrogate is the caller's mistake: ValueError. -1 with an exception set. */
int text_require(PyObject *object, const char *what, bearerd_str *out);

/* An option: absent and None leave `out` empty, while empty text is a ValueError, because the
 * library would take it for absent and check less than was asked for. */
int text_option(PyObject *object, const char *what, bearerd_str *out);

/* `what` must be str, not a T. */
void text_wrong_type(const char *what, const char *expected, PyObject *object);

#endif
