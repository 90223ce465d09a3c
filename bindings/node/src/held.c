/* Claims that no cache keeps, held as an object for as long as a request lasts, so that its further
 * guards need no second verification of the signature. */
#include "addon.h"

static const napi_type_tag TAG = {0x6e6f646562656172, 0x6572642d68656c64};

static void finalize(napi_env env, void *data, void *hint)
{
    (void)env;
    (void)hint;
    bearerd_claims_free(data);
}

/* Takes `claims`. */
void held_offer(struct verifier *verifier, bearerd_claims *claims)
{
    bearerd_claims_free(verifier->held);
    verifier->held = claims;
}

/* held(verifier): those of the last verification, undefined where a cache keeps them */
napi_value held_take(napi_env env, napi_callback_info info)
{
    napi_value argv[1], object;
    struct verifier *verifier;
    if (!arguments(env, info, 1, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL || verifier->held == NULL)
        return NULL;
    if (napi_create_object(env, &object) != napi_ok || !wrap(env, object, verifier->held, finalize, &TAG))
        return misused(env, "claims could not be wrapped");
    verifier->held = NULL;
    return object;
}

/* checkHeld(plan, claims, device?) */
napi_value held_check(napi_env env, napi_callback_info info)
{
    napi_value argv[3];
    struct plan *plan;
    struct request request;
    const bearerd_claims *claims;
    if (!arguments(env, info, 3, argv) || (plan = plan_unwrap(env, argv[0])) == NULL ||
        (claims = unwrap(env, argv[1], &TAG)) == NULL || !request_read(env, plan, argv[2], &request))
        return NULL;
    bearerd_code code = BEARERD_OK;
    if (plan->guard != NULL)
        code = bearerd_guard_check(plan->guard->library, claims, request.opts.device, &plan->verifier->environment->error);
    request_free(&request);
    return done(env, code);
}
