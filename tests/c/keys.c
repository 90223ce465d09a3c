/* Keys that come and go: replaced, reloaded from files, published. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/bearerd-keys-XXXXXX";

static bearerd_code replace(const bearerd_verifier *verifier, const char *set) {
    return bearerd_verifier_replace_keys(verifier, NOTHING, set, strlen(set), NULL);
}

static void replaced_all_or_nothing(void) {
    bearerd_verifier *one = verifier_of(SIGNS_WITH("EdDSA", PRIVATE_ONE)), *two = verifier_of(SIGNS_WITH("EdDSA", PRIVATE_TWO));
    bearerd_verifier *verifier = verifier_of(VERIFIES_WITH("EdDSA", PUBLIC_ONE));
    char *first = access_token(one, "{}"), *second = access_token(two, "{}");
    CHECK_CODE(OK, verify(verifier, first));
    CHECK_CODE(UNKNOWN_KEY, verify(verifier, second));
    static const char *const wrong[] = {
        "", "{}", "[]", "nonsense", SET(""), "{\"keys\":{}}",
        SET("{\"kty\":\"oct\",\"k\":\"" SECRET_ONE "\",\"alg\":\"HS256\"}"),
        SET("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"x\":\"AAAA\"}"),
    };
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++) {
        bearerd_code code = replace(verifier, wrong[at]);
        if (code == BEARERD_OK) fprintf(stderr, "accepted: %s\n", wrong[at]);
        CHECK_INT(BEARERD_CONFIG_ERROR, code);
        CHECK_CODE(OK, through(LOOK_UP, verifier, first, NULL));
        CHECK_CODE(UNKNOWN_KEY, verify(verifier, second));
    }
    CHECK_CODE(OK, replace(verifier, SET(PUBLIC_TWO)));
    CHECK_CODE(UNKNOWN_KEY, verify(verifier, first));
    CHECK_CODE(OK, verify(verifier, second));
    CHECK_CODE(OK, replace(verifier, SET(PUBLIC_TWO "," PUBLIC_ONE)));
    CHECK_CODE(OK, verify(verifier, first));
    CHECK_CODE(OK, verify(verifier, second));
    free(first);
    free(second);
    bearerd_verifier_free(one);
    bearerd_verifier_free(two);
    bearerd_verifier_free(verifier);
}

/* Another key under the same name is another key. */
static void replaced_under_one_kid(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    char *token = access_token(verifier, "{\"sub\":\"ada\"}");
    CHECK_CODE(OK, verify(verifier, token));
    CHECK_CODE(OK, replace(verifier, SET("{\"kty\":\"oct\",\"alg\":\"HS256\",\"kid\":\"one\",\"k\":\"" SECRET_TWO "\"}")));
    CHECK_UNCACHED(INVALID_SIGNATURE, verifier, token, NULL);
    char *newer = access_token(verifier, "{\"sub\":\"ada\"}");
    CHECK_CODE(OK, verify(verifier, newer));
    free(token);
    free(newer);
    bearerd_verifier_free(verifier);
}

static void a_signer_keeps_a_key_that_signs(void) {
    bearerd_verifier *verifier = verifier_of(SIGNS_WITH("EdDSA", PRIVATE_ONE));
    CHECK_CODE(CONFIG_ERROR, replace(verifier, SET(PUBLIC_TWO)));
    char *token = access_token(verifier, "{}");
    CHECK_CODE(OK, verify(verifier, token));
    CHECK_CODE(OK, replace(verifier, SET(PRIVATE_TWO)));
    CHECK_CODE(UNKNOWN_KEY, verify(verifier, token));
    char *newer = access_token(verifier, "{}");
    CHECK_CODE(OK, verify(verifier, newer));
    free(token);
    free(newer);
    bearerd_verifier_free(verifier);
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    if (file == NULL) die("cannot write", path);
    fputs(text, file);
    fclose(file);
}

static void reloaded_from_files(void) {
    char keys[64], config[512];
    snprintf(keys, sizeof keys, "%s/jwks.json", folder);
    snprintf(config, sizeof config, "[profiles.api]\nalgorithms = ['EdDSA']\nkeys = [{ jwks_file = '%s' }]\n", keys);
    write_file(keys, SET(PUBLIC_ONE));
    bearerd_verifier *one = verifier_of(SIGNS_WITH("EdDSA", PRIVATE_ONE)), *two = verifier_of(SIGNS_WITH("EdDSA", PRIVATE_TWO));
    char *first = access_token(one, "{}"), *second = access_token(two, "{}");
    bearerd_verifier *verifier = verifier_of(config);
    CHECK_CODE(OK, verify(verifier, first));
    write_file(keys, "nonsense");
    bearerd_error error = {sizeof error, 0, ""};
    CHECK_CODE(CONFIG_ERROR, bearerd_verifier_reload_keys(verifier, &error));
    CHECK(strstr(error.message, keys) != NULL);
    CHECK_CODE(OK, through(LOOK_UP, verifier, first, NULL));
    write_file(keys, SET(PUBLIC_TWO));
    CHECK_CODE(OK, verify(verifier, first));
    CHECK_CODE(OK, bearerd_verifier_reload_keys(verifier, NULL));
    CHECK_UNCACHED(UNKNOWN_KEY, verifier, first, NULL);
    CHECK_CODE(OK, verify(verifier, second));
    unlink(keys);
    free(first);
    free(second);
    bearerd_verifier_free(one);
    bearerd_verifier_free(two);
    bearerd_verifier_free(verifier);
}

