/*
 * bearerd verifies bearer tokens: JWTs in the compact form of JWS (RFC 7515, 7519), at the speed of
 * a memory look-up where a token was verified before, and as strict as if it had not been.
 *
 * This header is all there is to know. Link with `pkg-config --cflags --libs bearerd`.
 *
 *     bearerd_error error = {sizeof error, 0, ""};
 *     bearerd_verifier *verifier;
 *     if (bearerd_verifier_new(config, strlen(config), &verifier, &error) != BEARERD_OK)
 *         die(error.message);
 *     bearerd_claims *claims;
 *     bearerd_code code = bearerd_verify(verifier, token, token_len, NULL, &claims, &error);
 *     if (code == BEARERD_OK) {
 *         bearerd_str subject;
 *         bearerd_claims_borrow_str(claims, "sub", 3, &subject);
 *         bearerd_claims_free(claims);
 *     }
 *
 * Versions. Before anything else, compare bearerd_abi_version() with BEARERD_ABI_VERSION. A library
 * of the same ABI version may be newer than the header, or older: a struct that begins with `size`
 * may have grown at its end. An older library refuses a larger struct with BEARERD_ABI_MISMATCH,
 * unless what it does not know of is zero.
 *
 * Ownership. What a function names as the caller's is freed with the function of its type, once;
 * every _free takes NULL. _clone adds a reference. What is borrowed (_borrow_, and every
 * bearerd_str that comes out) lives as long as what it was borrowed from. What goes in is read
 * during the call and not kept: the library never holds a pointer of yours, the log's callback
 * apart. An output is cleared on entry and set on success alone.
 *
 * Text is a pointer and a length, UTF-8, and not NUL-terminated. A length of 0 allows NULL.
 *
 * Threads. Every function may be called from any thread, and every handle used by any number of
 * threads at once, unless its description says otherwise; nothing is thread-local. To free a handle,
 * no other call may be using that reference. Verifying never waits for the network or for another
 * verification. It waits for a store only where the profile has sessions or personal access tokens
 * and memory does not know the one in question; what begins with bearerd_lookup_ never does. Every
 * other function that may wait for a store says so.
 *
 * Errors. Every call that may fail returns a code, 0 being success. The codes are one table, the
 * same in every language and over HTTP: 2xx to 7xx are verdicts on a token and no defect of anyone
 * here; 1xx says that a call broke the rules of this header. The optional bearerd_error says more.
 *
 * Panics. A defect of the library shows as BEARERD_INTERNAL. It never unwinds into the caller.
 *
 * Fork. A child may use every handle of its parent: claims, keys, caches and revocations are as they
 * were, and threads that worked in the background are started anew on first use. From then on,
 * parent and child share what the configuration's `state` keeps in a file or a server, and know
 * nothing of each other's revocations where it is in memory. fork() waits for calls that revoke,
 * replace keys, sign, rotate or ask a store, and never for one that verifies a token seen before.
 * vfork and _Fork are not for this.
 *
 * The library is never to be unloaded: threads of its own may be running in it.
 */

#ifndef BEARERD_H
#define BEARERD_H

/* Made by cbindgen from src/ffi: change it there. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The version of this header. It changes with every incompatible change, and the soname with it;
 * functions, codes and members at the end of a struct that begins with `size` are added without.
 */
#define BEARERD_ABI_VERSION 1

/**
 * ::bearerd_verify_opts: the kind that the guard names, else access tokens where the profile tells
 * kinds apart.
 */
#define BEARERD_KIND_PROFILE 0

/**
 * Access tokens.
 */
#define BEARERD_KIND_ACCESS 1

/**
 * Refresh tokens.
 */
#define BEARERD_KIND_REFRESH 2

/**
 * ::bearerd_verify_opts: any kind. For looking at a token, not for letting it in.
 */
#define BEARERD_KIND_ANY 3

/**
 * Personal access tokens.
 */
#define BEARERD_KIND_PAT 4

/**
 * The slot of claims that no cache keeps.
 */
#define BEARERD_NO_SLOT UINT32_MAX

/**
 * ::bearerd_route: anybody may, with a token or without, and no token is looked at.
 */
#define BEARERD_ACCESS_PUBLIC 1

/**
 * ::bearerd_route: a token that the profile accepts.
 */
#define BEARERD_ACCESS_TOKEN 2

/**
 * ::bearerd_route: a token for which the named guard holds.
 */
#define BEARERD_ACCESS_GUARD 3

/**
 * ::bearerd_sign_in_opts: no token. They are signed elsewhere, and must carry the `sid`.
 */
#define BEARERD_SIGN_IN_NONE 0

/**
 * ::bearerd_sign_in_opts: an access token.
 */
#define BEARERD_SIGN_IN_ACCESS 1

/**
 * ::bearerd_sign_in_opts: an access token and a refresh token, whose family is named as the session
 * is.
 */
#define BEARERD_SIGN_IN_PAIR 2

/**
 * The claims of an accepted token. Opaque, immutable, counted, and good for any number of threads
 * at once. They stay what they were when the token was verified: to know whether it is still
 * accepted, verify it again.
 */
typedef struct bearerd_claims bearerd_claims;

/**
 * A compiled rule over claims and the request. Opaque, immutable, and good for any number of
 * threads at once.
 */
typedef struct bearerd_guard bearerd_guard;

/**
 * A session as it was when a token of it was verified. Opaque, immutable, counted, and good for any
 * number of threads at once. Attributes change without a new sign-in, and then the same token, of
 * the same claims, comes with another one of these: so whoever keeps claims, or what was built from
 * them, asks for the session after each verification.
 */
typedef struct bearerd_session bearerd_session;

/**
 * Owned text: a token, or JSON. Immutable, and wiped from memory when it is freed.
 */
typedef struct bearerd_text bearerd_text;

/**
 * Everything of one configuration: its profiles with their keys, caches, signers and revocations,
 * and its guards. Opaque, counted, and good for any number of threads at once.
 */
typedef struct bearerd_verifier bearerd_verifier;

/**
 * Borrowed text: UTF-8, not NUL-terminated. Where `len` is 0, `ptr` may be NULL. Text that may be
 * left out is left out by NULL; empty text in its place is ::BEARERD_VALIDATION_ERROR, since a
 * variable that nobody filled in must not ask for less than was meant.
 */
typedef struct bearerd_str {
    /**
     * The first byte.
     */
    const char *ptr;
    /**
     * How many bytes there are.
     */
    size_t len;
} bearerd_str;

/**
 * A row of the one table of codes, which is the same in every language and over HTTP. Numbers and
 * names never change meaning; rows are only added, so expect numbers that are not listed here.
 *
 * 1xx is misuse of this ABI, 2xx to 7xx a verdict on a token, 8xx and 9xx a failure of ours or of
 * the request.
 */
typedef uint32_t bearerd_code;

