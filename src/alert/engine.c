#include "alert/engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "market/record_keep.h"
#include "store/grid.h"
#include "store/grid_refresh.h"
#include "store/outbox.h"

enum { LOOKS_BACK = 12 /* intervals, that rules look at beside the one they judge */ };
enum { BATCH = 288, LINES = 30, TITLE = 160, LAG_S = 5, RECORDS_PAUSE_S = 60 };

/* -- from findings to messages ------------------------------------------------------------------
 */

static struct finding *findings_of(const struct judging *j, size_t *count) {
    *count = j->findings.len / sizeof(struct finding);
    return (struct finding *)(void *)j->findings.at;
}

/* "Extreme price: NSW1 $15,000.00/MWh; High price: VIC1 …, 2025/08/20 18:10" */
static const char *make_title(struct judging *j, const struct finding *f, size_t count) {
    struct buf out = {0};
    const char *head = NULL;
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (f[i].unsent)
            continue;
        if (out.len + strlen(f[i].brief) + strlen(f[i].head) > TITLE && out.len) {
            left++;
            continue;
        }
        if (!head || strcmp(head, f[i].head) != 0)
            buf_printf(&out, "%s%s: ", head ? "; " : "", f[i].head);
        else
            buf_add_str(&out, STR(", "));
        buf_add_str(&out, str_from(f[i].brief));
        head = f[i].head;
    }
    if (left)
        buf_printf(&out, " and %zu more", left);
    buf_printf(&out, ", %s", time_text(j->memory, j->time) + 5);
    const char *title = str_dup(j->memory, buf_str(&out));
    buf_free(&out);
    return title;
}

static const char *make_text(struct judging *j, const struct finding *f, size_t count) {
    struct buf out = {0};
    size_t lines = 0, told = 0;
    for (size_t i = 0; i < count; i++)
        told += !f[i].unsent;
    for (size_t i = 0; i < count && lines < LINES; i++)
        if (!f[i].unsent) {
            buf_printf(&out, "%s\n", f[i].text);
            lines++;
        }
    if (told > lines)
        buf_printf(&out, "and %zu more: nemd alerts history\n", told - lines);
    buf_printf(&out, "Interval %s AEST", time_text(j->memory, j->time));
    const char *text = str_dup(j->memory, buf_str(&out));
    buf_free(&out);
    return text;
}

static const char *make_data(struct judging *j, const struct finding *f, size_t count) {
    struct buf out = {0};
    struct json w = json_to(&out);
    json_array(&w);
    for (size_t i = 0; i < count; i++) {
        if (f[i].unsent)
            continue;
        json_object(&w);
        json_key(&w, "key"), json_cstr(&w, f[i].key);
        json_key(&w, "kind"), json_cstr(&w, f[i].kind);
        json_key(&w, "severity"), json_cstr(&w, alert_severity_name[f[i].severity]);
        json_key(&w, "value"), json_double(&w, f[i].value);
        json_key(&w, "text"), json_cstr(&w, f[i].text);
        json_end(&w);
    }
    json_end(&w);
    const char *data = str_dup(j->memory, buf_str(&out));
    buf_free(&out);
    return data;
}

static bool goes_to(const struct judging *j, const struct sink *s, enum alert_severity severity) {
    if (!j->use->sinks)
        return sink_wants(s, j->use->name, severity);
    size_t count;
    const char **list = setting_list(j->memory, j->use->sinks, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], s->kind->name) == 0)
            return true;
    return false;
}

static err *put_message(struct engine *e, struct judging *j, const struct finding *f, size_t count,
                        int64_t *id) {
    struct alert_message m = {.at = j->time, .made = j->now, .rule = j->use->name};
    bool fresh;
    size_t told = 0;
    for (size_t i = 0; i < count; i++) {
        if (f[i].unsent)
            continue;
        if (!told++ || f[i].severity > m.severity)
            m.severity = f[i].severity, m.kind = f[i].kind;
    }
    *id = 0;
    if (!told)
        return NULL;
    m.title = make_title(j, f, count);
    m.text = make_text(j, f, count);
    m.data = make_data(j, f, count);
    TRY(alerts_add_message(j->alerts, &m, id, &fresh));
    for (size_t s = 0; fresh && s < e->sink_count; s++)
        for (size_t t = 0; goes_to(j, &e->sinks[s], m.severity) && t < e->sinks[s].target_count;
             t++)
            TRY(outbox_add(j->alerts, *id, e->sinks[s].kind->name, e->sinks[s].digests[t], j->now));
    return NULL;
}

