/* bearerd.Verifier: the object, and what its methods share. */
#ifndef BEARERD_PYTHON_VERIFIER_H
#define BEARERD_PYTHON_VERIFIER_H

#include "keywords.h"
#include "state.h"
#include "table.h"

/* Not known to the garbage collector: it holds claims, guards and routes, which hold nothing. */
typedef struct verifier {
    PyObject_HEAD
    State *state;
    bearerd_verifier *handle;
    Table table;
    PyObject *guards; /* name -> Guard, of the configuration's alone */
    PyObject *routes; /* guard's name, True or False -> Route */
} VerifierObject;

/* METH_FASTCALL | METH_KEYWORDS */
#define METHOD(name) \
    PyObject *name(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)

/* verify.c */
METHOD(verifier_verify);
METHOD(verifier_verify_authorization);
METHOD(verifier_explain);
/* headers.c */
METHOD(verifier_verify_headers);
METHOD(verifier_lookup_headers);
/* routes.c */
METHOD(verifier_route);
/* many.c */
METHOD(verifier_verify_many);
/* sign.c */
METHOD(verifier_sign);
METHOD(verifier_sign_pair);
METHOD(verifier_rotate);
/* sessions.c */
METHOD(verifier_sign_in);
METHOD(verifier_get_session);
METHOD(verifier_list_sessions);
METHOD(verifier_end_session);
METHOD(verifier_end_sessions);
METHOD(verifier_change_session);
METHOD(verifier_change_sessions);
METHOD(verifier_create_pat);
METHOD(verifier_list_pats);
METHOD(verifier_revoke_pat);
METHOD(verifier_revoke_pat_token);
METHOD(verifier_revoke_pats);
/* revoke.c */
METHOD(verifier_revoke_token);
METHOD(verifier_revoke_handle);
METHOD(verifier_revoke_family);
METHOD(verifier_revoke_subject);
/* keys.c */
METHOD(verifier_replace_keys);
METHOD(verifier_reload_keys);
METHOD(verifier_jwks);
METHOD(verifier_describe);
METHOD(verifier_stats);

/* The claims object of a handle: the one kept for its entry, or a new one, which is then kept. */
PyObject *verifier_claims(VerifierObject *, const bearerd_claims *);

/* Claims of one token, or NULL with the exception of its code set. The token's bytes must live as long
 * as the call. */
PyObject *verifier_verify_text(VerifierObject *, bearerd_str token, const bearerd_verify_opts *);

/* The same from memory alone: None where it would take a signature verification, or a store. */
PyObject *verifier_lookup_text(VerifierObject *, bearerd_str token, const bearerd_verify_opts *);

/* JSON text of the library as a dict of the caller's own; takes the text over. */
PyObject *verifier_document(VerifierObject *, bearerd_text *);

int routes_init(State *);

int verifier_init(State *, PyObject *module);

#endif
