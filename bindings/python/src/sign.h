/* Arguments that signing, sign-in and personal access tokens take alike. */
#ifndef BEARERD_PYTHON_SIGN_H
#define BEARERD_PYTHON_SIGN_H

#include "verifier.h"

/* JSON text of an argument: a str or bytes as it is, anything else encoded. `owner` keeps it. */
int sign_json(VerifierObject *, PyObject *value, const char *what, PyObject **owner, bearerd_str *out);

/* A span of time: "15m", a number of seconds, "none". `owner` keeps the text. */
int sign_span(PyObject *span, const char *what, PyObject **owner, bearerd_str *out);

#endif
