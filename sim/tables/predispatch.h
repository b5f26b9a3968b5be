/* How runs of pre-dispatch are numbered and how far they see. A run is named by the end of its
 * first half hour, at whose start it was made.
 */
#ifndef SIM_PREDISPATCH_H
#define SIM_PREDISPATCH_H

#include "base/aest.h"

/* PREDISPATCHSEQNO of the half hour that ends at [t]: the trading day and the number of the half
 * hour in it, 01 at 04:30 to 48 at 04:00 (2019043040 for 2019-05-01 00:00). */
int64_t sim_predispatch_seqno(aest_us t);

/* The last half hour of [run]: the end of the last trading day for which offers are in, which are
 * due for the next day at 12:30. */
aest_us sim_predispatch_last(aest_us run);

#endif
