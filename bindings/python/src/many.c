/* Verification of many tokens: hits with the lock held, all misses together without it. */
#include "errors.h"
#include "options.h"
#include "text.h"

#include <stdlib.h>

typedef struct misses {
    bearerd_str *tokens;
    bearerd_code *codes;
    bearerd_claims **handles;
    Py_ssize_t *places; /* in the answer */
    size_t count;
} Misses;

static void misses_free(Misses *misses) {
    free(misses->tokens);
    free(misses->codes);
    free(misses->handles);
    free(misses->places);
}

static int misses_new(Misses *misses, size_t most) {
    misses->count = 0;
    misses->tokens = calloc(most + 1, sizeof *misses->tokens);
    misses->codes = calloc(most + 1, sizeof *misses->codes);
    misses->handles = calloc(most + 1, sizeof *misses->handles);
    misses->places = calloc(most + 1, sizeof *misses->places);
    if (misses->tokens && misses->codes && misses->handles && misses->places) return 0;
    misses_free(misses);
    PyErr_NoMemory();
    return -1;
}

/* The answer for one token, or NULL: without an exception, it is among the misses then. */
static PyObject *look_up(VerifierObject *self, PyObject *item, Py_ssize_t place,
                         const bearerd_verify_opts *opts, Misses *misses) {
    bearerd_str token;
    bearerd_slot slot;
    switch (text_borrow(item, "a token", &token)) {
    case TEXT_OK: break;
    case TEXT_NOT_UNICODE: return errors_make(self->state, BEARERD_MALFORMED);
    default: return NULL;
    }
    bearerd_code code = bearerd_lookup_slot(self->handle, token.ptr, token.len, opts, &slot, NULL);
    if (code == BEARERD_OK) {
        PyObject *claims = table_get(&self->table, slot.slot, slot.generation);
        if (claims != NULL) return claims;
    } else if (code != BEARERD_NOT_CACHED) {
        return errors_make(self->state, code);
    }
    misses->tokens[misses->count] = token;
    misses->places[misses->count++] = place;
    return NULL;
}

static int verify_misses(VerifierObject *self, PyObject *answers, const bearerd_verify_opts *opts, Misses *misses) {
    int failed = 0;
    if (misses->count == 0) return 0;
    Py_BEGIN_ALLOW_THREADS
    bearerd_verify_many(self->handle, misses->tokens, misses->count, opts, misses->codes, misses->handles);
    Py_END_ALLOW_THREADS
    for (size_t at = 0; at < misses->count; at++) {
        bearerd_claims *handle = misses->handles[at];
        PyObject *answer = NULL;
        if (!failed) {
            answer = handle != NULL ? verifier_claims(self, handle)
                                    : errors_make(self->state, misses->codes[at]);
            failed = answer == NULL || PyList_SetItem(answers, misses->places[at], answer) < 0;
        }
        bearerd_claims_free(handle);
    }
    return failed ? -1 : 0;
}

static int verify_all(VerifierObject *self, PyObject *tokens, PyObject *answers, const bearerd_verify_opts *opts) {
    Misses misses;
    Py_ssize_t count = PyTuple_Size(tokens);
    if (misses_new(&misses, (size_t)count) < 0) return -1;
    int failed = 0;
    for (Py_ssize_t at = 0; at < count && !failed; at++) {
        PyObject *answer = look_up(self, PyTuple_GetItem(tokens, at), at, opts, &misses);
        if (answer != NULL) failed = PyList_SetItem(answers, at, answer) < 0;
        else failed = PyErr_Occurred() != NULL;
    }
    if (!failed) failed = verify_misses(self, answers, opts, &misses) < 0;
    misses_free(&misses);
    return failed ? -1 : 0;
}

static const enum name NAMES_OF[] = {NAME_TOKENS, OPTION_NAMES};
static const Signature MANY = {"verify_many", 1, 1, 6, NAMES_OF};

METHOD(verifier_verify_many) {
    VerifierObject *self = (VerifierObject *)object;
    Call call;
    if (options_call(self, &MANY, args, nargs, kwnames, &call) < 0) return NULL;
    if (PyUnicode_Check(call.values[0]) || PyBytes_Check(call.values[0])) {
        text_wrong_type("tokens", "an iterable of tokens", call.values[0]);
        return NULL;
    }
    PyObject *tokens = PySequence_Tuple(call.values[0]);
    if (tokens == NULL) return NULL;
    PyObject *answers = PyList_New(PyTuple_Size(tokens));
    if (answers != NULL && verify_all(self, tokens, answers, call.given) < 0) Py_CLEAR(answers);
    Py_DECREF(tokens);
    return answers;
}
