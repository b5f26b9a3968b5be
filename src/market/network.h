/* The regions and the interconnectors between them. */
#ifndef MARKET_NETWORK_H
#define MARKET_NETWORK_H

#include "base/str.h"

enum { REGIONS = 5 };
extern const char *const regions[REGIONS];

bool region_exists(str regionid);

/* Positive flow on an interconnector is from region [from] to region [to]: away from Tasmania. */
struct interconnector {
    const char *id, *from, *to;
};
/* NULL for one that isn't known. */
const struct interconnector *interconnector_find(str id);

#endif
