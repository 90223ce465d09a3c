/* NULL for each pointer of each function: the documented answer, and never a crash. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

/* What an output holds before a call, so that one that was not cleared shows. */
#define DIRTY(type) ((type *)(uintptr_t)0x5a5a5a5a)

static bearerd_verifier *verifier;
static bearerd_guard *guard;
static bearerd_claims *claims;
static bearerd_text *text;
static char *token;
static size_t len;

static void making_a_verifier(void) {
    bearerd_verifier *out = DIRTY(bearerd_verifier);
    CHECK_CODE(NULL_POINTER, bearerd_verifier_new(NULL, 5, &out, NULL));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_verifier_new("x", 1, NULL, NULL));
    CHECK_CODE(CONFIG_ERROR, bearerd_verifier_new(NULL, 0, &out, NULL));
    out = DIRTY(bearerd_verifier);
    CHECK_CODE(NULL_POINTER, bearerd_verifier_from_file(NULL, 5, &out, NULL));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_verifier_from_file("x", 1, NULL, NULL));
    CHECK_CODE(CONFIG_ERROR, bearerd_verifier_from_file(NULL, 0, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_verifier_from_env(NULL, NULL));
    CHECK(bearerd_verifier_clone(NULL) == NULL);
    bearerd_verifier_free(NULL);
}

