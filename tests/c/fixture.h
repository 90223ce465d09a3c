/* Verifiers, tokens, and every way to have a token verified. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "check.h"
#include "keys.h"

/* A profile that signs and rotates with a shared secret; its revocations go by `jti`. */
#define SHARED_SECRET                                      \
    "[profiles.api]\n"                                     \
    "algorithms = ['HS256']\n"                             \
    "issuer = 'https://issuer.example'\n"                  \
    "claims = { kind = { claim = 'tokenType' } }\n"        \
    "[[profiles.api.keys]]\n"                              \
    "jwk = '" HMAC_ONE "'\n"                               \
    "[profiles.api.sign]\n"                                \
    "[profiles.api.rotation]\n"                            \
    "grace = '1h'\n"

/* A profile that signs with a private key, given as a JWK, and one that verifies alone. */
#define SIGNS_WITH(algorithm, jwk)                         \
    "[profiles.api]\n"                                     \
    "algorithms = ['" algorithm "']\n"                     \
    "[[profiles.api.keys]]\n"                              \
    "jwk = '" jwk "'\n"                                    \
    "[profiles.api.sign]\n"
#define VERIFIES_WITH(algorithm, jwk)                      \
    "[profiles.api]\n"                                     \
    "algorithms = ['" algorithm "']\n"                     \
    "[[profiles.api.keys]]\n"                              \
    "jwk = '" jwk "'\n"

bearerd_str str(const char *text);
extern const bearerd_str NOTHING;

/* Options with `size` set and all else zero. */
bearerd_verify_opts verify_opts(void);
bearerd_sign_opts sign_opts(uint32_t kind);

/* These end the program where there is no result. The caller frees. */
bearerd_verifier *verifier_of(const char *config);
bearerd_guard *guard_of(const char *rule);
bearerd_claims *claims_of(const bearerd_verifier *verifier, const char *token);
char *copy_of(bearerd_str text);
char *take_text(bearerd_text *text);
char *signed_with(const bearerd_verifier *verifier, const bearerd_sign_opts *opts, const char *claims);
char *access_token(const bearerd_verifier *verifier, const char *claims);
char *member(const char *json, const char *name);

/* Verifies and forgets the claims. */
bearerd_code verify(const bearerd_verifier *verifier, const char *token);

/* The ways to have a token verified. Through a look-up, a token that no cache has is NOT_CACHED. */
typedef enum { VERIFY, VERIFY_SLOT, LOOK_UP, VERIFY_MANY, AUTHORIZATION, EXPLAIN, DOORS } door;
extern const char *const door_names[DOORS];
bearerd_code through(door which, const bearerd_verifier *verifier, const char *token, const bearerd_verify_opts *opts);

/* Checks that each of them gives this answer: a look-up too, or NOT_CACHED where no cache has the token. */
void check_doors(const bearerd_verifier *verifier, const char *token, const bearerd_verify_opts *opts,
                 bearerd_code wanted, bool cached, const char *file, int line);
#define CHECK_CACHED(wanted, verifier, token, opts) \
    check_doors(verifier, token, opts, BEARERD_##wanted, true, __FILE__, __LINE__)
#define CHECK_UNCACHED(wanted, verifier, token, opts) \
    check_doors(verifier, token, opts, BEARERD_##wanted, false, __FILE__, __LINE__)

/* Seconds since some moment; for deadlines. */
double seconds(void);

#endif
