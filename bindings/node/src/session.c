/* What claims come with: their session, and what permissions say beside what they allow. A session may
 * change while the claims stay, so JavaScript keeps a handle of them beside the object it has built,
 * and asks here whether what it knows is still so. */
#include "addon.h"

static const napi_type_tag TAG = {0x6e6f646562656172, 0x6572642d73657373};

static void finalize(napi_env env, void *data, void *hint)
{
    (void)env;
    (void)hint;
    bearerd_claims_free(data);
}

/* Claims that come with nothing are their JSON alone; with a session [JSON, handle], and with what never
 * changes [JSON, context]. */
napi_value session_beside(napi_env env, const bearerd_claims *claims, napi_value json)
{
    napi_value pair, beside = NULL;
    bearerd_session *session = NULL;
    bearerd_text *context = NULL;
    bearerd_code code = bearerd_claims_session(claims, &session);
    if (code == BEARERD_OK && session == NULL) code = bearerd_claims_context(claims, &context);
    if (code != BEARERD_OK) return refused(env, code);
    if (session == NULL && context == NULL) return json;
    if (session == NULL) {
        beside = owned_text(env, code, context);
    } else {
        bearerd_session_free(session);
        bearerd_claims *kept = bearerd_claims_clone(claims);
        if (napi_create_object(env, &beside) != napi_ok || !wrap(env, beside, kept, finalize, &TAG)) {
            bearerd_claims_free(kept);
            return misused(env, "claims could not be wrapped");
        }
    }
    napi_create_array_with_length(env, 2, &pair);
    napi_set_element(env, pair, 0, json);
    napi_set_element(env, pair, 1, beside);
    return pair;
}

/* session(handle, version): [version, session, context]; undefined where the version is still that one */
napi_value session_read(napi_env env, napi_callback_info info)
{
    napi_value argv[2], read = NULL;
    const bearerd_claims *claims;
    bearerd_session *session = NULL;
    bearerd_text *text = NULL, *context = NULL;
    double known = 0;
    if (!arguments(env, info, 2, argv) || (claims = unwrap(env, argv[0], &TAG)) == NULL) return NULL;
    if (napi_get_value_double(env, argv[1], &known) != napi_ok) return misused(env, "no version");
    bearerd_code code = bearerd_claims_session(claims, &session);
    /* A count from one on: a double has room for a thousand years of a million a second. */
    double version = (double)bearerd_session_version(session);
    if (code == BEARERD_OK && version != known) {
        code = bearerd_session_json(session, &text);
        /* Read after the version: newer than it, where that changes meanwhile, and never older. */
        if (code == BEARERD_OK) code = bearerd_claims_context(claims, &context);
        if (code == BEARERD_OK) {
            napi_create_array_with_length(env, 3, &read);
            napi_set_element(env, read, 0, number(env, version));
            napi_set_element(env, read, 1, string(env, bearerd_text_borrow(text)));
            napi_set_element(env, read, 2, string(env, bearerd_text_borrow(context)));
        }
    }
    bearerd_text_free(context);
    bearerd_text_free(text);
    bearerd_session_free(session);
    return code == BEARERD_OK ? read : refused(env, code);
}
