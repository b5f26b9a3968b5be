/* What prices of each region, and of the NEM, come to over any time: out of the sums of months and
 * of days (market/price_sums.h) where whole ones lie in it, else interval by interval. */
#ifndef MARKET_PRICE_TOTALS_H
#define MARKET_PRICE_TOTALS_H

#include "market/calendar.h"
#include "market/price_sums.h"
#include "store/store.h"

struct price_total {
    bool any; /* false: no price is known, and the lanes are 0 */
    double lanes[PRICE_LANES];
};

/* Of the prices in (p.after, p.to]. */
err *price_totals_read(struct store *s, struct period p,
                       struct price_total out[PRICE_AREAS]) ERR_NODISCARD;

static inline double price_total_weighted(const struct price_total *t) {
    double weight = t->lanes[PRICE_WEIGHT];
    return weight > 0 ? t->lanes[PRICE_WEIGHTED] / weight : NAN;
}

#endif
