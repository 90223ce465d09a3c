/* Calls that break the rules of the header: each is a code, and nothing happens. */
#include "sign_in.h"

#include <stdlib.h>
#include <string.h>

static bearerd_verifier *verifier, *stateful;
static bearerd_guard *guard;
static char *token;
static size_t len;

/* A struct of a newer header: what this one knows, and a tail that it does not. */
#define NEWER(type) struct { type known; char tail[24]; }

#define CHECK_SIZES(type, fill, call)                                  \
    do {                                                               \
        NEWER(type) newer;                                             \
        memset(&newer, 0, sizeof newer);                               \
        type *opts = &newer.known;                                     \
        fill;                                                          \
        opts->size = 0;                                                \
        CHECK_CODE(ABI_MISMATCH, call);                                \
        opts->size = 4;                                                \
        CHECK_CODE(ABI_MISMATCH, call);                                \
        opts->size = sizeof(type) - 1;                                 \
        CHECK_CODE(ABI_MISMATCH, call);                                \
        opts->size = sizeof(type);                                     \
        CHECK_CODE(OK, call);                                          \
        opts->size = sizeof newer;                                     \
        CHECK_CODE(OK, call);                                          \
        newer.tail[sizeof newer.tail - 1] = 1;                         \
        CHECK_CODE(ABI_MISMATCH, call);                                \
        newer.tail[sizeof newer.tail - 1] = 0;                         \
        newer.tail[0] = 1;                                             \
        CHECK_CODE(ABI_MISMATCH, call);                                \
        opts->size = sizeof(type);                                     \
        CHECK_CODE(OK, call);                                          \
        opts->size = UINT32_MAX;                                       \
        CHECK_CODE(ABI_MISMATCH, call);                                \
    } while (0)

static bearerd_code verified(const bearerd_verify_opts *opts) { return through(VERIFY, verifier, token, opts); }

static bearerd_code signed_so(const bearerd_sign_opts *opts) {
    bearerd_text *out = NULL;
    bearerd_code code = bearerd_sign(verifier, opts, NULL, 0, &out, NULL, NULL);
    CHECK((out != NULL) == (code == BEARERD_OK));
    bearerd_text_free(out);
    return code;
}

static bearerd_code paired(const bearerd_sign_opts *opts) {
    bearerd_text *out = NULL;
    bearerd_code code = bearerd_sign_pair(verifier, opts, NULL, 0, &out, NULL);
    bearerd_text_free(out);
    return code;
}

static bearerd_code rotated(const bearerd_rotate_opts *opts) {
    bearerd_sign_opts kind = sign_opts(BEARERD_KIND_REFRESH);
    char *refresh = signed_with(verifier, &kind, "{\"sub\":\"ada\"}");
    bearerd_text *out = NULL;
    bearerd_code code = bearerd_rotate(verifier, refresh, strlen(refresh), opts, &out, NULL);
    bearerd_text_free(out);
    free(refresh);
    return code;
}

static bearerd_code opened(const bearerd_sign_in_opts *opts) {
    bearerd_text *out = NULL;
    bearerd_code code = bearerd_sign_in(stateful, "ada", 3, opts, &out, NULL);
    CHECK((out != NULL) == (code == BEARERD_OK));
    bearerd_text_free(out);
    return code;
}

static bearerd_code created(const bearerd_pat_opts *opts) {
    bearerd_text *out = NULL;
    bearerd_code code = bearerd_pats_create(stateful, "ada", 3, opts, &out, NULL);
    CHECK((out != NULL) == (code == BEARERD_OK));
    bearerd_text_free(out);
    return code;
}

static void sizes(void) {
    for (door which = 0; which < DOORS; which++)
        CHECK_SIZES(bearerd_verify_opts, (void)0, through(which, verifier, token, opts));
    CHECK_SIZES(bearerd_sign_opts, opts->kind = BEARERD_KIND_ACCESS, signed_so(opts));
    CHECK_SIZES(bearerd_sign_opts, (void)0, paired(opts));
    CHECK_SIZES(bearerd_rotate_opts, (void)0, rotated(opts));
    CHECK_SIZES(bearerd_stats, (void)0, bearerd_verifier_stats(verifier, NOTHING, opts, NULL));
    bearerd_claims *claims = claims_of(verifier, token);
    CHECK_SIZES(bearerd_view, (void)0, bearerd_claims_view(claims, opts));
    bearerd_claims_free(claims);
    CHECK_SIZES(bearerd_sign_in_opts, opts->kind = BEARERD_SIGN_IN_PAIR, opened(opts));
    CHECK_SIZES(bearerd_pat_opts, (void)0, created(opts));
    char *json = signed_in(stateful, "ada", BEARERD_SIGN_IN_ACCESS, NULL), *access = member(json, "access");
    bearerd_session *session = NULL;
    claims = claims_of(stateful, access);
    CHECK_CODE(OK, bearerd_claims_session(claims, &session));
    CHECK_SIZES(bearerd_session_state, (void)0, bearerd_session_view(session, opts));
    bearerd_session_free(session);
    bearerd_claims_free(claims);
    free(access);
    free(json);
}

