/* What each kind of revocation takes with it, and what it leaves. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

static bearerd_verifier *verifier;
static char *json, *access, *refresh, *sibling;

static bearerd_code as_refresh(const char *token) {
    bearerd_verify_opts opts = verify_opts();
    opts.kind = BEARERD_KIND_REFRESH;
    return through(VERIFY, verifier, token, &opts);
}

static void begin(void) {
    verifier = verifier_of(SHARED_SECRET);
    bearerd_text *out = NULL;
    bearerd_sign_pair(verifier, NULL, "{\"sub\":\"ada\"}", 13, &out, NULL);
    json = take_text(out);
    access = member(json, "access");
    refresh = member(json, "refresh");
    sibling = access_token(verifier, "{\"sub\":\"ada\"}");
    CHECK_CODE(OK, verify(verifier, access));
    CHECK_CODE(OK, as_refresh(refresh));
    CHECK_CODE(OK, verify(verifier, sibling));
}

static void end(void) {
    free(json);
    free(access);
    free(refresh);
    free(sibling);
    bearerd_verifier_free(verifier);
}

/* A claim of a token, whatever kind of token it is. */
static char *claim(const char *token, const char *name) {
    bearerd_verify_opts opts = verify_opts();
    opts.kind = BEARERD_KIND_ANY;
    bearerd_claims *claims = NULL;
    bearerd_str value = NOTHING;
    bearerd_verify(verifier, token, strlen(token), &opts, &claims, NULL);
    bearerd_claims_borrow_str(claims, name, strlen(name), &value);
    char *copy = copy_of(value);
    bearerd_claims_free(claims);
    return copy;
}

static uint64_t listed(void) {
    bearerd_stats stats = {.size = sizeof stats};
    bearerd_verifier_stats(verifier, NOTHING, &stats, NULL);
    return stats.revocations;
}

static void by_handle(void) {
    begin();
    char *handle = claim(access, "jti");
    CHECK_CODE(OK, bearerd_revoke_handle(verifier, str("api"), handle, strlen(handle), NULL));
    CHECK_CACHED(REVOKED, verifier, access, NULL);
    CHECK_CODE(OK, as_refresh(refresh));
    CHECK_CODE(OK, verify(verifier, sibling));
    CHECK_INT(1, listed());
    free(handle);
    end();
}

static void by_family(void) {
    begin();
    char *family = claim(refresh, "family");
    CHECK(family[0] != 0);
    CHECK_CODE(OK, bearerd_revoke_family(verifier, NOTHING, family, strlen(family), NULL));
    CHECK_CODE(REVOKED, as_refresh(refresh));
    CHECK_CACHED(REVOKED, verifier, access, NULL);
    CHECK_CODE(OK, verify(verifier, sibling));
    free(family);
    end();
}

static void by_subject(void) {
    begin();
    char *other = access_token(verifier, "{\"sub\":\"bob\"}");
    CHECK_CODE(OK, verify(verifier, other));
    CHECK_CODE(OK, bearerd_revoke_subject(verifier, NOTHING, "ada", 3, INT64_MIN, NULL));
    CHECK_CACHED(REVOKED, verifier, access, NULL);
    CHECK_CODE(REVOKED, as_refresh(refresh));
    CHECK_CODE(REVOKED, verify(verifier, sibling));
    CHECK_CODE(OK, verify(verifier, other));
    free(other);
    end();
}

static void by_subject_before_a_moment(void) {
    begin();
    bearerd_claims *claims = claims_of(verifier, access);
    bearerd_view view = {.size = sizeof view};
    bearerd_claims_view(claims, &view);
    bearerd_claims_free(claims);
    CHECK_CODE(OK, bearerd_revoke_subject(verifier, NOTHING, "ada", 3, view.issued_at, NULL));
    CHECK_CODE(OK, verify(verifier, access));
    CHECK_CODE(OK, bearerd_revoke_subject(verifier, NOTHING, "ada", 3, view.issued_at + 1, NULL));
    CHECK_CODE(REVOKED, verify(verifier, access));
    /* An earlier watermark lifts nothing, and the ends of the numbers are numbers. */
    CHECK_CODE(OK, bearerd_revoke_subject(verifier, NOTHING, "ada", 3, 0, NULL));
    CHECK_CODE(OK, bearerd_revoke_subject(verifier, NOTHING, "ada", 3, INT64_MIN + 1, NULL));
    CHECK_CODE(REVOKED, verify(verifier, access));
    CHECK_CODE(OK, bearerd_revoke_subject(verifier, NOTHING, "eve", 3, INT64_MAX, NULL));
    end();
}

static void by_access_token(void) {
    begin();
    CHECK_CODE(OK, bearerd_revoke_token(verifier, NOTHING, access, strlen(access), NULL));
    CHECK_CACHED(REVOKED, verifier, access, NULL);
    CHECK_CODE(OK, as_refresh(refresh));
    uint64_t before = listed();
    CHECK_CODE(OK, bearerd_revoke_token(verifier, NOTHING, access, strlen(access), NULL));
    CHECK_INT(before, listed());
    end();
}

static void by_refresh_token(void) {
    begin();
    CHECK_CODE(OK, bearerd_revoke_token(verifier, NOTHING, refresh, strlen(refresh), NULL));
    CHECK_CODE(REVOKED, as_refresh(refresh));
    CHECK_CACHED(REVOKED, verifier, access, NULL);
    CHECK_CODE(OK, verify(verifier, sibling));
    end();
}

/* Nobody revokes with what they have made up. */
static void by_a_token_that_is_not_ours(void) {
    begin();
    char *forged = strdup(access);
    size_t last = strlen(forged) - 10;
    forged[last] = forged[last] == 'A' ? 'B' : 'A';
    CHECK_CODE(INVALID_SIGNATURE, bearerd_revoke_token(verifier, NOTHING, forged, strlen(forged), NULL));
    CHECK_CODE(MALFORMED, bearerd_revoke_token(verifier, NOTHING, "x", 1, NULL));
    CHECK_CODE(MALFORMED, bearerd_revoke_token(verifier, NOTHING, NULL, 0, NULL));
    CHECK_INT(0, listed());
    CHECK_CODE(OK, verify(verifier, access));
    free(forged);
    end();
}

/* Two verifiers of one process know nothing of each other. */
static void another_verifier_is_not_concerned(void) {
    begin();
    bearerd_verifier *other = verifier_of(SHARED_SECRET);
    CHECK_CODE(OK, verify(other, access));
    CHECK_CODE(OK, bearerd_revoke_subject(verifier, NOTHING, "ada", 3, INT64_MIN, NULL));
    CHECK_CODE(REVOKED, verify(verifier, access));
    CHECK_CODE(OK, verify(other, access));
    bearerd_verifier_free(other);
    end();
}

int main(void) {
    TEST(by_handle);
    TEST(by_family);
    TEST(by_subject);
    TEST(by_subject_before_a_moment);
    TEST(by_access_token);
    TEST(by_refresh_token);
    TEST(by_a_token_that_is_not_ours);
    TEST(another_verifier_is_not_concerned);
    return verdict();
}
