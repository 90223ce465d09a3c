/* Verification of a request's headers. */
#include "errors.h"
#include "options.h"
#include "text.h"

#include <stdlib.h>

/* More than any server lets through. */
#define MOST_HEADERS 4096

static int not_pairs(void) {
    PyErr_SetString(PyExc_TypeError, "headers must be an iterable of pairs of name and value");
    return -1;
}

/* A list of tuples that is ours alone, so that nobody changes it while the lock is released. */
static PyObject *keep_pairs(PyObject *headers) {
    PyObject *kept = PyList_New(0);
    PyObject *iterator = kept == NULL ? NULL : PyObject_GetIter(headers);
    PyObject *item;
    int failed = iterator == NULL;
    while (!failed && (item = PyIter_Next(iterator)) != NULL) {
        PyObject *pair;
        if (PyUnicode_Check(item) || PyBytes_Check(item)) pair = NULL;
        else pair = PyTuple_CheckExact(item) ? Py_NewRef(item) : PySequence_Tuple(item);
        Py_DECREF(item);
        if (pair == NULL && !PyErr_Occurred()) not_pairs();
        failed = pair == NULL || PyList_Append(kept, pair) < 0;
        Py_XDECREF(pair);
    }
    Py_XDECREF(iterator);
    if (failed || PyErr_Occurred()) Py_CLEAR(kept);
    return kept;
}

static int read_half(VerifierObject *self, PyObject *pair, Py_ssize_t at, bearerd_str *out) {
    const char *what = at == 0 ? "a header's name" : "a header's value";
    enum text read = text_borrow(PyTuple_GetItem(pair, at), what, out);
    if (read == TEXT_NOT_UNICODE) errors_raise(self->state, BEARERD_MALFORMED, NULL);
    return read == TEXT_OK ? 0 : -1;
}

static int read_pairs(VerifierObject *self, PyObject *kept, bearerd_header *out) {
    for (Py_ssize_t at = 0; at < PyList_Size(kept); at++) {
        PyObject *pair = PyList_GetItem(kept, at);
        if (PyTuple_Size(pair) != 2) return not_pairs();
        if (read_half(self, pair, 0, &out[at].name) < 0) return -1;
        if (read_half(self, pair, 1, &out[at].value) < 0) return -1;
    }
    return 0;
}

typedef PyObject *(*Verify)(VerifierObject *, bearerd_str token, const bearerd_verify_opts *);

static PyObject *verify_pairs(VerifierObject *self, PyObject *kept, const bearerd_verify_opts *opts, Verify verify) {
    Py_ssize_t count = PyList_Size(kept);
    if (count > MOST_HEADERS) return errors_raise(self->state, BEARERD_MALFORMED, NULL);
    bearerd_header *headers = malloc(sizeof(bearerd_header) * (size_t)(count + 1));
    if (headers == NULL) return PyErr_NoMemory();
    PyObject *claims = NULL;
    if (read_pairs(self, kept, headers) == 0) {
        bearerd_str profile = {NULL, 0};
        bearerd_str token;
        bearerd_error err = errors_empty();
        if (opts != NULL) profile = opts->profile;
        bearerd_code code = bearerd_extract(self->handle, profile, headers, (size_t)count, &token, &err);
        claims = code == BEARERD_OK ? verify(self, token, opts)
                                    : errors_raise(self->state, code, &err);
    }
    free(headers);
    return claims;
}

static const enum name NAMES_OF[] = {NAME_HEADERS, OPTION_NAMES};
static const Signature HEADERS = {"verify_headers", 1, 1, 6, NAMES_OF};

static const Signature LOOKUP = {"lookup_headers", 1, 1, 6, NAMES_OF};

static PyObject *verify_headers(const Signature *signature, Verify verify, PyObject *object, PyObject *const *args,
                                Py_ssize_t nargs, PyObject *kwnames) {
    VerifierObject *self = (VerifierObject *)object;
    Call call;
    if (options_call(self, signature, args, nargs, kwnames, &call) < 0) return NULL;
    PyObject *kept = keep_pairs(call.values[0]);
    if (kept == NULL) return NULL;
    PyObject *claims = verify_pairs(self, kept, call.given, verify);
    Py_DECREF(kept);
    return claims;
}

METHOD(verifier_verify_headers) {
    return verify_headers(&HEADERS, verifier_verify_text, object, args, nargs, kwnames);
}

METHOD(verifier_lookup_headers) {
    return verify_headers(&LOOKUP, verifier_lookup_text, object, args, nargs, kwnames);
}
