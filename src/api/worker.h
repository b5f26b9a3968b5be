/* What takes long, or needs DuckDB, is done by a thread of its own, one job after the other, so
 * that a request for a chart never waits for it: one for exports, whose clients may be slow, one
 * for all else. The queue is short: who finds it full is told to
 * come back later. */
#ifndef API_WORKER_H
#define API_WORKER_H

#include <pthread.h>
#include <stdbool.h>

#include "base/err.h"

enum { WORKER_QUEUE = 8 };

struct job {
    void (*run)(struct job *j); /* in the worker's thread; the job is its own from then on */
    void (*interrupt)(
        struct job *j); /* from another, while it runs: it should end. May come often */
    struct job *next;
};

struct worker {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct job *first, *last; /* waiting */
    struct job *running;
    int waiting;
    bool stopping, ended;
};

err *worker_open(struct worker *w) ERR_NODISCARD;
/* False when the queue is full. */
bool worker_submit(struct worker *w, struct job *j);
/* Jobs that wait and the one that runs. */
int worker_load(struct worker *w);
/* Interrupts each job that is left, as its turn comes, and ends. */
void worker_close(struct worker *w);

#endif
