/* bearerd and other libraries in C: a token verified, its expiry checked, its subject read, and all
 * of it freed again. Each call gets its token as a copy, as a server gets it from a socket.
 *
 *     bench PRIVATE.pem PUBLIC.pem
 */
#include "rounds.h"

#include <bearerd.h>
#include <cjose/cjose.h>
#include <jansson.h>
#include <jwt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TOKENS = 1000, LONGEST = 1024, BUFFERS = 64 };

#define SECRET "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM"

typedef struct {
    char text[TOKENS][LONGEST];
    size_t lens[TOKENS];
} tokens;

typedef struct {
    const tokens *of;
    bearerd_verifier *verifier;
    const unsigned char *key;
    int key_len;
    cjose_jwk_t *jwk;
    bool slots;
} state;

static char buffers[BUFFERS][LONGEST];

static void die(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

/* A copy that no one has seen before: as from a socket, and ended by a zero for those who need it. */
static const char *fresh(const tokens *of, size_t turn, size_t *len) {
    char *buffer = buffers[turn % BUFFERS];
    size_t which = turn % TOKENS;
    *len = of->lens[which];
    memcpy(buffer, of->text[which], *len + 1);
    return buffer;
}

static int with_bearerd(void *given, size_t turn) {
    state *mine = given;
    size_t len;
    const char *token = fresh(mine->of, turn, &len);
    bearerd_claims *claims;
    bearerd_view view;
    view.size = sizeof view;
    if (bearerd_verify(mine->verifier, token, len, NULL, &claims, NULL) != BEARERD_OK) return 0;
    bearerd_claims_view(claims, &view);
    int right = view.subject.len == 13;
    bearerd_claims_free(claims);
    return right;
}

static int with_slots(void *given, size_t turn) {
    state *mine = given;
    size_t len;
    const char *token = fresh(mine->of, turn, &len);
    bearerd_slot slot;
    return bearerd_verify_slot(mine->verifier, token, len, NULL, &slot, NULL, NULL) == BEARERD_OK && slot.generation != 0;
}

static int with_libjwt(void *given, size_t turn) {
    state *mine = given;
    size_t len;
    const char *token = fresh(mine->of, turn, &len);
    jwt_t *jwt = NULL;
    if (jwt_decode(&jwt, token, mine->key, mine->key_len) != 0) return 0;
    const char *subject = jwt_get_grant(jwt, "sub");
    int right = subject != NULL && strlen(subject) == 13 && jwt_get_grant_int(jwt, "exp") > time(NULL);
    jwt_free(jwt);
    return right;
}

static int with_cjose(void *given, size_t turn) {
    state *mine = given;
    size_t len, plain_len;
    const char *token = fresh(mine->of, turn, &len);
    uint8_t *plain;
    json_error_t error;
    cjose_jws_t *jws = cjose_jws_import(token, len, NULL);
    if (jws == NULL || !cjose_jws_verify(jws, mine->jwk, NULL) || !cjose_jws_get_plaintext(jws, &plain, &plain_len, NULL)) return 0;
    json_t *claims = json_loadb((const char *)plain, plain_len, 0, &error);
    const char *subject = json_string_value(json_object_get(claims, "sub"));
    int right = subject != NULL && strlen(subject) == 13 && json_integer_value(json_object_get(claims, "exp")) > time(NULL);
    json_decref(claims);
    cjose_jws_release(jws);
    return right;
}

/* What each of them costs before it begins. */
static int copy_alone(void *given, size_t turn) {
    state *mine = given;
    size_t len;
    return fresh(mine->of, turn, &len)[len - 1] != 0;
}

static bearerd_verifier *verifier_of(const char *algorithm, const char *key, const char *cache) {
    static char config[8192];
    bearerd_error error = {sizeof error, 0, ""};
    bearerd_verifier *verifier;
    snprintf(config, sizeof config,
             "[profiles.api]\nalgorithms = ['%s']\n"
             "claims = { role = 'roleId', team = 'teamId', device = 'deviceId', kind = { claim = 'tokenType' } }\n"
             "[profiles.api.cache]\nmax_entries = %s\n[profiles.api.sign]\naccess = '1h'\n[[profiles.api.keys]]\n%s\n",
             algorithm, cache, key);
    if (bearerd_verifier_new(config, strlen(config), &verifier, &error) != BEARERD_OK) die("bearerd", error.message);
    return verifier;
}

static tokens *signed_by(const bearerd_verifier *verifier) {
    tokens *made = malloc(sizeof *made);
    bearerd_sign_opts opts = {.size = sizeof opts, .kind = BEARERD_KIND_ACCESS};
    for (int at = 0; at < TOKENS; at++) {
        char claims[512];
        bearerd_text *text;
        bearerd_error error = {sizeof error, 0, ""};
        snprintf(claims, sizeof claims,
                 "{\"sub\":\"user-%08d\",\"roleId\":4,\"vip\":%s,\"teamId\":\"team-00042\","
                 "\"scope\":[\"read:orders\",\"write:orders\",\"read:users\"],\"deviceId\":\"d4c1-7f9e-22ab-4b1d-9a61-2f6f1f2f\"}",
                 at, at % 2 ? "true" : "false");
        if (bearerd_sign(verifier, &opts, claims, strlen(claims), &text, NULL, &error) != BEARERD_OK) die("sign", error.message);
        bearerd_str token = bearerd_text_borrow(text);
        memcpy(made->text[at], token.ptr, token.len);
        made->text[at][token.len] = 0;
        made->lens[at] = token.len;
        bearerd_text_free(text);
    }
    return made;
}

/* A token with its last byte changed must be refused by each, and only then is it timed. */
static void refuse_forgeries(const contender *contenders, size_t count, tokens *of) {
    char *byte = &of->text[0][of->lens[0] - 5], kept = *byte;
    for (size_t at = 0; at < count; at++) {
        *byte = kept == 'A' ? 'B' : 'A';
        if (contenders[at].run != copy_alone && contenders[at].run(contenders[at].state, 0)) die(contenders[at].name, "takes a forged token");
        *byte = kept;
        if (!contenders[at].run(contenders[at].state, 0)) die(contenders[at].name, "refuses a good token");
    }
}

/* One line of JSON a figure, for the report, to the file that BEARERD_BENCH_RECORD names. */
static void record(const char *title, const contender *contenders, size_t count) {
    const char *path = getenv("BEARERD_BENCH_RECORD");
    FILE *file = path == NULL ? NULL : fopen(path, "a");
    if (file == NULL) return;
    for (size_t at = 0; at < count; at++) {
        fprintf(file, "{\"group\":\"C: %s\",\"name\":\"%s\",\"unit\":\"ns\",\"rounds\":[", title, contenders[at].name);
        for (int round = 0; round < contenders[at].rounds; round++)
            fprintf(file, "%s%.2f", round == 0 ? "" : ",", contenders[at].times[round]);
        fprintf(file, "]}\n");
    }
    fclose(file);
}

static void table(const char *title, tokens *of, contender *contenders, size_t count) {
    refuse_forgeries(contenders, count, of);
    compare(contenders, count);
    printf("\n%s (%zu characters)\n%-34s %12s %14s %14s\n", title, of->lens[0], "", "ns a call", "to the cached", "to the cold");
    for (size_t at = 0; at < count; at++)
        printf("%-34s %12.0f %14.1f %14.2f\n", contenders[at].name, contenders[at].median,
               contenders[at].median / contenders[0].median, contenders[at].median / contenders[2].median);
    record(title, contenders, count);
}

static char *read_file(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = calloc(1, LONGEST * 8);
    if (file == NULL || text == NULL || fread(text, 1, LONGEST * 8 - 1, file) == 0) die("cannot read", path);
    fclose(file);
    return text;
}

static void run(const char *title, const char *algorithm, const char *key, const char *rival_key, int rival_len, cjose_jwk_t *jwk) {
    bearerd_verifier *cached = verifier_of(algorithm, key, "65536"), *cold = verifier_of(algorithm, key, "0");
    tokens *of = signed_by(cached);
    state hot = {.of = of, .verifier = cached}, none = {.of = of, .verifier = cold};
    state rival = {.of = of, .key = (const unsigned char *)rival_key, .key_len = rival_len, .jwk = jwk};
    contender contenders[] = {
        {.name = "bearerd, cached", .run = with_bearerd, .state = &hot},
        {.name = "bearerd, cached, by slot", .run = with_slots, .state = &hot},
        {.name = "bearerd, cold", .run = with_bearerd, .state = &none},
        {.name = "libjwt " LIBJWT, .run = with_libjwt, .state = &rival},
        {.name = "cjose " CJOSE, .run = with_cjose, .state = &rival},
        {.name = "the copy alone", .run = copy_alone, .state = &hot}};
    table(title, of, contenders, sizeof contenders / sizeof *contenders);
    bearerd_verifier_free(cached);
    bearerd_verifier_free(cold);
    free(of);
}

int main(int count, char **arguments) {
    static const unsigned char secret[] = "\xbd\x14\x09\xf2\x64\xe7\xd1\xc5\x9f\xe7\x20\x76\xc4\xaa\x99\xee\x12\xe9\x49\xdd\xe0\x51\xe0\x35\xa0\xd8\x97\xc3\x86\xd8\xb4\x43";
    if (count != 3) die("usage", "bench PRIVATE.pem PUBLIC.pem");
    char *private = read_file(arguments[1]), *public = read_file(arguments[2]), key[4096];
    cjose_jwk_t *jwk = cjose_jwk_create_oct_spec(secret, 32, NULL);
    run("S: HS256", "HS256", "secret_base64url = '" SECRET "'", (const char *)secret, 32, jwk);
    cjose_jwk_release(jwk);

    snprintf(key, sizeof key, "kid = '2026-11'\npem = '''\n%s'''\n", private);
    bearerd_verifier *publisher = verifier_of("RS256", key, "0");
    bearerd_text *set;
    bearerd_verifier_jwks(publisher, &set, NULL);
    bearerd_str json = bearerd_text_borrow(set);
    json_t *keys = json_loadb(json.ptr, json.len, 0, NULL);
    char *one = json_dumps(json_array_get(json_object_get(keys, "keys"), 0), 0);
    jwk = cjose_jwk_import(one, strlen(one), NULL);
    if (jwk == NULL) die("cjose", "takes no key");
    run("R: RS256", "RS256", key, public, (int)strlen(public), jwk);
    cjose_jwk_release(jwk);
    bearerd_text_free(set);
    bearerd_verifier_free(publisher);
    json_decref(keys);
    free(one);
    free(private);
    free(public);
    return 0;
}
