#include "alert/deliver.h"

#include <time.h>

#include "base/log.h"

enum { LOOK_S = 60, MOST = 200, LISTED = 20, HOUR_S = 3600 };

int64_t deliver_pause_s(int attempts, int asked_s) {
    enum { FIRST_S = 5, LONGEST_S = 900 };
    int64_t pause = FIRST_S;
    for (int i = 0; i < attempts && pause < LONGEST_S; i++)
        pause *= 2;
    pause = pause > LONGEST_S ? LONGEST_S : pause;
    return pause > asked_s ? pause : asked_s;
}

static int minute_of_day(int64_t unix_s) {
    return (int)((unix_s + AEST_UTC_OFFSET_S) / 60 % (24 * 60));
}

struct pass {
    struct alerts *alerts;
    const struct sink *sink;
    size_t target;
    struct arena *memory;
    int64_t now;
    struct parcel *parcels;
    size_t count;
    int64_t room; /* messages that the rate still lets through */
    bool quiet;
};

static const char *digest(const struct pass *p) {
    return p->sink->digests[p->target];
}

static err *load(struct pass *p) {
    int64_t sent;
    TRY(outbox_waiting(p->alerts, p->memory, p->sink->kind->name, digest(p), MOST, &p->parcels,
                       &p->count));
    TRY(outbox_sent_since(p->alerts, p->sink->kind->name, digest(p), p->now - HOUR_S, &sent));
    p->room = p->sink->rate - sent;
    return NULL;
}

/* -- several as one -----------------------------------------------------------------------------
 */

/* A summary that is summed up itself gives its lines, not its title: each alert stays named. */
static void add_held(struct buf *text, const struct alert_message *held, size_t *lines) {
    str rest = str_from(held->text), title = str_from(held->title);
    bool lists = strcmp(held->kind, "summary") == 0;
    if (lists)
        str_cut(&rest, '\n');
    else
        rest = title;
    while (rest.len) {
        str line = str_cut(&rest, '\n');
        if (line.len && ++*lines <= LISTED)
            buf_printf(text, "%.*s\n", STR_ARG(line));
    }
}

static err *sum_up(struct pass *p) {
    struct alert_message m = {.at = p->now, .made = p->now, .rule = "summary", .kind = "summary"};
    struct buf text = {0}, title = {0};
    char since[AEST_TEXT];
    size_t lines = 0;
    aest_format_mms(aest_from_unix(p->parcels[0].message.made), since);
    buf_printf(&title, "%zu%s alerts since %.16s", p->count, p->count == MOST ? " or more" : "",
               since);
    buf_printf(&text, "%s, held back until now\n", buf_cstr(&title));
    for (size_t i = 0; i < p->count; i++) {
        const struct alert_message *held = &p->parcels[i].message;
        m.severity = held->severity > m.severity ? held->severity : m.severity;
        add_held(&text, held, &lines);
    }
    if (lines > LISTED)
        buf_printf(&text, "and %zu more: nemd alerts history\n", lines - LISTED);
    m.title = buf_cstr(&title);
    m.text = buf_cstr(&text);
    int64_t last = p->count == MOST ? INT64_MAX : p->parcels[p->count - 1].id;
    err *e = outbox_sum_up(p->alerts, p->sink->kind->name, digest(p), last, &m, p->now);
    buf_free(&text);
    buf_free(&title);
    return e;
}

static bool is_pile(const struct pass *p) {
    bool held = false;
    for (size_t i = 0; i < p->count; i++)
        held = held || p->parcels[i].held;
    return p->count > PILE || (held && p->count > 1);
}

/* -- one after the other ------------------------------------------------------------------------
 */

static err *note_failure(struct pass *p, const struct parcel *parcel, bool for_good,
                         const struct sink_problem *problem, int64_t *next) {
    *next = p->now + deliver_pause_s(parcel->attempts, problem->retry_after_s);
    for_good = for_good || p->now - parcel->message.made > GIVE_UP_S;
    if (for_good || parcel->attempts == 0)
        log_warn(for_good ? "alert not delivered, given up" : "alert not delivered, trying again",
                 log_cstr("sink", p->sink->kind->name), log_cstr("title", parcel->message.title),
                 log_cstr("error", problem->text));
    return for_good ? outbox_failed(p->alerts, parcel->id, problem->text)
                    : outbox_retry(p->alerts, parcel->id, *next, problem->text);
}

/* *go_on is false when the target is to be left alone until *next. */
static err *send_one(struct pass *p, const struct parcel *parcel, bool *go_on, int64_t *next) {
    struct sink_problem problem = {.text = ""};
    enum sink_outcome outcome = p->sink->kind->send(p->sink, p->target, &parcel->message, &problem);
    *go_on = outcome == SINK_SENT || outcome == SINK_REFUSED;
    if (outcome == SINK_STOPPED) /* whoever starts next sends it again */
        return NULL;
    if (outcome != SINK_SENT)
        return note_failure(p, parcel, outcome == SINK_REFUSED, &problem, next);
    p->room--;
    if (parcel->attempts)
        log_info("alert delivered after all", log_cstr("sink", p->sink->kind->name),
                 log_int("tries", parcel->attempts + 1));
    return outbox_sent(p->alerts, parcel->id, p->now);
}

static err *send_all(struct pass *p, int64_t *next) {
    bool go_on = true;
    for (size_t i = 0; i < p->count && go_on; i++) {
        const struct parcel *parcel = &p->parcels[i];
        bool waits = p->quiet && parcel->message.severity < ALERT_CRITICAL;
        if (waits || p->room <= 0) {
            if (!parcel->held)
                TRY(outbox_hold(p->alerts, parcel->id));
            continue;
        }
        TRY(send_one(p, parcel, &go_on, next));
    }
    return NULL;
}

static err *deliver_to(struct pass *p, int64_t *next) {
    TRY(load(p));
    if (!p->count)
        return NULL;
    if (p->parcels[0].next_try > p->now && p->parcels[0].attempts) {
        *next = p->parcels[0].next_try;
        return NULL;
    }
    if (is_pile(p) && !p->quiet && p->room > 0) {
        TRY(sum_up(p));
        TRY(load(p));
    }
    return send_all(p, next);
}

err *deliver_due(struct alerts *a, const struct sink *s, int64_t now, int64_t *next) {
    err *e = NULL;
    *next = now + LOOK_S;
    for (size_t t = 0; t < s->target_count && !e; t++) {
        struct arena memory = {0};
        int64_t due = now + LOOK_S;
        struct pass p = {.alerts = a,
                         .sink = s,
                         .target = t,
                         .memory = &memory,
                         .now = now,
                         .quiet = quiet_hours_hold(&s->quiet, minute_of_day(now))};
        e = deliver_to(&p, &due);
        *next = due < *next ? due : *next;
        arena_free(&memory);
    }
    return e;
}