/* Worst first, so that a title that is cut says what matters. */
static int by_severity(const void *a, const void *b) {
    const struct finding *x = a, *y = b;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    int head = strcmp(x->head, y->head);
    return head ? head : strcmp(x->key, y->key);
}

/* Writes down what was found of an interval. */
static err *conclude(struct engine *e, struct judging *j, bool *told) {
    size_t count;
    int64_t message;
    struct finding *f = findings_of(j, &count);
    if (!count)
        return NULL;
    qsort(f, count, sizeof *f, by_severity);
    TRY(put_message(e, j, f, count, &message));
    *told = *told || message;
    for (size_t i = 0; i < count; i++) {
        const struct alert_decision d = {.message = f[i].unsent ? 0 : message,
                                         .rule = j->use->name,
                                         .key = f[i].key,
                                         .kind = f[i].kind,
                                         .severity = f[i].severity,
                                         .at = j->time,
                                         .decided = j->now,
                                         .value = f[i].value,
                                         .text = f[i].text,
                                         .unsent = f[i].unsent};
        TRY(alerts_add_decision(j->alerts, &d));
    }
    return NULL;
}

/* -- one interval -------------------------------------------------------------------------------
 */

static struct judging begin_judging(struct engine *e, struct rule_use *u, struct arena *a,
                                    interval at, int64_t time, int64_t now) {
    return (struct judging){.store = e->store,
                            .alerts = e->alerts,
                            .memory = a,
                            .use = u,
                            .units = &e->units,
                            .thresholds = &e->thresholds,
                            .mutes = e->mutes,
                            .mute_count = e->mute_count,
                            .at = at,
                            .time = time,
                            .now = e->replays ? time : now,
                            .records = e->records,
                            .records_whole = e->records_whole,
                            .fresh = e->replays ||
                                     now - time <= (u->rule->news_s ? u->rule->news_s : NEWS_S)};
}

static err *judge_values(struct engine *e, struct judging *j) {
    struct reading *readings;
    size_t count;
    TRY(j->use->rule->values(j, &readings, &count));
    for (size_t i = 0; i < count; i++) {
        if (j->use->rule->remembers && !e->replays)
            TRY(alerts_put_judged(j->alerts, j->use->name, readings[i].key, j->time,
                                  readings[i].value));
        TRY(judge_ladder(j, &readings[i]));
    }
    return NULL;
}

static err *judge_one(struct engine *e, struct rule_use *u, interval at, int64_t time, int64_t now,
                      bool *told) {
    struct arena a = {0};
    struct judging j = begin_judging(e, u, &a, at, time, now);
    err *error = u->rule->values ? judge_values(e, &j) : u->rule->judge(&j);
    if (!error)
        error = conclude(e, &j, told);
    buf_free(&j.findings);
    arena_free(&a);
    return error;
}

/* -- late and revised ---------------------------------------------------------------------------
 */

static const struct alert_judged *find_judged(const struct alert_judged *rows, size_t count,
                                              int64_t at, const char *key) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = rows[middle].at < at   ? -1
                    : rows[middle].at > at ? 1
                                           : strcmp(rows[middle].key, key);
        if (order == 0)
            return &rows[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Makes the state of a key from the values as they are now. */
static err *rebuild(struct judging *j, const char *key) {
    struct alert_state s, new = {.waits = (double)NAN, .peak = (double)NAN};
    struct alert_judged *rows;
    size_t count;
    bool raised, cleared;
    TRY(alerts_state(j->alerts, j->memory, j->use->name, key, &s));
    if (s.level == 0 || j->time < s.since)
        return NULL;
    TRY(alerts_judged(j->alerts, j->memory, j->use->name, s.since, INT64_MAX, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].key, key) == 0 && !isnan(rows[i].value))
            ladder_step(&j->use->ladder, &new, rows[i].value, rows[i].at, &raised, &cleared);
    new.told = s.told < new.level ? s.told : new.level;
    new.acked = s.acked;
    new.text = isnan(new.peak) ? NULL : s.text; /* nothing is left to sum up */
    return alerts_put_state(j->alerts, j->use->name, key, &new);
}

