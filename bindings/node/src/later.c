/* What may wait for a store, on a thread of Node's pool: verification of what memory does not know,
 * rotation and revocation, and what changes sessions and personal access tokens. The answer goes to
 * a function, on the thread that asked, and looks as that of a call that does not wait. */
#include <stdlib.h>
#include <string.h>

#include "addon.h"

#define TEXTS 6

struct job {
    napi_async_work work;
    napi_ref answer, plan;
    struct verifier *verifier;
    void (*run)(struct job *);
    struct text texts[TEXTS];
    uint32_t kind;
    struct request request;
    bearerd_error error;
    bearerd_code code;
    bearerd_claims *claims;
    bearerd_text *text;
    size_t count;
};

#define TEXT(at) text_borrow(&job->texts[at])
#define FIRST job->texts[0].ptr, job->texts[0].len

static void run_verify(struct job *job)
{
    job->code = bearerd_verify(job->verifier->library, FIRST, &job->request.opts, &job->claims, &job->error);
}

static void run_rotate(struct job *job)
{
    bearerd_rotate_opts opts = {.size = sizeof opts, .profile = TEXT(1), .ttl = TEXT(2), .set = TEXT(3), .remove = TEXT(4)};
    job->code = bearerd_rotate(job->verifier->library, FIRST, &opts, &job->text, &job->error);
}

static void run_revoke_token(struct job *job)
{
    job->code = bearerd_revoke_token(job->verifier->library, TEXT(1), FIRST, &job->error);
}

static void run_revoke_handle(struct job *job)
{
    job->code = bearerd_revoke_handle(job->verifier->library, TEXT(1), FIRST, &job->error);
}

static void run_revoke_family(struct job *job)
{
    job->code = bearerd_revoke_family(job->verifier->library, TEXT(1), FIRST, &job->error);
}

static void run_revoke_subject(struct job *job)
{
    char before[24] = "";
    const struct text *said = &job->texts[2];
    int64_t issued_before = INT64_MIN;
    if (said->len > 0 && said->len < sizeof before) {
        memcpy(before, said->ptr, said->len);
        issued_before = strtoll(before, NULL, 10);
    }
    job->code = bearerd_revoke_subject(job->verifier->library, TEXT(1), FIRST, issued_before, &job->error);
}

static void run_sign_in(struct job *job)
{
    bearerd_sign_in_opts opts = {
        .size = sizeof opts, .kind = job->kind, .profile = TEXT(1), .attributes = TEXT(2), .claims = TEXT(3), .ttl = TEXT(4), .lifetime = TEXT(5)};
    job->code = bearerd_sign_in(job->verifier->library, FIRST, &opts, &job->text, &job->error);
}

static void run_session_get(struct job *job)
{
    job->code = bearerd_sessions_get(job->verifier->library, TEXT(1), FIRST, &job->text, &job->error);
}

static void run_sessions_list(struct job *job)
{
    job->code = bearerd_sessions_list(job->verifier->library, TEXT(1), FIRST, &job->text, &job->error);
}

static void run_session_end(struct job *job)
{
    job->code = bearerd_sessions_end(job->verifier->library, TEXT(1), FIRST, &job->count, &job->error);
}

static void run_sessions_end(struct job *job)
{
    job->code = bearerd_sessions_end_all(job->verifier->library, TEXT(1), FIRST, TEXT(2), &job->count, &job->error);
}

static void run_session_change(struct job *job)
{
    job->code = bearerd_sessions_change(job->verifier->library, TEXT(1), FIRST, TEXT(2), TEXT(3), &job->text, &job->error);
}

static void run_sessions_change(struct job *job)
{
    job->code = bearerd_sessions_change_all(job->verifier->library, TEXT(1), FIRST, TEXT(2), TEXT(3), &job->text, &job->error);
}

static void run_pat_create(struct job *job)
{
    bearerd_pat_opts opts = {
        .size = sizeof opts, .profile = TEXT(1), .description = TEXT(2), .scopes = TEXT(3), .claims = TEXT(4), .ttl = TEXT(5)};
    job->code = bearerd_pats_create(job->verifier->library, FIRST, &opts, &job->text, &job->error);
}

static void run_pats_list(struct job *job)
{
    job->code = bearerd_pats_list(job->verifier->library, TEXT(1), FIRST, TEXT(2), &job->text, &job->error);
}

static void run_pat_revoke(struct job *job)
{
    job->code = bearerd_pats_revoke(job->verifier->library, TEXT(1), FIRST, &job->count, &job->error);
}

static void run_pat_revoke_token(struct job *job)
{
    job->code = bearerd_pats_revoke_token(job->verifier->library, TEXT(1), FIRST, &job->count, &job->error);
}

static void run_pats_revoke(struct job *job)
{
    job->code = bearerd_pats_revoke_all(job->verifier->library, TEXT(1), FIRST, &job->count, &job->error);
}

