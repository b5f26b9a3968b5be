/* A day of one unit: energy out and in, what it earned and paid.
 *
 * Of the day's readings, parted by sign one by one (market/units.h), energy and revenue at the
 * resolution of settlement, as market/energy.h says. Sums over any longer time add these up.
 */
#ifndef MARKET_UNIT_DAY_H
#define MARKET_UNIT_DAY_H

#include "market/energy.h"

enum unit_day_lane {
    UNIT_DAY_GENERATION, /* MWh, >= 0 */
    UNIT_DAY_REVENUE,    /* $, of intervals that have a price */
    UNIT_DAY_UNPRICED,   /* MWh generated in those that have none */
    UNIT_DAY_LOAD,       /* the same of what it took */
    UNIT_DAY_COST,
    UNIT_DAY_LOAD_UNPRICED,
    UNIT_DAY_INTERVALS,   /* with a reading */
    UNIT_DAY_UP,          /* MW, >= 0: the readings of generation, added up */
    UNIT_DAY_DOWN,        /* the same of what it took */
    UNIT_DAY_LARGEST,     /* MW: the highest of generation; 0 where it only took */
    UNIT_DAY_PROVISIONAL, /* 1: the last interval's energy waits for the reading behind it */
    UNIT_DAY_LANES,
};
#define UNIT_DAY_LANE_NAMES                                                                        \
    "generation,revenue,unpriced,load,cost,load_unpriced,intervals,up,down,largest,"               \
    "provisional"

/* [length] readings of a day, as published, at most INTERVALS_PER_DAY; [next] is the one behind
 * them, or NaN. [sign] is the unit's, -1 or 1. [prices] of the same intervals; NULL: none is known.
 */
void unit_day_of(const double *readings, size_t length, double next, int sign, const double *prices,
                 double out[UNIT_DAY_LANES]);

/* Adds a later day's to those of a time, or of a time before which nothing was added, all 0. */
static inline void unit_day_add(double into[UNIT_DAY_LANES], const double day[UNIT_DAY_LANES]) {
    for (int lane = 0; lane < UNIT_DAY_LARGEST; lane++)
        into[lane] += day[lane];
    if (day[UNIT_DAY_LARGEST] > into[UNIT_DAY_LARGEST])
        into[UNIT_DAY_LARGEST] = day[UNIT_DAY_LARGEST];
    into[UNIT_DAY_PROVISIONAL] = day[UNIT_DAY_PROVISIONAL];
}

#endif
