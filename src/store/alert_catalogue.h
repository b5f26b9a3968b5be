/* What alerts are configured to be: the rules and sinks of the process that judges, which writes
 * them down when it begins, so that others who only have the store can tell of them. Two tables of
 * <data>/alerts.db. Nothing in them is secret: a sink is shown as it shows itself.
 */
#ifndef STORE_ALERT_CATALOGUE_H
#define STORE_ALERT_CATALOGUE_H

#include "store/alerts.h"

struct alert_rule_entry {
    const char *name, *summary;
    const char *steps; /* what the levels of its states are called, from 1 on, by lines; or "" */
    int64_t step_s;    /* how long its intervals are; 0: it goes by the clock */
};

struct alert_sink_entry {
    const char *name, *shown;
    int64_t rate; /* messages an hour; more are summed up */
};

/* In place of what was there, in one transaction. */
err *alerts_put_catalogue(struct alerts *a, const struct alert_rule_entry *rules, size_t rule_count,
                          const struct alert_sink_entry *sinks, size_t sink_count) ERR_NODISCARD;
err *alerts_rules(struct alerts *a, struct arena *memory, struct alert_rule_entry **out,
                  size_t *count) ERR_NODISCARD;
err *alerts_sinks(struct alerts *a, struct arena *memory, struct alert_sink_entry **out,
                  size_t *count) ERR_NODISCARD;

/* What a level of a rule's is called, in [memory]; "" where it has no name. */
const char *alert_level_name(struct arena *memory, const struct alert_rule_entry *r, int level);

/* "30m", "2h", "7d" from [now] on, or a date and time; false for what is neither. */
bool alert_until_read(str text, int64_t now, int64_t *out);

#endif
