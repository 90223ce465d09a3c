#include "guard.h"

#include "errors.h"
#include "json.h"
#include "text.h"

typedef struct guard {
    PyObject_HEAD
    bearerd_guard *handle;
} GuardObject;

static PyObject *wrap(const State *state, bearerd_guard *handle) {
    GuardObject *self = PyObject_New(GuardObject, state->guard_type);
    if (self == NULL) bearerd_guard_free(handle);
    else self->handle = handle;
    return (PyObject *)self;
}

static PyObject *from_rule(const State *state, PyObject *rule) {
    bearerd_str text;
    bearerd_guard *handle = NULL;
    bearerd_error err = errors_empty();
    if (text_require(rule, "rule", &text) < 0) return NULL;
    bearerd_code code = bearerd_guard_new(text.ptr, text.len, &handle, &err);
    return code == BEARERD_OK ? wrap(state, handle) : errors_raise(state, code, &err);
}

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"rule", NULL};
    const State *state = PyType_GetModuleState(type);
    PyObject *rule;
    if (state == NULL || !PyArg_ParseTupleAndKeywords(args, kwargs, "O:Guard", names, &rule)) return NULL;
    if (PyUnicode_Check(rule) || PyBytes_Check(rule)) return from_rule(state, rule);
    if (!PyMapping_Check(rule) || PyList_Check(rule) || PyTuple_Check(rule)) {
        text_wrong_type("rule", "a mapping or JSON text", rule);
        return NULL;
    }
    PyObject *text = json_encode(state, rule);
    if (text == NULL) return NULL;
    PyObject *guard = from_rule(state, text);
    Py_DECREF(text);
    return guard;
}

static void dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    bearerd_guard_free(((GuardObject *)self)->handle);
    PyObject_Free(self);
    Py_DECREF(type);
}

PyObject *guard_named(const State *state, const bearerd_verifier *verifier, PyObject *name) {
    bearerd_str text;
    bearerd_guard *handle = NULL;
    bearerd_error err = errors_empty();
    if (text_option(name, "guard", &text) < 0) return NULL;
    bearerd_code code = bearerd_guard_named(verifier, text.ptr, text.len, &handle, &err);
    return code == BEARERD_OK ? wrap(state, handle) : errors_raise(state, code, &err);
}

const bearerd_guard *guard_borrow(const State *state, PyObject *object) {
    return Py_TYPE(object) == state->guard_type ? ((GuardObject *)object)->handle : NULL;
}

static PyType_Slot SLOTS[] = {
    {Py_tp_doc, "Guard(rule)\n--\n\nA compiled rule over verified claims, from a mapping or JSON text.\n\n"
                "Any thread may use it at once, with any verifier."},
    {Py_tp_new, new},
    {Py_tp_dealloc, dealloc},
    {0, NULL},
};

static PyType_Spec SPEC = {"bearerd.Guard", sizeof(GuardObject), 0, Py_TPFLAGS_DEFAULT, SLOTS};

int guard_init(State *state, PyObject *module) {
    PyObject *type = PyType_FromModuleAndSpec(module, &SPEC, NULL);
    if (type == NULL) return -1;
    state->guard_type = (PyTypeObject *)type;
    return PyModule_AddObjectRef(module, "Guard", type);
}
