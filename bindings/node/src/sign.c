/* Signing. */
#include "addon.h"

struct order {
    struct verifier *verifier;
    struct text profile, ttl, claims;
    bearerd_sign_opts opts;
};

static void order_free(struct order *order)
{
    text_free(&order->profile);
    text_free(&order->ttl);
    text_free(&order->claims);
}

/* (verifier, claims: JSON, kind, profile?, ttl?) */
static bool order_read(napi_env env, napi_callback_info info, struct order *order)
{
    napi_value argv[5];
    *order = (struct order){0};
    if (!arguments(env, info, 5, argv) || (order->verifier = verifier_unwrap(env, argv[0])) == NULL) return false;
    order->opts.size = sizeof order->opts;
    if (napi_get_value_uint32(env, argv[2], &order->opts.kind) != napi_ok) return misused(env, "no kind"), false;
    if (!text_read(env, argv[1], &order->claims) || !text_read(env, argv[3], &order->profile) ||
        !text_read(env, argv[4], &order->ttl)) {
        order_free(order);
        return false;
    }
    order->opts.profile = text_borrow(&order->profile);
    order->opts.ttl = text_borrow(&order->ttl);
    return true;
}

static napi_value moment(napi_env env, int64_t seconds)
{
    napi_value null;
    if (seconds != INT64_MAX) return number(env, (double)seconds);
    napi_get_null(env, &null);
    return null;
}

/* [token, expires at, in seconds, or null] */
napi_value sign_one(napi_env env, napi_callback_info info)
{
    struct order order;
    bearerd_text *token = NULL;
    int64_t expires_at = INT64_MAX;
    napi_value pair;
    if (!order_read(env, info, &order)) return NULL;
    bearerd_code code = bearerd_sign(order.verifier->library, &order.opts, order.claims.ptr, order.claims.len, &token,
                                     &expires_at, &order.verifier->environment->error);
    order_free(&order);
    if (code != BEARERD_OK) return refused(env, code);
    napi_create_array_with_length(env, 2, &pair);
    napi_set_element(env, pair, 0, owned_text(env, code, token));
    napi_set_element(env, pair, 1, moment(env, expires_at));
    return pair;
}

napi_value sign_pair(napi_env env, napi_callback_info info)
{
    struct order order;
    bearerd_text *pair = NULL;
    if (!order_read(env, info, &order)) return NULL;
    bearerd_code code = bearerd_sign_pair(order.verifier->library, &order.opts, order.claims.ptr, order.claims.len, &pair,
                                          &order.verifier->environment->error);
    order_free(&order);
    return owned_text(env, code, pair);
}
