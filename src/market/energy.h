/* Energy and revenue of units.
 *
 * A SCADA reading S[T] is the MW at the START of the interval that it names (it equals INITIALMW of
 * the same settlementdate; AEMO, MMS Data Model, DISPATCH_UNIT_SCADA), so the next reading is the
 * MW at its end, and the energy in between is a trapezium:
 *
 *     E[T] = (S[T] + S[T+5]) / 2 x 5/60           MWh
 *     E[T] = S[T] x 5/60, provisional             where S[T+5] isn't known (yet)
 *
 * Output and consumption of a battery are two series, max(0, MW) and max(0, -MW), and are parted
 * before they come here: the mean of charging and discharging is neither.
 *
 * Revenue is energy x price at the resolution at which the market settles, once, and is summed from
 * there for whatever is longer: half hours up to and including the one that ends at 2021-10-01
 * 00:00, five minutes after (AEMC rule 2017 No. 15, five minute settlement). Before that date the
 * six intervals of a half hour have its one price, which gives the same sum as its energy x price.
 * It is spot revenue alone: FCAS, frequency performance payments and contracts are not in it.
 */
#ifndef MARKET_ENERGY_H
#define MARKET_ENERGY_H

#include "market/span.h"

/* The last interval of 30-minute settlement: 2021-10-01 00:00. */
#define SETTLED_BY_HALF_HOUR_UNTIL ((interval)18901 * INTERVALS_PER_DAY)
#define HOURS_PER_INTERVAL (INTERVAL_MINUTES / 60.0)

/* The half hour that holds [at], by its end. */
interval half_hour_of(interval at);

/* MWh of an interval from the readings at its begin and its end, which may be NaN; NaN without the
 * first. */
static inline double energy_between(double begin, double end) {
    double mw = isnan(end) ? begin : (begin + end) / 2;
    return mw * HOURS_PER_INTERVAL;
}

/* $/MWh at which [at] is settled: of prices at 5 and at 30 minutes that of its time. NaN where it
 * isn't known. */
double settlement_price(const struct span *prices5, const struct span *prices30, interval at);

/* Sums over energies and prices of the same intervals, each of a settlement's. */
struct earnings {
    double energy;    /* MWh: of all intervals whose energy is known */
    double revenue;   /* $: of those whose price is known too */
    double unpriced;  /* MWh of intervals without a price, which the revenue leaves out */
    size_t intervals; /* those with an energy */
};
/* Adds an interval's; nothing where [mwh] is NaN. Without a branch: it is called half a million
 * times for a month of the market. */
static inline void earnings_add(struct earnings *sum, double mwh, double price) {
    bool is_known = !isnan(mwh), is_priced = !isnan(price);
    double energy = is_known ? mwh : 0;
    sum->energy += energy;
    sum->intervals += is_known;
    sum->unpriced += is_priced ? 0 : energy;
    sum->revenue += is_priced ? energy * price : 0;
}
/* Volume-weighted average price: revenue over the energy that has one, $/MWh; NaN without any. */
double earnings_vwap(const struct earnings *sum);

/* Capacity factor: energy over what the capacity in force in each interval could have given, over
 * the intervals in which both are known. 1 is 100 %; more than that is shown as it is. NaN where
 * there is no such interval, or no capacity in them. */
double capacity_factor(const double *mwh, const double *capacity_mw, size_t length);

/* What energy at the connection point is multiplied by to be settled at the regional reference
 * node: transmission x distribution loss factor of the date, one that isn't known (NaN) being 1. */
double loss_factor(double mlf, double dlf);

#endif
