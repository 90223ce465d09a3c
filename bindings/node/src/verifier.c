/* Verifiers as objects, and what is asked of them as a whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addon.h"

static const napi_type_tag TAG = {0x6e6f646562656172, 0x6572642d76657269};

struct verifier *verifier_retain(struct verifier *verifier)
{
    verifier->references++;
    return verifier;
}

void verifier_release(struct verifier *verifier)
{
    if (--verifier->references != 0) return;
    bearerd_claims_free(verifier->held);
    bearerd_verifier_free(verifier->library);
    environment_release(verifier->environment);
    free(verifier->generations);
    free(verifier->weights);
    free(verifier);
}

static void finalize(napi_env env, void *data, void *hint)
{
    (void)env;
    (void)hint;
    verifier_release(data);
}

struct verifier *verifier_unwrap(napi_env env, napi_value object)
{
    return unwrap(env, object, &TAG);
}

static bearerd_code slots_of(const bearerd_verifier *library, uint32_t *slots, bearerd_error *error)
{
    bearerd_stats stats = {.size = sizeof stats};
    bearerd_code code = bearerd_verifier_stats(library, (bearerd_str){NULL, 0}, &stats, error);
    *slots = stats.slots;
    return code;
}

/* Takes `library`, also where it fails. */
napi_value verifier_object(napi_env env, bearerd_verifier *library)
{
    struct environment *environment = environment_of(env);
    uint32_t slots = 0;
    bearerd_code code = slots_of(library, &slots, &environment->error);
    if (code != BEARERD_OK) {
        bearerd_verifier_free(library);
        return refused(env, code);
    }
    struct verifier *verifier = calloc(1, sizeof *verifier);
    if (verifier == NULL) {
        bearerd_verifier_free(library);
        return misused(env, "out of memory");
    }
    verifier->references = 1;
    verifier->environment = environment;
    environment->references++;
    verifier->library = library;
    verifier->slots = slots;
    verifier->offered_slot = BEARERD_NO_SLOT;
    napi_value object;
    if (napi_create_object(env, &object) == napi_ok && wrap(env, object, verifier, finalize, &TAG)) return object;
    verifier_release(verifier);
    return misused(env, "a verifier could not be wrapped");
}

/* open("text" | "file" | "environment", text or path) */
napi_value verifier_open(napi_env env, napi_callback_info info)
{
    napi_value argv[2];
    char from[16] = "";
    struct text text;
    if (!arguments(env, info, 2, argv)) return NULL;
    if (napi_get_value_string_utf8(env, argv[0], from, sizeof from, NULL) != napi_ok) return misused(env, "no source");
    if (!text_read(env, argv[1], &text)) return NULL;
    bearerd_error *error = &environment_of(env)->error;
    bearerd_verifier *library = NULL;
    bearerd_code code;
    if (strcmp(from, "text") == 0) code = bearerd_verifier_new(text.ptr, text.len, &library, error);
    else if (strcmp(from, "file") == 0) code = bearerd_verifier_from_file(text.ptr, text.len, &library, error);
    else code = bearerd_verifier_from_env(&library, error);
    text_free(&text);
    return code == BEARERD_OK ? verifier_object(env, library) : refused(env, code);
}

static napi_value text_of(napi_env env, napi_callback_info info,
                          bearerd_code (*ask)(const bearerd_verifier *, bearerd_text **, bearerd_error *))
{
    napi_value argv[1];
    struct verifier *verifier;
    bearerd_text *text = NULL;
    if (!arguments(env, info, 1, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL) return NULL;
    bearerd_code code = ask(verifier->library, &text, &verifier->environment->error);
    return owned_text(env, code, text);
}

napi_value verifier_describe(napi_env env, napi_callback_info info)
{
    return text_of(env, info, bearerd_verifier_describe);
}

napi_value verifier_jwks(napi_env env, napi_callback_info info)
{
    return text_of(env, info, bearerd_verifier_jwks);
}

/* stats(verifier, profile?) */
napi_value verifier_stats(napi_env env, napi_callback_info info)
{
    napi_value argv[2], object;
    struct verifier *verifier;
    struct text profile;
    if (!arguments(env, info, 2, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL || !text_read(env, argv[1], &profile))
        return NULL;
    bearerd_stats stats = {.size = sizeof stats};
    bearerd_code code = bearerd_verifier_stats(verifier->library, text_borrow(&profile), &stats, &verifier->environment->error);
    text_free(&profile);
    if (code != BEARERD_OK) return refused(env, code);
    if (napi_create_object(env, &object) != napi_ok) return NULL;
    put(env, object, "slots", number(env, stats.slots));
    put(env, object, "hits", number(env, (double)stats.hits));
    put(env, object, "misses", number(env, (double)stats.misses));
    put(env, object, "inserts", number(env, (double)stats.inserts));
    put(env, object, "notKept", number(env, (double)stats.not_kept));
    put(env, object, "evicted", number(env, (double)stats.evicted));
    put(env, object, "entries", number(env, (double)stats.entries));
    put(env, object, "bytes", number(env, (double)stats.bytes));
    put(env, object, "revocations", number(env, (double)stats.revocations));
    return object;
}

/* replaceKeys(verifier, profile?, jwks) */
napi_value verifier_replace_keys(napi_env env, napi_callback_info info)
{
    napi_value argv[3], result = NULL;
    struct verifier *verifier;
    struct text profile, jwks = {NULL, 0};
    if (!arguments(env, info, 3, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL || !text_read(env, argv[1], &profile))
        return NULL;
    if (text_read(env, argv[2], &jwks))
        result = done(env, bearerd_verifier_replace_keys(verifier->library, text_borrow(&profile), jwks.ptr, jwks.len,
                                                         &verifier->environment->error));
    text_free(&profile);
    text_free(&jwks);
    return result;
}

napi_value verifier_reload_keys(napi_env env, napi_callback_info info)
{
    napi_value argv[1];
    struct verifier *verifier;
    if (!arguments(env, info, 1, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL) return NULL;
    return done(env, bearerd_verifier_reload_keys(verifier->library, &verifier->environment->error));
}
