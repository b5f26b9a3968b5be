/* Statistics of values that each hold for equally long: means are weighted by time.
 *
 * Values that aren't known are left out and counted nowhere. A percentile lies between the two
 * values nearest to it, in proportion (type 7 of Hyndman and Fan 1996; SQL's PERCENTILE_CONT). The
 * standard deviation is that of a sample (n - 1).
 */
#ifndef MARKET_STATISTICS_H
#define MARKET_STATISTICS_H

#include "base/mem.h"

struct statistics {
    size_t count;    /* of known values; 0: all below is NaN */
    double mean, sd; /* sd: NaN for a single value */
    double min, max, median;
    double p05, p10, p25, p75, p90, p95, p99;
};

/* Scratch memory from [a]. */
struct statistics statistics_of(struct arena *a, const double *values, size_t length);

/* The values that are known, the lowest first; *count is how many. Memory from [a]. */
double *sorted_known(struct arena *a, const double *values, size_t length, size_t *count);

/* The value that a part [share], 0 … 1, of [sorted] lies below; NaN of none. */
double percentile_of_sorted(const double *sorted, size_t count, double share);

/* Mean with a weight for each value; where either isn't known, or a weight is not above 0, a value
 * doesn't count. NaN without any. */
double weighted_mean(const double *values, const double *weights, size_t length);

#endif
