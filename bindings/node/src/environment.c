/* What belongs to one Node environment: the main thread, or one worker. */
#include <stdlib.h>
#include <string.h>

#include "addon.h"

static void finalize(napi_env env, void *data, void *hint)
{
    (void)env;
    (void)hint;
    environment_release(data);
}

struct environment *environment_new(napi_env env)
{
    struct environment *environment = malloc(sizeof *environment);
    if (environment == NULL) return NULL;
    environment->references = 1;
    environment->error.size = sizeof environment->error;
    environment->error.code = BEARERD_OK;
    environment->error.message[0] = '\0';
    if (napi_set_instance_data(env, environment, finalize, NULL) != napi_ok) {
        free(environment);
        return NULL;
    }
    return environment;
}

struct environment *environment_of(napi_env env)
{
    void *data = NULL;
    napi_get_instance_data(env, &data);
    return data;
}

/* Verifiers may be finalized after the environment's own data, so each holds a reference. */
void environment_release(struct environment *environment)
{
    if (--environment->references != 0) return;
    wipe(environment->token, sizeof environment->token);
    free(environment);
}

napi_value environment_detail(napi_env env, napi_callback_info info)
{
    (void)info;
    const char *message = environment_of(env)->error.message;
    return string(env, (bearerd_str){message, strlen(message)});
}
