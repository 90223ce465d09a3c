/* What a shared case keeps of the answers, and the places of its steps where it goes. */
#ifndef KEPT_H
#define KEPT_H

#include <jansson.h>

/* A copy of `given` with what `kept` has in its places; of an expectation, with what satisfies one of its
 * forms taken from `got`, which may be NULL. Equal to `got` is then what is expected. The caller frees. */
json_t *filled(const json_t *given, const json_t *kept, const json_t *got);

#endif
