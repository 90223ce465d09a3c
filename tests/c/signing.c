/* Signing, pairs, and rotation with its memory of spent tokens. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *rotated(const bearerd_verifier *verifier, const char *refresh, const bearerd_rotate_opts *opts) {
    bearerd_text *out = NULL;
    bearerd_error error = {sizeof error, 0, ""};
    if (bearerd_rotate(verifier, refresh, strlen(refresh), opts, &out, &error) != BEARERD_OK)
        die("bearerd_rotate", error.message);
    return take_text(out);
}

static bearerd_code rotation(const bearerd_verifier *verifier, const char *refresh) {
    bearerd_text *out = NULL;
    bearerd_code code = bearerd_rotate(verifier, refresh, strlen(refresh), NULL, &out, NULL);
    CHECK((out != NULL) == (code == BEARERD_OK));
    bearerd_text_free(out);
    return code;
}

static char *pair_of(const bearerd_verifier *verifier, const char *claims) {
    bearerd_text *out = NULL;
    bearerd_error error = {sizeof error, 0, ""};
    if (bearerd_sign_pair(verifier, NULL, claims, strlen(claims), &out, &error) != BEARERD_OK)
        die("bearerd_sign_pair", error.message);
    return take_text(out);
}

static bearerd_code as_refresh(const bearerd_verifier *verifier, const char *token) {
    bearerd_verify_opts opts = verify_opts();
    opts.kind = BEARERD_KIND_REFRESH;
    return through(VERIFY, verifier, token, &opts);
}

static void lifetimes(void) {
    static const struct { const char *ttl; int64_t seconds; } cases[] = {
        {NULL, 900}, {"90s", 90}, {"15m", 900}, {"2h", 7200}, {"7d", 604800}, {"45", 45}};
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        bearerd_sign_opts opts = sign_opts(BEARERD_KIND_ACCESS);
        opts.ttl = cases[at].ttl ? str(cases[at].ttl) : NOTHING;
        bearerd_text *token;
        int64_t expires = 0;
        CHECK_CODE(OK, bearerd_sign(verifier, &opts, NULL, 0, &token, &expires, NULL));
        char *text = take_text(token);
        bearerd_claims *claims = claims_of(verifier, text);
        bearerd_view view = {.size = sizeof view};
        CHECK_CODE(OK, bearerd_claims_view(claims, &view));
        CHECK_INT(expires, view.expires_at);
        CHECK_INT(cases[at].seconds, view.expires_at - view.issued_at);
        CHECK_INT(BEARERD_KIND_ACCESS, view.kind);
        bearerd_claims_free(claims);
        free(text);
    }
    bearerd_verifier_free(verifier);
}

static void without_an_end(void) {
    bearerd_verifier *verifier = verifier_of("[profiles.api]\nalgorithms = ['HS256']\nexpiration = 'optional'\n"
                                             "keys = [{ jwk = '" HMAC_ONE "' }]\nsign = {}\n");
    bearerd_sign_opts opts = sign_opts(BEARERD_KIND_ACCESS);
    opts.ttl = str("none");
    bearerd_text *token;
    int64_t expires = 0;
    CHECK_CODE(OK, bearerd_sign(verifier, &opts, NULL, 0, &token, &expires, NULL));
    CHECK(expires == INT64_MAX);
    char *text = take_text(token);
    bearerd_claims *claims = claims_of(verifier, text);
    bearerd_view view = {.size = sizeof view};
    CHECK_CODE(OK, bearerd_claims_view(claims, &view));
    CHECK(view.expires_at == INT64_MAX && view.kind == 0 && view.subject.len == 0);
    bearerd_claims_free(claims);
    free(text);
    bearerd_verifier_free(verifier);
}

static void claims_that_are_refused(void) {
    static const char *const wrong[] = {
        "[]", "1", "{", "{\"a\":1,\"a\":2}", "{\"exp\":1}", "{\"iat\":1}", "{\"iss\":\"x\"}", "{\"jti\":\"x\"}",
        "{\"tokenType\":\"refresh\"}", "nonsense", "{\"a\":\"\\ud800\"}"};
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    bearerd_sign_opts opts = sign_opts(BEARERD_KIND_ACCESS);
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++) {
        bearerd_text *token = NULL;
        int64_t expires = 7;
        CHECK_CODE(VALIDATION_ERROR, bearerd_sign(verifier, &opts, wrong[at], strlen(wrong[at]), &token, &expires, NULL));
        CHECK(token == NULL && expires == 0);
    }
    bearerd_text *token;
    CHECK_CODE(INVALID_UTF8, bearerd_sign(verifier, &opts, "\xff", 1, &token, NULL, NULL));
    opts.ttl = str("soon");
    CHECK_CODE(VALIDATION_ERROR, bearerd_sign(verifier, &opts, NULL, 0, &token, NULL, NULL));
    bearerd_verifier_free(verifier);
    verifier = verifier_of(VERIFIES_WITH("HS256", HMAC_ONE));
    opts = sign_opts(BEARERD_KIND_ACCESS);
    CHECK_CODE(VALIDATION_ERROR, bearerd_sign(verifier, &opts, NULL, 0, &token, NULL, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_sign_pair(verifier, NULL, NULL, 0, &token, NULL));
    bearerd_verifier_free(verifier);
}

static void a_pair(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    char *json = pair_of(verifier, "{\"sub\":\"ada\"}");
    char *access = member(json, "access"), *refresh = member(json, "refresh");
    CHECK(strstr(json, "\"access_expires_at\":") != NULL && strstr(json, "\"refresh_expires_at\":") != NULL);
    CHECK_CODE(OK, verify(verifier, access));
    CHECK_CODE(WRONG_TOKEN_KIND, verify(verifier, refresh));
    CHECK_CODE(OK, as_refresh(verifier, refresh));
    CHECK_CODE(WRONG_TOKEN_KIND, as_refresh(verifier, access));
    CHECK_CODE(WRONG_TOKEN_KIND, rotation(verifier, access));
    free(json);
    free(access);
    free(refresh);
    bearerd_verifier_free(verifier);
}

static void rotation_changes_claims(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    char *json = pair_of(verifier, "{\"sub\":\"ada\",\"scope\":\"read\",\"old\":1}"), *refresh = member(json, "refresh");
    bearerd_rotate_opts opts = {.size = sizeof opts, .set = str("{\"scope\":\"write\",\"new\":[1,2]}"),
                                .remove = str("[\"old\"]"), .ttl = str("60s")};
    char *next = rotated(verifier, refresh, &opts), *access = member(next, "access");
    bearerd_claims *claims = claims_of(verifier, access);
    bearerd_str text;
    int64_t exp, iat;
    CHECK_CODE(OK, bearerd_claims_borrow_str(claims, "scope", 5, &text));
    CHECK_TEXT("write", text);
    CHECK_CODE(OK, bearerd_claims_borrow_value(claims, "new", 3, &text));
    CHECK_TEXT("[1,2]", text);
    CHECK_CODE(NO_SUCH_CLAIM, bearerd_claims_borrow_value(claims, "old", 3, &text));
    CHECK_CODE(OK, bearerd_claims_borrow_str(claims, "sub", 3, &text));
    CHECK_TEXT("ada", text);
    bearerd_claims_int(claims, "exp", 3, &exp);
    bearerd_claims_int(claims, "iat", 3, &iat);
    CHECK_INT(60, exp - iat);
    static const struct { const char *set, *remove; } wrong[] = {
        {"[]", NULL}, {"{", NULL}, {"", NULL}, {NULL, "{}"}, {NULL, "[1]"}, {NULL, "x"}, {NULL, ""}};
    char *second = member(next, "refresh");
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++) {
        opts = (bearerd_rotate_opts){.size = sizeof opts, .set = wrong[at].set ? str(wrong[at].set) : NOTHING,
                                     .remove = wrong[at].remove ? str(wrong[at].remove) : NOTHING};
        bearerd_text *out = NULL;
        CHECK_CODE(VALIDATION_ERROR, bearerd_rotate(verifier, second, strlen(second), &opts, &out, NULL));
        CHECK(out == NULL);
    }
    bearerd_claims_free(claims);
    /* What was refused has spent nothing. */
    CHECK_CODE(OK, rotation(verifier, second));
    free(json);
    free(refresh);
    free(next);
    free(access);
    free(second);
    bearerd_verifier_free(verifier);
}

