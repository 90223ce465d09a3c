/* Personal access tokens: made, verified, listed, revoked. */
#include "sign_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bearerd_verifier *verifier;
static char *json, *pat, *id;

static void begin(void) {
    verifier = verifier_of(SIGNS_IN);
    json = pat_of(verifier, "ada", "[\"read:orders\"]");
    pat = member(json, "token");
    id = member(json, "id");
}

static void end(void) {
    free(json);
    free(pat);
    free(id);
    bearerd_verifier_free(verifier);
}

static bearerd_code verified(const char *token, uint32_t kind, const char *rule) {
    bearerd_verify_opts opts = verify_opts();
    bearerd_guard *guard = rule ? guard_of(rule) : NULL;
    opts.kind = kind;
    opts.guard = guard;
    bearerd_code code = through(VERIFY, verifier, token, &opts);
    bearerd_guard_free(guard);
    return code;
}

static void a_new_token_is_good(void) {
    begin();
    CHECK(strncmp(pat, "acme_pat_", 9) == 0 && strlen(id) == 32 && strstr(json, "\"expires_at\":") != NULL);
    CHECK_CODE(OK, verify(verifier, pat));
    end();
}

static void it_is_a_token_like_others(void) {
    begin();
    CHECK_CODE(NOT_CACHED, through(LOOK_UP, verifier, pat, NULL));
    CHECK_CODE(OK, verify(verifier, pat));
    CHECK_CACHED(OK, verifier, pat, NULL);
    CHECK_CODE(OK, verified(pat, BEARERD_KIND_PAT, NULL));
    CHECK_CODE(WRONG_TOKEN_KIND, verified(pat, BEARERD_KIND_ACCESS, NULL));
    CHECK_CODE(OK, verified(pat, 0, "{\"scopes\":[\"read:orders\"]}"));
    CHECK_CODE(FORBIDDEN, verified(pat, 0, "{\"scopes\":[\"write:orders\"]}"));
    bearerd_claims *claims = claims_of(verifier, pat);
    bearerd_view view = {.size = sizeof view};
    bearerd_str text;
    CHECK_CODE(OK, bearerd_claims_view(claims, &view));
    CHECK_INT(BEARERD_KIND_PAT, view.kind);
    CHECK_TEXT("ada", view.subject);
    CHECK_CODE(OK, bearerd_claims_borrow_str(claims, "jti", 3, &text));
    CHECK_TEXT(id, text);
    bearerd_claims_free(claims);
    end();
}

static void with_all_that_it_may_have(void) {
    begin();
    bearerd_pat_opts opts = {.size = sizeof opts, .profile = str("api"), .description = str("laptop"),
                             .scopes = str("[\"a\",\"b\"]"), .claims = str("{\"role\":4}"), .ttl = str("1h")};
    bearerd_text *out = NULL;
    CHECK_CODE(OK, bearerd_pats_create(verifier, "bob", 3, &opts, &out, NULL));
    char *made = take_text(out), *token = member(made, "token");
    bearerd_claims *claims = claims_of(verifier, token);
    bearerd_view view = {.size = sizeof view};
    int64_t role;
    CHECK_CODE(OK, bearerd_claims_view(claims, &view));
    CHECK_INT(3600, view.expires_at - view.issued_at);
    CHECK_CODE(OK, bearerd_claims_int(claims, "role", 4, &role));
    CHECK_INT(4, role);
    bearerd_claims_free(claims);
    CHECK_CODE(OK, bearerd_pats_list(verifier, NOTHING, "bob", 3, NOTHING, &out, NULL));
    char *list = take_text(out);
    CHECK(strstr(list, "\"description\":\"laptop\",\"scopes\":[\"a\",\"b\"],\"claims\":{\"role\":4}") != NULL);
    CHECK(strstr(list, "\"next\":null") != NULL && strstr(list, token) == NULL);
    free(list);
    free(made);
    free(token);
    end();
}

static void revoked_by_its_id(void) {
    begin();
    size_t revoked = 7;
    CHECK_CODE(OK, verify(verifier, pat));
    CHECK_CODE(OK, bearerd_pats_revoke(verifier, NOTHING, id, strlen(id), &revoked, NULL));
    CHECK_INT(1, revoked);
    CHECK_CACHED(REVOKED, verifier, pat, NULL);
    CHECK_CODE(OK, bearerd_pats_revoke(verifier, NOTHING, id, strlen(id), &revoked, NULL));
    CHECK_INT(0, revoked);
    bearerd_text *out = NULL;
    CHECK_CODE(OK, bearerd_pats_list(verifier, NOTHING, "ada", 3, NOTHING, &out, NULL));
    CHECK(said(take_text(out), "{\"pats\":[],\"next\":null}"));
    end();
}

static void revoked_at_hand(void) {
    begin();
    size_t revoked = 7;
    CHECK_CODE(OK, bearerd_pats_revoke_token(verifier, NOTHING, pat, strlen(pat), &revoked, NULL));
    CHECK_INT(1, revoked);
    CHECK_UNCACHED(REVOKED, verifier, pat, NULL);
    end();
    begin();
    CHECK_CODE(OK, bearerd_revoke_token(verifier, NOTHING, pat, strlen(pat), NULL));
    CHECK_UNCACHED(REVOKED, verifier, pat, NULL);
    end();
}

