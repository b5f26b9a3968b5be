/* A request to stop that wakes sleepers: from a signal handler, or from another thread. */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <stdbool.h>

#include "base/err.h"

struct stop {
    int pipe[2]; /* readable once the request is made; never read */
};

err *stop_init(struct stop *s) ERR_NODISCARD;
void stop_close(struct stop *s);
/* Safe in a signal handler, and more than once. */
void stop_request(struct stop *s);
/* Waits up to [milliseconds], less when the request is made; true when it is. */
bool stop_wait(const struct stop *s, int milliseconds);
static inline bool stop_requested(const struct stop *s) {
    return stop_wait(s, 0);
}

#endif
