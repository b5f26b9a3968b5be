#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "cmd/services.h"

static void *collect_in_thread(void *context) {
    collect_forever(context);
    return NULL;
}

static void tell_service(void *service) {
    service_changed(service);
}

/* The collector in a thread of its own, the dashboard in this one and its own. */
static err *run_both(struct collector *collector, struct service *service, struct stop *stop) {
    pthread_t thread;
    collector->committed = tell_service;
    collector->listener = service;
    int failed = pthread_create(&thread, NULL, collect_in_thread, collector);
    if (failed)
        return err_errno(failed, "can't start the collector's thread");
    err *e = service_run(service, stop);
    stop_request(stop); /* when the dashboard can't be served, nothing is collected in hiding */
    pthread_join(thread, NULL);
    return e;
}

/* Alerts have a thread beside both. */
static err *run_all(const struct setup *setup, struct collector *collector, const char *follow,
                    const struct serve_settings *serve, struct stop *stop) {
    struct service *service;
    struct alerting alerting = {.service = NULL};
    struct following following = {.follower = NULL};
    struct backing_up backing_up = {.keeper = NULL};
    struct running_entry entry;
    TRY(serve_open(setup, serve, &service));
    serve_work_begin(setup, serve, service,
                     (struct running){.command = "run", .collects = true, .alerts = true}, &entry);
    err *e = backing_up_start(&backing_up, setup, stop);
    if (!e)
        e = alerting_start(&alerting, setup, stop);
    if (!e)
        e = following_start(&following, setup, follow, collector, stop);
    if (!e) {
        serve_tell(setup, serve, service);
        e = run_both(collector, service, stop);
    }
    stop_request(stop);
    backing_up_end(&backing_up);
    following_end(&following);
    alerting_end(&alerting);
    work_end(&entry);
    service_close(service);
    return e;
}

static err *open_and_run(const struct setup *setup, struct collect_settings *collect,
                         const struct serve_settings *serve, struct stop *stop) {
    struct collector collector;
    TRY(collector_open(&collector, setup, collect, stop));
    err *e = run_all(setup, &collector, collect->follow, serve, stop);
    collector_close(&collector);
    return e;
}

static int run(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct stop stop;
    struct collect_settings collect = {0};
    struct serve_settings serve = {.port = -1};
    const char *log_file = NULL;
    int status;
    const struct option_spec options[] = {
        {"source", "URL|DIR", "where files come from (NEMD_SOURCE; default NEMWEB)",
         .value = &collect.source},
        {"interval", "SECONDS", "look at every feed this often, not by AEMO's timetable",
         .number = &collect.period_s},
        FOLLOW_OPTION(collect.follow),
        SERVE_OPTIONS(serve),
        {"log-file", "F", "log there instead of to standard error (LOG_FILE)", .value = &log_file},
        {0},
    };
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    err *e = service_begin(&setup, argc, argv, log_file, &stop);
    if (!e)
        e = open_and_run(&setup, &collect, &serve, &stop);
    status = e ? command_fail(self, e) : EXIT_DONE;
    setup_free(&setup);
    return status;
}

const struct command command_run = {
    .name = "run",
    .summary = "collector, alerts and dashboard in one process",
    .usage = "[OPTION…]",
    .description =
        "Collects what AEMO publishes, sends alerts and serves the dashboard, until it is stopped "
        "(SIGTERM, SIGINT).\nWhere the source can't be reached, it serves what the store "
        "has and goes on trying.",
    .details = "Collector, alerts and dashboard are threads of one process on one store. `nemd "
               "collect` and `nemd serve` are the same parts, each by itself.\n\nWithout "
               "`TOKENS_FILE` it answers on this machine only. To share it, put a proxy with TLS "
               "before it, or give out tokens (docs/api.md).",
    .examples = {{"nemd run",
                  "collect from NEMWEB into ~/.local/share/nemd, and serve http://127.0.0.1:5006"},
                 {"nemd run --data /srv/nem --config /etc/nemd/nemd.env",
                  "with a store and settings of its own"},
                 {"nemd run --host 0.0.0.0 --tokens /etc/nemd/tokens --allow-host nem.example.com",
                  "for a team, each with a token"}},
    .run = run,
};