/* A larger struct is filled as far as the library knows it. */
static void a_larger_output_keeps_its_size(void) {
    NEWER(bearerd_stats) stats;
    memset(&stats, 0, sizeof stats);
    stats.known.size = sizeof stats;
    CHECK_CODE(OK, bearerd_verifier_stats(verifier, NOTHING, &stats.known, NULL));
    CHECK_INT(sizeof stats, stats.known.size);
    CHECK(stats.known.slots > 0 && stats.tail[0] == 0);
}

static void kinds(void) {
    for (uint32_t kind = 0; kind < 8; kind++) {
        bearerd_verify_opts opts = verify_opts();
        opts.kind = kind;
        bool another = kind == BEARERD_KIND_REFRESH || kind == BEARERD_KIND_PAT;
        bearerd_code wanted = kind > BEARERD_KIND_PAT ? BEARERD_VALIDATION_ERROR
                              : another               ? BEARERD_WRONG_TOKEN_KIND
                                                      : BEARERD_OK;
        CHECK_INT(wanted, verified(&opts));
        bearerd_sign_opts sign = sign_opts(kind);
        bool signs = kind == BEARERD_KIND_ACCESS || kind == BEARERD_KIND_REFRESH;
        CHECK_INT(signs ? BEARERD_OK : BEARERD_VALIDATION_ERROR, signed_so(&sign));
        CHECK_INT(kind == 0 ? BEARERD_OK : BEARERD_VALIDATION_ERROR, paired(&sign));
    }
    bearerd_verify_opts opts = verify_opts();
    opts.kind = UINT32_MAX;
    CHECK_CODE(VALIDATION_ERROR, verified(&opts));
}

/* What must be text, and is not UTF-8: alone, truncated, overlong, a surrogate. */
static void text_that_is_none(void) {
    static const char *const wrong[] = {"\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80"};
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++) {
        bearerd_str bad = str(wrong[at]);
        bearerd_verifier *made;
        bearerd_guard *rule;
        bearerd_str found;
        bearerd_claims *claims = claims_of(verifier, token);
        bearerd_stats stats = {.size = sizeof stats};
        bearerd_header header = {{"Authorization", 13}, {"Bearer x", 8}};
        CHECK_CODE(INVALID_UTF8, bearerd_verifier_new(bad.ptr, bad.len, &made, NULL));
        CHECK_CODE(INVALID_UTF8, bearerd_verifier_from_file(bad.ptr, bad.len, &made, NULL));
        CHECK_CODE(INVALID_UTF8, bearerd_verifier_replace_keys(verifier, bad, "{}", 2, NULL));
        CHECK_CODE(INVALID_UTF8, bearerd_verifier_replace_keys(verifier, NOTHING, bad.ptr, bad.len, NULL));
        CHECK_CODE(INVALID_UTF8, bearerd_verifier_stats(verifier, bad, &stats, NULL));
        CHECK_CODE(INVALID_UTF8, bearerd_guard_named(verifier, bad.ptr, bad.len, &rule, NULL));
        CHECK_CODE(INVALID_UTF8, bearerd_guard_check(guard, claims, bad, NULL));
        CHECK_CODE(INVALID_UTF8, bearerd_extract(verifier, bad, &header, 1, &found, NULL));
        CHECK_CODE(INVALID_UTF8, bearerd_revoke_token(verifier, bad, token, len, NULL));
        CHECK_CODE(INVALID_UTF8, bearerd_revoke_handle(verifier, NOTHING, bad.ptr, bad.len, NULL));
        CHECK_CODE(INVALID_UTF8, bearerd_revoke_family(verifier, NOTHING, bad.ptr, bad.len, NULL));
        CHECK_CODE(INVALID_UTF8, bearerd_revoke_subject(verifier, NOTHING, bad.ptr, bad.len, 0, NULL));
        CHECK_CODE(INVALID_UTF8, bearerd_claims_borrow_str(claims, bad.ptr, bad.len, &found));
        for (int which = 0; which < 3; which++) {
            bearerd_verify_opts opts = verify_opts();
            *(which == 0 ? &opts.profile : which == 1 ? &opts.audience : &opts.device) = bad;
            CHECK_CODE(INVALID_UTF8, verified(&opts));
        }
        /* These are read as JSON and as tokens, which say so in their own words. */
        CHECK_CODE(VALIDATION_ERROR, bearerd_guard_new(bad.ptr, bad.len, &rule, NULL));
        CHECK_UNCACHED(MALFORMED, verifier, wrong[at], NULL);
        bearerd_claims_free(claims);
    }
}

