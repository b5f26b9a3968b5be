/* Days, weeks, months, quarters and years of the market, and what is compared with what.
 *
 * A bucket is a stretch of intervals (after, end]. A calendar day holds the settlementdates 00:05
 * to 00:00, a trading day 04:05 to 04:00 of the next date; weeks (from Monday), months, quarters
 * and years are made of whole days of either kind. Market time has no daylight saving, so a day
 * always has 288 intervals, in October as in April.
 *
 *     calendar  00:05 ………………………………………… 00:00          bucket (00:00, 00:00]
 *     trading         04:05 ………………………………………… 04:00    bucket (04:00, 04:00]
 */
#ifndef MARKET_CALENDAR_H
#define MARKET_CALENDAR_H

#include "market/span.h"

enum day_kind { DAY_CALENDAR, DAY_TRADING };

enum resolution {
    RESOLUTION_5M,
    RESOLUTION_30M,
    RESOLUTION_1H,
    RESOLUTION_1D,
    RESOLUTION_1W,
    RESOLUTION_1MO,
    RESOLUTION_1Q,
    RESOLUTION_1Y,  /* of the calendar */
    RESOLUTION_1FY, /* the financial year, from 1 July */
    RESOLUTIONS,
};
/* "5m", "30m", "1h", "1d", "1w", "1mo", "1q", "1y", "1fy" */
extern const char *const resolution_names[RESOLUTIONS];
bool resolution_from_name(str name, enum resolution *out);

/* Intervals (after, to]. */
struct period {
    interval after, to;
};

/* The day that holds [at], and the last interval before a day begins. */
aest_day day_of(enum day_kind kind, interval at);
interval day_after(enum day_kind kind, aest_day day);

/* The bucket that holds [at]. */
struct period bucket_of(enum resolution r, enum day_kind kind, interval at);

/* Where the buckets of a range begin and end: bucket k is (edges[k], edges[k + 1]]. The first and
 * the last may reach beyond the range; an empty range has none. */
struct buckets {
    size_t count;
    interval *edges; /* [count + 1] */
};
struct buckets buckets_of(struct arena *a, enum resolution r, enum day_kind kind,
                          struct period range);
/* The same of [step] intervals each, counted from the midnight in which the range's first day
 * begins where they divide a day, else from 1970. */
struct buckets buckets_of_step(struct arena *a, int step, struct period range);

/* What a period is compared with: as many intervals just before it, */
struct period period_before(struct period p);
/* or the same dates a year earlier, which for 29 February is the 28th. Whole months stay whole
 * months: February 2025 is compared with all 29 days of February 2024. */
struct period period_a_year_before(enum day_kind kind, struct period p);

/* Means by time of day: slot i is the step that ends (i + 1) x step after midnight, of a trading
 * day after 04:00. */
struct profile {
    size_t slots;
    double *means;  /* NaN for a slot without a value */
    size_t *counts; /* of days that have one */
};
struct profile profile_of(struct arena *a, enum day_kind kind, const struct span *s);

#endif
