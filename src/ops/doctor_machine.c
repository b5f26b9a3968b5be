/* The checks of the machine: what is shown, told, saved and started, and on what. */
#include <math.h>

#include "ops/dashboard_probe.h"
#include "ops/doctor.h"
#include "store/alerts.h"
#include "store/lock.h"
#include "store/note.h"
#include "store/outbox.h"

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

/* -- the dashboard ------------------------------------------------------------------------------
 */

static const struct process_fact *find_dashboard(const struct examination *x) {
    for (size_t i = 0; i < x->process_count; i++)
        if (x->processes[i].running.host)
            return &x->processes[i];
    return NULL;
}

static void no_dashboard(struct examination *x, struct verdict *v) {
    verdict_set(x, v, VERDICT_FAILED, "`nemd run`, or `nemd serve` beside a collector",
                "no process shows this store");
}

err *check_dashboard(struct examination *x, struct verdict *v) {
    const double most_s = 2;
    const struct process_fact *p = find_dashboard(x);
    struct dashboard_probe seen;
    if (!p) {
        no_dashboard(x, v);
        return NULL;
    }
    err *e = dashboard_probe(p->running.host, p->running.port, x->asked->token, &seen);
    if (e)
        verdict_set(x, v, VERDICT_FAILED, "see the log of its process, and restart it", "%s",
                    err_text(e));
    else if (seen.wants_token)
        verdict_set(x, v, VERDICT_WARNING, "give one with --token",
                    "it answers in %.0f ms, and asks for a token", seen.seconds * 1000);
    else
        verdict_set(x, v, seen.seconds < most_s ? VERDICT_OK : VERDICT_FAILED,
                    seen.seconds < most_s ? NULL : "see what else this machine is doing",
                    "port %d, %zu requests in %.0f ms", p->running.port, seen.requests,
                    seen.seconds * 1000);
    err_free(e);
    return NULL;
}

err *check_memory(struct examination *x, struct verdict *v) {
    const double most = 500e6;
    const struct process_fact *p = find_dashboard(x);
    char size[FACT_TEXT];
    if (!p) {
        no_dashboard(x, v);
        return NULL;
    }
    if (!p->usage.memory) {
        verdict_set(x, v, VERDICT_WARNING, NULL, "this system doesn't tell of process %ld",
                    p->running.pid);
        return NULL;
    }
    bool ok = (double)p->usage.memory < most;
    verdict_set(x, v, ok ? VERDICT_OK : VERDICT_FAILED,
                ok ? NULL : "restart it; if it grows again, that is a fault of nemd's",
                "process %ld uses %s", p->running.pid, size_text((double)p->usage.memory, size));
    return NULL;
}

/* -- alerts -------------------------------------------------------------------------------------
 */

/* Whether some process holds the lock of those who judge. */
static err *somebody_judges(struct examination *x, bool *out) {
    const char *path = arena_printf(x->memory, "%s/lock.alerts", x->asked->data);
    int lock;
    *out = false;
    if (!file_exists(path))
        return NULL;
    err *e = lock_try(path, &lock);
    if (!e) {
        lock_release(lock);
        return NULL;
    }
    *out = err_kind(e) == ERR_BUSY;
    if (*out) {
        err_free(e);
        e = NULL;
    }
    return e;
}

/* What is known of messages on their way out. */
struct delivery {
    int64_t sent, waiting, tested; /* [tested]: when a test message got through last */
    const char *error, *failing;   /* of what waits, and the sink */
};

static err *read_delivery(struct examination *x, struct alerts *a, struct delivery *out) {
    struct outbox_sink *sinks;
    size_t count;
    struct note n;
    *out = (struct delivery){.sent = 0};
    TRY(outbox_sinks(a, x->memory, &sinks, &count));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(sinks[i].sink, "log") == 0)
            continue;
        out->sent += sinks[i].sent;
        out->waiting += sinks[i].waiting;
        if (sinks[i].waiting && sinks[i].last_error)
            out->error = sinks[i].last_error, out->failing = sinks[i].sink;
    }
    TRY(note_read(x->asked->data, "alerts_test", &n));
    if (note_number(&n, "ok", 0))
        out->tested = note_number(&n, "at", 0);
    else if (note_text(&n, "error")) {
        out->error = str_dup(x->memory, str_from(note_text(&n, "error")));
        out->failing = "a test message";
    }
    note_free(&n);
    return NULL;
}

