/* Records that are kept: rows of <data>/alerts.db, beside what alerts remember, as they mustn't be
 * lost with a cache either.
 *
 *   records       the best value of a measure, an extreme, a region and an hour of the day, by
 *                 origin: "" for what the store's rows gave, else who it was taken over from
 *   record_days   the days of the store that went into them, each with a stamp of what it was made
 *                 from: a day whose stamp is another one now is to be looked at again
 *
 * Rows and days change in one transaction, which also counts up a generation: whoever read them
 * and computed for a while writes only if nobody else wrote meanwhile.
 */
#ifndef STORE_ALERT_RECORDS_H
#define STORE_ALERT_RECORDS_H

#include "store/alerts.h"

enum { ALERT_RECORD_ALL_HOURS = 24 };

struct alert_record {
    const char *measure, *extreme, *region, *origin;
    int hour; /* 0 to 23, or ALERT_RECORD_ALL_HOURS */
    double value;
    int64_t at; /* the interval's end; 0: not known */
};

struct alert_record_day {
    aest_day day;
    uint64_t stamp;
};

/* All of them, in no order. */
err *alerts_records(struct alerts *a, struct arena *memory, struct alert_record **out,
                    size_t *count) ERR_NODISCARD;
/* By day. */
err *alerts_record_days(struct alerts *a, struct arena *memory, struct alert_record_day **out,
                        size_t *count) ERR_NODISCARD;
err *alerts_record_generation(struct alerts *a, int64_t *out) ERR_NODISCARD;

/* Within a transaction, which ends with counting up. */
err *alerts_put_record(struct alerts *a, const struct alert_record *r) ERR_NODISCARD;
err *alerts_drop_record(struct alerts *a, const struct alert_record *r) ERR_NODISCARD;
err *alerts_drop_records_of(struct alerts *a, const char *origin) ERR_NODISCARD;
err *alerts_put_record_day(struct alerts *a, const struct alert_record_day *d) ERR_NODISCARD;
err *alerts_count_up_records(struct alerts *a) ERR_NODISCARD;

#endif
