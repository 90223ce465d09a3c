/* The one token of a request: places, repeats, and what can be read in two ways. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

static bearerd_verifier *verifier;

/* Headers as "Name: value" lines; the token found, or the code. */
static bearerd_code extract(const char *const *lines, bearerd_str *token) {
    bearerd_header headers[8];
    size_t n = 0;
    for (; lines[n] != NULL; n++) {
        const char *colon = strchr(lines[n], ':');
        headers[n].name = (bearerd_str){lines[n], (size_t)(colon - lines[n])};
        headers[n].value = str(colon + 2);
    }
    return bearerd_extract(verifier, NOTHING, headers, n, token, NULL);
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define FOUND(wanted, ...)                                \
    do {                                                  \
        bearerd_str token;                                \
        CHECK_CODE(OK, extract(LINES(__VA_ARGS__), &token)); \
        CHECK_TEXT(wanted, token);                        \
    } while (0)
#define REFUSED(code, ...)                                \
    do {                                                  \
        bearerd_str token = {"x", 1};                     \
        CHECK_CODE(code, extract(LINES(__VA_ARGS__), &token)); \
        CHECK(token.len == 0);                            \
    } while (0)

static void in_each_place(void) {
    FOUND("abc", "Authorization: Bearer abc");
    FOUND("abc", "AUTHORIZATION: bEARER abc");
    FOUND("abc", "X-Token: abc");
    FOUND("abc", "x-tOKEN: abc");
    FOUND("abc", "Cookie: sid=abc");
    FOUND("abc", "Cookie: other=1; sid=abc; more=2");
    FOUND("abc", "Cookie: other=1", "Cookie: sid=abc");
    FOUND("abc", "Cookie: sid=\"abc\"");
    FOUND("abc", "Host: x", "Authorization: Bearer abc", "Accept: *");
}

static void in_no_place(void) {
    bearerd_str token;
    CHECK_CODE(MISSING_TOKEN, bearerd_extract(verifier, NOTHING, NULL, 0, &token, NULL));
    REFUSED(MISSING_TOKEN, "Host: x");
    REFUSED(MISSING_TOKEN, "Authorization: Basic abc");
    REFUSED(MISSING_TOKEN, "Authorization: Bearer");
    REFUSED(MISSING_TOKEN, "Authorization: Bearer ");
    REFUSED(MISSING_TOKEN, "Authorization: Bearerabc");
    REFUSED(MISSING_TOKEN, "X-Token: ");
    REFUSED(MISSING_TOKEN, "Cookie: sid=");
    REFUSED(MISSING_TOKEN, "Cookie: SID=abc");
    REFUSED(MISSING_TOKEN, "X-Authorization: Bearer abc");
}

static void ambiguous(void) {
    REFUSED(MALFORMED, "Authorization: Bearer abc", "Authorization: Bearer def");
    REFUSED(MALFORMED, "Authorization: Bearer abc", "authorization: Bearer abc");
    REFUSED(MALFORMED, "Authorization: Basic abc", "Authorization: Bearer abc");
    REFUSED(MALFORMED, "Authorization: Bearer  abc");
    REFUSED(MALFORMED, "Authorization: Bearer abc ");
    REFUSED(MALFORMED, "Authorization: Bearer abc, Bearer def");
    REFUSED(MALFORMED, "Authorization: Bearer\tabc");
    REFUSED(MALFORMED, "Authorization: Bearer abc\xff");
    REFUSED(MALFORMED, "X-Token: abc", "X-Token: def");
    REFUSED(MALFORMED, "Cookie: sid=abc; sid=def");
    REFUSED(MALFORMED, "Cookie: sid=abc", "Cookie: sid=def");
}

static void two_places(void) {
    FOUND("abc", "Authorization: Bearer abc", "X-Token: abc", "Cookie: sid=abc");
    FOUND("abc", "Cookie: sid=abc; sid=abc");
    REFUSED(MALFORMED, "Authorization: Bearer abc", "X-Token: def");
    REFUSED(MALFORMED, "Authorization: Bearer abc", "Cookie: sid=def");
    REFUSED(MALFORMED, "X-Token: abc", "Cookie: sid=def");
    FOUND("abc", "Authorization: Basic xyz", "Cookie: sid=abc");
}

/* What comes out lies within what went in. */
static void borrowed_from_the_request(void) {
    bearerd_header header = {str("Authorization"), str("Bearer abc")};
    bearerd_str token;
    CHECK_CODE(OK, bearerd_extract(verifier, NOTHING, &header, 1, &token, NULL));
    CHECK(token.ptr == header.value.ptr + 7 && token.len == 3);
}

static void an_authorization_value(void) {
    char *token = access_token(verifier, "{\"sub\":\"ada\"}");
    size_t len = strlen(token);
    static const struct { const char *before, *after; bearerd_code code; } forms[] = {
        {"Bearer ", "", BEARERD_OK},
        {"bearer ", "", BEARERD_OK},
        {"BEARER ", "", BEARERD_OK},
        {"Basic ", "", BEARERD_MISSING_TOKEN},
        {"", "", BEARERD_MISSING_TOKEN},
        {"Bearer", "", BEARERD_MISSING_TOKEN},
        {"Bearer  ", "", BEARERD_MALFORMED},
        {"Bearer\t", "", BEARERD_MALFORMED},
        {"Bearer ", " ", BEARERD_MALFORMED},
        {"Bearer ", "\n", BEARERD_MALFORMED},
        {"Bearer ", ",Bearer x", BEARERD_MALFORMED},
        {" Bearer ", "", BEARERD_MISSING_TOKEN},
    };
    for (size_t at = 0; at < sizeof forms / sizeof *forms; at++) {
        char *value = malloc(len + 40);
        strcat(strcat(strcpy(value, forms[at].before), token), forms[at].after);
        bearerd_claims *claims;
        CHECK_INT(forms[at].code, bearerd_verify_authorization(verifier, value, strlen(value), NULL, &claims, NULL));
        CHECK((claims != NULL) == (forms[at].code == BEARERD_OK));
        bearerd_claims_free(claims);
        free(value);
    }
    free(token);
}

/* Where there is no default profile, the header that everybody sends is looked at. */
static void without_a_default(void) {
    bearerd_verifier *two = verifier_of(
        "[profiles.one]\nalgorithms = ['HS256']\nkeys = [{ jwk = '" HMAC_ONE "' }]\ntoken_from = ['cookie:sid']\n"
        "[profiles.two]\nalgorithms = ['HS256']\nkeys = [{ jwk = '" HMAC_TWO "' }]\ntoken_from = ['header:x-two']\n");
    bearerd_header headers[] = {{str("Authorization"), str("Bearer abc")}, {str("Cookie"), str("sid=one")}, {str("X-Two"), str("two")}};
    bearerd_str token;
    CHECK_CODE(OK, bearerd_extract(two, NOTHING, headers, 3, &token, NULL));
    CHECK_TEXT("abc", token);
    CHECK_CODE(OK, bearerd_extract(two, str("one"), headers, 3, &token, NULL));
    CHECK_TEXT("one", token);
    CHECK_CODE(OK, bearerd_extract(two, str("two"), headers, 3, &token, NULL));
    CHECK_TEXT("two", token);
    CHECK_CODE(VALIDATION_ERROR, bearerd_extract(two, str("three"), headers, 3, &token, NULL));
    bearerd_verifier_free(two);
}

int main(void) {
    verifier = verifier_of("[profiles.api]\nalgorithms = ['HS256']\nkeys = [{ jwk = '" HMAC_ONE "' }]\nsign = {}\n"
                           "token_from = ['bearer', 'header:X-Token', 'cookie:sid']\n");
    TEST(in_each_place);
    TEST(in_no_place);
    TEST(ambiguous);
    TEST(two_places);
    TEST(borrowed_from_the_request);
    TEST(an_authorization_value);
    TEST(without_a_default);
    bearerd_verifier_free(verifier);
    return verdict();
}
