/* Sign-in, and the session of a token: what it says, how it changes, how it ends. */
#include "sign_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bearerd_verifier *verifier;
static char *json, *sid, *access, *refresh;

static void begin(void) {
    verifier = verifier_of(SIGNS_IN);
    json = signed_in(verifier, "ada", BEARERD_SIGN_IN_PAIR, "{\"position\":\"clerk\",\"modules\":[\"hr\"]}");
    sid = member(json, "sid");
    access = member(json, "access");
    refresh = member(json, "refresh");
}

static void end(void) {
    free(json);
    free(sid);
    free(access);
    free(refresh);
    bearerd_verifier_free(verifier);
}

static void a_sign_in_gives_what_was_asked(void) {
    begin();
    CHECK(strlen(sid) == 43 && strstr(json, "\"expires_at\":") && strstr(json, "\"access_expires_at\":"));
    CHECK_CODE(OK, verify(verifier, access));
    char *alone = signed_in(verifier, "ada", BEARERD_SIGN_IN_ACCESS, NULL);
    CHECK(strstr(alone, "\"access\":") && strstr(alone, "\"refresh\":") == NULL);
    char *none = signed_in(verifier, "ada", BEARERD_SIGN_IN_NONE, NULL);
    CHECK(strstr(none, "\"sid\":") && strstr(none, "\"access\":") == NULL);
    bearerd_text *out = NULL;
    CHECK_CODE(OK, bearerd_sign_in(verifier, "bob", 3, NULL, &out, NULL));
    char *plain = take_text(out);
    CHECK(strstr(plain, "\"access\":") == NULL);
    /* Signed elsewhere with the name of a session, a token belongs to it. */
    char *of_none = member(none, "sid"), claims[128];
    snprintf(claims, sizeof claims, "{\"sub\":\"ada\",\"sid\":\"%s\"}", of_none);
    char *elsewhere = access_token(verifier, claims);
    CHECK_CODE(OK, verify(verifier, elsewhere));
    snprintf(claims, sizeof claims, "{\"sub\":\"bob\",\"sid\":\"%s\"}", of_none);
    char *stolen = access_token(verifier, claims);
    CHECK_CODE(SESSION_ENDED, verify(verifier, stolen));
    CHECK_CACHED(SESSION_ENDED, verifier, stolen, NULL);
    free(of_none);
    free(elsewhere);
    free(stolen);
    free(plain);
    free(none);
    free(alone);
    end();
}

static void the_session_of_a_token(void) {
    begin();
    bearerd_claims *claims = claims_of(verifier, access);
    bearerd_session *session = NULL;
    bearerd_session_state state = {.size = sizeof state};
    CHECK_CODE(OK, bearerd_claims_session(claims, &session));
    CHECK_CODE(OK, bearerd_session_view(session, &state));
    CHECK_TEXT("ada", state.subject);
    CHECK_TEXT("{\"position\":\"clerk\",\"modules\":[\"hr\"]}", state.attributes);
    CHECK(strcmp(state.sid, sid) == 0);
    CHECK(state.version != 0 && state.version == bearerd_session_version(session));
    CHECK(state.created_at == state.renewed_at);
    CHECK_INT(7 * 86400, state.expires_at - state.created_at);
    bearerd_str value;
    CHECK_CODE(OK, bearerd_session_borrow_value(session, "position", 8, &value));
    CHECK_TEXT("\"clerk\"", value);
    CHECK_CODE(OK, bearerd_session_borrow_value(session, "modules", 7, &value));
    CHECK_TEXT("[\"hr\"]", value);
    CHECK_CODE(NO_SUCH_CLAIM, bearerd_session_borrow_value(session, "floor", 5, &value));
    CHECK(value.len == 0);
    bearerd_text *text = NULL;
    CHECK_CODE(OK, bearerd_session_json(session, &text));
    CHECK(said(take_text(text), "\"attributes\":{\"position\":\"clerk\",\"modules\":[\"hr\"]}"));
    /* It outlives claims and verifier. */
    bearerd_claims_free(claims);
    end();
    CHECK_TEXT("ada", state.subject);
    bearerd_session_free(session);
}

/* The token is cached and stays what it is; what it comes with is asked for anew, also of claims
 * that somebody has kept. */
