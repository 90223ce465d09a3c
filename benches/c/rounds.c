#include "rounds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

static double timed(const contender *which, size_t from, size_t calls) {
    double begin = now();
    for (size_t call = 0; call < calls; call++) {
        if (!which->run(which->state, from + call)) {
            fprintf(stderr, "%s: a wrong answer\n", which->name);
            exit(1);
        }
    }
    return (now() - begin) / (double)calls;
}

static int ascending(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

void compare(contender *contenders, size_t count) {
    int quick = getenv("BEARERD_BENCH_QUICK") != NULL, rounds = quick ? 3 : ROUNDS;
    size_t calls[16];
    for (size_t at = 0; at < count; at++) {
        /* Every token once, which also says how many calls make a tenth of a second. */
        double each = timed(&contenders[at], 0, 1000);
        calls[at] = (size_t)((quick ? 1e7 : 1e8) / each) + 1;
    }
    for (int round = 0; round < rounds; round++)
        for (size_t turn = 0; turn < count; turn++) {
            size_t at = ((size_t)round + turn) % count;
            contenders[at].times[round] = timed(&contenders[at], (size_t)round * 7919, calls[at]);
        }
    for (size_t at = 0; at < count; at++) {
        double sorted[ROUNDS];
        contenders[at].rounds = rounds;
        memcpy(sorted, contenders[at].times, sizeof sorted);
        qsort(sorted, (size_t)rounds, sizeof(double), ascending);
        contenders[at].median = sorted[rounds / 2];
    }
}