/* How far a rule is behind the newest interval of its dataset, in seconds. */
static err *judged_behind(struct alerts *a, const char *rule, const struct dataset_fact *d,
                          int64_t *out) {
    int64_t mark;
    TRY(alerts_watermark(a, rule, &mark));
    *out = d->has_bounds ? interval_to_unix(d->latest) - mark : 0;
    return NULL;
}

struct alert_question {
    const char *rule;
    enum dataset_id dataset;
    bool on, routed;
};

static err *judge_alerts(struct examination *x, struct verdict *v, struct alerts *a,
                         const struct alert_question *q) {
    enum { BEHIND_S = 15 * MINUTE_S };
    const struct doctor_alerts *known = &x->asked->alerts;
    struct delivery d;
    int64_t behind;
    char lag[FACT_TEXT];
    TRY(judged_behind(a, q->rule, &x->facts.datasets[q->dataset], &behind));
    TRY(read_delivery(x, a, &d));
    if (behind > BEHIND_S)
        verdict_set(x, v, VERDICT_FAILED, "see the log of the process that judges",
                    "judged up to %s before the newest interval", age_text(behind, lag));
    else if (!*known->sinks)
        verdict_set(x, v, VERDICT_WARNING, "configure one: see `nemd alerts --help`",
                    "judged, and told to the log alone: no way out is configured");
    else if (!q->routed)
        verdict_set(x, v, VERDICT_WARNING, "see ALERT_<SINK>_ROUTE",
                    "judged, but neither of %s is to get it", known->sinks);
    else if (d.error)
        verdict_set(x, v, VERDICT_FAILED, "`nemd alerts test` after it is mended",
                    "%s doesn't get through: %s", d.failing, d.error);
    else if (!d.sent && !d.tested)
        verdict_set(x, v, VERDICT_WARNING, "`nemd alerts test`",
                    "judged; nothing was ever sent by %s", known->sinks);
    else
        verdict_set(x, v, VERDICT_OK, NULL, "judged to the newest interval; %s, %lld sent%s",
                    known->sinks, (long long)d.sent, d.tested ? ", tested" : "");
    return NULL;
}

static err *check_alerts(struct examination *x, struct verdict *v, const struct alert_question *q) {
    struct alerts a;
    bool judging;
    if (x->asked->alerts.error) {
        verdict_set(x, v, VERDICT_FAILED, "mend the setting", "%s", x->asked->alerts.error);
        return NULL;
    }
    if (!q->on) {
        verdict_set(x, v, VERDICT_WARNING, "take it out of ALERT_RULES_OFF",
                    "the rule %s is turned off", q->rule);
        return NULL;
    }
    TRY(somebody_judges(x, &judging));
    if (!judging) {
        verdict_set(x, v, VERDICT_FAILED, "`nemd run`, or `nemd collect`", "nobody judges");
        return NULL;
    }
    TRY(alerts_open_to_read(&a, alerts_path(x->memory, x->asked->data)));
    err *e = judge_alerts(x, v, &a, q);
    alerts_close(&a);
    return e;
}

err *check_price_alerts(struct examination *x, struct verdict *v) {
    return check_alerts(x, v,
                        &(struct alert_question){"price", PRICES5, x->asked->alerts.price_on,
                                                 x->asked->alerts.price_routed});
}

err *check_unit_alerts(struct examination *x, struct verdict *v) {
    return check_alerts(x, v,
                        &(struct alert_question){"new_unit", SCADA5, x->asked->alerts.unit_on,
                                                 x->asked->alerts.unit_routed});
}

/* -- backup -------------------------------------------------------------------------------------
 */

