/* What the steps of the shared cases do. */
#ifndef ACTS_H
#define ACTS_H

#include "check.h"

#include <jansson.h>

/* What a step came to. Fields that it has not are NULL, and the count is below zero. */
typedef struct {
    bearerd_claims *claims;
    json_t *answer;
    json_int_t count;
} outcome;

/* Does what `name` says with the members `given`. */
bearerd_code act(const bearerd_verifier *verifier, const char *name, const json_t *given, outcome *out);

/* Whether it is a verification, which is asked twice. */
bool verifies(const char *name);

/* One spelling of a value: equal values have equal texts, and 1 is not 1.0 unless both are. */
char *spelled(const json_t *value);

/* The value of a text; NULL where it is none. */
json_t *parsed(bearerd_str text);

#endif
