/* What the module knows, one for each interpreter: there are no objects in C statics, so that an
 * interpreter never meets the objects of another. */
#ifndef BEARERD_PYTHON_STATE_H
#define BEARERD_PYTHON_STATE_H

/* 3.10 is the first limited API with PyUnicode_AsUTF8AndSize and METH_FASTCALL. */
#define Py_LIMITED_API 0x030A0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <bearerd.h>

/* Every parameter that some method takes by name. */
enum name {
    NAME_TOKEN,
    NAME_TOKENS,
    NAME_VALUE,
    NAME_HEADERS,
    NAME_PROFILE,
    NAME_GUARD,
    NAME_AUDIENCE,
    NAME_DEVICE,
    NAME_KIND,
    NAME_CLAIMS,
    NAME_TTL,
    NAME_REFRESH,
    NAME_SET,
    NAME_REMOVE,
    NAME_HANDLE,
    NAME_FAMILY,
    NAME_SUBJECT,
    NAME_ISSUED_BEFORE,
    NAME_KEYS,
    NAME_SID,
    NAME_EXCEPT_SID,
    NAME_ATTRIBUTES,
    NAME_LIFETIME,
    NAME_DESCRIPTION,
    NAME_SCOPES,
    NAME_AFTER,
    NAME_ID,
    NAME_METHOD,
    NAME_TARGET,
    NAMES
};

/* Claims repeat the same few names: each is kept as one str. Direct-mapped, so it stays this size. */
#define KEPT_KEYS 256
/* Codes are below this. */
#define CODES 1000

typedef struct state {
    PyTypeObject *verifier_type;
    PyTypeObject *claims_type;
    PyTypeObject *guard_type;
    PyObject *classes[CODES];   /* code -> exception class */
    PyObject *claim_classes;    /* "aud" -> the class of INVALID_CLAIM for it */
    PyObject *encode;           /* object -> JSON text */
    PyObject *route;            /* the class bearerd.Route */
    PyObject *names[NAMES];     /* interned */
    PyObject *keys[KEPT_KEYS];
} State;

#endif
