/* A child of a fork uses what its parent made, and neither learns of the other's changes. */
#include "child.h"
#include "remote.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bearerd_verifier *verifier;
static bearerd_claims *claims;
static char *cached, *fresh, *other;

static void begin(void) {
    verifier = verifier_of(SHARED_SECRET);
    cached = access_token(verifier, "{\"sub\":\"ada\"}");
    fresh = access_token(verifier, "{\"sub\":\"bob\"}");
    other = access_token(verifier, "{\"sub\":\"eve\"}");
    claims = claims_of(verifier, cached);
}

static void end(void) {
    bearerd_claims_free(claims);
    bearerd_verifier_free(verifier);
    free(cached);
    free(fresh);
    free(other);
}

static void use_everything(void) {
    bearerd_slot slot;
    bearerd_str subject;
    bearerd_text *out = NULL;
    const char *two = SET(HMAC_TWO), *both = SET(HMAC_ONE "," HMAC_TWO);
    CHECK_CODE(OK, bearerd_lookup_slot(verifier, cached, strlen(cached), NULL, &slot, NULL));
    CHECK(slot.generation == bearerd_claims_id(claims));
    CHECK_CODE(OK, bearerd_claims_borrow_str(claims, "sub", 3, &subject));
    CHECK_TEXT("ada", subject);
    CHECK_CODE(NOT_CACHED, through(LOOK_UP, verifier, fresh, NULL));
    CHECK_CODE(OK, verify(verifier, fresh));
    CHECK_CACHED(OK, verifier, fresh, NULL);
    CHECK_CODE(OK, bearerd_revoke_subject(verifier, NOTHING, "ada", 3, INT64_MIN, NULL));
    CHECK_CACHED(REVOKED, verifier, cached, NULL);
    CHECK_CODE(OK, bearerd_verifier_replace_keys(verifier, NOTHING, two, strlen(two), NULL));
    CHECK_UNCACHED(UNKNOWN_KEY, verifier, fresh, NULL);
    CHECK_CODE(OK, bearerd_verifier_replace_keys(verifier, NOTHING, both, strlen(both), NULL));
    CHECK_CODE(OK, verify(verifier, fresh));
    CHECK_CODE(REVOKED, verify(verifier, cached));
    CHECK_CODE(OK, bearerd_sign_pair(verifier, NULL, NULL, 0, &out, NULL));
    char *json = take_text(out), *refresh = member(json, "refresh");
    CHECK_CODE(OK, bearerd_rotate(verifier, refresh, strlen(refresh), NULL, &out, NULL));
    bearerd_text_free(out);
    free(json);
    free(refresh);
    CHECK_CODE(OK, bearerd_verifier_reload_keys(verifier, NULL));
    bearerd_verifier *another = verifier_of(SHARED_SECRET);
    CHECK_CODE(OK, verify(another, cached));
    bearerd_verifier_free(another);
    end();
}

static void a_child_uses_everything(void) {
    begin();
    in_child(use_everything, true);
    /* And the parent knows nothing of it. */
    CHECK_CODE(OK, through(LOOK_UP, verifier, cached, NULL));
    CHECK_CODE(NOT_CACHED, through(LOOK_UP, verifier, fresh, NULL));
    CHECK_CODE(OK, verify(verifier, fresh));
    end();
}

static void have_a_child(void) {
    CHECK_CODE(OK, through(LOOK_UP, verifier, cached, NULL));
    in_child(use_everything, true);
    CHECK_CODE(OK, verify(verifier, cached));
    end();
}

static void a_grandchild_as_well(void) {
    begin();
    in_child(have_a_child, true);
    CHECK_CODE(OK, verify(verifier, cached));
    end();
}

static void stay_as_the_parent_was(void) {
    CHECK_CODE(REVOKED, verify(verifier, cached));
    CHECK_CODE(OK, verify(verifier, fresh));
    end();
}

static void what_was_revoked_before_stays_so(void) {
    begin();
    CHECK_CODE(OK, bearerd_revoke_subject(verifier, NOTHING, "ada", 3, INT64_MIN, NULL));
    in_child(stay_as_the_parent_was, true);
    end();
}

/* Only freed, and not used before. */
static void end_at_once(void) { end(); }

static void a_child_that_only_frees(void) {
    begin();
    in_child(end_at_once, true);
    CHECK_CODE(OK, verify(verifier, cached));
    end();
}

/* The issuer is in the parent, which publishes new keys once the child says so. */
static int to_parent[2];
static char *first, *second;

static void follow_the_issuer(void) {
    CHECK_CODE(OK, through(LOOK_UP, verifier, first, NULL));
    CHECK_CODE(UNKNOWN_KEY, verify(verifier, second));
    CHECK(write(to_parent[1], "x", 1) == 1);
    CHECK_CODE(OK, comes_to(verifier, second, BEARERD_OK));
    CHECK_CODE(UNKNOWN_KEY, verify(verifier, first));
    bearerd_verifier_free(verifier);
    free(first);
    free(second);
}

static void free_what_is_fetched(void) {
    bearerd_verifier_free(verifier);
    free(first);
    free(second);
}

static void *publish_when_told(void *unused) {
    char told;
    (void)unused;
    if (read(to_parent[0], &told, 1) == 1) issuer_publish(SET(PUBLIC_TWO));
    return NULL;
}

static void keys_rotate_after_the_fork(void) {
    bearerd_verifier *one = verifier_of(SIGNS_WITH("EdDSA", PRIVATE_ONE)), *two = verifier_of(SIGNS_WITH("EdDSA", PRIVATE_TWO));
    first = access_token(one, "{}");
    second = access_token(two, "{}");
    bearerd_verifier_free(one);
    bearerd_verifier_free(two);
    for (int round = 0; round < 3; round++) {
        verifier = published_by(issuer_start(SET(PUBLIC_ONE)));
        CHECK_CODE(OK, comes_to(verifier, first, BEARERD_OK));
        pthread_t teller;
        if (pipe(to_parent) != 0 || pthread_create(&teller, NULL, publish_when_told, NULL) != 0) die("pipe", "no pipe");
        in_child(round == 2 ? free_what_is_fetched : follow_the_issuer, false);
        close(to_parent[1]);
        pthread_join(teller, NULL);
        close(to_parent[0]);
        /* The parent's own thread goes on. */
        if (round < 2) {
            CHECK_CODE(OK, through(LOOK_UP, verifier, first, NULL));
            CHECK_CODE(OK, comes_to(verifier, second, BEARERD_OK));
        }
        bearerd_verifier_free(verifier);
        issuer_stop();
    }
    free(first);
    free(second);
}

int main(void) {
    TEST(a_child_uses_everything);
    TEST(a_grandchild_as_well);
    TEST(what_was_revoked_before_stays_so);
    TEST(a_child_that_only_frees);
    TEST(keys_rotate_after_the_fork);
    return verdict();
}
