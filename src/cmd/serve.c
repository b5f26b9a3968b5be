#include "cmd/services.h"

static err *serve_until(const struct setup *setup, const struct serve_settings *settings,
                        const struct stop *stop) {
    struct service *service;
    struct running_entry entry;
    TRY(serve_open(setup, settings, &service));
    serve_work_begin(setup, settings, service, (struct running){.command = "serve"}, &entry);
    serve_tell(setup, settings, service);
    err *e = service_run(service, stop);
    work_end(&entry);
    service_close(service);
    return e;
}

static int serve(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct stop stop;
    struct serve_settings settings = {.port = -1};
    const char *log_file = NULL;
    int status;
    const struct option_spec options[] = {
        SERVE_OPTIONS(settings),
        {"log-file", "F", "log there instead of to standard error (LOG_FILE)", .value = &log_file},
        {0},
    };
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    err *e = service_begin(&setup, argc, argv, log_file, &stop);
    if (!e)
        e = serve_until(&setup, &settings, &stop);
    status = e ? command_fail(self, e) : EXIT_DONE;
    setup_free(&setup);
    return status;
}

const struct command command_serve = {
    .name = "serve",
    .summary = "the dashboard and the API",
    .usage = "[OPTION…]",
    .description =
        "Serves the dashboard and the HTTP API from the store. It notices by itself when "
        "new data lands.",
    .details = "The store has to be there. Any number of servers can read it beside one collector.",
    .examples = {{"nemd serve --port 8080 --data /srv/nem",
                  "serve a store that another process collects"}},
    .run = serve,
};
