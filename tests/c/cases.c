/* Replays the cases that every language replays: tests/vectors/cases.json. */
#include "fixture.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* One spelling of a value: equal values have equal texts, and 1 is not 1.0 unless both are. */
static char *spelled(const json_t *value) {
    return json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
}

static bearerd_str text_of(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    return value == NULL ? NOTHING : (bearerd_str){json_string_value(value), json_string_length(value)};
}

/* The guard that a step asks for; one that is refused gives the step its code. */
static bearerd_code guard_for(const bearerd_verifier *verifier, const json_t *step, bearerd_guard **out) {
    const json_t *guard = json_object_get(step, "guard");
    *out = NULL;
    if (guard == NULL) return BEARERD_OK;
    if (json_is_string(guard))
        return bearerd_guard_named(verifier, json_string_value(guard), json_string_length(guard), out, NULL);
    char *rule = spelled(guard);
    bearerd_code code = bearerd_guard_new(rule, strlen(rule), out, NULL);
    free(rule);
    return code;
}

/* A token alone, or the value of a header. Then again: a hit says what the first call said. */
static bearerd_code verified(const bearerd_verifier *verifier, const json_t *step, bool header, bearerd_claims **claims) {
    bearerd_guard *guard;
    bearerd_code refused = guard_for(verifier, step, &guard);
    if (refused != BEARERD_OK) return refused;
    bearerd_str token = text_of(step, header ? "value" : "token");
    bearerd_verify_opts opts = verify_opts();
    opts.profile = text_of(step, "profile");
    opts.audience = text_of(step, "audience");
    opts.device = text_of(step, "device");
    opts.guard = guard;
    bearerd_code code = header ? bearerd_verify_authorization(verifier, token.ptr, token.len, &opts, claims, NULL)
                               : bearerd_verify(verifier, token.ptr, token.len, &opts, claims, NULL);
    bearerd_claims *again = NULL;
    bearerd_code second = header ? bearerd_verify_authorization(verifier, token.ptr, token.len, &opts, &again, NULL)
                                 : bearerd_verify(verifier, token.ptr, token.len, &opts, &again, NULL);
    CHECK_INT(code, second);
    bearerd_claims_free(again);
    bearerd_guard_free(guard);
    return code;
}

static bearerd_code revoked(const bearerd_verifier *verifier, const json_t *step) {
    bearerd_str profile = text_of(step, "profile"), value = text_of(step, "handle");
    if (value.ptr != NULL) return bearerd_revoke_handle(verifier, profile, value.ptr, value.len, NULL);
    value = text_of(step, "token");
    if (value.ptr != NULL) return bearerd_revoke_token(verifier, profile, value.ptr, value.len, NULL);
    value = text_of(step, "subject");
    const json_t *before = json_object_get(step, "issued_before");
    int64_t at = before != NULL ? json_integer_value(before) : INT64_MIN;
    return bearerd_revoke_subject(verifier, profile, value.ptr, value.len, at, NULL);
}

static bool same_claims(const bearerd_claims *claims, const json_t *wanted) {
    bearerd_str json = NOTHING;
    json_error_t error;
    bearerd_claims_borrow_json(claims, &json);
    json_t *got = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    char *one = got ? spelled(got) : NULL, *two = spelled(wanted);
    bool same = one != NULL && strcmp(one, two) == 0;
    if (!same) fprintf(stderr, "    wanted %s\n    got    %s\n", two, one ? one : error.text);
    free(one);
    free(two);
    json_decref(got);
    return same;
}

static void step(const bearerd_verifier *verifier, const json_t *what) {
    static const char *const verbs[] = {"verify", "authorization", "revoke"};
    bearerd_claims *claims = NULL;
    int verb = 0;
    while (verb < 3 && json_object_get(what, verbs[verb]) == NULL) verb++;
    if (verb == 3) die("a step", "of no kind that this program knows");
    const json_t *given = json_object_get(what, verbs[verb]), *wanted = json_object_get(what, "claims");
    bearerd_code code = verb == 2 ? revoked(verifier, given) : verified(verifier, given, verb == 1, &claims);
    const char *name = json_string_value(json_object_get(what, "code"));
    CHECK_TEXT(name, bearerd_code_name(code));
    CHECK((claims != NULL) == (verb != 2 && code == BEARERD_OK));
    if (wanted != NULL && claims != NULL) CHECK(same_claims(claims, wanted));
    bearerd_claims_free(claims);
}

int main(int count, char **arguments) {
    json_error_t error;
    if (count != 2) die("usage", "cases CASES");
    json_t *document = json_load_file(arguments[1], JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error), *one, *what;
    if (document == NULL) die(arguments[1], error.text);
    json_t *configurations = json_object_get(document, "configurations");
    size_t at, turn, passed = 0, cases = json_array_size(json_object_get(document, "cases"));
    json_array_foreach(json_object_get(document, "cases"), at, one) {
        int before = failures();
        /* Those with state are not read here yet. */
        if (json_is_true(json_object_get(one, "state"))) {
            cases--;
            continue;
        }
        char *config = spelled(json_object_get(configurations, json_string_value(json_object_get(one, "configuration"))));
        bearerd_verifier *verifier = verifier_of(config);
        json_array_foreach(json_object_get(one, "steps"), turn, what) {
            int so_far = failures();
            step(verifier, what);
            if (failures() > so_far) fprintf(stderr, "    in step %zu\n", turn + 1);
        }
        bearerd_verifier_free(verifier);
        free(config);
        if (failures() == before) passed++;
        else printf("FAILED %s\n", json_string_value(json_object_get(one, "name")));
    }
    CHECK(cases > 100);
    printf("%s %zu of %zu shared cases\n", passed == cases && cases > 100 ? "ok    " : "FAILED", passed, cases);
    json_decref(document);
    return verdict();
}
