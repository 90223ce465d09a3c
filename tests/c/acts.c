#include "acts.h"

#include "fixture.h"
#include "sign_in.h"

#include <string.h>

char *spelled(const json_t *value) { return json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY); }

json_t *parsed(bearerd_str text) {
    return json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
}

static bearerd_str text_of(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    return value == NULL ? NOTHING : (bearerd_str){json_string_value(value), json_string_length(value)};
}

/* A member as JSON, which the caller frees; NULL where it is not there. */
static char *json_of(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    return value == NULL ? NULL : spelled(value);
}

static bearerd_str or_nothing(const char *text) { return text ? str(text) : NOTHING; }

static json_t *taken(bearerd_text *text) {
    json_t *value = text ? parsed(bearerd_text_borrow(text)) : NULL;
    bearerd_text_free(text);
    return value;
}

/* The guard that a step asks for; one that is refused gives the step its code. */
static bearerd_code guard_for(const bearerd_verifier *verifier, const json_t *given, bearerd_guard **out) {
    const json_t *guard = json_object_get(given, "guard");
    *out = NULL;
    if (guard == NULL) return BEARERD_OK;
    if (json_is_string(guard))
        return bearerd_guard_named(verifier, json_string_value(guard), json_string_length(guard), out, NULL);
    char *rule = spelled(guard);
    bearerd_code code = bearerd_guard_new(rule, strlen(rule), out, NULL);
    free(rule);
    return code;
}

/* A token alone, or the value of a header. */
static bearerd_code verified(const bearerd_verifier *verifier, const json_t *given, bool header, bearerd_claims **claims) {
    bearerd_guard *guard;
    bearerd_code code = guard_for(verifier, given, &guard);
    if (code != BEARERD_OK) return code;
    bearerd_str token = text_of(given, header ? "value" : "token");
    bearerd_verify_opts opts = verify_opts();
    opts.profile = text_of(given, "profile");
    opts.audience = text_of(given, "audience");
    opts.device = text_of(given, "device");
    opts.guard = guard;
    code = header ? bearerd_verify_authorization(verifier, token.ptr, token.len, &opts, claims, NULL)
                  : bearerd_verify(verifier, token.ptr, token.len, &opts, claims, NULL);
    bearerd_guard_free(guard);
    return code;
}

static bearerd_code token(const bearerd_verifier *verifier, const json_t *given, outcome *out) {
    return verified(verifier, given, false, &out->claims);
}

static bearerd_code authorization(const bearerd_verifier *verifier, const json_t *given, outcome *out) {
    return verified(verifier, given, true, &out->claims);
}

static bearerd_code revoke(const bearerd_verifier *verifier, const json_t *given, outcome *out) {
    (void)out;
    bearerd_str profile = text_of(given, "profile"), value = text_of(given, "handle");
    if (value.ptr != NULL) return bearerd_revoke_handle(verifier, profile, value.ptr, value.len, NULL);
    value = text_of(given, "token");
    if (value.ptr != NULL) return bearerd_revoke_token(verifier, profile, value.ptr, value.len, NULL);
    value = text_of(given, "subject");
    const json_t *before = json_object_get(given, "issued_before");
    int64_t at = before != NULL ? json_integer_value(before) : INT64_MIN;
    return bearerd_revoke_subject(verifier, profile, value.ptr, value.len, at, NULL);
}

static bearerd_code sign_in(const bearerd_verifier *verifier, const json_t *given, outcome *out) {
    static const char *const kinds[] = {"none", "access", "pair"};
    bearerd_str subject = text_of(given, "subject");
    uint32_t kind = 0;
    while (kind < 3 && strcmp(kinds[kind], json_string_value(json_object_get(given, "kind"))) != 0) kind++;
    char *attributes = json_of(given, "attributes"), *claims = json_of(given, "claims");
    bearerd_sign_in_opts opts = sign_in_opts(kind);
    opts.profile = text_of(given, "profile");
    opts.attributes = or_nothing(attributes);
    opts.claims = or_nothing(claims);
    bearerd_text *text = NULL;
    bearerd_code code = bearerd_sign_in(verifier, subject.ptr, subject.len, &opts, &text, NULL);
    out->answer = taken(text);
    free(attributes);
    free(claims);
    return code;
}

static bearerd_code end_sessions(const bearerd_verifier *verifier, const json_t *given, outcome *out) {
    bearerd_str profile = text_of(given, "profile"), sid = text_of(given, "sid"), subject = text_of(given, "subject");
    size_t ended = 0;
    bearerd_code code = sid.ptr != NULL ? bearerd_sessions_end(verifier, profile, sid.ptr, sid.len, &ended, NULL)
                                        : bearerd_sessions_end_all(verifier, profile, subject.ptr, subject.len,
                                                                   text_of(given, "except"), &ended, NULL);
    out->count = (json_int_t)ended;
    return code;
}