/**
 * What went wrong, in the caller's own memory: nothing to free, and no state of a thread. NULL is
 * allowed wherever one is asked for. Fill in `size` before the first use, as in
 * `bearerd_error error = {sizeof error, 0, ""};`
 */
typedef struct bearerd_error {
    /**
     * sizeof(bearerd_error). With less than the first two members, nothing is reported.
     */
    uint32_t size;
    /**
     * The code that the call returned.
     */
    bearerd_code code;
    /**
     * For the operator: NUL-terminated UTF-8, cut to what fits, empty after success. For a refused
     * token it is the code's name with the detail, such as "INVALID_CLAIM (aud)"; for everything
     * else it says what failed, where, and why. It never holds a token or a secret.
     */
    char message[248];
} bearerd_error;

/**
 * Counters of a verifier since it was made.
 */
typedef struct bearerd_stats {
    /**
     * sizeof(bearerd_stats).
     */
    uint32_t size;
    /**
     * How many claims there is room for.
     */
    uint32_t slots;
    /**
     * Look-ups that found their token.
     */
    uint64_t hits;
    /**
     * Look-ups that did not.
     */
    uint64_t misses;
    /**
     * Claims that were stored.
     */
    uint64_t inserts;
    /**
     * Claims that were not: too large, or no room in bounded time.
     */
    uint64_t not_kept;
    /**
     * Claims that left, whatever the cause.
     */
    uint64_t evicted;
    /**
     * Claims that are stored now.
     */
    uint64_t entries;
    /**
     * What they weigh, in bytes.
     */
    uint64_t bytes;
    /**
     * Revocations that are listed now.
     */
    uint64_t revocations;
} bearerd_stats;

/**
 * What one call asks for beyond what the profile always asks. Set everything to zero, then `size`,
 * then what is wanted. Read during the call alone, and not kept.
 */
typedef struct bearerd_verify_opts {
    /**
     * sizeof(bearerd_verify_opts).
     */
    uint32_t size;
    /**
     * BEARERD_KIND_*: the kind that the token must be of.
     */
    uint32_t kind;
    /**
     * The profile. NULL: the one that the token's `iss` is mapped to, else the default.
     */
    struct bearerd_str profile;
    /**
     * `aud` must hold this, in place of the profile's audiences. NULL: the profile's.
     */
    struct bearerd_str audience;
    /**
     * The device that the request says it comes from. NULL or empty: none.
     */
    struct bearerd_str device;
    /**
     * A guard that must hold. NULL: none.
     */
    const struct bearerd_guard *guard;
} bearerd_verify_opts;

/**
 * The name of a cache entry. Two calls that give the same generation speak of the same token and
 * the same claims, so a language binding may keep the object that it has built for them. A slot is
 * below the `slots` of ::bearerd_verifier_describe and is used again for another token, with
 * another generation; a generation never is, in this process, whatever becomes of the verifier.
 */
typedef struct bearerd_slot {
    /**
     * The place in the cache, or ::BEARERD_NO_SLOT.
     */
    uint32_t slot;
    /**
     * 1 where the signature had been verified by an earlier call, else 0.
     */
    uint32_t was_cached;
    /**
     * Which entry it is.
     */
    uint64_t generation;
} bearerd_slot;

/**
 * One header of a request: its name in any case, and its value.
 */
typedef struct bearerd_header {
    /**
     * The name.
     */
    struct bearerd_str name;
    /**
     * The value.
     */
    struct bearerd_str value;
} bearerd_header;

/**
 * What a request must bring.
 */
typedef struct bearerd_route {
    /**
     * sizeof(bearerd_route).
     */
    uint32_t size;
    /**
     * BEARERD_ACCESS_*; 0 where the call failed.
     */
    uint32_t access;
    /**
     * With ::BEARERD_ACCESS_GUARD the name of the guard, for ::bearerd_guard_named. Lives as long as
     * the verifier.
     */
    struct bearerd_str guard;
} bearerd_route;

/**
 * What is mostly wanted of the claims, in one call. Everything is borrowed and lives as long as
 * the handle.
 */
typedef struct bearerd_view {
    /**
     * sizeof(bearerd_view).
     */
    uint32_t size;
    /**
     * As in ::bearerd_slot.
     */
    uint32_t slot;
    /**
     * As in ::bearerd_slot.
     */
    uint64_t generation;
    /**
     * The payload as it was signed: one JSON object.
     */
    struct bearerd_str json;
    /**
     * The subject (`sub`, or what the profile maps to it), decoded; empty where there is none.
     */
    struct bearerd_str subject;
    /**
     * `exp` in seconds since the epoch; INT64_MAX where there is none.
     */
    int64_t expires_at;
    /**
     * `iat` in seconds since the epoch; INT64_MIN where there is none.
     */
    int64_t issued_at;
    /**
     * ::BEARERD_KIND_ACCESS, ::BEARERD_KIND_REFRESH or ::BEARERD_KIND_PAT; 0 where the token does not say.
     */
    uint32_t kind;
    /**
     * 0.
     */
    uint32_t reserved;
} bearerd_view;

/**
 * What a session says. Everything that is borrowed lives as long as the handle.
 */
typedef struct bearerd_session_state {
    /**
     * sizeof(bearerd_session_state).
     */
    uint32_t size;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * Which state of which session it is: two handles with the same version say the same, so a
     * language binding may keep the object that it has built. Another one never has it, in this
     * process.
     */
    uint64_t version;
    /**
     * Whose session it is.
     */
    struct bearerd_str subject;
    /**
     * The attributes: one JSON object.
     */
    struct bearerd_str attributes;
    /**
     * When the user signed in, in seconds since the epoch.
     */
    int64_t created_at;
    /**
     * When it was last renewed.
     */
    int64_t renewed_at;
    /**
     * When it ends unless it is renewed.
     */
    int64_t expires_at;
    /**
     * Its name, the `sid` of its tokens: NUL-terminated.
     */
    char sid[48];
} bearerd_session_state;

/**
 * What is to be signed. Set everything to zero, then `size`, then what is wanted.
 */
typedef struct bearerd_sign_opts {
    /**
     * sizeof(bearerd_sign_opts).
     */
    uint32_t size;
    /**
     * ::bearerd_sign: ::BEARERD_KIND_ACCESS or ::BEARERD_KIND_REFRESH. ::bearerd_sign_pair: 0.
     */
    uint32_t kind;
    /**
     * The profile; NULL for the default.
     */
    struct bearerd_str profile;
    /**
     * How long the (access) token lives: "90s", "15m", "1h", "7d", seconds, or "none" for a token
     * without `exp`. NULL: as the profile says.
     */
    struct bearerd_str ttl;
} bearerd_sign_opts;

/**
 * What a rotation changes. Set everything to zero, then `size`, then what is wanted.
 */
