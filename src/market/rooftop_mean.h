/* Rooftop over buckets of time, regions alone or together, without a value for each five minutes.
 *
 * Between two points it is a straight line (market/rooftop.h), so the regions' sum is one too, and
 * a half hour's six values add up by themselves:
 *
 *      here + (before - here) x k / 6 for k = 5 … 0      sum = 2.5 before + 3.5 here
 *
 * Half hours that lie across a bucket's edge, and what is estimated behind the last point, are
 * taken interval by interval. The result is the mean of rooftop_read's values, to the last digits.
 */
#ifndef MARKET_ROOFTOP_MEAN_H
#define MARKET_ROOFTOP_MEAN_H

#include "market/readings.h"

struct rooftop_mean {
    double *mean[REGIONS];    /* of each set: MW, one for each bucket; NaN where nothing is known */
    uint32_t *known[REGIONS]; /* intervals that are, of each bucket */
    bool provisional;         /* some region has an estimate in the range */
    interval first, from;     /* the first estimate, and where those begin that the range ends with;
                                 behind its end where there is none */
};

/* [count] sets of regions, of which [areas] has a bit for each, in the order of [regions], over
 * (p.after, p.to]: the mean over each bucket's intervals that are known in all of a set. Memory
 * from [a]. */
err *rooftop_mean_read(struct store *s, struct arena *a, struct period p, const struct buckets *b,
                       const unsigned *areas, size_t count, struct rooftop_mean *out) ERR_NODISCARD;

/* A set for each region, in their order. */
extern const unsigned rooftop_each_region[REGIONS];

#endif
