/* A verifier whose keys an issuer publishes, and waiting for what its thread does. */
#ifndef REMOTE_H
#define REMOTE_H

#include "fixture.h"
#include "issuer.h"

/* Fetches from that port, for unknown `kid`s as often as they come. */
bearerd_verifier *published_by(unsigned port);

/* Verifies until the answer is this one, or twenty seconds are over. Returns the last answer. */
bearerd_code comes_to(const bearerd_verifier *verifier, const char *token, bearerd_code wanted);

#endif