static void a_changed_attribute_comes_with_a_cached_token(void) {
    begin();
    bearerd_claims *kept = claims_of(verifier, access);
    bearerd_slot slot;
    bearerd_session *before = session_of(verifier, access), *again = session_of(verifier, access), *after = NULL;
    CHECK(bearerd_session_version(before) == bearerd_session_version(again));
    CHECK_CODE(OK, change(verifier, sid, "{\"position\":\"lead\"}"));
    CHECK_CODE(OK, bearerd_lookup_slot(verifier, access, strlen(access), NULL, &slot, NULL));
    CHECK(slot.generation == bearerd_claims_id(kept) && slot.was_cached == 1);
    CHECK_CODE(OK, bearerd_claims_session(kept, &after));
    CHECK(bearerd_session_version(before) != bearerd_session_version(after));
    bearerd_str value;
    CHECK_CODE(OK, bearerd_session_borrow_value(after, "position", 8, &value));
    CHECK_TEXT("\"lead\"", value);
    CHECK_CODE(OK, bearerd_session_borrow_value(before, "position", 8, &value));
    CHECK_TEXT("\"clerk\"", value);
    bearerd_session_free(before);
    bearerd_session_free(again);
    bearerd_session_free(after);
    bearerd_claims_free(kept);
    end();
}

/* A token that no cache keeps has its session all the same. */
static void without_a_cache(void) {
    bearerd_verifier *none = verifier_of(SIGNS_IN "cache = { max_entries = 0 }\n");
    char *of_none = signed_in(none, "ada", BEARERD_SIGN_IN_ACCESS, "{\"floor\":1}"), *token = member(of_none, "access");
    char *name = member(of_none, "sid");
    CHECK_UNCACHED(OK, none, token, NULL);
    CHECK(said(attributes_of(none, token), "{\"floor\":1}"));
    CHECK_CODE(OK, change(none, name, "{\"floor\":2}"));
    CHECK(said(attributes_of(none, token), "{\"floor\":2}"));
    CHECK_CODE(OK, end_session(none, name));
    CHECK_UNCACHED(SESSION_ENDED, none, token, NULL);
    free(of_none);
    free(token);
    free(name);
    bearerd_verifier_free(none);
}

/* Who has no sessions gets none, and no error. */
static void without_sessions(void) {
    begin();
    bearerd_verifier *plain = verifier_of(SHARED_SECRET);
    char *token = access_token(plain, "{\"sub\":\"ada\"}"), *made = pat_of(verifier, "ada", NULL), *pat = member(made, "token");
    bearerd_session *session = NULL;
    bearerd_claims *claims = claims_of(plain, token);
    CHECK_CODE(OK, bearerd_claims_session(claims, &session));
    CHECK(session == NULL);
    bearerd_claims_free(claims);
    claims = claims_of(verifier, pat);
    CHECK_CODE(OK, bearerd_claims_session(claims, &session));
    CHECK(session == NULL);
    bearerd_claims_free(claims);
    bearerd_error error = {sizeof error, 0, ""};
    bearerd_text *out = NULL;
    CHECK_CODE(VALIDATION_ERROR, bearerd_sign_in(plain, "ada", 3, NULL, &out, &error));
    CHECK(out == NULL && strstr(error.message, "sessions") != NULL);
    CHECK_CODE(VALIDATION_ERROR, end_session(plain, sid));
    free(token);
    free(made);
    free(pat);
    bearerd_verifier_free(plain);
    end();
}

static void getting_and_listing(void) {
    begin();
    bearerd_text *out = NULL;
    char *second = signed_in(verifier, "ada", BEARERD_SIGN_IN_NONE, NULL), *other = member(second, "sid");
    CHECK_CODE(OK, bearerd_sessions_get(verifier, str("api"), sid, 43, &out, NULL));
    CHECK(said(take_text(out), "\"subject\":\"ada\""));
    CHECK_CODE(OK, bearerd_sessions_list(verifier, NOTHING, "ada", 3, &out, NULL));
    char *list = take_text(out);
    CHECK(strstr(list, sid) != NULL && strstr(list, other) != NULL && strstr(list, sid) < strstr(list, other));
    free(list);
    CHECK_CODE(OK, bearerd_sessions_list(verifier, NOTHING, "bob", 3, &out, NULL));
    CHECK(said(take_text(out), "{\"sessions\":[]}"));
    CHECK_CODE(OK, end_session(verifier, sid));
    CHECK_CODE(OK, bearerd_sessions_get(verifier, NOTHING, sid, 43, &out, NULL));
    CHECK(said(take_text(out), "{\"session\":null}"));
    free(second);
    free(other);
    end();
}

