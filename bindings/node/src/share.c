/* Verifiers that several environments of one process use: one cache, one set of keys, and a
 * revocation that holds for all of them from the next call on.
 *
 * The registry is the process's, so it holds handles of the library and nothing of JavaScript.
 * What is shared once stays until the process ends: a worker may ask for it at any time. */
#include <pthread.h>

#include "addon.h"

#define MOST_SHARED 1024

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bearerd_verifier *shared[MOST_SHARED];
static uint32_t count;

/* share(verifier): its number. lib/ asks once a verifier. */
napi_value share_verifier(napi_env env, napi_callback_info info)
{
    napi_value argv[1];
    struct verifier *verifier;
    double id = -1;
    if (!arguments(env, info, 1, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL) return NULL;
    pthread_mutex_lock(&lock);
    if (count < MOST_SHARED) {
        shared[count] = bearerd_verifier_clone(verifier->library);
        id = count++;
    }
    pthread_mutex_unlock(&lock);
    return number(env, id);
}

/* attach(number): a verifier of this environment's own over the same one of the library */
napi_value share_attach(napi_env env, napi_callback_info info)
{
    napi_value argv[1];
    uint32_t id;
    bearerd_verifier *library = NULL;
    if (!arguments(env, info, 1, argv)) return NULL;
    if (napi_get_value_uint32(env, argv[0], &id) != napi_ok) return misused(env, "no number");
    pthread_mutex_lock(&lock);
    if (id < count) library = bearerd_verifier_clone(shared[id]);
    pthread_mutex_unlock(&lock);
    return library == NULL ? number(env, -1) : verifier_object(env, library);
}