static err *was_told(struct judging *j, const char *key, bool *out) {
    int64_t count;
    TRY(sql_number(&j->alerts->sql, &count,
                   "SELECT count(*) FROM decisions WHERE rule = ?1 AND key = ?2 AND at = ?3"
                   " AND message IS NOT NULL"
                   " AND kind IN ('alert', 'escalation', 'still', 'update')",
                   "ssi", j->use->name, key, j->time));
    *out = count > 0;
    return NULL;
}

static err *review_late(struct judging *j, const struct reading *r) {
    const struct ladder *l = &j->use->ladder;
    int level = ladder_level(l, r->value);
    if (level) {
        const char *value = ladder_value(j->memory, l, r->value);
        const struct step *step = &l->steps[level - 1];
        judge_find(j, &(struct finding){.key = r->key,
                                        .kind = "late",
                                        .severity = step->severity,
                                        .value = r->value,
                                        .head = step->head,
                                        .brief = arena_printf(j->memory, "%s %s", r->key, value),
                                        .text = arena_printf(j->memory, "%s: %s %s, came late",
                                                             step->head, r->key, value),
                                        .unsent = "late"});
    }
    return alerts_put_judged(j->alerts, j->use->name, r->key, j->time, r->value);
}

static err *review_revised(struct judging *j, const struct reading *r, double was) {
    const struct ladder *l = &j->use->ladder;
    int before = ladder_level(l, was), level = ladder_level(l, r->value);
    bool told;
    TRY(alerts_put_judged(j->alerts, j->use->name, r->key, j->time, r->value));
    if (before == level)
        return NULL;
    TRY(was_told(j, r->key, &told));
    const struct step *step = &l->steps[(before > level ? before : level) - 1];
    const char *old = ladder_value(j->memory, l, was), *new = ladder_value(j->memory, l, r->value);
    struct finding f = {.key = r->key,
                        .kind = level < before ? "correction" : "revised",
                        .severity = step->severity,
                        .value = r->value,
                        .head = "Correction",
                        .brief = arena_printf(j->memory, "%s %s, not %s", r->key, new, old),
                        .text = arena_printf(j->memory,
                                             "Correction: %s at %s was %s, and was "
                                             "revised to %s",
                                             r->key, time_text(j->memory, j->time), old, new)};
    if (level > before)
        f.unsent = "revised afterwards";
    else if (!told)
        f.unsent = "nobody was told of it";
    else
        judge_tells(j, r->key, &f.unsent);
    judge_find(j, &f);
    return level < before ? rebuild(j, r->key) : NULL;
}

static err *review_interval(struct engine *e, struct rule_use *u, interval at, int64_t now,
                            const struct alert_judged *judged, size_t judged_count, bool *told) {
    struct arena a = {0};
    struct judging j = begin_judging(e, u, &a, at, interval_to_unix(at), now);
    struct reading *readings;
    size_t count = 0;
    j.fresh = true; /* a correction is news however old what it corrects */
    err *error = u->rule->values(&j, &readings, &count);
    for (size_t i = 0; i < count && !error; i++) {
        const struct alert_judged *was = find_judged(judged, judged_count, j.time, readings[i].key);
        if (isnan(readings[i].value))
            continue;
        if (!was)
            error = review_late(&j, &readings[i]);
        else if (!(fabs(was->value - readings[i].value) <= 0.005))
            error = review_revised(&j, &readings[i], was->value);
    }
    if (!error)
        error = conclude(e, &j, told);
    buf_free(&j.findings);
    arena_free(&a);
    return error;
}