typedef struct bearerd_rotate_opts {
    /**
     * sizeof(bearerd_rotate_opts).
     */
    uint32_t size;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * The profile; NULL for the one of the token's `iss`, else the default.
     */
    struct bearerd_str profile;
    /**
     * How long the access token lives, as in ::bearerd_sign_opts.
     */
    struct bearerd_str ttl;
    /**
     * Claims to set: a JSON object. NULL: none.
     */
    struct bearerd_str set;
    /**
     * Claims to remove: a JSON array of names. NULL: none.
     */
    struct bearerd_str remove;
} bearerd_rotate_opts;

/**
 * What a sign-in gives out. Set everything to zero, then `size`, then what is wanted.
 */
typedef struct bearerd_sign_in_opts {
    /**
     * sizeof(bearerd_sign_in_opts).
     */
    uint32_t size;
    /**
     * BEARERD_SIGN_IN_*: which tokens are signed.
     */
    uint32_t kind;
    /**
     * The profile; NULL for the default.
     */
    struct bearerd_str profile;
    /**
     * What the session carries: a JSON object. NULL: nothing.
     */
    struct bearerd_str attributes;
    /**
     * Claims of the tokens, beside subject and session: a JSON object. NULL: none.
     */
    struct bearerd_str claims;
    /**
     * How long the access token lives, as in ::bearerd_sign_opts.
     */
    struct bearerd_str ttl;
    /**
     * How long the session lives without being used: "90s", "15m", "7d", or seconds. NULL: as the
     * profile says.
     */
    struct bearerd_str lifetime;
} bearerd_sign_in_opts;

/**
 * What a new personal access token is to be. Set everything to zero, then `size`, then what is
 * wanted.
 */
typedef struct bearerd_pat_opts {
    /**
     * sizeof(bearerd_pat_opts).
     */
    uint32_t size;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * The profile; NULL for the default.
     */
    struct bearerd_str profile;
    /**
     * What its owner calls it. NULL: nothing.
     */
    struct bearerd_str description;
    /**
     * What it may be used for: a JSON array of scopes (RFC 6749 §3.3). NULL: none.
     */
    struct bearerd_str scopes;
    /**
     * Further claims: a JSON object. NULL: none.
     */
    struct bearerd_str claims;
    /**
     * How long it lives: "90s", "15m", "7d", seconds, or "none" for a token without end. NULL: as
     * long as the profile allows.
     */
    struct bearerd_str ttl;
} bearerd_pat_opts;

/**
 * Takes one line of the log: `message` is UTF-8, `len` bytes, not NUL-terminated, and borrowed for
 * the length of the call. `level` is 1 (error) to 5 (trace).
 *
 * It is called from any thread, those of the library included, and must neither wait for a thread
 * that may be inside the library, nor fork, nor unwind.
 */
typedef void (*bearerd_log_fn)(void *user, uint32_t level, const char *message, size_t len);

/**
 * Accepted. HTTP 200.
 */
#define BEARERD_OK 0

/**
 * A pointer that must not be null was.
 */
#define BEARERD_NULL_POINTER 100

/**
 * Text was not UTF-8.
 */
#define BEARERD_INVALID_UTF8 101

/**
 * The handle is not one of ours.
 */
#define BEARERD_INVALID_HANDLE 102

/**
 * Header and library disagree.
 */
#define BEARERD_ABI_MISMATCH 103

/**
 * The buffer is too small; the needed size was reported.
 */
#define BEARERD_BUFFER_TOO_SMALL 104

/**
 * The claims have no claim of that name.
 */
#define BEARERD_NO_SUCH_CLAIM 105

/**
 * The claim is of another type than the one asked for.
 */
#define BEARERD_WRONG_CLAIM_TYPE 106

/**
 * The token was not verified before; a look-up alone cannot say more.
 */
#define BEARERD_NOT_CACHED 107

/**
 * No token where the profile looks. HTTP 401.
 */
#define BEARERD_MISSING_TOKEN 200

/**
 * Not a compact JWS: shape, base64url, JSON, duplicate member or size. HTTP 401.
 */
#define BEARERD_MALFORMED 201

/**
 * `alg` is not allowed by the profile; `none` never is. HTTP 401.
 */
#define BEARERD_UNSUPPORTED_ALG 300

/**
 * No key fits `kid` and `alg`. HTTP 401.
 */
#define BEARERD_UNKNOWN_KEY 301

/**
 * The key set was never loaded, or is too stale to trust. HTTP 503.
 */
#define BEARERD_KEYS_UNAVAILABLE 302

/**
 * The signature does not verify. HTTP 401.
 */
#define BEARERD_INVALID_SIGNATURE 400

/**
 * `exp` has passed, or the token is older than the profile allows. HTTP 401.
 */
#define BEARERD_EXPIRED 500

/**
 * `nbf` or `iat` lies in the future. HTTP 401.
 */
#define BEARERD_NOT_YET_VALID 501

/**
 * A claim is absent, of the wrong type, or not as expected. HTTP 401.
 */
#define BEARERD_INVALID_CLAIM 502

/**
 * A guard refused. HTTP 403.
 */
#define BEARERD_FORBIDDEN 600

/**
 * The token belongs to another device. HTTP 403.
 */
#define BEARERD_DEVICE_MISMATCH 601

/**
 * A refresh token where an access token is due, or the reverse. HTTP 403.
 */
#define BEARERD_WRONG_TOKEN_KIND 602

/**
 * Revoked by handle, family or watermark. HTTP 401.
 */
#define BEARERD_REVOKED 700

/**
 * The session has ended. HTTP 401.
 */
#define BEARERD_SESSION_ENDED 701

/**
 * A refresh token was presented again outside its grace; its family is revoked. HTTP 401.
 */
#define BEARERD_REUSED 702

/**
 * The profile fails closed and the store does not answer. HTTP 503.
 */
#define BEARERD_STORE_UNAVAILABLE 800

/**
 * The request itself is wrong. HTTP 422.
 */
#define BEARERD_VALIDATION_ERROR 900

/**
 * The configuration is wrong.
 */
#define BEARERD_CONFIG_ERROR 901

/**
 * Too many requests. HTTP 429.
 */
#define BEARERD_RATE_LIMITED 902

/**
 * The control plane was called without its token. HTTP 401.
 */
#define BEARERD_UNAUTHORIZED 903

/**
 * A `Host` or `Origin` that is not ours. HTTP 403.
 */
#define BEARERD_HOST_REFUSED 904

/**
 * A body over its limit. HTTP 413.
 */
#define BEARERD_TOO_LARGE 905

/**
 * A defect of ours. HTTP 500.
 */
#define BEARERD_INTERNAL 999

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The ABI version of the library that was loaded. Compare it with ::BEARERD_ABI_VERSION before
 * anything else.
 *
 * Threads: any. Cost: none.
 */
uint32_t bearerd_abi_version(void);

