#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const bearerd_str NOTHING = {NULL, 0};

bearerd_str str(const char *text) { return (bearerd_str){text, strlen(text)}; }

bearerd_verify_opts verify_opts(void) { return (bearerd_verify_opts){.size = sizeof(bearerd_verify_opts)}; }

bearerd_sign_opts sign_opts(uint32_t kind) {
    return (bearerd_sign_opts){.size = sizeof(bearerd_sign_opts), .kind = kind};
}

bearerd_verifier *verifier_of(const char *config) {
    bearerd_error error = {sizeof error, 0, ""};
    bearerd_verifier *verifier = NULL;
    if (bearerd_verifier_new(config, strlen(config), &verifier, &error) != BEARERD_OK)
        die("bearerd_verifier_new", error.message);
    return verifier;
}

bearerd_guard *guard_of(const char *rule) {
    bearerd_error error = {sizeof error, 0, ""};
    bearerd_guard *guard = NULL;
    if (bearerd_guard_new(rule, strlen(rule), &guard, &error) != BEARERD_OK) die("bearerd_guard_new", error.message);
    return guard;
}

bearerd_claims *claims_of(const bearerd_verifier *verifier, const char *token) {
    bearerd_error error = {sizeof error, 0, ""};
    bearerd_claims *claims = NULL;
    if (bearerd_verify(verifier, token, strlen(token), NULL, &claims, &error) != BEARERD_OK)
        die("bearerd_verify", error.message);
    return claims;
}

char *copy_of(bearerd_str text) {
    char *copy = malloc(text.len + 1);
    if (copy == NULL) die("malloc", "no memory");
    if (text.len > 0) memcpy(copy, text.ptr, text.len);
    copy[text.len] = 0;
    return copy;
}

char *take_text(bearerd_text *text) {
    char *copy = copy_of(bearerd_text_borrow(text));
    bearerd_text_free(text);
    return copy;
}

char *signed_with(const bearerd_verifier *verifier, const bearerd_sign_opts *opts, const char *claims) {
    bearerd_error error = {sizeof error, 0, ""};
    bearerd_text *token = NULL;
    if (bearerd_sign(verifier, opts, claims, strlen(claims), &token, NULL, &error) != BEARERD_OK)
        die("bearerd_sign", error.message);
    return take_text(token);
}

char *access_token(const bearerd_verifier *verifier, const char *claims) {
    bearerd_sign_opts opts = sign_opts(BEARERD_KIND_ACCESS);
    return signed_with(verifier, &opts, claims);
}

char *member(const char *json, const char *name) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":\"", name);
    const char *at = strstr(json, quoted);
    if (at == NULL) die("no such member", name);
    at += strlen(quoted);
    return copy_of((bearerd_str){at, strcspn(at, "\"")});
}

bearerd_code verify(const bearerd_verifier *verifier, const char *token) {
    return through(VERIFY, verifier, token, NULL);
}

const char *const door_names[DOORS] = {"bearerd_verify",      "bearerd_verify_slot",          "bearerd_lookup_slot",
                                       "bearerd_verify_many", "bearerd_verify_authorization", "bearerd_explain"};

static bearerd_code explained(const bearerd_verifier *verifier, const char *token, const bearerd_verify_opts *opts) {
    bearerd_text *text = NULL;
    bearerd_code code = bearerd_explain(verifier, token, strlen(token), opts, &text, NULL);
    if (code != BEARERD_OK) return code;
    char *json = take_text(text), *name = member(json, "code");
    for (code = 0; code < 1000; code++) {
        bearerd_str known = bearerd_code_name(code);
        if (known.len == strlen(name) && memcmp(known.ptr, name, known.len) == 0) break;
    }
    free(name);
    free(json);
    return code;
}

bearerd_code through(door which, const bearerd_verifier *verifier, const char *token, const bearerd_verify_opts *opts) {
    bearerd_code code = BEARERD_INTERNAL;
    bearerd_claims *claims = NULL;
    bearerd_slot slot;
    bearerd_str one = str(token);
    switch (which) {
    case VERIFY:
        code = bearerd_verify(verifier, token, one.len, opts, &claims, NULL);
        break;
    case VERIFY_SLOT:
        code = bearerd_verify_slot(verifier, token, one.len, opts, &slot, &claims, NULL);
        break;
    case LOOK_UP:
        code = bearerd_lookup_slot(verifier, token, one.len, opts, &slot, NULL);
        break;
    case VERIFY_MANY:
        bearerd_verify_many(verifier, &one, 1, opts, &code, &claims);
        break;
    case AUTHORIZATION: {
        char *value = malloc(one.len + sizeof "Bearer ");
        if (value == NULL) die("malloc", "no memory");
        sprintf(value, "Bearer %s", token);
        code = bearerd_verify_authorization(verifier, value, strlen(value), opts, &claims, NULL);
        free(value);
        break;
    }
    case EXPLAIN:
        code = explained(verifier, token, opts);
        break;
    case DOORS:
        break;
    }
    bearerd_claims_free(claims);
    return code;
}

void check_doors(const bearerd_verifier *verifier, const char *token, const bearerd_verify_opts *opts,
                 bearerd_code wanted, bool cached, const char *file, int line) {
    for (door which = 0; which < DOORS; which++) {
        bearerd_code due = which == LOOK_UP && !cached ? BEARERD_NOT_CACHED : wanted;
        check_code(through(which, verifier, token, opts), due, door_names[which], file, line);
    }
}

double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
