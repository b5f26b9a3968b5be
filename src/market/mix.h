/* The generation mix: MW by region and fuel, over buckets of time.
 *
 * Each unit's reading is parted by its sign (market/units.h) into generation and load before
 * anything is summed, so that a fleet of batteries both charges and discharges. A bucket's MW is
 * the mean over its intervals that have any reading. A unit whose region isn't known is in an area
 * of its own, and one whose fuel isn't known in FUEL_UNKNOWN: no total leaves them out.
 */
#ifndef MARKET_MIX_H
#define MARKET_MIX_H

#include "market/calendar.h"
#include "market/network.h"
#include "market/units.h"

enum { MIX_NO_REGION = REGIONS, MIX_AREAS };
enum { MIX_ALL_AREAS = (1 << MIX_AREAS) - 1 };

/* Values of a pair that no unit is of are NULL. */
struct mix {
    size_t length;                                                 /* of buckets */
    double *generation[MIX_AREAS][FUELS], *load[MIX_AREAS][FUELS]; /* MW, >= 0 */
    double *nem[2][FUELS]; /* generation and load of all areas, where that alone was asked for */
    bool is_nem;
};

/* Reads (range.after, range.to] into the buckets, which cover it, from the sums kept beside the
 * grid (market/sums.h), in which the units' facts are already: those of half hours where the
 * buckets are made of such. Memory from [a]. */
err *mix_read(struct store *s, struct arena *a, struct period range, const struct buckets *b,
              struct mix *out) ERR_NODISCARD;
/* The same of all areas together, for mix_sum of MIX_ALL_AREAS alone, several times as fast. */
err *mix_read_nem(struct store *s, struct arena *a, struct period range, const struct buckets *b,
                  struct mix *out) ERR_NODISCARD;

/* Generation (or load) of a fuel, summed over the areas of [areas], a bit for each; NULL where
 * there is none. Where one area has a value, one that lacks it counts for nothing. */
const double *mix_sum(struct arena *a, const struct mix *m, bool load, unsigned areas,
                      enum fuel fuel);

#endif
