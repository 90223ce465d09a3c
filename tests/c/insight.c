/* What can be asked: the table of codes, claims one by one, explanations, descriptions, counters. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *golden;

static void versions(void) {
    CHECK_INT(BEARERD_ABI_VERSION, bearerd_abi_version());
    CHECK(bearerd_version().len >= 5);
}

/* Every row of the golden table, and nothing beside it. */
static void the_table_of_codes(void) {
    FILE *file = fopen(golden, "r");
    if (file == NULL) die("cannot read", golden);
    static struct { char name[40]; unsigned status; } rows[70000];
    char line[200];
    int read = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        unsigned number, status;
        char name[40];
        if (sscanf(line, "%u %39s %u", &number, name, &status) != 3) continue;
        strcpy(rows[number].name, name);
        rows[number].status = status;
        read++;
    }
    fclose(file);
    CHECK(read > 30);
    for (bearerd_code code = 0; code < 70000; code++) {
        if (!CHECK_TEXT(rows[code].name, bearerd_code_name(code))) return;
        CHECK_INT(rows[code].status, bearerd_code_status(code));
        CHECK((bearerd_code_message(code).len > 0) == (rows[code].name[0] != 0));
    }
    CHECK(bearerd_code_name(UINT32_MAX).len == 0 && bearerd_code_status(UINT32_MAX) == 0);
}

static void claims_one_by_one(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    char *token = access_token(verifier,
                               "{\"sub\":\"a\\u00e4\\ud83d\\ude00\",\"n\":-9223372036854775808,\"big\":9223372036854775808,"
                               "\"real\":1.5,\"list\":[1, 2],\"yes\":true,\"no\":false,\"nil\":null,\"text\":\"7\",\"\":\"empty\",\"a\\u0062c\":1}");
    bearerd_claims *claims = claims_of(verifier, token);
    bearerd_str text;
    int64_t number;
    bool flag;
    CHECK_CODE(OK, bearerd_claims_borrow_str(claims, "sub", 3, &text));
    CHECK_TEXT("a\xc3\xa4\xf0\x9f\x98\x80", text);
    CHECK_CODE(OK, bearerd_claims_borrow_str(claims, NULL, 0, &text));
    CHECK_TEXT("empty", text);
    CHECK_CODE(NO_SUCH_CLAIM, bearerd_claims_borrow_str(claims, "su", 2, &text));
    CHECK(text.len == 0);
    CHECK_CODE(NO_SUCH_CLAIM, bearerd_claims_borrow_str(claims, "subject", 7, &text));
    CHECK_CODE(WRONG_CLAIM_TYPE, bearerd_claims_borrow_str(claims, "n", 1, &text));
    CHECK_CODE(WRONG_CLAIM_TYPE, bearerd_claims_borrow_str(claims, "nil", 3, &text));
    CHECK_CODE(OK, bearerd_claims_int(claims, "n", 1, &number));
    CHECK(number == INT64_MIN);
    CHECK_CODE(OK, bearerd_claims_int(claims, "abc", 3, &number));
    CHECK_INT(1, number);
    CHECK_CODE(WRONG_CLAIM_TYPE, bearerd_claims_int(claims, "big", 3, &number));
    CHECK_INT(0, number);
    CHECK_CODE(WRONG_CLAIM_TYPE, bearerd_claims_int(claims, "real", 4, &number));
    CHECK_CODE(WRONG_CLAIM_TYPE, bearerd_claims_int(claims, "text", 4, &number));
    CHECK_CODE(NO_SUCH_CLAIM, bearerd_claims_int(claims, "x", 1, &number));
    CHECK_CODE(OK, bearerd_claims_bool(claims, "yes", 3, &flag));
    CHECK(flag);
    CHECK_CODE(OK, bearerd_claims_bool(claims, "no", 2, &flag));
    CHECK(!flag);
    CHECK_CODE(WRONG_CLAIM_TYPE, bearerd_claims_bool(claims, "n", 1, &flag));
    CHECK_CODE(NO_SUCH_CLAIM, bearerd_claims_bool(claims, "x", 1, &flag));
    CHECK_CODE(OK, bearerd_claims_borrow_value(claims, "nil", 3, &text));
    CHECK_TEXT("null", text);
    CHECK_CODE(OK, bearerd_claims_borrow_value(claims, "text", 4, &text));
    CHECK_TEXT("\"7\"", text);
    CHECK_CODE(OK, bearerd_claims_borrow_value(claims, "list", 4, &text));
    CHECK(text.len >= 5 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']');
    CHECK_CODE(NO_SUCH_CLAIM, bearerd_claims_borrow_value(claims, "x", 1, &text));
    bearerd_claims_free(claims);
    bearerd_verifier_free(verifier);
    free(token);
}

