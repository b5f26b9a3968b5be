/* The simulated server's clock. It shows market time, and may run as fast as the world's, faster,
 * or stand still; it can be set while others read it.
 */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include <pthread.h>

#include "base/aest.h"
#include "base/err.h"

enum { SIM_FASTEST = 100000 };

struct sim_clock {
    pthread_mutex_t mutex;
    aest_us start; /* what it showed when it was last set, */
    int64_t begun; /* and when that was, in the machine's steady time, microseconds */
    double speed;  /* simulated seconds in a second, 0 to SIM_FASTEST */
};

void sim_clock_init(struct sim_clock *c, aest_us now, double speed);
aest_us sim_clock_now(struct sim_clock *c);

/* Appends "now=2025-08-20T23:59:50&speed=1". */
void sim_clock_print(struct sim_clock *c, struct buf *out);
/* Sets the clock by a text of that form, in which either part may be missing. ERR_USAGE, and the
 * clock goes on as it was, when something in it is wrong. */
err *sim_clock_set(struct sim_clock *c, str text) ERR_NODISCARD;

/* A time and a speed as people type them; ERR_USAGE says what is wrong. */
err *sim_read_time(str text, aest_us *out) ERR_NODISCARD;
err *sim_read_speed(str text, double *out) ERR_NODISCARD;

#endif
