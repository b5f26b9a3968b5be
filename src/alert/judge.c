#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "alert/rule.h"

enum { DAY_S = 86400 };

/* -- words --------------------------------------------------------------------------------------
 */

const char *time_text(struct arena *a, int64_t unix_s) {
    char text[AEST_TEXT];
    return arena_printf(a, "%.16s", aest_format_mms(aest_from_unix(unix_s), text));
}

const char *duration_text(struct arena *a, int64_t seconds) {
    int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
    if (minutes < 60)
        return arena_printf(a, "%lld min", (long long)minutes);
    if (hours < 48)
        return arena_printf(a, "%lld h %lld min", (long long)hours, (long long)(minutes % 60));
    return arena_printf(a, "%lld days %lld h", (long long)days, (long long)(hours % 24));
}

const char *number_text(struct arena *a, double value, int decimals) {
    char digits[400];
    struct buf out = {0};
    int len = snprintf(digits, sizeof digits, "%.*f", decimals, fabs(value));
    int whole = decimals ? len - decimals - 1 : len;
    if (value < 0)
        buf_add_char(&out, '-');
    for (int i = 0; i < len; i++) {
        if (i && i < whole && (whole - i) % 3 == 0)
            buf_add_char(&out, ',');
        buf_add_char(&out, digits[i]);
    }
    const char *text = str_dup(a, buf_str(&out));
    buf_free(&out);
    return text;
}

const char *ladder_value(struct arena *a, const struct ladder *l, double value) {
    if (l->none && (value == 0 || value == 1))
        return value == 0 ? l->none : l->one;
    return arena_printf(a, "%s%s%s%s", value < 0 && l->before[0] ? "-" : "", l->before,
                        number_text(a, l->before[0] ? fabs(value) : value, l->decimals), l->behind);
}

/* -- what is found ------------------------------------------------------------------------------
 */

bool judge_tells(const struct judging *j, const char *key, const char **why) {
    *why = NULL;
    if (!j->fresh)
        *why = "old";
    for (size_t i = 0; i < j->mute_count && !*why; i++)
        if (alert_mute_covers(&j->mutes[i], j->use->name, key))
            *why = "muted";
    return !*why;
}

void judge_find(struct judging *j, const struct finding *f) {
    buf_add(&j->findings, f, sizeof *f);
}

err *judge_series(struct judging *j, enum dataset_id dataset, const char *column, interval at,
                  int length, struct series *out) {
    return series_read(j->store, j->memory, dataset, column, at - length * datasets[dataset].step,
                       at, out);
}

err *judge_readings(struct judging *j, enum dataset_id dataset, const char *column,
                    struct reading **out, size_t *count) {
    struct series s;
    *count = 0;
    TRY(judge_series(j, dataset, column, j->at, 1, &s));
    *out = ARENA_ARRAY(j->memory, struct reading, s.count);
    for (size_t k = 0; k < s.count; k++)
        if (!isnan(s.values[k][0]))
            (*out)[(*count)++] =
                (struct reading){str_dup(j->memory, s.keys[k]), s.values[k][0], NULL};
    return NULL;
}

/* -- ladders ------------------------------------------------------------------------------------
 */

static bool reaches(const struct ladder *l, double value, double line) {
    return l->below ? value <= line : value >= line;
}

static bool is_clear(const struct ladder *l, double value) {
    return l->below ? value >= l->clear : value <= l->clear;
}

int ladder_level(const struct ladder *l, double value) {
    int level = 0;
    while (level < l->count && reaches(l, value, l->steps[level].from))
        level++;
    return level;
}

static void note_peak(const struct ladder *l, struct alert_state *s, double value, int64_t time) {
    if (isnan(s->peak) || (l->below ? value < s->peak : value > s->peak)) {
        s->peak = value;
        s->peak_at = time;
    }
}

/* Whether what is to last does, since the first time it was seen. */
static bool has_lasted(double *since, int64_t time, int for_s) {
    if (isnan(*since))
        *since = (double)time;
    return (double)time - *since >= for_s;
}

void ladder_step(const struct ladder *l, struct alert_state *s, double value, int64_t time,
                 bool *raised, bool *cleared) {
    int level = ladder_level(l, value);
    *raised = *cleared = false;
    if (level > s->level) {
        if (s->level == 0) {
            if (l->hold_s && !has_lasted(&s->waits, time, l->hold_s))
                return;
            s->since = time;
            s->peak = (double)NAN;
            s->acked = false;
        }
        s->level = level;
        *raised = true;
    }
    if (s->level == 0) {
        s->waits = level ? s->waits : (double)NAN; /* it no longer waits to arm */
        return;
    }
    note_peak(l, s, value, time);
    if (!is_clear(l, value)) {
        s->waits = (double)NAN;
        return;
    }
    if (l->calm_s && !has_lasted(&s->waits, time, l->calm_s))
        return;
    s->level = 0;
    s->waits = (double)NAN;
    *cleared = true;
}

