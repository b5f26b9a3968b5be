/* The cumulative price, and when prices are administered.
 *
 * The cumulative price of an interval is the sum of the prices of the last seven days up to and
 * with it (National Electricity Rules 3.14.2): 2,016 five-minute prices since 2021-10-01 00:05,
 * before that 336 half-hourly ones. Above the cumulative price threshold, prices are administered:
 * capped, until the sum is below it again. The prices that count are those before any
 * administered cap (`pre_ap_energy_price`), with their sign. AEMO publishes the same sum as
 * `cumul_pre_ap_energy_price`.
 */
#ifndef MARKET_ADMINISTERED_H
#define MARKET_ADMINISTERED_H

#include <stdbool.h>

#include "market/span.h"
#include "market/thresholds.h"

enum { CUMULATIVE_DAYS = 7 };

/* Prices of step 1 (2,016 a sum) or 6 (336), into as many sums; NaN where one of a sum's prices
 * isn't known, as in the first seven days. [out] is not the prices' array. */
void cumulative_prices(const struct span *prices, double *out);

/* Whether a published sum is ours: within a cent for each day of prices that are themselves rounded
 * to cents. True where either isn't known. */
bool cumulative_price_agrees(double ours, double published);

/* The sum as a part of the threshold in force, 1 being the threshold; NaN where either isn't
 * known. */
double cumulative_price_share(const struct thresholds *t, interval at, double cumulative);

/* Of a price's APCFLAG (pricestatus5): whether the administered price, the cap or the floor made
 * it. */
bool price_is_administered(int apcflag);
bool price_is_at_limit(int apcflag);

#endif
