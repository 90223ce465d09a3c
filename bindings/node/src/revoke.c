/* Revocation: (verifier, what, profile?). */
#include "addon.h"

typedef bearerd_code (*revocation)(const bearerd_verifier *, bearerd_str, const char *, size_t, bearerd_error *);

static napi_value revoke(napi_env env, napi_callback_info info, revocation call)
{
    napi_value argv[3], answer = NULL;
    struct verifier *verifier;
    struct text what, profile = {NULL, 0};
    if (!arguments(env, info, 3, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL || !text_read(env, argv[1], &what))
        return NULL;
    if (text_read(env, argv[2], &profile))
        answer = done(env, call(verifier->library, text_borrow(&profile), what.ptr, what.len, &verifier->environment->error));
    text_free(&what);
    text_free(&profile);
    return answer;
}

napi_value revoke_token(napi_env env, napi_callback_info info)
{
    return revoke(env, info, bearerd_revoke_token);
}

napi_value revoke_handle(napi_env env, napi_callback_info info)
{
    return revoke(env, info, bearerd_revoke_handle);
}

napi_value revoke_family(napi_env env, napi_callback_info info)
{
    return revoke(env, info, bearerd_revoke_family);
}

/* revokeSubject(verifier, subject, profile?, issuedBefore?) */
napi_value revoke_subject(napi_env env, napi_callback_info info)
{
    napi_value argv[4], answer = NULL;
    struct verifier *verifier;
    struct text subject, profile = {NULL, 0};
    int64_t issued_before = INT64_MIN;
    if (!arguments(env, info, 4, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL) return NULL;
    if (!is_nothing(env, argv[3]) && napi_get_value_int64(env, argv[3], &issued_before) != napi_ok)
        return misused(env, "no moment");
    if (!text_read(env, argv[1], &subject)) return NULL;
    if (text_read(env, argv[2], &profile))
        answer = done(env, bearerd_revoke_subject(verifier->library, text_borrow(&profile), subject.ptr, subject.len, issued_before,
                                                  &verifier->environment->error));
    text_free(&subject);
    text_free(&profile);
    return answer;
}
