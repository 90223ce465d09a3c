/* Between Go and bearerd.h. cgo forbids to pass memory that holds Go pointers, and checks what might:
 * so options travel as arguments, not as structs, and what comes back holds no pointer types. One
 * call does what belongs together, since crossing costs more than most of what is done. */
#ifndef BEARERD_GO_SHIM_H
#define BEARERD_GO_SHIM_H

#include <bearerd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What a verification comes to: the entry's name, and on a miss the claims, which are the caller's.
 * It is cleared by Go on every call, so it is small. `message` is for free(). */
typedef struct bd_hit {
  uint64_t generation;
  uintptr_t fresh, message;
  uint32_t slot, code;
} bd_hit;

/* Claims as they are seen; the texts live as long as `claims`. */
typedef struct bd_verdict {
  uint64_t generation;
  uintptr_t claims, json, subject;
  size_t json_len, subject_len;
  int64_t expires_at, issued_at;
  uint32_t code, slot, kind;
} bd_verdict;

typedef struct bd_answer {
  uintptr_t text, ptr, message;
  size_t len;
  int64_t expires_at;
  uint32_t code;
} bd_answer;

static inline bearerd_error bd_error(void) {
  bearerd_error err;
  err.size = sizeof err;
  err.code = BEARERD_OK;
  err.message[0] = 0;
  return err;
}

static inline uintptr_t bd_message(const bearerd_error *err) {
  return err->message[0] ? (uintptr_t)strdup(err->message) : 0;
}

static inline bearerd_verify_opts bd_opts(bearerd_str profile, bearerd_str audience, bearerd_str device,
                                          uint32_t kind, const bearerd_guard *guard) {
  bearerd_verify_opts opts;
  memset(&opts, 0, sizeof opts);
  opts.size = sizeof opts;
  opts.kind = kind;
  opts.profile = profile;
  opts.audience = audience;
  opts.device = device;
  opts.guard = guard;
  return opts;
}

/* Takes over `claims`: they are in `out`, or freed. */
static inline void bd_show(uintptr_t handle, bd_verdict *out) {
  bearerd_claims *claims = (bearerd_claims *)handle;
  bearerd_view view;
  memset(&view, 0, sizeof view);
  view.size = sizeof view;
  out->code = bearerd_claims_view(claims, &view);
  if (out->code != BEARERD_OK) {
    bearerd_claims_free(claims);
    return;
  }
  out->claims = handle;
  out->slot = view.slot;
  out->generation = view.generation;
  out->json = (uintptr_t)view.json.ptr;
  out->json_len = view.json.len;
  out->subject = (uintptr_t)view.subject.ptr;
  out->subject_len = view.subject.len;
  out->expires_at = view.expires_at;
  out->issued_at = view.issued_at;
  out->kind = view.kind;
}

static inline void bd_verify_with(const bearerd_verifier *verifier, bearerd_str token,
                                  const bearerd_verify_opts *opts, bd_hit *out) {
  bearerd_error err = bd_error();
  bearerd_slot slot;
  bearerd_claims *fresh;
  out->code = bearerd_verify_slot(verifier, token.ptr, token.len, opts, &slot, &fresh, &err);
  if (out->code != BEARERD_OK) {
    out->message = bd_message(&err);
    return;
  }
  out->slot = slot.slot;
  out->generation = slot.generation;
  out->fresh = (uintptr_t)fresh;
}

/* Without options there is little to carry across. The verifier goes as a number, because cgo looks at
 * every pointer to a type that it does not know. */
static inline void bd_verify_plain(uintptr_t verifier, bearerd_str token, bd_hit *out) {
  bd_verify_with((const bearerd_verifier *)verifier, token, NULL, out);
}

static inline void bd_verify(const bearerd_verifier *verifier, bearerd_str token, bearerd_str profile,
                             bearerd_str audience, bearerd_str device, uint32_t kind,
                             const bearerd_guard *guard, bd_hit *out) {
  bearerd_verify_opts opts = bd_opts(profile, audience, device, kind, guard);
  bd_verify_with(verifier, token, &opts, out);
}

/* Claims in any case, for a hit whose entry is new to Go. */
static inline void bd_fetch(const bearerd_verifier *verifier, bearerd_str token, bearerd_str profile,
                            bearerd_str audience, bearerd_str device, uint32_t kind,
                            const bearerd_guard *guard, bd_hit *out) {
  bearerd_verify_opts opts = bd_opts(profile, audience, device, kind, guard);
  bearerd_error err = bd_error();
  bearerd_claims *claims = NULL;
  out->code = bearerd_verify(verifier, token.ptr, token.len, &opts, &claims, &err);
  out->fresh = (uintptr_t)claims;
  if (out->code != BEARERD_OK) out->message = bd_message(&err);
}