static void within_the_grace_the_same_answer(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    char *json = pair_of(verifier, "{\"sub\":\"ada\"}"), *refresh = member(json, "refresh");
    char *one = rotated(verifier, refresh, NULL), *two = rotated(verifier, refresh, NULL);
    char *successor = member(one, "refresh"), *same = member(two, "refresh");
    CHECK(strcmp(successor, same) == 0);
    CHECK_CODE(OK, rotation(verifier, successor));
    free(json);
    free(refresh);
    free(one);
    free(two);
    free(successor);
    free(same);
    bearerd_verifier_free(verifier);
}

static void reuse_is_detected(void) {
    bearerd_verifier *verifier = verifier_of("[profiles.api]\nalgorithms = ['HS256']\n"
                                             "claims = { kind = { claim = 'tokenType' } }\n"
                                             "keys = [{ jwk = '" HMAC_ONE "' }]\nsign = {}\nrotation = { grace = 0 }\n");
    char *json = pair_of(verifier, "{\"sub\":\"ada\"}"), *refresh = member(json, "refresh");
    char *next = rotated(verifier, refresh, NULL), *access = member(next, "access"), *second = member(next, "refresh");
    CHECK_CODE(OK, verify(verifier, access));
    CHECK_CODE(OK, as_refresh(verifier, second));
    double deadline = seconds() + 10;
    bearerd_code code;
    /* A grace of nothing ends with the millisecond of the clock. */
    while ((code = rotation(verifier, refresh)) == BEARERD_OK && seconds() < deadline) {}
    CHECK_INT(BEARERD_REUSED, code);
    /* Its family is gone with it, the cached ones too. */
    CHECK_CACHED(REVOKED, verifier, access, NULL);
    CHECK_CODE(REVOKED, as_refresh(verifier, second));
    CHECK_CODE(REVOKED, rotation(verifier, second));
    free(json);
    free(refresh);
    free(next);
    free(access);
    free(second);
    bearerd_verifier_free(verifier);
}

int main(void) {
    TEST(lifetimes);
    TEST(without_an_end);
    TEST(claims_that_are_refused);
    TEST(a_pair);
    TEST(rotation_changes_claims);
    TEST(within_the_grace_the_same_answer);
    TEST(reuse_is_detected);
    return verdict();
}
