#include "cmd/services.h"

#include <event2/event.h>
#include <stdio.h>

#include "alert/service.h"
#include "api/api.h"
#include "base/log.h"
#include "cmd/signals.h"
#include "market/keep.h"
#include "market/refresh.h"

static err *open_log(const struct config *c, const char *log_file) {
    const char *level = config_get(c, "LOG_LEVEL", "info");
    enum log_level parsed;
    if (!log_level_from_name(str_from(level), &parsed))
        return err_new(ERR_USAGE, "LOG_LEVEL is '%s', not debug, info, warn or error", level);
    log_set_level(parsed);
    if (!log_file)
        log_file = config_get(c, "LOG_FILE", NULL);
    return log_file && *log_file ? log_open(log_file) : NULL;
}

err *service_begin(const struct setup *setup, int argc, char **argv, const char *log_file,
                   struct stop *stop) {
    if (argc)
        return err_new(ERR_USAGE, "what is '%s'?", argv[0]);
    TRY(open_log(&setup->config, log_file));
    TRY(stop_init(stop));
    return signals_start(stop);
}

/* -- collector ----------------------------------------------------------------------------------
 */

const char *source_setting(const struct setup *setup, const char *flag) {
    return flag ? flag : config_get(&setup->config, "NEMD_SOURCE", "https://www.nemweb.com.au");
}

struct source_options source_settings(const struct setup *setup, const struct stop *stop) {
    return (struct source_options){
        .user_agent = config_get(&setup->config, "USER_AGENT",
                                 "nemd/" NEMD_VERSION " (AEMO NEM data collector)"),
        .stop = stop,
    };
}

/* Units and price limits, from the newest month that the source has. */
static err *refresh_reference(struct store *s, struct source *source) {
    struct arena a = {0};
    struct refreshed done;
    err *e = market_refresh(s, source, &a, &done);
    if (!e && (done.units || done.thresholds))
        log_info("units and price limits refreshed", log_cstr("month", done.month),
                 log_cstr("missing", done.missing));
    arena_free(&a);
    return e;
}

err *collector_open(struct collector *c, const struct setup *setup,
                    struct collect_settings *settings, const struct stop *stop) {
    struct source_options options = source_settings(setup, stop);
    *c = (struct collector){
        .stop = stop, .period_s = settings->period_s, .refresh = refresh_reference};
    settings->repair = (struct backfill){.data = setup->data,
                                         .location = source_setting(setup, settings->source),
                                         .source = options,
                                         .stop = stop,
                                         .workers = 1};
    c->repair = &settings->repair;
    TRY(source_open(source_setting(setup, settings->source), &options, &c->source));
    err *e = settings->test ? NULL : store_open(setup->data, STORE_WRITE, stop, &c->store);
    if (e)
        collector_close(c);
    return e;
}

void collector_close(struct collector *c) {
    source_close(c->source);
    store_close(c->store);
}

/* -- alerts -------------------------------------------------------------------------------------
 */

struct alert_settings alert_settings(const struct setup *setup, struct arena *memory,
                                     const struct stop *stop) {
    const char *ca_file = config_get(&setup->config, "ALERT_CA_FILE", NULL);
    return (struct alert_settings){
        .config = &setup->config,
        .config_file = setup->config_file,
        .ca_file = ca_file && *ca_file ? ca_file : NULL,
        .user_agent = "nemd/" NEMD_VERSION,
        .stop = stop,
        .memory = memory,
    };
}

err *alerting_start(struct alerting *a, const struct setup *setup, struct stop *stop) {
    *a = (struct alerting){.service = NULL};
    a->settings = alert_settings(setup, &a->memory, stop);
    err *e = alert_service_start(setup->data, &a->settings, &a->service);
    if (e)
        stop_request(stop);
    return e;
}

void alerting_end(struct alerting *a) {
    alert_service_join(a->service);
    arena_free(&a->memory);
}

/* -- dashboard ----------------------------------------------------------------------------------
 */

static void on_stop(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    event_base_loopbreak(context);
}

static err *run_loop(struct event_base *base, const char *host, int port, struct api *api,
                     const struct stop *stop) {
    struct http_server *server;
    TRY(http_server_open(base, host, port, &http_default_limits, api_handle, api, &server));
    struct event *stopped = event_new(base, stop->pipe[0], EV_READ, on_stop, base);
    event_add(stopped, NULL);
    bool ipv6 = strchr(host, ':') != NULL;
    printf("Dashboard: http://%s%s%s:%d\n", ipv6 ? "[" : "", host, ipv6 ? "]" : "",
           http_server_port(server));
    fflush(stdout);
    event_base_dispatch(base);
    event_free(stopped);
    http_server_close(server);
    return NULL;
}

err *serve_until(const struct setup *setup, const struct serve_settings *settings,
                 const struct stop *stop) {
    struct api api = {.version = NEMD_VERSION, .assets = web_assets};
    const char *host =
        settings->host ? settings->host : config_get(&setup->config, "DASHBOARD_HOST", "127.0.0.1");
    int port = settings->port;
    if (port < 0)
        TRY(setting_number(&setup->config, "DASHBOARD_PORT", 5006, 0, 65535, &port));
    TRY(store_open(setup->data, STORE_READ, stop, &api.store));
    struct event_base *base = event_base_new();
    struct keep keep;
    err *e = base ? keep_start(&keep, setup->data) : err_new(ERR_IO, "libevent can't be set up");
    if (!e) {
        e = run_loop(base, host, port, &api, stop);
        keep_end(&keep);
    }
    if (base)
        event_base_free(base);
    units_free(&api.units);
    store_close(api.store);
    return e;
}
