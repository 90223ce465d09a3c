/* Keys that an issuer publishes, fetched by the library itself: nothing here runs a loop for it. */
#include "remote.h"

#include <stdlib.h>
#include <string.h>

static char *first, *second;

static void unavailable_until_the_first_document(void) {
    bearerd_verifier *verifier = published_by(issuer_start(NULL));
    for (int call = 0; call < 100; call++) CHECK_CODE(KEYS_UNAVAILABLE, verify(verifier, first));
    for (door which = 0; which < DOORS; which++) CHECK_CODE(KEYS_UNAVAILABLE, through(which, verifier, first, NULL));
    double deadline = seconds() + 20;
    while (issuer_requests() == 0 && seconds() < deadline) verify(verifier, first);
    CHECK(issuer_requests() > 0);
    CHECK_CODE(KEYS_UNAVAILABLE, verify(verifier, first));
    issuer_publish(SET(PUBLIC_ONE));
    CHECK_CODE(OK, bearerd_verifier_reload_keys(verifier, NULL));
    CHECK_CODE(OK, comes_to(verifier, first, BEARERD_OK));
    CHECK_CACHED(OK, verifier, first, NULL);
    CHECK_CODE(UNKNOWN_KEY, verify(verifier, second));
    bearerd_verifier_free(verifier);
    issuer_stop();
}

static void rotated_by_an_unknown_kid(void) {
    bearerd_verifier *verifier = published_by(issuer_start(SET(PUBLIC_ONE)));
    CHECK_CODE(OK, comes_to(verifier, first, BEARERD_OK));
    issuer_publish(SET(PUBLIC_TWO));
    CHECK_CODE(OK, through(LOOK_UP, verifier, first, NULL));
    CHECK_CODE(OK, comes_to(verifier, second, BEARERD_OK));
    /* The key that the new document does not have is gone, and its cached tokens with it. */
    CHECK_CODE(UNKNOWN_KEY, verify(verifier, first));
    bearerd_verifier_free(verifier);
    issuer_stop();
}

static void a_bad_document_changes_nothing(void) {
    static const char *const bad[] = {"nonsense", "{}", "{\"keys\":[]}", SET(PRIVATE_TWO), NULL};
    bearerd_verifier *verifier = published_by(issuer_start(SET(PUBLIC_ONE)));
    CHECK_CODE(OK, comes_to(verifier, first, BEARERD_OK));
    for (size_t at = 0; at < sizeof bad / sizeof *bad; at++) {
        unsigned before = issuer_requests();
        issuer_publish(bad[at]);
        CHECK_CODE(OK, bearerd_verifier_reload_keys(verifier, NULL));
        double deadline = seconds() + 20;
        while (issuer_requests() == before && seconds() < deadline) CHECK_CODE(OK, verify(verifier, first));
        CHECK(issuer_requests() > before);
        for (int call = 0; call < 100; call++) CHECK_CODE(OK, verify(verifier, first));
        CHECK_CODE(UNKNOWN_KEY, verify(verifier, second));
    }
    bearerd_verifier_free(verifier);
    issuer_stop();
}

/* Freeing does not wait for the network: not for one that is silent, not for one that is away. */
static void freed_at_any_moment(void) {
    unsigned port = issuer_start(SET(PUBLIC_ONE));
    for (int round = 0; round < 30; round++) {
        bearerd_verifier *verifier = published_by(port);
        if (round % 3 == 0) CHECK_CODE(OK, comes_to(verifier, first, BEARERD_OK));
        double before = seconds();
        bearerd_verifier_free(verifier);
        CHECK(seconds() - before < 5);
    }
    issuer_stop();
    bearerd_verifier *verifier = published_by(port);
    CHECK_CODE(KEYS_UNAVAILABLE, verify(verifier, first));
    bearerd_verifier_free(verifier);
}

int main(void) {
    bearerd_verifier *one = verifier_of(SIGNS_WITH("EdDSA", PRIVATE_ONE)), *two = verifier_of(SIGNS_WITH("EdDSA", PRIVATE_TWO));
    first = access_token(one, "{\"sub\":\"ada\"}");
    second = access_token(two, "{\"sub\":\"ada\"}");
    bearerd_verifier_free(one);
    bearerd_verifier_free(two);
    TEST(unavailable_until_the_first_document);
    TEST(rotated_by_an_unknown_kid);
    TEST(a_bad_document_changes_nothing);
    TEST(freed_at_any_moment);
    free(first);
    free(second);
    return verdict();
}
