/* Slot and generation, used as a language binding uses them: a table by slot of what was built for
 * a generation, which must never show one token the object of another. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS = 4000, PLACES = 4096 };

/* What a binding keeps: the object (here the subject), and for which generation it was built. */
typedef struct {
    uint64_t generation;
    char subject[16];
} kept;

static char *tokens[TOKENS];
static kept table[PLACES];

static uint32_t slots_of(const bearerd_verifier *verifier) {
    bearerd_stats stats = {.size = sizeof stats};
    CHECK_CODE(OK, bearerd_verifier_stats(verifier, NOTHING, &stats, NULL));
    return stats.slots;
}

static bool build(kept *place, uint32_t slot, uint64_t generation, const bearerd_claims *claims) {
    bearerd_view view = {.size = sizeof view};
    bearerd_claims_view(claims, &view);
    if (!CHECK(view.slot == slot && view.generation == generation)) return false;
    *place = (kept){generation, ""};
    snprintf(place->subject, sizeof place->subject, "%.*s", (int)view.subject.len, view.subject.ptr);
    return true;
}

/* One verification as a binding makes it. Returns the subject that its caller is shown. */
static const char *shown(const bearerd_verifier *verifier, const char *token, bearerd_slot *slot) {
    static kept lone;
    bearerd_claims *fresh = NULL;
    bearerd_code code = bearerd_verify_slot(verifier, token, strlen(token), NULL, slot, &fresh, NULL);
    if (!CHECK_INT(BEARERD_OK, code) || !CHECK((fresh == NULL) == (slot->was_cached == 1)) ||
        !CHECK(slot->slot == BEARERD_NO_SLOT || slot->slot < PLACES))
        return "";
    kept *place = slot->slot == BEARERD_NO_SLOT ? &lone : &table[slot->slot];
    if (place->generation != slot->generation) {
        if (fresh == NULL) {
            fresh = claims_of(verifier, token);
            bearerd_view view = {.size = sizeof view};
            bearerd_claims_view(fresh, &view);
            /* It may have left the cache between the two calls; then this is another entry. */
            slot->slot = view.slot;
            slot->generation = view.generation;
            place = view.slot == BEARERD_NO_SLOT ? &lone : &table[view.slot];
        }
        build(place, slot->slot, slot->generation, fresh);
    }
    bearerd_claims_free(fresh);
    return place->subject;
}

static void a_small_cache_and_thousands_of_tokens(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET "[profiles.api.cache]\nmax_entries = 8\n");
    uint32_t slots = slots_of(verifier);
    CHECK(slots >= 8 && slots <= 64);
    for (int at = 0; at < TOKENS; at++) {
        char claims[64];
        snprintf(claims, sizeof claims, "{\"sub\":\"user-%d\"}", at);
        tokens[at] = access_token(verifier, claims);
    }
    memset(table, 0, sizeof table);
    uint64_t seed = 7, hits = 0, reused = 0, last[PLACES] = {0};
    for (int call = 0; call < 60000; call++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        /* Half of the calls go to a few tokens, so that there are hits among the evictions. */
        int which = (int)((seed >> 33) % (call % 2 ? 6 : TOKENS));
        char wanted[16];
        snprintf(wanted, sizeof wanted, "user-%d", which);
        bearerd_slot slot;
        if (!CHECK_TEXT(wanted, str(shown(verifier, tokens[which], &slot)))) break;
        hits += slot.was_cached;
        if (slot.slot == BEARERD_NO_SLOT) continue;
        if (!CHECK(slot.slot < slots)) break;
        reused += last[slot.slot] != 0 && last[slot.slot] != slot.generation;
        if (!CHECK(slot.was_cached || last[slot.slot] != slot.generation)) break;
        last[slot.slot] = slot.generation;
    }
    CHECK(hits > 5000);
    CHECK(reused > 5000);
    for (int at = 0; at < TOKENS; at++) free(tokens[at]);
    bearerd_verifier_free(verifier);
}

static void one_token_one_generation(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    char *one = access_token(verifier, "{\"sub\":\"ada\"}"), *two = access_token(verifier, "{\"sub\":\"bob\"}");
    bearerd_slot first, hit, looked, other;
    bearerd_claims *fresh;
    CHECK_CODE(NOT_CACHED, bearerd_lookup_slot(verifier, one, strlen(one), NULL, &looked, NULL));
    CHECK(looked.slot == BEARERD_NO_SLOT && looked.was_cached == 0 && looked.generation == 0);
    CHECK_CODE(OK, bearerd_verify_slot(verifier, one, strlen(one), NULL, &first, &fresh, NULL));
    CHECK(first.was_cached == 0 && fresh != NULL && bearerd_claims_id(fresh) == first.generation);
    bearerd_claims_free(fresh);
    for (int call = 0; call < 3; call++) {
        CHECK_CODE(OK, bearerd_verify_slot(verifier, one, strlen(one), NULL, &hit, &fresh, NULL));
        CHECK(hit.was_cached == 1 && fresh == NULL);
        CHECK(hit.slot == first.slot && hit.generation == first.generation);
        CHECK_CODE(OK, bearerd_lookup_slot(verifier, one, strlen(one), NULL, &looked, NULL));
        CHECK(looked.was_cached == 1 && looked.slot == first.slot && looked.generation == first.generation);
    }
    CHECK_CODE(OK, bearerd_verify_slot(verifier, two, strlen(two), NULL, &other, NULL, NULL));
    CHECK(other.slot != first.slot && other.generation != first.generation);
    bearerd_verifier_free(verifier);
    free(one);
    free(two);
}

