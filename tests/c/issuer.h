/* An HTTP server that publishes a JWK set, on a port of its own and a thread of its own. */
#ifndef ISSUER_H
#define ISSUER_H

#include "check.h"

/* Serves `document` at every path of 127.0.0.1; NULL answers 503. Returns the port. */
unsigned issuer_start(const char *document);

/* From now on, that document. */
void issuer_publish(const char *document);

/* How many requests were answered. */
unsigned issuer_requests(void);

/* Ends the server and frees all of it. */
void issuer_stop(void);

#endif
