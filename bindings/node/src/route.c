/* What the routes of the configuration ask of a request. */
#include "addon.h"

/* route(verifier, method?, target): BEARERD_ACCESS_PUBLIC or _TOKEN, the name of a guard, or a code. The
 * target is read whole: what is cut off might be what it is refused for. */
napi_value route_find(napi_env env, napi_callback_info info)
{
    napi_value argv[3], answer = NULL;
    struct verifier *verifier;
    struct text method, target = {NULL, 0};
    if (!arguments(env, info, 3, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL || !text_read(env, argv[1], &method))
        return NULL;
    if (text_read(env, argv[2], &target)) {
        bearerd_route route = {.size = sizeof route};
        bearerd_code code = bearerd_route_find(verifier->library, text_borrow(&method), text_borrow(&target), &route,
                                               &verifier->environment->error);
        if (code != BEARERD_OK) answer = refused(env, code);
        else if (route.access == BEARERD_ACCESS_GUARD) answer = string(env, route.guard);
        else answer = number(env, route.access);
    }
    text_free(&method);
    text_free(&target);
    return answer;
}
