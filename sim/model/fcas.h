/* Frequency control: which units stand by to raise or lower their output, and by how much. */
#ifndef SIM_FCAS_H
#define SIM_FCAS_H

#include "sim/model/market.h"

/* MW, 2 decimals: what is enabled, and what could have been. Neither is negative, and what is
 * enabled fits between a unit's target and its limits. */
struct sim_fcas {
    sim_mw enabled[SIM_SERVICES], available[SIM_SERVICES];
};

/* Of unit [u] in run [run] of the day's interval [k]. */
void sim_fcas_unit(const struct sim_market *m, const struct sim_day *day, int k, int run, int u,
                   struct sim_fcas *out);
/* The sums over the units of each region. */
void sim_fcas_regions(const struct sim_market *m, const struct sim_day *day, int k, int run,
                      struct sim_fcas out[SIM_REGIONS]);

#endif
