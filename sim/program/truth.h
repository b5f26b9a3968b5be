/* What a perfect collector holds: the datasets as they must come out, straight from the market and
 * not by way of its files. */
#ifndef SIM_TRUTH_H
#define SIM_TRUTH_H

#include <stdio.h>

#include "base/err.h"
#include "sim/model/market.h"

/* Writes a dataset of nemd ("prices5" and the like) as CSV, by time and then key: its columns but
 * for source and lastchanged, which say where a row came from, for settlementdates (of a forecast:
 * runs) in (from, to]. Values have all digits of the double. What is not published in the reports
 * of the time is empty, or has no row. ERR_USAGE names the datasets that there are; demand5 is in
 * no report. */
err *sim_truth(struct sim_market *m, str dataset, aest_us from, aest_us to,
               FILE *out) ERR_NODISCARD;

#endif
