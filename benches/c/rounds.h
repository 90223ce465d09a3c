/* Contenders that take turns, so that a clock that drifts drifts for all. */
#ifndef ROUNDS_H
#define ROUNDS_H

#include <stddef.h>

/* Verifies the token at `turn` once and returns whether the answer was right. */
typedef int (*contender_fn)(void *state, size_t turn);

typedef struct {
    const char *name;
    contender_fn run;
    void *state;
    double median; /* nanoseconds a call */
    double least, most;
} contender;

enum { ROUNDS = 9 };

/* Asserts each answer, then runs nine rounds of all contenders in turn. Ends the program on a wrong answer. */
void compare(contender *contenders, size_t count);

#endif
