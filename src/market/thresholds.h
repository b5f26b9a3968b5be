/* The limits that the market's prices have, by day.
 *
 *   market price cap             $/MWh; what a dispatch price can be at most ("VoLL")
 *   market price floor           $/MWh
 *   cumulative price threshold   $/MWh summed; above it prices are administered. Since 2021-10-01 a
 *                                sum of 2,016 five-minute prices, before of 336 half-hourly ones
 *   administered price cap       $/MWh, while prices are administered
 *
 * They come from MMSDM's MARKET_PRICE_THRESHOLDS over a table that is built in: the schedule of
 * reliability settings, as the AEMC publishes it each year. MMSDM doesn't know the administered
 * cap, which is always the built-in one.
 */
#ifndef MARKET_THRESHOLDS_H
#define MARKET_THRESHOLDS_H

#include "mms/csv.h"
#include "store/records.h"

struct threshold {
    aest_day from;
    double cap, floor;
    double cumulative; /* NaN before 2002-04: there was none */
    double administered_cap;
};

/* A zeroed struct is empty. */
struct thresholds {
    struct threshold *rows; /* by day */
    size_t count;
};

/* The store's, and the built-in ones where it has none. */
err *thresholds_load(struct store *s, struct thresholds *out) ERR_NODISCARD;
/* The built-in ones alone. */
void thresholds_built_in(struct thresholds *out);
void thresholds_free(struct thresholds *t);

/* Those in force in an interval. Before the first ones, which are of 1997, it is those. */
const struct threshold *thresholds_at(const struct thresholds *t, interval at);

/* Adds the built-in rows to records of the table THRESHOLDS. Any row of MMSDM beats them. */
void thresholds_put_built_in(struct records *r);
/* Adds a row of MARKET_PRICE_THRESHOLDS of the month [month]. */
err *threshold_put_row(struct records *r, const struct mms_row *row,
                       const char *month) ERR_NODISCARD;

#endif