static void handles_of_another_kind(void) {
    bearerd_verifier *no_verifier = (bearerd_verifier *)(void *)guard;
    bearerd_guard *no_guard = (bearerd_guard *)(void *)verifier;
    bearerd_claims *claims = NULL;
    bearerd_text *text = NULL;
    bearerd_slot slot;
    CHECK_CODE(INVALID_HANDLE, bearerd_verify(no_verifier, token, len, NULL, &claims, NULL));
    CHECK_CODE(INVALID_HANDLE, bearerd_verify_slot(no_verifier, token, len, NULL, &slot, NULL, NULL));
    CHECK_CODE(INVALID_HANDLE, bearerd_lookup_slot(no_verifier, token, len, NULL, &slot, NULL));
    CHECK_CODE(INVALID_HANDLE, bearerd_verifier_describe(no_verifier, &text, NULL));
    CHECK_CODE(INVALID_HANDLE, bearerd_revoke_handle(no_verifier, NOTHING, "x", 1, NULL));
    CHECK(bearerd_verifier_clone(no_verifier) == NULL);
    bearerd_verifier_free(no_verifier);
    bearerd_guard_free(no_guard);
    bearerd_verify_opts opts = verify_opts();
    opts.guard = no_guard;
    CHECK_CACHED(INVALID_HANDLE, verifier, token, &opts);
    claims = claims_of(verifier, token);
    CHECK_CODE(INVALID_HANDLE, bearerd_guard_check(no_guard, claims, NOTHING, NULL));
    bearerd_claims_free(claims);
    /* Neither has come to harm. */
    CHECK_CODE(OK, verify(verifier, token));
    opts.guard = guard;
    CHECK_CODE(FORBIDDEN, verified(&opts));
}

static void lengths_beyond_memory(void) {
    const size_t huge[] = {SIZE_MAX, (size_t)PTRDIFF_MAX + 1};
    for (int at = 0; at < 2; at++) {
        bearerd_claims *claims;
        bearerd_verifier *made;
        bearerd_guard *rule;
        bearerd_text *text;
        bearerd_header header = {{"Authorization", 13}, {"Bearer x", huge[at]}};
        bearerd_str found;
        CHECK_CODE(VALIDATION_ERROR, bearerd_verify(verifier, token, huge[at], NULL, &claims, NULL));
        CHECK_CODE(VALIDATION_ERROR, bearerd_verify_authorization(verifier, token, huge[at], NULL, &claims, NULL));
        CHECK_CODE(VALIDATION_ERROR, bearerd_verifier_new("x", huge[at], &made, NULL));
        CHECK_CODE(VALIDATION_ERROR, bearerd_guard_new("x", huge[at], &rule, NULL));
        CHECK_CODE(VALIDATION_ERROR, bearerd_explain(verifier, token, huge[at], NULL, &text, NULL));
        CHECK_CODE(VALIDATION_ERROR, bearerd_extract(verifier, NOTHING, &header, 1, &found, NULL));
        CHECK_CODE(VALIDATION_ERROR, bearerd_revoke_handle(verifier, NOTHING, "x", huge[at], NULL));
    }
    /* A token as long as a program can have one is refused for its length, before it is read. */
    size_t big = (size_t)64 << 20;
    char *large = malloc(big);
    memset(large, 'a', big);
    bearerd_claims *claims = NULL;
    CHECK_CODE(MALFORMED, bearerd_verify(verifier, large, big, NULL, &claims, NULL));
    free(large);
}