/**
 * The version of the library, such as "0.1.0". Lives as long as the library.
 *
 * Threads: any. Cost: none.
 */
struct bearerd_str bearerd_version(void);

/**
 * The name of a code, such as "EXPIRED"; empty for a number that is not in the table. Lives as long
 * as the library.
 *
 * Threads: any. Cost: a look-up.
 */
struct bearerd_str bearerd_code_name(bearerd_code code);

/**
 * The HTTP status that belongs to a code; 0 where it never reaches HTTP or is not in the table.
 *
 * Threads: any. Cost: a look-up.
 */
uint32_t bearerd_code_status(bearerd_code code);

/**
 * One sentence on a code for the caller of a service: it says nothing about any one token. Empty
 * for a number that is not in the table. Lives as long as the library.
 *
 * Threads: any. Cost: a look-up.
 */
struct bearerd_str bearerd_code_message(bearerd_code code);

/**
 * The text itself. Lives until ::bearerd_text_free. Empty for NULL.
 *
 * Threads: any, at once. Cost: none.
 */
struct bearerd_str bearerd_text_borrow(const struct bearerd_text *text);

/**
 * Wipes the text and frees it. NULL is allowed.
 *
 * Owns: takes `text`. Threads: any; no other call may be using it.
 */
void bearerd_text_free(struct bearerd_text *text);

/**
 * Makes a verifier from one document, in TOML, or in JSON where it begins with "{": the schema of
 * the sidecar, without its `server` section. What the document says counts, and no BEARERD_*
 * variable of the environment overrides it; keys with `env` are read from there all the same.
 *
 * Every key is read and every guard compiled before this returns. Keys that an issuer publishes are
 * fetched from here on, on a thread of the verifier's own: until the first document has come,
 * verification answers ::BEARERD_KEYS_UNAVAILABLE.
 *
 * Owns: `*out` is the caller's; free it with ::bearerd_verifier_free. Threads: any.
 * Errors: ::BEARERD_CONFIG_ERROR naming the line and key, ::BEARERD_INVALID_UTF8,
 * ::BEARERD_NULL_POINTER, ::BEARERD_INTERNAL.
 */
bearerd_code bearerd_verifier_new(const char *config,
                                  size_t len,
                                  struct bearerd_verifier **out,
                                  struct bearerd_error *err);

/**
 * As ::bearerd_verifier_new, from a file, and with BEARERD_* overrides from the environment, as the
 * sidecar has them. `path` is UTF-8.
 */
bearerd_code bearerd_verifier_from_file(const char *path,
                                        size_t len,
                                        struct bearerd_verifier **out,
                                        struct bearerd_error *err);

/**
 * As ::bearerd_verifier_from_file, from the file that BEARERD_CONFIG names, else from JWT_*
 * variables. Nobody may change the environment meanwhile.
 */
bearerd_code bearerd_verifier_from_env(struct bearerd_verifier **out, struct bearerd_error *err);

/**
 * Another reference to the same verifier. NULL for NULL.
 *
 * Owns: the result is the caller's, as the first one is. Threads: any, at once. Cost: a count.
 */
struct bearerd_verifier *bearerd_verifier_clone(const struct bearerd_verifier *verifier);

/**
 * Gives one reference back. With the last one go keys, caches and background threads; claims that
 * were handed out stay. NULL is allowed.
 *
 * Owns: takes `verifier`. Threads: any.
 */
void bearerd_verifier_free(struct bearerd_verifier *verifier);

/**
 * Takes the keys of a JWK set (RFC 7517 §5) in place of those of configuration and files. Tokens of
 * keys that are gone are refused from the next call on, cached or not. Keys that an issuer
 * publishes stay. Where the profile signs, the set must hold a key that can.
 *
 * `profile`: NULL for the default. All or nothing: after an error the keys are what they were.
 * Threads: any, at once. Errors: ::BEARERD_CONFIG_ERROR naming the key, ::BEARERD_VALIDATION_ERROR
 * where no profile has that name.
 */
bearerd_code bearerd_verifier_replace_keys(const struct bearerd_verifier *verifier,
                                           struct bearerd_str profile,
                                           const char *jwks,
                                           size_t len,
                                           struct bearerd_error *err);

/**
 * Reads every key file of every profile anew, and has published keys fetched soon.
 *
 * All or nothing over all profiles. Threads: any, at once. Waits for the disk.
 * Errors: ::BEARERD_CONFIG_ERROR naming the file.
 */
bearerd_code bearerd_verifier_reload_keys(const struct bearerd_verifier *verifier,
                                          struct bearerd_error *err);

/**
 * Reads the counters of one profile; with NULL for it, those of all profiles together.
 * Fill in `out->size` first.
 *
 * Threads: any, at once. Cost: some loads. Errors: ::BEARERD_VALIDATION_ERROR where no profile has
 * that name, ::BEARERD_ABI_MISMATCH.
 */
bearerd_code bearerd_verifier_stats(const struct bearerd_verifier *verifier,
                                    struct bearerd_str profile,
                                    struct bearerd_stats *out,
                                    struct bearerd_error *err);

/**
 * What a verifier was configured to do, as JSON, for those who build on it:
 *
 * `{"default_profile": "api", "slots": 65536, "guards": ["orders"], "profiles": {"api":
 * {"algorithms": ["RS256"], "token_from": ["bearer", "cookie:sid"], "signs": false, "rotates":
 * false, "sessions": false, "pats": false}}}`
 *
 * `default_profile` may be null. Every slot number is below `slots`. `token_from` lists where
 * ::bearerd_extract looks. Where `sessions` or `pats` is true, verifying may wait for a store.
 *
 * Owns: `*out` is the caller's; free it with ::bearerd_text_free. Threads: any, at once.
 */
bearerd_code bearerd_verifier_describe(const struct bearerd_verifier *verifier,
                                       struct bearerd_text **out,
                                       struct bearerd_error *err);

/**
 * The public keys of all profiles as one JWK set, for publishing. Neither shared secrets nor keys
 * that were fetched from an issuer are among them.
 *
 * Owns: `*out` is the caller's; free it with ::bearerd_text_free. Threads: any, at once.
 */
bearerd_code bearerd_verifier_jwks(const struct bearerd_verifier *verifier,
                                   struct bearerd_text **out,
                                   struct bearerd_error *err);

/**
 * Verifies a token: signature, times, issuer, audience, type, kind, revocation, guard. A token that
 * was verified before costs a look-up, and everything that can change is decided anew.
 *
 * `opts`: NULL for what the profile asks. On success `*out` holds the claims; otherwise NULL.
 * Owns: `*out` is the caller's; free it with ::bearerd_claims_free. Threads: any, at once; never
 * waits for the network or another call, but for the state's store where the profile has sessions or
 * personal access tokens and memory does not know this one's: ::bearerd_lookup_slot tells.
 * Errors: 2xx to 7xx for a token that is refused; ::BEARERD_STORE_UNAVAILABLE;
 * ::BEARERD_VALIDATION_ERROR where no profile has that name; ::BEARERD_INTERNAL; 1xx.
 */
