/* Uses the library wrongly on purpose: the checkers that the other programs pass must report each.
 *
 *     faulty leak | use | race
 */
#include "fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bearerd_verifier *verifier;
static bearerd_error shared = {sizeof shared, 0, ""};

static void *write_to_one_error(void *unused) {
    bearerd_claims *claims;
    (void)unused;
    for (int call = 0; call < 1000; call++) bearerd_verify(verifier, "nonsense", 8, NULL, &claims, &shared);
    return NULL;
}

static void race(void) {
    pthread_t threads[2];
    for (int at = 0; at < 2; at++) pthread_create(&threads[at], NULL, write_to_one_error, NULL);
    for (int at = 0; at < 2; at++) pthread_join(threads[at], NULL);
}

int main(int count, char **arguments) {
    if (count != 2) die("usage", "faulty leak | use | race");
    verifier = verifier_of(SHARED_SECRET);
    char *token = access_token(verifier, "{\"sub\":\"ada\"}");
    bearerd_claims *claims = claims_of(verifier, token);
    bearerd_view view = {.size = sizeof view};
    bearerd_claims_view(claims, &view);
    if (strcmp(arguments[1], "race") == 0) race();
    if (strcmp(arguments[1], "leak") != 0) bearerd_claims_free(claims);
    bearerd_verifier_free(verifier);
    verifier = NULL;
    if (strcmp(arguments[1], "use") == 0 && view.subject.ptr[0] == 'a') puts("still there");
    claims = NULL;
    view.subject = view.json = NOTHING;
    free(token);
    return 0;
}
