/* An event loop that other threads can call into.
 *
 * All that lives on a loop (connections, timers, what routes use) belongs to the thread that runs
 * it. Whoever else wants something there posts a call, which runs on the loop soon, in the order of
 * posting. */
#ifndef API_LOOP_H
#define API_LOOP_H

#include <event2/event.h>
#include <pthread.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

typedef void loop_call(void *context, intptr_t number);

struct loop {
    struct event_base *base;
    int pipe[2]; /* a byte in it: calls are waiting */
    struct event *wake;
    pthread_mutex_t mutex;
    struct buf calls; /* of what is posted; under the mutex */
    struct buf taken; /* of what is being called */
};

err *loop_open(struct loop *l) ERR_NODISCARD;
/* Makes the calls that are still waiting, when the loop runs no longer. */
void loop_drain(struct loop *l);
/* When nobody posts any longer. */
void loop_close(struct loop *l);
/* From any thread. */
void loop_post(struct loop *l, loop_call *call, void *context, intptr_t number);

#endif
