/* The log: levels, who gets a line, and that no line holds a token, a secret or a claim. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char text[1 << 20];
    size_t len;
    uint32_t lines, most;
} lines;

static lines first, second;

static void take(void *user, uint32_t level, const char *message, size_t len) {
    lines *to = user;
    CHECK(level >= 1 && level <= 5 && len > 0);
    if (level > to->most) to->most = level;
    to->lines++;
    if (to->len + len + 2 < sizeof to->text) {
        memcpy(to->text + to->len, message, len);
        to->len += len;
        to->text[to->len++] = '\n';
        to->text[to->len] = 0;
    }
}

/* Something of everything that logs: revoking, replacing keys, an address that nobody serves. */
static void activity(void) {
    bearerd_verifier *verifier = verifier_of(SHARED_SECRET);
    bearerd_text *out = NULL;
    char *token = access_token(verifier, "{\"sub\":\"hidden-subject\",\"email\":\"hidden-email\"}");
    verify(verifier, token);
    bearerd_rotate(verifier, token, strlen(token), NULL, &out, NULL);
    bearerd_revoke_token(verifier, NOTHING, token, strlen(token), NULL);
    verify(verifier, token);
    bearerd_revoke_subject(verifier, NOTHING, "hidden-subject", 14, INT64_MIN, NULL);
    bearerd_verifier_reload_keys(verifier, NULL);
    bearerd_verifier_replace_keys(verifier, NOTHING, SET(HMAC_TWO), strlen(SET(HMAC_TWO)), NULL);
    bearerd_verifier_replace_keys(verifier, NOTHING, "hidden-secret", 13, NULL);
    bearerd_verifier_free(verifier);
    if (out != NULL) bearerd_text_free(out);
    char *parts = strchr(token, '.') + 1;
    char *signature = strchr(parts, '.') + 1;
    signature[-1] = 0;
    const char *const hidden[] = {parts, signature, "hidden-", SECRET_ONE, SECRET_TWO};
    for (size_t at = 0; at < sizeof hidden / sizeof *hidden; at++) {
        CHECK(strstr(first.text, hidden[at]) == NULL);
        CHECK(strstr(second.text, hidden[at]) == NULL);
    }
    free(token);
}

static void clear(void) {
    memset(&first, 0, sizeof first);
    memset(&second, 0, sizeof second);
}

static void nothing_at_first(void) {
    clear();
    activity();
    CHECK_INT(0, first.lines + second.lines);
}

static void up_to_a_level(void) {
    uint32_t before = 0;
    for (uint32_t level = 1; level <= 5; level++) {
        clear();
        CHECK_CODE(OK, bearerd_log_set(level, take, &first));
        activity();
        CHECK(first.most <= level);
        CHECK(first.lines >= before);
        before = first.lines;
    }
    CHECK(before > 0);
    CHECK(strstr(first.text, "revoked") != NULL);
}

static void the_last_callback_gets_the_lines(void) {
    clear();
    CHECK_CODE(OK, bearerd_log_set(5, take, &first));
    CHECK_CODE(OK, bearerd_log_set(5, take, &second));
    activity();
    CHECK(first.lines == 0 && second.lines > 0);
}

static void another_level_is_refused(void) {
    clear();
    CHECK_CODE(OK, bearerd_log_set(3, take, &first));
    CHECK_CODE(VALIDATION_ERROR, bearerd_log_set(6, take, &second));
    CHECK_CODE(VALIDATION_ERROR, bearerd_log_set(UINT32_MAX, NULL, NULL));
    activity();
    CHECK(first.lines > 0 && second.lines == 0);
}

static void off_again(void) {
    clear();
    CHECK_CODE(OK, bearerd_log_set(0, take, &first));
    activity();
    CHECK_CODE(OK, bearerd_log_set(5, NULL, &first));
    activity();
    CHECK_INT(0, first.lines);
}

int main(void) {
    TEST(nothing_at_first);
    TEST(up_to_a_level);
    TEST(the_last_callback_gets_the_lines);
    TEST(another_level_is_refused);
    TEST(off_again);
    return verdict();
}