bearerd_code bearerd_verify(const struct bearerd_verifier *verifier,
                            const char *token,
                            size_t len,
                            const struct bearerd_verify_opts *opts,
                            struct bearerd_claims **out,
                            struct bearerd_error *err);

/**
 * As ::bearerd_verify, for a language binding: names the cache entry instead of handing out the
 * claims, so that there is nothing to free after a hit.
 *
 * Where this very call verified the signature (`out->was_cached` is 0), the claims come along in
 * `*fresh`, unless `fresh` is NULL; on a hit `*fresh` is NULL. A binding that does not know the
 * entry of a hit calls ::bearerd_verify and finds both numbers in the claims' view.
 *
 * Owns: `*fresh` is the caller's; free it with ::bearerd_claims_free. Threads, errors: as
 * ::bearerd_verify.
 */
bearerd_code bearerd_verify_slot(const struct bearerd_verifier *verifier,
                                 const char *token,
                                 size_t len,
                                 const struct bearerd_verify_opts *opts,
                                 struct bearerd_slot *out,
                                 struct bearerd_claims **fresh,
                                 struct bearerd_error *err);

/**
 * As ::bearerd_verify_slot, from memory alone: ::BEARERD_NOT_CACHED where it would take a
 * signature verification, which is then not made, or a store, which is not asked. For callers who
 * hold a lock that others need, an interpreter's say, and would give it up for a miss.
 *
 * Threads, errors: as ::bearerd_verify. Cost: that of a hit; never waits.
 */
bearerd_code bearerd_lookup_slot(const struct bearerd_verifier *verifier,
                                 const char *token,
                                 size_t len,
                                 const struct bearerd_verify_opts *opts,
                                 struct bearerd_slot *out,
                                 struct bearerd_error *err);

/**
 * Verifies `n` tokens under the same options. `codes[i]` and `outs[i]` are what ::bearerd_verify
 * gives for `tokens[i]`. Returns how many were accepted; 0 where `codes` is NULL, which verifies
 * nothing.
 *
 * `outs` may be NULL where only the codes are wanted. Owns: every `outs[i]` that is not NULL is the
 * caller's. Threads: any, at once.
 */
size_t bearerd_verify_many(const struct bearerd_verifier *verifier,
                           const struct bearerd_str *tokens,
                           size_t n,
                           const struct bearerd_verify_opts *opts,
                           bearerd_code *codes,
                           struct bearerd_claims **outs);

/**
 * As ::bearerd_verify, for the value of an `Authorization` header: `Bearer <token>` (RFC 6750
 * §2.1), the scheme in any case.
 *
 * Errors: besides, ::BEARERD_MISSING_TOKEN for an empty value or another scheme, and
 * ::BEARERD_MALFORMED for one that can be read in more than one way. A request may hold the header
 * twice, and the token elsewhere: see ::bearerd_extract.
 */
bearerd_code bearerd_verify_authorization(const struct bearerd_verifier *verifier,
                                          const char *value,
                                          size_t len,
                                          const struct bearerd_verify_opts *opts,
                                          struct bearerd_claims **out,
                                          struct bearerd_error *err);

/**
 * Verifies a token and says why it was refused, as JSON:
 * `{"code", "status", "profile", "reason", "claim"?, "expected"?, "actual"?}`.
 *
 * It quotes claims: for the operator, and not for clients or logs. The call succeeds whatever the
 * verdict is. Owns: `*out` is the caller's; free it with ::bearerd_text_free. Threads: any, at
 * once. Cost: up to two verifications. Errors: as ::bearerd_verify, without the verdicts.
 */
bearerd_code bearerd_explain(const struct bearerd_verifier *verifier,
                             const char *token,
                             size_t len,
                             const struct bearerd_verify_opts *opts,
                             struct bearerd_text **out,
                             struct bearerd_error *err);

/**
 * Finds the one token of a request, where the profile looks (`token_from`): in the
 * `Authorization` header, in headers and cookies that the configuration names.
 *
 * `headers`: `n` of them; one that was sent twice stands here twice, for a hidden second token is
 * how a gateway and a service come to read two different ones. Others than those that are looked at
 * may be left out. `profile`: NULL for the default; without a default, `Authorization` is looked
 * at. `*token` lies within one of the values.
 *
 * Owns: nothing; `*token` lives as long as `headers`. Threads: any, at once. Errors:
 * ::BEARERD_MISSING_TOKEN where there is none, ::BEARERD_MALFORMED where there are two that differ,
 * or a form that can be read in more than one way.
 */
bearerd_code bearerd_extract(const struct bearerd_verifier *verifier,
                             struct bearerd_str profile,
                             const struct bearerd_header *headers,
                             size_t n,
                             struct bearerd_str *token,
                             struct bearerd_error *err);

/**
 * What the `[[routes]]` of the configuration ask of a request: of its `method` in capitals (NULL where
 * it is not known, which rules that name methods refuse), and of its `target` as it stands in the request line, from the first slash on, query and escapes
 * included. What no rule allows is refused, and so is a method that is not all capitals, or a path
 * that two servers could read in two ways: check the target that came, not what a framework has made
 * of it, unless that is what chooses the handler. Fill in `out->size` first.
 *
 * Then let a public request pass; for any other, find its token and verify it, with the guard that
 * is named.
 *
 * Threads: any, at once. Cost: in proportion to the number of rules. Errors: ::BEARERD_FORBIDDEN
 * where the request is refused whatever token it brings; ::BEARERD_VALIDATION_ERROR where the
 * configuration has no routes; ::BEARERD_ABI_MISMATCH.
 */
bearerd_code bearerd_route_find(const struct bearerd_verifier *verifier,
                                struct bearerd_str method,
                                struct bearerd_str target,
                                struct bearerd_route *out,
                                struct bearerd_error *err);

/**
 * Reads the view. Fill in `out->size` first.
 *
 * Threads: any, at once. Cost: a few loads. Errors: ::BEARERD_ABI_MISMATCH, ::BEARERD_NULL_POINTER.
 */
bearerd_code bearerd_claims_view(const struct bearerd_claims *claims, struct bearerd_view *out);

/**
 * The generation of the entry: the same for every hit of one token while it is cached, and never
 * again for another in this process. 0 for NULL.
 *
 * Threads: any, at once. Cost: a load.
 */
uint64_t bearerd_claims_id(const struct bearerd_claims *claims);

/**
 * The payload as it was signed: one JSON object.
 *
 * Owns: nothing; `*out` lives as long as `claims`. Threads: any, at once. Cost: a load.
 */
