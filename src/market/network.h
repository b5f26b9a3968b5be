/* The regions and the interconnectors between them. */
#ifndef MARKET_NETWORK_H
#define MARKET_NETWORK_H

#include "base/str.h"

enum { REGIONS = 5 };
extern const char *const regions[REGIONS];

bool region_exists(str regionid);
/* Its index in [regions], REGIONS for one that isn't there. */
int region_index(str regionid);

/* Positive flow on an interconnector is from region [from] to region [to]: away from Tasmania. */
struct interconnector {
    const char *id, *from, *to;
};
enum { INTERCONNECTORS = 6 };
extern const struct interconnector interconnectors[INTERCONNECTORS];
/* NULL for one that isn't known. */
const struct interconnector *interconnector_find(str id);

/* Net import of a region from the flows of its interconnectors, MW: what comes in less what goes
 * out. To go with SCADA the flows are METEREDMWFLOW, measured at the interval's start as readings
 * are; to go with dispatch it is -NETINTERCHANGE (DISPATCHREGIONSUM), whose sign is that of export
 * and which has losses in it. One stack never has both.
 *
 * flow_toward: the part of a flow that enters [regionid]: the flow, its negative, or 0 for a link
 * that doesn't touch it. The net import is the sum over all links. */
double flow_toward(const struct interconnector *link, str regionid, double flow);
static inline double net_import_of_dispatch(double netinterchange) {
    return 0 - netinterchange;
}

/* A link is at its limit when its target flow is within 1 MW of a limit, or a megawatt more of
 * limit would have a value. It is never |flow| / limit: both limits can have the same sign. Limits
 * that aren't known are not reached. */
enum link_limit { LINK_FREE, LINK_AT_EXPORT, LINK_AT_IMPORT, LINK_BOUND };
enum link_limit link_limit_of(double mwflow, double exportlimit, double importlimit,
                              double marginalvalue);

#endif
