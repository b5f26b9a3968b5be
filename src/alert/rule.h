/* Rules: what is worth a message.
 *
 * A rule is an entry in the table of rules.c. It runs on data time: an engine hands it each
 * interval of its dataset once, in order, and keeps how far it has come together with what was
 * decided (store/alerts.h). Rules on this machine's health run on ticks of the clock instead.
 *
 * Most rules are ladders: of each key (a region, a feed) there is a value, and steps that it
 * reaches:
 *
 *      extreme 10000 -------------------x--------- level 2: escalation
 *                                      / \
 *      high     1000 --------x---x----x   \------- level 1: alert
 *                           / \ / \  /     \
 *      normal    300 ------/---v---v--------\x---- level 0: recovery, with peak and duration
 *
 * Between the steps and the line of normal nothing changes, so that a value that saws around a step
 * gives one alert. One that saws across both lines is told some times a day (most_a_day), and then
 * from time to time (then_s) as one episode that goes on and off: each alert and each end is
 * recorded, "it comes and goes", and what is told next says how often it came and the peak. A rule
 * that isn't a ladder judges by itself and says what it found.
 *
 * What is found is told only while it is news (NEWS_S) and not muted; else it is recorded, and an
 * alert that nobody was told of is told as soon as a later interval is news and it still stands.
 */
#ifndef ALERT_RULE_H
#define ALERT_RULE_H

#include "alert/settings.h"
#include "market/thresholds.h"
#include "market/units.h"
#include "store/alerts.h"
#include "store/series.h"

enum { NEWS_S = 30 * 60, LADDER_STEPS = 4 };

struct step {
    double from; /* the value that reaches it */
    enum alert_severity severity;
    const char *head; /* "High price" */
};

struct ladder {
    bool below; /* steps are reached from above: the lower, the worse */
    int count;
    struct step steps[LADDER_STEPS]; /* the mildest first */
    double clear;                    /* the value that is normal again */
    const char *over;                /* "Price back to normal" */
    const char *before, *behind;     /* around the value: "$" and "/MWh" */
    /* Of what counts something that shouldn't be: instead of 0 and of 1. The first of them is one
     * too many, and isn't said to be "at or above 1". */
    const char *none, *one;
    int decimals;
    int hold_s; /* it arms only after so long */
    int calm_s; /* it is over only after so long */
};

struct reading {
    const char *key;
    double value;
    const char *note; /* behind the value, or NULL */
};

/* What a rule found, to be told or only recorded. */
struct finding {
    const char *key,
        *kind; /* "alert", "escalation", "recovery", "update", "correction", "late", … */
    enum alert_severity severity;
    double value;
    const char *head;   /* what findings of one kind share: "High price" */
    const char *brief;  /* "NSW1 $1,200.00/MWh" */
    const char *text;   /* a whole line */
    const char *unsent; /* why it isn't told, or NULL */
};

/* A rule as it is configured. */
struct rule_use {
    const struct rule *rule;
    const char *name;  /* the rule's, or "user:" and the user's */
    const char *sinks; /* those that it goes to alone, or NULL */
    struct ladder ladder;
    enum dataset_id dataset;
    const char *column, *key; /* of a user's rule */
    double amount;            /* of rules with one number */
    uint64_t seen;            /* the engine's: the grid's sequence as of which all was judged */
    int64_t seen_last, seen_at, tick;
};

struct market_records;

struct judging {
    struct store *store;
    struct alerts *alerts;
    struct arena *memory; /* of this interval */
    struct rule_use *use;
    const struct units *units;
    const struct thresholds *thresholds;
    const struct alert_mute *mutes;
    size_t mute_count;
    interval at;
    int64_t time, now;  /* data time and clock, Unix seconds */
    bool fresh;         /* it is news */
    bool records_whole; /* all of the store has been counted in records */
    /* In a replay: the records as they were, for the rule to go on with; else NULL. */
    struct market_records *records;
    struct buf findings;
};

enum rule_clock { RULE_INTERVALS, RULE_TICKS };

struct rule {
    const char *name, *summary;
    enum rule_clock clock;
    enum dataset_id dataset; /* whose intervals are judged */
    bool needs_status;       /* and those of pricestatus5, which comes with it */
    bool needs_records;      /* a replay begins with what lies before it */
    bool remembers;          /* values are kept, so that late and revised ones are noticed */
    int news_s;              /* how old news may be; 0: NEWS_S */
    int most_a_day;          /* that a key's alerts are told so often in 24 hours; 0: any number */
    int then_s;              /* and then once in so long, with how often it came meanwhile */
    int every_s;             /* of ticks */
    /* Reads the settings; *on is true before, and false after where the rule isn't wanted. */
    err *(*configure)(struct rule_use *u, const struct alert_settings *s, bool *on);
    /* Either the values of a ladder, or a judgement. */
    err *(*values)(struct judging *j, struct reading **out, size_t *count);
    err *(*judge)(struct judging *j);
};

enum { RULES = 19 };
extern const struct rule *const rules[RULES];

/* Whether a rule may be called so: one of the table, "user:…", or "*" for any. */
bool rule_exists(const char *name);

/* The rules that are wanted, the user's among them; memory from [s]. */
err *rules_configure(const struct alert_settings *s, struct rule_use **out,
                     size_t *count) ERR_NODISCARD;
/* "prices5.rrp NSW1 >= 500 clear 300 for 15m severity critical to sms,mail"; a key of * is all. */
err *rule_user_read(struct rule_use *u, struct arena *a, const char *name, str text) ERR_NODISCARD;

/* -- for rules ----------------------------------------------------------------------------------
 */

/* Whether what is found of [key] now is told; *why says why not. */
bool judge_tells(const struct judging *j, const char *key, const char **why);
void judge_find(struct judging *j, const struct finding *f);
/* A key's turn on the ladder. */
err *judge_ladder(struct judging *j, const struct reading *r) ERR_NODISCARD;
/* The same without a word: brings [state] up to date. */
void ladder_step(const struct ladder *l, struct alert_state *state, double value, int64_t time,
                 bool *raised, bool *cleared);
/* How many steps a value has reached. */
int ladder_level(const struct ladder *l, double value);
/* "$1,200.00/MWh" */
const char *ladder_value(struct arena *a, const struct ladder *l, double value);
/* Values of a column up to and with [at], as many of each key as [length], from the grid: the
 * engine has seen that it has them. */
err *judge_series(struct judging *j, enum dataset_id dataset, const char *column, interval at,
                  int length, struct series *out) ERR_NODISCARD;
/* A reading for each key that has a value at the interval that is judged. */
err *judge_readings(struct judging *j, enum dataset_id dataset, const char *column,
                    struct reading **out, size_t *count) ERR_NODISCARD;
/* "2025/08/20 18:10" */
const char *time_text(struct arena *a, int64_t unix_s);
/* "25 min", "3 h 10 min", "2 days 4 h" */
const char *duration_text(struct arena *a, int64_t seconds);
/* "12,345.60" */
const char *number_text(struct arena *a, double value, int decimals);

extern const struct rule rule_price, rule_price_low, rule_price_forecast, rule_price_predispatch,
    rule_predispatch, rule_cumulative, rule_administered, rule_charge, rule_new_unit, rule_trip,
    rule_stale, rule_gap, rule_disk, rule_collector, rule_backup, rule_backup_failed, rule_notice,
    rule_record, rule_user;

#endif
