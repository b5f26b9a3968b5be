/* Clearing: which price makes supply meet demand in five regions at once.
 *
 * The regions form a tree whose edges are the interconnectors, parallel ones taken together:
 *
 *      QLD1 --- NSW1 --- VIC1 --- SA1
 *                          \
 *                           TAS1
 *
 * What a branch sends up at x rungs of the ladder rises with x, up to the edge's limit. So the
 * root's balance is one rising function of x, and its zero the place where the market clears; a
 * branch whose edge is at its limit then clears by itself.
 */
#ifndef SIM_CLEAR_H
#define SIM_CLEAR_H

#include "sim/model/offer.h"

/* The MW that a region offers up to each rung: supply[0] is 0, supply[SIM_RUNGS] is all of it. */
struct sim_supply {
    double mw[SIM_RUNGS + 1];
};

struct sim_clearing {
    double x[SIM_REGIONS];      /* where on the ladder each region clears */
    double up[SIM_REGIONS];     /* MW from a region to its parent in the tree */
    bool at_limit[SIM_REGIONS]; /* of the edge to the parent */
};

/* [low] and [high] bound the flow from each region to its parent, MW; those of the root are not
 * used. Where supply can't meet [demand], x is at an end of the ladder. */
void sim_clear(const struct sim_supply supply[SIM_REGIONS], const double demand[SIM_REGIONS],
               const double low[SIM_REGIONS], const double high[SIM_REGIONS],
               struct sim_clearing *out);

/* The parent of each region in the tree; the root is its own. */
extern const enum sim_region sim_parent[SIM_REGIONS];

#endif