static inline void bd_release(uintptr_t claims) { bearerd_claims_free((bearerd_claims *)claims); }
static inline void bd_free(uintptr_t memory) { free((void *)memory); }
static inline void bd_text_release(uintptr_t text) { bearerd_text_free((bearerd_text *)text); }

/* Token i is flat[ends[i-1] .. ends[i]]. Returns whether there was memory for the call. */
static inline int bd_verify_many(const bearerd_verifier *verifier, const char *flat, const uint64_t *ends,
                                 size_t n, bearerd_str profile, bearerd_str audience, bearerd_str device,
                                 uint32_t kind, const bearerd_guard *guard, bd_verdict *out) {
  bearerd_verify_opts opts = bd_opts(profile, audience, device, kind, guard);
  bearerd_str *tokens = calloc(n, sizeof *tokens);
  bearerd_code *codes = calloc(n, sizeof *codes);
  bearerd_claims **claims = calloc(n, sizeof *claims);
  int whole = tokens != NULL && codes != NULL && claims != NULL;
  if (whole) {
    for (size_t i = 0, at = 0; i < n; at = ends[i], i++) {
      tokens[i].ptr = flat + at;
      tokens[i].len = ends[i] - at;
    }
    bearerd_verify_many(verifier, tokens, n, &opts, codes, claims);
    for (size_t i = 0; i < n; i++) {
      out[i].code = codes[i];
      if (claims[i] != NULL) bd_show((uintptr_t)claims[i], &out[i]);
    }
  }
  free(tokens);
  free(codes);
  free(claims);
  return whole;
}

static inline void bd_release_many(const bd_verdict *verdicts, size_t n) {
  for (size_t i = 0; i < n; i++) bearerd_claims_free((bearerd_claims *)verdicts[i].claims);
}

/* Texts 2i and 2i+1 of flat are the name and the value of header i. The token is named by where it
 * stands in flat. */
static inline bearerd_code bd_extract(const bearerd_verifier *verifier, bearerd_str profile, const char *flat,
                                      const uint64_t *ends, size_t n, uint64_t *at, uint64_t *len) {
  bearerd_header few[8], *headers = few;
  bearerd_str token = {0};
  if (n > sizeof few / sizeof *few && (headers = calloc(n, sizeof *headers)) == NULL) return BEARERD_INTERNAL;
  for (size_t i = 0, from = 0; i < n; from = ends[2 * i + 1], i++) {
    headers[i].name.ptr = flat + from;
    headers[i].name.len = ends[2 * i] - from;
    headers[i].value.ptr = flat + ends[2 * i];
    headers[i].value.len = ends[2 * i + 1] - ends[2 * i];
  }
  bearerd_code code = bearerd_extract(verifier, profile, headers, n, &token, NULL);
  if (code == BEARERD_OK) {
    *at = (uint64_t)(token.ptr - flat);
    *len = token.len;
  }
  if (headers != few) free(headers);
  return code;
}

/* What a request must bring; `guard` lives as long as the verifier. */
typedef struct bd_route {
  uintptr_t guard, message;
  size_t guard_len;
  uint32_t code, access;
} bd_route;

static inline void bd_route_find(const bearerd_verifier *verifier, bearerd_str method, bearerd_str target,
                                 bd_route *out) {
  bearerd_error err = bd_error();
  bearerd_route route;
  memset(&route, 0, sizeof route);
  route.size = sizeof route;
  out->code = bearerd_route_find(verifier, method, target, &route, &err);
  if (out->code != BEARERD_OK) out->message = bd_message(&err);
  out->access = route.access;
  out->guard = (uintptr_t)route.guard.ptr;
  out->guard_len = route.guard.len;
}

static inline void bd_answered(bearerd_text *text, const bearerd_error *err, bd_answer *out) {
  if (out->code != BEARERD_OK) {
    out->message = bd_message(err);
  } else if (text != NULL) {
    bearerd_str borrowed = bearerd_text_borrow(text);
    out->text = (uintptr_t)text;
    out->ptr = (uintptr_t)borrowed.ptr;
    out->len = borrowed.len;
  }
}

