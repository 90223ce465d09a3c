/* bearerd_error: what it says, how it is cut, and what it never holds. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bearerd_verifier *verifier;
static char *token;

/* Bytes that no call may touch follow an error that says it is shorter than it is. */
static void short_sizes(void) {
    const size_t head = offsetof(bearerd_error, message);
    for (size_t size = 0; size <= sizeof(bearerd_error); size++) {
        unsigned char memory[sizeof(bearerd_error) + 8];
        memset(memory, 0xa5, sizeof memory);
        bearerd_error *error = (bearerd_error *)(void *)memory;
        error->size = (uint32_t)size;
        error->code = 7;
        bearerd_claims *claims;
        CHECK_CODE(MALFORMED, bearerd_verify(verifier, "nonsense", 8, NULL, &claims, error));
        CHECK_INT(size < head ? 7 : BEARERD_MALFORMED, error->code);
        if (size > head) {
            size_t room = size - head, written = strnlen(error->message, room);
            CHECK(written < room);
            CHECK(strncmp("MALFORMED", error->message, written < 9 ? written : 9) == 0);
        }
        for (size_t at = size < head ? head : size; at < sizeof memory; at++)
            if (!CHECK(memory[at] == 0xa5)) return;
    }
    /* One of a newer header is filled as far as this one goes. */
    struct { bearerd_error error; char tail[16]; } newer;
    memset(&newer, 0xa5, sizeof newer);
    newer.error.size = sizeof newer;
    bearerd_claims *claims;
    CHECK_CODE(MALFORMED, bearerd_verify(verifier, "nonsense", 8, NULL, &claims, &newer.error));
    CHECK(strnlen(newer.error.message, sizeof newer.error.message) < sizeof newer.error.message);
    CHECK((unsigned char)newer.tail[0] == 0xa5 && (unsigned char)newer.tail[15] == 0xa5);
}

static void cleared_by_success(void) {
    bearerd_error error = {sizeof error, 0, ""};
    bearerd_claims *claims;
    CHECK_CODE(MALFORMED, bearerd_verify(verifier, "nonsense", 8, NULL, &claims, &error));
    CHECK(error.message[0] != 0);
    CHECK_CODE(OK, bearerd_verify(verifier, token, strlen(token), NULL, &claims, &error));
    CHECK_INT(BEARERD_OK, error.code);
    CHECK(error.message[0] == 0);
    bearerd_claims_free(claims);
}

/* Never more than fits, never half a character, always an end. */
static void long_and_not_ascii(void) {
    char name[2000] = "";
    for (int at = 0; at < 900; at++) strcat(name, "\xc3\xa4");
    char config[3000];
    snprintf(config, sizeof config, "[profiles.api]\nalgorithms = ['HS256']\n\"%s\" = 1\n", name);
    bearerd_error error = {sizeof error, 0, ""};
    bearerd_verifier *made;
    CHECK_CODE(CONFIG_ERROR, bearerd_verifier_new(config, strlen(config), &made, &error));
    size_t length = strnlen(error.message, sizeof error.message);
    CHECK(length >= sizeof error.message - 2 && length < sizeof error.message);
    CHECK(strncmp(error.message, "CONFIG_ERROR: ", 14) == 0);
    CHECK((unsigned char)error.message[length - 1] != 0xc3);
}

static void names_what_is_wrong(void) {
    static const char *const configs[][2] = {
        {"[profiles.api]\nalgorithms = ['HS256']\nleway = '5s'\n", "leway"},
        {"[profiles.api]\nalgorithms = ['none']\n", "none"},
        {"{\"profiles\": {\"api\": {\"algorithms\": \"HS256\"", ":1:44"},
        {"[profiles.api]\nalgorithms = ['HS256']\n[[profiles.api.keys]]\nsecret = 'short'\n", "api"},
    };
    for (size_t at = 0; at < sizeof configs / sizeof *configs; at++) {
        bearerd_error error = {sizeof error, 0, ""};
        bearerd_verifier *made = verifier;
        CHECK_CODE(CONFIG_ERROR, bearerd_verifier_new(configs[at][0], strlen(configs[at][0]), &made, &error));
        CHECK(made == NULL);
        CHECK(strstr(error.message, configs[at][1]) != NULL);
    }
    bearerd_error error = {sizeof error, 0, ""};
    bearerd_claims *claims;
    CHECK_CODE(NULL_POINTER, bearerd_verify(verifier, NULL, 1, NULL, &claims, &error));
    CHECK(strstr(error.message, "token") != NULL);
    bearerd_verify_opts opts = verify_opts();
    opts.audience = str("https://other.example");
    CHECK_CODE(INVALID_CLAIM, bearerd_verify(verifier, token, strlen(token), &opts, &claims, &error));
    CHECK(strcmp(error.message, "INVALID_CLAIM (aud)") == 0);
}

/* The parts of a token, its claims, and every secret that a call was given. */
static void holds(const bearerd_error *error, const char *const *hidden) {
    CHECK(strnlen(error->message, sizeof error->message) < sizeof error->message);
    for (; *hidden != NULL; hidden++)
        if (!CHECK(strstr(error->message, *hidden) == NULL)) fprintf(stderr, "    %s\n", error->message);
}

