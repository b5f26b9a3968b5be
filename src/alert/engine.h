/* The engine: hands rules what is new, in order, and turns what they find into decisions and
 * messages.
 *
 *   for each rule:  watermark < interval <= the newest in the store
 *       judge it --> findings --> decisions, a message for those that are told, outbox rows
 *       states, decisions, message, outbox and watermark: one transaction
 *
 * An interval that comes behind the watermark is late, one whose value changed is revised: both are
 * noticed for REVIEW_S by the values that were judged. What is late is recorded and moves nothing;
 * a revision that undoes an alert that somebody was told of is sent as a correction, and the key's
 * state is made anew from the values as they are now.
 *
 * Values come from the grid. Where that lacks days, as while it is made again, what lies in them is
 * judged as soon as it has them, and a replay makes them first.
 *
 * A rule that has judged nothing begins with the newest interval: old news isn't told.
 */
#ifndef ALERT_ENGINE_H
#define ALERT_ENGINE_H

#include "alert/rule.h"
#include "alert/sink.h"

enum { REVIEW_S = 36 * 3600, CATCH_UP_S = 7 * 86400 };

struct engine {
    struct store *store;
    struct alerts *alerts;
    struct rule_use *uses;
    size_t use_count;
    const struct sink *sinks; /* those that messages are put into the outbox for */
    size_t sink_count;
    struct units units;
    struct thresholds thresholds;
    uint64_t sequence; /* of the grid, when the store was last looked at */
    struct alert_mute *mutes;
    size_t mute_count;
    struct arena memory;            /* of a pass */
    bool replays;                   /* each interval is news, and values aren't remembered */
    bool records_whole;             /* all of the store has been counted in records */
    int64_t records_next;           /* when they are looked at again, after an error */
    uint64_t records_as_of;         /* the grid's sequence then */
    struct market_records *records; /* of a replay; NULL else */
    const struct stop *stop;        /* may be NULL */
};

/* One pass at [now], Unix seconds; *told says whether there is something new in the outbox. */
err *engine_pass(struct engine *e, int64_t now, bool *told) ERR_NODISCARD;
/* Judges (from, to] as if each interval had just come, from the watermark on where that is later.
 */
err *engine_replay(struct engine *e, interval from, interval to) ERR_NODISCARD;
void engine_close(struct engine *e);

#endif