static inline void bd_explain(const bearerd_verifier *verifier, bearerd_str token, bearerd_str profile,
                              bearerd_str audience, bearerd_str device, uint32_t kind,
                              const bearerd_guard *guard, bd_answer *out) {
  bearerd_verify_opts opts = bd_opts(profile, audience, device, kind, guard);
  bearerd_error err = bd_error();
  bearerd_text *text = NULL;
  out->code = bearerd_explain(verifier, token.ptr, token.len, &opts, &text, &err);
  bd_answered(text, &err, out);
}

static inline void bd_sign(const bearerd_verifier *verifier, int pair, uint32_t kind, bearerd_str profile,
                           bearerd_str ttl, bearerd_str claims, bd_answer *out) {
  bearerd_sign_opts opts;
  bearerd_error err = bd_error();
  bearerd_text *text = NULL;
  memset(&opts, 0, sizeof opts);
  opts.size = sizeof opts;
  opts.kind = kind;
  opts.profile = profile;
  opts.ttl = ttl;
  out->code = pair ? bearerd_sign_pair(verifier, &opts, claims.ptr, claims.len, &text, &err)
                   : bearerd_sign(verifier, &opts, claims.ptr, claims.len, &text, &out->expires_at, &err);
  bd_answered(text, &err, out);
}

static inline void bd_rotate(const bearerd_verifier *verifier, bearerd_str refresh, bearerd_str profile,
                             bearerd_str ttl, bearerd_str set, bearerd_str remove, bd_answer *out) {
  bearerd_rotate_opts opts;
  bearerd_error err = bd_error();
  bearerd_text *text = NULL;
  memset(&opts, 0, sizeof opts);
  opts.size = sizeof opts;
  opts.profile = profile;
  opts.ttl = ttl;
  opts.set = set;
  opts.remove = remove;
  out->code = bearerd_rotate(verifier, refresh.ptr, refresh.len, &opts, &text, &err);
  bd_answered(text, &err, out);
}

enum { BD_TOKEN, BD_HANDLE, BD_FAMILY, BD_SUBJECT };

static inline void bd_revoke(const bearerd_verifier *verifier, int what, bearerd_str profile, bearerd_str text,
                             int64_t before, bd_answer *out) {
  bearerd_error err = bd_error();
  switch (what) {
  case BD_TOKEN: out->code = bearerd_revoke_token(verifier, profile, text.ptr, text.len, &err); break;
  case BD_HANDLE: out->code = bearerd_revoke_handle(verifier, profile, text.ptr, text.len, &err); break;
  case BD_FAMILY: out->code = bearerd_revoke_family(verifier, profile, text.ptr, text.len, &err); break;
  default: out->code = bearerd_revoke_subject(verifier, profile, text.ptr, text.len, before, &err);
  }
  bd_answered(NULL, &err, out);
}

/* Another reference to claims that have a session. 0 for those that have none, and then their context,
 * which stays what it is. */
static inline uintptr_t bd_hold_session(uintptr_t handle, bd_answer *out) {
  bearerd_error err = bd_error();
  bearerd_claims *claims = (bearerd_claims *)handle;
  bearerd_session *session = NULL;
  bearerd_text *text = NULL;
  out->code = bearerd_claims_session(claims, &session);
  if (session != NULL) {
    bearerd_session_free(session);
    return (uintptr_t)bearerd_claims_clone(claims);
  }
  if (out->code == BEARERD_OK) out->code = bearerd_claims_context(claims, &text);
  bd_answered(text, &err, out);
  return 0;
}

/* The version of the claims' session, and the session itself unless its version is the known one. */
static inline uint64_t bd_session(uintptr_t handle, uint64_t known, bd_answer *out) {
  bearerd_error err = bd_error();
  bearerd_session *session = NULL;
  bearerd_text *text = NULL;
  out->code = bearerd_claims_session((bearerd_claims *)handle, &session);
  uint64_t version = bearerd_session_version(session);
  if (out->code == BEARERD_OK && version != known) out->code = bearerd_session_json(session, &text);
  bearerd_session_free(session);
  bd_answered(text, &err, out);
  return version;
}

/* The same for the context of claims that have a session. */
static inline uint64_t bd_context(uintptr_t handle, uint64_t known, bd_answer *out) {
  bearerd_error err = bd_error();
  bearerd_session *session = NULL;
  bearerd_text *text = NULL;
  out->code = bearerd_claims_session((bearerd_claims *)handle, &session);
  uint64_t version = bearerd_session_version(session);
  if (out->code == BEARERD_OK && version != known) out->code = bearerd_claims_context((bearerd_claims *)handle, &text);
  bearerd_session_free(session);
  bd_answered(text, &err, out);
  return version;
}

