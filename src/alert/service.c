#include "alert/service.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "alert/deliver.h"
#include "base/log.h"
#include "store/alert_catalogue.h"
#include "store/lock.h"

enum { LOOK_MS = 500, AGAIN_MS = 2000, LOCK_S = 30, FORGET_S = 86400, KEEP_S = 400 * 86400 };

struct alert_service;

struct delivery {
    struct alert_service *service;
    const struct sink *sink;
    pthread_t thread;
    bool begun;
};

struct alert_service {
    const char *data;
    const struct alert_settings *settings;
    struct rule_use *uses;
    size_t use_count;
    struct sink *sinks;
    size_t sink_count;
    pthread_t thread;
    bool begun;
    atomic_bool on;      /* this process has the lock */
    atomic_uint parcels; /* counts what came into the outbox, for those who deliver */
    struct delivery deliveries[SINKS];
};

/* Says an error once, and again when it is another one. */
static void say(char said[200], const char *what, err *e) {
    const char *text = e ? err_text(e) : "";
    if (e && err_kind(e) != ERR_STOPPED && strncmp(said, text, 199) != 0)
        log_error(what, log_err(e));
    snprintf(said, 200, "%s", text);
    err_free(e);
}

/* -- delivery -----------------------------------------------------------------------------------
 */

static err *deliver_until_stopped(struct delivery *d, struct alerts *a) {
    const struct stop *stop = d->service->settings->stop;
    int64_t next = 0;
    unsigned seen = 0;
    char said[200] = "";
    TRY(outbox_drop_others(a, d->sink->kind->name, d->sink->digests, d->sink->target_count));
    while (!stop_wait(stop, LOOK_MS)) {
        unsigned parcels = atomic_load(&d->service->parcels);
        int64_t now = time(NULL);
        if (!atomic_load(&d->service->on) || (parcels == seen && now < next))
            continue;
        seen = parcels;
        err *e = deliver_due(a, d->sink, now, &next);
        if (e)
            next = now + 5;
        say(said, "alerts can't be delivered", e);
    }
    return NULL;
}

static err *deliver_with(struct delivery *d, const char *path) {
    struct alerts a;
    TRY(alerts_open(&a, path, d->service->settings->stop));
    err *e = deliver_until_stopped(d, &a);
    alerts_close(&a);
    return e;
}

/* What fails is begun again: a process that goes on without its alerts is worse than one that ends.
 */
static void *deliver(void *context) {
    struct delivery *d = context;
    struct arena memory = {0};
    const char *path = alerts_path(&memory, d->service->data);
    char said[200] = "";
    do
        say(said, "alerts can't be delivered", deliver_with(d, path));
    while (!stop_wait(d->service->settings->stop, AGAIN_MS));
    arena_free(&memory);
    return NULL;
}

/* -- judging ------------------------------------------------------------------------------------
 */

static void judge_until_stopped(struct alert_service *s, struct engine *e) {
    int64_t forgotten = 0;
    char said[200] = "";
    while (!stop_wait(s->settings->stop, LOOK_MS)) {
        int64_t now = time(NULL);
        bool told;
        say(said, "alerts can't be judged", engine_pass(e, now, &told));
        if (told)
            atomic_fetch_add(&s->parcels, 1);
        if (now - forgotten < FORGET_S)
            continue;
        err_free(outbox_forget(e->alerts, now - KEEP_S));
        forgotten = now;
    }
}

/* "High price\nExtreme price" */
static const char *steps_of(struct arena *memory, const struct ladder *l) {
    const char *text = "";
    for (int i = 0; i < l->count; i++)
        text = arena_printf(memory, "%s%s%s", text, i ? "\n" : "", l->steps[i].head);
    return text;
}

