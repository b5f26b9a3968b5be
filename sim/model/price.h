/* Remembers the prices of all days that were asked for, because the cumulative price of an interval
 * takes those of the seven days before. */
#ifndef SIM_PRICE_H
#define SIM_PRICE_H

#include "sim/model/market.h"

struct sim_price_memory;
struct sim_price_memory *sim_price_memory_new(void);
void sim_price_memory_free(struct sim_price_memory *p);
/* A market's own. */
struct sim_price_memory *sim_market_prices(struct sim_market *m);

#endif
