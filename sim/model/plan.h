/* A trading day before it is cleared: which units there are, what they can give and ask, what is
 * demanded, and what batteries and pumps have planned.
 */
#ifndef SIM_PLAN_H
#define SIM_PLAN_H

#include "sim/model/offer.h"
#include "sim/model/storage.h"

/* The schedule of a unit that follows one; [give] is negative when it takes. */
struct sim_schedule {
    double give[SIM_INSTANTS], charge[SIM_INSTANTS]; /* MW, MWh */
};

struct sim_plan {
    uint64_t seed;
    aest_day date;
    aest_us start;
    int instants; /* SIM_INSTANTS, or 1 for the first 04:00 alone */
    struct sim_ladder ladder;
    double floor, cap;
    int units;
    const struct sim_unit **unit;
    struct sim_offer *offer; /* when nothing is scarce */
    /* By instant i and unit u at [i * units + u]. */
    sim_mw *power;        /* what could be had of it at that instant: wind, sun, or the machine */
    sim_mw *uigf;         /* what was forecast of power for semi-scheduled units, else 0 */
    sim_mw *availability; /* what is offered */
    struct sim_schedule **schedule;           /* by unit; NULL for those without */
    double demand[SIM_INSTANTS][SIM_REGIONS]; /* operational, MW */
    double scarcity[SIM_INSTANTS][SIM_REGIONS];
    struct arena memory;
};

/* Plans the day that begins on [date] at 04:00, or only its first instant. */
struct sim_plan *sim_plan_make(uint64_t seed, aest_day date, int instants);
void sim_plan_free(struct sim_plan *p);

static inline aest_us sim_plan_time(const struct sim_plan *p, int instant) {
    return p->start + instant * (INTERVAL_MINUTES * AEST_MINUTE);
}

#endif
