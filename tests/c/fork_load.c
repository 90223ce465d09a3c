/* Forks while eight other threads verify, revoke, replace keys, sign and fetch: whatever they were
 * in the middle of, every child answers right, and none hangs. */
#include "child.h"
#include "remote.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS = 64, THREADS = 8 };

static bearerd_verifier *shared, *rsa, *rsa_signer, *fetched;
static char *cached[TOKENS], *cold[TOKENS], *rsa_token, *stranger, *followed;
static atomic_int over;
static atomic_ulong rounds[THREADS];

static bearerd_code replace(const bearerd_verifier *verifier, const char *set) {
    return bearerd_verifier_replace_keys(verifier, NOTHING, set, strlen(set), NULL);
}

static void verify_what_is_cached(unsigned turn) { CHECK_CODE(OK, verify(shared, cached[turn % TOKENS])); }

static void verify_what_is_not(unsigned turn) {
    bearerd_claims *claims = NULL;
    CHECK_CODE(OK, bearerd_verify(shared, cold[turn % TOKENS], strlen(cold[turn % TOKENS]), NULL, &claims, NULL));
    bearerd_claims_free(claims);
    char *token = access_token(shared, "{\"sub\":\"new\"}");
    CHECK_CODE(OK, verify(shared, token));
    free(token);
}

static void revoke(unsigned turn) {
    char handle[24];
    int len = snprintf(handle, sizeof handle, "handle-%u", turn % 10000);
    CHECK_CODE(OK, bearerd_revoke_handle(shared, NOTHING, handle, (size_t)len, NULL));
}

static void replace_keys(unsigned turn) {
    CHECK_CODE(OK, replace(shared, turn % 2 ? SET(HMAC_ONE) : SET(HMAC_ONE "," HMAC_TWO)));
}

static void replace_rsa_keys(unsigned turn) {
    CHECK_CODE(OK, replace(rsa, turn % 2 ? SET(RSA_PUBLIC_ONE) : SET(RSA_PUBLIC_TWO)));
}

static void verify_rsa(unsigned turn) {
    (void)turn;
    bearerd_code code = verify(rsa, rsa_token);
    CHECK(code == BEARERD_OK || code == BEARERD_UNKNOWN_KEY);
}

static void sign_rsa(unsigned turn) {
    (void)turn;
    free(access_token(rsa_signer, "{}"));
}

/* Unknown `kid`s wake the thread that fetches; a request for keys has it fetch. */
static void have_keys_fetched(unsigned turn) {
    CHECK_CODE(UNKNOWN_KEY, verify(fetched, stranger));
    if (turn % 16 == 0) CHECK_CODE(OK, bearerd_verifier_reload_keys(fetched, NULL));
}

static void rotate(unsigned turn) {
    bearerd_text *out = NULL;
    (void)turn;
    CHECK_CODE(OK, bearerd_sign_pair(shared, NULL, NULL, 0, &out, NULL));
    char *json = take_text(out), *refresh = member(json, "refresh");
    CHECK_CODE(OK, bearerd_rotate(shared, refresh, strlen(refresh), NULL, &out, NULL));
    bearerd_text_free(out);
    free(json);
    free(refresh);
}

static void (*const work[THREADS])(unsigned) = {
    verify_what_is_cached, verify_what_is_not, revoke, replace_keys, replace_rsa_keys, verify_rsa, sign_rsa, have_keys_fetched};

static void *loop(void *which) {
    size_t at = (size_t)(uintptr_t)which;
    while (!atomic_load(&over)) work[at]((unsigned)atomic_fetch_add(&rounds[at], 1));
    return NULL;
}