/* "High price: NSW1 $1,200.00/MWh (not firm), at or above $1,000.00/MWh" */
static struct finding risen(const struct judging *j, const struct reading *r,
                            const struct alert_state *s, const char *kind) {
    const struct ladder *l = &j->use->ladder;
    const struct step *step = &l->steps[s->level - 1];
    const char *value = ladder_value(j->memory, l, r->value), *note = r->note ? r->note : "";
    const char *since = "", *from = "";
    if (!l->none)
        from = arena_printf(j->memory, ", at or %s %s", l->below ? "below" : "above",
                            ladder_value(j->memory, l, step->from));
    if (strcmp(kind, "still") == 0)
        since = arena_printf(j->memory, ", since %s, peak %s", time_text(j->memory, s->since),
                             ladder_value(j->memory, l, s->peak));
    return (struct finding){.key = r->key,
                            .kind = kind,
                            .severity = step->severity,
                            .value = r->value,
                            .head = step->head,
                            .brief = arena_printf(j->memory, "%s %s%s", r->key, value, note),
                            .text = arena_printf(j->memory, "%s: %s %s%s%s%s", step->head, r->key,
                                                 value, note, from, since)};
}

static struct finding gone(const struct judging *j, const struct reading *r,
                           const struct alert_state *s, int level, bool just_now) {
    const struct ladder *l = &j->use->ladder;
    const char *time =
        just_now
            ? arena_printf(j->memory, "lasted %s", duration_text(j->memory, j->time - s->since))
            : arena_printf(j->memory, "began %s", time_text(j->memory, s->since));
    const char *value = ladder_value(j->memory, l, r->value), *note = r->note ? r->note : "";
    return (struct finding){.key = r->key,
                            .kind = "recovery",
                            .severity = l->steps[(level ? level : 1) - 1].severity,
                            .value = r->value,
                            .head = l->over,
                            .brief = arena_printf(j->memory, "%s %s%s", r->key, value, note),
                            .text = arena_printf(j->memory, "%s: %s %s%s; peak %s at %s, %s",
                                                 l->over, r->key, value, note,
                                                 ladder_value(j->memory, l, s->peak),
                                                 time_text(j->memory, s->peak_at), time)};
}

/* -- what comes and goes ------------------------------------------------------------------------
 */

static const char comes_and_goes[] = "it comes and goes";

/* How often somebody was told within a day that [key] reached the step of [level]. */
static err *count_told(struct judging *j, const char *key, int level, int64_t *out) {
    const struct ladder *l = &j->use->ladder;
    return sql_number(
        &j->alerts->sql, out,
        "SELECT count(*) FROM decisions WHERE rule = ?1 AND key = ?2 AND at > ?3"
        " AND message IS NOT NULL AND kind IN ('alert', 'escalation', 'still', 'update')"
        " AND value * ?5 >= ?4 * ?5",
        "ssidi", j->use->name, key, j->time - DAY_S, l->steps[level - 1].from,
        (int64_t)(l->below ? -1 : 1));
}

/* When that, or an end, was told last. */
static err *last_told(struct judging *j, const char *key, int level, int64_t *out) {
    const struct ladder *l = &j->use->ladder;
    return sql_number(&j->alerts->sql, out,
                      "SELECT max(at) FROM decisions WHERE rule = ?1 AND key = ?2"
                      " AND message IS NOT NULL AND (kind IN ('recovery', 'update')"
                      " OR (kind IN ('alert', 'escalation', 'still') AND value * ?4 >= ?3 * ?4))",
                      "ssdi", j->use->name, key, l->steps[level - 1].from,
                      (int64_t)(l->below ? -1 : 1));
}

/* Whether [key] was told of so often that nothing more of [level] is told for now: [most] times
 * within a day, and the last time not long ago. */
static err *is_restless(struct judging *j, const char *key, int level, int most, bool *out) {
    int64_t times, last;
    *out = false;
    if (!j->use->rule->most_a_day)
        return NULL;
    TRY(count_told(j, key, level, &times));
    TRY(last_told(j, key, level, &last));
    *out = times >= most && j->time - last < j->use->rule->then_s;
    return NULL;
}

