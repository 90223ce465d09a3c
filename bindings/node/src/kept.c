/* Which claims objects JavaScript keeps: for each slot of the library's cache, the generation that
 * the kept object was built from. A slot is used again and again, a generation never, so an object
 * answers only where both are the same.
 *
 * The objects themselves are in an array of lib/kept.js. What they weigh is bounded here, because
 * an object stays until its slot is used again, long after the library has let its entry go. */
#include <stdlib.h>

#include "addon.h"

/* Bytes of claims, as JSON, for each slot that there is. */
#define WEIGHT_A_SLOT 512u
/* What an object weighs beside its text. */
#define WEIGHT_OF_AN_OBJECT 64u

/* Zero means that nothing is kept, whatever generations the library begins with. */
static uint64_t mark(uint64_t generation)
{
    return generation + 1;
}

bool kept_knows(const struct verifier *verifier, uint32_t slot, uint64_t generation)
{
    return verifier->generations != NULL && slot < verifier->slots && verifier->generations[slot] == mark(generation);
}

/* What `keep` is to take, once the object has been built. */
void kept_offer(struct verifier *verifier, const bearerd_view *view)
{
    verifier->offered_slot = view->slot < verifier->slots ? view->slot : BEARERD_NO_SLOT;
    verifier->offered_generation = view->generation;
    verifier->offered_weight = view->json.len > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)view->json.len + WEIGHT_OF_AN_OBJECT;
}

static bool allocate(struct verifier *verifier)
{
    if (verifier->generations == NULL) verifier->generations = calloc(verifier->slots, sizeof *verifier->generations);
    if (verifier->weights == NULL) verifier->weights = calloc(verifier->slots, sizeof *verifier->weights);
    return verifier->generations != NULL && verifier->weights != NULL;
}

static bool too_heavy(const struct verifier *verifier)
{
    return verifier->weight > (uint64_t)verifier->slots * WEIGHT_A_SLOT;
}

/* The slot under which the object of the last answer is to be kept; -1 for none; -2 - slot where
 * others are to be dropped, too. */
napi_value kept_keep(napi_env env, napi_callback_info info)
{
    napi_value argv[1];
    struct verifier *verifier;
    if (!arguments(env, info, 1, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL) return NULL;
    uint32_t slot = verifier->offered_slot;
    verifier->offered_slot = BEARERD_NO_SLOT;
    if (slot == BEARERD_NO_SLOT || !allocate(verifier)) return number(env, -1);
    verifier->weight += verifier->offered_weight;
    verifier->weight -= verifier->weights[slot];
    verifier->weights[slot] = verifier->offered_weight;
    verifier->generations[slot] = mark(verifier->offered_generation);
    return number(env, too_heavy(verifier) ? -2.0 - slot : slot);
}

/* The next slot whose object is to be let go, -1 once they are light enough. */
napi_value kept_drop(napi_env env, napi_callback_info info)
{
    napi_value argv[1];
    struct verifier *verifier;
    if (!arguments(env, info, 1, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL) return NULL;
    if (verifier->generations == NULL) return number(env, -1);
    while (too_heavy(verifier)) {
        uint32_t slot = verifier->hand;
        verifier->hand = (slot + 1) % verifier->slots;
        if (verifier->generations[slot] == 0) continue;
        verifier->weight -= verifier->weights[slot];
        verifier->weights[slot] = 0;
        verifier->generations[slot] = 0;
        return number(env, slot);
    }
    return number(env, -1);
}
