/* Batteries and pumps, which run to a schedule made for the whole trading day: they store when the
 * day's residual demand is low and give back when it is high.
 *
 * A battery begins and ends its trading day at 04:00 with the same charge and at rest, so that any
 * day can be computed without the days before. */
#ifndef SIM_STORAGE_H
#define SIM_STORAGE_H

#include "sim/model/market.h"

enum { SIM_INSTANTS = INTERVALS_PER_DAY + 1 }; /* of a day, both 04:00s included */

/* How much a region wishes energy at each instant of the day: -1 store, 1 give back. */
struct sim_wish {
    float at[SIM_INSTANTS];
};
/* From the residual demand (MW left for what can be dispatched) by instant; scarcity (0 to 1) adds
 * to the wish to give. */
void sim_wish_make(const double residual[SIM_INSTANTS], const double scarcity[SIM_INSTANTS],
                   struct sim_wish *out);

/* The day of a battery of [mw] and [load_mw] (what it can take) and [mwh]: MW at each instant,
 * positive when it gives, and its charge in MWh. Between instants power is a straight line; 92 % of
 * what is taken arrives, and 92 % of what leaves the cells is given. */
void sim_battery_day(uint64_t seed, const struct sim_unit *u, aest_day date,
                     const struct sim_wish *wish, double mw, double load_mw, double mwh,
                     double power[SIM_INSTANTS], double charge[SIM_INSTANTS]);

/* What a pump takes at each instant, MW: all of it, half or nothing. */
void sim_pump_day(uint64_t seed, const struct sim_unit *u, aest_day date,
                  const struct sim_wish *wish, double power[SIM_INSTANTS]);

#endif