static void answer_right(void) {
    /* The keys may be either of two sets; the key of these tokens is in both. */
    for (int at = 0; at < TOKENS; at++) {
        CHECK_CODE(OK, verify(shared, cached[at]));
        CHECK_CODE(OK, verify(shared, cold[at]));
    }
    CHECK_CODE(OK, bearerd_revoke_token(shared, NOTHING, cached[0], strlen(cached[0]), NULL));
    CHECK_CODE(REVOKED, verify(shared, cached[0]));
    CHECK_CODE(OK, replace(shared, SET(HMAC_TWO)));
    CHECK_CODE(UNKNOWN_KEY, verify(shared, cached[1]));
    CHECK_CODE(OK, replace(shared, SET(HMAC_ONE)));
    CHECK_CODE(OK, verify(shared, cached[1]));
    CHECK_CODE(REVOKED, verify(shared, cached[0]));
    rotate(0);

    verify_rsa(0);
    CHECK_CODE(OK, replace(rsa, SET(RSA_PUBLIC_ONE)));
    CHECK_CODE(OK, verify(rsa, rsa_token));
    char *token = access_token(rsa_signer, "{}");
    CHECK_CODE(OK, verify(rsa, token));
    free(token);

    CHECK_CODE(OK, verify(fetched, followed));
    CHECK_CODE(UNKNOWN_KEY, verify(fetched, stranger));
    CHECK_CODE(OK, bearerd_verifier_reload_keys(fetched, NULL));
    bearerd_stats stats = {.size = sizeof stats};
    CHECK_CODE(OK, bearerd_verifier_stats(shared, NOTHING, &stats, NULL));
    bearerd_verifier_free(shared);
    bearerd_verifier_free(rsa);
    bearerd_verifier_free(rsa_signer);
    bearerd_verifier_free(fetched);
}

static int forks;

static void children_of_a_busy_parent(void) {
    pthread_t threads[THREADS];
    for (size_t at = 0; at < THREADS; at++) pthread_create(&threads[at], NULL, loop, (void *)(uintptr_t)at);
    for (int at = 0; at < forks; at++)
        if (!in_child(answer_right, false)) break;
    atomic_store(&over, 1);
    for (size_t at = 0; at < THREADS; at++) {
        pthread_join(threads[at], NULL);
        CHECK(atomic_load(&rounds[at]) > 0);
    }
}

int main(int count, char **arguments) {
    forks = count > 1 ? atoi(arguments[1]) : 200;
    bearerd_verifier *one = verifier_of(SIGNS_WITH("EdDSA", PRIVATE_ONE)), *two = verifier_of(SIGNS_WITH("EdDSA", PRIVATE_TWO));
    followed = access_token(one, "{}");
    stranger = access_token(two, "{}");
    bearerd_verifier_free(one);
    bearerd_verifier_free(two);
    shared = verifier_of(SHARED_SECRET "[profiles.api.cache]\nmax_entries = 1024\n");
    rsa_signer = verifier_of(SIGNS_WITH("RS256", RSA_PRIVATE_ONE) "[profiles.api.cache]\nmax_entries = 1024\n");
    rsa = verifier_of(VERIFIES_WITH("RS256", RSA_PUBLIC_ONE) "[profiles.api.cache]\nmax_entries = 0\n");
    rsa_token = access_token(rsa_signer, "{}");
    fetched = published_by(issuer_start(SET(PUBLIC_ONE)));
    CHECK_CODE(OK, comes_to(fetched, followed, BEARERD_OK));
    for (int at = 0; at < TOKENS; at++) {
        cached[at] = access_token(shared, "{\"sub\":\"ada\"}");
        cold[at] = access_token(shared, "{\"sub\":\"bob\"}");
        CHECK_CODE(OK, verify(shared, cached[at]));
    }
    TEST(children_of_a_busy_parent);
    for (int at = 0; at < TOKENS; at++) {
        free(cached[at]);
        free(cold[at]);
    }
    bearerd_verifier_free(shared);
    bearerd_verifier_free(rsa);
    bearerd_verifier_free(rsa_signer);
    bearerd_verifier_free(fetched);
    issuer_stop();
    free(rsa_token);
    free(stranger);
    free(followed);
    return verdict();
}
