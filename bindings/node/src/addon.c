/* The module: the ABI is checked, the functions are listed. lib/native.js is their one caller. */
#include <stdio.h>

#include "addon.h"

#ifndef BEARERD_NODE_VERSION
#error "BEARERD_NODE_VERSION is the version of the npm package; scripts/build.js sets it"
#endif

/* Rows of the table of codes: [number, name, status, sentence]. */
static napi_value codes(napi_env env, napi_callback_info info)
{
    (void)info;
    napi_value rows, row;
    uint32_t count = 0;
    napi_create_array(env, &rows);
    for (bearerd_code code = 0; code < 1000; code++) {
        bearerd_str name = bearerd_code_name(code);
        if (name.len == 0) continue;
        napi_create_array_with_length(env, 4, &row);
        napi_set_element(env, row, 0, number(env, code));
        napi_set_element(env, row, 1, string(env, name));
        napi_set_element(env, row, 2, number(env, bearerd_code_status(code)));
        napi_set_element(env, row, 3, string(env, bearerd_code_message(code)));
        napi_set_element(env, rows, count++, row);
    }
    return rows;
}

static bool abi_matches(napi_env env)
{
    char message[200];
    if (bearerd_abi_version() == BEARERD_ABI_VERSION) return true;
    snprintf(message, sizeof message,
             "the addon was built for ABI %u of libbearerd and runs with ABI %u; build it again "
             "(npm rebuild bearerd) against the library that is installed",
             (unsigned)BEARERD_ABI_VERSION, (unsigned)bearerd_abi_version());
    napi_throw_error(env, "ABI_MISMATCH", message);
    return false;
}

NAPI_MODULE_INIT()
{
    static const struct {
        const char *name;
        napi_callback call;
    } functions[] = {
        {"codes", codes},
        {"detail", environment_detail},
        {"open", verifier_open},
        {"share", share_verifier},
        {"attach", share_attach},
        {"describe", verifier_describe},
        {"jwks", verifier_jwks},
        {"stats", verifier_stats},
        {"replaceKeys", verifier_replace_keys},
        {"reloadKeys", verifier_reload_keys},
        {"keep", kept_keep},
        {"drop", kept_drop},
        {"guard", guard_compile},
        {"guardNamed", guard_named},
        {"route", route_find},
        {"plan", plan_make},
        {"authorization", verify_authorization},
        {"headers", verify_headers},
        {"lookup", verify_lookup},
        {"extract", verify_extract},
        {"verifyLater", later_verify},
        {"ask", later_ask},
        {"session", session_read},
        {"held", held_take},
        {"checkHeld", held_check},
        {"explain", verify_explain},
        {"sign", sign_one},
        {"signPair", sign_pair},
    };
    if (!abi_matches(env)) return NULL;
    if (environment_new(env) == NULL) {
        napi_throw_error(env, NULL, "bearerd: out of memory");
        return NULL;
    }
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        napi_value function;
        if (napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].call, NULL, &function) != napi_ok)
            return NULL;
        put(env, exports, functions[i].name, function);
    }
    put(env, exports, "bindingVersion", string(env, (bearerd_str){BEARERD_NODE_VERSION, sizeof BEARERD_NODE_VERSION - 1}));
    put(env, exports, "libraryVersion", string(env, bearerd_version()));
    return exports;
}
