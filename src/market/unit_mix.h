/* MW of single units, or of units together, over buckets of time.
 *
 * Readings are taken day by day from where they lie in the grid and folded into buckets at once, so
 * that three years of a station take as much memory as a day of it:
 *
 *      day's cells of each member    x sign, parted        over the group         into buckets
 *      BW01 |12.5|13.0| - | …   ->   >= 0 | < 0      ->    sum of what is     ->  mean of those
 *      BW02 | …                                            known at each          intervals in
 * which interval               anything is known
 *
 * Of a day that lies in one bucket its sums are enough (market/unit_day.h), unless several members
 * are each known for a part of it: then it takes the readings to tell how much both have.
 */
#ifndef MARKET_UNIT_MIX_H
#define MARKET_UNIT_MIX_H

#include "market/calendar.h"
#include "market/units.h"

struct unit_member {
    str duid;
    int sign;       /* -1 or 1 */
    aest_day since; /* its days have had this sign from here on */
    size_t group;   /* members of a group follow each other */
};

/* Each [buckets' count], NaN where nothing is known. */
struct unit_group {
    double *generation, *load; /* MW, >= 0 */
    double *net;               /* generation less load */
    size_t known;              /* intervals in which anything is */
};

/* Reads (range.after, range.to] of [members] into their groups, of which there are [group_count].
 * With [parted], generation and load are what is made, else net. Memory from [a]. */
void unit_mix_read(struct store *s, struct arena *a, struct period range, const struct buckets *b,
                   const struct unit_member *members, size_t count, bool parted,
                   struct unit_group *groups, size_t group_count);

/* The DUIDs with readings in the years of the range, by name. Memory from [a]. */
size_t unit_mix_keys(struct store *s, struct arena *a, struct period range, str **keys);

#endif
