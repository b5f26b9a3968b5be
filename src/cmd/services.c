#include "cmd/services.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "alert/service.h"
#include "base/file.h"
#include "base/log.h"
#include "cmd/signals.h"
#include "market/refresh.h"
#include "ops/facts.h"

static err *open_log(const struct config *c, const char *log_file) {
    const char *level = config_get(c, "LOG_LEVEL", "info");
    enum log_level parsed;
    int megabytes;
    if (!log_level_from_name(str_from(level), &parsed))
        return err_new(ERR_USAGE, "LOG_LEVEL is '%s', not debug, info, warn or error", level);
    log_set_level(parsed);
    TRY(setting_number(c, "LOG_ROTATE_MB", 50, 0, 100000, &megabytes));
    log_rotate_at((int64_t)megabytes << 20);
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

/* -- who works on the store ---------------------------------------------------------------------
 */

void work_begin(const struct setup *setup, const struct running *self, struct running_entry *out) {
    char config[PATH_MAX];
    struct arena a = {0};
    struct running named = *self;
    named.config = setup->config_file && realpath(setup->config_file, config) ? config : NULL;
    err *e = running_enter(setup->data, &named, out);
    if (!e)
        e = file_make_folders(arena_printf(&a, "%s/notes", setup->data));
    if (!e)
        e = log_keep(facts_errors_path(&a, setup->data));
    if (e)
        log_debug("status won't show this process", log_err(e));
    err_free(e);
    arena_free(&a);
}

void work_end(struct running_entry *entry) {
    err_free(log_keep(NULL));
    running_leave(entry);
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

err *following_start(struct following *f, const struct setup *setup, const char *from,
                     const struct collector *c, const struct stop *stop) {
    enum { PAUSE_S = 30 };
    *f = (struct following){.follower = NULL};
    from = from ? from : config_get(&setup->config, "NEMD_FOLLOW", NULL);
    if (!from || !*from)
        return NULL;
    f->settings = (struct follow){
        .data = setup->data, .from = from, .repair = c->repair, .stop = stop, .pause_s = PAUSE_S};
    if (c->period_s && c->period_s < PAUSE_S)
        f->settings.pause_s = c->period_s;
    return follow_start(&f->settings, &f->follower);
}

void following_end(struct following *f) {
    follow_join(f->follower);
}

/* -- backups ------------------------------------------------------------------------------------
 */

err *backup_settings(const struct setup *setup, const char *to, const struct stop *stop,
                     struct backup *out) {
    *out = (struct backup){.data = setup->data,
                           .to = to ? to : config_get(&setup->config, "NEMD_BACKUP", NULL),
                           .config = setup->config_file,
                           .stop = stop};
    TRY(setting_number(&setup->config, "NEMD_BACKUP_KEEP", 14, 0, 100000, &out->keep));
    return out->to && *out->to ? NULL : err_new(ERR_USAGE, "--to DIR is needed, or NEMD_BACKUP");
}

err *backing_up_start(struct backing_up *b, const struct setup *setup, const struct stop *stop) {
    const char *at = config_get(&setup->config, "NEMD_BACKUP_AT", NULL);
    *b = (struct backing_up){.keeper = NULL};
    if (!at || !*at)
        return NULL;
    TRY(backup_schedule_read("NEMD_BACKUP_AT", at, &b->schedule.minute));
    TRY(err_wrap(backup_settings(setup, NULL, stop, &b->schedule.backup), "NEMD_BACKUP_AT"));
    b->schedule.backup.by_itself = true;
    return backup_keeper_start(&b->schedule, &b->keeper);
}

void backing_up_end(struct backing_up *b) {
    backup_keeper_join(b->keeper);
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

/* "a,b" as a list that NULL ends. */
static const char *const *split_hosts(struct arena *a, const char *text) {
    str rest = str_trim(str_from(text));
    size_t count = 0, most = 2;
    for (size_t i = 0; i < rest.len; i++)
        most += rest.at[i] == ',';
    const char **hosts = ARENA_ARRAY(a, const char *, most);
    while (rest.len) {
        str host = str_trim(str_cut(&rest, ','));
        if (host.len)
            hosts[count++] = str_dup(a, host);
    }
    return hosts;
}

static const char *serve_host(const struct setup *setup, const struct serve_settings *flags) {
    return flags->host ? flags->host : config_get(&setup->config, "DASHBOARD_HOST", "127.0.0.1");
}

static err *read_settings(const struct setup *setup, const struct serve_settings *flags,
                          struct arena *a, struct service_settings *out) {
    const struct config *c = &setup->config;
    *out = service_defaults();
    out->store = setup->data;
    out->version = NEMD_VERSION;
    out->assets = web_assets;
    out->host = serve_host(setup, flags);
    out->tokens = flags->tokens ? flags->tokens : config_get(c, "TOKENS_FILE", NULL);
    if (out->tokens && !*out->tokens)
        out->tokens = NULL;
    out->hosts = split_hosts(a, flags->hosts ? flags->hosts : config_get(c, "ALLOW_HOSTS", ""));
    out->open = flags->open;
    out->port = flags->port;
    if (out->port < 0)
        TRY(setting_number(c, "DASHBOARD_PORT", 5006, 0, 65535, &out->port));
    TRY(setting_number(c, "TOKEN_RATE", out->token_rate, 1, 1000000, &out->token_rate));
    TRY(setting_number(c, "SERVE_THREADS", 0, 0, 64, &out->threads));
    TRY(setting_number(c, "EVENTS_HEARTBEAT", out->heartbeat_s, 1, 3600, &out->heartbeat_s));
    return NULL;
}

void serve_work_begin(const struct setup *setup, const struct serve_settings *settings,
                      const struct service *service, struct running self,
                      struct running_entry *out) {
    self.host = serve_host(setup, settings);
    self.port = service_port(service);
    work_begin(setup, &self, out);
}

err *serve_open(const struct setup *setup, const struct serve_settings *flags,
                struct service **out) {
    struct arena a = {0};
    struct service_settings settings;
    err *e = read_settings(setup, flags, &a, &settings);
    if (!e)
        e = service_open(&settings, out);
    arena_free(&a);
    return e;
}

void serve_tell(const struct setup *setup, const struct serve_settings *settings,
                const struct service *service) {
    const char *host = serve_host(setup, settings);
    bool ipv6 = strchr(host, ':') != NULL;
    printf("Dashboard: http://%s%s%s:%d\n", ipv6 ? "[" : "", host, ipv6 ? "]" : "",
           service_port(service));
    fflush(stdout);
}
