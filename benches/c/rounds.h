/* Contenders that take turns, so that a clock that drifts drifts for all. */
#ifndef ROUNDS_H
#define ROUNDS_H

#include <stddef.h>

enum { ROUNDS = 9 };

/* Verifies the token at `turn` once and returns whether the answer was right. */
typedef int (*contender_fn)(void *state, size_t turn);

typedef struct {
    const char *name;
    contender_fn run;
    void *state;
    double median; /* nanoseconds a call */
    double times[ROUNDS]; /* of each round, in the order in which they were */
    int rounds;
} contender;

/* Asserts each answer, then runs rounds of all contenders in turn: nine, or three short ones where
 * BEARERD_BENCH_QUICK is set. Ends the program on a wrong answer. */
void compare(contender *contenders, size_t count);

#endif
