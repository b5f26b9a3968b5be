#include "market/network.h"

const char *const regions[REGIONS] = {"NSW1", "QLD1", "SA1", "TAS1", "VIC1"};

/* MMSDM table INTERCONNECTOR, REGIONFROM and REGIONTO. */
static const struct interconnector interconnectors[] = {
    {"N-Q-MNSP1", "NSW1", "QLD1"}, {"NSW1-QLD1", "NSW1", "QLD1"}, {"T-V-MNSP1", "TAS1", "VIC1"},
    {"V-S-MNSP1", "VIC1", "SA1"},  {"V-SA", "VIC1", "SA1"},       {"VIC1-NSW1", "VIC1", "NSW1"},
};

bool region_exists(str regionid) {
    for (int i = 0; i < REGIONS; i++)
        if (str_eq(regionid, str_from(regions[i])))
            return true;
    return false;
}

const struct interconnector *interconnector_find(str id) {
    for (size_t i = 0; i < sizeof interconnectors / sizeof *interconnectors; i++)
        if (str_eq(id, str_from(interconnectors[i].id)))
            return &interconnectors[i];
    return NULL;
}