static void another_generation_after_key_replacement(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    char *token = access_token(verifier, "{\"sub\":\"ada\"}");
    bearerd_slot before, gone, after;
    CHECK_CODE(OK, bearerd_verify_slot(verifier, token, strlen(token), NULL, &before, NULL, NULL));
    const char *two = SET(HMAC_TWO), *both = SET(HMAC_TWO "," HMAC_ONE);
    CHECK_CODE(OK, bearerd_verifier_replace_keys(verifier, NOTHING, two, strlen(two), NULL));
    CHECK_CODE(UNKNOWN_KEY, bearerd_verify_slot(verifier, token, strlen(token), NULL, &gone, NULL, NULL));
    CHECK(gone.slot == BEARERD_NO_SLOT && gone.generation == 0);
    CHECK_CODE(OK, bearerd_verifier_replace_keys(verifier, NOTHING, both, strlen(both), NULL));
    CHECK_CODE(NOT_CACHED, bearerd_lookup_slot(verifier, token, strlen(token), NULL, &gone, NULL));
    CHECK_CODE(OK, bearerd_verify_slot(verifier, token, strlen(token), NULL, &after, NULL, NULL));
    CHECK(after.was_cached == 0 && after.generation != before.generation);
    bearerd_verifier_free(verifier);
    free(token);
}

/* Generations are the process's, not the verifier's: a table that outlives one is no danger. */
static void another_generation_in_another_verifier(void) {
    uint64_t seen[50];
    bearerd_verifier *signer = verifier_of(SHARED_SECRET);
    char *token = access_token(signer, "{\"sub\":\"ada\"}");
    for (int at = 0; at < 50; at++) {
        bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
        bearerd_claims *claims = claims_of(verifier, token);
        seen[at] = bearerd_claims_id(claims);
        bearerd_claims_free(claims);
        bearerd_verifier_free(verifier);
        for (int other = 0; other < at; other++) CHECK(seen[other] != seen[at]);
    }
    bearerd_verifier_free(signer);
    free(token);
}

static void without_a_cache_there_is_no_slot(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET "[profiles.api.cache]\nmax_entries = 0\n");
    char *token = access_token(verifier, "{\"sub\":\"ada\"}");
    bearerd_slot one, two;
    bearerd_claims *fresh;
    CHECK_CODE(OK, bearerd_verify_slot(verifier, token, strlen(token), NULL, &one, &fresh, NULL));
    CHECK(one.slot == BEARERD_NO_SLOT && one.was_cached == 0 && fresh != NULL);
    bearerd_claims_free(fresh);
    CHECK_CODE(OK, bearerd_verify_slot(verifier, token, strlen(token), NULL, &two, &fresh, NULL));
    CHECK(two.was_cached == 0 && fresh != NULL && two.generation != one.generation);
    bearerd_claims_free(fresh);
    CHECK_CODE(NOT_CACHED, bearerd_lookup_slot(verifier, token, strlen(token), NULL, &two, NULL));
    bearerd_verifier_free(verifier);
    free(token);
}

/* Two profiles have no slot in common. */
static void profiles_share_no_slot(void) {
    bearerd_verifier *verifier = verifier_of(
        "default_profile = 'one'\n"
        "[profiles.one]\nalgorithms = ['HS256']\nkeys = [{ jwk = '" HMAC_ONE "' }]\nsign = {}\ncache = { max_entries = 64 }\n"
        "[profiles.two]\nalgorithms = ['HS256']\nkeys = [{ jwk = '" HMAC_ONE "' }]\ncache = { max_entries = 64 }\n");
    uint32_t slots = slots_of(verifier);
    bearerd_verify_opts opts = verify_opts();
    opts.profile = str("two");
    for (int at = 0; at < 200; at++) {
        char *token = access_token(verifier, "{\"sub\":\"ada\"}");
        bearerd_slot one, two;
        CHECK_CODE(OK, bearerd_verify_slot(verifier, token, strlen(token), NULL, &one, NULL, NULL));
        CHECK_CODE(NOT_CACHED, bearerd_lookup_slot(verifier, token, strlen(token), &opts, &two, NULL));
        CHECK_CODE(OK, bearerd_verify_slot(verifier, token, strlen(token), &opts, &two, NULL, NULL));
        CHECK(one.slot < slots && two.slot < slots);
        CHECK(one.slot != two.slot && one.generation != two.generation);
        free(token);
    }
    bearerd_verifier_free(verifier);
}

int main(void) {
    TEST(a_small_cache_and_thousands_of_tokens);
    TEST(one_token_one_generation);
    TEST(another_generation_after_key_replacement);
    TEST(another_generation_in_another_verifier);
    TEST(without_a_cache_there_is_no_slot);
    TEST(profiles_share_no_slot);
    return verdict();
}
