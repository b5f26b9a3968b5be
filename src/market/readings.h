/* The market's columns over a time, read from the store and ready for the formulas.
 *
 * This is where formulas meet files: each function here reads what one of them needs, and hands on
 * spans of five minutes over the range (after, to]. A region whose rows aren't there has NaN.
 */
#ifndef MARKET_READINGS_H
#define MARKET_READINGS_H

#include "market/calendar.h"
#include "market/network.h"
#include "store/series.h"

/* A column whose keys are regions, in the order of [regions]; of its dataset's step. */
err *regions_read(struct store *s, struct arena *a, enum dataset_id dataset, const char *column,
                  struct period p, struct span out[REGIONS]) ERR_NODISCARD;

/* Prices at which energy is settled (market/energy.h), $/MWh. */
err *settlement_prices_read(struct store *s, struct arena *a, struct period p,
                            struct span out[REGIONS]) ERR_NODISCARD;

/* How far behind its last point rooftop is estimated, in intervals. */
enum { ROOFTOP_LATE = INTERVALS_PER_DAY / 2 };

/* Rooftop (market/rooftop.h), MW. [provisional] has a flag for each interval, for all regions: one
 * of them is an estimate. */
err *rooftop_read(struct store *s, struct arena *a, struct period p, struct span out[REGIONS],
                  bool *provisional) ERR_NODISCARD;

/* Demand (market/demand.h), MW. Half-hourly means stand for the six intervals of each half hour
 * where there are none of five minutes. [proxy] tells where one stands in, as above. */
err *operational_demand_read(struct store *s, struct arena *a, struct period p,
                             struct span out[REGIONS], bool *proxy) ERR_NODISCARD;

/* Underlying demand, MW, with the flags of both. Where operational demand is a half hour's mean,
 * what rooftop adds to it is the mean over that half hour too: a mean and a course don't add up to
 * either. */
err *underlying_demand_read(struct store *s, struct arena *a, struct period p,
                            struct span out[REGIONS], bool *proxy, bool *provisional) ERR_NODISCARD;

/* Links whose flow is known at some time on the days of [p]. */
struct net_links {
    bool any;
    size_t count;
    const struct interconnector *links[INTERCONNECTORS];
};
void net_links_find(struct store *s, struct arena *a, struct period p, struct net_links *out);

/* What each region gets from the others over such links, less what it gives: metered flows
 * (market/network.h), MW; not known where one of its flows isn't. */
void net_import_of(struct grid *g, struct arena *a, const struct net_links *links, struct period p,
                   struct span out[REGIONS]);
/* The same over those of [p]. */
err *net_import_read(struct store *s, struct arena *a, struct period p,
                     struct span out[REGIONS]) ERR_NODISCARD;

/* Forecasts of a column, as the newest runs had it that were made by [as_of]: for each time in [p]
 * the value of the newest run that has one. Of its dataset's step. [before], which may be NULL,
 * gets what the run before that one said of the same time. */
err *forecast_read(struct store *s, struct arena *a, enum dataset_id dataset, const char *column,
                   interval as_of, struct period p, struct span out[REGIONS],
                   struct span before[REGIONS]) ERR_NODISCARD;

#endif
