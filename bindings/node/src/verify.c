/* Verification. The answer is the slot of a claims object that JavaScript keeps, or the claims as
 * JSON for it to build one and ask `keep` where to put it, with what they come with beside them, or a
 * code. */
#include <stdlib.h>
#include <string.h>

#include "addon.h"

/* Takes `claims`. */
napi_value verify_hand_over(napi_env env, struct verifier *verifier, bearerd_claims *claims)
{
    bearerd_view view = {.size = sizeof view};
    napi_value value = NULL;
    bearerd_code code = bearerd_claims_view(claims, &view);
    if (code != BEARERD_OK) {
        value = refused(env, code);
    } else if (kept_knows(verifier, view.slot, view.generation)) {
        napi_create_uint32(env, view.slot, &value);
    } else {
        kept_offer(verifier, &view);
        value = session_beside(env, claims, string(env, view.json));
        if (verifier->hold && view.slot >= verifier->slots) {
            held_offer(verifier, claims);
            return value;
        }
    }
    bearerd_claims_free(claims);
    return value;
}

static napi_value decide(napi_env env, struct verifier *verifier, const bearerd_verify_opts *opts, const char *token, size_t len)
{
    bearerd_slot at;
    bearerd_claims *claims = NULL;
    bearerd_error *error = &verifier->environment->error;
    bearerd_code code = bearerd_verify_slot(verifier->library, token, len, opts, &at, &claims, error);
    if (code == BEARERD_OK && claims == NULL) {
        if (kept_knows(verifier, at.slot, at.generation)) {
            napi_value slot = NULL;
            napi_create_uint32(env, at.slot, &slot);
            return slot;
        }
        /* The library had the claims before this environment did. */
        code = bearerd_verify(verifier->library, token, len, opts, &claims, error);
    }
    return code == BEARERD_OK ? verify_hand_over(env, verifier, claims) : refused(env, code);
}

/* A plan's options with this call's device. Short devices are read without an allocation. */
bool request_read(napi_env env, const struct plan *plan, napi_value device, struct request *request)
{
    request->opts = plan->opts;
    request->device = (struct text){NULL, 0};
    if (is_nothing(env, device)) return true;
    size_t length;
    if (napi_get_value_string_utf8(env, device, request->brief, sizeof request->brief, &length) == napi_ok &&
        length + 4 < sizeof request->brief) {
        request->opts.device = (bearerd_str){request->brief, length};
        return true;
    }
    if (!text_read(env, device, &request->device)) return false;
    request->opts.device = text_borrow(&request->device);
    return true;
}

void request_free(struct request *request)
{
    text_free(&request->device);
}

/* A plan's own function: (token, device?). undefined where the token is no string. */
napi_value verify_token(napi_env env, napi_callback_info info)
{
    napi_value argv[2];
    size_t argc = 2, length;
    void *data = NULL;
    if (napi_get_cb_info(env, info, &argc, argv, NULL, &data) != napi_ok) return NULL;
    const struct plan *plan = data;
    struct verifier *verifier = plan->verifier;
    char *token = verifier->environment->token;
    if (napi_get_value_string_utf8(env, argv[0], token, TOKEN_CAPACITY, &length) != napi_ok) return NULL;
    if (argc < 2) return decide(env, verifier, plan->plain ? NULL : &plan->opts, token, length);
    struct request request;
    if (!request_read(env, plan, argv[1], &request)) return NULL;
    napi_value answer = decide(env, verifier, &request.opts, token, length);
    request_free(&request);
    return answer;
}

/* lookup(plan, token, device?): as the plan's own function, from memory alone */
napi_value verify_lookup(napi_env env, napi_callback_info info)
{
    napi_value argv[3], slot = NULL;
    struct plan *plan;
    struct request request;
    size_t length;
    if (!arguments(env, info, 3, argv) || (plan = plan_unwrap(env, argv[0])) == NULL) return NULL;
    struct verifier *verifier = plan->verifier;
    char *token = verifier->environment->token;
    if (napi_get_value_string_utf8(env, argv[1], token, TOKEN_CAPACITY, &length) != napi_ok) return misused(env, "a string was expected");
    if (!request_read(env, plan, argv[2], &request)) return NULL;
    bearerd_slot at;
    bearerd_code code = bearerd_lookup_slot(verifier->library, token, length, &request.opts, &at, &verifier->environment->error);
    request_free(&request);
    if (code != BEARERD_OK) return refused(env, code);
    /* The library may have the claims before this environment does. */
    if (!kept_knows(verifier, at.slot, at.generation)) return refused(env, BEARERD_NOT_CACHED);
    napi_create_uint32(env, at.slot, &slot);
    return slot;
}

