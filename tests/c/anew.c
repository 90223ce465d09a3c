/* Nothing that can change is remembered: what holds for a token is asked on every call, hit or
 * miss, whichever way it comes in. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static bearerd_code revoke_by_subject(const bearerd_verifier *verifier, const char *token) {
    (void)token;
    return bearerd_revoke_subject(verifier, NOTHING, "ada", 3, INT64_MIN, NULL);
}

static bearerd_code revoke_by_handle(const bearerd_verifier *verifier, const char *token) {
    bearerd_claims *claims = claims_of(verifier, token);
    bearerd_str handle;
    bearerd_claims_borrow_str(claims, "jti", 3, &handle);
    bearerd_code code = bearerd_revoke_handle(verifier, NOTHING, handle.ptr, handle.len, NULL);
    bearerd_claims_free(claims);
    return code;
}

static bearerd_code revoke_itself(const bearerd_verifier *verifier, const char *token) {
    return bearerd_revoke_token(verifier, NOTHING, token, strlen(token), NULL);
}

static void a_revocation_holds_on_the_next_call(void) {
    bearerd_code (*const ways[])(const bearerd_verifier *, const char *) = {revoke_by_subject, revoke_by_handle,
                                                                           revoke_itself};
    for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
        for (door which = 0; which < DOORS; which++) {
            bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
            char *token = access_token(verifier, "{\"sub\":\"ada\"}"), *other = access_token(verifier, "{\"sub\":\"bob\"}");
            CHECK_CODE(OK, verify(verifier, token));
            CHECK_CODE(OK, verify(verifier, other));
            CHECK_CODE(OK, through(which, verifier, token, NULL));
            CHECK_CODE(OK, ways[way](verifier, token));
            CHECK_CODE(REVOKED, through(which, verifier, token, NULL));
            CHECK_CACHED(REVOKED, verifier, token, NULL);
            CHECK_CACHED(OK, verifier, other, NULL);
            bearerd_verifier_free(verifier);
            free(token);
            free(other);
        }
    }
}

static void a_token_that_was_not_cached_is_revoked_as_well(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    char *token = access_token(verifier, "{\"sub\":\"ada\"}");
    CHECK_CODE(OK, revoke_by_subject(verifier, token));
    CHECK_CODE(NOT_CACHED, through(LOOK_UP, verifier, token, NULL));
    CHECK_CODE(REVOKED, verify(verifier, token));
    bearerd_verifier_free(verifier);
    free(token);
}

static void a_key_that_is_gone_is_gone_on_the_next_call(void) {
    for (door which = 0; which < DOORS; which++) {
        bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
        char *token = access_token(verifier, "{\"sub\":\"ada\"}");
        const char *two = SET(HMAC_TWO), *one = SET(HMAC_ONE);
        CHECK_CODE(OK, verify(verifier, token));
        CHECK_CODE(OK, through(which, verifier, token, NULL));
        CHECK_CODE(OK, bearerd_verifier_replace_keys(verifier, NOTHING, two, strlen(two), NULL));
        CHECK_INT(which == LOOK_UP ? BEARERD_NOT_CACHED : BEARERD_UNKNOWN_KEY, through(which, verifier, token, NULL));
        CHECK_UNCACHED(UNKNOWN_KEY, verifier, token, NULL);
        /* It is back, and so are its tokens: by their signature, not by an old entry. */
        CHECK_CODE(OK, bearerd_verifier_replace_keys(verifier, NOTHING, one, strlen(one), NULL));
        CHECK_CODE(NOT_CACHED, through(LOOK_UP, verifier, token, NULL));
        CHECK_CODE(OK, verify(verifier, token));
        CHECK_CACHED(OK, verifier, token, NULL);
        bearerd_verifier_free(verifier);
        free(token);
    }
}

