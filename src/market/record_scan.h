/* From the store's rows to records: what each interval of a time was, and whether it counts.
 *
 * Values are those of market/records.h at five minutes. Those of units (share, wind, solar, hydro,
 * batteries) are of the sums beside the grid; of the NEM they are of all units, also of those whose
 * region isn't known, and rooftop, demand and stored energy are sums of regions. The NEM has no
 * price here. An interval counts for units when at least 97 % of the units of the last hour and a
 * half have a reading; rooftop and what has it in it up to AEMO's newest half hour; demand where it
 * was measured; a price that isn't said not to be firm.
 */
#ifndef MARKET_RECORD_SCAN_H
#define MARKET_RECORD_SCAN_H

#include "market/records.h"
#include "store/store.h"

/* Offers each interval of [p] to [r]. Memory from [a], some 150 KB a day. */
err *record_scan(struct store *s, struct arena *a, const struct thresholds *limits, struct period p,
                 struct market_records *r) ERR_NODISCARD;

/* The same of all that the store has up to [to], a few days at a time. */
err *record_scan_history(struct store *s, const struct thresholds *limits, interval to,
                         struct market_records *r) ERR_NODISCARD;

/* Changes with whatever the records of a day are made from. 0: there is nothing of that day in the
 * grid. */
uint64_t record_scan_stamp(struct store *s, aest_day day);

/* The days of which there may be anything; false for none. */
bool record_scan_days(struct store *s, aest_day *first, aest_day *last);

#endif
