#include "sim/model/clear.h"

#include <math.h>

const enum sim_region sim_parent[SIM_REGIONS] = {
    [SIM_NSW1] = SIM_NSW1, [SIM_QLD1] = SIM_NSW1, [SIM_SA1] = SIM_VIC1,
    [SIM_TAS1] = SIM_VIC1, [SIM_VIC1] = SIM_NSW1,
};

struct problem {
    const struct sim_supply *supply;
    const double *demand, *low, *high;
};

static double supply_at(const struct sim_supply *s, double x) {
    if (x >= SIM_RUNGS)
        return s->mw[SIM_RUNGS];
    int rung = (int)x;
    return s->mw[rung] + (s->mw[rung + 1] - s->mw[rung]) * (x - rung);
}

static double surplus(const struct problem *p, enum sim_region region, double x);

/* What a region sends up when all of its branch stands at [x]. */
static double sent_up(const struct problem *p, enum sim_region region, double x) {
    return fmin(p->high[region], fmax(p->low[region], surplus(p, region, x)));
}

static double surplus(const struct problem *p, enum sim_region region, double x) {
    double mw = supply_at(&p->supply[region], x) - p->demand[region];
    for (int child = 0; child < SIM_REGIONS; child++)
        if (sim_parent[child] == region && child != (int)region)
            mw += sent_up(p, (enum sim_region)child, x);
    return mw;
}

/* Where a region's surplus is [wanted]. */
static double find(const struct problem *p, enum sim_region region, double wanted) {
    double low = 0, high = SIM_RUNGS;
    for (int step = 0; step < 44 && high > low; step++) {
        double middle = (low + high) / 2;
        if (surplus(p, region, middle) < wanted)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

static void settle(const struct problem *p, enum sim_region region, struct sim_clearing *out) {
    for (int child = 0; child < SIM_REGIONS; child++) {
        if (sim_parent[child] != region || child == (int)region)
            continue;
        enum sim_region c = (enum sim_region)child;
        double own = surplus(p, c, out->x[region]);
        out->at_limit[c] = own < p->low[c] || own > p->high[c];
        out->up[c] = fmin(p->high[c], fmax(p->low[c], own));
        out->x[c] = out->at_limit[c] ? find(p, c, out->up[c]) : out->x[region];
        settle(p, c, out);
    }
}

void sim_clear(const struct sim_supply supply[SIM_REGIONS], const double demand[SIM_REGIONS],
               const double low[SIM_REGIONS], const double high[SIM_REGIONS],
               struct sim_clearing *out) {
    const struct problem p = {supply, demand, low, high};
    *out = (struct sim_clearing){0};
    out->x[SIM_NSW1] = find(&p, SIM_NSW1, 0);
    settle(&p, SIM_NSW1, out);
}
