/* One state that several have: two verifiers, a sidecar, and the child of a fork. */
#include "child.h"
#include "remote.h"
#include "sidecar.h"
#include "sign_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char folder[64], config[1024];
static const char *program;
static bearerd_verifier *one, *two;
static char *sid, *session_token, *pat, *id;

static void begin(void) {
    strcpy(folder, "/tmp/bearerd-shared-XXXXXX");
    if (mkdtemp(folder) == NULL) die("mkdtemp", "no folder");
    snprintf(config, sizeof config, "state = 'sqlite:%s/state.db'\n" SIGNS_IN, folder);
    one = verifier_of(config);
    two = verifier_of(config);
    char *json = signed_in(one, "ada", BEARERD_SIGN_IN_ACCESS, "{\"floor\":1}");
    sid = member(json, "sid");
    session_token = member(json, "access");
    free(json);
    json = pat_of(one, "ada", NULL);
    pat = member(json, "token");
    id = member(json, "id");
    free(json);
}

static void end(void) {
    char command[128];
    bearerd_verifier_free(one);
    bearerd_verifier_free(two);
    free(sid);
    free(session_token);
    free(pat);
    free(id);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0) die("rm", folder);
}

/* Asks until the session of the token says so, or twenty seconds are over. */
static bool comes_to_say(const bearerd_verifier *verifier, const char *attributes) {
    const struct timespec pause = {0, 2000000};
    double deadline = seconds() + 20;
    while (seconds() < deadline) {
        char *now = attributes_of(verifier, session_token);
        bool same = strcmp(now, attributes) == 0;
        free(now);
        if (same) return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

static void two_verifiers(void) {
    begin();
    CHECK_CODE(OK, verify(two, session_token));
    CHECK_CODE(OK, verify(two, pat));
    CHECK(said(attributes_of(two, session_token), "{\"floor\":1}"));
    CHECK_CODE(OK, change(one, sid, "{\"floor\":2}"));
    CHECK(comes_to_say(two, "{\"floor\":2}"));
    CHECK_CODE(OK, end_session(two, sid));
    CHECK_CODE(SESSION_ENDED, verify(two, session_token));
    CHECK_CODE(SESSION_ENDED, comes_to(one, session_token, BEARERD_SESSION_ENDED));
    CHECK_CODE(OK, bearerd_pats_revoke(one, NOTHING, id, strlen(id), NULL, NULL));
    CHECK_CODE(REVOKED, verify(one, pat));
    CHECK_CODE(REVOKED, comes_to(two, pat, BEARERD_REVOKED));
    end();
}

static void revocation_reaches_the_other(void) {
    begin();
    char *json = signed_in(one, "bob", BEARERD_SIGN_IN_ACCESS, NULL), *token = member(json, "access");
    CHECK_CODE(OK, verify(two, token));
    CHECK_CODE(OK, bearerd_revoke_token(one, NOTHING, token, strlen(token), NULL));
    CHECK_CODE(REVOKED, comes_to(two, token, BEARERD_REVOKED));
    free(json);
    free(token);
    end();
}

/* What one has written is there for whoever opens the file later. */
static void it_survives(void) {
    begin();
    bearerd_verifier_free(one);
    bearerd_verifier_free(two);
    one = verifier_of(config);
    two = bearerd_verifier_clone(one);
    CHECK_CODE(OK, verify(one, session_token));
    CHECK_CODE(OK, verify(one, pat));
    CHECK(said(attributes_of(one, session_token), "{\"floor\":1}"));
    end();
}

static void in_the_child(void) {
    CHECK_CODE(OK, verify(one, session_token));
    CHECK_CODE(OK, through(LOOK_UP, one, session_token, NULL));
    CHECK_CODE(OK, verify(two, session_token));
    CHECK_CODE(OK, change(one, sid, "{\"floor\":3}"));
    char *json = signed_in(two, "eve", BEARERD_SIGN_IN_ACCESS, NULL), *token = member(json, "access");
    CHECK_CODE(OK, verify(two, token));
    CHECK_CODE(OK, bearerd_pats_revoke(two, NOTHING, id, strlen(id), NULL, NULL));
    CHECK_CODE(REVOKED, verify(two, pat));
    free(json);
    free(token);
    bearerd_verifier_free(one);
    bearerd_verifier_free(two);
    free(sid);
    free(session_token);
    free(pat);
    free(id);
}

static void parent_and_child(void) {
    begin();
    CHECK_CODE(OK, verify(one, session_token));
    CHECK_CODE(OK, verify(two, session_token));
    CHECK_CODE(OK, verify(two, pat));
    in_child(in_the_child, false);
    CHECK(comes_to_say(one, "{\"floor\":3}"));
    CHECK(comes_to_say(two, "{\"floor\":3}"));
    CHECK_CODE(REVOKED, comes_to(one, pat, BEARERD_REVOKED));
    bearerd_text *out = NULL;
    CHECK_CODE(OK, bearerd_sessions_list(one, NOTHING, "eve", 3, &out, NULL));
    CHECK(said(take_text(out), "\"subject\":\"eve\""));
    end();
}

static char *verdict_of_the_sidecar(const char *token) {
    char body[2048];
    snprintf(body, sizeof body, "{\"token\":\"%s\"}", token);
    return sidecar_data("/v1/verify", body);
}

static bool sidecar_comes_to(const char *token, const char *wanted) {
    const struct timespec pause = {0, 2000000};
    double deadline = seconds() + 20;
    while (seconds() < deadline) {
        char *answer = verdict_of_the_sidecar(token);
        bool same = strstr(answer, wanted) != NULL;
        free(answer);
        if (same) return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

static void with_a_sidecar(void) {
    char body[256];
    begin();
    sidecar_start(program, folder, config);
    CHECK(said(verdict_of_the_sidecar(session_token), "\"sub\":\"ada\""));
    CHECK(said(verdict_of_the_sidecar(pat), "\"sub\":\"ada\""));
    /* Opened there, good here; changed there, seen here. */
    char *json = sidecar_control("/v1/sessions", "{\"subject\":\"bob\",\"kind\":\"access\"}");
    char *token = member(json, "access"), *other = member(json, "sid");
    CHECK_CODE(OK, verify(one, token));
    snprintf(body, sizeof body, "{\"sid\":\"%s\",\"set\":{\"floor\":4}}", sid);
    CHECK(said(sidecar_control("/v1/sessions/attributes", body), "{\"floor\":4}"));
    CHECK(comes_to_say(one, "{\"floor\":4}"));
    /* Both show a session alike. */
    bearerd_text *out = NULL;
    snprintf(body, sizeof body, "{\"sid\":\"%s\"}", sid);
    CHECK_CODE(OK, bearerd_sessions_get(one, NOTHING, sid, 43, &out, NULL));
    char *here = take_text(out);
    CHECK(said(sidecar_control("/v1/sessions/get", body), here));
    free(here);
    CHECK_CODE(OK, bearerd_pats_list(one, NOTHING, "ada", 3, NOTHING, &out, NULL));
    here = take_text(out);
    CHECK(strstr(here, id) != NULL);
    free(here);
    /* Ended here, refused there, and the reverse. */
    CHECK_CODE(OK, end_session(one, sid));
    CHECK(sidecar_comes_to(session_token, "SESSION_ENDED"));
    snprintf(body, sizeof body, "{\"sid\":\"%s\"}", other);
    CHECK(said(sidecar_control("/v1/sessions/end", body), "{\"ended\":1}"));
    CHECK_CODE(SESSION_ENDED, comes_to(one, token, BEARERD_SESSION_ENDED));
    CHECK_CODE(OK, bearerd_pats_revoke(one, NOTHING, id, strlen(id), NULL, NULL));
    CHECK(sidecar_comes_to(pat, "REVOKED"));
    sidecar_stop();
    free(json);
    free(token);
    free(other);
    end();
}

int main(int count, char **arguments) {
    if (count != 2) die("usage", "shared SIDECAR");
    program = arguments[1];
    TEST(two_verifiers);
    TEST(revocation_reaches_the_other);
    TEST(it_survives);
    TEST(parent_and_child);
    TEST(with_a_sidecar);
    return verdict();
}
