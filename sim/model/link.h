/* The interconnectors: how much they can carry at an instant, and what they lose. */
#ifndef SIM_LINK_H
#define SIM_LINK_H

#include "sim/model/market.h"

struct sim_limits {
    /* MW, positive away from [from]: the flow lies in [import, export]. Both can have one sign. */
    double export_mw, import_mw;
    const char *exportgenconid, *importgenconid; /* the constraints that set them */
};

/* The limits at [t]: those of the line's age, less what outages and the network around it take. */
void sim_link_limits(uint64_t seed, enum sim_link link, aest_us t, struct sim_limits *out);

/* Losses (MW) at a flow, and how much more has to be sent for one MW more to arrive: the factor
 * between the prices at its ends. Losses grow with the square of the flow; the coefficients give
 * what real dispatch files show. */
double sim_link_losses(enum sim_link link, double mwflow);
double sim_link_marginal_loss(enum sim_link link, double mwflow);

#endif
