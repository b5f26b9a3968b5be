#include "api/service.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/kept_records.h"
#include "base/log.h"
#include "base/notify.h"

enum {
    MOST_THREADS = 8,
    MOST_CONNECTIONS = 16384,
    /* descriptors that are not for connections: files, the database, exports, the collector's */
    OTHER_DESCRIPTORS = 256,
    TOKEN_RATE = 1200,
    MOST_HOSTS = 34,
};

struct service {
    struct event *alive; /* says so to who started this; NULL: nobody waits for it */
    struct api_shared shared;
    struct arena memory;
    const char *hosts[MOST_HOSTS + 1];
    int count; /* of loops that are open */
    struct loop loops[MOST_THREADS];
    struct api apis[MOST_THREADS];
    struct api worker_api;
    struct http_server *servers[MOST_THREADS];
    pthread_t threads[MOST_THREADS]; /* from the second loop on */
    struct watch watch;
    struct keep keep;
    bool has_worker, has_exporter, has_watch, has_keep, has_events;
};

struct service_settings service_defaults(void) {
    struct service_settings s = {.host = "127.0.0.1",
                                 .port = 5006,
                                 .token_rate = TOKEN_RATE,
                                 .heartbeat_s = EVENTS_HEARTBEAT_S,
                                 .limits = http_default_limits};
    s.limits.connections = 0;
    return s;
}

/* -- limits -------------------------------------------------------------------------------------
 */

/* Takes as many descriptors as the system lets it have, as far as they are of use. */
static int connections_that_fit(void) {
    struct rlimit limit;
    const rlim_t wanted = MOST_CONNECTIONS + OTHER_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return 512;
    for (rlim_t more = wanted; more > limit.rlim_cur;
         more /= 2) { /* macOS has a limit of its own */
        struct rlimit raised = {more < limit.rlim_max ? more : limit.rlim_max, limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            limit = raised;
    }
    if (limit.rlim_cur >= wanted)
        return MOST_CONNECTIONS;
    /* as many again may be accepted to be refused, and DuckDB aborts when it gets no descriptor */
    return limit.rlim_cur > OTHER_DESCRIPTORS * 2 ? (int)limit.rlim_cur - OTHER_DESCRIPTORS
                                                  : (int)limit.rlim_cur / 4;
}

static int threads_wanted(const struct service_settings *s) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int threads = s->threads ? s->threads : (int)cores;
    return threads < 1 ? 1 : threads > MOST_THREADS ? MOST_THREADS : threads;
}

/* -- who is let in ------------------------------------------------------------------------------
 */

static bool is_loopback(const char *host) {
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           str_starts(str_from(host), STR("127."));
}

