#include "api/worker.h"

#include <time.h>

enum { INTERRUPT_AGAIN_MS = 5 };

static struct job *take(struct worker *w) {
    struct job *j = w->first;
    if (j) {
        w->first = j->next;
        w->waiting--;
        w->running = j;
    }
    return j;
}

static void *work(void *context) {
    struct worker *w = context;
    pthread_mutex_lock(&w->mutex);
    for (;;) {
        struct job *j = take(w);
        if (j) {
            pthread_mutex_unlock(&w->mutex);
            j->run(j);
            pthread_mutex_lock(&w->mutex);
            w->running = NULL;
        } else if (w->stopping) {
            break;
        } else {
            pthread_cond_wait(&w->changed, &w->mutex);
        }
    }
    w->ended = true;
    pthread_mutex_unlock(&w->mutex);
    return NULL;
}

err *worker_open(struct worker *w) {
    *w = (struct worker){.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    int failed = pthread_create(&w->thread, NULL, work, w);
    return failed ? err_errno(failed, "can't start the worker's thread") : NULL;
}

bool worker_submit(struct worker *w, struct job *j) {
    pthread_mutex_lock(&w->mutex);
    bool room = w->waiting < WORKER_QUEUE && !w->stopping;
    if (room) {
        j->next = NULL;
        if (w->first)
            w->last->next = j;
        else
            w->first = j;
        w->last = j;
        w->waiting++;
        pthread_cond_signal(&w->changed);
    }
    pthread_mutex_unlock(&w->mutex);
    return room;
}

int worker_load(struct worker *w) {
    pthread_mutex_lock(&w->mutex);
    int load = w->waiting + (w->running != NULL);
    pthread_mutex_unlock(&w->mutex);
    return load;
}

void worker_close(struct worker *w) {
    pthread_mutex_lock(&w->mutex);
    w->stopping = true;
    pthread_cond_signal(&w->changed);
    while (!w->ended) { /* a job may not have come to where an interruption stops it */
        if (w->running)
            w->running->interrupt(w->running);
        pthread_mutex_unlock(&w->mutex);
        nanosleep(&(struct timespec){.tv_nsec = INTERRUPT_AGAIN_MS * 1000000L}, NULL);
        pthread_mutex_lock(&w->mutex);
    }
    pthread_mutex_unlock(&w->mutex);
    pthread_join(w->thread, NULL);
    pthread_mutex_destroy(&w->mutex);
    pthread_cond_destroy(&w->changed);
}
