/* Sign-in, sessions and personal access tokens. All may wait for a store, and do so with the
 * interpreter's lock released. */
#include "sign.h"

#include "errors.h"
#include "options.h"
#include "text.h"

/* A member of a document of the library's, by itself; takes the document over. */
static PyObject *member(PyObject *document, const char *name) {
    PyObject *value = document == NULL ? NULL : Py_XNewRef(PyDict_GetItemString(document, name));
    if (document != NULL && value == NULL && !PyErr_Occurred()) PyErr_SetString(PyExc_RuntimeError, name);
    Py_XDECREF(document);
    return value;
}

/* The first of a list, or None; takes the list over. */
static PyObject *first(PyObject *list) {
    if (list == NULL) return NULL;
    PyObject *item = PyList_Size(list) == 0 ? Py_None : PyList_GetItem(list, 0);
    Py_XINCREF(item);
    Py_DECREF(list);
    return item;
}

/* ---- what is named by a text, and answered by a document or a count ---- */

typedef bearerd_code (*Ask)(const bearerd_verifier *, bearerd_str profile, const char *, size_t, bearerd_text **,
                            bearerd_error *);
typedef bearerd_code (*Count)(const bearerd_verifier *, bearerd_str profile, const char *, size_t, size_t *,
                              bearerd_error *);

static int read_named(const Signature *signature, VerifierObject *self, PyObject *const *args, Py_ssize_t nargs,
                      PyObject *kwnames, bearerd_str *what, bearerd_str *profile) {
    PyObject *values[PARAMETERS];
    if (keywords_read(self->state, signature, args, nargs, kwnames, values) < 0) return -1;
    if (text_require(values[0], keywords_text(signature->names[0]), what) < 0) return -1;
    return text_option(values[1], "profile", profile);
}

