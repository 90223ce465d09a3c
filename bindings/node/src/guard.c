/* Guards as objects. One may be shared by many plans, so it is counted. */
#include <stdlib.h>

#include "addon.h"

static const napi_type_tag TAG = {0x6e6f646562656172, 0x6572642d67756172};

struct guard *guard_retain(struct guard *guard)
{
    if (guard != NULL) guard->references++;
    return guard;
}

void guard_release(struct guard *guard)
{
    if (guard == NULL || --guard->references != 0) return;
    bearerd_guard_free(guard->library);
    free(guard);
}

static void finalize(napi_env env, void *data, void *hint)
{
    (void)env;
    (void)hint;
    guard_release(data);
}

struct guard *guard_unwrap(napi_env env, napi_value object)
{
    return unwrap(env, object, &TAG);
}

static napi_value guard_object(napi_env env, bearerd_code code, bearerd_guard *library)
{
    if (code != BEARERD_OK) return refused(env, code);
    napi_value object;
    struct guard *guard = malloc(sizeof *guard);
    if (guard == NULL) {
        bearerd_guard_free(library);
        return misused(env, "out of memory");
    }
    *guard = (struct guard){1, library};
    if (napi_create_object(env, &object) == napi_ok && wrap(env, object, guard, finalize, &TAG)) return object;
    guard_release(guard);
    return misused(env, "a guard could not be wrapped");
}

/* guard(rule: JSON) */
napi_value guard_compile(napi_env env, napi_callback_info info)
{
    napi_value argv[1];
    struct text rule;
    if (!arguments(env, info, 1, argv) || !text_read(env, argv[0], &rule)) return NULL;
    bearerd_guard *guard = NULL;
    bearerd_code code = bearerd_guard_new(rule.ptr, rule.len, &guard, &environment_of(env)->error);
    text_free(&rule);
    return guard_object(env, code, guard);
}

/* guardNamed(verifier, name) */
napi_value guard_named(napi_env env, napi_callback_info info)
{
    napi_value argv[2];
    struct text name;
    struct verifier *verifier;
    if (!arguments(env, info, 2, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL || !text_read(env, argv[1], &name))
        return NULL;
    bearerd_guard *guard = NULL;
    bearerd_code code = bearerd_guard_named(verifier->library, name.ptr, name.len, &guard, &verifier->environment->error);
    text_free(&name);
    return guard_object(env, code, guard);
}
