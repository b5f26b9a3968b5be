/* What units ask for their energy, and the ladder of prices on which offers stand.
 *
 * All offers lie on one ladder of prices from the floor to the cap. An instant's merit order is the
 * MW on each rung; walking up the ladder by x (in rungs, with fractions) calls up all rungs below
 * x, and the last one in part. Price is a continuous function of x, the same for everybody, so that
 * a region's supply is a rising curve without steps and what clears is found by bisection.
 *
 *      x      0        1        2           RUNGS-1    RUNGS
 *      MW     |  rung 0 |  rung 1 |    ...    |  last   |
 *      price  floor ... floor   -800  ...            cap ... cap
 */
#ifndef SIM_OFFER_H
#define SIM_OFFER_H

#include "sim/model/fleet.h"
#include "sim/model/market.h"

enum { SIM_RUNGS = 132, SIM_BANDS = 6 };

/* The ladder of a day. */
struct sim_ladder {
    double price[SIM_RUNGS]; /* at the upper end of each rung */
};
void sim_ladder_init(struct sim_ladder *l, const struct sim_threshold *threshold);
double sim_ladder_price(const struct sim_ladder *l, double x);

/* A unit's offer: parts of its availability, by rung. */
struct sim_offer {
    uint8_t bands;
    uint8_t rung[SIM_BANDS];
    float share[SIM_BANDS]; /* adds up to 1 */
};
/* What a generator asks on a trading day: after its fuel, the year's fuel costs and its owner's
 * habits. [withheld] is the part of what it offers above its minimum load that it moves up to the
 * cap, 0 to 1. Batteries and pumps run to schedule and offer nothing: no bands. */
void sim_offer_make(uint64_t seed, const struct sim_unit *u, aest_day date,
                    const struct sim_ladder *l, double withheld, struct sim_offer *out);

/* The part of an offer that is called up at [x]. */
static inline double sim_offer_called(const struct sim_offer *o, double x) {
    double part = 0;
    for (int b = 0; b < o->bands; b++) {
        double up = x - o->rung[b];
        part += up <= 0 ? 0 : up >= 1 ? (double)o->share[b] : (double)o->share[b] * up;
    }
    return part;
}

#endif
