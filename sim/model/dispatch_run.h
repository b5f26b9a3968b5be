/* One run of the dispatch engine at one instant of a planned day. */
#ifndef SIM_DISPATCH_RUN_H
#define SIM_DISPATCH_RUN_H

#include "sim/model/plan.h"

/* How a run differs from the plan: forecasts err, and the operator may direct a unit. Zeroed but
 * for factors of 1, it is the plan's own dispatch. */
struct sim_run_case {
    double demand[SIM_REGIONS];   /* factor */
    double weather[SIM_REGIONS];  /* factor on wind and sun */
    double scarcity[SIM_REGIONS]; /* factor */
    int directed;                 /* index of a unit that has to run, or -1 */
    double directed_mw;
};
extern const struct sim_run_case sim_run_as_planned;

struct sim_run {
    struct sim_region_run region[SIM_REGIONS];
    struct sim_link_run link[SIM_LINKS];
    double flow_out[SIM_REGIONS]; /* MW over all links, without losses */
    double losses[SIM_REGIONS];   /* the region's part */
};

/* Clears the instant [i]. [target], if not NULL, gets what each unit is to reach, with the signs of
 * TOTALCLEARED, in whole 0.01 MW. */
void sim_dispatch_run(const struct sim_plan *p, int i, const struct sim_run_case *c,
                      struct sim_run *out, sim_mw *target);

#endif
