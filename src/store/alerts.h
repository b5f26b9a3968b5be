/* What alerts remember: <data>/alerts.db, SQLite in WAL mode.
 *
 *   watermarks  how far each rule has judged, in data time (Unix seconds of an interval's end)
 *   states      what each rule holds of each key (a region, a unit, a feed): armed at which level,
 *               since when, the peak since. May be set from outside, as a migration does
 *   judged      the values of the last days as they were judged: tells an interval that comes late
 *               (there is no row) from one that was revised (there is another value)
 *   decisions   what was decided, in order: the history; its ids are the sequence that others
 *               follow. One that wasn't sent says why
 *   messages    what people read: the decisions of one rule on one interval
 *   outbox      a message for a sink and one of its targets: waiting, sent, failed, or summed up in
 *               another
 *   mutes       what is to be recorded and not sent, until when
 *   records     the most and the least there ever was (alert_records.h)
 *   rules, sinks  what is configured (alert_catalogue.h)
 *
 * A watermark, the states, decisions, messages and the outbox change in one transaction. So a crash
 * before it has everything judged again, with the same result, and a crash after it leaves the
 * message in the outbox, which is durable (synchronous = FULL).
 *
 * It isn't part of state.db, because the ledger there is a cache that may be dropped at any time,
 * and this must not be lost with it. Times are Unix seconds. An object belongs to one thread.
 */
#ifndef STORE_ALERTS_H
#define STORE_ALERTS_H

#include "base/aest.h"
#include "store/sql.h"

struct alerts {
    struct sql sql;
};

/* The file of a store's folder. */
const char *alerts_path(struct arena *a, const char *data);
/* Opens or makes the file. A damaged one is put aside as <path>.broken, with an error in the log:
 * alerts that stay away for good would be worse than one that comes again. */
err *alerts_open(struct alerts *a, const char *path, const struct stop *stop) ERR_NODISCARD;
/* To read only; where there is none, an empty one. */
err *alerts_open_to_read(struct alerts *a, const char *path) ERR_NODISCARD;
/* For one change by somebody who can't wait for long: ERR_BUSY where another writer takes more than
 * [wait_ms]. */
err *alerts_open_to_change(struct alerts *a, const char *path, int wait_ms) ERR_NODISCARD;
/* In memory, for what is not to be kept. */
err *alerts_open_in_memory(struct alerts *a) ERR_NODISCARD;
void alerts_close(struct alerts *a);

err *alerts_begin(struct alerts *a) ERR_NODISCARD;
err *alerts_commit(struct alerts *a) ERR_NODISCARD;
void alerts_rollback(struct alerts *a);

/* -- what rules remember ------------------------------------------------------------------------
 */

struct alert_state {
    int level;     /* 0: not armed; what others mean is the rule's to say */
    int told;      /* the highest level since it was armed that somebody was told of */
    int64_t since; /* data time of the interval that armed it; 0: never was */
    double waits;  /* while it waits to arm, or to be over: since when; else NaN */
    double peak;   /* the most extreme one since it was armed */
    int64_t peak_at;
    const char *text; /* the rule's own words, or NULL */
    bool acked;       /* somebody knows: no reminders until it is over */
};

/* Zeroed, with NaNs, where there is none. */
err *alerts_state(struct alerts *a, struct arena *memory, const char *rule, const char *key,
                  struct alert_state *out) ERR_NODISCARD;
err *alerts_put_state(struct alerts *a, const char *rule, const char *key,
                      const struct alert_state *state) ERR_NODISCARD;

struct alert_state_row {
    const char *rule, *key;
    struct alert_state state;
};
/* All states, by rule and key; [rule] may be NULL. */
err *alerts_states(struct alerts *a, struct arena *memory, const char *rule,
                   struct alert_state_row **out, size_t *count) ERR_NODISCARD;

/* 0: the rule has judged nothing. */
err *alerts_watermark(struct alerts *a, const char *rule, int64_t *out) ERR_NODISCARD;
err *alerts_put_watermark(struct alerts *a, const char *rule, int64_t at) ERR_NODISCARD;

struct alert_judged {
    const char *key;
    int64_t at;
    double value;
};
/* The values of a rule in [from] to [to], by time and key. */
err *alerts_judged(struct alerts *a, struct arena *memory, const char *rule, int64_t from,
                   int64_t to, struct alert_judged **out, size_t *count) ERR_NODISCARD;
err *alerts_put_judged(struct alerts *a, const char *rule, const char *key, int64_t at,
                       double value) ERR_NODISCARD;
err *alerts_forget_judged(struct alerts *a, const char *rule, int64_t before) ERR_NODISCARD;

/* -- history ------------------------------------------------------------------------------------
 */

enum alert_severity { ALERT_INFO, ALERT_WARNING, ALERT_CRITICAL, ALERT_SEVERITIES };
extern const char *const alert_severity_name[ALERT_SEVERITIES];
bool alert_severity_from_name(str name, enum alert_severity *out);

struct alert_message {
    int64_t id, at, made;
    const char *key; /* the same whenever the same is said: the idempotency key. Set by the call */
    const char *rule, *kind; /* "alert", "recovery", "update", "correction", "summary", "test" */
    enum alert_severity severity;
    const char *title, *text; /* a line; all of it */
    const char *data;         /* JSON: an array with an object for each decision */
};
/* *fresh is false when the same message (rule, at, title) was there already; then nothing changes.
 */
err *alerts_add_message(struct alerts *a, const struct alert_message *m, int64_t *id,
                        bool *fresh) ERR_NODISCARD;

struct alert_decision {
    int64_t id, message; /* message: 0 for none */
    const char *rule, *key, *kind;
    enum alert_severity severity;
    int64_t at, decided;
    double value;
    const char *text;
    const char *unsent; /* why nobody was told, or NULL */
    int64_t acked;      /* when, or 0 */
};
err *alerts_add_decision(struct alerts *a, const struct alert_decision *d) ERR_NODISCARD;

struct alert_history {
    int64_t after;    /* ids above it */
    const char *rule; /* NULL: any */
    int limit;        /* the newest so many; by id */
};
err *alerts_history(struct alerts *a, struct arena *memory, const struct alert_history *which,
                    struct alert_decision **out, size_t *count) ERR_NODISCARD;

/* Marks a decision, and the state of its rule and key, as known to somebody. ERR_USAGE when there
 * is none of that id. */
err *alerts_ack(struct alerts *a, int64_t id, int64_t now) ERR_NODISCARD;

struct alert_mute {
    const char *rule, *key; /* "*": any */
    int64_t until;
};
err *alerts_put_mute(struct alerts *a, const struct alert_mute *m) ERR_NODISCARD;
/* Those that hold at [now]. */
err *alerts_mutes(struct alerts *a, struct arena *memory, int64_t now, struct alert_mute **out,
                  size_t *count) ERR_NODISCARD;
bool alert_mute_covers(const struct alert_mute *m, const char *rule, const char *key);

#endif
