#include "verifier.h"

#include "errors.h"
#include "json.h"
#include "text.h"

/* The number that every slot is below. -1 with an exception set. */
static long long slots_of(VerifierObject *self) {
    bearerd_text *text = NULL;
    bearerd_error err = errors_empty();
    bearerd_code code = bearerd_verifier_describe(self->handle, &text, &err);
    if (code != BEARERD_OK) {
        errors_raise(self->state, code, &err);
        return -1;
    }
    PyObject *document = verifier_document(self, text);
    if (document == NULL) return -1;
    PyObject *slots = PyDict_GetItemString(document, "slots");
    long long count = slots == NULL ? 0 : PyLong_AsLongLong(slots);
    Py_DECREF(document);
    if (count == -1 && PyErr_Occurred()) return -1;
    return count < 0 || count >= BEARERD_NO_SLOT ? 0 : count;
}

/* Takes the handle over. */
static PyObject *wrap(PyTypeObject *type, State *state, bearerd_verifier *handle) {
    VerifierObject *self = PyObject_New(VerifierObject, type);
    if (self == NULL) {
        bearerd_verifier_free(handle);
        return NULL;
    }
    self->state = state;
    self->handle = handle;
    self->table = (Table){NULL, 0, 0, 0, 0};
    self->guards = PyDict_New();
    self->routes = PyDict_New();
    long long slots = self->guards == NULL || self->routes == NULL ? -1 : slots_of(self);
    if (slots < 0 || table_init(&self->table, (uint32_t)slots) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void dealloc(PyObject *object) {
    VerifierObject *self = (VerifierObject *)object;
    PyTypeObject *type = Py_TYPE(object);
    bearerd_verifier *handle = self->handle;
    table_clear(&self->table);
    Py_XDECREF(self->guards);
    Py_XDECREF(self->routes);
    PyObject_Free(object);
    Py_DECREF(type);
    /* The last reference ends a fetching thread. */
    Py_BEGIN_ALLOW_THREADS
    bearerd_verifier_free(handle);
    Py_END_ALLOW_THREADS
}

typedef bearerd_code (*Open)(const char *, size_t, bearerd_verifier **, bearerd_error *);

static PyObject *open_text(PyTypeObject *type, State *state, Open open, PyObject *text, const char *what) {
    bearerd_str borrowed;
    bearerd_verifier *handle = NULL;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (text_require(text, what, &borrowed) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    code = open(borrowed.ptr, borrowed.len, &handle, &err);
    Py_END_ALLOW_THREADS
    return code == BEARERD_OK ? wrap(type, state, handle) : errors_raise(state, code, &err);
}

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"config", NULL};
    State *state = PyType_GetModuleState(type);
    PyObject *config;
    if (state == NULL || !PyArg_ParseTupleAndKeywords(args, kwargs, "O:Verifier", names, &config)) return NULL;
    if (PyUnicode_Check(config)) return open_text(type, state, bearerd_verifier_new, config, "config");
    if (!PyDict_Check(config)) {
        text_wrong_type("config", "str (JSON or TOML) or dict", config);
        return NULL;
    }
    PyObject *text = json_encode(state, config);
    if (text == NULL) return NULL;
    PyObject *self = open_text(type, state, bearerd_verifier_new, text, "config");
    Py_DECREF(text);
    return self;
}

static PyObject *from_file(PyObject *type, PyObject *path) {
    State *state = PyType_GetModuleState((PyTypeObject *)type);
    PyObject *bytes;
    if (state == NULL || !PyUnicode_FSConverter(path, &bytes)) return NULL;
    PyObject *self = open_text((PyTypeObject *)type, state, bearerd_verifier_from_file, bytes, "path");
    Py_DECREF(bytes);
    return self;
}

static PyObject *from_env(PyObject *type, PyObject *Py_UNUSED(none)) {
    State *state = PyType_GetModuleState((PyTypeObject *)type);
    bearerd_verifier *handle = NULL;
    bearerd_error err = errors_empty();
    bearerd_code code;
    if (state == NULL) return NULL;
    Py_BEGIN_ALLOW_THREADS
    code = bearerd_verifier_from_env(&handle, &err);
    Py_END_ALLOW_THREADS
    return code == BEARERD_OK ? wrap((PyTypeObject *)type, state, handle) : errors_raise(state, code, &err);
}

#define OPTIONS "profile=None, guard=None, audience=None, device=None, kind=None"
#define ENTRY(name, signature, doc) \
    {#name, (PyCFunction)(void (*)(void))verifier_##name, METH_FASTCALL | METH_KEYWORDS, \
     PyDoc_STR(#name "($self, " signature ")\n--\n\n" doc)}

static PyMethodDef METHODS[] = {
    ENTRY(verify, "token, *, " OPTIONS,
          "The claims of an accepted token; a BearerError says why it is refused."),
    ENTRY(verify_authorization, "value, *, " OPTIONS,
          "The same for the value of an Authorization header; None is MISSING_TOKEN."),
    ENTRY(verify_headers, "headers, *, " OPTIONS,
          "The same for a request's headers, as pairs of name and value, repeats included:\n"
          "finds the token where the profile looks."),
    ENTRY(lookup_headers, "headers, *, " OPTIONS,
          "The same from memory alone: None where it would take a signature verification, or a\n"
          "store. For event loops, which then call verify_headers on another thread."),
    ENTRY(route, "method, target",
          "What the configuration's [[routes]] ask of a request: a Route. The target as it stands in the\n"
          "request line, query and escapes included; the method in capitals, None where it is not known.\n"
          "ForbiddenError: refused whatever token comes, as is what two servers could read in two ways."),
    ENTRY(verify_many, "tokens, *, " OPTIONS,
          "A list with the claims, or the BearerError, of each token in turn."),
    ENTRY(explain, "token, *, " OPTIONS,
          "Why a token is refused, with claim, expected and actual: for operators only."),
    ENTRY(sign, "claims, *, kind='access', profile=None, ttl=None", "A signed token."),
    ENTRY(sign_pair, "claims, *, profile=None, ttl=None",
          "An access and a refresh token, with their expiry in seconds or None."),
    ENTRY(rotate, "refresh, *, profile=None, ttl=None, set=None, remove=None",
          "Spends a refresh token for a new pair."),
    ENTRY(sign_in, "subject, *, kind='none', profile=None, attributes=None, claims=None, ttl=None, lifetime=None",
          "Opens a session for a user who has signed in, and signs tokens for it: 'none', 'access' or\n"
          "'pair'. A dict with sid and expires_at, and the tokens."),
    ENTRY(get_session, "sid, *, profile=None", "A live session as the store has it, or None."),
    ENTRY(list_sessions, "subject, *, profile=None", "The live sessions of a user, the oldest first."),
    ENTRY(end_session, "sid, *, profile=None", "Ends a session; False where there was none."),
    ENTRY(end_sessions, "subject, *, profile=None, except_sid=None",
          "Ends all sessions of a user but that one; returns how many."),
    ENTRY(change_session, "sid, *, profile=None, set=None, remove=None",
          "Changes the attributes of a session, and returns it; None where it has ended."),
    ENTRY(change_sessions, "subject, *, profile=None, set=None, remove=None",
          "Changes the attributes of all sessions of a user, and returns them."),
    ENTRY(create_pat, "subject, *, profile=None, description=None, scopes=None, claims=None, ttl=None",
          "Creates a personal access token: a dict with token, id and expires_at. It is shown only now."),
    ENTRY(list_pats, "subject, *, profile=None, after=None",
          "A dict with a hundred personal access tokens in pats, and what to pass as after in next."),
    ENTRY(revoke_pat, "id, *, profile=None", "Revokes a personal access token by its id."),
    ENTRY(revoke_pat_token, "token, *, profile=None", "Revokes a personal access token that is at hand."),
    ENTRY(revoke_pats, "subject, *, profile=None",
          "Revokes every personal access token of a subject; returns how many."),
    ENTRY(revoke_token, "token, *, profile=None", "Revokes one token."),
    ENTRY(revoke_handle, "handle, *, profile=None", "Revokes by the profile's handle."),
    ENTRY(revoke_family, "family, *, profile=None", "Revokes a family of refresh tokens."),
    ENTRY(revoke_subject, "subject, *, profile=None, issued_before=None",
          "Voids what the subject was issued before that second; by default all up to now."),
    ENTRY(replace_keys, "keys, *, profile=None", "Replaces a profile's fixed keys by a JWK set, all or nothing."),
    ENTRY(reload_keys, "/", "Reads the key files of all profiles again, all or nothing."),
    ENTRY(jwks, "/", "The public keys as a JWK set."),
    ENTRY(describe, "/", "What the configuration made: profiles, where they look for tokens, guards."),
    ENTRY(stats, "*, profile=None", "Counts of the claims cache."),
    {"from_file", from_file, METH_O | METH_CLASS,
     PyDoc_STR("from_file($type, path, /)\n--\n\nFrom a JSON or TOML file; BEARERD_* variables override.")},
    {"from_env", from_env, METH_NOARGS | METH_CLASS,
     PyDoc_STR("from_env($type, /)\n--\n\nFrom the file that BEARERD_CONFIG names, else from JWT_* variables.")},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot SLOTS[] = {
    {Py_tp_doc, "Verifier(config)\n--\n\nAll profiles, keys and guards of one configuration: JSON or TOML text, "
                "or a dict.\n\nAny thread may use it at once."},
    {Py_tp_new, new},
    {Py_tp_dealloc, dealloc},
    {Py_tp_methods, METHODS},
    {0, NULL},
};

static PyType_Spec SPEC = {"bearerd.Verifier", sizeof(VerifierObject), 0, Py_TPFLAGS_DEFAULT, SLOTS};

int verifier_init(State *state, PyObject *module) {
    PyObject *type = PyType_FromModuleAndSpec(module, &SPEC, NULL);
    if (type == NULL) return -1;
    state->verifier_type = (PyTypeObject *)type;
    return PyModule_AddObjectRef(module, "Verifier", type);
}
