#include "claims.h"

#include "beside.h"

/* Not known to the garbage collector: claims are trees of text, numbers and claims, which cannot
 * come to hold themselves, and a table full of them would slow every collection. For the same
 * reason the type cannot be subclassed. */
typedef struct claims {
    PyObject_HEAD
    PyObject *dict;
    const State *state;
    Beside *beside; /* NULL: nothing */
} ClaimsObject;

static PyObject *dict_of(PyObject *self) {
    return ((ClaimsObject *)self)->dict;
}

PyObject *claims_new(const State *state, PyObject *dict) {
    if (state->claims_type == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "bearerd was unloaded");
        return NULL;
    }
    ClaimsObject *self = PyObject_New(ClaimsObject, state->claims_type);
    if (self == NULL) return NULL;
    self->dict = Py_NewRef(dict);
    self->state = state;
    self->beside = NULL;
    return (PyObject *)self;
}

int claims_hold(PyObject *claims, const bearerd_claims *handle) {
    return beside_new(handle, &((ClaimsObject *)claims)->beside);
}

static PyObject *get_session(PyObject *object, void *Py_UNUSED(closure)) {
    ClaimsObject *self = (ClaimsObject *)object;
    return beside_session((State *)self->state, self->beside);
}

static PyObject *get_context(PyObject *object, void *Py_UNUSED(closure)) {
    ClaimsObject *self = (ClaimsObject *)object;
    return beside_context((State *)self->state, self->beside);
}

int claims_check(const State *state, PyObject *object) {
    return Py_TYPE(object) == state->claims_type;
}

static void dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    Py_DECREF(dict_of(self));
    beside_free(((ClaimsObject *)self)->beside);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyObject *thaw(const State *state, PyObject *value);

static PyObject *thaw_array(const State *state, PyObject *tuple) {
    Py_ssize_t size = PyTuple_Size(tuple);
    PyObject *list = PyList_New(size);
    for (Py_ssize_t at = 0; list != NULL && at < size; at++) {
        PyObject *item = thaw(state, PyTuple_GetItem(tuple, at));
        if (item == NULL || PyList_SetItem(list, at, item) < 0) Py_CLEAR(list);
    }
    return list;
}

static PyObject *thaw(const State *state, PyObject *value) {
    if (claims_check(state, value)) return claims_thaw(state, value);
    if (PyTuple_CheckExact(value)) return thaw_array(state, value);
    return Py_NewRef(value);
}

PyObject *claims_thaw(const State *state, PyObject *claims) {
    PyObject *copy = PyDict_New();
    PyObject *name, *value;
    Py_ssize_t at = 0;
    while (copy != NULL && PyDict_Next(dict_of(claims), &at, &name, &value)) {
        PyObject *item = thaw(state, value);
        if (item == NULL || PyDict_SetItem(copy, name, item) < 0) Py_CLEAR(copy);
        Py_XDECREF(item);
    }
    return copy;
}

static PyObject *to_dict(PyObject *self, PyObject *Py_UNUSED(none)) {
    return claims_thaw(((ClaimsObject *)self)->state, self);
}

static Py_ssize_t length(PyObject *self) {
    return PyDict_Size(dict_of(self));
}

static PyObject *subscript(PyObject *self, PyObject *name) {
    PyObject *value = PyDict_GetItemWithError(dict_of(self), name);
    if (value != NULL) return Py_NewRef(value);
    if (!PyErr_Occurred()) PyErr_SetObject(PyExc_KeyError, name);
    return NULL;
}

static int contains(PyObject *self, PyObject *name) {
    return PyDict_Contains(dict_of(self), name);
}

static PyObject *iterate(PyObject *self) {
    return PyObject_GetIter(dict_of(self));
}

static PyObject *repr(PyObject *self) {
    return PyUnicode_FromFormat("Claims(%R)", dict_of(self));
}

/* Equal to claims, and to a dict of the same members, whether its arrays are tuples or lists. The
 * inner dict is shown to no object that could keep it. */
