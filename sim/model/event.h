/* What befalls the market: units that break, hours in which little is offered, directions by the
 * operator, prices under review. Each is a function of the seed and the time alone.
 */
#ifndef SIM_EVENT_H
#define SIM_EVENT_H

#include "sim/model/storage.h"

/* The part of its capacity that a generator has at each instant of the trading day that begins at
 * [start]: trips are sudden, planned outages ramp down, and coal comes back over hours. */
void sim_outage_day(uint64_t seed, const struct sim_unit *u, aest_us start,
                    double part[SIM_INSTANTS]);

/* How scarce what is offered gets in a region, 0 (nearly always) to 1: owners move offers up to the
 * cap, above all in evenings. */
double sim_scarcity(uint64_t seed, enum sim_region region, aest_us t);

/* An intervention on a trading day: a generator of [region] is directed to run between two instants
 * of the day. */
struct sim_intervention {
    bool any;
    enum sim_region region;
    int from, to; /* instants of the day, both in it, neither of them a 04:00 */
};
struct sim_intervention sim_intervention_on(uint64_t seed, aest_day date);

/* A review of prices on a trading day, by intervals of the day [from, to). */
struct sim_review {
    bool any, rejected;
    int from, to;
    aest_us resolved;
    double replaced; /* a rejected price becomes this part of what it was */
};
struct sim_review sim_review_on(uint64_t seed, aest_day date);

#endif