static void revoked_with_all_of_its_subject(void) {
    begin();
    char *second = pat_of(verifier, "ada", NULL), *token = member(second, "token");
    char *third = pat_of(verifier, "bob", NULL), *other = member(third, "token");
    size_t revoked = 7;
    CHECK_CODE(OK, bearerd_pats_revoke_all(verifier, NOTHING, "ada", 3, &revoked, NULL));
    CHECK_INT(2, revoked);
    CHECK_CODE(REVOKED, verify(verifier, pat));
    CHECK_CODE(REVOKED, verify(verifier, token));
    CHECK_CODE(OK, verify(verifier, other));
    CHECK_CODE(OK, bearerd_pats_revoke_all(verifier, NOTHING, "ada", 3, NULL, NULL));
    free(second);
    free(token);
    free(third);
    free(other);
    end();
}

static void a_long_list_comes_in_pages(void) {
    begin();
    bearerd_pat_opts opts = {.size = sizeof opts};
    bearerd_text *out;
    for (int at = 0; at < 120; at++) {
        CHECK_CODE(OK, bearerd_pats_create(verifier, "eve", 3, &opts, &out, NULL));
        bearerd_text_free(out);
    }
    size_t seen = 0;
    char *next = NULL;
    for (int page = 0; page < 3; page++) {
        CHECK_CODE(OK, bearerd_pats_list(verifier, NOTHING, "eve", 3, next ? str(next) : NOTHING, &out, NULL));
        char *list = take_text(out);
        for (char *at = list; (at = strstr(at, "\"id\":")) != NULL; at++) seen++;
        free(next);
        next = strstr(list, "\"next\":null") ? NULL : member(list, "next");
        free(list);
        if (next == NULL) break;
    }
    CHECK_INT(120, seen);
    CHECK(next == NULL);
    free(next);
    end();
}

static void what_is_wrong_is_refused(void) {
    static const char *const scopes[] = {"", "{}", "[1]", "[\"\"]", "[\"a b\"]", "[\"a\\\"b\"]", "x"};
    static const char *const claims[] = {"", "[]", "{\"sub\":\"eve\"}", "{\"exp\":1}", "{\"sid\":\"x\"}", "{\"a\":1,\"a\":2}"};
    static const char *const ids[] = {"", "x", "00000000000000000000000000000000/", "ABCDEFABCDEFABCDEFABCDEFABCDEFAB"};
    begin();
    bearerd_text *out = NULL;
    bearerd_pat_opts opts;
    for (size_t at = 0; at < sizeof scopes / sizeof *scopes; at++) {
        opts = (bearerd_pat_opts){.size = sizeof opts, .scopes = str(scopes[at])};
        CHECK_CODE(VALIDATION_ERROR, bearerd_pats_create(verifier, "eve", 3, &opts, &out, NULL));
    }
    for (size_t at = 0; at < sizeof claims / sizeof *claims; at++) {
        opts = (bearerd_pat_opts){.size = sizeof opts, .claims = str(claims[at])};
        CHECK_CODE(VALIDATION_ERROR, bearerd_pats_create(verifier, "eve", 3, &opts, &out, NULL));
    }
    opts = (bearerd_pat_opts){.size = sizeof opts, .ttl = str("soon")};
    CHECK_CODE(VALIDATION_ERROR, bearerd_pats_create(verifier, "eve", 3, &opts, &out, NULL));
    opts = (bearerd_pat_opts){.size = sizeof opts, .description = str("")};
    CHECK_CODE(VALIDATION_ERROR, bearerd_pats_create(verifier, "eve", 3, &opts, &out, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_pats_create(verifier, "", 0, NULL, &out, NULL));
    CHECK_CODE(INVALID_UTF8, bearerd_pats_create(verifier, "\xff", 1, NULL, &out, NULL));
    for (size_t at = 0; at < sizeof ids / sizeof *ids; at++) {
        CHECK_CODE(VALIDATION_ERROR, bearerd_pats_revoke(verifier, NOTHING, ids[at], strlen(ids[at]), NULL, NULL));
        CHECK_CODE(VALIDATION_ERROR, bearerd_pats_list(verifier, NOTHING, "ada", 3, str(ids[at]), &out, NULL));
    }
    CHECK_CODE(VALIDATION_ERROR, bearerd_pats_list(verifier, NOTHING, NULL, 0, NOTHING, &out, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_pats_revoke_all(verifier, NOTHING, "", 0, NULL, NULL));
    CHECK_CODE(OK, bearerd_pats_list(verifier, NOTHING, "eve", 3, NOTHING, &out, NULL));
    CHECK(said(take_text(out), "{\"pats\":[],\"next\":null}"));
    /* What only looks like one. */
    char *forged = strdup(pat);
    forged[20] = forged[20] == 'a' ? 'b' : 'a';
    CHECK_UNCACHED(MALFORMED, verifier, forged, NULL);
    CHECK_CODE(MALFORMED, bearerd_pats_revoke_token(verifier, NOTHING, forged, strlen(forged), NULL, NULL));
    CHECK_CODE(MALFORMED, bearerd_pats_revoke_token(verifier, NOTHING, "x", 1, NULL, NULL));
    free(forged);
    bearerd_verifier *plain = verifier_of(SHARED_SECRET);
    CHECK_CODE(VALIDATION_ERROR, bearerd_pats_create(plain, "ada", 3, NULL, &out, NULL));
    CHECK_CODE(MALFORMED, verify(plain, pat));
    bearerd_verifier_free(plain);
    CHECK_CODE(OK, verify(verifier, pat));
    end();
}

int main(void) {
    TEST(a_new_token_is_good);
    TEST(it_is_a_token_like_others);
    TEST(with_all_that_it_may_have);
    TEST(revoked_by_its_id);
    TEST(revoked_at_hand);
    TEST(revoked_with_all_of_its_subject);
    TEST(a_long_list_comes_in_pages);
    TEST(what_is_wrong_is_refused);
    return verdict();
}