bearerd_code bearerd_claims_borrow_json(const struct bearerd_claims *claims,
                                        struct bearerd_str *out);

/**
 * A claim that is a string, decoded.
 *
 * Owns: nothing; `*out` lives as long as `claims`. Threads: any, at once. Cost: reads through the
 * payload. Errors: ::BEARERD_NO_SUCH_CLAIM, ::BEARERD_WRONG_CLAIM_TYPE.
 */
bearerd_code bearerd_claims_borrow_str(const struct bearerd_claims *claims,
                                       const char *name,
                                       size_t len,
                                       struct bearerd_str *out);

/**
 * Any claim, in the very JSON that was signed: `"text"` with its quotes, `[1,2]`, `null`.
 *
 * Owns: nothing; `*out` lives as long as `claims`. Threads: any, at once. Cost: reads through the
 * payload. Errors: ::BEARERD_NO_SUCH_CLAIM.
 */
bearerd_code bearerd_claims_borrow_value(const struct bearerd_claims *claims,
                                         const char *name,
                                         size_t len,
                                         struct bearerd_str *out);

/**
 * A claim that is a number written as an integer, within 64 bits.
 *
 * Threads: any, at once. Cost: reads through the payload. Errors: ::BEARERD_NO_SUCH_CLAIM,
 * ::BEARERD_WRONG_CLAIM_TYPE.
 */
bearerd_code bearerd_claims_int(const struct bearerd_claims *claims,
                                const char *name,
                                size_t len,
                                int64_t *out);

/**
 * A claim that is a boolean.
 *
 * Threads: any, at once. Cost: reads through the payload. Errors: ::BEARERD_NO_SUCH_CLAIM,
 * ::BEARERD_WRONG_CLAIM_TYPE.
 */
bearerd_code bearerd_claims_bool(const struct bearerd_claims *claims,
                                 const char *name,
                                 size_t len,
                                 bool *out);

/**
 * Another reference to the same claims. NULL for NULL.
 *
 * Owns: the result is the caller's, as the first one is. Threads: any, at once. Cost: a count.
 */
struct bearerd_claims *bearerd_claims_clone(const struct bearerd_claims *claims);

/**
 * Gives one reference back. NULL is allowed.
 *
 * Owns: takes `claims`. Threads: any. Cost: a count.
 */
void bearerd_claims_free(struct bearerd_claims *claims);

/**
 * The session that the token of these claims was last found to belong to, by whichever call that
 * was: right after one that accepted the token, the state that this call went by, or a newer one.
 * That holds for claims that were kept, too, for as long as the calls name their entry
 * (::bearerd_slot). NULL where the profile has no sessions, and for a personal access token. Whether
 * it still lives is told by verifying the token again.
 *
 * Owns: `*out` is the caller's; free it with ::bearerd_session_free. Threads: any, at once; never
 * waits. Cost: a count.
 */
bearerd_code bearerd_claims_session(const struct bearerd_claims *claims,
                                    struct bearerd_session **out);

/**
 * Reads the session. Fill in `out->size` first.
 *
 * Threads: any, at once. Cost: a few loads, and the writing of 43 characters. Errors:
 * ::BEARERD_ABI_MISMATCH, ::BEARERD_NULL_POINTER.
 */
bearerd_code bearerd_session_view(const struct bearerd_session *session,
                                  struct bearerd_session_state *out);

/**
 * The version of a session, as in ::bearerd_session_state. 0 for NULL.
 *
 * Threads: any, at once. Cost: a load.
 */
uint64_t bearerd_session_version(const struct bearerd_session *session);

/**
 * One attribute, in JSON: `"text"` with its quotes, `[1,2]`, `null`.
 *
 * Owns: nothing; `*out` lives as long as `session`. Threads: any, at once. Cost: reads through the
 * attributes. Errors: ::BEARERD_NO_SUCH_CLAIM where it has none of that name.
 */
bearerd_code bearerd_session_borrow_value(const struct bearerd_session *session,
                                          const char *name,
                                          size_t len,
                                          struct bearerd_str *out);

/**
 * The whole session as JSON, as the control plane of the sidecar shows it: `{"sid", "subject",
 * "attributes", "created_at", "renewed_at", "expires_at"}`, times in seconds since the epoch.
 *
 * Owns: `*out` is the caller's; free it with ::bearerd_text_free. Threads: any, at once; never
 * waits.
 */
bearerd_code bearerd_session_json(const struct bearerd_session *session, struct bearerd_text **out);

/**
 * Gives one reference back. NULL is allowed.
 *
 * Owns: takes `session`. Threads: any. Cost: a count.
 */
void bearerd_session_free(struct bearerd_session *session);

/**
 * What is known of the token's holder beside the claims, as JSON: the `context` that the sidecar
 * answers. `{"session": {"id", "attributes", "expires_at"}}` where the profile has sessions,
 * `{"permission": {"data_scope", "bypass"}}` where it has permissions, both where it has both; NULL
 * where it has neither. `data_scope` is `all`, `project`, `group` or `self`, and null where the
 * profile's permissions have no `data_scope`.
 *
 * Right after a call that accepted the token it is what this call went by, or newer: attributes of a
 * session change without a new token. So whoever keeps claims, or what was built from them, asks
 * again after each verification, or keeps the answer for as long as ::bearerd_session_version stays
 * the same; without sessions it never changes.
 *
 * Owns: `*out` is the caller's; free it with ::bearerd_text_free. Threads: any, at once; never
 * waits. Cost: writes the text.
 */
bearerd_code bearerd_claims_context(const struct bearerd_claims *claims,
                                    struct bearerd_text **out);

/**
 * Compiles a guard from JSON: any of `roles`, `scopes`, `any_scope`, `vip`, `team`, `token`,
 * `device`, `permission`, `any_permission`, `position`, `subordinates`, `headquarters`, `project`,
 * `all`, `any`, `not`. All members of an object must hold; one that names an absent claim refuses.
 *
 * Owns: `*out` is the caller's; free it with ::bearerd_guard_free. Threads: any. Errors:
 * ::BEARERD_VALIDATION_ERROR naming the member.
 */
bearerd_code bearerd_guard_new(const char *rule,
                               size_t len,
                               struct bearerd_guard **out,
                               struct bearerd_error *err);

/**
 * The guard of that name in the configuration.
 *
 * Owns: `*out` is the caller's, whatever becomes of the verifier. Threads: any, at once. Errors:
 * ::BEARERD_VALIDATION_ERROR where no guard has that name.
 */
bearerd_code bearerd_guard_named(const struct bearerd_verifier *verifier,
                                 const char *name,
                                 size_t len,
                                 struct bearerd_guard **out,
                                 struct bearerd_error *err);

