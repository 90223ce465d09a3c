#include "remote.h"

#include <stdio.h>
#include <time.h>

bearerd_verifier *published_by(unsigned port) {
    char config[512];
    snprintf(config, sizeof config,
             "[profiles.api]\nalgorithms = ['EdDSA']\n"
             "[profiles.api.jwks]\nurl = 'http://127.0.0.1:%u/jwks.json'\nallow_http = true\nallow_private = true\n"
             "unknown_kid_cooldown = 1\n[profiles.api.cache]\nmax_entries = 1024\n",
             port);
    return verifier_of(config);
}

bearerd_code comes_to(const bearerd_verifier *verifier, const char *token, bearerd_code wanted) {
    const struct timespec pause = {0, 2000000};
    double deadline = seconds() + 20;
    bearerd_code code;
    while ((code = verify(verifier, token)) != wanted && seconds() < deadline) nanosleep(&pause, NULL);
    return code;
}
