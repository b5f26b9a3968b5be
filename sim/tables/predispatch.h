/* How runs of pre-dispatch are numbered and what they see. A run is named by the end of its first
 * interval, at whose start it was made; the intervals of one are half hours, those of five-minute
 * pre-dispatch are five minutes long.
 */
#ifndef SIM_PREDISPATCH_H
#define SIM_PREDISPATCH_H

#include "sim/model/market.h"

/* PREDISPATCHSEQNO of the half hour that ends at [t]: the trading day and the number of the half
 * hour in it, 01 at 04:30 to 48 at 04:00 (2019043040 for 2019-05-01 00:00). */
int64_t sim_predispatch_seqno(aest_us t);

/* The last half hour of [run]: the end of the last trading day for which offers are in, which are
 * due for the next day at 12:30. */
aest_us sim_predispatch_last(aest_us run);
/* What [run] expects of the half hour that ends at [end]. */
void sim_predispatch_expect(struct sim_market *m, aest_us run, aest_us end,
                            struct sim_interval *out);

/* A run of five-minute pre-dispatch looks an hour ahead. */
enum { SIM_P5MIN_INTERVALS = 12 };
void sim_p5min_expect(struct sim_market *m, aest_us run, struct sim_interval out[], int intervals);

/* Where a run has one solution for an interval, it stands for that of both interventions. */
static inline int sim_outlook_run(const struct sim_interval *i, int64_t intervention) {
    return intervention && i->runs == 2;
}

#endif