static bearerd_code change_sessions(const bearerd_verifier *verifier, const json_t *given, outcome *out) {
    bearerd_str profile = text_of(given, "profile"), sid = text_of(given, "sid"), subject = text_of(given, "subject");
    char *set = json_of(given, "set"), *names = json_of(given, "remove");
    bearerd_text *text = NULL;
    bearerd_code code = sid.ptr != NULL
        ? bearerd_sessions_change(verifier, profile, sid.ptr, sid.len, or_nothing(set), or_nothing(names), &text, NULL)
        : bearerd_sessions_change_all(verifier, profile, subject.ptr, subject.len, or_nothing(set), or_nothing(names),
                                      &text, NULL);
    out->answer = taken(text);
    out->count = (json_int_t)json_array_size(json_object_get(out->answer, "sessions"));
    free(set);
    free(names);
    return code;
}

static bearerd_code create_pat(const bearerd_verifier *verifier, const json_t *given, outcome *out) {
    bearerd_str subject = text_of(given, "subject");
    char *scopes = json_of(given, "scopes"), *claims = json_of(given, "claims");
    bearerd_pat_opts opts = {.size = sizeof opts, .profile = text_of(given, "profile"),
                             .description = text_of(given, "description"), .scopes = or_nothing(scopes),
                             .claims = or_nothing(claims), .ttl = text_of(given, "ttl")};
    bearerd_text *text = NULL;
    bearerd_code code = bearerd_pats_create(verifier, subject.ptr, subject.len, &opts, &text, NULL);
    out->answer = taken(text);
    free(scopes);
    free(claims);
    return code;
}

static bearerd_code revoke_pats(const bearerd_verifier *verifier, const json_t *given, outcome *out) {
    bearerd_str profile = text_of(given, "profile"), id = text_of(given, "id"), one = text_of(given, "token");
    bearerd_str subject = text_of(given, "subject");
    size_t revoked = 0;
    bearerd_code code = id.ptr != NULL ? bearerd_pats_revoke(verifier, profile, id.ptr, id.len, &revoked, NULL)
        : one.ptr != NULL ? bearerd_pats_revoke_token(verifier, profile, one.ptr, one.len, &revoked, NULL)
                          : bearerd_pats_revoke_all(verifier, profile, subject.ptr, subject.len, &revoked, NULL);
    out->count = (json_int_t)revoked;
    return code;
}

static bearerd_code sign(const bearerd_verifier *verifier, const json_t *given, outcome *out) {
    const char *kind = json_string_value(json_object_get(given, "kind"));
    char *claims = json_of(given, "claims");
    bearerd_sign_opts opts = sign_opts(strcmp(kind, "access") == 0 ? BEARERD_KIND_ACCESS : BEARERD_KIND_REFRESH);
    opts.profile = text_of(given, "profile");
    bearerd_text *text = NULL;
    bearerd_code code = bearerd_sign(verifier, &opts, claims, claims ? strlen(claims) : 0, &text, NULL, NULL);
    bearerd_str signed_one = bearerd_text_borrow(text);
    if (text != NULL) out->answer = json_pack("{s: o}", kind, json_stringn(signed_one.ptr, signed_one.len));
    bearerd_text_free(text);
    free(claims);
    return code;
}

static bearerd_code rotate(const bearerd_verifier *verifier, const json_t *given, outcome *out) {
    bearerd_str refresh = text_of(given, "refresh");
    char *set = json_of(given, "set"), *names = json_of(given, "remove");
    bearerd_rotate_opts opts = {.size = sizeof opts, .profile = text_of(given, "profile"), .set = or_nothing(set),
                                .remove = or_nothing(names)};
    bearerd_text *text = NULL;
    bearerd_code code = bearerd_rotate(verifier, refresh.ptr, refresh.len, &opts, &text, NULL);
    out->answer = taken(text);
    free(set);
    free(names);
    return code;
}

static const struct {
    const char *name;
    bearerd_code (*act)(const bearerd_verifier *, const json_t *, outcome *);
} acts[] = {
    {"verify", token},
    {"authorization", authorization},
    {"revoke", revoke},
    {"sign_in", sign_in},
    {"end_session", end_sessions},
    {"change_session", change_sessions},
    {"create_pat", create_pat},
    {"revoke_pat", revoke_pats},
    {"sign", sign},
    {"rotate", rotate},
};

bool verifies(const char *name) { return strcmp(name, "verify") == 0 || strcmp(name, "authorization") == 0; }

bearerd_code act(const bearerd_verifier *verifier, const char *name, const json_t *given, outcome *out) {
    *out = (outcome){.count = -1};
    for (size_t at = 0; at < sizeof acts / sizeof *acts; at++)
        if (strcmp(acts[at].name, name) == 0) return acts[at].act(verifier, given, out);
    die(name, "is no step that this program knows");
}
