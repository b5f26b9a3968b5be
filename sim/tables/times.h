/* When what happens to an interval, and how tables walk over intervals.
 *
 *      interval T-5 min        +3…8 s              +11…19 s                        T
 *               |  the dispatch run is done  |  metered output is read  |  …      |
 *
 * An interval's rows are thus known some seconds after its start, five minutes before the time that
 * they name.
 */
#ifndef SIM_TIMES_H
#define SIM_TIMES_H

#include "sim/tables/table.h"

/* LASTCHANGED of what the dispatch run of the interval that ends at [end] found, and of its
 * UNIT_SCADA rows. Whole seconds; a file that holds them is published later. */
aest_us sim_dispatch_time(const struct sim_market *m, aest_us end);
aest_us sim_scada_time(const struct sim_market *m, aest_us end);

/* DISPATCHINTERVAL of a trading day's interval [k] (from 0): 20250820170. */
int64_t sim_dispatch_interval(const struct sim_day *day, int k);

/* Whether the interval that ends at [end] was settled by five minutes, as those since 2021-10-01
 * 00:05 are; until then it was by half hours. */
bool sim_settled_by_5_minutes(aest_us end);

/* Whether dispatch says what batteries hold at the end of the interval, as it does since late 2024.
 */
bool sim_storage_is_published(aest_us end);

/* Calls [visit] for each trading day with intervals that end in (from, to]: those from number
 * [first] up to but not [last]. */
void sim_each_day(struct sim_file *f, aest_us from, aest_us to,
                  void (*visit)(struct sim_file *f, const struct sim_day *day, int first,
                                int last));

#endif