/* What others are to know of rules and sinks. */
static err *write_catalogue(struct alert_service *s, struct alerts *a) {
    struct arena memory = {0};
    struct alert_rule_entry *entries = ARENA_ARRAY(&memory, struct alert_rule_entry, s->use_count);
    struct alert_sink_entry *sinks = ARENA_ARRAY(&memory, struct alert_sink_entry, s->sink_count);
    for (size_t i = 0; i < s->use_count; i++) {
        const struct rule_use *u = &s->uses[i];
        bool by_clock = u->rule->clock == RULE_TICKS;
        entries[i] =
            (struct alert_rule_entry){.name = u->name,
                                      .summary = u->rule->summary,
                                      .steps = steps_of(&memory, &u->ladder),
                                      .step_s = by_clock ? 0 : datasets[u->dataset].step * 300};
    }
    for (size_t i = 0; i < s->sink_count; i++)
        sinks[i] =
            (struct alert_sink_entry){s->sinks[i].kind->name, s->sinks[i].shown, s->sinks[i].rate};
    err *e = alerts_put_catalogue(a, entries, s->use_count, sinks, s->sink_count);
    arena_free(&memory);
    return e;
}

static err *judge_with(struct alert_service *s, const char *path) {
    struct alerts a;
    struct engine e = {.alerts = &a,
                       .uses = s->uses,
                       .use_count = s->use_count,
                       .sinks = s->sinks,
                       .stop = s->settings->stop,
                       .sink_count = s->sink_count};
    TRY(store_open(s->data, STORE_READ, s->settings->stop, &e.store));
    err *error = alerts_open(&a, path, s->settings->stop);
    if (!error) {
        error = write_catalogue(s, &a);
        atomic_store(&s->on, true);
        if (!error)
            judge_until_stopped(s, &e);
        alerts_close(&a);
    }
    engine_close(&e);
    store_close(e.store);
    return error;
}

static void *judge(void *context) {
    struct alert_service *s = context;
    struct arena memory = {0};
    const char *lock_path = arena_printf(&memory, "%s/lock.alerts", s->data);
    int lock;
    bool said = false;
    for (;;) {
        err *e = lock_try(lock_path, &lock);
        if (!e)
            break;
        if (!said)
            log_info("another process sees to alerts", log_err(e));
        said = true;
        err_free(e);
        if (stop_wait(s->settings->stop, LOCK_S * 1000)) {
            arena_free(&memory);
            return NULL;
        }
    }
    char failure[200] = "";
    do
        say(failure, "alerts can't be judged", judge_with(s, alerts_path(&memory, s->data)));
    while (!stop_wait(s->settings->stop, AGAIN_MS));
    lock_release(lock);
    arena_free(&memory);
    return NULL;
}

/* -- starting -----------------------------------------------------------------------------------
 */

static err *start_threads(struct alert_service *s) {
    int failed = pthread_create(&s->thread, NULL, judge, s);
    s->begun = !failed;
    for (size_t i = 0; i < s->sink_count && !failed; i++) {
        struct delivery *d = &s->deliveries[i];
        *d = (struct delivery){.service = s, .sink = &s->sinks[i]};
        failed = pthread_create(&d->thread, NULL, deliver, d);
        d->begun = !failed;
    }
    return failed ? err_errno(failed, "can't start the alerts' threads") : NULL;
}

err *alert_service_start(const char *data, const struct alert_settings *settings,
                         struct alert_service **out) {
    struct alert_service *s = mem_zalloc(1, sizeof *s);
    s->data = data;
    s->settings = settings;
    *out = s;
    err *e = sinks_configure(settings, &s->sinks, &s->sink_count);
    if (!e)
        e = rules_configure(settings, &s->uses, &s->use_count);
    return e ? e : start_threads(s);
}

void alert_service_join(struct alert_service *s) {
    if (!s)
        return;
    if (s->begun)
        pthread_join(s->thread, NULL);
    for (size_t i = 0; i < s->sink_count; i++)
        if (s->deliveries[i].begun)
            pthread_join(s->deliveries[i].thread, NULL);
    free(s);
}
