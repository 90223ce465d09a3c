/* Revocation: by token, handle, family, or all of a subject's tokens. */
#include "errors.h"
#include "text.h"
#include "verifier.h"

typedef bearerd_code (*Revoke)(const bearerd_verifier *, bearerd_str profile, const char *, size_t, bearerd_error *);

static PyObject *revoke_text(const Signature *signature, Revoke call, PyObject *object, PyObject *const *args,
                        Py_ssize_t nargs, PyObject *kwnames) {
    VerifierObject *self = (VerifierObject *)object;
    PyObject *values[PARAMETERS];
    bearerd_str what, profile;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (keywords_read(self->state, signature, args, nargs, kwnames, values) < 0) return NULL;
    if (text_require(values[0], keywords_text(signature->names[0]), &what) < 0) return NULL;
    if (text_option(values[1], "profile", &profile) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    code = call(self->handle, profile, what.ptr, what.len, &err);
    Py_END_ALLOW_THREADS
    if (code != BEARERD_OK) return errors_raise(self->state, code, &err);
    Py_RETURN_NONE;
}

static const enum name TOKEN_NAMES[] = {NAME_TOKEN, NAME_PROFILE};
static const enum name HANDLE_NAMES[] = {NAME_HANDLE, NAME_PROFILE};
static const enum name FAMILY_NAMES[] = {NAME_FAMILY, NAME_PROFILE};
static const Signature TOKEN = {"revoke_token", 1, 1, 2, TOKEN_NAMES};
static const Signature HANDLE = {"revoke_handle", 1, 1, 2, HANDLE_NAMES};
static const Signature FAMILY = {"revoke_family", 1, 1, 2, FAMILY_NAMES};

METHOD(verifier_revoke_token) {
    return revoke_text(&TOKEN, bearerd_revoke_token, object, args, nargs, kwnames);
}

METHOD(verifier_revoke_handle) {
    return revoke_text(&HANDLE, bearerd_revoke_handle, object, args, nargs, kwnames);
}

METHOD(verifier_revoke_family) {
    return revoke_text(&FAMILY, bearerd_revoke_family, object, args, nargs, kwnames);
}

static const enum name SUBJECT_NAMES[] = {NAME_SUBJECT, NAME_PROFILE, NAME_ISSUED_BEFORE};
static const Signature SUBJECT = {"revoke_subject", 1, 1, 3, SUBJECT_NAMES};

METHOD(verifier_revoke_subject) {
    VerifierObject *self = (VerifierObject *)object;
    PyObject *values[PARAMETERS];
    bearerd_str subject, profile;
    int64_t before = INT64_MIN;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (keywords_read(self->state, &SUBJECT, args, nargs, kwnames, values) < 0) return NULL;
    if (text_require(values[0], "subject", &subject) < 0) return NULL;
    if (text_option(values[1], "profile", &profile) < 0) return NULL;
    if (values[2] != NULL && values[2] != Py_None) {
        if (!PyLong_Check(values[2]) || PyBool_Check(values[2])) {
            text_wrong_type("issued_before", "int (seconds since the epoch)", values[2]);
            return NULL;
        }
        before = PyLong_AsLongLong(values[2]);
        if (before == -1 && PyErr_Occurred()) return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    code = bearerd_revoke_subject(self->handle, profile, subject.ptr, subject.len, before, &err);
    Py_END_ALLOW_THREADS
    if (code != BEARERD_OK) return errors_raise(self->state, code, &err);
    Py_RETURN_NONE;
}
