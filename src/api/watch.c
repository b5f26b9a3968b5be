#include "api/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "store/alerts.h"

enum { PERIOD_MS = 1000 };

static err *look_at(struct watch *w, enum dataset_id id, bool changed) {
    const struct dataset *d = &datasets[id];
    const struct store_index *x = &w->store->indexes[id];
    if (changed) {
        TRY(store_index(w->store, id, &x));
        uint64_t seen = x->listed * 31 + x->seen;
        if (seen != w->datasets[id].seen)
            events_publish_interval(w->events, d, x->has_bounds, x->last);
        w->datasets[id].seen = seen;
    }
    bool stale = store_index_is_stale(x, d, aest_now());
    if (!w->datasets[id].known || stale != w->datasets[id].stale)
        events_publish_stale(w->events, d, stale, x->has_bounds, x->last);
    w->datasets[id].known = true;
    w->datasets[id].stale = stale;
    return NULL;
}

static err *look(struct watch *w) {
    uint64_t version;
    TRY(store_version(w->store, &version));
    bool changed = version != w->version;
    for (int i = 0; i < DATASETS; i++)
        TRY(look_at(w, (enum dataset_id)i, changed));
    w->version = version;
    return NULL;
}

/* -- alerts -------------------------------------------------------------------------------------
 */

enum { MOST_DECISIONS = 200 }; /* told of one look; of more, the newest */

static void tell(struct watch *w, const struct alert_decision *d) {
    struct buf text = {0};
    struct json j = json_to(&text);
    json_object(&j);
    json_key(&j, "id"), json_int(&j, d->id);
    json_key(&j, "rule"), json_cstr(&j, d->rule);
    json_key(&j, "key"), json_cstr(&j, d->key);
    json_key(&j, "kind"), json_cstr(&j, d->kind);
    json_key(&j, "severity"), json_cstr(&j, alert_severity_name[d->severity]);
    json_key(&j, "time"), json_int(&j, d->at);
    json_key(&j, "value"), json_double(&j, d->value);
    json_key(&j, "text"), json_cstr(&j, d->text);
    json_key(&j, "sent"), json_bool(&j, d->unsent == NULL);
    json_end(&j);
    events_publish(w->events, "alert", buf_str(&text));
    buf_free(&text);
}

/* The first look tells nothing: what was decided before is in the history. */
static err *tell_decisions(struct watch *w, struct arena *a, const char *path) {
    struct alerts alerts;
    struct alert_decision *decisions;
    size_t count;
    bool first = w->decision < 0;
    const struct alert_history which = {.after = first ? 0 : w->decision,
                                        .limit = first ? 1 : MOST_DECISIONS};
    TRY(alerts_open_to_read(&alerts, path));
    err *e = alerts_history(&alerts, a, &which, &decisions, &count);
    for (size_t i = 0; !e && i < count; i++) {
        if (!first)
            tell(w, &decisions[i]);
        w->decision = decisions[i].id;
    }
    if (!e && w->decision < 0)
        w->decision = 0;
    alerts_close(&alerts);
    return e;
}

static err *look_at_alerts(struct watch *w) {
    struct arena a = {0};
    const char *path = alerts_path(&a, w->store->path);
    const struct file_stamp now[2] = {file_stamp(path),
                                      file_stamp(arena_printf(&a, "%s-wal", path))};
    err *e = NULL;
    if (w->decision < 0 || !file_stamp_eq(now[0], w->alerts[0]) ||
        !file_stamp_eq(now[1], w->alerts[1]))
        e = tell_decisions(w, &a, path);
    if (!e)
        w->alerts[0] = now[0], w->alerts[1] = now[1];
    arena_free(&a);
    return e;
}

static void *run(void *context) {
    struct watch *w = context;
    char bytes[64];
    for (;;) {
        err *e = look(w);
        if (!e)
            e = look_at_alerts(w);
        if (e && !w->failing)
            log_warn("the store can't be watched", log_err(e));
        w->failing = e != NULL;
        err_free(e);
        struct pollfd woken = {.fd = w->pipe[0], .events = POLLIN};
        if (poll(&woken, 1, PERIOD_MS) > 0 && read(w->pipe[0], bytes, sizeof bytes) == 0)
            return NULL;
    }
}

static err *begin(struct watch *w) {
    if (pipe(w->pipe))
        return err_errno(errno, "can't make a pipe");
    for (int i = 0; i < 2; i++)
        fcntl(w->pipe[i], F_SETFD, FD_CLOEXEC);
    fcntl(w->pipe[1], F_SETFL, O_NONBLOCK);
    int failed = pthread_create(&w->thread, NULL, run, w);
    if (!failed)
        return NULL;
    close(w->pipe[0]);
    close(w->pipe[1]);
    return err_errno(failed, "can't start the watcher's thread");
}

err *watch_open(struct watch *w, const char *store, struct events *events) {
    *w = (struct watch){.events = events, .decision = -1};
    TRY(store_open(store, STORE_READ, NULL, &w->store));
    err *e = begin(w);
    if (e)
        store_close(w->store);
    return e;
}

void watch_look(struct watch *w) {
    if (write(w->pipe[1], "", 1) < 0 && errno != EAGAIN)
        log_warn("the watcher can't be woken");
}

void watch_close(struct watch *w) {
    close(w->pipe[1]);
    pthread_join(w->thread, NULL);
    close(w->pipe[0]);
    store_close(w->store);
}
