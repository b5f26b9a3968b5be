/* One price for the whole NEM: there are five, and two ways to make one of them.
 *
 *     weighted    sum of RRP x max(0, TOTALDEMAND) over the regions / sum of max(0, TOTALDEMAND)
 *     unweighted  the mean of the five
 *
 * They are different numbers and go by different names. A region whose price or demand isn't known
 * makes the price of that interval unknown: a mean of the others would be another thing. In
 * longer periods the weighted price is the weighted mean over intervals as well as regions.
 */
#ifndef MARKET_NEM_PRICE_H
#define MARKET_NEM_PRICE_H

#include "market/network.h"

/* $/MWh, and the MW that weigh it in a longer period. NaN where it is not known. */
struct nem_price {
    double weighted, weight, unweighted;
};
struct nem_price nem_price_of(const double rrp[REGIONS], const double totaldemand[REGIONS]);

#endif
