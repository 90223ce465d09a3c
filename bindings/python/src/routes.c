/* What the [[routes]] of the configuration ask of a request. */
#include "errors.h"
#include "options.h"
#include "text.h"

static PyObject *refused(VerifierObject *self) {
    return errors_raise(self->state, BEARERD_FORBIDDEN, NULL);
}

/* Whoever sends the request chose both texts: what is no text at all is refused, and no mistake of
 * the caller's. -1 with the exception set. */
static int read_text(VerifierObject *self, PyObject *object, const char *what, bearerd_str *out) {
    enum text read = text_borrow(object, what, out);
    if (read == TEXT_NOT_UNICODE) refused(self);
    return read == TEXT_OK ? 0 : -1;
}

/* The Route of an answer. There are as many as rules say different things, so each is made once. */
static PyObject *route_of(VerifierObject *self, const bearerd_route *found) {
    int public = found->access == BEARERD_ACCESS_PUBLIC;
    PyObject *guard = Py_NewRef(Py_None);
    if (found->access == BEARERD_ACCESS_GUARD) {
        Py_DECREF(guard);
        guard = PyUnicode_DecodeUTF8(found->guard.ptr, (Py_ssize_t)found->guard.len, "strict");
        if (guard == NULL) return NULL;
    }
    /* A guard's name is no bool: True is the public one, False asks for a token alone. */
    PyObject *name = guard == Py_None ? (public ? Py_True : Py_False) : guard;
    PyObject *route = Py_XNewRef(PyDict_GetItemWithError(self->routes, name));
    if (route == NULL && !PyErr_Occurred()) {
        route = PyObject_CallFunctionObjArgs(self->state->route, public ? Py_True : Py_False, guard, NULL);
        if (route != NULL && PyDict_SetItem(self->routes, name, route) < 0) Py_CLEAR(route);
    }
    Py_DECREF(guard);
    return route;
}

static const enum name NAMES_OF[] = {NAME_METHOD, NAME_TARGET};
static const Signature ROUTE = {"route", 2, 2, 2, NAMES_OF};

METHOD(verifier_route) {
    VerifierObject *self = (VerifierObject *)object;
    PyObject *values[PARAMETERS];
    bearerd_str method = {NULL, 0}, target;
    bearerd_route found = {.size = sizeof found};
    bearerd_error err = errors_empty();
    if (keywords_read(self->state, &ROUTE, args, nargs, kwnames, values) < 0) return NULL;
    if (values[0] != Py_None && read_text(self, values[0], "method", &method) < 0) return NULL;
    if (read_text(self, values[1], "target", &target) < 0) return NULL;
    bearerd_code code = bearerd_route_find(self->handle, method, target, &found, &err);
    if (code != BEARERD_OK) return errors_raise(self->state, code, &err);
    switch (found.access) {
    case BEARERD_ACCESS_PUBLIC:
    case BEARERD_ACCESS_TOKEN:
    case BEARERD_ACCESS_GUARD:
        return route_of(self, &found);
    default:
        /* A library that knows more than this header does. */
        return refused(self);
    }
}

int routes_init(State *state) {
    PyObject *module = PyImport_ImportModule("bearerd._route");
    if (module == NULL) return -1;
    state->route = PyObject_GetAttrString(module, "Route");
    Py_DECREF(module);
    return state->route == NULL ? -1 : 0;
}
