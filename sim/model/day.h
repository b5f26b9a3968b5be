/* A solved trading day: the plan, what dispatch made of it, and what happened then. */
#ifndef SIM_DAY_H
#define SIM_DAY_H

#include "sim/model/market.h"

struct sim_solved_day;

struct sim_solved_day *sim_day_solve(uint64_t seed, aest_day date);
void sim_day_free(struct sim_solved_day *d);
const struct sim_day *sim_day_public(const struct sim_solved_day *d);

/* What a run at [run] expects of interval [k] of the day; see sim_market_forecast. What is measured
 * is that of interval [k] itself. */
void sim_day_forecast(const struct sim_solved_day *d, uint64_t seed, aest_us run, int k,
                      struct sim_interval *out);

#endif
