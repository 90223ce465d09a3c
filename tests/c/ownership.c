/* Who owns what: handles outlive each other, and counts come out even. Run under AddressSanitizer
 * and valgrind, where a use after the end and a leak both show. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

static void claims_outlive_their_verifier(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    char *token = access_token(verifier, "{\"sub\":\"ad\\u0061\",\"vip\":true,\"n\":7}");
    bearerd_claims *fresh = claims_of(verifier, token), *hit = claims_of(verifier, token);
    CHECK(bearerd_claims_id(fresh) == bearerd_claims_id(hit));
    bearerd_claims *other = bearerd_claims_clone(hit);
    CHECK(bearerd_claims_id(other) == bearerd_claims_id(hit));
    bearerd_claims_free(fresh);
    bearerd_verifier_free(verifier);
    bearerd_claims_free(hit);

    bearerd_str subject, json, value;
    int64_t number;
    bool vip;
    bearerd_view view = {.size = sizeof view};
    CHECK_CODE(OK, bearerd_claims_borrow_str(other, "sub", 3, &subject));
    CHECK_TEXT("ada", subject);
    CHECK_CODE(OK, bearerd_claims_borrow_value(other, "sub", 3, &value));
    CHECK_TEXT("\"ada\"", value);
    CHECK_CODE(OK, bearerd_claims_int(other, "n", 1, &number));
    CHECK_INT(7, number);
    CHECK_CODE(OK, bearerd_claims_bool(other, "vip", 3, &vip));
    CHECK(vip);
    CHECK_CODE(OK, bearerd_claims_borrow_json(other, &json));
    CHECK_CODE(OK, bearerd_claims_view(other, &view));
    CHECK(view.json.ptr == json.ptr && view.json.len == json.len);
    CHECK_TEXT("ada", view.subject);
    bearerd_claims_free(other);
    free(token);
}

static void a_guard_outlives_its_verifier(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET "[guards.readers]\nscopes = ['read']\n");
    char *reader = access_token(verifier, "{\"scope\":\"read write\"}"), *writer = access_token(verifier, "{\"scope\":\"write\"}");
    bearerd_claims *may = claims_of(verifier, reader), *may_not = claims_of(verifier, writer);
    bearerd_guard *named, *made = guard_of("{\"scopes\":[\"read\"]}");
    CHECK_CODE(OK, bearerd_guard_named(verifier, "readers", 7, &named, NULL));
    bearerd_verifier_free(verifier);
    for (int at = 0; at < 2; at++) {
        CHECK_CODE(OK, bearerd_guard_check(at ? named : made, may, NOTHING, NULL));
        CHECK_CODE(FORBIDDEN, bearerd_guard_check(at ? named : made, may_not, NOTHING, NULL));
    }
    bearerd_guard_free(named);
    bearerd_guard_free(made);
    bearerd_claims_free(may);
    bearerd_claims_free(may_not);
    free(reader);
    free(writer);
}

static void a_verifier_lives_as_long_as_a_clone(void) {
    bearerd_verifier *handles[100];
    handles[0] = verifier_of(SHARED_SECRET);
    char *token = access_token(handles[0], "{}");
    for (int at = 1; at < 100; at++) handles[at] = bearerd_verifier_clone(handles[at - 1]);
    for (int at = 0; at < 99; at++) bearerd_verifier_free(handles[at]);
    CHECK_CODE(OK, verify(handles[99], token));
    bearerd_verifier_free(handles[99]);
    free(token);
}

static void text_is_its_own(void) {
    bearerd_verifier *verifier = verifier_of(SIGNS_WITH("EdDSA", PRIVATE_ONE));
    bearerd_text *jwks, *what;
    CHECK_CODE(OK, bearerd_verifier_jwks(verifier, &jwks, NULL));
    CHECK_CODE(OK, bearerd_verifier_describe(verifier, &what, NULL));
    bearerd_verifier_free(verifier);
    char *text = take_text(jwks);
    CHECK(strstr(text, "Ed25519") != NULL && strstr(text, PRIVATE_ONE_D) == NULL);
    free(text);
    text = take_text(what);
    CHECK(strstr(text, "EdDSA") != NULL);
    free(text);
}

/* Nothing that was given is read again: it may be written over as soon as a call is back. */
static void nothing_given_is_kept(void) {
    char config[] = SHARED_SECRET "[guards.readers]\nscopes = ['read']\n", rule[] = "{\"scopes\":[\"read\"]}";
    bearerd_verifier *verifier = verifier_of(config);
    bearerd_guard *guard = guard_of(rule);
    memset(config, 'x', sizeof config - 1);
    memset(rule, 'x', sizeof rule - 1);
    char *token = access_token(verifier, "{\"sub\":\"ada\",\"scope\":\"read\"}"), *copy = strdup(token);
    bearerd_verify_opts *opts = malloc(sizeof *opts);
    *opts = verify_opts();
    opts->guard = guard;
    CHECK_CODE(OK, through(VERIFY, verifier, token, opts));
    memset(token, 'x', strlen(token));
    memset(opts, 0xff, sizeof *opts);
    free(opts);
    bearerd_claims *hit = claims_of(verifier, copy);
    bearerd_view view = {.size = sizeof view};
    CHECK_CODE(OK, bearerd_claims_view(hit, &view));
    CHECK_TEXT("ada", view.subject);
    memset(copy, 'x', strlen(copy));
    CHECK_TEXT("ada", view.subject);
    bearerd_claims_free(hit);
    bearerd_guard_free(guard);
    bearerd_verifier_free(verifier);
    free(token);
    free(copy);
}

static void many_come_and_go(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET "[profiles.api.cache]\nmax_entries = 16\n");
    bearerd_str tokens[64];
    bearerd_code codes[64];
    bearerd_claims *outs[64];
    for (int at = 0; at < 64; at++) tokens[at] = str(access_token(verifier, "{\"sub\":\"ada\"}"));
    tokens[7].len--;
    for (int round = 0; round < 20; round++) {
        CHECK_INT(63, bearerd_verify_many(verifier, tokens, 64, NULL, codes, outs));
        CHECK(codes[7] != BEARERD_OK && outs[7] == NULL);
        CHECK_INT(63, bearerd_verify_many(verifier, tokens, 64, NULL, codes, NULL));
        for (int at = 0; at < 64; at++) bearerd_claims_free(outs[at]);
    }
    for (int at = 0; at < 64; at++) free((char *)(uintptr_t)tokens[at].ptr);
    bearerd_verifier_free(verifier);
}

int main(void) {
    TEST(claims_outlive_their_verifier);
    TEST(a_guard_outlives_its_verifier);
    TEST(a_verifier_lives_as_long_as_a_clone);
    TEST(text_is_its_own);
    TEST(nothing_given_is_kept);
    TEST(many_come_and_go);
    return verdict();
}
