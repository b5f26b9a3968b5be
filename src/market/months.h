/* Months of sums: what the days of a whole month come to (market/sums.h), added up once more.
 *
 * A month that is over, and each of whose days has sums, has a tile on its first day. How a lane of
 * its days becomes one of the month stands in a table; nothing else is in it, so its stamp is made
 * of their sequences, and a reader trusts a month whose stamp is that of the days as they are now.
 * Facts of units aren't in it beyond what is in the days: whoever needs them asks whether they hold
 * all month long.
 */
#ifndef MARKET_MONTHS_H
#define MARKET_MONTHS_H

#include "store/grid.h"
#include "store/store.h"

enum month_way { MONTH_SUM, MONTH_LOWEST, MONTH_HIGHEST, MONTH_LAST };
enum { MONTH_LANES = 16 }; /* at most */

/* Days that have months. */
struct months {
    const struct tiles_shape *days, *shape; /* of the same lanes */
    int count;                              /* the lane without which a day has nothing */
    enum month_way ways[MONTH_LANES];
};
extern const struct tiles_shape sums_unit_months, sums_price_months;
extern const struct months months_of_units, months_of_prices;

/* How many days the month has that begins on [day]; 0 when none does. */
static inline int month_days_from(aest_day day) {
    return month_first(day) == day ? month_days(day) : 0;
}

/* Adds a later day's lanes, or a later month's, to those of a time; *any: it has some already. */
void month_add(const struct months *m, double *into, bool *any, const cell *lanes);

/* The stamp of the month that begins on [day], by the days as they are: all zero where there can't
 * be one. */
struct file_stamp month_stamp(const struct months *m, struct grid *g, aest_day day);

/* The file that has the month as its days are now, looked at; NULL where none has. */
struct tiles *month_tiles(const struct months *m, struct grid *g, aest_day day);

/* Fills the tile of the month that begins on [day], from its days; holding the store's lock. */
void month_fill(const struct months *m, struct grid *g, aest_day day, const struct intern *keys,
                cell *tile);

#endif
