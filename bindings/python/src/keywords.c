#include "keywords.h"

static const char *const TEXTS[NAMES] = {
    [NAME_TOKEN] = "token",       [NAME_TOKENS] = "tokens",     [NAME_VALUE] = "value",
    [NAME_HEADERS] = "headers",   [NAME_PROFILE] = "profile",   [NAME_GUARD] = "guard",
    [NAME_AUDIENCE] = "audience", [NAME_DEVICE] = "device",     [NAME_KIND] = "kind",
    [NAME_CLAIMS] = "claims",     [NAME_TTL] = "ttl",           [NAME_REFRESH] = "refresh",
    [NAME_SET] = "set",           [NAME_REMOVE] = "remove",     [NAME_HANDLE] = "handle",
    [NAME_FAMILY] = "family",     [NAME_SUBJECT] = "subject",   [NAME_ISSUED_BEFORE] = "issued_before",
    [NAME_KEYS] = "keys",         [NAME_SID] = "sid",           [NAME_EXCEPT_SID] = "except_sid",
    [NAME_ATTRIBUTES] = "attributes", [NAME_LIFETIME] = "lifetime", [NAME_DESCRIPTION] = "description",
    [NAME_SCOPES] = "scopes",     [NAME_AFTER] = "after",       [NAME_ID] = "id",
    [NAME_METHOD] = "method",     [NAME_TARGET] = "target",
};

const char *keywords_text(enum name name) {
    return TEXTS[name];
}

int keywords_init(State *state) {
    for (int name = 0; name < NAMES; name++) {
        state->names[name] = PyUnicode_InternFromString(TEXTS[name]);
        if (state->names[name] == NULL) return -1;
    }
    return 0;
}

static int find(const State *state, const Signature *signature, PyObject *keyword) {
    /* Keywords in source text are interned: the pointer nearly always tells. */
    for (int at = 0; at < signature->count; at++) {
        if (state->names[signature->names[at]] == keyword) return at;
    }
    for (int at = 0; at < signature->count; at++) {
        if (PyUnicode_CompareWithASCIIString(keyword, TEXTS[signature->names[at]]) == 0) return at;
    }
    return -1;
}

int keywords_read(const State *state, const Signature *signature, PyObject *const *args,
                  Py_ssize_t nargs, PyObject *kwnames, PyObject **values) {
    if (nargs > signature->positional) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most %d positional argument%s (%zd given)",
                     signature->function, signature->positional,
                     signature->positional == 1 ? "" : "s", nargs);
        return -1;
    }
    for (int at = 0; at < signature->count; at++) values[at] = at < nargs ? args[at] : NULL;
    Py_ssize_t given = kwnames == NULL ? 0 : PyTuple_Size(kwnames);
    for (Py_ssize_t at = 0; at < given; at++) {
        PyObject *keyword = PyTuple_GetItem(kwnames, at);
        int place = find(state, signature, keyword);
        if (place < 0) {
            PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'",
                         signature->function, keyword);
            return -1;
        }
        if (values[place] != NULL) {
            PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument '%U'",
                         signature->function, keyword);
            return -1;
        }
        values[place] = args[nargs + at];
    }
    for (int at = 0; at < signature->required; at++) {
        if (values[at] == NULL) {
            PyErr_Format(PyExc_TypeError, "%s() missing required argument: '%s'",
                         signature->function, TEXTS[signature->names[at]]);
            return -1;
        }
    }
    return 0;
}
