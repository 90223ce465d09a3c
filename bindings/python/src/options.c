#include "options.h"

#include "guard.h"
#include "text.h"

int options_kind(PyObject *kind, int any, uint32_t *out) {
    *out = BEARERD_KIND_PROFILE;
    if (kind == NULL || kind == Py_None) return 0;
    if (!PyUnicode_Check(kind)) {
        text_wrong_type("kind", "str", kind);
        return -1;
    }
    if (PyUnicode_CompareWithASCIIString(kind, "access") == 0) *out = BEARERD_KIND_ACCESS;
    else if (PyUnicode_CompareWithASCIIString(kind, "refresh") == 0) *out = BEARERD_KIND_REFRESH;
    else if (any && PyUnicode_CompareWithASCIIString(kind, "pat") == 0) *out = BEARERD_KIND_PAT;
    else if (any && PyUnicode_CompareWithASCIIString(kind, "any") == 0) *out = BEARERD_KIND_ANY;
    else {
        PyErr_Format(PyExc_ValueError, "kind must be %s",
                     any ? "'access', 'refresh', 'pat' or 'any'" : "'access' or 'refresh'");
        return -1;
    }
    return 0;
}

static const bearerd_guard *named(VerifierObject *self, PyObject *name) {
    PyObject *guard = PyDict_GetItemWithError(self->guards, name);
    if (guard == NULL) {
        if (PyErr_Occurred()) return NULL;
        guard = guard_named(self->state, self->handle, name);
        if (guard == NULL) return NULL;
        int failed = PyDict_SetItem(self->guards, name, guard);
        Py_DECREF(guard);
        if (failed) return NULL;
    }
    /* Nothing is ever taken out of `guards`. */
    return guard_borrow(self->state, guard);
}

static int read_guard(VerifierObject *self, PyObject *guard, const bearerd_guard **out) {
    *out = NULL;
    if (guard == NULL || guard == Py_None) return 0;
    *out = PyUnicode_CheckExact(guard) ? named(self, guard) : guard_borrow(self->state, guard);
    if (*out != NULL) return 0;
    if (!PyErr_Occurred()) text_wrong_type("guard", "a Guard or the name of one (str)", guard);
    return -1;
}

/* The caller of a request chooses its device: an empty one is none, and a guard then refuses. */
static int read_device(PyObject *device, bearerd_str *out) {
    out->ptr = NULL;
    out->len = 0;
    return device == NULL || device == Py_None ? 0 : text_require(device, "device", out);
}

static int options_read(VerifierObject *self, PyObject *const *values, bearerd_verify_opts *opts) {
    opts->size = sizeof *opts;
    if (text_option(values[0], "profile", &opts->profile) < 0) return -1;
    if (read_guard(self, values[1], &opts->guard) < 0) return -1;
    if (text_option(values[2], "audience", &opts->audience) < 0) return -1;
    if (read_device(values[3], &opts->device) < 0) return -1;
    return options_kind(values[4], 1, &opts->kind);
}

int options_call(VerifierObject *self, const Signature *signature, PyObject *const *args,
                 Py_ssize_t nargs, PyObject *kwnames, Call *call) {
    if (keywords_read(self->state, signature, args, nargs, kwnames, call->values) < 0) return -1;
    call->given = NULL;
    if (kwnames == NULL) return 0;
    if (options_read(self, call->values + 1, &call->opts) < 0) return -1;
    call->given = &call->opts;
    return 0;
}
