/* What a run of pre-dispatch publishes of an interval. The five-minute and the half-hourly one have
 * the same rows under other names, in another order: here are the rows, p5min.c and predispatch.c
 * have keys and order.
 */
#ifndef SIM_OUTLOOK_H
#define SIM_OUTLOOK_H

#include "sim/tables/table.h"

struct sim_outlook {
    aest_us run;         /* the end of its first interval, which names it */
    aest_us lastchanged; /* half a minute after it began */
    bool intervention;   /* of all its intervals both runs are published */
    int64_t seqno;       /* PREDISPATCHSEQNO */
    struct sim_file *file;
    /* what bidirectional units of each region can give and take, MW */
    double bdu_give[SIM_REGIONS], bdu_take[SIM_REGIONS];
};

struct sim_outlook_interval {
    aest_us end;
    int64_t intervention; /* whose rows: 0 the pricing run's, 1 the physical run's */
    const char *periodid;
    const struct sim_interval *now, *before; /* [before] is NULL for the first interval */
};

extern const struct sim_cell sim_outlook_case_cells[], sim_outlook_region_cells[],
    sim_outlook_link_cells[], sim_outlook_constraint_cells[], sim_outlook_local_cells[];

/* Sets what follows from [run] and [file]. */
void sim_outlook_begin(struct sim_outlook *o);

void sim_outlook_case(const struct sim_outlook *o);
void sim_outlook_region(const struct sim_outlook *o, const struct sim_outlook_interval *i,
                        enum sim_region region);
void sim_outlook_link(const struct sim_outlook *o, const struct sim_outlook_interval *i,
                      enum sim_link link);
/* Some sixty constraints of the interval. */
void sim_outlook_constraints(const struct sim_outlook *o, const struct sim_outlook_interval *i);
/* The units whose local price differs from their region's, which are few: writes a row if that is
 * so of the [unit]th of the fleet. */
void sim_outlook_local_price(const struct sim_outlook *o, const struct sim_outlook_interval *i,
                             int unit);

/* A number of this run, from 0 to 1, that is the same whenever it is asked for. */
double sim_outlook_chance(const struct sim_market *m, aest_us run);

#endif