/* Adds to what is told how often it came since the last time, which was only recorded. */
static err *sum_up(struct judging *j, struct alert_state *s, bool now, struct finding *f) {
    int64_t last, times;
    if (!s->text)
        return NULL;
    s->text = NULL;
    f->kind = now ? f->kind : "update"; /* at an interval at which nothing came or went */
    TRY(last_told(j, f->key, 1, &last));
    TRY(sql_number(&j->alerts->sql, &times,
                   "SELECT count(*) FROM decisions WHERE rule = ?1 AND key = ?2 AND at > ?3 AND"
                   " message IS NULL AND kind IN ('alert', 'escalation')",
                   "ssi", j->use->name, f->key, last));
    if (times)
        f->text = arena_printf(j->memory, "%s; it came %lld more times since %s", f->text,
                               (long long)times, time_text(j->memory, last));
    return NULL;
}

/* The last one that is told by itself says so. */
static err *warn_of_sums(struct judging *j, int level, struct finding *f) {
    const int most = j->use->rule->most_a_day;
    int64_t times;
    if (!most)
        return NULL;
    TRY(count_told(j, f->key, level, &times));
    if (times + 1 >= most)
        f->text = arena_printf(j->memory, "%s; %s: more is recorded, and summed up", f->text,
                               comes_and_goes);
    return NULL;
}

static const char *hold(struct alert_state *s) {
    if (!s->text)
        s->text = comes_and_goes;
    return comes_and_goes;
}

/* An episode that goes on and off is one, as long as it isn't told. */
static void join_episodes(const struct ladder *l, struct alert_state *s,
                          const struct alert_state *before) {
    s->since = before->since;
    note_peak(l, s, before->peak, before->peak_at);
}

/* -- what is told -------------------------------------------------------------------------------
 */

static err *tell_risen(struct judging *j, const struct reading *r, struct alert_state *s,
                       const char *kind) {
    struct finding f = risen(j, r, s, kind);
    bool still = strcmp(kind, "still") == 0, restless = false;
    if (s->level <= s->told) { /* its end was never told */
        f.unsent = "told before";
    } else if (judge_tells(j, r->key, &f.unsent)) {
        TRY(is_restless(j, r->key, s->level, j->use->rule->most_a_day, &restless));
        if (restless)
            f.unsent = hold(s);
    }
    if (f.unsent && still) /* that would be said of each interval */
        return NULL;
    if (!f.unsent) {
        TRY(sum_up(j, s, !still, &f));
        TRY(warn_of_sums(j, s->level, &f));
        s->told = s->level;
    }
    judge_find(j, &f);
    return NULL;
}

static err *tell_gone(struct judging *j, const struct reading *r, struct alert_state *s,
                      bool just_now) {
    int level = s->text ? ladder_level(&j->use->ladder, s->peak) : s->told;
    struct finding f = gone(j, r, s, level, just_now);
    bool restless = false;
    if (!s->told && !s->text)
        f.unsent = "nobody was told of it";
    else if (judge_tells(j, r->key, &f.unsent)) {
        /* the end of what was told by itself is told too; what wasn't waits for its time */
        int most = s->told ? j->use->rule->most_a_day + 1 : 0;
        TRY(is_restless(j, r->key, s->told ? s->told : 1, most, &restless));
        if (restless)
            f.unsent = hold(s);
    }
    if (!f.unsent)
        TRY(sum_up(j, s, just_now, &f));
    if (!f.unsent || restless) /* what is held goes with the next message, of whatever it is */
        s->told = 0;
    if (just_now || !f.unsent)
        judge_find(j, &f);
    return NULL;
}

static bool same_state(const struct alert_state *a, const struct alert_state *b) {
    bool waits = (isnan(a->waits) && isnan(b->waits)) || a->waits == b->waits;
    bool peaks = (isnan(a->peak) && isnan(b->peak)) || a->peak == b->peak;
    return a->level == b->level && a->told == b->told && a->since == b->since && waits && peaks &&
           a->peak_at == b->peak_at && a->acked == b->acked && a->text == b->text;
}

err *judge_ladder(struct judging *j, const struct reading *r) {
    struct alert_state s, before;
    bool raised, cleared;
    if (isnan(r->value))
        return NULL;
    TRY(alerts_state(j->alerts, j->memory, j->use->name, r->key, &s));
    before = s;
    ladder_step(&j->use->ladder, &s, r->value, j->time, &raised, &cleared);
    if (raised && !before.level && s.text)
        join_episodes(&j->use->ladder, &s, &before);
    if (raised)
        TRY(tell_risen(j, r, &s, before.level ? "escalation" : "alert"));
    else if (cleared)
        TRY(tell_gone(j, r, &s, true));
    else if (s.level > s.told && !s.acked && ladder_level(&j->use->ladder, r->value))
        TRY(tell_risen(j, r, &s, "still"));
    else if (s.level == 0 && (s.told || s.text) && is_clear(&j->use->ladder, r->value))
        TRY(tell_gone(j, r, &s, false));
    return same_state(&s, &before) ? NULL : alerts_put_state(j->alerts, j->use->name, r->key, &s);
}
