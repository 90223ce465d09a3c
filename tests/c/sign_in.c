#include "sign_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bearerd_sign_in_opts sign_in_opts(uint32_t kind) {
    return (bearerd_sign_in_opts){.size = sizeof(bearerd_sign_in_opts), .kind = kind};
}

char *signed_in(const bearerd_verifier *verifier, const char *subject, uint32_t kind, const char *attributes) {
    bearerd_error error = {sizeof error, 0, ""};
    bearerd_sign_in_opts opts = sign_in_opts(kind);
    bearerd_text *out = NULL;
    opts.attributes = attributes ? str(attributes) : NOTHING;
    if (bearerd_sign_in(verifier, subject, strlen(subject), &opts, &out, &error) != BEARERD_OK)
        die("bearerd_sign_in", error.message);
    return take_text(out);
}

char *pat_of(const bearerd_verifier *verifier, const char *subject, const char *scopes) {
    bearerd_error error = {sizeof error, 0, ""};
    bearerd_pat_opts opts = {.size = sizeof opts, .scopes = scopes ? str(scopes) : NOTHING};
    bearerd_text *out = NULL;
    if (bearerd_pats_create(verifier, subject, strlen(subject), &opts, &out, &error) != BEARERD_OK)
        die("bearerd_pats_create", error.message);
    return take_text(out);
}

bearerd_session *session_of(const bearerd_verifier *verifier, const char *token) {
    bearerd_claims *claims = claims_of(verifier, token);
    bearerd_session *session = NULL;
    if (bearerd_claims_session(claims, &session) != BEARERD_OK || session == NULL) die("bearerd_claims_session", "no session");
    bearerd_claims_free(claims);
    return session;
}

char *attributes_of(const bearerd_verifier *verifier, const char *token) {
    bearerd_session *session = session_of(verifier, token);
    bearerd_session_state state = {.size = sizeof state};
    bearerd_session_view(session, &state);
    char *attributes = copy_of(state.attributes);
    bearerd_session_free(session);
    return attributes;
}

bearerd_code end_session(const bearerd_verifier *verifier, const char *sid) {
    return bearerd_sessions_end(verifier, NOTHING, sid, strlen(sid), NULL, NULL);
}

bearerd_code change(const bearerd_verifier *verifier, const char *sid, const char *set) {
    bearerd_text *out = NULL;
    bearerd_code code = bearerd_sessions_change(verifier, NOTHING, sid, strlen(sid), str(set), NOTHING, &out, NULL);
    bearerd_text_free(out);
    return code;
}

bool said(char *json, const char *text) {
    bool found = strstr(json, text) != NULL;
    if (!found) fprintf(stderr, "    %s is not in %s\n", text, json);
    free(json);
    return found;
}
