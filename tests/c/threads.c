/* Eight threads on one handle, while tokens are revoked and keys replaced. What each answer must be
 * follows from what had returned before the call, and what had not begun after it. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS = 400, READERS = 6 };

static bearerd_verifier *verifier;
static char *tokens[TOKENS], *handles[TOKENS], *guest;
static bearerd_guard *guard;
static atomic_int over;

/* 0: not revoked; 1: about to be; 2: the revocation has returned. */
static atomic_int revoked[TOKENS];
/* Odd while the keys are being replaced; then half of it says which set: even, without the guest's key. */
static atomic_uint keys;

static void expect_subject(const bearerd_claims *claims, int which) {
    char wanted[16];
    bearerd_view view = {.size = sizeof view};
    snprintf(wanted, sizeof wanted, "user-%d", which);
    bearerd_claims_view(claims, &view);
    CHECK_TEXT(wanted, view.subject);
}

static void one_call(int which, int turn) {
    const char *token = tokens[which];
    size_t len = strlen(token);
    bearerd_verify_opts opts = verify_opts();
    bearerd_claims *claims = NULL;
    bearerd_slot slot;
    bearerd_code code;
    opts.guard = turn % 4 == 3 ? guard : NULL;
    int before = atomic_load(&revoked[which]);
    if (turn % 4 == 1)
        code = bearerd_verify_slot(verifier, token, len, &opts, &slot, &claims, NULL);
    else if (turn % 4 == 2)
        code = bearerd_lookup_slot(verifier, token, len, &opts, &slot, NULL);
    else
        code = bearerd_verify(verifier, token, len, &opts, &claims, NULL);
    int after = atomic_load(&revoked[which]);
    if (claims != NULL) expect_subject(claims, which);
    bearerd_claims_free(claims);
    if (turn % 4 == 2 && code == BEARERD_NOT_CACHED) return;
    if (before == 2) CHECK_INT(BEARERD_REVOKED, code);
    else if (after == 0) CHECK_INT(BEARERD_OK, code);
    else CHECK(code == BEARERD_OK || code == BEARERD_REVOKED);
}

static void guest_call(void) {
    unsigned before = atomic_load(&keys);
    bearerd_code code = verify(verifier, guest);
    unsigned after = atomic_load(&keys);
    if (before != after || before % 2 == 1)
        CHECK(code == BEARERD_OK || code == BEARERD_UNKNOWN_KEY);
    else
        CHECK_INT(before / 2 % 2 == 1 ? BEARERD_OK : BEARERD_UNKNOWN_KEY, code);
}

static void *reader(void *seed) {
    unsigned state = (unsigned)(uintptr_t)seed * 2654435761u + 1;
    for (int turn = 0; !atomic_load(&over) && failures() == 0; turn++) {
        state = state * 1664525u + 1013904223u;
        one_call((int)((state >> 8) % TOKENS), turn);
        if (turn % 7 == 0) guest_call();
    }
    return NULL;
}

static void *revoker(void *unused) {
    (void)unused;
    for (int which = 0; which < TOKENS; which += 2) {
        atomic_store(&revoked[which], 1);
        CHECK_CODE(OK, bearerd_revoke_handle(verifier, NOTHING, handles[which], strlen(handles[which]), NULL));
        atomic_store(&revoked[which], 2);
        CHECK_CODE(REVOKED, verify(verifier, tokens[which]));
    }
    return NULL;
}

static void *replacer(void *unused) {
    static const char *const sets[] = {SET(HMAC_ONE), SET(HMAC_ONE "," HMAC_TWO)};
    (void)unused;
    for (int turn = 1; turn <= 200; turn++) {
        atomic_fetch_add(&keys, 1);
        const char *set = sets[turn % 2];
        CHECK_CODE(OK, bearerd_verifier_replace_keys(verifier, NOTHING, set, strlen(set), NULL));
        atomic_fetch_add(&keys, 1);
        guest_call();
    }
    return NULL;
}

static void answers_are_right(void) {
    pthread_t threads[READERS + 2];
    for (int at = 0; at < READERS; at++) pthread_create(&threads[at], NULL, reader, (void *)(uintptr_t)at);
    pthread_create(&threads[READERS], NULL, revoker, NULL);
    pthread_create(&threads[READERS + 1], NULL, replacer, NULL);
    pthread_join(threads[READERS], NULL);
    pthread_join(threads[READERS + 1], NULL);
    atomic_store(&over, 1);
    for (int at = 0; at < READERS; at++) pthread_join(threads[at], NULL);
    for (int which = 0; which < TOKENS; which++)
        CHECK_INT(which % 2 == 0 ? BEARERD_REVOKED : BEARERD_OK, verify(verifier, tokens[which]));
}

/* References given and taken by many threads; the last one out ends it. */
static void *cloner(void *given) {
    bearerd_verifier *mine = given;
    for (int turn = 0; turn < 200; turn++) {
        bearerd_claims *claims = claims_of(mine, tokens[1]), *other = bearerd_claims_clone(claims);
        bearerd_verifier *next = bearerd_verifier_clone(mine);
        bearerd_verifier_free(mine);
        bearerd_claims_free(claims);
        expect_subject(other, 1);
        bearerd_claims_free(other);
        mine = next;
    }
    bearerd_verifier_free(mine);
    return NULL;
}

static void references_of_many_threads(void) {
    pthread_t threads[8];
    bearerd_verifier *shared = verifier_of(SHARED_SECRET);
    for (int at = 0; at < 8; at++) pthread_create(&threads[at], NULL, cloner, bearerd_verifier_clone(shared));
    bearerd_verifier_free(shared);
    for (int at = 0; at < 8; at++) pthread_join(threads[at], NULL);
}

int main(void) {
    /* Fewer places than tokens, so that there are evictions and fresh entries all the time. */
    verifier = verifier_of(SHARED_SECRET "[profiles.api.cache]\nmax_entries = 256\n");
    guard = guard_of("{\"scopes\":[\"read\"]}");
    for (int which = 0; which < TOKENS; which++) {
        char claims[64];
        snprintf(claims, sizeof claims, "{\"sub\":\"user-%d\",\"scope\":\"read\"}", which);
        tokens[which] = access_token(verifier, claims);
        bearerd_claims *verified = claims_of(verifier, tokens[which]);
        bearerd_str handle;
        bearerd_claims_borrow_str(verified, "jti", 3, &handle);
        handles[which] = copy_of(handle);
        bearerd_claims_free(verified);
    }
    const char *two = SET(HMAC_TWO), *one = SET(HMAC_ONE);
    bearerd_verifier_replace_keys(verifier, NOTHING, two, strlen(two), NULL);
    guest = access_token(verifier, "{\"sub\":\"guest\"}");
    bearerd_verifier_replace_keys(verifier, NOTHING, one, strlen(one), NULL);
    TEST(answers_are_right);
    TEST(references_of_many_threads);
    for (int which = 0; which < TOKENS; which++) {
        free(tokens[which]);
        free(handles[which]);
    }
    free(guest);
    bearerd_guard_free(guard);
    bearerd_verifier_free(verifier);
    return verdict();
}
