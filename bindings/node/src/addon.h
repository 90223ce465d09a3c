/* What the files of the addon share.
 *
 * Nothing here outlives its Node environment (the main thread, or one worker): an environment's
 * data hangs on it, a verifier's on its object. The one exception is the registry of verifiers in
 * share.c, which holds handles of the library and nothing of JavaScript.
 *
 * Answers to JavaScript: a number below zero is a code, negated, and `detail` has its words. */
#ifndef BEARERD_NODE_ADDON_H
#define BEARERD_NODE_ADDON_H

#define NAPI_VERSION 8
#include <node_api.h>

#include <bearerd.h>

/* A longer token is over every limit that a profile can set, so reading its beginning is enough. */
#define TOKEN_LIMIT 65536
#define TOKEN_CAPACITY (TOKEN_LIMIT + 4096)

struct environment {
    uint32_t references;
    bearerd_error error;
    char token[TOKEN_CAPACITY];
};

/* A verifier as one environment sees it, with the generation of the object that JavaScript keeps
 * for each slot. */
struct verifier {
    uint32_t references;
    struct environment *environment;
    bearerd_verifier *library;
    uint32_t slots;
    uint64_t *generations;
    uint32_t *weights;
    uint64_t weight;
    uint32_t hand;
    uint32_t offered_slot;
    uint32_t offered_weight;
    uint64_t offered_generation;
    bool hold;
    bearerd_claims *held;
};

struct guard {
    uint32_t references;
    bearerd_guard *library;
};

/* Options that were read once. */
struct plan {
    struct verifier *verifier;
    struct guard *guard;
    char *text;
    size_t text_length;
    /* Whether the options ask for nothing. */
    bool plain;
    bearerd_verify_opts opts;
};

/* Text that was copied out of a string. */
struct text {
    char *ptr;
    size_t len;
};

/* environment.c */
struct environment *environment_new(napi_env env);
struct environment *environment_of(napi_env env);
void environment_release(struct environment *environment);
napi_value environment_detail(napi_env env, napi_callback_info info);

/* value.c */
bool arguments(napi_env env, napi_callback_info info, size_t count, napi_value *out);
bool is_nothing(napi_env env, napi_value value);
bool text_read(napi_env env, napi_value value, struct text *out);
void text_free(struct text *text);
bearerd_str text_borrow(const struct text *text);
void wipe(void *memory, size_t length);
napi_value string(napi_env env, bearerd_str text);
napi_value number(napi_env env, double value);
napi_value refused(napi_env env, bearerd_code code);
napi_value done(napi_env env, bearerd_code code);
napi_value owned_text(napi_env env, bearerd_code code, bearerd_text *text);
napi_value misused(napi_env env, const char *what);
void put(napi_env env, napi_value object, const char *name, napi_value value);
bool wrap(napi_env env, napi_value object, void *data, napi_finalize finalize, const napi_type_tag *tag);
void *unwrap(napi_env env, napi_value object, const napi_type_tag *tag);

/* verifier.c */
napi_value verifier_open(napi_env env, napi_callback_info info);
napi_value verifier_object(napi_env env, bearerd_verifier *library);
struct verifier *verifier_unwrap(napi_env env, napi_value object);
struct verifier *verifier_retain(struct verifier *verifier);
void verifier_release(struct verifier *verifier);
napi_value verifier_describe(napi_env env, napi_callback_info info);
napi_value verifier_jwks(napi_env env, napi_callback_info info);
napi_value verifier_stats(napi_env env, napi_callback_info info);
napi_value verifier_replace_keys(napi_env env, napi_callback_info info);
napi_value verifier_reload_keys(napi_env env, napi_callback_info info);

/* share.c */
napi_value share_verifier(napi_env env, napi_callback_info info);
napi_value share_attach(napi_env env, napi_callback_info info);

/* kept.c */
bool kept_knows(const struct verifier *verifier, uint32_t slot, uint64_t generation);
void kept_offer(struct verifier *verifier, const bearerd_view *view);
napi_value kept_keep(napi_env env, napi_callback_info info);
napi_value kept_drop(napi_env env, napi_callback_info info);

/* held.c */
void held_offer(struct verifier *verifier, bearerd_claims *claims);
napi_value held_take(napi_env env, napi_callback_info info);
napi_value held_check(napi_env env, napi_callback_info info);

/* session.c */
napi_value session_beside(napi_env env, const bearerd_claims *claims, napi_value json);
napi_value session_read(napi_env env, napi_callback_info info);

/* later.c */
napi_value later_verify(napi_env env, napi_callback_info info);
napi_value later_ask(napi_env env, napi_callback_info info);

/* guard.c */
napi_value guard_compile(napi_env env, napi_callback_info info);
napi_value guard_named(napi_env env, napi_callback_info info);
struct guard *guard_unwrap(napi_env env, napi_value object);
struct guard *guard_retain(struct guard *guard);
void guard_release(struct guard *guard);

/* route.c */
napi_value route_find(napi_env env, napi_callback_info info);

/* plan.c */
napi_value plan_make(napi_env env, napi_callback_info info);
struct plan *plan_unwrap(napi_env env, napi_value function);

/* verify.c */
struct request {
    bearerd_verify_opts opts;
    struct text device;
    char brief[256];
};
bool request_read(napi_env env, const struct plan *plan, napi_value device, struct request *request);
void request_free(struct request *request);
napi_value verify_hand_over(napi_env env, struct verifier *verifier, bearerd_claims *claims);
napi_value verify_token(napi_env env, napi_callback_info info);
napi_value verify_lookup(napi_env env, napi_callback_info info);
napi_value verify_extract(napi_env env, napi_callback_info info);
napi_value verify_authorization(napi_env env, napi_callback_info info);
napi_value verify_headers(napi_env env, napi_callback_info info);
napi_value verify_explain(napi_env env, napi_callback_info info);

/* sign.c */
napi_value sign_one(napi_env env, napi_callback_info info);
napi_value sign_pair(napi_env env, napi_callback_info info);

#endif
