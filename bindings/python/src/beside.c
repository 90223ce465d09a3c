#include "beside.h"

#include <stdlib.h>

#include "errors.h"
#include "json.h"

/* An object and the state of the session that it was made of; 0 where there is no session. */
typedef struct made {
    uint64_t version;
    PyObject *object;
} Made;

struct beside {
    bearerd_claims *handle;
    Made session;
    Made context;
};

static int has_any(const bearerd_claims *handle) {
    bearerd_session *session = NULL;
    bearerd_text *context = NULL;
    int any = bearerd_claims_session(handle, &session) == BEARERD_OK && session != NULL;
    bearerd_session_free(session);
    if (any) return 1;
    any = bearerd_claims_context(handle, &context) == BEARERD_OK && context != NULL;
    bearerd_text_free(context);
    return any;
}

int beside_new(const bearerd_claims *handle, Beside **out) {
    *out = NULL;
    if (!has_any(handle)) return 0;
    Beside *self = calloc(1, sizeof *self);
    if (self == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->handle = bearerd_claims_clone(handle);
    *out = self;
    return 0;
}

void beside_free(Beside *self) {
    if (self == NULL) return;
    Py_XDECREF(self->session.object);
    Py_XDECREF(self->context.object);
    bearerd_claims_free(self->handle);
    free(self);
}

/* Takes the text over. */
static PyObject *frozen(State *state, bearerd_code code, bearerd_text *text) {
    if (code != BEARERD_OK) return errors_raise(state, code, NULL);
    if (text == NULL) Py_RETURN_NONE;
    bearerd_str json = bearerd_text_borrow(text);
    PyObject *object = json_parse(state, json.ptr, json.len, JSON_FROZEN);
    bearerd_text_free(text);
    return object;
}

/* Keeps a new object in place of the old one. */
static PyObject *keep(Made *made, uint64_t version, PyObject *object) {
    PyObject *old = made->object;
    if (object == NULL) return NULL;
    made->object = object;
    made->version = version;
    Py_XDECREF(old);
    return Py_NewRef(object);
}

static int is_of(const Made *made, uint64_t version) {
    return made->object != NULL && made->version == version;
}

PyObject *beside_session(State *state, Beside *self) {
    bearerd_session *session = NULL;
    bearerd_text *text = NULL;
    if (self == NULL) Py_RETURN_NONE;
    bearerd_code code = bearerd_claims_session(self->handle, &session);
    if (code != BEARERD_OK) return errors_raise(state, code, NULL);
    if (session == NULL) Py_RETURN_NONE;
    uint64_t version = bearerd_session_version(session);
    if (is_of(&self->session, version)) {
        bearerd_session_free(session);
        return Py_NewRef(self->session.object);
    }
    code = bearerd_session_json(session, &text);
    bearerd_session_free(session);
    return keep(&self->session, version, frozen(state, code, text));
}

PyObject *beside_context(State *state, Beside *self) {
    bearerd_session *session = NULL;
    bearerd_text *text = NULL;
    if (self == NULL) Py_RETURN_NONE;
    bearerd_code code = bearerd_claims_session(self->handle, &session);
    if (code != BEARERD_OK) return errors_raise(state, code, NULL);
    /* Read before the context, which then is of this state or of a newer one: in that case it is made
     * once more than it had to be. */
    uint64_t version = bearerd_session_version(session);
    bearerd_session_free(session);
    if (is_of(&self->context, version)) return Py_NewRef(self->context.object);
    code = bearerd_claims_context(self->handle, &text);
    return keep(&self->context, version, frozen(state, code, text));
}
