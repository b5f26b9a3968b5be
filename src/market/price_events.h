/* High-price events: runs of intervals at or above a price.
 *
 *     300  |        ____         __
 *          |   ____|    |___  __|  |      two events: the price of the second isn't known in
 *          |__|             |_            between, and what isn't known joins nothing
 *              first ……… last
 */
#ifndef MARKET_PRICE_EVENTS_H
#define MARKET_PRICE_EVENTS_H

#include "market/span.h"

struct price_event {
    interval first, last; /* its intervals, by their ends; it began a step before [first] */
    size_t intervals;     /* its duration, in steps */
    double peak, mean;    /* $/MWh */
    interval peak_at;     /* the first one at the peak */
    bool is_open;         /* it lasts to the end of the prices, and may go on */
};

/* In the order of time; memory from [a]. *count may be 0. */
struct price_event *price_events_find(struct arena *a, const struct span *prices, double threshold,
                                      size_t *count);

#endif