/**
 * Whether a guard holds for claims that were accepted before, from the device `device` (NULL or empty:
 * none). ::bearerd_verify with the guard among its options asks the same, and lets the guard's
 * `token` decide which kind of token is taken.
 *
 * Threads: any, at once. Errors: ::BEARERD_FORBIDDEN, ::BEARERD_DEVICE_MISMATCH,
 * ::BEARERD_WRONG_TOKEN_KIND, naming the member.
 */
bearerd_code bearerd_guard_check(const struct bearerd_guard *rule,
                                 const struct bearerd_claims *claims,
                                 struct bearerd_str device,
                                 struct bearerd_error *err);

/**
 * Frees a guard. NULL is allowed.
 *
 * Owns: takes `rule`. Threads: any; no other call may be using it.
 */
void bearerd_guard_free(struct bearerd_guard *rule);

/**
 * Signs one token. `claims` is a JSON object, or NULL; `iss`, `aud`, `iat`, `exp`, `jti`, the
 * kind and the family are the signer's, and an error where `claims` names them.
 *
 * `*token` is the compact JWS; `*expires_at`, unless it is NULL, its `exp` in seconds since the
 * epoch, or INT64_MAX where it has none. Owns: `*token` is the caller's; free it with
 * ::bearerd_text_free, which wipes it. Threads: any, at once. Errors: ::BEARERD_VALIDATION_ERROR
 * naming what is wrong, also where the profile does not sign.
 */
bearerd_code bearerd_sign(const struct bearerd_verifier *verifier,
                          const struct bearerd_sign_opts *opts,
                          const char *claims,
                          size_t len,
                          struct bearerd_text **token,
                          int64_t *expires_at,
                          struct bearerd_error *err);

/**
 * Signs an access token and the refresh token beside it, as JSON:
 * `{"access", "access_expires_at", "refresh", "refresh_expires_at"}`, times in seconds since the
 * epoch or null. Otherwise as ::bearerd_sign; `opts` may be NULL.
 */
bearerd_code bearerd_sign_pair(const struct bearerd_verifier *verifier,
                               const struct bearerd_sign_opts *opts,
                               const char *claims,
                               size_t len,
                               struct bearerd_text **out,
                               struct bearerd_error *err);

/**
 * Spends a refresh token for a new pair that inherits its claims, as JSON: `{"access", "refresh",
 * "access_expires_at", "refresh_expires_at", "payload"}`. Where the profile detects reuse, a second
 * use within the grace gets the first one's answer, and one after it ::BEARERD_REUSED, which
 * revokes the family.
 *
 * `opts` may be NULL. Owns: `*out` is the caller's; free it with ::bearerd_text_free, which wipes
 * it. Threads: any, at once. Waits for the store, where the state is in one. Errors: as
 * ::bearerd_verify, and ::BEARERD_VALIDATION_ERROR.
 */
bearerd_code bearerd_rotate(const struct bearerd_verifier *verifier,
                            const char *refresh,
                            size_t len,
                            const struct bearerd_rotate_opts *opts,
                            struct bearerd_text **out,
                            struct bearerd_error *err);

/**
 * Opens a session for a user who has signed in, and signs tokens for it, as JSON: `{"sid",
 * "expires_at"}`, and with them `"access"`, `"access_expires_at"`, `"refresh"`,
 * `"refresh_expires_at"` for what was signed; times in seconds since the epoch or null. Where the
 * user has as many sessions as the profile allows, the oldest ends.
 *
 * `opts` may be NULL: no tokens. All or nothing: where the tokens cannot be signed, no session is
 * opened. Owns: `*out` is the caller's; free it with ::bearerd_text_free, which wipes it.
 * Threads: any, at once. Waits for the store. Errors: ::BEARERD_VALIDATION_ERROR naming what is
 * wrong, also where the profile has no sessions or does not sign; ::BEARERD_STORE_UNAVAILABLE.
 */
bearerd_code bearerd_sign_in(const struct bearerd_verifier *verifier,
                             const char *subject,
                             size_t len,
                             const struct bearerd_sign_in_opts *opts,
                             struct bearerd_text **out,
                             struct bearerd_error *err);

/**
 * A live session by its `sid`, as the store has it, in JSON: `{"session": {"sid", "subject",
 * "attributes", "created_at", "renewed_at", "expires_at"}}`, or `{"session": null}` where it has
 * ended or never was.
 *
 * `profile`: NULL for the default. Owns: `*out` is the caller's; free it with ::bearerd_text_free.
 * Threads: any, at once. Waits for the store. Errors: ::BEARERD_VALIDATION_ERROR where `sid` cannot
 * be one, or the profile has no sessions; ::BEARERD_STORE_UNAVAILABLE.
 */
bearerd_code bearerd_sessions_get(const struct bearerd_verifier *verifier,
                                  struct bearerd_str profile,
                                  const char *sid,
                                  size_t len,
                                  struct bearerd_text **out,
                                  struct bearerd_error *err);

/**
 * The live sessions of a user, as the store has them, the oldest first, in JSON: `{"sessions":
 * […]}`, each as ::bearerd_sessions_get shows it. Otherwise as ::bearerd_sessions_get.
 */
bearerd_code bearerd_sessions_list(const struct bearerd_verifier *verifier,
                                   struct bearerd_str profile,
                                   const char *subject,
                                   size_t len,
                                   struct bearerd_text **out,
                                   struct bearerd_error *err);

/**
 * Ends a session by its `sid`. Its tokens are refused with ::BEARERD_SESSION_ENDED from the next
 * call on, cached or not, in this process, and in others that share the state as soon as they have
 * heard of it.
 *
 * `*ended`, unless `ended` is NULL: how many were ended, 0 or 1. Otherwise as
 * ::bearerd_sessions_get.
 */
bearerd_code bearerd_sessions_end(const struct bearerd_verifier *verifier,
                                  struct bearerd_str profile,
                                  const char *sid,
                                  size_t len,
                                  size_t *ended,
                                  struct bearerd_error *err);

/**
 * Ends all sessions of a user in one step, but for `except`, a `sid`, unless that is NULL.
 * Otherwise as ::bearerd_sessions_end.
 */
bearerd_code bearerd_sessions_end_all(const struct bearerd_verifier *verifier,
                                      struct bearerd_str profile,
                                      const char *subject,
                                      size_t len,
                                      struct bearerd_str except,
                                      size_t *ended,
                                      struct bearerd_error *err);

/**
 * Changes the attributes of a session by its `sid`, and no more: `set` is a JSON object of those to
 * set, `remove` a JSON array of the names of those to remove; NULL for none. Tokens that are out
 * come with the new ones from the next call on in this process, and in others that share the state
 * as soon as they have heard of it.
 *
 * Gives what is there now, in JSON, as ::bearerd_sessions_list does: no session where it has ended.
 * Otherwise as ::bearerd_sessions_get; ::BEARERD_VALIDATION_ERROR also where attributes would be
 * too large or too deep, or a name is both set and removed.
 */
