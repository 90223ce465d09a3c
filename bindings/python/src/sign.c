/* Signing and refresh rotation. */
#include "sign.h"

#include "claims.h"
#include "errors.h"
#include "json.h"
#include "options.h"
#include "text.h"

int sign_json(VerifierObject *self, PyObject *value, const char *what, PyObject **owner, bearerd_str *out) {
    *owner = NULL;
    out->ptr = NULL;
    out->len = 0;
    if (value == NULL || value == Py_None) return 0;
    *owner = PyUnicode_Check(value) || PyBytes_Check(value) ? Py_NewRef(value) : json_encode(self->state, value);
    if (*owner == NULL) return -1;
    if (text_require(*owner, what, out) == 0) return 0;
    Py_CLEAR(*owner);
    return -1;
}

int sign_span(PyObject *span, const char *what, PyObject **owner, bearerd_str *out) {
    *owner = NULL;
    if (span != NULL && PyLong_Check(span) && !PyBool_Check(span)) {
        *owner = PyObject_Str(span);
        if (*owner == NULL) return -1;
        span = *owner;
    } else if (span != NULL && span != Py_None && !PyUnicode_Check(span)) {
        text_wrong_type(what, "str or int", span);
        return -1;
    }
    return text_option(span, what, out);
}

typedef struct signing {
    bearerd_sign_opts opts;
    bearerd_str claims;
    PyObject *ttl_owner;
    PyObject *claims_owner;
} Signing;

static void signing_free(Signing *signing) {
    Py_XDECREF(signing->ttl_owner);
    Py_XDECREF(signing->claims_owner);
}

/* claims, kind, profile, ttl; a kind that is left out is 0 */
static int read_signing(VerifierObject *self, PyObject **values, Signing *out) {
    out->opts.size = sizeof out->opts;
    out->ttl_owner = NULL;
    out->claims_owner = NULL;
    if (options_kind(values[1], 0, &out->opts.kind) < 0) return -1;
    if (text_option(values[2], "profile", &out->opts.profile) < 0) return -1;
    if (values[0] == Py_None) {
        text_wrong_type("claims", "a mapping or JSON text", values[0]);
        return -1;
    }
    if (sign_span(values[3], "ttl", &out->ttl_owner, &out->opts.ttl) < 0) return -1;
    if (sign_json(self, values[0], "claims", &out->claims_owner, &out->claims) == 0) return 0;
    signing_free(out);
    return -1;
}

static const enum name SIGN_NAMES[] = {NAME_CLAIMS, NAME_KIND, NAME_PROFILE, NAME_TTL};
static const Signature SIGN = {"sign", 1, 1, 4, SIGN_NAMES};

METHOD(verifier_sign) {
    VerifierObject *self = (VerifierObject *)object;
    PyObject *values[PARAMETERS];
    Signing signing;
    bearerd_text *token = NULL;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (keywords_read(self->state, &SIGN, args, nargs, kwnames, values) < 0) return NULL;
    if (read_signing(self, values, &signing) < 0) return NULL;
    if (signing.opts.kind == BEARERD_KIND_PROFILE) signing.opts.kind = BEARERD_KIND_ACCESS;
    Py_BEGIN_ALLOW_THREADS
    code = bearerd_sign(self->handle, &signing.opts, signing.claims.ptr, signing.claims.len, &token, NULL, &err);
    Py_END_ALLOW_THREADS
    signing_free(&signing);
    if (code != BEARERD_OK) return errors_raise(self->state, code, &err);
    bearerd_str text = bearerd_text_borrow(token);
    PyObject *result = PyUnicode_DecodeUTF8(text.ptr, (Py_ssize_t)text.len, "strict");
    bearerd_text_free(token);
    return result;
}

static const enum name PAIR_NAMES[] = {NAME_CLAIMS, NAME_PROFILE, NAME_TTL};
static const Signature PAIR = {"sign_pair", 1, 1, 3, PAIR_NAMES};

METHOD(verifier_sign_pair) {
    VerifierObject *self = (VerifierObject *)object;
    PyObject *given[PARAMETERS];
    Signing signing;
    bearerd_text *pair = NULL;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (keywords_read(self->state, &PAIR, args, nargs, kwnames, given) < 0) return NULL;
    PyObject *values[] = {given[0], NULL, given[1], given[2]};
    if (read_signing(self, values, &signing) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    code = bearerd_sign_pair(self->handle, &signing.opts, signing.claims.ptr, signing.claims.len, &pair, &err);
    Py_END_ALLOW_THREADS
    signing_free(&signing);
    if (code != BEARERD_OK) return errors_raise(self->state, code, &err);
    return verifier_document(self, pair);
}

static const enum name ROTATE_NAMES[] = {NAME_REFRESH, NAME_PROFILE, NAME_TTL, NAME_SET, NAME_REMOVE};
static const Signature ROTATE = {"rotate", 1, 1, 5, ROTATE_NAMES};

static PyObject *rotate(VerifierObject *self, bearerd_str refresh, const bearerd_rotate_opts *opts) {
    bearerd_text *text = NULL;
    bearerd_error err = errors_empty();
    bearerd_code code;
    Py_BEGIN_ALLOW_THREADS
    code = bearerd_rotate(self->handle, refresh.ptr, refresh.len, opts, &text, &err);
    Py_END_ALLOW_THREADS
    return code == BEARERD_OK ? verifier_document(self, text) : errors_raise(self->state, code, &err);
}

METHOD(verifier_rotate) {
    VerifierObject *self = (VerifierObject *)object;
    PyObject *values[PARAMETERS];
    PyObject *ttl = NULL, *set = NULL, *remove = NULL, *result = NULL;
    bearerd_rotate_opts opts = {.size = sizeof opts};
    bearerd_str refresh;
    if (keywords_read(self->state, &ROTATE, args, nargs, kwnames, values) < 0) return NULL;
    enum text read = text_borrow(values[0], "refresh", &refresh);
    if (read == TEXT_NOT_UNICODE) return errors_raise(self->state, BEARERD_MALFORMED, NULL);
    if (read == TEXT_ERROR || text_option(values[1], "profile", &opts.profile) < 0) return NULL;
    if (sign_span(values[2], "ttl", &ttl, &opts.ttl) == 0
        && sign_json(self, values[3], "set", &set, &opts.set) == 0
        && sign_json(self, values[4], "remove", &remove, &opts.remove) == 0) {
        result = rotate(self, refresh, &opts);
    }
    Py_XDECREF(ttl);
    Py_XDECREF(set);
    Py_XDECREF(remove);
    return result;
}
