/* The session of claims. It may change while the claims stay, so JavaScript keeps a handle of them
 * beside the object it has built, and asks here whether what it knows of the session is still so. */
#include "addon.h"

static const napi_type_tag TAG = {0x6e6f646562656172, 0x6572642d73657373};

static void finalize(napi_env env, void *data, void *hint)
{
    (void)env;
    (void)hint;
    bearerd_claims_free(data);
}

/* Remembers claims that have a session until their object has been built. */
void session_offer(struct verifier *verifier, const bearerd_claims *claims)
{
    bearerd_session *session = NULL;
    bearerd_claims_free(verifier->sessioned);
    verifier->sessioned = NULL;
    if (bearerd_claims_session(claims, &session) == BEARERD_OK && session != NULL)
        verifier->sessioned = bearerd_claims_clone(claims);
    bearerd_session_free(session);
}

/* sessioned(verifier): a handle of the claims of the last verification; undefined where they have no session */
napi_value session_take(napi_env env, napi_callback_info info)
{
    napi_value argv[1], object;
    struct verifier *verifier;
    if (!arguments(env, info, 1, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL || verifier->sessioned == NULL)
        return NULL;
    if (napi_create_object(env, &object) != napi_ok || !wrap(env, object, verifier->sessioned, finalize, &TAG))
        return misused(env, "claims could not be wrapped");
    verifier->sessioned = NULL;
    return object;
}

/* session(handle, version): [version, JSON]; undefined where the version is still that one */
napi_value session_read(napi_env env, napi_callback_info info)
{
    napi_value argv[2], pair = NULL;
    const bearerd_claims *claims;
    bearerd_session *session = NULL;
    bearerd_text *text = NULL;
    double known = 0;
    if (!arguments(env, info, 2, argv) || (claims = unwrap(env, argv[0], &TAG)) == NULL) return NULL;
    if (napi_get_value_double(env, argv[1], &known) != napi_ok) return misused(env, "no version");
    bearerd_code code = bearerd_claims_session(claims, &session);
    /* A count from one on: a double has room for a thousand years of a million a second. */
    double version = (double)bearerd_session_version(session);
    if (code == BEARERD_OK && version != known) {
        code = bearerd_session_json(session, &text);
        if (code == BEARERD_OK) {
            napi_create_array_with_length(env, 2, &pair);
            napi_set_element(env, pair, 0, number(env, version));
            napi_set_element(env, pair, 1, owned_text(env, code, text));
        }
    }
    bearerd_session_free(session);
    return code == BEARERD_OK ? pair : refused(env, code);
}
