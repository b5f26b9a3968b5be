#include "cmd/services.h"

static int serve(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct stop stop;
    struct serve_settings settings = {.port = -1};
    const char *log_file = NULL;
    int status;
    const struct option_spec options[] = {
        {"host", "H", "address to listen on (DASHBOARD_HOST; default 127.0.0.1)",
         .value = &settings.host},
        {"port", "N", "port (DASHBOARD_PORT; default 5006)", .number = &settings.port},
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
    .run = serve,
};
