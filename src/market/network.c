#include "market/network.h"

#include <math.h>

const char *const regions[REGIONS] = {"NSW1", "QLD1", "SA1", "TAS1", "VIC1"};

/* MMSDM table INTERCONNECTOR, REGIONFROM and REGIONTO. */
const struct interconnector interconnectors[INTERCONNECTORS] = {
    {"N-Q-MNSP1", "NSW1", "QLD1"}, {"NSW1-QLD1", "NSW1", "QLD1"}, {"T-V-MNSP1", "TAS1", "VIC1"},
    {"V-S-MNSP1", "VIC1", "SA1"},  {"V-SA", "VIC1", "SA1"},       {"VIC1-NSW1", "VIC1", "NSW1"},
};

int region_index(str regionid) {
    int r = 0;
    while (r < REGIONS && !str_eq(regionid, str_from(regions[r])))
        r++;
    return r;
}

bool region_exists(str regionid) {
    return region_index(regionid) < REGIONS;
}

const struct interconnector *interconnector_find(str id) {
    for (size_t i = 0; i < INTERCONNECTORS; i++)
        if (str_eq(id, str_from(interconnectors[i].id)))
            return &interconnectors[i];
    return NULL;
}

double flow_toward(const struct interconnector *link, str regionid, double flow) {
    if (str_eq(regionid, str_from(link->to)))
        return flow;
    return str_eq(regionid, str_from(link->from)) ? 0 - flow : 0;
}

enum link_limit link_limit_of(double mwflow, double exportlimit, double importlimit,
                              double marginalvalue) {
    /* an importlimit is signed as the flow: at -400 the link can bring 400 MW back */
    if (fabs(mwflow - exportlimit) <= 1)
        return LINK_AT_EXPORT;
    if (fabs(mwflow - importlimit) <= 1)
        return LINK_AT_IMPORT;
    return marginalvalue > 0 || marginalvalue < 0 ? LINK_BOUND : LINK_FREE;
}