/* Empty is not left out: a variable that nobody filled in must not ask for less than was meant. */
static void empty_is_not_left_out(void) {
    const bearerd_str empty = {"", 0};
    bearerd_stats stats = {.size = sizeof stats};
    for (int which = 0; which < 3; which++) {
        bearerd_verify_opts opts = verify_opts();
        *(which == 0 ? &opts.profile : which == 1 ? &opts.audience : &opts.device) = empty;
        for (door through_which = 0; through_which < DOORS; through_which++)
            CHECK_INT(which == 2 ? BEARERD_OK : BEARERD_VALIDATION_ERROR, through(through_which, verifier, token, &opts));
    }
    for (int which = 0; which < 2; which++) {
        bearerd_sign_opts opts = sign_opts(BEARERD_KIND_ACCESS);
        *(which == 0 ? &opts.profile : &opts.ttl) = empty;
        CHECK_CODE(VALIDATION_ERROR, signed_so(&opts));
    }
    for (int which = 0; which < 4; which++) {
        bearerd_rotate_opts opts = {.size = sizeof opts};
        *(which == 0 ? &opts.profile : which == 1 ? &opts.ttl : which == 2 ? &opts.set : &opts.remove) = empty;
        CHECK_CODE(VALIDATION_ERROR, rotated(&opts));
    }
    for (int which = 0; which < 5; which++) {
        bearerd_sign_in_opts opts = sign_in_opts(BEARERD_SIGN_IN_ACCESS);
        bearerd_str *const all[] = {&opts.profile, &opts.attributes, &opts.claims, &opts.ttl, &opts.lifetime};
        *all[which] = empty;
        CHECK_CODE(VALIDATION_ERROR, opened(&opts));
    }
    for (int which = 0; which < 5; which++) {
        bearerd_pat_opts opts = {.size = sizeof opts};
        bearerd_str *const all[] = {&opts.profile, &opts.description, &opts.scopes, &opts.claims, &opts.ttl};
        *all[which] = empty;
        CHECK_CODE(VALIDATION_ERROR, created(&opts));
    }
    bearerd_text *out = NULL;
    CHECK_CODE(VALIDATION_ERROR, bearerd_sessions_list(stateful, empty, "ada", 3, &out, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_sessions_end_all(stateful, NOTHING, "ada", 3, empty, NULL, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_sessions_change_all(stateful, NOTHING, "ada", 3, empty, NOTHING, &out, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_sessions_change_all(stateful, NOTHING, "ada", 3, NOTHING, empty, &out, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_pats_list(stateful, NOTHING, "ada", 3, empty, &out, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_pats_revoke_token(stateful, empty, "x", 1, NULL, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_verifier_stats(verifier, empty, &stats, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_verifier_replace_keys(verifier, empty, "{}", 2, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_revoke_handle(verifier, empty, "x", 1, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_revoke_token(verifier, empty, token, len, NULL));
}

static void names_that_nothing_has(void) {
    bearerd_guard *rule;
    bearerd_stats stats = {.size = sizeof stats};
    bearerd_verify_opts opts = verify_opts();
    opts.profile = str("nobody");
    CHECK_CODE(VALIDATION_ERROR, verified(&opts));
    CHECK_CODE(VALIDATION_ERROR, bearerd_guard_named(verifier, "nobody", 6, &rule, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_verifier_stats(verifier, str("nobody"), &stats, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_verifier_replace_keys(verifier, str("nobody"), "{}", 2, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_revoke_handle(verifier, str("nobody"), "x", 1, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_revoke_token(verifier, str("nobody"), token, len, NULL));
}

int main(void) {
    verifier = verifier_of(SHARED_SECRET);
    stateful = verifier_of(SIGNS_IN);
    guard = guard_of("{\"scopes\": [\"read\"]}");
    token = access_token(verifier, "{\"sub\":\"ada\"}");
    len = strlen(token);
    TEST(sizes);
    TEST(a_larger_output_keeps_its_size);
    TEST(kinds);
    TEST(text_that_is_none);
    TEST(handles_of_another_kind);
    TEST(lengths_beyond_memory);
    TEST(empty_is_not_left_out);
    TEST(names_that_nothing_has);
    bearerd_guard_free(guard);
    bearerd_verifier_free(verifier);
    bearerd_verifier_free(stateful);
    free(token);
    return verdict();
}