static PyObject *compare(PyObject *self, PyObject *other, int op) {
    const State *state = ((ClaimsObject *)self)->state;
    if (op != Py_EQ && op != Py_NE) Py_RETURN_NOTIMPLEMENTED;
    if (claims_check(state, other)) return PyObject_RichCompare(dict_of(self), dict_of(other), op);
    if (!PyDict_Check(other)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *shallow = PyDict_Copy(dict_of(self));
    if (shallow == NULL) return NULL;
    int equal = PyObject_RichCompareBool(shallow, other, Py_EQ);
    Py_DECREF(shallow);
    if (equal == 0) {
        PyObject *plain = claims_thaw(state, self);
        if (plain == NULL) return NULL;
        equal = PyObject_RichCompareBool(plain, other, Py_EQ);
        Py_DECREF(plain);
    }
    if (equal < 0) return NULL;
    return PyBool_FromLong(op == Py_EQ ? equal : !equal);
}

static PyObject *get(PyObject *self, PyObject *const *args, Py_ssize_t nargs) {
    if (nargs < 1 || nargs > 2) {
        PyErr_Format(PyExc_TypeError, "get expected 1 or 2 arguments, got %zd", nargs);
        return NULL;
    }
    PyObject *value = PyDict_GetItemWithError(dict_of(self), args[0]);
    if (value == NULL && PyErr_Occurred()) return NULL;
    if (value == NULL) value = nargs == 2 ? args[1] : Py_None;
    return Py_NewRef(value);
}

static PyObject *keys(PyObject *self, PyObject *Py_UNUSED(none)) {
    return PyObject_CallMethod(dict_of(self), "keys", NULL);
}

static PyObject *values(PyObject *self, PyObject *Py_UNUSED(none)) {
    return PyObject_CallMethod(dict_of(self), "values", NULL);
}

static PyObject *items(PyObject *self, PyObject *Py_UNUSED(none)) {
    return PyObject_CallMethod(dict_of(self), "items", NULL);
}

static PyObject *same(PyObject *self, PyObject *Py_UNUSED(argument)) {
    return Py_NewRef(self);
}

static PyMethodDef METHODS[] = {
    {"get", (PyCFunction)(void (*)(void))get, METH_FASTCALL,
     PyDoc_STR("get($self, name, default=None, /)\n--\n\nThe claim, or the default where it is absent.")},
    {"keys", keys, METH_NOARGS, PyDoc_STR("keys($self, /)\n--\n\nThe names of the claims.")},
    {"values", values, METH_NOARGS, PyDoc_STR("values($self, /)\n--\n\nThe values of the claims.")},
    {"items", items, METH_NOARGS, PyDoc_STR("items($self, /)\n--\n\nThe claims as pairs.")},
    {"to_dict", to_dict, METH_NOARGS,
     PyDoc_STR("to_dict($self, /)\n--\n\nA copy of the caller's own, in dicts and lists at every depth.")},
    {"__copy__", same, METH_NOARGS, NULL},
    {"__deepcopy__", same, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef MEMBERS[] = {
    {"session", get_session, NULL,
     PyDoc_STR("The session, as the last verification of the token found it: a mapping with sid, subject,\n"
               "attributes, created_at, renewed_at and expires_at. None where the token has none."),
     NULL},
    {"context", get_context, NULL,
     PyDoc_STR("What is known of the token's holder, as the last verification of the token found it and as the\n"
               "sidecar answers it: a mapping with session (id, attributes, expires_at) where the profile has\n"
               "sessions, and permission (data_scope, bypass) where it has permissions. None where it has\n"
               "neither."),
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot SLOTS[] = {
    {Py_tp_doc, "The claims of an accepted token: a mapping that cannot be changed.\n\n"
                "Arrays are tuples and objects are Claims, at every depth."},
    {Py_tp_dealloc, dealloc},
    {Py_tp_repr, repr},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_richcompare, compare},
    {Py_tp_iter, iterate},
    {Py_tp_methods, METHODS},
    {Py_tp_getset, MEMBERS},
    {Py_mp_length, length},
    {Py_mp_subscript, subscript},
    {Py_sq_contains, contains},
    {0, NULL},
};

static PyType_Spec SPEC = {
    "bearerd.Claims", sizeof(ClaimsObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, SLOTS,
};

int claims_init(State *state, PyObject *module) {
    PyObject *type = PyType_FromModuleAndSpec(module, &SPEC, NULL);
    if (type == NULL) return -1;
    state->claims_type = (PyTypeObject *)type;
    return PyModule_AddObjectRef(module, "Claims", type);
}
