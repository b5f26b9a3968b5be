/* Records: the most, and of some measures the least, that there ever was.
 *
 * What the records are is kept for all (market/record_keep.h); this rule says when one of them was
 * broken. It runs on the clock of rooftop30, the last to come: then demand, prices and readings of
 * the half hour are there, and most revisions. Of each record it keeps the one that it knows of:
 * [peak] is the value, [peak_at] when it was. One that beats it is news when it is of the last two
 * hours and all of the store has been counted; what backfilled history brings is taken note of.
 * Where the store has too little history, records are noted and not told.
 *
 * A record that is broken again and again on one afternoon is one episode, told once it is over:
 * when it has stood for two hours, or at midnight. Meanwhile [waits] is the value of before: should
 * a revision take the record back, there is nothing to tell.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "alert/rule.h"
#include "market/record_keep.h"

enum { HALF_HOUR = 6, EPISODE_S = 2 * 3600, DAY_S = 86400 };

/* Underlying demand isn't told: it breaks records on the days on which demand does. */
static const struct {
    bool least; /* the minimum matters too */
    const char *unit;
    double scale;
    int decimals;
} shown[RECORD_MEASURES] = {
    [RECORD_SHARE] = {true, " %", 100, 1},   [RECORD_WIND] = {false, " MW", 1, 0},
    [RECORD_SOLAR] = {false, " MW", 1, 0},   [RECORD_ROOFTOP] = {false, " MW", 1, 0},
    [RECORD_WATER] = {false, " MW", 1, 0},   [RECORD_DEMAND] = {true, " MW", 1, 0},
    [RECORD_PRICE] = {true, " $/MWh", 1, 2}, [RECORD_DISCHARGE] = {false, " MW", 1, 0},
    [RECORD_CHARGE] = {false, " MW", 1, 0},  [RECORD_STATE_OF_CHARGE] = {false, " MWh", 1, 0},
};

static err *configure(struct rule_use *u, const struct alert_settings *s, bool *on) {
    (void)on;
    return setting_double(s, "ALERT_RECORD_DAYS", 365, &u->amount);
}

static const char *record_key(struct arena *a, int m, int extreme, int area) {
    return arena_printf(a, "%s %s %s", record_measure_names[m], record_extreme_names[extreme],
                        record_area_name(area));
}

static const char *value_text(struct arena *a, int m, double value) {
    return arena_printf(a, "%s%s", number_text(a, value * shown[m].scale, shown[m].decimals),
                        shown[m].unit);
}

static const struct alert_state *find_state(const struct alert_state_row *rows, size_t count,
                                            const char *key) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].key, key) == 0)
            return &rows[i].state;
    return NULL;
}

static struct finding record_finding(struct judging *j, int m, int extreme, int area,
                                     const char *key, const struct alert_state *s) {
    const char *where = record_area_name(area);
    const char *value = value_text(j->memory, m, s->peak);
    const char *what = arena_printf(j->memory, "%s%s", extreme == RECORD_MIN ? "lowest " : "",
                                    record_measure_names[m]);
    return (struct finding){
        .key = key,
        .kind = "record",
        .severity = ALERT_INFO,
        .value = s->peak,
        .head = "Record",
        .brief = arena_printf(j->memory, "%s %s %s", what, where, value),
        .text = arena_printf(j->memory, "Record: %s %s %s at %s, before %s", what, where, value,
                             time_text(j->memory, s->peak_at), s->text ? s->text : "unknown")};
}

/* Whether an episode is over, and then its message. */
static err *end_episode(struct judging *j, int m, int extreme, int area, const char *key,
                        struct alert_state *s, bool short_history) {
    bool midnight = interval_day_start(interval_day(j->at) + 1) == j->at;
    if (!midnight && j->time - s->peak_at < EPISODE_S)
        return NULL;
    struct finding f = record_finding(j, m, extreme, area, key, s);
    judge_tells(j, key, &f.unsent);
    if (short_history)
        f.unsent = "too little history";
    judge_find(j, &f);
    s->level = 0;
    return alerts_put_state(j->alerts, j->use->name, key, s);
}

