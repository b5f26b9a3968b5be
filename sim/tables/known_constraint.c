#include "sim/tables/known_constraint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/tables/rows.h"

/* What requires the services of the whole market; of a region alone, "F_T+" and so on. */
static const char *const requirement[SIM_SERVICES] = {
    [SIM_RAISE6SEC] = "NIL_MG_R6",     [SIM_RAISE60SEC] = "NIL_MG_R60",
    [SIM_RAISE5MIN] = "NIL_MG_R5",     [SIM_RAISEREG] = "RREG_0220",
    [SIM_LOWER6SEC] = "BIP_ML_L6",     [SIM_LOWER60SEC] = "NIL_APD_TL_L60",
    [SIM_LOWER5MIN] = "NIL_APD_TL_L5", [SIM_LOWERREG] = "LREG_0210",
    [SIM_RAISE1SEC] = "NIL_MG_R1",     [SIM_LOWER1SEC] = "BIP_ML_L1",
};

static int by_id(const void *a, const void *b) {
    return strcmp(((const struct sim_known_constraint *)a)->id,
                  ((const struct sim_known_constraint *)b)->id);
}

static int add_one(struct sim_known_constraint *k, int count, const char *prefix, const char *id,
                   double lhs, double rhs, double marginalvalue) {
    for (int i = 0; i < count; i++)
        if (strcmp(k[i].id, id) == 0)
            return count;
    k[count] =
        (struct sim_known_constraint){.lhs = lhs, .rhs = rhs, .marginalvalue = marginalvalue};
    char *end = stpncpy(k[count].id, prefix, sizeof k->id - 1);
    stpncpy(end, id, sizeof k->id - 1 - strlen(prefix));
    return count + 1;
}

static int add_links(struct sim_known_constraint *k, int count,
                     const struct sim_link_run links[SIM_LINKS]) {
    for (int i = 0; i < SIM_LINKS; i++) {
        const struct sim_link_run *link = &links[i];
        enum sim_at_limit at = sim_link_at_limit(link);
        double value = -fabs(link->marginalvalue);
        count = add_one(k, count, "", link->exportgenconid, link->mwflow, link->exportlimit,
                        at == SIM_AT_EXPORT ? value : 0);
        count = add_one(k, count, "", link->importgenconid, -link->mwflow, -link->importlimit,
                        at == SIM_AT_IMPORT ? value : 0);
    }
    return count;
}

static int add_requirement(struct sim_known_constraint *k, int count, const char *scope,
                           int service, double mw, double value) {
    return mw > 0 && value > 0 ? add_one(k, count, scope, requirement[service], mw, mw, value)
                               : count;
}

/* The requirement of the whole market sets the lowest price. The mainland's adds to it, and
 * Tasmania's; a region of the mainland that pays more has one of its own. */
static int add_fcas(struct sim_known_constraint *k, int count,
                    const struct sim_region_run regions[SIM_REGIONS],
                    const struct sim_fcas fcas[SIM_REGIONS]) {
    for (int s = 0; s < SIM_SERVICES; s++) {
        double all = 0, mainland = regions[SIM_NSW1].fcas_price[s];
        double tasmania = sim_mw_value(fcas[SIM_TAS1].enabled[s]);
        double lowest = fmin(mainland, regions[SIM_TAS1].fcas_price[s]);
        for (int r = 0; r < SIM_REGIONS; r++)
            all += sim_mw_value(fcas[r].enabled[s]);
        count = add_requirement(k, count, "F_I+", s, all, lowest);
        count = add_requirement(k, count, "F_MAIN+", s, all - tasmania, mainland - lowest);
        for (int r = 0; r < SIM_REGIONS; r++) {
            char scope[] = {'F', '_', sim_region_name[r][0], '+', 0};
            double others = r == SIM_TAS1 ? lowest : mainland;
            count = add_requirement(k, count, scope, s, sim_mw_value(fcas[r].enabled[s]),
                                    regions[r].fcas_price[s] - others);
        }
    }
    return count;
}

int sim_known_constraints(const struct sim_market *m, const struct sim_day *day, int k, int run,
                          struct sim_known_constraint out[SIM_KNOWN_CONSTRAINTS]) {
    const struct sim_interval *now = &day->interval[k];
    struct sim_fcas fcas[SIM_REGIONS];
    sim_fcas_regions(m, day, k, run, fcas);
    int count = add_links(out, 0, now->link_run[run]);
    count = add_fcas(out, count, now->region_run[run], fcas);
    qsort(out, (size_t)count, sizeof *out, by_id);
    return count;
}