static PyObject *ask(const Signature *signature, Ask call, PyObject *object, PyObject *const *args, Py_ssize_t nargs,
                     PyObject *kwnames) {
    VerifierObject *self = (VerifierObject *)object;
    bearerd_str what, profile;
    bearerd_text *text = NULL;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (read_named(signature, self, args, nargs, kwnames, &what, &profile) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    code = call(self->handle, profile, what.ptr, what.len, &text, &err);
    Py_END_ALLOW_THREADS
    return code == BEARERD_OK ? verifier_document(self, text) : errors_raise(self->state, code, &err);
}

static Py_ssize_t count(const Signature *signature, Count call, PyObject *object, PyObject *const *args,
                        Py_ssize_t nargs, PyObject *kwnames) {
    VerifierObject *self = (VerifierObject *)object;
    bearerd_str what, profile;
    size_t counted = 0;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (read_named(signature, self, args, nargs, kwnames, &what, &profile) < 0) return -1;
    Py_BEGIN_ALLOW_THREADS
    code = call(self->handle, profile, what.ptr, what.len, &counted, &err);
    Py_END_ALLOW_THREADS
    if (code == BEARERD_OK) return (Py_ssize_t)counted;
    errors_raise(self->state, code, &err);
    return -1;
}

static PyObject *whether(Py_ssize_t counted) {
    return counted < 0 ? NULL : PyBool_FromLong(counted > 0);
}

static const enum name SID_NAMES[] = {NAME_SID, NAME_PROFILE};
static const enum name SUBJECT_NAMES[] = {NAME_SUBJECT, NAME_PROFILE};
static const enum name ID_NAMES[] = {NAME_ID, NAME_PROFILE};
static const enum name TOKEN_NAMES[] = {NAME_TOKEN, NAME_PROFILE};
static const Signature GET = {"get_session", 1, 1, 2, SID_NAMES};
static const Signature LIST = {"list_sessions", 1, 1, 2, SUBJECT_NAMES};
static const Signature END = {"end_session", 1, 1, 2, SID_NAMES};
static const Signature REVOKE = {"revoke_pat", 1, 1, 2, ID_NAMES};
static const Signature REVOKE_TOKEN = {"revoke_pat_token", 1, 1, 2, TOKEN_NAMES};
static const Signature REVOKE_ALL = {"revoke_pats", 1, 1, 2, SUBJECT_NAMES};

METHOD(verifier_get_session) {
    return member(ask(&GET, bearerd_sessions_get, object, args, nargs, kwnames), "session");
}

METHOD(verifier_list_sessions) {
    return member(ask(&LIST, bearerd_sessions_list, object, args, nargs, kwnames), "sessions");
}

METHOD(verifier_end_session) {
    return whether(count(&END, bearerd_sessions_end, object, args, nargs, kwnames));
}

METHOD(verifier_revoke_pat) {
    return whether(count(&REVOKE, bearerd_pats_revoke, object, args, nargs, kwnames));
}

METHOD(verifier_revoke_pat_token) {
    return whether(count(&REVOKE_TOKEN, bearerd_pats_revoke_token, object, args, nargs, kwnames));
}

METHOD(verifier_revoke_pats) {
    Py_ssize_t counted = count(&REVOKE_ALL, bearerd_pats_revoke_all, object, args, nargs, kwnames);
    return counted < 0 ? NULL : PyLong_FromSsize_t(counted);
}

/* ---- with more to say ---- */

static const enum name END_ALL_NAMES[] = {NAME_SUBJECT, NAME_PROFILE, NAME_EXCEPT_SID};
static const Signature END_ALL = {"end_sessions", 1, 1, 3, END_ALL_NAMES};

METHOD(verifier_end_sessions) {
    VerifierObject *self = (VerifierObject *)object;
    PyObject *values[PARAMETERS];
    bearerd_str subject, profile, spared;
    size_t ended = 0;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (keywords_read(self->state, &END_ALL, args, nargs, kwnames, values) < 0) return NULL;
    if (text_require(values[0], "subject", &subject) < 0 || text_option(values[1], "profile", &profile) < 0
        || text_option(values[2], "except_sid", &spared) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    code = bearerd_sessions_end_all(self->handle, profile, subject.ptr, subject.len, spared, &ended, &err);
    Py_END_ALLOW_THREADS
    return code == BEARERD_OK ? PyLong_FromSize_t(ended) : errors_raise(self->state, code, &err);
}

typedef bearerd_code (*Change)(const bearerd_verifier *, bearerd_str profile, const char *, size_t, bearerd_str set,
                               bearerd_str remove, bearerd_text **, bearerd_error *);

static PyObject *change(const Signature *signature, Change call, PyObject *object, PyObject *const *args,
                        Py_ssize_t nargs, PyObject *kwnames) {
    VerifierObject *self = (VerifierObject *)object;
    PyObject *values[PARAMETERS];
    PyObject *set = NULL, *remove = NULL, *result = NULL;
    bearerd_str what, profile, to_set, to_remove;
    bearerd_text *text = NULL;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (keywords_read(self->state, signature, args, nargs, kwnames, values) < 0) return NULL;
    if (text_require(values[0], keywords_text(signature->names[0]), &what) < 0) return NULL;
    if (text_option(values[1], "profile", &profile) < 0) return NULL;
    if (sign_json(self, values[2], "set", &set, &to_set) == 0
        && sign_json(self, values[3], "remove", &remove, &to_remove) == 0) {
        Py_BEGIN_ALLOW_THREADS
        code = call(self->handle, profile, what.ptr, what.len, to_set, to_remove, &text, &err);
        Py_END_ALLOW_THREADS
        result = code == BEARERD_OK ? member(verifier_document(self, text), "sessions")
                                    : errors_raise(self->state, code, &err);
    }
    Py_XDECREF(set);
    Py_XDECREF(remove);
    return result;
}

static const enum name CHANGE_NAMES[] = {NAME_SID, NAME_PROFILE, NAME_SET, NAME_REMOVE};
static const enum name CHANGE_ALL_NAMES[] = {NAME_SUBJECT, NAME_PROFILE, NAME_SET, NAME_REMOVE};
static const Signature CHANGE = {"change_session", 1, 1, 4, CHANGE_NAMES};
static const Signature CHANGE_ALL = {"change_sessions", 1, 1, 4, CHANGE_ALL_NAMES};

METHOD(verifier_change_session) {
    return first(change(&CHANGE, bearerd_sessions_change, object, args, nargs, kwnames));
}

METHOD(verifier_change_sessions) {
    return change(&CHANGE_ALL, bearerd_sessions_change_all, object, args, nargs, kwnames);
}

static int sign_in_kind(PyObject *kind, uint32_t *out) {
    *out = BEARERD_SIGN_IN_NONE;
    if (kind == NULL || kind == Py_None) return 0;
    if (!PyUnicode_Check(kind)) {
        text_wrong_type("kind", "str", kind);
        return -1;
    }
    if (PyUnicode_CompareWithASCIIString(kind, "none") == 0) return 0;
    if (PyUnicode_CompareWithASCIIString(kind, "access") == 0) *out = BEARERD_SIGN_IN_ACCESS;
    else if (PyUnicode_CompareWithASCIIString(kind, "pair") == 0) *out = BEARERD_SIGN_IN_PAIR;
    else {
        PyErr_SetString(PyExc_ValueError, "kind must be 'none', 'access' or 'pair'");
        return -1;
    }
    return 0;
}

static const enum name SIGN_IN_NAMES[] = {NAME_SUBJECT, NAME_KIND,  NAME_PROFILE, NAME_ATTRIBUTES,
                                          NAME_CLAIMS,  NAME_TTL,   NAME_LIFETIME};
static const Signature SIGN_IN = {"sign_in", 1, 1, 7, SIGN_IN_NAMES};

METHOD(verifier_sign_in) {
    VerifierObject *self = (VerifierObject *)object;
    PyObject *values[PARAMETERS];
    PyObject *owners[4] = {NULL, NULL, NULL, NULL}, *result = NULL;
    bearerd_sign_in_opts opts = {.size = sizeof opts};
    bearerd_str subject;
    bearerd_text *text = NULL;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (keywords_read(self->state, &SIGN_IN, args, nargs, kwnames, values) < 0) return NULL;
    if (text_require(values[0], "subject", &subject) < 0 || sign_in_kind(values[1], &opts.kind) < 0
        || text_option(values[2], "profile", &opts.profile) < 0) return NULL;
    if (sign_json(self, values[3], "attributes", &owners[0], &opts.attributes) == 0
        && sign_json(self, values[4], "claims", &owners[1], &opts.claims) == 0
        && sign_span(values[5], "ttl", &owners[2], &opts.ttl) == 0
        && sign_span(values[6], "lifetime", &owners[3], &opts.lifetime) == 0) {
        Py_BEGIN_ALLOW_THREADS
        code = bearerd_sign_in(self->handle, subject.ptr, subject.len, &opts, &text, &err);
        Py_END_ALLOW_THREADS
        result = code == BEARERD_OK ? verifier_document(self, text) : errors_raise(self->state, code, &err);
    }
    for (int at = 0; at < 4; at++) Py_XDECREF(owners[at]);
    return result;
}

static const enum name CREATE_NAMES[] = {NAME_SUBJECT, NAME_PROFILE, NAME_DESCRIPTION,
                                         NAME_SCOPES,  NAME_CLAIMS,  NAME_TTL};
static const Signature CREATE = {"create_pat", 1, 1, 6, CREATE_NAMES};

METHOD(verifier_create_pat) {
    VerifierObject *self = (VerifierObject *)object;
    PyObject *values[PARAMETERS];
    PyObject *owners[3] = {NULL, NULL, NULL}, *result = NULL;
    bearerd_pat_opts opts = {.size = sizeof opts};
    bearerd_str subject;
    bearerd_text *text = NULL;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (keywords_read(self->state, &CREATE, args, nargs, kwnames, values) < 0) return NULL;
    if (text_require(values[0], "subject", &subject) < 0 || text_option(values[1], "profile", &opts.profile) < 0
        || text_option(values[2], "description", &opts.description) < 0) return NULL;
    if (sign_json(self, values[3], "scopes", &owners[0], &opts.scopes) == 0
        && sign_json(self, values[4], "claims", &owners[1], &opts.claims) == 0
        && sign_span(values[5], "ttl", &owners[2], &opts.ttl) == 0) {
        Py_BEGIN_ALLOW_THREADS
        code = bearerd_pats_create(self->handle, subject.ptr, subject.len, &opts, &text, &err);
        Py_END_ALLOW_THREADS
        result = code == BEARERD_OK ? verifier_document(self, text) : errors_raise(self->state, code, &err);
    }
    for (int at = 0; at < 3; at++) Py_XDECREF(owners[at]);
    return result;
}

static const enum name LIST_PATS_NAMES[] = {NAME_SUBJECT, NAME_PROFILE, NAME_AFTER};
static const Signature LIST_PATS = {"list_pats", 1, 1, 3, LIST_PATS_NAMES};

METHOD(verifier_list_pats) {
    VerifierObject *self = (VerifierObject *)object;
    PyObject *values[PARAMETERS];
    bearerd_str subject, profile, after;
    bearerd_text *text = NULL;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (keywords_read(self->state, &LIST_PATS, args, nargs, kwnames, values) < 0) return NULL;
    if (text_require(values[0], "subject", &subject) < 0 || text_option(values[1], "profile", &profile) < 0
        || text_option(values[2], "after", &after) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    code = bearerd_pats_list(self->handle, profile, subject.ptr, subject.len, after, &text, &err);
    Py_END_ALLOW_THREADS
    return code == BEARERD_OK ? verifier_document(self, text) : errors_raise(self->state, code, &err);
}
