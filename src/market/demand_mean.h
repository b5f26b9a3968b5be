/* Operational and underlying demand over buckets of time, without a value for each five minutes
 * where others say the same.
 *
 * Operational demand is published by half hours, each of whose six intervals has its mean
 * (market/readings.h), and rooftop adds the mean of its own half hour. So where no five minutes are
 * stored, no proxy stands in and no rooftop is estimated, a bucket of whole half hours is the mean
 * of those. Where nothing but the proxy stands in, the mean of its sum is the sum of its parts'
 * means, in buckets of which all is known. All else is taken interval by interval.
 */
#ifndef MARKET_DEMAND_MEAN_H
#define MARKET_DEMAND_MEAN_H

#include "market/readings.h"

/* MW over (p.after, p.to]: the mean over each bucket's intervals that are known. *proxy and
 * *provisional are set where the range has such. Memory from [a]. */
err *demand_mean_read(struct store *s, struct arena *a, struct period p, const struct buckets *b,
                      bool underlying, double *mean[REGIONS], bool *proxy,
                      bool *provisional) ERR_NODISCARD;

#endif
