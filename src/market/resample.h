/* From many values to as many as a chart can show.
 *
 * What is stacked is shown as means, which keep the areas; a line is shown as the lowest and the
 * highest value of each bucket, which keep its spikes. A mean is over the values that are known,
 * and a bucket says how many these are; one without any is a gap, not zero. What has two
 * directions (a battery, an interconnector) is parted by sign before it comes here.
 */
#ifndef MARKET_RESAMPLE_H
#define MARKET_RESAMPLE_H

#include "market/calendar.h"

/* The fewest intervals of a bucket so that [length] intervals are no more than [points] buckets: of
 * 5, 10, 15, 30 minutes, 1, 2, 3, 4, 6, 12 hours, 1 day, or whole days. */
int chart_step(size_t length, size_t points);

/* One for each bucket; memory from the arena. */
struct resampled {
    size_t count;
    double *mean, *min, *max, *sum; /* NaN where nothing is known */
    uint32_t *known;                /* values that are */
};
struct resampled resample(struct arena *a, const struct span *s, const struct buckets *b);

/* How many steps of [s] a bucket has; one that has as many known values is complete. */
size_t bucket_steps(const struct buckets *b, size_t bucket, int step);

#endif
