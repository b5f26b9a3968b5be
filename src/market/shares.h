/* The renewable share: one function, three shares, each by its name.
 *
 *     renewable          = Wind + Solar + Rooftop + Water + Biomass
 *     share_generation   = renewable / generation                      the default, and of records
 *     share_incl_storage = (renewable + discharge) / (generation + discharge)
 *     share_of_demand    = renewable / underlying demand               can be above 1
 *
 * Generation is of all fuels and rooftop, without batteries: what a battery gives was generated
 * before. Water is every hydro generator, and no pump's load. Shares are of MW at an instant or of
 * MWh over a time, never means of shares.
 */
#ifndef MARKET_SHARES_H
#define MARKET_SHARES_H

#include "market/fuels.h"

/* MW or MWh, all of them the one or all the other; 0 for a fuel that a region doesn't have, NaN for
 * what isn't known. */
struct supply {
    double by_fuel[FUELS]; /* generation; of FUEL_BATTERY the discharge */
    double rooftop;
    double underlying; /* demand; NaN where no share of demand is asked for */
};

/* 0 … 1; NaN where a part of it isn't known, or there is nothing to have a share of. */
struct shares {
    double generation, incl_storage, of_demand;
};

bool fuel_is_renewable(enum fuel fuel);
double renewable_generation(const struct supply *s);
double generation_without_batteries(const struct supply *s);
struct shares renewable_shares(const struct supply *s);

#endif