static bool is_any(const char *host) {
    return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

static err *open_guard(struct service *s, const struct service_settings *settings) {
    struct guard *g = &s->shared.guard;
    size_t count = 0;
    s->hosts[count++] = str_dup(&s->memory, str_from(settings->host));
    for (const char *const *h = settings->hosts; h && *h && count < MOST_HOSTS; h++)
        s->hosts[count++] = str_dup(&s->memory, str_from(*h));
    *g = (struct guard){
        .hosts = s->hosts, .any_address = is_any(settings->host), .now = guard_clock};
    if (settings->tokens) {
        TRY(tokens_read(&s->shared.tokens, settings->tokens, settings->token_rate));
        g->tokens = &s->shared.tokens;
    }
    if (is_loopback(settings->host) || settings->tokens)
        return NULL;
    g->is_open = true;
    if (!settings->open)
        return err_new(ERR_USAGE,
                       "on %s others could read everything: give them tokens (--tokens FILE), or "
                       "say --open",
                       settings->host);
    log_warn("OPEN: everybody who can reach this address can read everything, without a token",
             log_cstr("host", settings->host), log_int("port", settings->port));
    return NULL;
}

/* -- opening ------------------------------------------------------------------------------------
 */

static err *open_loop(struct service *s, const struct service_settings *settings) {
    int i = s->count;
    struct api *api = &s->apis[i];
    TRY(loop_open(&s->loops[i]));
    s->count++;
    *api = (struct api){.shared = &s->shared, .loop = &s->loops[i]};
    TRY(store_open(settings->store, STORE_READ, NULL, &api->store));
    if (i == 0)
        TRY(http_server_open(s->loops[i].base, settings->host, settings->port, &settings->limits,
                             api_handle, api, &s->servers[i]));
    else
        http_server_add(s->servers[0], &s->loops[i], api, &s->servers[i]);
    api->server = s->servers[i];
    api->clients = event_clients_open(&s->shared.events, &s->loops[i], settings->heartbeat_s);
    return NULL;
}

static err *open_all(struct service *s, const struct service_settings *given) {
    struct service_settings settings = *given;
    int threads = threads_wanted(&settings);
    if (settings.limits.connections == 0)
        settings.limits.connections = connections_that_fit();
    TRY(open_guard(s, &settings));
    events_init(&s->shared.events, settings.limits.connections / 2);
    s->has_events = true;
    while (s->count < threads)
        TRY(open_loop(s, &settings));
    s->worker_api = (struct api){.shared = &s->shared};
    s->shared.worker_api = &s->worker_api;
    TRY(store_open(settings.store, STORE_READ, NULL, &s->worker_api.store));
    TRY(worker_open(&s->shared.worker));
    s->has_worker = true;
    TRY(worker_open(&s->shared.exporter));
    s->has_exporter = true;
    TRY(watch_open(&s->watch, settings.store, &s->shared.events));
    s->has_watch = true;
    TRY(keep_start(&s->keep, str_dup(&s->memory, str_from(settings.store))));
    s->has_keep = true;
    return NULL;
}

err *service_open(const struct service_settings *settings, struct service **out) {
    struct service *s = mem_zalloc(1, sizeof *s);
    s->shared.version = settings->version;
    s->shared.assets = settings->assets;
    s->shared.started = (uint64_t)aest_now();
    err *e = open_all(s, settings);
    if (e)
        service_close(s);
    *out = e ? NULL : s;
    return e;
}

int service_port(const struct service *s) {
    return http_server_port(s->servers[0]);
}

/* -- running ------------------------------------------------------------------------------------
 */

static void stop_server(void *context, intptr_t number) {
    (void)number;
    http_server_stop(context);
}

/* The first loop turns, so the service is alive. */
static void on_alive(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what, (void)context;
    notify_supervisor("WATCHDOG=1");
}

static void start_watchdog(struct service *s) {
    int ms = notify_watchdog_ms();
    const struct timeval every = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    s->alive = ms ? event_new(s->loops[0].base, -1, EV_PERSIST, on_alive, NULL) : NULL;
    if (s->alive)
        event_add(s->alive, &every);
}

static void end_watchdog(struct service *s) {
    if (s->alive)
        event_free(s->alive);
    s->alive = NULL;
}

static void on_stop(evutil_socket_t fd, short what, void *context) {
    struct service *s = context;
    (void)fd, (void)what;
    end_watchdog(s);
    notify_supervisor("STOPPING=1");
    for (int i = 0; i < s->count; i++)
        loop_post(&s->loops[i], stop_server, s->servers[i], 0);
}

static void *run_loop(void *context) {
    event_base_dispatch(((struct loop *)context)->base);
    return NULL;
}

err *service_run(struct service *s, const struct stop *stop) {
    struct event *stopped = event_new(s->loops[0].base, stop->pipe[0], EV_READ, on_stop, s);
    int started = 1, failed = 0;
    event_add(stopped, NULL);
    while (started < s->count && !failed) {
        failed = pthread_create(&s->threads[started], NULL, run_loop, &s->loops[started]);
        started += !failed;
    }
    start_watchdog(s);
    if (failed)
        on_stop(-1, 0, s);
    else
        notify_supervisor("READY=1");
    event_base_dispatch(s->loops[0].base);
    end_watchdog(s);
    for (int i = 1; i < started; i++)
        pthread_join(s->threads[i], NULL);
    event_free(stopped);
    return failed ? err_errno(failed, "can't start a thread") : NULL;
}

static void drain_loops(struct service *s) {
    for (int i = 0; i < s->count; i++)
        loop_drain(&s->loops[i]);
}

static void close_api(struct api *api) {
    units_free(&api->units);
    kept_records_free(api);
    store_close(api->store);
}

/* The order matters: connections on their way to a loop have to get there, to be closed; and what
 * one of them left behind in a worker ends in its loop's last calls. */
void service_close(struct service *s) {
    if (s->has_keep)
        keep_end(&s->keep);
    if (s->has_watch)
        watch_close(&s->watch);
    drain_loops(s);
    for (int i = s->count - 1; i >= 0; i--)
        if (s->servers[i])
            http_server_close(s->servers[i]);
    if (s->has_worker)
        worker_close(&s->shared.worker);
    if (s->has_exporter)
        worker_close(&s->shared.exporter);
    drain_loops(s);
    for (int i = 0; i < s->count; i++) {
        struct api *api = &s->apis[i];
        if (api->clients)
            event_clients_close(api->clients);
        loop_close(&s->loops[i]);
        close_api(api);
    }
    close_api(&s->worker_api);
    if (s->has_events)
        events_free(&s->shared.events);
    if (s->shared.guard.tokens)
        tokens_free(&s->shared.tokens);
    arena_free(&s->memory);
    free(s);
}

void service_changed(struct service *s) {
    watch_look(&s->watch);
}
