/* Records: the highest and the lowest there has been, of all time and of each hour of the day, by
 * region and for the NEM.
 *
 * A record counts complete, firm, final and plausible intervals only: every part of the value is
 * there, its price is not to be reviewed, nothing of it is an estimate or a proxy, and it lies
 * within what can be. Of equal values the earliest is the record, so that the outcome doesn't
 * depend on the order in which intervals come.
 *
 * An hour h holds the intervals that end in (h:00, h+1:00]; the last hour's last one ends at 00:00.
 *
 * The state is a plain struct, which can be stored, set from outside (records that an earlier
 * system kept) and merged. When a day is read again because rows of it changed, what it held may no
 * longer be true, and a lower record of another day might be one again:
 *
 *     before = records                       keep
 *     market_records_forget(&records, day)   take out what was recorded in it
 *     market_records_offer(...)              each of its intervals again
 *     market_records_need_history(...)       true: a record fell, and history is to be read again,
 *                                            from what was imported on
 */
#ifndef MARKET_RECORDS_H
#define MARKET_RECORDS_H

#include "market/calendar.h"
#include "market/network.h"
#include "market/thresholds.h"

enum record_measure {
    RECORD_SHARE, /* share_generation of market/shares.h, 0 … 1 */
    RECORD_WIND,  /* MW from here on */
    RECORD_SOLAR,
    RECORD_ROOFTOP,
    RECORD_WATER,
    RECORD_DEMAND,     /* operational, as measured */
    RECORD_UNDERLYING, /* what people used: operational and rooftop */
    RECORD_PRICE,      /* $/MWh */
    RECORD_DISCHARGE,
    RECORD_CHARGE,
    RECORD_STATE_OF_CHARGE, /* MWh stored */
    RECORD_MEASURES,
};
extern const char *const record_measure_names[RECORD_MEASURES];

enum record_extreme { RECORD_MAX, RECORD_MIN, RECORD_EXTREMES };
enum { RECORD_NEM = REGIONS, RECORD_AREAS }; /* an area: an index of regions, or the NEM */
enum { RECORD_ALL_HOURS = 24, RECORD_HOURS };
extern const char *const record_extreme_names[RECORD_EXTREMES]; /* "max", "min" */
const char *record_area_name(int area);                         /* "NSW1", …, "NEM" */
/* The hour of the day that holds an interval, 0 to 23. */
int record_hour(interval at);

/* Why an interval doesn't count. */
enum record_fault {
    RECORD_INCOMPLETE = 1 << 0,
    RECORD_NOT_FIRM = 1 << 1,
    RECORD_PROVISIONAL = 1 << 2, /* an estimate, or a proxy */
};

/* When a record of elsewhere was, that came without its time. */
#define RECORD_TIME_UNKNOWN INT32_MIN

struct market_record {
    double value; /* NaN: none yet */
    interval at;
};
struct market_records {
    struct market_record best[RECORD_MEASURES][RECORD_EXTREMES][RECORD_AREAS][RECORD_HOURS];
};

void market_records_init(struct market_records *r);

/* Offers the value of an interval, with its faults. [limits] are the price limits in force, NULL
 * where it is no price. Returns whether it became a record of all time. */
bool market_records_offer(struct market_records *r, enum record_measure measure, int area,
                          interval at, double value, unsigned faults,
                          const struct threshold *limits);
/* Sets one from outside, where it beats what is there. */
void market_records_set(struct market_records *r, enum record_measure measure,
                        enum record_extreme extreme, int area, int hour,
                        struct market_record record);
/* Takes over what beats that of [into]. */
void market_records_merge(struct market_records *into, const struct market_records *from);

/* Takes out what was recorded in [p]. */
void market_records_forget(struct market_records *r, struct period p);
/* Whether a record of [before] that lay in [p] is beaten by none in [now]. */
bool market_records_need_history(const struct market_records *before,
                                 const struct market_records *now, struct period p);

#endif