static err *review(struct engine *e, struct rule_use *u, int64_t mark, int64_t now, bool *told) {
    struct alert_state start;
    struct alert_judged *judged;
    size_t count;
    int step = datasets[u->dataset].step;
    TRY(alerts_state(e->alerts, &e->memory, u->name, "", &start));
    int64_t from = mark - REVIEW_S > start.since ? mark - REVIEW_S : start.since;
    TRY(alerts_judged(e->alerts, &e->memory, u->name, from, mark, &judged, &count));
    interval at = interval_at_or_after(aest_from_unix(from + 1));
    interval last = interval_at_or_before(aest_from_unix(mark));
    TRY(alerts_begin(e->alerts));
    err *error = NULL;
    for (at = (at + step - 1) / step * step; at <= last && !error; at += step)
        error = review_interval(e, u, at, now, judged, count, told);
    if (!error)
        error = alerts_forget_judged(e->alerts, u->name, from - 86400);
    if (!error)
        error = alerts_commit(e->alerts);
    if (error)
        alerts_rollback(e->alerts);
    return error;
}

/* -- what is new --------------------------------------------------------------------------------
 */

/* Judges [from] to [to] in one transaction. */
static err *judge_batch(struct engine *e, struct rule_use *u, interval from, interval to,
                        int64_t now, bool *told) {
    int step = datasets[u->dataset].step;
    TRY(alerts_begin(e->alerts));
    err *error = NULL;
    for (interval at = from; at <= to && !error; at += step)
        error = judge_one(e, u, at, interval_to_unix(at), now, told);
    if (!error)
        error = alerts_put_watermark(e->alerts, u->name, interval_to_unix(to));
    if (!error)
        error = alerts_commit(e->alerts);
    if (error)
        alerts_rollback(e->alerts);
    return error;
}

static err *judge_range(struct engine *e, struct rule_use *u, interval from, interval to,
                        int64_t now, bool *told) {
    int step = datasets[u->dataset].step;
    from = (from + step - 1) / step * step;
    for (; from <= to; from += BATCH) { /* a multiple of every step */
        interval end = from + BATCH - step;
        TRY(judge_batch(e, u, from, end < to ? end : to, now, told));
    }
    return NULL;
}

/* A first judgement begins with the newest interval, as what lies before is nobody's news. */
static err *begin_rule(struct engine *e, struct rule_use *u, const struct store_index *x,
                       int64_t *mark) {
    struct alert_state start;
    if (*mark)
        return NULL;
    TRY(alerts_state(e->alerts, &e->memory, u->name, "", &start));
    *mark = start.since = interval_to_unix(x->last) - 1;
    return alerts_put_state(e->alerts, u->name, "", &start);
}

/* The status of a price is committed right behind it: worth a moment's wait. */
static err *status_lags(struct engine *e, struct rule_use *u, interval last, int64_t now,
                        bool *lags) {
    const struct store_index *x;
    *lags = false;
    if (!u->rule->needs_status)
        return NULL;
    if (u->seen_last != last)
        u->seen_last = last, u->seen_at = now;
    TRY(store_index(e->store, PRICESTATUS5, &x));
    *lags = (!x->has_bounds || x->last < last) && now - u->seen_at < LAG_S;
    return NULL;
}

/* Whether the grid has what the rule is about to read. */
static bool grid_has(struct engine *e, const struct rule_use *u, interval from, interval to) {
    return store_grid_has(e->store, u->dataset, from, to) &&
           (!u->rule->needs_status || store_grid_has(e->store, PRICESTATUS5, from, to));
}

static err *pass_intervals(struct engine *e, struct rule_use *u, int64_t now, bool *told) {
    const struct store_index *x;
    int64_t mark;
    bool lags;
    if (u->seen == e->sequence)
        return NULL;
    TRY(store_index(e->store, u->dataset, &x));
    if (!x->has_bounds || x->damage)
        return NULL;
    interval last = x->last;
    TRY(status_lags(e, u, last, now, &lags));
    TRY(alerts_watermark(e->alerts, u->name, &mark));
    if (lags)
        return NULL;
    TRY(begin_rule(e, u, x, &mark));
    interval from = interval_at_or_after(aest_from_unix(mark + 1));
    if (interval_to_unix(last) - mark > CATCH_UP_S)
        from = last - CATCH_UP_S / 300;
    if (!grid_has(e, u, from - 1 - LOOKS_BACK, last))
        return NULL; /* its tiles are being made: the next pass looks again */
    if (interval_to_unix(last) > mark)
        TRY(judge_range(e, u, from, last, now, told));
    if (u->rule->remembers)
        TRY(review(e, u, interval_to_unix(last), now, told));
    u->seen = e->sequence;
    return NULL;
}