static void explained(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    char *token = access_token(verifier, "{\"sub\":\"ada\"}");
    bearerd_verify_opts opts = verify_opts();
    bearerd_text *out;
    CHECK_CODE(OK, bearerd_explain(verifier, token, strlen(token), NULL, &out, NULL));
    char *json = take_text(out);
    CHECK(strstr(json, "\"code\":\"OK\"") && strstr(json, "\"status\":200") && strstr(json, "\"profile\":\"api\""));
    free(json);
    opts.audience = str("https://other.example");
    CHECK_CODE(OK, bearerd_explain(verifier, token, strlen(token), &opts, &out, NULL));
    json = take_text(out);
    CHECK(strstr(json, "\"code\":\"INVALID_CLAIM\"") && strstr(json, "\"claim\":\"aud\""));
    CHECK(strstr(json, "https://other.example") && strstr(json, "\"expected\"") && strstr(json, "\"actual\""));
    free(json);
    CHECK_CODE(OK, bearerd_explain(verifier, "nonsense", 8, NULL, &out, NULL));
    json = take_text(out);
    CHECK(strstr(json, "\"code\":\"MALFORMED\"") && strstr(json, "\"status\":401") && strstr(json, "\"reason\""));
    free(json);
    bearerd_verifier_free(verifier);
    free(token);
}

static void described(void) {
    bearerd_verifier *verifier = verifier_of(
        "[profiles.api]\nalgorithms = ['EdDSA']\nkeys = [{ jwk = '" PRIVATE_ONE "' }]\nsign = {}\n"
        "token_from = ['bearer', 'header:X-Token', 'cookie:sid']\ncache = { max_entries = 64 }\n"
        "[guards.readers]\nscopes = ['read']\n");
    bearerd_text *out;
    CHECK_CODE(OK, bearerd_verifier_describe(verifier, &out, NULL));
    char *json = take_text(out);
    bearerd_stats stats = {.size = sizeof stats};
    CHECK_CODE(OK, bearerd_verifier_stats(verifier, NOTHING, &stats, NULL));
    char slots[40];
    snprintf(slots, sizeof slots, "\"slots\":%u", stats.slots);
    static const char *const parts[] = {
        "\"default_profile\":\"api\"", "\"guards\":[\"readers\"]", "\"algorithms\":[\"EdDSA\"]",
        "\"token_from\":[\"bearer\",\"header:x-token\",\"cookie:sid\"]", "\"signs\":true", "\"rotates\":false"};
    CHECK(strstr(json, slots) != NULL);
    for (size_t at = 0; at < sizeof parts / sizeof *parts; at++)
        if (!CHECK(strstr(json, parts[at]) != NULL)) fprintf(stderr, "    %s in %s\n", parts[at], json);
    CHECK(strstr(json, PRIVATE_ONE_D) == NULL);
    free(json);
    bearerd_verifier_free(verifier);
}

static void counted(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET "[profiles.api.cache]\nmax_entries = 64\n");
    char *token = access_token(verifier, "{\"sub\":\"ada\"}");
    bearerd_stats stats = {.size = sizeof stats};
    for (int call = 0; call < 10; call++) verify(verifier, token);
    verify(verifier, "nonsense");
    CHECK_CODE(OK, bearerd_verifier_stats(verifier, str("api"), &stats, NULL));
    CHECK_INT(9, stats.hits);
    CHECK_INT(2, stats.misses);
    CHECK_INT(1, stats.inserts);
    CHECK_INT(1, stats.entries);
    CHECK_INT(0, stats.evicted);
    CHECK_INT(0, stats.revocations);
    CHECK(stats.bytes > strlen(token) && stats.bytes < 10000);
    CHECK_CODE(OK, bearerd_revoke_handle(verifier, NOTHING, "x", 1, NULL));
    CHECK_CODE(OK, bearerd_verifier_stats(verifier, NOTHING, &stats, NULL));
    CHECK_INT(1, stats.revocations);
    CHECK_CODE(VALIDATION_ERROR, bearerd_verifier_stats(verifier, str("nobody"), &stats, NULL));
    CHECK(stats.size == sizeof stats && stats.revocations == 0 && stats.slots == 0);
    bearerd_verifier_free(verifier);
    free(token);
}

int main(int count, char **arguments) {
    if (count != 2) die("usage", "insight CODES");
    golden = arguments[1];
    TEST(versions);
    TEST(the_table_of_codes);
    TEST(claims_one_by_one);
    TEST(explained);
    TEST(described);
    TEST(counted);
    return verdict();
}