err *check_backup(struct examination *x, struct verdict *v) {
    enum { YOUNG_S = 36 * HOUR_S, OLD_S = 7 * DAY_S };
    const char *make = "set NEMD_BACKUP and NEMD_BACKUP_AT; `nemd backup` makes one now";
    struct backup_fact b;
    char ago[FACT_TEXT];
    TRY(facts_backup(x->memory, x->asked->data, x->asked->backup_to, &b));
    int64_t age = x->now - b.last;
    age_text(age, ago);
    if (!b.to)
        verdict_set(x, v, VERDICT_FAILED, make, "nobody ever made one");
    else if (!b.last)
        verdict_set(x, v, VERDICT_FAILED, make, "%s has none%s%s", b.to, b.unreachable ? ": " : "",
                    b.unreachable ? b.unreachable : "");
    else if (age > OLD_S)
        verdict_set(x, v, VERDICT_FAILED, make, "%s has one of %s ago%s%s", b.to, ago,
                    b.error ? "; the last try failed: " : "", b.error ? b.error : "");
    else if (b.error || b.unreachable)
        verdict_set(x, v, VERDICT_WARNING, "see that it can be reached", "%s ago; %s", ago,
                    b.error ? b.error : b.unreachable);
    else if (age > YOUNG_S)
        verdict_set(x, v, VERDICT_WARNING, make, "the newest is of %s ago", ago);
    else
        verdict_set(x, v, VERDICT_OK, NULL, "%s ago, in %s", ago, b.to);
    return NULL;
}

/* -- service ------------------------------------------------------------------------------------
 */

err *check_service(struct examination *x, struct verdict *v) {
    struct service_fact s;
    facts_service(x->memory, x->asked->home, &s);
    if (!s.path)
        verdict_set(x, v, VERDICT_FAILED, "`nemd service install`", "it isn't installed");
    else if (!s.asked)
        verdict_set(x, v, VERDICT_WARNING, "see `systemctl status nemd` (macOS: `launchctl list`)",
                    "%s is there, but nobody can be asked whether it is used", s.path);
    else if (!s.at_boot)
        verdict_set(x, v, VERDICT_FAILED, "`nemd service install` again",
                    "%s is there, and isn't enabled", s.path);
    else if (!s.active)
        verdict_set(x, v, VERDICT_FAILED, "see `systemctl status nemd` (macOS: `launchctl list`)",
                    "%s is enabled, and doesn't run", s.path);
    else
        verdict_set(x, v, VERDICT_OK, NULL, "%s", s.path);
    return NULL;
}

/* -- disk and errors ----------------------------------------------------------------------------
 */

err *check_disk(struct examination *x, struct verdict *v) {
    const double low = 1e9, year = 365, month = 30;
    struct disk_fact d;
    char used[FACT_TEXT], free[FACT_TEXT], growth[FACT_TEXT];
    TRY(facts_disk(x->store, &d));
    size_text((double)d.used, used);
    size_text((double)d.free, free);
    size_text(d.growth, growth);
    enum verdict_kind kind = (double)d.free < low || d.days_left < month ? VERDICT_FAILED
                             : d.days_left < year                        ? VERDICT_WARNING
                                                                         : VERDICT_OK;
    const char *advice =
        kind == VERDICT_OK ? NULL : "make room, or move the store to a larger disk";
    if (isinf(d.days_left))
        verdict_set(x, v, kind, advice, "%s used, %s free", used, free);
    else
        verdict_set(x, v, kind, advice, "%s used, %s free; %s a day leave %.0f days", used, free,
                    growth, d.days_left);
    return NULL;
}

err *check_errors(struct examination *x, struct verdict *v) {
    struct errors_fact e;
    TRY(facts_errors(x->memory, x->asked->data, x->now, &e));
    const char *last = NULL;
    for (size_t i = 0; i < e.count && !last; i++)
        if (e.rows[i].is_error)
            last = e.rows[i].text;
    if (e.errors)
        verdict_set(x, v, VERDICT_WARNING, "the log has the whole of it",
                    "%lld errors and %lld warnings, the last: %s", (long long)e.errors,
                    (long long)e.warnings, last ? last : "");
    else
        verdict_set(x, v, VERDICT_OK, NULL, "no error, %lld warnings", (long long)e.warnings);
    return NULL;
}