/* authorization(plan, value?, device?) */
napi_value verify_authorization(napi_env env, napi_callback_info info)
{
    napi_value argv[3];
    struct plan *plan;
    struct request request;
    size_t length = 0;
    if (!arguments(env, info, 3, argv) || (plan = plan_unwrap(env, argv[0])) == NULL) return NULL;
    struct verifier *verifier = plan->verifier;
    char *value = verifier->environment->token;
    if (!is_nothing(env, argv[1]) && napi_get_value_string_utf8(env, argv[1], value, TOKEN_CAPACITY, &length) != napi_ok)
        return misused(env, "a string was expected");
    if (!request_read(env, plan, argv[2], &request)) return NULL;
    bearerd_claims *claims = NULL;
    bearerd_code code = bearerd_verify_authorization(verifier->library, value, length, &request.opts, &claims, &verifier->environment->error);
    request_free(&request);
    return code == BEARERD_OK ? verify_hand_over(env, verifier, claims) : refused(env, code);
}

struct headers {
    bearerd_header *list;
    struct text *texts;
    uint32_t count;
};

static void headers_free(struct headers *headers)
{
    for (uint32_t i = 0; headers->texts != NULL && i < headers->count * 2; i++) text_free(&headers->texts[i]);
    free(headers->texts);
    free(headers->list);
}

/* From [name, value, name, value, …]. */
static bool headers_read(napi_env env, napi_value array, struct headers *out)
{
    uint32_t length = 0;
    *out = (struct headers){NULL, NULL, 0};
    if (napi_get_array_length(env, array, &length) != napi_ok || length % 2 != 0) return misused(env, "no pairs"), false;
    out->texts = calloc((size_t)length + 1, sizeof *out->texts);
    out->list = calloc((size_t)length / 2 + 1, sizeof *out->list);
    if (out->texts == NULL || out->list == NULL) return misused(env, "out of memory"), false;
    out->count = length / 2;
    for (uint32_t i = 0; i < length; i++) {
        napi_value element;
        if (napi_get_element(env, array, i, &element) != napi_ok || !text_read(env, element, &out->texts[i])) return false;
    }
    for (uint32_t i = 0; i < out->count; i++)
        out->list[i] = (bearerd_header){text_borrow(&out->texts[2 * i]), text_borrow(&out->texts[2 * i + 1])};
    return true;
}

/* headers(plan, [name, value, …], device?, hold?): the token from where the plan's profile looks. With `hold`,
 * claims that no cache keeps are there for `held`. */
napi_value verify_headers(napi_env env, napi_callback_info info)
{
    napi_value argv[4], answer = NULL;
    struct plan *plan;
    struct request request;
    struct headers headers;
    if (!arguments(env, info, 4, argv) || (plan = plan_unwrap(env, argv[0])) == NULL || !request_read(env, plan, argv[2], &request))
        return NULL;
    if (headers_read(env, argv[1], &headers)) {
        struct verifier *verifier = plan->verifier;
        bearerd_str token = {NULL, 0};
        verifier->hold = !is_nothing(env, argv[3]);
        bearerd_code code = bearerd_extract(verifier->library, request.opts.profile, headers.list, headers.count, &token,
                                            &verifier->environment->error);
        answer = code == BEARERD_OK ? decide(env, verifier, &request.opts, token.ptr, token.len) : refused(env, code);
        verifier->hold = false;
    }
    headers_free(&headers);
    request_free(&request);
    return answer;
}

/* extract(plan, [name, value, …]): the token from where the plan's profile looks */
napi_value verify_extract(napi_env env, napi_callback_info info)
{
    napi_value argv[2], answer = NULL;
    struct plan *plan;
    struct headers headers;
    if (!arguments(env, info, 2, argv) || (plan = plan_unwrap(env, argv[0])) == NULL) return NULL;
    if (headers_read(env, argv[1], &headers)) {
        bearerd_str token = {NULL, 0};
        bearerd_code code = bearerd_extract(plan->verifier->library, plan->opts.profile, headers.list, headers.count, &token,
                                            &plan->verifier->environment->error);
        answer = code == BEARERD_OK ? string(env, token) : refused(env, code);
    }
    headers_free(&headers);
    return answer;
}

/* explain(plan, token, device?) */
napi_value verify_explain(napi_env env, napi_callback_info info)
{
    napi_value argv[3];
    struct plan *plan;
    struct request request;
    size_t length;
    bearerd_text *text = NULL;
    if (!arguments(env, info, 3, argv) || (plan = plan_unwrap(env, argv[0])) == NULL) return NULL;
    struct verifier *verifier = plan->verifier;
    char *token = verifier->environment->token;
    if (napi_get_value_string_utf8(env, argv[1], token, TOKEN_CAPACITY, &length) != napi_ok) return NULL;
    if (!request_read(env, plan, argv[2], &request)) return NULL;
    bearerd_code code = bearerd_explain(verifier->library, token, length, &request.opts, &text, &verifier->environment->error);
    request_free(&request);
    return owned_text(env, code, text);
}
