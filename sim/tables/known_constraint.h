/* The constraints of dispatch of which the market knows both sides: the limits of interconnectors
 * and the requirements of frequency control. Only they bind.
 */
#ifndef SIM_KNOWN_CONSTRAINT_H
#define SIM_KNOWN_CONSTRAINT_H

#include "sim/model/market.h"

struct sim_known_constraint {
    char id[40];
    double lhs, rhs, marginalvalue; /* 0: it doesn't bind */
};
enum { SIM_KNOWN_CONSTRAINTS = 2 * SIM_LINKS + (SIM_REGIONS + 2) * SIM_SERVICES };

/* Those of run [run] of the day's interval [k], by id; returns how many. */
int sim_known_constraints(const struct sim_market *m, const struct sim_day *day, int k, int run,
                          struct sim_known_constraint out[SIM_KNOWN_CONSTRAINTS]);

#endif
