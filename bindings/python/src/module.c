#include "claims.h"
#include "errors.h"
#include "guard.h"
#include "json.h"
#include "verifier.h"

static int check_abi(void) {
    uint32_t built = BEARERD_ABI_VERSION;
    uint32_t loaded = bearerd_abi_version();
    if (built == loaded) return 0;
    PyErr_Format(PyExc_ImportError, "bearerd: built for ABI %u, the library has %u", (unsigned)built,
                 (unsigned)loaded);
    return -1;
}

static int exec(PyObject *module) {
    State *state = PyModule_GetState(module);
    bearerd_str version = bearerd_version();
    if (check_abi() < 0 || keywords_init(state) < 0 || errors_init(state) < 0 || json_init(state) < 0) return -1;
    if (routes_init(state) < 0) return -1;
    if (claims_init(state, module) < 0 || guard_init(state, module) < 0) return -1;
    if (verifier_init(state, module) < 0) return -1;
    PyObject *text = PyUnicode_DecodeUTF8(version.ptr, (Py_ssize_t)version.len, "strict");
    int done = text == NULL ? -1 : PyModule_AddObjectRef(module, "VERSION", text);
    Py_XDECREF(text);
    return done;
}

static int traverse(PyObject *module, visitproc visit, void *arg) {
    State *state = PyModule_GetState(module);
    Py_VISIT(state->verifier_type);
    Py_VISIT(state->claims_type);
    Py_VISIT(state->guard_type);
    Py_VISIT(state->claim_classes);
    Py_VISIT(state->encode);
    Py_VISIT(state->route);
    for (int code = 0; code < CODES; code++) Py_VISIT(state->classes[code]);
    return 0;
}

static int clear(PyObject *module) {
    State *state = PyModule_GetState(module);
    Py_CLEAR(state->verifier_type);
    Py_CLEAR(state->claims_type);
    Py_CLEAR(state->guard_type);
    Py_CLEAR(state->claim_classes);
    Py_CLEAR(state->encode);
    Py_CLEAR(state->route);
    for (int code = 0; code < CODES; code++) Py_CLEAR(state->classes[code]);
    for (int name = 0; name < NAMES; name++) Py_CLEAR(state->names[name]);
    for (int key = 0; key < KEPT_KEYS; key++) Py_CLEAR(state->keys[key]);
    return 0;
}

static void free_module(void *module) {
    clear(module);
}

static PyModuleDef_Slot SLOTS[] = {{Py_mod_exec, exec}, {0, NULL}};

static PyModuleDef DEFINITION = {
    PyModuleDef_HEAD_INIT,
    .m_name = "bearerd._native",
    .m_doc = "libbearerd for Python.",
    .m_size = sizeof(State),
    .m_slots = SLOTS,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = free_module,
};

PyMODINIT_FUNC PyInit__native(void) {
    return PyModuleDef_Init(&DEFINITION);
}
