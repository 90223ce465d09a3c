#include "text.h"

void text_wrong_type(const char *what, const char *expected, PyObject *object) {
    PyObject *name = PyObject_GetAttrString((PyObject *)Py_TYPE(object), "__name__");
    if (name == NULL) return;
    PyErr_Format(PyExc_TypeError, "%s must be %s, not %S", what, expected, name);
    Py_DECREF(name);
}

enum text text_borrow(PyObject *object, const char *what, bearerd_str *out) {
    Py_ssize_t length;
    if (PyUnicode_Check(object)) {
        out->ptr = PyUnicode_AsUTF8AndSize(object, &length);
        if (out->ptr == NULL) {
            if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) return TEXT_ERROR;
            /* The exception holds the text: it must not reach a log. */
            PyErr_Clear();
            return TEXT_NOT_UNICODE;
        }
        out->len = (size_t)length;
        return TEXT_OK;
    }
    if (PyBytes_Check(object)) {
        char *bytes;
        if (PyBytes_AsStringAndSize(object, &bytes, &length) < 0) return TEXT_ERROR;
        out->ptr = bytes;
        out->len = (size_t)length;
        return TEXT_OK;
    }
    text_wrong_type(what, "str or bytes", object);
    return TEXT_ERROR;
}

int text_require(PyObject *object, const char *what, bearerd_str *out) {
    switch (text_borrow(object, what, out)) {
    case TEXT_OK:
        return 0;
    case TEXT_NOT_UNICODE:
        PyErr_Format(PyExc_ValueError, "%s holds a lone surrogate", what);
        return -1;
    default:
        return -1;
    }
}

int text_option(PyObject *object, const char *what, bearerd_str *out) {
    out->ptr = NULL;
    out->len = 0;
    if (object == NULL || object == Py_None) return 0;
    if (text_require(object, what, out) < 0) return -1;
    if (out->len == 0) {
        PyErr_Format(PyExc_ValueError, "%s is empty: leave it out, or say None", what);
        return -1;
    }
    return 0;
}
