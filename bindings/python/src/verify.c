#include "claims.h"
#include "errors.h"
#include "json.h"
#include "options.h"
#include "text.h"

#include <string.h>

PyObject *verifier_claims(VerifierObject *self, const bearerd_claims *handle) {
    bearerd_view view;
    view.size = sizeof view;
    bearerd_code code = bearerd_claims_view(handle, &view);
    if (code != BEARERD_OK) return errors_raise(self->state, code, NULL);
    PyObject *claims = table_get(&self->table, view.slot, view.generation);
    if (claims != NULL) return claims;
    claims = json_parse(self->state, view.json.ptr, view.json.len, JSON_FROZEN);
    if (claims != NULL && claims_hold(claims, handle) < 0) Py_CLEAR(claims);
    if (claims != NULL) table_put(&self->table, view.slot, view.generation, claims, view.json.len);
    return claims;
}

/* With a handle, and with the lock released: where the signature must be verified, and where the
 * cache knows the token and we have no object for it. */
static PyObject *verify_handle(VerifierObject *self, bearerd_str token, const bearerd_verify_opts *opts) {
    bearerd_error err = errors_empty();
    bearerd_claims *handle = NULL;
    bearerd_code code;
    Py_BEGIN_ALLOW_THREADS
    code = bearerd_verify(self->handle, token.ptr, token.len, opts, &handle, &err);
    Py_END_ALLOW_THREADS
    if (code != BEARERD_OK) return errors_raise(self->state, code, &err);
    PyObject *claims = verifier_claims(self, handle);
    bearerd_claims_free(handle);
    return claims;
}

/* A hit costs less than handing the interpreter's lock around, so the cache is asked with it held. */
PyObject *verifier_verify_text(VerifierObject *self, bearerd_str token, const bearerd_verify_opts *opts) {
    bearerd_error err = errors_empty();
    bearerd_slot slot;
    bearerd_code code = bearerd_lookup_slot(self->handle, token.ptr, token.len, opts, &slot, &err);
    if (code == BEARERD_OK) {
        PyObject *claims = table_get(&self->table, slot.slot, slot.generation);
        if (claims != NULL) return claims;
    } else if (code != BEARERD_NOT_CACHED) {
        return errors_raise(self->state, code, &err);
    }
    return verify_handle(self, token, opts);
}

PyObject *verifier_lookup_text(VerifierObject *self, bearerd_str token, const bearerd_verify_opts *opts) {
    bearerd_error err = errors_empty();
    bearerd_slot slot;
    bearerd_code code = bearerd_lookup_slot(self->handle, token.ptr, token.len, opts, &slot, &err);
    if (code != BEARERD_OK && code != BEARERD_NOT_CACHED) return errors_raise(self->state, code, &err);
    PyObject *claims = code == BEARERD_OK ? table_get(&self->table, slot.slot, slot.generation) : NULL;
    return claims != NULL ? claims : Py_NewRef(Py_None);
}

/* 0, or -1 with the exception set: MALFORMED for a str that has no UTF-8. */
static int read_token(VerifierObject *self, PyObject *object, const char *what, bearerd_str *out) {
    enum text read = text_borrow(object, what, out);
    if (read == TEXT_NOT_UNICODE) errors_raise(self->state, BEARERD_MALFORMED, NULL);
    return read == TEXT_OK ? 0 : -1;
}

static const enum name TOKEN_NAMES[] = {NAME_TOKEN, OPTION_NAMES};
static const Signature VERIFY = {"verify", 1, 1, 6, TOKEN_NAMES};
static const Signature EXPLAIN = {"explain", 1, 1, 6, TOKEN_NAMES};
static const enum name VALUE_NAMES[] = {NAME_VALUE, OPTION_NAMES};
static const Signature AUTHORIZATION = {"verify_authorization", 1, 1, 6, VALUE_NAMES};

METHOD(verifier_verify) {
    VerifierObject *self = (VerifierObject *)object;
    Call call;
    bearerd_str token;
    if (options_call(self, &VERIFY, args, nargs, kwnames, &call) < 0) return NULL;
    if (read_token(self, call.values[0], "token", &token) < 0) return NULL;
    return verifier_verify_text(self, token, call.given);
}

static PyObject *authorization_handle(VerifierObject *self, bearerd_str value, const bearerd_verify_opts *opts) {
    bearerd_error err = errors_empty();
    bearerd_claims *handle = NULL;
    bearerd_code code;
    Py_BEGIN_ALLOW_THREADS
    code = bearerd_verify_authorization(self->handle, value.ptr, value.len, opts, &handle, &err);
    Py_END_ALLOW_THREADS
    if (code != BEARERD_OK) return errors_raise(self->state, code, &err);
    PyObject *claims = verifier_claims(self, handle);
    bearerd_claims_free(handle);
    return claims;
}

METHOD(verifier_verify_authorization) {
    VerifierObject *self = (VerifierObject *)object;
    Call call;
    bearerd_str value = {NULL, 0};
    if (options_call(self, &AUTHORIZATION, args, nargs, kwnames, &call) < 0) return NULL;
    if (call.values[0] != Py_None && read_token(self, call.values[0], "value", &value) < 0) return NULL;
    /* The usual form, asked of the cache with the lock held. The cache knows whole tokens alone, so
     * what it finds is what the library would have read from the value. */
    if (value.len > 7 && memcmp(value.ptr, "Bearer ", 7) == 0) {
        bearerd_slot slot;
        bearerd_code code =
            bearerd_lookup_slot(self->handle, value.ptr + 7, value.len - 7, call.given, &slot, NULL);
        PyObject *claims = code == BEARERD_OK ? table_get(&self->table, slot.slot, slot.generation) : NULL;
        if (claims != NULL) return claims;
    }
    return authorization_handle(self, value, call.given);
}

METHOD(verifier_explain) {
    VerifierObject *self = (VerifierObject *)object;
    Call call;
    bearerd_str token;
    bearerd_text *text = NULL;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (options_call(self, &EXPLAIN, args, nargs, kwnames, &call) < 0) return NULL;
    if (text_require(call.values[0], "token", &token) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    code = bearerd_explain(self->handle, token.ptr, token.len, call.given, &text, &err);
    Py_END_ALLOW_THREADS
    if (code != BEARERD_OK) return errors_raise(self->state, code, &err);
    return verifier_document(self, text);
}
