/* Readings of regions, brought down to buckets while they are read.
 *
 * What regions_read and resample do one after the other, without an array of all values in between:
 * five regions' year at five minutes is half a million numbers, of which a chart shows 1,460 means.
 * Where buckets have whole days or quarters of them, they are taken from their sums, of what has
 * such (prices).
 */
#ifndef MARKET_REGIONS_RESAMPLE_H
#define MARKET_REGIONS_RESAMPLE_H

#include "market/network.h"
#include "market/resample.h"
#include "store/store.h"

/* A column of a dataset of regions over (p.after, p.to], which the buckets cover; NaN where nothing
 * is known. Memory from [a]. */
void regions_resample(struct store *s, struct arena *a, enum dataset_id dataset, const char *column,
                      struct period p, const struct buckets *b, struct resampled out[REGIONS]);

#endif