static void of_a_verifier(void) {
    bearerd_stats stats = {.size = sizeof stats};
    CHECK_CODE(NULL_POINTER, bearerd_verifier_replace_keys(NULL, NOTHING, "{}", 2, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_verifier_replace_keys(verifier, (bearerd_str){NULL, 1}, "{}", 2, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_verifier_replace_keys(verifier, NOTHING, NULL, 2, NULL));
    CHECK_CODE(CONFIG_ERROR, bearerd_verifier_replace_keys(verifier, NOTHING, NULL, 0, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_verifier_reload_keys(NULL, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_verifier_stats(NULL, NOTHING, &stats, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_verifier_stats(verifier, (bearerd_str){NULL, 1}, &stats, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_verifier_stats(verifier, NOTHING, NULL, NULL));
    bearerd_text *out = DIRTY(bearerd_text);
    CHECK_CODE(NULL_POINTER, bearerd_verifier_describe(NULL, &out, NULL));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_verifier_describe(verifier, NULL, NULL));
    out = DIRTY(bearerd_text);
    CHECK_CODE(NULL_POINTER, bearerd_verifier_jwks(NULL, &out, NULL));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_verifier_jwks(verifier, NULL, NULL));
}

static void of_routes(void) {
    bearerd_route route = {.size = sizeof route};
    CHECK_CODE(NULL_POINTER, bearerd_route_find(NULL, str("GET"), str("/"), &route, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_route_find(verifier, (bearerd_str){NULL, 1}, str("/"), &route, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_route_find(verifier, str("GET"), (bearerd_str){NULL, 1}, &route, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_route_find(verifier, str("GET"), str("/"), NULL, NULL));
}

static void of_verifying(void) {
    bearerd_claims *out = DIRTY(bearerd_claims);
    CHECK_CODE(NULL_POINTER, bearerd_verify(NULL, token, len, NULL, &out, NULL));
    CHECK(out == NULL);
    out = DIRTY(bearerd_claims);
    CHECK_CODE(NULL_POINTER, bearerd_verify(verifier, NULL, len, NULL, &out, NULL));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_verify(verifier, token, len, NULL, NULL, NULL));
    CHECK_CODE(MALFORMED, bearerd_verify(verifier, NULL, 0, NULL, &out, NULL));
    out = DIRTY(bearerd_claims);
    CHECK_CODE(NULL_POINTER, bearerd_verify_authorization(NULL, "Bearer x", 8, NULL, &out, NULL));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_verify_authorization(verifier, NULL, len, NULL, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_verify_authorization(verifier, token, len, NULL, NULL, NULL));
    CHECK_CODE(MISSING_TOKEN, bearerd_verify_authorization(verifier, NULL, 0, NULL, &out, NULL));
    bearerd_text *why = DIRTY(bearerd_text);
    CHECK_CODE(NULL_POINTER, bearerd_explain(NULL, token, len, NULL, &why, NULL));
    CHECK(why == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_explain(verifier, NULL, len, NULL, &why, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_explain(verifier, token, len, NULL, NULL, NULL));
}

static void of_slots(void) {
    bearerd_slot slot = {7, 7, 7};
    bearerd_claims *fresh = DIRTY(bearerd_claims);
    CHECK_CODE(NULL_POINTER, bearerd_verify_slot(NULL, token, len, NULL, &slot, &fresh, NULL));
    CHECK(fresh == NULL);
    CHECK(slot.slot == BEARERD_NO_SLOT && slot.was_cached == 0 && slot.generation == 0);
    CHECK_CODE(NULL_POINTER, bearerd_verify_slot(verifier, NULL, len, NULL, &slot, &fresh, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_verify_slot(verifier, token, len, NULL, NULL, &fresh, NULL));
    CHECK_CODE(OK, bearerd_verify_slot(verifier, token, len, NULL, &slot, NULL, NULL));
    slot.slot = 7;
    CHECK_CODE(NULL_POINTER, bearerd_lookup_slot(NULL, token, len, NULL, &slot, NULL));
    CHECK(slot.slot == BEARERD_NO_SLOT);
    CHECK_CODE(NULL_POINTER, bearerd_lookup_slot(verifier, NULL, len, NULL, &slot, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_lookup_slot(verifier, token, len, NULL, NULL, NULL));
}

static void of_many(void) {
    bearerd_str tokens[2] = {{token, len}, {NULL, 3}};
    bearerd_code codes[2] = {7, 7};
    bearerd_claims *outs[2] = {DIRTY(bearerd_claims), DIRTY(bearerd_claims)};
    CHECK_INT(0, bearerd_verify_many(NULL, tokens, 2, NULL, codes, outs));
    CHECK(codes[0] == BEARERD_NULL_POINTER && codes[1] == BEARERD_NULL_POINTER);
    CHECK(outs[0] == NULL && outs[1] == NULL);
    CHECK_INT(0, bearerd_verify_many(verifier, NULL, 2, NULL, codes, outs));
    CHECK(codes[0] == BEARERD_NULL_POINTER && codes[1] == BEARERD_NULL_POINTER);
    outs[0] = outs[1] = DIRTY(bearerd_claims);
    CHECK_INT(0, bearerd_verify_many(verifier, tokens, 2, NULL, NULL, outs));
    CHECK(outs[0] == NULL && outs[1] == NULL);
    CHECK_INT(1, bearerd_verify_many(verifier, tokens, 2, NULL, codes, NULL));
    CHECK(codes[0] == BEARERD_OK && codes[1] == BEARERD_NULL_POINTER);
    CHECK_INT(0, bearerd_verify_many(verifier, NULL, 0, NULL, NULL, NULL));
}

static void of_extraction(void) {
    bearerd_header header = {{"Authorization", 13}, {"Bearer x", 8}};
    bearerd_str found = {token, len};
    CHECK_CODE(NULL_POINTER, bearerd_extract(NULL, NOTHING, &header, 1, &found, NULL));
    CHECK(found.len == 0);
    CHECK_CODE(NULL_POINTER, bearerd_extract(verifier, (bearerd_str){NULL, 1}, &header, 1, &found, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_extract(verifier, NOTHING, NULL, 1, &found, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_extract(verifier, NOTHING, &header, 1, NULL, NULL));
    CHECK_CODE(MISSING_TOKEN, bearerd_extract(verifier, NOTHING, NULL, 0, &found, NULL));
    header.name.ptr = NULL;
    CHECK_CODE(NULL_POINTER, bearerd_extract(verifier, NOTHING, &header, 1, &found, NULL));
    header = (bearerd_header){{"Authorization", 13}, {NULL, 8}};
    CHECK_CODE(NULL_POINTER, bearerd_extract(verifier, NOTHING, &header, 1, &found, NULL));
}

static void of_claims(void) {
    bearerd_view view = {.size = sizeof view};
    bearerd_str out = {token, len};
    int64_t number = 7;
    bool flag = true;
    CHECK_CODE(NULL_POINTER, bearerd_claims_view(NULL, &view));
    CHECK_CODE(NULL_POINTER, bearerd_claims_view(claims, NULL));
    CHECK_INT(0, bearerd_claims_id(NULL));
    CHECK_CODE(NULL_POINTER, bearerd_claims_borrow_json(NULL, &out));
    CHECK(out.len == 0);
    CHECK_CODE(NULL_POINTER, bearerd_claims_borrow_json(claims, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_claims_borrow_str(NULL, "sub", 3, &out));
    CHECK_CODE(NULL_POINTER, bearerd_claims_borrow_str(claims, NULL, 3, &out));
    CHECK_CODE(NULL_POINTER, bearerd_claims_borrow_str(claims, "sub", 3, NULL));
    CHECK_CODE(NO_SUCH_CLAIM, bearerd_claims_borrow_str(claims, NULL, 0, &out));
    CHECK_CODE(NULL_POINTER, bearerd_claims_borrow_value(NULL, "sub", 3, &out));
    CHECK_CODE(NULL_POINTER, bearerd_claims_borrow_value(claims, NULL, 3, &out));
    CHECK_CODE(NULL_POINTER, bearerd_claims_borrow_value(claims, "sub", 3, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_claims_int(NULL, "exp", 3, &number));
    CHECK_INT(0, number);
    CHECK_CODE(NULL_POINTER, bearerd_claims_int(claims, NULL, 3, &number));
    CHECK_CODE(NULL_POINTER, bearerd_claims_int(claims, "exp", 3, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_claims_bool(NULL, "vip", 3, &flag));
    CHECK(!flag);
    CHECK_CODE(NULL_POINTER, bearerd_claims_bool(claims, NULL, 3, &flag));
    CHECK_CODE(NULL_POINTER, bearerd_claims_bool(claims, "vip", 3, NULL));
    CHECK(bearerd_claims_clone(NULL) == NULL);
    bearerd_claims_free(NULL);
}

static void of_guards(void) {
    bearerd_guard *out = DIRTY(bearerd_guard);
    CHECK_CODE(NULL_POINTER, bearerd_guard_new(NULL, 2, &out, NULL));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_guard_new("{}", 2, NULL, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_guard_new(NULL, 0, &out, NULL));
    out = DIRTY(bearerd_guard);
    CHECK_CODE(NULL_POINTER, bearerd_guard_named(NULL, "x", 1, &out, NULL));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_guard_named(verifier, NULL, 1, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_guard_named(verifier, "x", 1, NULL, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_guard_check(NULL, claims, NOTHING, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_guard_check(guard, NULL, NOTHING, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_guard_check(guard, claims, (bearerd_str){NULL, 1}, NULL));
    bearerd_guard_free(NULL);
}

static void of_options(void) {
    bearerd_claims *out;
    bearerd_text *signed_token;
    for (int at = 0; at < 3; at++) {
        bearerd_verify_opts opts = verify_opts();
        *(at == 0 ? &opts.profile : at == 1 ? &opts.audience : &opts.device) = (bearerd_str){NULL, 1};
        CHECK_CODE(NULL_POINTER, bearerd_verify(verifier, token, len, &opts, &out, NULL));
    }
    for (int at = 0; at < 2; at++) {
        bearerd_sign_opts opts = sign_opts(BEARERD_KIND_ACCESS);
        *(at == 0 ? &opts.profile : &opts.ttl) = (bearerd_str){NULL, 1};
        CHECK_CODE(NULL_POINTER, bearerd_sign(verifier, &opts, NULL, 0, &signed_token, NULL, NULL));
    }
    for (int at = 0; at < 4; at++) {
        bearerd_rotate_opts opts = {.size = sizeof opts};
        *(at == 0 ? &opts.profile : at == 1 ? &opts.ttl : at == 2 ? &opts.set : &opts.remove) = (bearerd_str){NULL, 1};
        CHECK_CODE(NULL_POINTER, bearerd_rotate(verifier, token, len, &opts, &signed_token, NULL));
    }
}

static void of_signing(void) {
    bearerd_sign_opts opts = sign_opts(BEARERD_KIND_ACCESS), pair = sign_opts(0);
    bearerd_text *out = DIRTY(bearerd_text);
    int64_t at = 7;
    CHECK_CODE(NULL_POINTER, bearerd_sign(NULL, &opts, "{}", 2, &out, &at, NULL));
    CHECK(out == NULL);
    CHECK_INT(0, at);
    CHECK_CODE(NULL_POINTER, bearerd_sign(verifier, NULL, "{}", 2, &out, NULL, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sign(verifier, &opts, NULL, 2, &out, NULL, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sign(verifier, &opts, "{}", 2, NULL, NULL, NULL));
    out = DIRTY(bearerd_text);
    CHECK_CODE(NULL_POINTER, bearerd_sign_pair(NULL, &pair, "{}", 2, &out, NULL));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_sign_pair(verifier, &pair, NULL, 2, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sign_pair(verifier, &pair, "{}", 2, NULL, NULL));
    CHECK_CODE(OK, bearerd_sign_pair(verifier, NULL, NULL, 0, &out, NULL));
    bearerd_text_free(out);
    out = DIRTY(bearerd_text);
    CHECK_CODE(NULL_POINTER, bearerd_rotate(NULL, token, len, NULL, &out, NULL));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_rotate(verifier, NULL, len, NULL, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_rotate(verifier, token, len, NULL, NULL, NULL));
}

static void of_revoking(void) {
    const bearerd_str bad = {NULL, 1};
    CHECK_CODE(NULL_POINTER, bearerd_revoke_token(NULL, NOTHING, token, len, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_revoke_token(verifier, bad, token, len, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_revoke_token(verifier, NOTHING, NULL, len, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_revoke_handle(NULL, NOTHING, "x", 1, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_revoke_handle(verifier, bad, "x", 1, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_revoke_handle(verifier, NOTHING, NULL, 1, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_revoke_handle(verifier, NOTHING, NULL, 0, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_revoke_family(NULL, NOTHING, "x", 1, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_revoke_family(verifier, bad, "x", 1, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_revoke_family(verifier, NOTHING, NULL, 1, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_revoke_subject(NULL, NOTHING, "x", 1, INT64_MIN, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_revoke_subject(verifier, bad, "x", 1, INT64_MIN, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_revoke_subject(verifier, NOTHING, NULL, 1, INT64_MIN, NULL));
}

static void of_a_session(void) {
    bearerd_session *out = DIRTY(bearerd_session);
    bearerd_session_state state = {.size = sizeof state, .version = 7};
    bearerd_text *json = DIRTY(bearerd_text);
    bearerd_str value = {token, len};
    CHECK_CODE(NULL_POINTER, bearerd_claims_session(NULL, &out));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_claims_session(claims, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_session_view(NULL, &state));
    CHECK_INT(0, state.version);
    CHECK_CODE(NULL_POINTER, bearerd_session_view(NULL, NULL));
    CHECK_INT(0, bearerd_session_version(NULL));
    CHECK_CODE(NULL_POINTER, bearerd_session_borrow_value(NULL, "a", 1, &value));
    CHECK(value.len == 0);
    CHECK_CODE(NULL_POINTER, bearerd_session_borrow_value(NULL, "a", 1, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_session_json(NULL, &json));
    CHECK(json == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_session_json(NULL, NULL));
    bearerd_session_free(NULL);
}

static void of_sessions(void) {
    const bearerd_str bad = {NULL, 1};
    bearerd_text *out = DIRTY(bearerd_text);
    size_t ended = 7;
    CHECK_CODE(NULL_POINTER, bearerd_sign_in(NULL, "ada", 3, NULL, &out, NULL));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_sign_in(verifier, NULL, 3, NULL, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sign_in(verifier, "ada", 3, NULL, NULL, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_get(NULL, NOTHING, "x", 1, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_get(verifier, bad, "x", 1, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_get(verifier, NOTHING, NULL, 1, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_get(verifier, NOTHING, "x", 1, NULL, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_list(NULL, NOTHING, "x", 1, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_list(verifier, NOTHING, NULL, 1, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_list(verifier, NOTHING, "x", 1, NULL, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_end(NULL, NOTHING, "x", 1, &ended, NULL));
    CHECK_INT(0, ended);
    CHECK_CODE(NULL_POINTER, bearerd_sessions_end(verifier, NOTHING, NULL, 1, &ended, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_end_all(NULL, NOTHING, "x", 1, NOTHING, &ended, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_end_all(verifier, NOTHING, NULL, 1, NOTHING, &ended, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_end_all(verifier, NOTHING, "x", 1, bad, &ended, NULL));
    out = DIRTY(bearerd_text);
    CHECK_CODE(NULL_POINTER, bearerd_sessions_change(NULL, NOTHING, "x", 1, NOTHING, NOTHING, &out, NULL));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_sessions_change(verifier, NOTHING, NULL, 1, NOTHING, NOTHING, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_change(verifier, NOTHING, "x", 1, NOTHING, NOTHING, NULL, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_change_all(NULL, NOTHING, "x", 1, NOTHING, NOTHING, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_change_all(verifier, NOTHING, "x", 1, bad, NOTHING, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_change_all(verifier, NOTHING, "x", 1, NOTHING, bad, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_sessions_change_all(verifier, NOTHING, "x", 1, NOTHING, NOTHING, NULL, NULL));
}

static void of_pats(void) {
    const bearerd_str bad = {NULL, 1};
    bearerd_text *out = DIRTY(bearerd_text);
    size_t revoked = 7;
    CHECK_CODE(NULL_POINTER, bearerd_pats_create(NULL, "ada", 3, NULL, &out, NULL));
    CHECK(out == NULL);
    CHECK_CODE(NULL_POINTER, bearerd_pats_create(verifier, NULL, 3, NULL, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_pats_create(verifier, "ada", 3, NULL, NULL, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_pats_list(NULL, NOTHING, "ada", 3, NOTHING, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_pats_list(verifier, bad, "ada", 3, NOTHING, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_pats_list(verifier, NOTHING, NULL, 3, NOTHING, &out, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_pats_list(verifier, NOTHING, "ada", 3, NOTHING, NULL, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_pats_revoke(NULL, NOTHING, "x", 1, &revoked, NULL));
    CHECK_INT(0, revoked);
    CHECK_CODE(NULL_POINTER, bearerd_pats_revoke(verifier, NOTHING, NULL, 1, &revoked, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_pats_revoke_token(NULL, NOTHING, "x", 1, &revoked, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_pats_revoke_token(verifier, bad, "x", 1, &revoked, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_pats_revoke_token(verifier, NOTHING, NULL, 1, &revoked, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_pats_revoke_all(NULL, NOTHING, "x", 1, &revoked, NULL));
    CHECK_CODE(NULL_POINTER, bearerd_pats_revoke_all(verifier, NOTHING, NULL, 1, &revoked, NULL));
}

static void of_text_and_log(void) {
    CHECK(bearerd_text_borrow(NULL).len == 0);
    CHECK(bearerd_text_borrow(text).len > 0);
    bearerd_text_free(NULL);
    CHECK_CODE(OK, bearerd_log_set(5, NULL, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_log_set(6, NULL, NULL));
}

int main(void) {
    verifier = verifier_of(SHARED_SECRET);
    guard = guard_of("{\"scopes\": [\"read\"]}");
    token = access_token(verifier, "{\"sub\":\"ada\"}");
    len = strlen(token);
    claims = claims_of(verifier, token);
    bearerd_verifier_describe(verifier, &text, NULL);
    TEST(making_a_verifier);
    TEST(of_a_verifier);
    TEST(of_routes);
    TEST(of_verifying);
    TEST(of_slots);
    TEST(of_many);
    TEST(of_extraction);
    TEST(of_claims);
    TEST(of_guards);
    TEST(of_options);
    TEST(of_signing);
    TEST(of_revoking);
    TEST(of_a_session);
    TEST(of_sessions);
    TEST(of_pats);
    TEST(of_text_and_log);
    bearerd_text_free(text);
    bearerd_claims_free(claims);
    bearerd_guard_free(guard);
    bearerd_verifier_free(verifier);
    free(token);
    return verdict();
}
