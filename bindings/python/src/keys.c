/* Keys, and what a verifier tells of itself. */
#include "errors.h"
#include "json.h"
#include "text.h"
#include "verifier.h"

PyObject *verifier_document(VerifierObject *self, bearerd_text *text) {
    bearerd_str json = bearerd_text_borrow(text);
    PyObject *document = json_parse(self->state, json.ptr, json.len, JSON_PLAIN);
    bearerd_text_free(text);
    return document;
}

static const enum name KEYS_NAMES[] = {NAME_KEYS, NAME_PROFILE};
static const Signature REPLACE = {"replace_keys", 1, 1, 2, KEYS_NAMES};
static const Signature RELOAD = {"reload_keys", 0, 0, 0, NULL};
static const Signature JWKS = {"jwks", 0, 0, 0, NULL};
static const Signature DESCRIBE = {"describe", 0, 0, 0, NULL};

METHOD(verifier_replace_keys) {
    VerifierObject *self = (VerifierObject *)object;
    PyObject *values[PARAMETERS];
    bearerd_str keys, profile;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (keywords_read(self->state, &REPLACE, args, nargs, kwnames, values) < 0) return NULL;
    if (text_option(values[1], "profile", &profile) < 0) return NULL;
    int text = PyUnicode_Check(values[0]) || PyBytes_Check(values[0]);
    PyObject *owner = text ? Py_NewRef(values[0]) : json_encode(self->state, values[0]);
    if (owner == NULL) return NULL;
    if (text_require(owner, "keys", &keys) < 0) {
        Py_DECREF(owner);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    code = bearerd_verifier_replace_keys(self->handle, profile, keys.ptr, keys.len, &err);
    Py_END_ALLOW_THREADS
    Py_DECREF(owner);
    if (code != BEARERD_OK) return errors_raise(self->state, code, &err);
    Py_RETURN_NONE;
}

METHOD(verifier_reload_keys) {
    VerifierObject *self = (VerifierObject *)object;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (keywords_read(self->state, &RELOAD, args, nargs, kwnames, NULL) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    code = bearerd_verifier_reload_keys(self->handle, &err);
    Py_END_ALLOW_THREADS
    if (code != BEARERD_OK) return errors_raise(self->state, code, &err);
    Py_RETURN_NONE;
}

typedef bearerd_code (*Tell)(const bearerd_verifier *, bearerd_text **, bearerd_error *);

static PyObject *tell(const Signature *signature, Tell call, PyObject *object, PyObject *const *args,
                      Py_ssize_t nargs, PyObject *kwnames) {
    VerifierObject *self = (VerifierObject *)object;
    bearerd_text *text = NULL;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (keywords_read(self->state, signature, args, nargs, kwnames, NULL) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    code = call(self->handle, &text, &err);
    Py_END_ALLOW_THREADS
    return code == BEARERD_OK ? verifier_document(self, text) : errors_raise(self->state, code, &err);
}

METHOD(verifier_jwks) {
    return tell(&JWKS, bearerd_verifier_jwks, object, args, nargs, kwnames);
}

METHOD(verifier_describe) {
    return tell(&DESCRIBE, bearerd_verifier_describe, object, args, nargs, kwnames);
}

static const enum name STATS_NAMES[] = {NAME_PROFILE};
static const Signature STATS = {"stats", 0, 0, 1, STATS_NAMES};

METHOD(verifier_stats) {
    VerifierObject *self = (VerifierObject *)object;
    PyObject *values[PARAMETERS];
    bearerd_str profile;
    bearerd_stats stats = {.size = sizeof stats};
    bearerd_error err = errors_empty();
    if (keywords_read(self->state, &STATS, args, nargs, kwnames, values) < 0) return NULL;
    if (text_option(values[0], "profile", &profile) < 0) return NULL;
    bearerd_code code = bearerd_verifier_stats(self->handle, profile, &stats, &err);
    if (code != BEARERD_OK) return errors_raise(self->state, code, &err);
    return Py_BuildValue("{s:I,s:K,s:K,s:K,s:K,s:K,s:K,s:K,s:K}", "slots", (unsigned)stats.slots,
                         "hits", (unsigned long long)stats.hits, "misses", (unsigned long long)stats.misses,
                         "inserts", (unsigned long long)stats.inserts,
                         "not_kept", (unsigned long long)stats.not_kept,
                         "evicted", (unsigned long long)stats.evicted,
                         "entries", (unsigned long long)stats.entries,
                         "bytes", (unsigned long long)stats.bytes,
                         "revocations", (unsigned long long)stats.revocations);
}
