#include "alert/sink.h"
#include "alert/rule.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/log.h"
#include "base/sha256.h"

const struct sink_kind *const sink_kinds[SINKS] = {
    &sink_sms,   &sink_mail, &sink_webhook, &sink_slack,
    &sink_teams, &sink_ntfy, &sink_command, &sink_log,
};

/* -- settings that all kinds share --------------------------------------------------------------
 */

static const char *own_key(const struct sink *s, const char *what) {
    char *key = arena_printf(s->settings->memory, "ALERT_%s_%s", s->kind->name, what);
    for (char *p = key; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    return key;
}

/* "price", "trip:critical", "-user:mine", "*:warning". */
static err *read_route(struct arena *a, const char *key, const char *text, struct route *out) {
    const char *colon = strrchr(text, ':');
    out->never = text[0] == '-';
    out->least = ALERT_INFO;
    out->rule = text + out->never;
    if (rule_exists(out->rule) &&
        !(colon && alert_severity_from_name(str_from(colon + 1), &out->least)))
        return NULL;
    if (!colon)
        return err_new(ERR_USAGE, "%s: there is no rule %s", key, out->rule);
    if (!alert_severity_from_name(str_from(colon + 1), &out->least))
        return err_new(ERR_USAGE, "%s: '%s' is no severity: info, warning or critical", key,
                       colon + 1);
    out->rule = str_dup(a, (str){out->rule, (size_t)(colon - out->rule)});
    return rule_exists(out->rule) ? NULL
                                  : err_new(ERR_USAGE, "%s: there is no rule %s", key, out->rule);
}

static err *read_routes(struct sink *s) {
    const char *key = own_key(s, "ROUTE");
    const char *text = config_get(s->settings->config, key, NULL);
    if (!text || !*text)
        text = arena_printf(s->settings->memory, "*:%s", alert_severity_name[s->kind->least]);
    const char **parts = setting_list(s->settings->memory, text, &s->route_count);
    s->routes = ARENA_ARRAY(s->settings->memory, struct route, s->route_count);
    for (size_t i = 0; i < s->route_count; i++)
        TRY(read_route(s->settings->memory, key, parts[i], &s->routes[i]));
    return NULL;
}

static err *read_quiet(struct sink *s) {
    const char *key = own_key(s, "QUIET");
    const char *text = config_get(s->settings->config, key, NULL);
    if (!text) {
        key = "ALERT_QUIET";
        text = config_get(s->settings->config, key, NULL);
    }
    return quiet_hours_read(key, text, &s->quiet);
}

static err *read_rate(struct sink *s) {
    double rate;
    const char *key = own_key(s, "RATE");
    TRY(setting_double(s->settings, key, s->kind->rate, &rate));
    if (rate < 1 || rate > 100000)
        return err_new(ERR_USAGE, "%s is %g: messages an hour, from 1 to 100000", key, rate);
    s->rate = (int)rate;
    return NULL;
}

err *sinks_configure(const struct alert_settings *settings, struct sink **out, size_t *count) {
    double timeout;
    *out = ARENA_ARRAY(settings->memory, struct sink, SINKS);
    *count = 0;
    TRY(setting_double(settings, "ALERT_TIMEOUT", 30, &timeout));
    if (timeout < 1 || timeout > 300)
        return err_new(ERR_USAGE, "ALERT_TIMEOUT is %g: seconds, from 1 to 300", timeout);
    for (int i = 0; i < SINKS; i++) {
        struct sink *s = &(*out)[*count];
        *s = (struct sink){.kind = sink_kinds[i], .settings = settings};
        TRY(s->kind->configure(s));
        if (!s->target_count)
            continue;
        TRY(read_routes(s));
        TRY(read_quiet(s));
        TRY(read_rate(s));
        (*count)++;
    }
    return NULL;
}

bool sink_wants(const struct sink *s, const char *rule, enum alert_severity severity) {
    for (size_t i = 0; i < s->route_count; i++) {
        const struct route *r = &s->routes[i];
        if (strcmp(r->rule, "*") != 0 && strcmp(r->rule, rule) != 0)
            continue;
        return !r->never && severity >= r->least;
    }
    return false;
}

/* -- what kinds are made of ---------------------------------------------------------------------
 */

void sink_set_targets(struct sink *s, const char **targets, size_t count) {
    enum { DIGEST_SHOWN = 12 };
    s->targets = targets;
    s->target_count = count;
    s->digests = ARENA_ARRAY(s->settings->memory, const char *, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t digest[SHA256_BYTES];
        char text[SHA256_TEXT];
        sha256(str_from(targets[i]), digest);
        sha256_hex(digest, text);
        s->digests[i] = str_dup(s->settings->memory, (str){text, DIGEST_SHOWN});
    }
}

err *sink_check_url(const struct sink *s, const char *key, const char *url, const char **shown) {
    str text = str_from(url), rest = text;
    str scheme = str_cut(&rest, ':');
    bool http = str_eq_nocase(scheme, STR("https")) || str_eq_nocase(scheme, STR("http"));
    for (size_t i = 0; i < text.len; i++)
        http = http && (unsigned char)text.at[i] > ' ';
    if (!http || !str_starts(rest, STR("//")) || rest.len < 3)
        return err_new(ERR_USAGE, "%s is no http:// or https:// URL", key);
    rest = (str){rest.at + 2, rest.len - 2};
    str host = str_cut(&rest, '/');
    const char *at = memchr(host.at, '@', host.len); /* user:password@ */
    if (at)
        host = (str){at + 1, (size_t)(host.at + host.len - at - 1)};
    *shown = arena_printf(s->settings->memory, "%.*s://%.*s", STR_ARG(scheme), STR_ARG(host));
    return NULL;
}

void sink_say(struct sink_problem *p, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(p->text, sizeof p->text, format, args);
    va_end(args);
}

void message_json(struct buf *out, const struct alert_message *m) {
    struct json j = json_to(out);
    json_object(&j);
    json_key(&j, "key"), json_cstr(&j, m->key);
    json_key(&j, "rule"), json_cstr(&j, m->rule);
    json_key(&j, "kind"), json_cstr(&j, m->kind);
    json_key(&j, "severity"), json_cstr(&j, alert_severity_name[m->severity]);
    json_key(&j, "at"), json_int(&j, m->at);
    json_key(&j, "title"), json_cstr(&j, m->title);
    json_key(&j, "text"), json_cstr(&j, m->text);
    json_end(&j);
    out->len--; /* the decisions are JSON as they are */
    buf_printf(out, ",\"decisions\":%s}", m->data && *m->data ? m->data : "[]");
}

str text_cut(struct arena *a, str text, size_t most) {
    if (text.len <= most)
        return text;
    size_t len = 0;
    while (len < text.len) {
        size_t next = str_utf8_length((str){text.at + len, text.len - len});
        if (len + (next ? next : 1) > most - 3)
            break;
        len += next ? next : 1;
    }
    char *out = arena_printf(a, "%.*s…", (int)len, text.at);
    return str_from(out);
}

/* -- the log ------------------------------------------------------------------------------------
 */

static err *configure_log(struct sink *s) {
    static const char *targets[] = {"log"};
    sink_set_targets(s, targets, 1);
    s->shown = "nemd's log";
    return NULL;
}

static enum sink_outcome send_to_log(const struct sink *s, size_t target,
                                     const struct alert_message *m, struct sink_problem *problem) {
    static const enum log_level levels[] = {LOG_INFO, LOG_WARN, LOG_ERROR};
    (void)s, (void)target, (void)problem;
    log_event(levels[m->severity], "alert",
              LOG_FIELDS(log_cstr("rule", m->rule), log_cstr("kind", m->kind),
                         log_cstr("title", m->title), {0}));
    return SINK_SENT;
}

const struct sink_kind sink_log = {
    .name = "log",
    .summary = "nemd's own log",
    .rate = 1000,
    .least = ALERT_INFO,
    .configure = configure_log,
    .send = send_to_log,
};
