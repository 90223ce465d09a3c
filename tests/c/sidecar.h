/* A sidecar on one configuration with this program, and requests to it over its unix sockets. */
#ifndef SIDECAR_H
#define SIDECAR_H

#include "check.h"

/* Starts `program serve` on that configuration, with sockets in `folder`. Ends this program where it
 * does not come up. */
void sidecar_start(const char *program, const char *folder, const char *config);

/* The body of the answer to a POST, on the control plane or the data plane. The caller frees. */
char *sidecar_control(const char *path, const char *body);
char *sidecar_data(const char *path, const char *body);

/* Ends it and waits until it is gone. */
void sidecar_stop(void);

#endif