static err *pass_tick(struct engine *e, struct rule_use *u, int64_t now, bool *told) {
    if (now - u->tick < u->rule->every_s && now >= u->tick)
        return NULL;
    u->tick = now;
    TRY(alerts_begin(e->alerts));
    err *error = judge_one(e, u, 0, now, now, told);
    if (!error)
        error = alerts_commit(e->alerts);
    if (error)
        alerts_rollback(e->alerts);
    return error;
}

static err *prepare(struct engine *e, int64_t now) {
    TRY(units_load(e->store, &e->units));
    if (!e->thresholds.count)
        TRY(thresholds_load(e->store, &e->thresholds));
    return alerts_mutes(e->alerts, &e->memory, now, &e->mutes, &e->mute_count);
}

/* Records come first, as one of the rules goes by them. What is left of a long history is counted
 * by the next passes. */
static err *keep_records(struct engine *e, int64_t now) {
    uint64_t sequence = grid_sequence(store_grid(e->store));
    if ((e->records_whole && e->records_as_of == sequence) || now < e->records_next)
        return NULL;
    e->records_as_of = sequence;
    err *error = record_keep(e->store, e->alerts, e->stop, &e->records_whole);
    e->records_next = error ? now + RECORDS_PAUSE_S : 0; /* it may have read for long, in vain */
    return err_wrap(error, "records");
}

/* A rule that fails keeps no other from judging. */
err *engine_pass(struct engine *e, int64_t now, bool *told) {
    *told = false;
    arena_reset(&e->memory);
    e->sequence = grid_sequence(store_grid(e->store));
    TRY(prepare(e, now));
    err *first = keep_records(e, now);
    for (size_t i = 0; i < e->use_count; i++) {
        struct rule_use *u = &e->uses[i];
        err *error = u->rule->clock == RULE_TICKS ? pass_tick(e, u, now, told)
                                                  : pass_intervals(e, u, now, told);
        if (first)
            err_free(error);
        else
            first = err_wrap(error, "the rule %s", u->name);
    }
    return first;
}

/* What a replay knows of the past begins with it. */
static err *begin_replay(struct engine *e, const struct rule_use *u, interval from) {
    const struct alert_state start = {
        .since = interval_to_unix(from), .waits = (double)NAN, .peak = (double)NAN};
    return alerts_put_state(e->alerts, u->name, "", &start);
}

/* Records as they were, also where a replay goes on that was cut short. */
static err *recall_records(struct engine *e, interval to) {
    if (!e->records)
        e->records = mem_alloc(sizeof *e->records);
    market_records_init(e->records);
    return record_scan_history(e->store, &e->thresholds, to, e->records);
}

err *engine_replay(struct engine *e, interval from, interval to) {
    bool told = false;
    int made;
    int64_t mark;
    e->replays = true;
    e->records_whole = true;
    TRY(grid_refresh(e->store, e->stop, &made));
    TRY(prepare(e, interval_to_unix(to)));
    for (size_t i = 0; i < e->use_count; i++) {
        struct rule_use *u = &e->uses[i];
        if (u->rule->clock == RULE_TICKS)
            continue;
        TRY(alerts_watermark(e->alerts, u->name, &mark));
        if (!mark)
            TRY(begin_replay(e, u, from));
        interval next = mark ? interval_at_or_after(aest_from_unix(mark + 1)) : from + 1;
        next = next > from ? next : from + 1;
        if (u->rule->needs_records)
            TRY(recall_records(e, next - 1));
        TRY(judge_range(e, u, next, to, 0, &told));
    }
    return NULL;
}

void engine_close(struct engine *e) {
    units_free(&e->units);
    thresholds_free(&e->thresholds);
    arena_free(&e->memory);
    free(e->records);
}