bearerd_code bearerd_sessions_change(const struct bearerd_verifier *verifier,
                                     struct bearerd_str profile,
                                     const char *sid,
                                     size_t len,
                                     struct bearerd_str set,
                                     struct bearerd_str remove,
                                     struct bearerd_text **out,
                                     struct bearerd_error *err);

/**
 * Changes the attributes of all sessions of a user in one step. Otherwise as
 * ::bearerd_sessions_change.
 */
bearerd_code bearerd_sessions_change_all(const struct bearerd_verifier *verifier,
                                         struct bearerd_str profile,
                                         const char *subject,
                                         size_t len,
                                         struct bearerd_str set,
                                         struct bearerd_str remove,
                                         struct bearerd_text **out,
                                         struct bearerd_error *err);

/**
 * Creates a personal access token, as JSON: `{"token", "id", "expires_at"}`, in seconds since the
 * epoch or null. This is the only time that the token is shown: it is kept nowhere. It is good from
 * now on in every process that shares the state.
 *
 * `opts` may be NULL. Owns: `*out` is the caller's; free it with ::bearerd_text_free, which wipes
 * it. Threads: any, at once. Waits for the store. Errors: ::BEARERD_VALIDATION_ERROR naming what is
 * wrong, also where the profile takes no such tokens; ::BEARERD_STORE_UNAVAILABLE.
 */
bearerd_code bearerd_pats_create(const struct bearerd_verifier *verifier,
                                 const char *subject,
                                 size_t len,
                                 const struct bearerd_pat_opts *opts,
                                 struct bearerd_text **out,
                                 struct bearerd_error *err);

/**
 * A subject's personal access tokens that were not revoked, expired ones included for thirty days,
 * in JSON: `{"pats": [{"id", "subject", "description", "scopes", "claims", "created_at",
 * "expires_at", "last_used_at", "last_used_from"}], "next"}`. Where `next` is not null, more follow:
 * pass it as `after`. `after`: NULL to begin.
 *
 * `profile`: NULL for the default. Owns: `*out` is the caller's; free it with ::bearerd_text_free.
 * Threads: any, at once. Waits for the store, once for each token of at most a hundred. Errors:
 * ::BEARERD_VALIDATION_ERROR, ::BEARERD_STORE_UNAVAILABLE.
 */
bearerd_code bearerd_pats_list(const struct bearerd_verifier *verifier,
                               struct bearerd_str profile,
                               const char *subject,
                               size_t len,
                               struct bearerd_str after,
                               struct bearerd_text **out,
                               struct bearerd_error *err);

/**
 * Revokes the personal access token of that id, the `jti` of its claims. It is refused with
 * ::BEARERD_REVOKED from the next call on, cached or not, in this process, and in others that share
 * the state as soon as they have heard of it.
 *
 * `*revoked`, unless `revoked` is NULL: how many were revoked, 0 where there was none or it was
 * before. `profile`: NULL for the default. Threads: any, at once. Waits for the store. Errors:
 * ::BEARERD_VALIDATION_ERROR where it is no id; ::BEARERD_STORE_UNAVAILABLE, and then try again, for
 * it may be revoked in part.
 */
bearerd_code bearerd_pats_revoke(const struct bearerd_verifier *verifier,
                                 struct bearerd_str profile,
                                 const char *id,
                                 size_t len,
                                 size_t *revoked,
                                 struct bearerd_error *err);

/**
 * Revokes a personal access token that is at hand. `profile`: NULL for the one of its prefix. Errors: besides,
 * those of ::bearerd_verify for one that is not the profile's. Otherwise as ::bearerd_pats_revoke.
 */
bearerd_code bearerd_pats_revoke_token(const struct bearerd_verifier *verifier,
                                       struct bearerd_str profile,
                                       const char *token,
                                       size_t len,
                                       size_t *revoked,
                                       struct bearerd_error *err);

/**
 * Revokes every personal access token of a subject. What is created meanwhile may be among them or
 * not. Otherwise as ::bearerd_pats_revoke.
 */
bearerd_code bearerd_pats_revoke_all(const struct bearerd_verifier *verifier,
                                     struct bearerd_str profile,
                                     const char *subject,
                                     size_t len,
                                     size_t *revoked,
                                     struct bearerd_error *err);

/**
 * Revokes a token by its handle; with a refresh token goes all that descends from its sign-in
 * (RFC 7009 §2.1). One that has expired needs no revocation
 * itself, but ends what it shares with others all the same: its session, its family.
 *
 * Holds from the next call on, cached or not, in this process, and in others that share the state as
 * soon as they have heard of it. `profile`: NULL for the one of the token's `iss`, else the default.
 * Threads: any, at once. Waits for the store, where the state is in one. Errors: as ::bearerd_verify where the
 * token is not the profile's; ::BEARERD_VALIDATION_ERROR where it has nothing to be revoked by;
 * ::BEARERD_STORE_UNAVAILABLE where nothing more can be listed.
 */
bearerd_code bearerd_revoke_token(const struct bearerd_verifier *verifier,
                                  struct bearerd_str profile,
                                  const char *token,
                                  size_t len,
                                  struct bearerd_error *err);

/**
 * Voids every token whose handle (the claim by which the profile revokes: `jti`, unless it is
 * mapped) is this one. Otherwise as ::bearerd_revoke_token; `profile`: NULL for the default.
 */
bearerd_code bearerd_revoke_handle(const struct bearerd_verifier *verifier,
                                   struct bearerd_str profile,
                                   const char *handle,
                                   size_t len,
                                   struct bearerd_error *err);

/**
 * Voids every token of this refresh family. Otherwise as ::bearerd_revoke_handle.
 */
bearerd_code bearerd_revoke_family(const struct bearerd_verifier *verifier,
                                   struct bearerd_str profile,
                                   const char *family,
                                   size_t len,
                                   struct bearerd_error *err);

/**
 * Voids what the subject was issued before `issued_before`, in seconds since the epoch; INT64_MIN
 * for all of it up to and including this second. Otherwise as ::bearerd_revoke_handle.
 */
bearerd_code bearerd_revoke_subject(const struct bearerd_verifier *verifier,
                                    struct bearerd_str profile,
                                    const char *subject,
                                    size_t len,
                                    int64_t issued_before,
                                    struct bearerd_error *err);

/**
 * Has the library's log sent to `callback`: 1 errors alone, 2 warnings, 3 information, 4 debugging,
 * 5 everything; 0, or NULL, nothing, which is how it begins. No line holds a token, a secret or a
 * claim.
 *
 * For the whole process; a later call replaces an earlier one, and a line that was under way may
 * still reach the earlier callback after it. `user` is passed on as it is.
 * Threads: any. Errors: ::BEARERD_VALIDATION_ERROR for another level.
 */
bearerd_code bearerd_log_set(uint32_t level, bearerd_log_fn callback, void *user);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* BEARERD_H */
