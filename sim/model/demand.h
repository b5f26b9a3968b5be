/* What people use, and what their own roofs give: the two halves of the simulated market's demand.
 */
#ifndef SIM_DEMAND_H
#define SIM_DEMAND_H

#include "sim/model/weather.h"

/* Underlying demand of a region, MW: what all consumers use at [t], whoever supplies it. Follows
 * hour, weekday, temperature and the years; battery charging and pumping are not in it. */
double sim_underlying_demand(uint64_t seed, enum sim_region region, aest_us t);

/* Rooftop capacity of a region, MW, which grows by the day. */
double sim_rooftop_capacity(enum sim_region region, aest_us t);
/* What the roofs of a region give, MW. */
double sim_rooftop_mw(uint64_t seed, enum sim_region region, aest_us t);

/* Operational demand, MW: underlying less rooftop. */
double sim_operational_demand(uint64_t seed, enum sim_region region, aest_us t);

#endif