static void tells_no_token_and_no_secret(void) {
    char *secret = access_token(verifier, "{\"sub\":\"hidden-subject\",\"email\":\"hidden-email\"}");
    char *parts[3];
    parts[0] = strdup(secret);
    parts[1] = strchr(parts[0], '.') + 1;
    parts[2] = strchr(parts[1], '.') + 1;
    parts[1][-1] = parts[2][-1] = 0;
    const char *const hidden[] = {parts[1], parts[2], "hidden-subject", "hidden-email", SECRET_ONE, SECRET_TWO,
                                  PRIVATE_ONE_D, "hidden-secret", NULL};
    bearerd_error error = {sizeof error, 0, ""};
    bearerd_claims *claims;
    bearerd_text *text;
    bearerd_verifier *made;
    size_t len = strlen(secret);

    /* The token damaged in each of its bytes, where a message might quote it. */
    for (size_t at = 0; at < len; at++) {
        char kept = secret[at];
        secret[at] = kept == '.' ? '!' : '.';
        bearerd_verify(verifier, secret, len, NULL, &claims, &error);
        bearerd_claims_free(claims);
        holds(&error, hidden);
        secret[at] = kept;
    }
    bearerd_verify_opts opts = verify_opts();
    opts.audience = str("https://other.example");
    bearerd_verify(verifier, secret, len, &opts, &claims, &error);
    holds(&error, hidden);
    bearerd_rotate(verifier, secret, len, NULL, &text, &error);
    CHECK_INT(BEARERD_WRONG_TOKEN_KIND, error.code);
    holds(&error, hidden);
    bearerd_revoke_handle(verifier, str("nobody"), "hidden-subject", 14, &error);
    holds(&error, hidden);

    /* Configurations with a secret beside what is wrong. */
    static const char *const configs[] = {
        "[profiles.api]\nalgorithms = ['HS256']\n[[profiles.api.keys]]\nsecret_base64url = 'hidden-secret!'\n",
        "[profiles.api]\nalgorithms = ['HS256']\n[[profiles.api.keys]]\nsecret = 'hidden-secret'\n",
        "[profiles.api]\nalgorithms = ['HS256']\n[[profiles.api.keys]]\nsecret = 'hidden-secret'\nsecret = 'x'\n",
        "[profiles.api]\nalgorithms = ['HS256']\n[[profiles.api.keys]]\nsecret_hex = 'hidden-secret'\n",
        "[profiles.api]\nalgorithms = ['HS256']\n[[profiles.api.keys]]\njwk = 'hidden-secret'\n",
        "[profiles.api]\nalgorithms = ['HS256']\n[[profiles.api.keys]]\npem = 'hidden-secret'\n",
        "[profiles.api]\nalgorithms = ['HS256']\n[[profiles.api.keys]]\nsecret = 'hidden-secret\n",
        "[profiles.api]\nalgorithms = ['HS256']\n[[profiles.api.keys]]\nsecret = ['hidden-secret']\n",
        "{\"profiles\":{\"api\":{\"algorithms\":[\"HS256\"],\"keys\":[{\"secret\":\"hidden-secret\"",
        "{\"profiles\":{\"api\":{\"algorithms\":[\"HS256\"],\"keys\":[{\"secret\":\"hidden-secret\",\"x\":1}]}}}",
        "{\"profiles\":{\"api\":{\"algorithms\":[\"HS256\"],\"keys\":[\"hidden-secret\"]}}}",
        "{\"profiles\":{\"api\":{\"algorithms\":[\"RS256\"],\"keys\":[{\"jwk\":\"" "{\\\"kty\\\":\\\"RSA\\\",\\\"d\\\":\\\"hidden-secret\\\"}" "\"}]}}}",
    };
    for (size_t at = 0; at < sizeof configs / sizeof *configs; at++) {
        CHECK_CODE(CONFIG_ERROR, bearerd_verifier_new(configs[at], strlen(configs[at]), &made, &error));
        holds(&error, hidden);
    }
    static const char *const sets[] = {
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"hidden-secret!\"}]}", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"hidden-secret\"}]}",
        "{\"keys\":[" PRIVATE_ONE "]}", "{\"keys\":[{\"k\":\"hidden-secret\"", "hidden-secret", "[\"hidden-secret\"]",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":[\"hidden-secret\"]}]}", "{\"keys\":[{\"kty\":\"hidden-secret\"}]}",
    };
    for (size_t at = 0; at < sizeof sets / sizeof *sets; at++) {
        CHECK_CODE(CONFIG_ERROR, bearerd_verifier_replace_keys(verifier, NOTHING, sets[at], strlen(sets[at]), &error));
        holds(&error, hidden);
    }
    CHECK_CODE(OK, verify(verifier, secret));
    free(parts[0]);
    free(secret);
}

int main(void) {
    verifier = verifier_of(SHARED_SECRET);
    token = access_token(verifier, "{\"sub\":\"ada\"}");
    TEST(short_sizes);
    TEST(cleared_by_success);
    TEST(long_and_not_ascii);
    TEST(names_what_is_wrong);
    TEST(tells_no_token_and_no_secret);
    bearerd_verifier_free(verifier);
    free(token);
    return verdict();
}
