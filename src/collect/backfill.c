#include "collect/backfill.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "collect/backfill_bring.h"

enum { MEMORY_MB = 230, MOST_WORKERS = 8 };

/* What the workers share, under the mutex. */
struct shared {
    const struct backfill *b;
    const struct plan *plan;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t next;
    int memory_mb, running;
    struct backfill_progress progress;
    err *error; /* of this machine, or a request to stop: ends all */
};

struct worker {
    struct shared *shared;
    pthread_t thread;
    struct bringer bringer;
};

/* -- workers ------------------------------------------------------------------------------------
 */

/* The next unit that fits beside those in work; NULL when there is none, or all is to end. */
static const struct unit *take_unit(struct shared *s) {
    const struct unit *u = NULL;
    pthread_mutex_lock(&s->mutex);
    while (!s->error && s->next < s->plan->count) {
        u = &s->plan->units[s->next];
        if (s->running == 0 || s->memory_mb + u->memory_mb <= MEMORY_MB)
            break;
        u = NULL;
        pthread_cond_wait(&s->changed, &s->mutex);
    }
    if (s->error)
        u = NULL;
    if (u) {
        s->next++;
        s->running++;
        s->memory_mb += u->memory_mb;
    }
    pthread_mutex_unlock(&s->mutex);
    return u;
}

static void give_back(struct worker *w, const struct unit *u, bool failed, err *error) {
    struct shared *s = w->shared;
    char name[160];
    pthread_mutex_lock(&s->mutex);
    s->running--;
    s->memory_mb -= u->memory_mb;
    s->progress.done++;
    s->progress.failed += failed;
    s->progress.rows += failed ? 0 : w->bringer.rows;
    s->progress.bytes += w->bringer.bytes;
    snprintf(name, sizeof name, "%.*s", STR_ARG(u->files[0].name));
    s->progress.now = name;
    if (error && s->error)
        err_free(error);
    else if (error)
        s->error = error;
    if (!s->error && s->b->progress)
        s->b->progress(s->b->context, &s->progress);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
}

static void *work(void *context) {
    struct worker *w = context;
    const struct unit *u;
    while ((u = take_unit(w->shared))) {
        bool failed;
        err *e = backfill_bring(&w->bringer, u, &failed);
        give_back(w, u, failed, e);
    }
    return NULL;
}

static err *open_worker(struct shared *s, struct worker *w, int number, bool simulated) {
    struct source_options options = s->b->source;
    options.connections = 1;
    options.stop = s->b->stop;
    struct bringer *b = &w->bringer;
    w->shared = s;
    *b = (struct bringer){.wanted = s->b->wanted, .number = number};
    TRY(source_open(s->b->location, &options, &b->source));
    TRY(store_open(s->b->data, STORE_WRITE, s->b->stop, &b->store));
    return store_require_kind(b->store, simulated);
}

static void close_worker(struct worker *w) {
    source_close(w->bringer.source);
    store_close(w->bringer.store);
}

static int worker_count(const struct backfill *b, size_t units) {
    long cores = b->workers ? b->workers : sysconf(_SC_NPROCESSORS_ONLN);
    int count = cores < 1 ? 1 : cores > MOST_WORKERS ? MOST_WORKERS : (int)cores;
    return (size_t)count > units ? (int)units : count;
}

static err *run_workers(struct shared *s, bool simulated) {
    struct worker workers[MOST_WORKERS] = {{0}};
    int count = worker_count(s->b, s->plan->count), started = 0;
    err *e = NULL;
    for (int i = 0; i < count && !e; i++)
        e = open_worker(s, &workers[i], i, simulated);
    for (; !e && started < count; started++) {
        int failed = pthread_create(&workers[started].thread, NULL, work, &workers[started]);
        if (failed)
            e = err_errno(failed, "can't start a thread");
        if (e) {
            pthread_mutex_lock(&s->mutex);
            s->error = s->error ? s->error : err_new(ERR_STOPPED, "no thread");
            pthread_mutex_unlock(&s->mutex);
            break;
        }
    }
    for (int i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    for (int i = 0; i < count; i++)
        close_worker(&workers[i]);
    if (e)
        err_free(s->error);
    else
        e = s->error;
    return e;
}

static err *plan_and_work(struct shared *s, struct source *source, struct store *store,
                          struct plan *plan) {
    TRY(backfill_sweep(store));
    TRY(plan_make(s->b, source, store, plan));
    s->progress.units = plan->count;
    if (s->b->progress)
        s->b->progress(s->b->context, &s->progress);
    if (plan->count)
        TRY(run_workers(s, source_is_simulated(source)));
    err *e = store_close_months(store, (aest_day)(aest_now() / AEST_DAY));
    if (e && err_kind(e) == ERR_BUSY) { /* somebody reads; the collector closes them later */
        err_free(e);
        e = NULL;
    }
    return e;
}

err *backfill_run(const struct backfill *b, struct backfill_progress *result) {
    struct plan plan = {0};
    struct shared s = {.b = b, .plan = &plan};
    struct source_options options = b->source;
    struct source *source = NULL;
    struct store *store = NULL;
    options.connections = 1;
    options.stop = b->stop;
    pthread_mutex_init(&s.mutex, NULL);
    pthread_cond_init(&s.changed, NULL);
    err *e = source_open(b->location, &options, &source);
    if (!e)
        e = store_open(b->data, STORE_WRITE, b->stop, &store);
    if (!e)
        e = plan_and_work(&s, source, store, &plan);
    *result = s.progress;
    result->now = NULL;
    plan_free(&plan);
    source_close(source);
    store_close(store);
    pthread_mutex_destroy(&s.mutex);
    pthread_cond_destroy(&s.changed);
    return e;
}
