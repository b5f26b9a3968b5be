/* What sun and wind could have given and did not; of semi-scheduled units only.
 *
 *                                                  UIGF, what was possible
 *     offered out = max(0, UIGF - AVAILABILITY)    the owner didn't offer it
 *     curtailed   = max(0, AVAILABILITY - cleared) offered, and not dispatched
 *
 * By unit this is known on the next day (DISPATCH_UNIT_SOLUTION: UIGF, AVAILABILITY, TOTALCLEARED).
 * Live there are sums by region and fuel (DISPATCHREGIONSUM SS_SOLAR_ and SS_WIND_ UIGF and
 * CLEAREDMW), of which max(0, UIGF - cleared) is both together. All MW; NaN where a part isn't
 * known.
 */
#ifndef MARKET_CURTAILMENT_H
#define MARKET_CURTAILMENT_H

struct curtailment {
    double offered_out, curtailed;
};

struct curtailment curtailment_of_unit(double uigf, double availability, double totalcleared);
double curtailment_of_region(double uigf, double clearedmw);

#endif
