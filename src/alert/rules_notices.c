/* Market notices: a message for each change of a story's level. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "alert/notice_story.h"
#include "alert/rule.h"
#include "store/records.h"

enum { NOTICES_BACK_S = 3 * 86400 };

static err *configure(struct rule_use *u, const struct alert_settings *s, bool *on) {
    (void)u, (void)s, (void)on;
    return NULL;
}

static str text_of(const struct record *r, int column) {
    return r->values[column].there ? r->values[column].text : STR("");
}

/* One line of what the notice says. */
static const char *one_line(struct arena *a, str text) {
    char *out = str_dup(a, text);
    for (char *p = out; *p; p++)
        if ((unsigned char)*p < ' ')
            *p = ' ';
    return out;
}

static err *judge_story(struct judging *j, const struct notice_story *story,
                        const struct record *r) {
    struct alert_state s;
    TRY(alerts_state(j->alerts, j->memory, j->use->name, story->story, &s));
    if (s.level == story->level) /* said again, with more detail */
        return NULL;
    const char *kind = s.level == 0 ? "alert" : story->level > s.level ? "escalation" : "recovery";
    const char *reference = one_line(j->memory, text_of(r, NOTICE_REFERENCE));
    struct finding f = {.key = story->story,
                        .kind = kind,
                        .severity = story->severity,
                        .value = story->level,
                        .head = "Market notice",
                        .brief = reference[0] ? reference : story->story,
                        .text = arena_printf(j->memory, "Market notice %lld (%s): %s",
                                             (long long)r->values[NOTICE_ID].integer, story->kind,
                                             reference[0] ? reference : story->story)};
    if (story->level < s.level && f.severity == ALERT_INFO)
        f.severity = ALERT_WARNING; /* the end goes where the beginning went */
    judge_tells(j, story->story, &f.unsent);
    judge_find(j, &f);
    s.level = s.told = story->level;
    s.since = j->time;
    return alerts_put_state(j->alerts, j->use->name, story->story, &s);
}

/* [first]: all that is there is taken as known. */
static err *judge_notice(struct judging *j, const struct record *r, bool first) {
    char id[32];
    int64_t created =
        r->values[NOTICE_CREATED].there ? aest_to_unix(r->values[NOTICE_CREATED].integer) : 0;
    if (created < j->now - NOTICES_BACK_S)
        return NULL;
    snprintf(id, sizeof id, "%lld", (long long)r->values[NOTICE_ID].integer);
    struct alert_judged *known;
    size_t count, at = 0;
    TRY(alerts_judged(j->alerts, j->memory, j->use->name, created, created, &known, &count));
    while (at < count && strcmp(known[at].key, id) != 0)
        at++;
    if (at < count)
        return NULL;
    TRY(alerts_put_judged(j->alerts, j->use->name, id, created, 1));
    struct notice_story story =
        notice_story(j->memory, text_of(r, NOTICE_TYPE), text_of(r, NOTICE_DESCRIPTION),
                     text_of(r, NOTICE_REFERENCE), text_of(r, NOTICE_REASON));
    if (!story.kind)
        return NULL;
    j->fresh = !first && j->now - created <= NEWS_S;
    return judge_story(j, &story, r);
}

static int by_created(const void *a, const void *b) {
    const struct record *x = *(const struct record *const *)a,
                        *y = *(const struct record *const *)b;
    int64_t p = x->values[NOTICE_CREATED].integer, q = y->values[NOTICE_CREATED].integer;
    return p < q ? -1 : p > q;
}

/* Ids are not in the order of time: those created in the last days are gone through by when they
 * were, each once. */
static err *judge(struct judging *j) {
    struct file_stamp stamp = file_stamp(records_path(j->store, j->memory, NOTICES));
    int64_t seen = (int64_t)(stamp.inode ^ (uint64_t)stamp.modified_ns ^ stamp.size), mark;
    struct records notices;
    if (j->use->seen_last == seen)
        return NULL;
    TRY(alerts_watermark(j->alerts, j->use->name, &mark));
    err *e = records_read(j->store, NOTICES, &notices);
    if (notices.count)
        qsort(notices.rows, notices.count, sizeof *notices.rows, by_created);
    for (size_t i = 0; i < notices.count && !e; i++)
        e = judge_notice(j, notices.rows[i], mark == 0);
    records_free(&notices);
    if (!e)
        e = alerts_put_watermark(j->alerts, j->use->name, j->now);
    if (!e)
        e = alerts_forget_judged(j->alerts, j->use->name, j->now - 2 * NOTICES_BACK_S);
    if (!e)
        j->use->seen_last = seen;
    return e;
}

const struct rule rule_notice = {
    .name = "notice",
    .summary = "AEMO's market notices: reserve, direction, suspension, load shedding, price review",
    .clock = RULE_TICKS,
    .every_s = 1,
    .configure = configure,
    .judge = judge,
};
