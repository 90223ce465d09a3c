/* What a token comes with beside its claims, and what the routes ask of a request. */
#include "sign_in.h"

#include <stdlib.h>
#include <string.h>

#define ROUTES                                                 \
    "routes = [\n"                                             \
    "  { path = '/docs/*', public = true },\n"                 \
    "  { path = '/api/*', token = true },\n"                   \
    "  { path = '/api/orders/*', methods = ['GET'], guard = 'readers' },\n" \
    "]\n"                                                      \
    "[guards.readers]\n"                                       \
    "scopes = ['read']\n"
#define OF_SESSION "permissions = { from = 'session', grants = 'rights', level = 'level', data_scope = { all = [1] } }\n"

static char *context_of(const bearerd_claims *claims) {
    bearerd_text *out = NULL;
    CHECK_CODE(OK, bearerd_claims_context(claims, &out));
    return out == NULL ? NULL : take_text(out);
}

static char *context_with(const bearerd_verifier *verifier, const char *token) {
    bearerd_claims *claims = claims_of(verifier, token);
    char *context = context_of(claims);
    bearerd_claims_free(claims);
    return context;
}

static void nothing_to_tell(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    char *token = access_token(verifier, "{\"sub\":\"ada\"}");
    CHECK(context_with(verifier, token) == NULL);
    free(token);
    bearerd_verifier_free(verifier);
}

static void permissions_by_claims(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET "[profiles.api.permissions]\n"
                                                           "grants = 'rights'\n"
                                                           "level = 'level'\n"
                                                           "bypass_levels = [0]\n"
                                                           "data_scope = { all = [1] }\n");
    char *head = access_token(verifier, "{\"sub\":\"ada\",\"rights\":[],\"level\":1}");
    char *root = access_token(verifier, "{\"sub\":\"ada\",\"rights\":[],\"level\":0}");
    for (int time = 0; time < 2; time++) {
        CHECK(said(context_with(verifier, head), "{\"permission\":{\"data_scope\":\"all\",\"bypass\":false}}"));
        CHECK(said(context_with(verifier, root), "{\"permission\":{\"data_scope\":\"all\",\"bypass\":true}}"));
    }
    free(head);
    free(root);
    bearerd_verifier_free(verifier);
}

/* Attributes change, the token stays, and so do claims that somebody has kept: what they come with
 * is new. */
static void permissions_by_the_session(void) {
    bearerd_verifier *verifier = verifier_of(SIGNS_IN OF_SESSION);
    char *json = signed_in(verifier, "ada", BEARERD_SIGN_IN_ACCESS, "{\"rights\":[\"a.b\"],\"level\":2}");
    char *sid = member(json, "sid"), *access = member(json, "access");
    bearerd_claims *kept = claims_of(verifier, access);
    char *before = context_of(kept);
    CHECK(strncmp(before, "{\"session\":{\"id\":\"", 18) == 0 && strstr(before, sid));
    CHECK(strstr(before, "\"attributes\":{\"rights\":[\"a.b\"],\"level\":2},\"expires_at\":"));
    CHECK(strstr(before, ",\"permission\":{\"data_scope\":\"self\",\"bypass\":false}}"));
    CHECK_CODE(OK, change(verifier, sid, "{\"level\":1}"));
    CHECK_CODE(OK, verify(verifier, access));
    char *after = context_of(kept);
    CHECK(strstr(after, "\"level\":1}") && strstr(after, ",\"permission\":{\"data_scope\":\"all\""));
    bearerd_claims_free(kept);
    free(before);
    free(after);
    free(access);
    free(sid);
    free(json);
    bearerd_verifier_free(verifier);
}

static bearerd_code find(const bearerd_verifier *verifier, const char *method, const char *target, bearerd_route *out) {
    *out = (bearerd_route){.size = sizeof *out, .access = 77, .guard = str("dirty")};
    bearerd_str of = method == NULL ? NOTHING : str(method);
    return bearerd_route_find(verifier, of, str(target), out, NULL);
}

static void routes(void) {
    bearerd_verifier *verifier = verifier_of(ROUTES SHARED_SECRET);
    bearerd_route route;
    CHECK_CODE(OK, find(verifier, "GET", "/docs/a?b", &route));
    CHECK(route.access == BEARERD_ACCESS_PUBLIC && route.guard.len == 0);
    CHECK_CODE(OK, find(verifier, NULL, "/api/carts", &route));
    CHECK(route.access == BEARERD_ACCESS_TOKEN && route.guard.len == 0);
    CHECK_CODE(OK, find(verifier, "HEAD", "/api/%6frders/7", &route));
    CHECK(route.access == BEARERD_ACCESS_GUARD);
    CHECK_TEXT("readers", route.guard);
    bearerd_guard *guard = NULL;
    CHECK_CODE(OK, bearerd_guard_named(verifier, route.guard.ptr, route.guard.len, &guard, NULL));
    bearerd_guard_free(guard);
    const char *refused[] = {"/", "//docs/a", "/docs/../api/carts", "/docs/%2e%2e/api", "/docs;/a", "/docs%2fa", "/DOCS/a",
                             "docs/a", "", "/docs/\xff", "/docs/\xc3\xa4"};
    for (size_t at = 0; at < sizeof refused / sizeof *refused; at++) {
        CHECK_CODE(FORBIDDEN, find(verifier, "GET", refused[at], &route));
        CHECK(route.access == 0 && route.guard.len == 0);
    }
    CHECK_CODE(FORBIDDEN, find(verifier, "POST", "/api/orders/7", &route));
    CHECK_CODE(FORBIDDEN, find(verifier, NULL, "/api/orders/7", &route));
    CHECK_CODE(FORBIDDEN, find(verifier, "\xff", "/docs/a", &route));
    bearerd_error error = {.size = sizeof error};
    bearerd_verifier *none = verifier_of(SHARED_SECRET);
    CHECK_CODE(VALIDATION_ERROR, bearerd_route_find(none, str("GET"), str("/docs/a"), &route, &error));
    CHECK(strstr(error.message, "routes") != NULL);
    route.size = 4;
    CHECK_CODE(ABI_MISMATCH, bearerd_route_find(verifier, str("GET"), str("/docs/a"), &route, NULL));
    bearerd_verifier_free(none);
    bearerd_verifier_free(verifier);
}

int main(void) {
    TEST(nothing_to_tell);
    TEST(permissions_by_claims);
    TEST(permissions_by_the_session);
    TEST(routes);
    return verdict();
}