static void ending(void) {
    begin();
    char *second = signed_in(verifier, "ada", BEARERD_SIGN_IN_ACCESS, NULL), *other = member(second, "sid");
    char *token = member(second, "access");
    size_t ended = 7;
    CHECK_CODE(OK, verify(verifier, access));
    CHECK_CODE(OK, verify(verifier, token));
    CHECK_CODE(OK, bearerd_sessions_end_all(verifier, NOTHING, "ada", 3, str(other), &ended, NULL));
    CHECK_INT(1, ended);
    CHECK_CACHED(SESSION_ENDED, verifier, access, NULL);
    CHECK_CACHED(OK, verifier, token, NULL);
    CHECK_CODE(OK, bearerd_sessions_end(verifier, NOTHING, sid, 43, &ended, NULL));
    CHECK_INT(0, ended);
    CHECK_CODE(OK, bearerd_sessions_end(verifier, NOTHING, other, 43, &ended, NULL));
    CHECK_INT(1, ended);
    CHECK_CACHED(SESSION_ENDED, verifier, token, NULL);
    CHECK_CODE(OK, bearerd_sessions_end_all(verifier, NOTHING, "ada", 3, NOTHING, NULL, NULL));
    free(second);
    free(other);
    free(token);
    end();
}

static void changing_all_of_a_user(void) {
    begin();
    char *second = signed_in(verifier, "ada", BEARERD_SIGN_IN_ACCESS, NULL), *token = member(second, "access");
    bearerd_text *out = NULL;
    CHECK_CODE(OK, bearerd_sessions_change_all(verifier, NOTHING, "ada", 3, str("{\"floor\":2}"), str("[\"modules\"]"), &out, NULL));
    bearerd_text_free(out);
    CHECK(said(attributes_of(verifier, access), "{\"position\":\"clerk\",\"floor\":2}"));
    CHECK(said(attributes_of(verifier, token), "{\"floor\":2}"));
    free(second);
    free(token);
    end();
}

static void rotation_and_revocation_go_by_the_session(void) {
    begin();
    bearerd_text *out = NULL;
    CHECK_CODE(OK, bearerd_rotate(verifier, refresh, strlen(refresh), NULL, &out, NULL));
    char *next = take_text(out), *successor = member(next, "access"), *spent = member(next, "refresh");
    CHECK(said(attributes_of(verifier, successor), "clerk"));
    CHECK_CODE(OK, bearerd_revoke_token(verifier, NOTHING, spent, strlen(spent), NULL));
    bearerd_code code = verify(verifier, successor);
    CHECK(code == BEARERD_SESSION_ENDED || code == BEARERD_REVOKED);
    CHECK_CODE(OK, bearerd_sessions_get(verifier, NOTHING, sid, 43, &out, NULL));
    CHECK(said(take_text(out), "{\"session\":null}"));
    free(next);
    free(successor);
    free(spent);
    end();
}

static bearerd_code opened(const char *subject, const bearerd_sign_in_opts *opts) {
    bearerd_text *out = (bearerd_text *)(uintptr_t)1;
    bearerd_code code = bearerd_sign_in(verifier, subject, subject ? strlen(subject) : 0, opts, &out, NULL);
    CHECK((out != NULL) == (code == BEARERD_OK));
    bearerd_text_free(out);
    return code;
}