static bool beats(int extreme, double a, double b) {
    return extreme == RECORD_MAX ? a > b : a < b;
}

/* Begins an episode: what stood before goes into the words. */
static void begin_episode(struct judging *j, int m, struct alert_state *s, int64_t at) {
    s->level = 1;
    s->since = at;
    s->waits = s->peak;
    s->text = value_text(j->memory, m, s->peak);
    if (s->peak_at)
        s->text = arena_printf(j->memory, "%s at %s", s->text, time_text(j->memory, s->peak_at));
}

/* Takes note of the record as it is. */
static void follow(struct judging *j, int m, int extreme, const struct market_record *best,
                   struct alert_state *s) {
    int64_t at = best->at == RECORD_TIME_UNKNOWN ? 0 : interval_to_unix(best->at);
    bool is_news = j->fresh && j->records_whole && j->time - at < EPISODE_S;
    if (!s->level && is_news && beats(extreme, best->value, s->peak)) /* false of a first value */
        begin_episode(j, m, s, at);
    else if (s->level && !beats(extreme, best->value, s->waits))
        s->level = 0; /* it was none */
    else if (s->level && !is_news && beats(extreme, best->value, s->peak))
        s->level = 0; /* history has a better one */
    s->peak = best->value;
    s->peak_at = at;
}

/* One record: what it was, what it is now. */
static err *settle(struct judging *j, int m, int extreme, int area,
                   const struct alert_state_row *rows, size_t count,
                   const struct market_records *now, bool short_history) {
    const char *key = record_key(j->memory, m, extreme, area);
    const struct alert_state *was = find_state(rows, count, key);
    const struct market_record *best = &now->best[m][extreme][area][RECORD_ALL_HOURS];
    struct alert_state s =
        was ? *was : (struct alert_state){.waits = (double)NAN, .peak = (double)NAN};
    if (!isnan(best->value) && !(best->value >= s.peak && best->value <= s.peak)) {
        follow(j, m, extreme, best, &s);
        TRY(alerts_put_state(j->alerts, j->use->name, key, &s));
    }
    return s.level ? end_episode(j, m, extreme, area, key, &s, short_history) : NULL;
}

/* As they are kept, those from elsewhere among them; in a replay, as they were. */
static err *read_records(struct judging *j, struct market_records *out) {
    if (j->records) {
        TRY(record_scan(j->store, j->memory, j->thresholds,
                        (struct period){j->at - HALF_HOUR, j->at}, j->records));
        *out = *j->records;
        return NULL;
    }
    struct market_records *outside = ARENA_NEW(j->memory, struct market_records);
    TRY(record_keep_load(j->alerts, j->memory, out, outside));
    market_records_merge(out, outside);
    return NULL;
}

static err *judge(struct judging *j) {
    struct market_records *now = ARENA_NEW(j->memory, struct market_records);
    const struct store_index *x;
    struct alert_state_row *rows;
    size_t count;
    TRY(read_records(j, now));
    TRY(alerts_states(j->alerts, j->memory, j->use->name, &rows, &count));
    TRY(store_index(j->store, j->use->dataset, &x));
    bool short_history =
        !x->has_bounds || (double)(j->time - interval_to_unix(x->first)) < j->use->amount * DAY_S;
    for (int m = 0; m < RECORD_MEASURES; m++)
        for (int e = 0; shown[m].unit && e < (shown[m].least ? RECORD_EXTREMES : RECORD_MIN); e++)
            for (int area = 0; area < RECORD_AREAS; area++)
                TRY(settle(j, m, e, area, rows, count, now, short_history));
    return NULL;
}

const struct rule rule_record = {
    .name = "record",
    .summary = "the most there ever was: renewable share, wind, solar, rooftop, hydro, demand, "
               "price, batteries",
    .dataset = ROOFTOP30,
    .news_s = EPISODE_S,
    .needs_records = true,
    .configure = configure,
    .judge = judge,
};
