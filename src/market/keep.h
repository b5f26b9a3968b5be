/* Keeping what is derived: a thread that finds what the grid and the records lack, and makes it.
 *
 * It looks when it starts, a moment after anything was committed or a table of units was replaced,
 * and once a minute besides. Whoever serves the store has one; several, in one process or more, do
 * each other no harm: each piece is made under the store's lock, by whoever gets there first.
 */
#ifndef MARKET_KEEP_H
#define MARKET_KEEP_H

#include <pthread.h>

#include "base/stop.h"

struct keep {
    const char *data;
    struct stop stop;
    pthread_t thread;
    bool failing; /* the thread's: the last look at records did */
};

/* Starts it on the store in [data], which is there. */
err *keep_start(struct keep *k, const char *data) ERR_NODISCARD;
/* Ends it; what it was about to make is left to the next one. */
void keep_end(struct keep *k);

#endif
