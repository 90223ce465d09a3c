/* Replays the cases that every language replays: tests/vectors/cases.json. */
#include "acts.h"
#include "fixture.h"
#include "kept.h"

#include <stdio.h>
#include <string.h>

static bool same(const char *what, const json_t *got, const json_t *expected, const json_t *kept) {
    json_t *wanted = filled(expected, kept, got);
    char *one = got ? spelled(got) : NULL, *two = spelled(wanted);
    bool same = one != NULL && strcmp(one, two) == 0;
    if (!same) fprintf(stderr, "    %s\n    wanted %s\n    got    %s\n", what, two, one ? one : "nothing");
    free(one);
    free(two);
    json_decref(wanted);
    return same;
}

static void check_claims(const bearerd_claims *claims, const json_t *step, const json_t *kept) {
    bearerd_str text = NOTHING;
    const char *name;
    json_t *expected = json_object_get(step, "claims"), *value;
    bearerd_claims_borrow_json(claims, &text);
    json_t *all = parsed(text);
    if (expected != NULL) CHECK(same("claims", all, expected, kept));
    json_object_foreach(json_object_get(step, "claims_have"), name, value)
        CHECK(same(name, json_object_get(all, name), value, kept));
    json_decref(all);
}

/* Where there is nothing to tell, null is expected. */
static void check_context(const bearerd_claims *claims, const json_t *expected, const json_t *kept) {
    bearerd_text *text = NULL;
    CHECK_CODE(OK, bearerd_claims_context(claims, &text));
    json_t *context = text ? parsed(bearerd_text_borrow(text)) : json_null();
    CHECK(same("context", context, expected, kept));
    json_decref(context);
    bearerd_text_free(text);
}

/* What came of a step that is accepted, against what is beside its code. */
static void check_outcome(const outcome *out, const json_t *step, json_t *kept) {
    const json_t *count = json_object_get(step, "count"), *context = json_object_get(step, "context");
    const char *member;
    json_t *name;
    if (out->claims != NULL) check_claims(out->claims, step, kept);
    if (out->claims != NULL && context != NULL) check_context(out->claims, context, kept);
    if (count != NULL) CHECK_INT(json_integer_value(count), out->count);
    json_object_foreach(json_object_get(step, "as"), member, name) {
        json_t *text = json_object_get(out->answer, member);
        if (CHECK(json_is_string(text))) json_object_set(kept, json_string_value(name), text);
    }
}

/* The one member that is not about what comes of it. */
static const char *act_of(const json_t *step) {
    static const char *const beside[] = {"code", "claims", "claims_have", "context", "count", "as"};
    const char *found = NULL;
    for (void *at = json_object_iter((json_t *)step); at; at = json_object_iter_next((json_t *)step, at)) {
        const char *name = json_object_iter_key(at);
        size_t row = 0;
        while (row < sizeof beside / sizeof *beside && strcmp(beside[row], name) != 0) row++;
        if (row < sizeof beside / sizeof *beside) continue;
        if (found != NULL) die(name, "stands beside another step");
        found = name;
    }
    if (found == NULL) die("a step", "does nothing");
    return found;
}

/* A verification twice: a hit says what the first call said. */
static void run_step(const bearerd_verifier *verifier, const json_t *step, json_t *kept) {
    const char *name = act_of(step), *wanted = json_string_value(json_object_get(step, "code"));
    json_t *given = filled(json_object_get(step, name), kept, NULL);
    for (int time = 0; time < (verifies(name) ? 2 : 1); time++) {
        outcome out;
        bearerd_code code = act(verifier, name, given, &out);
        CHECK_TEXT(wanted, bearerd_code_name(code));
        CHECK((out.claims != NULL) == (verifies(name) && code == BEARERD_OK));
        if (code == BEARERD_OK && strcmp(wanted, "OK") == 0) check_outcome(&out, step, kept);
        bearerd_claims_free(out.claims);
        json_decref(out.answer);
    }
    json_decref(given);
}

static void run_case(const json_t *one, const json_t *configurations) {
    char *config = spelled(json_object_get(configurations, json_string_value(json_object_get(one, "configuration"))));
    bearerd_verifier *verifier = verifier_of(config);
    json_t *kept = json_object(), *step;
    size_t turn;
    json_array_foreach(json_object_get(one, "steps"), turn, step) {
        int so_far = failures();
        run_step(verifier, step, kept);
        if (failures() > so_far) fprintf(stderr, "    in step %zu\n", turn);
    }
    json_decref(kept);
    bearerd_verifier_free(verifier);
    free(config);
}

int main(int count, char **arguments) {
    json_error_t error;
    if (count != 2) die("usage", "cases CASES");
    json_t *document = json_load_file(arguments[1], JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error), *one;
    if (document == NULL) die(arguments[1], error.text);
    size_t at, passed = 0, with_state = 0, cases = json_array_size(json_object_get(document, "cases"));
    json_array_foreach(json_object_get(document, "cases"), at, one) {
        int before = failures();
        run_case(one, json_object_get(document, "configurations"));
        if (json_is_true(json_object_get(one, "state"))) with_state++;
        if (failures() == before) passed++;
        else printf("FAILED %s\n", json_string_value(json_object_get(one, "name")));
    }
    bool whole = CHECK(cases > 200) && CHECK(with_state > 30);
    printf("%s %zu of %zu shared cases\n", passed == cases && whole ? "ok    " : "FAILED", passed, cases);
    json_decref(document);
    return verdict();
}