static const struct {
    const char *name;
    void (*run)(struct job *);
} operations[] = {
    {"rotate", run_rotate},
    {"revokeToken", run_revoke_token},
    {"revokeHandle", run_revoke_handle},
    {"revokeFamily", run_revoke_family},
    {"revokeSubject", run_revoke_subject},
    {"signIn", run_sign_in},
    {"getSession", run_session_get},
    {"listSessions", run_sessions_list},
    {"endSession", run_session_end},
    {"endSessions", run_sessions_end},
    {"changeSession", run_session_change},
    {"changeSessions", run_sessions_change},
    {"createPat", run_pat_create},
    {"listPats", run_pats_list},
    {"revokePat", run_pat_revoke},
    {"revokePatToken", run_pat_revoke_token},
    {"revokePats", run_pats_revoke},
};

static void job_free(napi_env env, struct job *job)
{
    for (int i = 0; i < TEXTS; i++) text_free(&job->texts[i]);
    request_free(&job->request);
    if (job->answer != NULL) napi_delete_reference(env, job->answer);
    if (job->plan != NULL) napi_delete_reference(env, job->plan);
    if (job->work != NULL) napi_delete_async_work(env, job->work);
    verifier_release(job->verifier);
    free(job);
}

static struct job *job_new(napi_env env, struct verifier *verifier, napi_value answer)
{
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL) return NULL;
    job->verifier = verifier_retain(verifier);
    job->error.size = sizeof job->error;
    if (napi_create_reference(env, answer, 1, &job->answer) == napi_ok) return job;
    job_free(env, job);
    return NULL;
}

static void execute(napi_env env, void *data)
{
    (void)env;
    struct job *job = data;
    job->run(job);
}

static void complete(napi_env env, napi_status status, void *data)
{
    struct job *job = data;
    napi_value answer, function, nothing;
    if (status == napi_ok) {
        job->verifier->environment->error = job->error;
        if (job->claims != NULL) answer = verify_hand_over(env, job->verifier, job->claims);
        else if (job->code == BEARERD_OK && job->text == NULL) answer = number(env, (double)job->count);
        else answer = owned_text(env, job->code, job->text);
        job->claims = NULL;
        job->text = NULL;
        napi_get_undefined(env, &nothing);
        if (napi_get_reference_value(env, job->answer, &function) == napi_ok) napi_call_function(env, nothing, function, 1, &answer, NULL);
    }
    bearerd_claims_free(job->claims);
    bearerd_text_free(job->text);
    job_free(env, job);
}

/* Takes `job`, also where it fails. */
static napi_value queue(napi_env env, struct job *job)
{
    napi_value name = string(env, (bearerd_str){"bearerd", 7});
    if (napi_create_async_work(env, NULL, name, execute, complete, job, &job->work) == napi_ok &&
        napi_queue_async_work(env, job->work) == napi_ok)
        return NULL;
    job_free(env, job);
    return misused(env, "nothing could be queued");
}

/* verifyLater(plan, token, device, answer) */
napi_value later_verify(napi_env env, napi_callback_info info)
{
    napi_value argv[4];
    struct plan *plan;
    struct job *job;
    size_t length;
    if (!arguments(env, info, 4, argv) || (plan = plan_unwrap(env, argv[0])) == NULL) return NULL;
    char *token = plan->verifier->environment->token;
    if (napi_get_value_string_utf8(env, argv[1], token, TOKEN_CAPACITY, &length) != napi_ok) return misused(env, "a string was expected");
    if ((job = job_new(env, plan->verifier, argv[3])) == NULL) return misused(env, "out of memory");
    job->run = run_verify;
    /* The plan holds what its options point at. */
    if (napi_create_reference(env, argv[0], 1, &job->plan) != napi_ok || !request_read(env, plan, argv[2], &job->request) ||
        (job->texts[0].ptr = malloc(length + 1)) == NULL) {
        job_free(env, job);
        return misused(env, "out of memory");
    }
    memcpy(job->texts[0].ptr, token, length);
    job->texts[0].len = length;
    return queue(env, job);
}

/* ask(verifier, what, kind, texts, answer) */
napi_value later_ask(napi_env env, napi_callback_info info)
{
    napi_value argv[5], element;
    struct verifier *verifier;
    struct job *job;
    char what[32];
    if (!arguments(env, info, 5, argv) || (verifier = verifier_unwrap(env, argv[0])) == NULL) return NULL;
    if (napi_get_value_string_utf8(env, argv[1], what, sizeof what, NULL) != napi_ok) return misused(env, "no operation");
    if ((job = job_new(env, verifier, argv[4])) == NULL) return misused(env, "out of memory");
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, what) == 0) job->run = operations[i].run;
    bool read = job->run != NULL && napi_get_value_uint32(env, argv[2], &job->kind) == napi_ok;
    for (uint32_t i = 0; read && i < TEXTS; i++)
        read = napi_get_element(env, argv[3], i, &element) == napi_ok && text_read(env, element, &job->texts[i]);
    if (read) return queue(env, job);
    job_free(env, job);
    return misused(env, "no operation of that kind");
}
