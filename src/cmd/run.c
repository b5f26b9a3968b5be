#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "cmd/services.h"

static void *collect_in_thread(void *context) {
    collect_forever(context);
    return NULL;
}

/* Collector and alerts in threads of their own, the dashboard in this one. */
static err *run_both(const struct setup *setup, struct collect_settings *collect,
                     const struct serve_settings *serve, struct stop *stop) {
    struct collector collector;
    struct alerting alerting;
    pthread_t thread;
    TRY(collector_open(&collector, setup, collect, stop));
    err *e = alerting_start(&alerting, setup, stop);
    int failed = e ? 0 : pthread_create(&thread, NULL, collect_in_thread, &collector);
    if (failed) {
        e = err_errno(failed, "can't start the collector's thread");
        stop_request(stop);
    } else if (!e) {
        e = serve_until(setup, serve, stop);
        stop_request(stop); /* when the dashboard can't be served, nothing is collected in hiding */
        pthread_join(thread, NULL);
    }
    alerting_end(&alerting);
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
        {"host", "H", "address to listen on (DASHBOARD_HOST; default 127.0.0.1)",
         .value = &serve.host},
        {"port", "N", "port (DASHBOARD_PORT; default 5006)", .number = &serve.port},
        {"log-file", "F", "log there instead of to standard error (LOG_FILE)", .value = &log_file},
        {0},
    };
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    err *e = service_begin(&setup, argc, argv, log_file, &stop);
    if (!e)
        e = run_both(&setup, &collect, &serve, &stop);
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
    .run = run,
};
