/* A plan: a verifier and options that were read once, as the function that verifies with them.
 * The function finds its plan without looking anything up. */
#include <stdlib.h>
#include <string.h>

#include "addon.h"

static const napi_type_tag TAG = {0x6e6f646562656172, 0x6572642d706c616e};

static void plan_free(struct plan *plan)
{
    verifier_release(plan->verifier);
    guard_release(plan->guard);
    free(plan->text);
    free(plan);
}

static void finalize(napi_env env, void *data, void *hint)
{
    (void)env;
    (void)hint;
    plan_free(data);
}

struct plan *plan_unwrap(napi_env env, napi_value function)
{
    return unwrap(env, function, &TAG);
}

/* NULL stays NULL, which leaves an option out; empty text would ask for something. */
static bearerd_str copied(struct plan *plan, const struct text *text)
{
    if (text->ptr == NULL) return (bearerd_str){NULL, 0};
    char *at = plan->text + plan->text_length;
    memcpy(at, text->ptr, text->len);
    plan->text_length += text->len;
    return (bearerd_str){at, text->len};
}

static struct plan *plan_new(struct verifier *verifier, struct guard *guard, const struct text *profile,
                             const struct text *audience, uint32_t kind)
{
    struct plan *plan = calloc(1, sizeof *plan);
    char *text = malloc(profile->len + audience->len + 1);
    if (plan == NULL || text == NULL) {
        free(plan);
        free(text);
        return NULL;
    }
    plan->verifier = verifier_retain(verifier);
    plan->guard = guard_retain(guard);
    plan->text = text;
    plan->opts.size = sizeof plan->opts;
    plan->opts.kind = kind;
    plan->opts.profile = copied(plan, profile);
    plan->opts.audience = copied(plan, audience);
    plan->opts.guard = guard == NULL ? NULL : guard->library;
    plan->plain = guard == NULL && profile->ptr == NULL && audience->ptr == NULL && kind == BEARERD_KIND_PROFILE;
    return plan;
}

/* plan(verifier, guard?, profile?, audience?, kind) */
napi_value plan_make(napi_env env, napi_callback_info info)
{
    napi_value argv[5], function = NULL;
    struct verifier *verifier;
    struct guard *guard = NULL;
    struct text profile = {NULL, 0}, audience = {NULL, 0};
    struct plan *plan = NULL;
    uint32_t kind;
    if (!arguments(env, info, 5, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL) return NULL;
    if (!is_nothing(env, argv[1]) && (guard = guard_unwrap(env, argv[1])) == NULL) return NULL;
    if (napi_get_value_uint32(env, argv[4], &kind) != napi_ok) return misused(env, "no kind");
    if (text_read(env, argv[2], &profile) && text_read(env, argv[3], &audience))
        plan = plan_new(verifier, guard, &profile, &audience, kind);
    text_free(&profile);
    text_free(&audience);
    if (plan == NULL) return misused(env, "out of memory");
    if (napi_create_function(env, "verify", NAPI_AUTO_LENGTH, verify_token, plan, &function) == napi_ok &&
        wrap(env, function, plan, finalize, &TAG))
        return function;
    plan_free(plan);
    return misused(env, "a plan could not be wrapped");
}