/* The library reads the system's clock, so this test waits for it: two seconds at most. */
static void a_token_expires_through_every_door(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    bearerd_sign_opts opts = sign_opts(BEARERD_KIND_ACCESS);
    opts.ttl = str("2s");
    char *token = signed_with(verifier, &opts, "{\"sub\":\"ada\"}");
    bearerd_claims *claims = claims_of(verifier, token);
    bearerd_view view = {.size = sizeof view};
    bearerd_claims_view(claims, &view);
    bearerd_claims_free(claims);
    struct timespec now;
    double deadline = seconds() + 30;
    do {
        /* Before and after the calls, for the second may turn between them. */
        clock_gettime(CLOCK_REALTIME_COARSE, &now);
        bool over = now.tv_sec >= view.expires_at;
        bearerd_code codes[DOORS];
        for (door which = 0; which < DOORS; which++) codes[which] = through(which, verifier, token, NULL);
        clock_gettime(CLOCK_REALTIME_COARSE, &now);
        bool still = now.tv_sec < view.expires_at;
        for (door which = 0; which < DOORS && (over || still); which++)
            if (!CHECK_INT(still ? BEARERD_OK : which == LOOK_UP ? BEARERD_NOT_CACHED : BEARERD_EXPIRED, codes[which]))
                deadline = 0;
        if (over) break;
    } while (seconds() < deadline);
    CHECK(now.tv_sec >= view.expires_at);
    bearerd_verifier_free(verifier);
    free(token);
}

static void a_guard_is_asked_on_a_hit(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    char *token = access_token(verifier, "{\"sub\":\"ada\",\"scope\":\"read\",\"device_id\":\"phone\"}");
    bearerd_guard *readers = guard_of("{\"scopes\":[\"read\"]}"), *writers = guard_of("{\"scopes\":[\"write\"]}");
    bearerd_guard *device = guard_of("{\"device\":true}");
    bearerd_verify_opts opts = verify_opts();
    CHECK_CODE(OK, verify(verifier, token));
    for (int round = 0; round < 3; round++) {
        opts.guard = readers;
        CHECK_CACHED(OK, verifier, token, &opts);
        opts.guard = writers;
        CHECK_CACHED(FORBIDDEN, verifier, token, &opts);
        opts.guard = device;
        opts.device = str("phone");
        CHECK_CACHED(OK, verifier, token, &opts);
        opts.device = str("phon");
        CHECK_CACHED(DEVICE_MISMATCH, verifier, token, &opts);
        opts = verify_opts();
        opts.audience = str("https://other.example");
        CHECK_CACHED(INVALID_CLAIM, verifier, token, &opts);
        opts = verify_opts();
        opts.kind = BEARERD_KIND_REFRESH;
        CHECK_CACHED(WRONG_TOKEN_KIND, verifier, token, &opts);
        opts.kind = BEARERD_KIND_ANY;
        CHECK_CACHED(OK, verifier, token, &opts);
        opts = verify_opts();
    }
    bearerd_guard_free(readers);
    bearerd_guard_free(writers);
    bearerd_guard_free(device);
    bearerd_verifier_free(verifier);
    free(token);
}

/* A token that differs from a cached one in a single bit is not the cached one. */
static void a_hit_is_the_whole_token(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    char *token = access_token(verifier, "{\"sub\":\"ada\"}");
    CHECK_CODE(OK, verify(verifier, token));
    for (size_t at = 0; token[at] != 0; at++) {
        for (int bit = 0; bit < 8; bit++) {
            token[at] = (char)(token[at] ^ (1 << bit));
            bearerd_claims *claims;
            bearerd_code code = bearerd_verify(verifier, token, strlen(token), NULL, &claims, NULL);
            CHECK(code != BEARERD_OK && claims == NULL);
            token[at] = (char)(token[at] ^ (1 << bit));
        }
    }
    CHECK_CACHED(OK, verifier, token, NULL);
    bearerd_verifier_free(verifier);
    free(token);
}

int main(void) {
    TEST(a_revocation_holds_on_the_next_call);
    TEST(a_token_that_was_not_cached_is_revoked_as_well);
    TEST(a_key_that_is_gone_is_gone_on_the_next_call);
    TEST(a_token_expires_through_every_door);
    TEST(a_guard_is_asked_on_a_hit);
    TEST(a_hit_is_the_whole_token);
    return verdict();
}
