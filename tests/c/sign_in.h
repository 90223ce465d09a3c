/* Verifiers with sessions and personal access tokens, and what tests do with them. */
#ifndef SIGN_IN_H
#define SIGN_IN_H

#include "fixture.h"

/* The profile `api`, which signs, rotates, and has sessions and personal access tokens. */
#define SIGNS_IN                                           \
    "[profiles.api]\n"                                     \
    "algorithms = ['HS256']\n"                             \
    "claims = { kind = { claim = 'tokenType' } }\n"        \
    "keys = [{ jwk = '" HMAC_ONE "' }]\n"                  \
    "sign = {}\n"                                          \
    "rotation = {}\n"                                      \
    "sessions = {}\n"                                      \
    "pat = { prefix = 'acme_pat_' }\n"

bearerd_sign_in_opts sign_in_opts(uint32_t kind);

/* These end the program where there is no result. The caller frees. */
char *signed_in(const bearerd_verifier *verifier, const char *subject, uint32_t kind, const char *attributes);
char *pat_of(const bearerd_verifier *verifier, const char *subject, const char *scopes);
bearerd_session *session_of(const bearerd_verifier *verifier, const char *token);
char *attributes_of(const bearerd_verifier *verifier, const char *token);

/* These forget what they are given. */
bearerd_code end_session(const bearerd_verifier *verifier, const char *sid);
bearerd_code change(const bearerd_verifier *verifier, const char *sid, const char *set);

/* Whether some JSON holds that text. Frees `json`. */
bool said(char *json, const char *text);

#endif