/* What order.go lists, in its order; a count is in `expires_at`. */
static inline void bd_order(const bearerd_verifier *verifier, uint32_t number, uint32_t kind, bearerd_str profile,
                            bearerd_str what, bearerd_str a, bearerd_str b, bearerd_str c, bearerd_str d,
                            bd_answer *out) {
  bearerd_error err = bd_error();
  bearerd_text *text = NULL;
  size_t count = 0;
  bearerd_sign_in_opts sign_in = {sizeof sign_in, kind, profile, a, b, c, d};
  bearerd_pat_opts pat = {sizeof pat, 0, profile, a, b, c, d};
  switch (number) {
  case 0: out->code = bearerd_sign_in(verifier, what.ptr, what.len, &sign_in, &text, &err); break;
  case 1: out->code = bearerd_sessions_get(verifier, profile, what.ptr, what.len, &text, &err); break;
  case 2: out->code = bearerd_sessions_list(verifier, profile, what.ptr, what.len, &text, &err); break;
  case 3: out->code = bearerd_sessions_end(verifier, profile, what.ptr, what.len, &count, &err); break;
  case 4: out->code = bearerd_sessions_end_all(verifier, profile, what.ptr, what.len, a, &count, &err); break;
  case 5: out->code = bearerd_sessions_change(verifier, profile, what.ptr, what.len, a, b, &text, &err); break;
  case 6: out->code = bearerd_sessions_change_all(verifier, profile, what.ptr, what.len, a, b, &text, &err); break;
  case 7: out->code = bearerd_pats_create(verifier, what.ptr, what.len, &pat, &text, &err); break;
  case 8: out->code = bearerd_pats_list(verifier, profile, what.ptr, what.len, a, &text, &err); break;
  case 9: out->code = bearerd_pats_revoke(verifier, profile, what.ptr, what.len, &count, &err); break;
  case 10: out->code = bearerd_pats_revoke_token(verifier, profile, what.ptr, what.len, &count, &err); break;
  default: out->code = bearerd_pats_revoke_all(verifier, profile, what.ptr, what.len, &count, &err);
  }
  out->expires_at = (int64_t)count;
  bd_answered(text, &err, out);
}

enum { BD_DESCRIBE, BD_JWKS, BD_RELOAD };

static inline void bd_ask(const bearerd_verifier *verifier, int what, bd_answer *out) {
  bearerd_error err = bd_error();
  bearerd_text *text = NULL;
  switch (what) {
  case BD_DESCRIBE: out->code = bearerd_verifier_describe(verifier, &text, &err); break;
  case BD_JWKS: out->code = bearerd_verifier_jwks(verifier, &text, &err); break;
  default: out->code = bearerd_verifier_reload_keys(verifier, &err);
  }
  bd_answered(text, &err, out);
}

static inline void bd_replace_keys(const bearerd_verifier *verifier, bearerd_str profile, bearerd_str jwks,
                                   bd_answer *out) {
  bearerd_error err = bd_error();
  out->code = bearerd_verifier_replace_keys(verifier, profile, jwks.ptr, jwks.len, &err);
  bd_answered(NULL, &err, out);
}

static inline void bd_stats(const bearerd_verifier *verifier, bearerd_str profile, bearerd_stats *stats,
                            bd_answer *out) {
  bearerd_error err = bd_error();
  memset(stats, 0, sizeof *stats);
  stats->size = sizeof *stats;
  out->code = bearerd_verifier_stats(verifier, profile, stats, &err);
  bd_answered(NULL, &err, out);
}

enum { BD_TEXT, BD_FILE, BD_ENVIRONMENT };

static inline bearerd_verifier *bd_new(int from, bearerd_str text, bd_answer *out) {
  bearerd_error err = bd_error();
  bearerd_verifier *verifier = NULL;
  switch (from) {
  case BD_TEXT: out->code = bearerd_verifier_new(text.ptr, text.len, &verifier, &err); break;
  case BD_FILE: out->code = bearerd_verifier_from_file(text.ptr, text.len, &verifier, &err); break;
  default: out->code = bearerd_verifier_from_env(&verifier, &err);
  }
  bd_answered(NULL, &err, out);
  return verifier;
}

static inline bearerd_guard *bd_guard(const bearerd_verifier *verifier, bearerd_str text, bd_answer *out) {
  bearerd_error err = bd_error();
  bearerd_guard *guard = NULL;
  out->code = verifier == NULL ? bearerd_guard_new(text.ptr, text.len, &guard, &err)
                               : bearerd_guard_named(verifier, text.ptr, text.len, &guard, &err);
  bd_answered(NULL, &err, out);
  return guard;
}

#endif
