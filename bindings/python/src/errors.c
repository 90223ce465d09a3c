#include "errors.h"

#include <string.h>

bearerd_error errors_empty(void) {
    /* The message is not cleared: the library writes it, and only the first byte is read before. */
    bearerd_error err;
    err.size = sizeof err;
    err.code = BEARERD_OK;
    err.message[0] = '\0';
    return err;
}

static PyObject *text_of(bearerd_str text) {
    return PyUnicode_DecodeUTF8(text.ptr, (Py_ssize_t)text.len, "strict");
}

/* "INVALID_CLAIM (aud)": the claim's class, else that of the code. Borrowed. */
static PyObject *class_of(const State *state, bearerd_code code, const char *message) {
    PyObject *found = code < CODES ? state->classes[code] : NULL;
    if (code != BEARERD_INVALID_CLAIM || message == NULL || state->claim_classes == NULL) return found;
    const char *open = strchr(message, '(');
    const char *close = open == NULL ? NULL : strchr(open, ')');
    if (close == NULL) return found;
    PyObject *claim = PyUnicode_DecodeUTF8(open + 1, close - open - 1, "replace");
    if (claim == NULL) {
        PyErr_Clear();
        return found;
    }
    PyObject *narrower = PyDict_GetItemWithError(state->claim_classes, claim);
    Py_DECREF(claim);
    return narrower == NULL ? found : narrower;
}

PyObject *errors_raise(const State *state, bearerd_code code, const bearerd_error *err) {
    const char *message = err != NULL && err->message[0] != '\0' ? err->message : NULL;
    PyObject *class = class_of(state, code, message);
    if (class == NULL) {
        /* The interpreter is going down and the classes have gone: still no success. */
        PyErr_Format(PyExc_RuntimeError, "bearerd: code %u", (unsigned)code);
        return NULL;
    }
    PyObject *text = message == NULL
        ? text_of(bearerd_code_message(code))
        : PyUnicode_DecodeUTF8(message, (Py_ssize_t)strlen(message), "replace");
    if (text == NULL) return NULL;
    PyErr_SetObject(class, text);
    Py_DECREF(text);
    return NULL;
}

PyObject *errors_make(const State *state, bearerd_code code) {
    PyObject *class = class_of(state, code, NULL);
    if (class == NULL) return errors_raise(state, code, NULL);
    PyObject *text = text_of(bearerd_code_message(code));
    if (text == NULL) return NULL;
    PyObject *error = PyObject_CallFunctionObjArgs(class, text, NULL);
    Py_DECREF(text);
    return error;
}

static int set_row(PyObject *class, bearerd_code code) {
    PyObject *name = text_of(bearerd_code_name(code));
    PyObject *status = PyLong_FromUnsignedLong(bearerd_code_status(code));
    PyObject *message = text_of(bearerd_code_message(code));
    int failed = name == NULL || status == NULL || message == NULL
        || PyObject_SetAttrString(class, "code", name) < 0
        || PyObject_SetAttrString(class, "status", status) < 0
        || PyObject_SetAttrString(class, "message", message) < 0;
    Py_XDECREF(name);
    Py_XDECREF(status);
    Py_XDECREF(message);
    return failed ? -1 : 0;
}

static int take_classes(State *state, PyObject *by_number) {
    for (bearerd_code code = 1; code < CODES; code++) {
        PyObject *number = PyLong_FromUnsignedLong(code);
        if (number == NULL) return -1;
        PyObject *class = PyDict_GetItemWithError(by_number, number);
        Py_DECREF(number);
        if (class == NULL && PyErr_Occurred()) return -1;
        int known = bearerd_code_name(code).len != 0;
        if (known != (class != NULL)) {
            PyErr_Format(PyExc_ImportError, "bearerd: code %u has no row in %s", (unsigned)code,
                         known ? "bearerd.errors" : "the library");
            return -1;
        }
        if (class == NULL) continue;
        if (set_row(class, code) < 0) return -1;
        state->classes[code] = Py_NewRef(class);
    }
    return 0;
}

int errors_init(State *state) {
    PyObject *module = PyImport_ImportModule("bearerd.errors");
    if (module == NULL) return -1;
    PyObject *by_number = PyObject_GetAttrString(module, "BY_NUMBER");
    state->claim_classes = PyObject_GetAttrString(module, "BY_CLAIM");
    Py_DECREF(module);
    int done = by_number != NULL && state->claim_classes != NULL ? take_classes(state, by_number) : -1;
    Py_XDECREF(by_number);
    return done;
}