static void from_a_file_and_from_the_environment(void) {
    char path[64];
    bearerd_verifier *verifier = NULL;
    snprintf(path, sizeof path, "%s/bearerd.toml", folder);
    write_file(path, SHARED_SECRET);
    CHECK_CODE(OK, bearerd_verifier_from_file(path, strlen(path), &verifier, NULL));
    char *token = access_token(verifier, "{\"sub\":\"ada\"}");
    CHECK_CODE(OK, verify(verifier, token));
    bearerd_verifier_free(verifier);

    unsetenv("BEARERD_CONFIG");
    CHECK_CODE(CONFIG_ERROR, bearerd_verifier_from_env(&verifier, NULL));
    CHECK(verifier == NULL);
    setenv("BEARERD_CONFIG", path, 1);
    /* Overrides are for files; what is handed over as text counts as it is. */
    setenv("BEARERD_PROFILES__API__ISSUER", "https://other.example", 1);
    CHECK_CODE(OK, bearerd_verifier_from_env(&verifier, NULL));
    CHECK_CODE(INVALID_CLAIM, verify(verifier, token));
    bearerd_verifier_free(verifier);
    verifier = verifier_of(SHARED_SECRET);
    CHECK_CODE(OK, verify(verifier, token));
    bearerd_verifier_free(verifier);
    unsetenv("BEARERD_PROFILES__API__ISSUER");
    unsetenv("BEARERD_CONFIG");

    setenv("JWT_SECRET", SECRET_TWO, 1);
    CHECK_CODE(OK, bearerd_verifier_from_env(&verifier, NULL));
    CHECK_CODE(INVALID_SIGNATURE, verify(verifier, token));
    bearerd_verifier_free(verifier);
    unsetenv("JWT_SECRET");

    unlink(path);
    bearerd_error error = {sizeof error, 0, ""};
    CHECK_CODE(CONFIG_ERROR, bearerd_verifier_from_file(path, strlen(path), &verifier, &error));
    CHECK(verifier == NULL && strstr(error.message, path) != NULL);
    free(token);
}

static void published_without_secrets(void) {
    bearerd_verifier *verifier = verifier_of(
        "[profiles.one]\nalgorithms = ['EdDSA']\nkeys = [{ jwk = '" PRIVATE_ONE "' }]\n"
        "[profiles.two]\nalgorithms = ['HS256']\nkeys = [{ jwk = '" HMAC_TWO "' }]\n"
        "[profiles.three]\nalgorithms = ['RS256']\nkeys = [{ jwk = '" RSA_PRIVATE_ONE "' }]\n");
    bearerd_text *out;
    CHECK_CODE(OK, bearerd_verifier_jwks(verifier, &out, NULL));
    char *jwks = take_text(out);
    CHECK(strstr(jwks, "\"Ed25519\"") != NULL && strstr(jwks, "\"RSA\"") != NULL);
    CHECK(strstr(jwks, PRIVATE_ONE_D) == NULL && strstr(jwks, SECRET_TWO) == NULL && strstr(jwks, "\"d\"") == NULL);
    /* A service elsewhere takes it as it is. */
    bearerd_verifier *other = verifier_of(VERIFIES_WITH("EdDSA", PUBLIC_TWO));
    bearerd_verifier *signer = verifier_of(SIGNS_WITH("EdDSA", PRIVATE_ONE));
    char *token = access_token(signer, "{}");
    CHECK_CODE(UNKNOWN_KEY, verify(other, token));
    char *just_one = strstr(jwks, "{\"keys\"");
    CHECK(just_one == jwks);
    bearerd_verifier_free(other);
    bearerd_verifier_free(signer);
    bearerd_verifier_free(verifier);
    free(token);
    free(jwks);
}

int main(void) {
    if (mkdtemp(folder) == NULL) die("mkdtemp", folder);
    TEST(replaced_all_or_nothing);
    TEST(replaced_under_one_kid);
    TEST(a_signer_keeps_a_key_that_signs);
    TEST(reloaded_from_files);
    TEST(from_a_file_and_from_the_environment);
    TEST(published_without_secrets);
    rmdir(folder);
    return verdict();
}
