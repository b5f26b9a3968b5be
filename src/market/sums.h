/* Sums kept beside the grid: what is asked for most, added up once.
 *
 * They are days of tiles like the datasets' (store/tiles.h), in files beside theirs, and pure
 * functions of a day's tiles and of the units' facts on that day:
 *
 *   mix5, mix30,   key: a region, "-" for units whose region isn't known, "NEM" for all of them.
 *   mix360         Lanes: of each fuel generation and load, MW, both >= 0; imports and exports of a
 *                  region. Parted by sign unit by unit (link by link) at 5 minutes, then summed; at
 *                  30 minutes the mean over (T - 30, T] of what is known. The lane `partial` is 1
 *                  in half hours in which something was known for less than all six. At six hours
 *                  the mean over those lanes that are whole, and `partial` where one isn't.
 *   unit_days      key: a DUID. One value a day, lanes as in market/unit_day.h.
 *   price360,      key: a region, or "NEM" for the demand-weighted price. What six hours' or a
 *   price_days     day's prices come to, lanes as in market/price_sums.h.
 *   unit_months,   The same as unit_days and price_days of each month that is over
 *   price_months   (market/months.h), on its first day.
 *
 * A day's stamp is made of the sequences of the tiles it was made from, of the units' table and of
 * FORMULA, so that another reading, another price, another fact of a unit and another formula each
 * make exactly the days anew that hang on them. A day of units needs the first reading of the next.
 *
 * A writer makes them with each commit (sums_follower); sums_refresh makes what lacks.
 */
#ifndef MARKET_SUMS_H
#define MARKET_SUMS_H

#include "market/fuels.h"
#include "market/months.h"
#include "market/price_sums.h"
#include "market/unit_day.h"
#include "market/units.h"
#include "store/follow.h"
#include "store/grid.h"

extern const struct tiles_shape sums_mix5, sums_mix30, sums_mix360, sums_unit_days;
extern const struct tiles_shape sums_price360, sums_price_days;

/* The keys of a mix, in the order of the file. */
enum { SUMS_NO_REGION = REGIONS, SUMS_NEM, SUMS_AREAS };
extern const char *const sums_areas[SUMS_AREAS];

enum {
    MIX_LANE_IMPORTS = 2 * FUELS,
    MIX_LANE_EXPORTS,
    MIX_LANE_PARTIAL, /* of 30 minutes and more */
    MIX_LANES,
};
static inline int mix_lane(enum fuel fuel, bool load) {
    return 2 * (int)fuel + load;
}

/* One more number into the hash that a stamp is made of. */
static inline uint64_t sums_hash(uint64_t hash, uint64_t value) {
    return (hash ^ value) * UINT64_C(0x100000001b3) ^ hash >> 29;
}

/* Makes the sums of days as far as they aren't what the tiles of now make of them, holding the
 * store's lock. *made is how many day's sums changed. */
err *sums_make(struct store *s, const struct units *units, aest_day first, int count,
               int *made) ERR_NODISCARD;

/* The same for all days of the store, newest first, a month at a time under the lock. [units] is
 * brought up to date first. */
err *sums_refresh(struct store *s, struct units *units, const struct stop *stop,
                  int *made) ERR_NODISCARD;

extern const struct store_follower sums_follower;

#endif
