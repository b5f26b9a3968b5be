/* Trading intervals: five minutes since 2021-10-01 00:05, half hours before. */
#ifndef SIM_TRADING_H
#define SIM_TRADING_H

#include "sim/model/market.h"

/* The price on which the trading interval that ends at [end] was settled, $/MWh, 2 decimals; NaN
 * when none ends there. */
double sim_trading_rrp(struct sim_market *m, aest_us end, enum sim_region region);

#endif