static void what_is_wrong_is_refused(void) {
    static const char *const objects[] = {"", "[]", "{", "1", "null", "{\"a\":1,\"a\":2}", "{\"a\":\"\\ud800\"}"};
    static const char *const spans[] = {"", "soon", "-1", "0", "1e9"};
    static const char *const names[] = {"", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", "'; drop table"};
    begin();
    bearerd_text *out = NULL;
    CHECK_CODE(VALIDATION_ERROR, opened(NULL, NULL));
    CHECK_CODE(VALIDATION_ERROR, opened("", NULL));
    bearerd_sign_in_opts opts;
    for (size_t at = 0; at < sizeof objects / sizeof *objects; at++) {
        opts = sign_in_opts(0);
        opts.attributes = str(objects[at]);
        CHECK_CODE(VALIDATION_ERROR, opened("ada", &opts));
        opts = sign_in_opts(BEARERD_SIGN_IN_ACCESS);
        opts.claims = str(objects[at]);
        CHECK_CODE(VALIDATION_ERROR, opened("ada", &opts));
        CHECK_CODE(VALIDATION_ERROR, change(verifier, sid, objects[at]));
    }
    for (size_t at = 0; at < sizeof spans / sizeof *spans; at++) {
        opts = sign_in_opts(BEARERD_SIGN_IN_ACCESS);
        opts.ttl = str(spans[at]);
        CHECK_CODE(VALIDATION_ERROR, opened("ada", &opts));
        opts = sign_in_opts(0);
        opts.lifetime = str(spans[at]);
        CHECK_CODE(VALIDATION_ERROR, opened("ada", &opts));
    }
    opts = sign_in_opts(0);
    opts.lifetime = str("none");
    CHECK_CODE(VALIDATION_ERROR, opened("ada", &opts));
    for (uint32_t kind = 3; kind < 6; kind++) {
        opts = sign_in_opts(kind);
        CHECK_CODE(VALIDATION_ERROR, opened("ada", &opts));
    }
    opts = sign_in_opts(BEARERD_SIGN_IN_ACCESS);
    opts.claims = str("{\"sid\":\"mine\"}");
    CHECK_CODE(VALIDATION_ERROR, opened("ada", &opts));
    opts = sign_in_opts(0);
    opts.profile = str("nobody");
    CHECK_CODE(VALIDATION_ERROR, opened("ada", &opts));
    opts.profile = str("");
    CHECK_CODE(VALIDATION_ERROR, opened("ada", &opts));
    for (size_t at = 0; at < sizeof names / sizeof *names; at++) {
        CHECK_CODE(VALIDATION_ERROR, end_session(verifier, names[at]));
        CHECK_CODE(VALIDATION_ERROR, bearerd_sessions_get(verifier, NOTHING, names[at], strlen(names[at]), &out, NULL));
        CHECK_CODE(VALIDATION_ERROR, bearerd_sessions_end_all(verifier, NOTHING, "ada", 3, str(names[at]), NULL, NULL));
        CHECK_CODE(VALIDATION_ERROR, change(verifier, names[at], "{}"));
    }
    CHECK_CODE(VALIDATION_ERROR, bearerd_sessions_list(verifier, NOTHING, NULL, 0, &out, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_sessions_end_all(verifier, NOTHING, "", 0, NOTHING, NULL, NULL));
    CHECK_CODE(VALIDATION_ERROR,
               bearerd_sessions_change(verifier, NOTHING, sid, 43, str("{\"a\":1}"), str("[\"a\"]"), &out, NULL));
    CHECK_CODE(VALIDATION_ERROR, bearerd_sessions_change(verifier, NOTHING, sid, 43, NOTHING, str("[1]"), &out, NULL));
    CHECK_CODE(INVALID_UTF8, bearerd_sessions_list(verifier, NOTHING, "\xff", 1, &out, NULL));
    CHECK_CODE(INVALID_UTF8, bearerd_sessions_get(verifier, NOTHING, "\xff", 1, &out, NULL));
    CHECK_CODE(INVALID_UTF8, bearerd_sign_in(verifier, "\xff", 1, NULL, &out, NULL));
    /* Of all that, nothing was opened or ended. */
    CHECK_CODE(OK, bearerd_sessions_list(verifier, NOTHING, "ada", 3, &out, NULL));
    char *list = take_text(out), *first = strstr(list, "\"sid\"");
    CHECK(first != NULL && strstr(first + 1, "\"sid\"") == NULL);
    free(list);
    CHECK_CODE(OK, verify(verifier, access));
    end();
}

int main(void) {
    TEST(a_sign_in_gives_what_was_asked);
    TEST(the_session_of_a_token);
    TEST(a_changed_attribute_comes_with_a_cached_token);
    TEST(without_a_cache);
    TEST(without_sessions);
    TEST(getting_and_listing);
    TEST(ending);
    TEST(changing_all_of_a_user);
    TEST(rotation_and_revocation_go_by_the_session);
    TEST(what_is_wrong_is_refused);
    return verdict();
}
