/* What prices of a time come to, of a region or the whole NEM: how many, their sum, how far they
 * went.
 *
 * Those of six hours and of days are kept (market/sums.h); what they come to over any longer time
 * is made of these (market/months.h, market/price_totals.h). Means, plain and weighted, and
 * extremes follow from them; medians and other percentiles don't, nor does a standard deviation.
 */
#ifndef MARKET_PRICE_SUMS_H
#define MARKET_PRICE_SUMS_H

#include "market/network.h"
#include "market/span.h"

enum price_lane {
    PRICE_COUNT, /* of intervals with a price */
    PRICE_SUM,
    PRICE_MIN,
    PRICE_MAX,
    PRICE_WEIGHTED, /* sum of price x max(0, totaldemand), where both are known */
    PRICE_WEIGHT,   /* sum of max(0, totaldemand) there */
    PRICE_LANES,
};
#define PRICE_LANE_NAMES "count,sum,min,max,weighted,weight"

/* The regions, then the NEM's weighted price. */
enum { PRICE_NEM = REGIONS, PRICE_AREAS };
static inline const char *price_area(int area) {
    return area < REGIONS ? regions[area] : "NEM";
}

/* Prices and totaldemand of the same intervals. */
void price_sums_of(const struct span rrp[REGIONS], const struct span totaldemand[REGIONS],
                   double out[PRICE_AREAS][PRICE_LANES]);

#endif
