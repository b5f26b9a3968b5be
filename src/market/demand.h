/* Four demands, which are never mixed and go by their names.
 *
 *   totaldemand     the dispatch target for the interval's end; net of scheduled load and of
 *                   non-scheduled generation (DISPATCHREGIONSUM TOTALDEMAND)
 *   operational     measured mean, without rooftop and scheduled load (DEMANDOPERATIONALACTUAL)
 *   underlying      operational + rooftop: what people used
 *   demand_and_nonschedgen   with the charging of batteries and pumping: stored, never shown as
 *                   demand
 *
 * Operational demand is not published before 2024-08. Until then TOTALDEMAND +
 * TOTALINTERMITTENTGENERATION stands in for it, is said to be a proxy, and makes no record. Demand
 * can be negative, and its minimum matters as much as its maximum.
 */
#ifndef MARKET_DEMAND_H
#define MARKET_DEMAND_H

#include <stdbool.h>

#include "market/span.h"

/* The last interval for which the proxy may be taken: 2024-08-01 00:00. */
#define DEMAND_PROXY_UNTIL ((interval)19936 * INTERVALS_PER_DAY)

/* Operational demand in [at]: as measured, else the proxy where it may be, with *is_proxy; else
 * NaN. */
double demand_operational(interval at, double measured, double totaldemand,
                          double totalintermittentgeneration, bool *is_proxy);

/* NaN where either is: rooftop that is late isn't 0. */
static inline double demand_underlying(double operational, double rooftop) {
    return operational + rooftop;
}

/* The lowest and the highest value and when they were, the first of equals. NaN without any. */
struct lowest_highest {
    double min, max;
    interval min_at, max_at;
};
struct lowest_highest lowest_highest_of(const struct span *s);

#endif
