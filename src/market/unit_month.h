/* Months of units: the sums of a whole month's days (market/unit_day.h), added up once more.
 *
 * A month that is over, and each of whose days has sums, has a tile on its first day: energy, money
 * and intervals summed, of `largest` the highest, `provisional` of the last day. It follows from
 * the tiles of its days and from nothing else, so its stamp is made of their sequences, and a
 * reader trusts a month whose stamp is that of the days as they are now. Facts of units aren't in
 * it beyond what is in the days: whoever needs them asks whether they hold all month long.
 */
#ifndef MARKET_UNIT_MONTH_H
#define MARKET_UNIT_MONTH_H

#include "market/unit_day.h"
#include "store/grid.h"

extern const struct tiles_shape sums_unit_months;

/* The first day of the month that holds [day]. */
aest_day unit_month_start(aest_day day);
/* How many days the month has that begins on [day]; 0 when none does. */
int unit_month_days(aest_day day);

/* The stamp of the month that begins on [day], by the days as they are: all zero where there can't
 * be one. */
struct file_stamp unit_month_stamp(struct grid *g, aest_day day);

/* The file that has the month as its days are now, looked at; NULL where none has. */
struct tiles *unit_month_tiles(struct grid *g, aest_day day);

/* Fills the tile of the month that begins on [day], from its days; holding the store's lock. */
void unit_month_fill(struct grid *g, aest_day day, const struct intern *keys, cell *tile);

#endif
