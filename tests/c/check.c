#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failed;

static bool note(bool held) {
    if (!held) __atomic_add_fetch(&failed, 1, __ATOMIC_RELAXED);
    return held;
}

bool check_that(bool held, const char *what, const char *file, int line) {
    if (!held) fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    return note(held);
}

bool check_code(bearerd_code got, bearerd_code wanted, const char *what, const char *file, int line) {
    if (got != wanted) {
        bearerd_str name = bearerd_code_name(got), due = bearerd_code_name(wanted);
        fprintf(stderr, "%s:%d: %s\n    wanted %.*s, got %.*s (%u)\n", file, line, what, (int)due.len, due.ptr,
                (int)name.len, name.len ? name.ptr : "", got);
    }
    return note(got == wanted);
}

bool check_int(long long got, long long wanted, const char *what, const char *file, int line) {
    if (got != wanted) fprintf(stderr, "%s:%d: %s\n    wanted %lld, got %lld\n", file, line, what, wanted, got);
    return note(got == wanted);
}

bool check_text(bearerd_str got, const char *wanted, const char *what, const char *file, int line) {
    bool held = got.len == strlen(wanted) && (got.len == 0 || memcmp(got.ptr, wanted, got.len) == 0);
    if (!held)
        fprintf(stderr, "%s:%d: %s\n    wanted \"%s\", got \"%.*s\"\n", file, line, what, wanted, (int)got.len,
                got.len ? got.ptr : "");
    return note(held);
}

int failures(void) { return __atomic_load_n(&failed, __ATOMIC_RELAXED); }

void test(const char *name, void (*body)(void)) {
    int before = failures();
    body();
    printf("%s %s\n", failures() == before ? "ok    " : "FAILED", name);
    fflush(stdout);
}

int verdict(void) { return failures() ? 1 : 0; }

void die(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}
