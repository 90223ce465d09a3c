/* Signs a token and verifies it twice: once by its signature, once by a look-up.
 *
 *     cc verify.c $(pkg-config --cflags --libs bearerd) -o verify && ./verify
 */
#include <bearerd.h>
#include <stdio.h>
#include <string.h>

static const char *const config =
    "[profiles.api]\n"
    "algorithms = ['HS256']\n"
    "issuer = 'https://issuer.example'\n"
    "[[profiles.api.keys]]\n"
    "secret_base64url = 'vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM'\n"
    "[profiles.api.sign]\n"
    "access = '15m'\n";

int main(void) {
    bearerd_error error = {sizeof(bearerd_error), 0, ""};
    bearerd_sign_opts sign = {sizeof(bearerd_sign_opts), BEARERD_KIND_ACCESS, {0, 0}, {0, 0}};
    const char *const claims = "{\"sub\": \"ada\", \"scope\": \"read:orders\"}";
    bearerd_verifier *verifier = NULL;
    bearerd_text *signed_token = NULL;

    if (bearerd_abi_version() != BEARERD_ABI_VERSION) return 2;
    if (bearerd_verifier_new(config, strlen(config), &verifier, &error) == BEARERD_OK &&
        bearerd_sign(verifier, &sign, claims, strlen(claims), &signed_token, NULL, &error) == BEARERD_OK) {
        bearerd_str token = bearerd_text_borrow(signed_token);
        for (int call = 0; call < 2; call++) {
            bearerd_claims *verified = NULL;
            bearerd_str subject;
            if (bearerd_verify(verifier, token.ptr, token.len, NULL, &verified, &error) != BEARERD_OK) break;
            bearerd_claims_borrow_str(verified, "sub", 3, &subject);
            printf("%.*s, entry %llu\n", (int)subject.len, subject.ptr,
                   (unsigned long long)bearerd_claims_id(verified));
            bearerd_claims_free(verified);
        }
    }
    if (error.code != BEARERD_OK) fprintf(stderr, "%s\n", error.message);
    bearerd_text_free(signed_token);
    bearerd_verifier_free(verifier);
    return error.code == BEARERD_OK ? 0 : 1;
}
