#include "sim/model/dispatch_run.h"

#include <math.h>
#include <stdlib.h>

#include "sim/model/clear.h"
#include "sim/model/link.h"
#include "sim/model/noise.h"
#include "sim/model/streams.h"

const struct sim_run_case sim_run_as_planned = {
    .demand = {1, 1, 1, 1, 1},
    .weather = {1, 1, 1, 1, 1},
    .scarcity = {1, 1, 1, 1, 1},
    .directed = -1,
};

enum stream { SCHEDULE_ERROR = SIM_STREAMS_DISPATCH, FCAS, FCAS_LOCAL };
enum { CENT = SIM_MW / 100 }; /* 0.01 MW */

static double round5(double value) {
    return (double)llround(value * 1e5) / 1e5;
}
static double round2(double value) {
    return (double)llround(value * 1e2) / 1e2;
}

struct work {
    const struct sim_plan *p;
    const struct sim_run_case *c;
    int i;
    aest_us time;
    struct sim_supply supply[SIM_REGIONS];
    double fixed[SIM_REGIONS]; /* MW to be met by offers, before losses */
    struct sim_limits limits[SIM_LINKS];
    double low[SIM_REGIONS], high[SIM_REGIONS];
    struct sim_clearing clearing;
};

static size_t cell(const struct sim_plan *p, int i, int u) {
    return (size_t)i * (size_t)p->units + (size_t)u;
}

static bool is_weather(const struct sim_unit *u) {
    return u->fuel == SIM_WIND || u->fuel == SIM_SOLAR;
}

/* What a unit offers in this case. */
static double able_mw(const struct work *w, int u) {
    const struct sim_unit *unit = w->p->unit[u];
    double able = sim_mw_value(w->p->availability[cell(w->p, w->i, u)]);
    if (is_weather(unit))
        able = fmin((double)unit->capacity_mw, able * w->c->weather[unit->region]);
    return u == w->c->directed ? fmax(0, able - w->c->directed_mw) : able;
}

/* The offer in force: where something is scarce, owners have moved theirs. */
static const struct sim_offer *offer_of(const struct work *w, int u, struct sim_offer *room) {
    const struct sim_plan *p = w->p;
    enum sim_region region = p->unit[u]->region;
    double scarcity = fmin(1, p->scarcity[w->i][region] * w->c->scarcity[region]);
    if (scarcity <= 0 || is_weather(p->unit[u]))
        return &p->offer[u];
    sim_offer_make(p->seed, p->unit[u], p->date, &p->ladder, scarcity, room);
    return room;
}

static double schedule_target(const struct work *w, int u) {
    double give = w->p->schedule[u]->give[w->i];
    if (give == 0)
        return 0;
    struct noise n = {w->p->seed,
                      (uint64_t)SCHEDULE_ERROR << 40 | (uint64_t)(w->p->unit[u] - sim_fleet)};
    double error = 0.004 * (double)w->p->unit[u]->capacity_mw *
                   (noise_uniform(n, interval_at_or_before(w->time)) - 0.5);
    double target = round2(give + error);
    return target * give > 0 ? target : 0; /* an error doesn't turn a machine around */
}

static void gather(struct work *w) {
    const struct sim_plan *p = w->p;
    for (int r = 0; r < SIM_REGIONS; r++)
        w->fixed[r] = p->demand[w->i][r] * w->c->demand[r];
    for (int u = 0; u < p->units; u++) {
        const struct sim_unit *unit = p->unit[u];
        if (p->schedule[u]) {
            w->fixed[unit->region] -= schedule_target(w, u);
        } else if (unit->non_scheduled) {
            w->fixed[unit->region] -= sim_mw_value(p->power[cell(p, w->i, u)]);
        } else {
            struct sim_offer moved;
            const struct sim_offer *o = offer_of(w, u, &moved);
            double able = able_mw(w, u);
            for (int b = 0; b < o->bands; b++)
                w->supply[unit->region].mw[o->rung[b] + 1] += able * (double)o->share[b];
        }
    }
    if (w->c->directed >= 0)
        w->fixed[p->unit[w->c->directed]->region] -= w->c->directed_mw;
    for (int r = 0; r < SIM_REGIONS; r++)
        for (int g = 0; g < SIM_RUNGS; g++)
            w->supply[r].mw[g + 1] += w->supply[r].mw[g];
}

/* The region under a link in the tree, and whether the link's flow counts up the tree. */
static enum sim_region child_of(int link, bool *up) {
    *up = sim_parent[sim_links[link].from] == sim_links[link].to &&
          sim_links[link].from != sim_links[link].to;
    return *up ? sim_links[link].from : sim_links[link].to;
}

static void find_limits(struct work *w) {
    for (int l = 0; l < SIM_LINKS; l++) {
        bool up;
        enum sim_region child = child_of(l, &up);
        sim_link_limits(w->p->seed, (enum sim_link)l, w->time, &w->limits[l]);
        w->low[child] += up ? w->limits[l].import_mw : -w->limits[l].export_mw;
        w->high[child] += up ? w->limits[l].export_mw : -w->limits[l].import_mw;
    }
}

/* Parallel links share a flow so that each stands at the same part of its range. */
static double link_flow(const struct work *w, int l) {
    bool up;
    enum sim_region child = child_of(l, &up);
    double range = w->high[child] - w->low[child];
    double part = range > 0 ? (w->clearing.up[child] - w->low[child]) / range : 0.5;
    const struct sim_limits *limits = &w->limits[l];
    double width = limits->export_mw - limits->import_mw;
    return up ? limits->import_mw + part * width : limits->export_mw - part * width;
}

static void add_losses(const struct work *w, double losses[SIM_REGIONS]) {
    for (int l = 0; l < SIM_LINKS; l++) {
        double mw = sim_link_losses((enum sim_link)l, link_flow(w, l));
        losses[sim_links[l].from] += mw * sim_links[l].from_losses;
        losses[sim_links[l].to] += mw * (1 - sim_links[l].from_losses);
    }
}

/* Losses depend on flows and flows on losses: a second clearing with the losses of the first one is
 * right within a MW, and demand takes what is left. */
static void clear(struct work *w) {
    double demand[SIM_REGIONS], losses[SIM_REGIONS] = {0};
    sim_clear(w->supply, w->fixed, w->low, w->high, &w->clearing);
    add_losses(w, losses);
    for (int r = 0; r < SIM_REGIONS; r++)
        demand[r] = w->fixed[r] + losses[r];
    sim_clear(w->supply, demand, w->low, w->high, &w->clearing);
}

static void set_links(const struct work *w, struct sim_run *out) {
    for (int l = 0; l < SIM_LINKS; l++) {
        const struct sim_limits *limits = &w->limits[l];
        struct sim_link_run *run = &out->link[l];
        run->mwflow = round5(link_flow(w, l));
        run->mwlosses = round5(sim_link_losses((enum sim_link)l, run->mwflow));
        run->marginalloss = round5(sim_link_marginal_loss((enum sim_link)l, run->mwflow));
        run->exportlimit = round5(limits->export_mw);
        run->importlimit = round5(limits->import_mw);
        run->exportgenconid = limits->exportgenconid;
        run->importgenconid = limits->importgenconid;
        out->flow_out[sim_links[l].from] += run->mwflow;
        out->flow_out[sim_links[l].to] -= run->mwflow;
        out->losses[sim_links[l].from] += run->mwlosses * sim_links[l].from_losses;
        out->losses[sim_links[l].to] += run->mwlosses * (1 - sim_links[l].from_losses);
    }
}

/* The link whose marginal loss sets the price of a region against its parent's. */
static int price_link(int child) {
    static const int links[SIM_REGIONS] = {
        [SIM_QLD1] = SIM_NSW1_QLD1,
        [SIM_SA1] = SIM_V_SA,
        [SIM_TAS1] = SIM_T_V_MNSP1,
        [SIM_VIC1] = SIM_VIC1_NSW1,
    };
    return links[child];
}

static double bounded_price(const struct sim_plan *p, double price) {
    return round5(fmin(p->cap, fmax(p->floor, price)));
}

static void set_prices(const struct work *w, struct sim_run *out) {
    static const enum sim_region order[] = {SIM_NSW1, SIM_QLD1, SIM_VIC1, SIM_SA1, SIM_TAS1};
    for (int k = 0; k < SIM_REGIONS; k++) {
        enum sim_region r = order[k], parent = sim_parent[r];
        double price = sim_ladder_price(&w->p->ladder, w->clearing.x[r]);
        if (r != parent && !w->clearing.at_limit[r]) {
            const struct sim_link_run *link = &out->link[price_link((int)r)];
            bool up;
            child_of(price_link((int)r), &up);
            double above = out->region[parent].price;
            price = up ? above / link->marginalloss : above * link->marginalloss;
        }
        out->region[r].price = bounded_price(w->p, price);
    }
    for (int l = 0; l < SIM_LINKS; l++) {
        bool up;
        enum sim_region child = child_of(l, &up);
        if (w->clearing.at_limit[child])
            out->link[l].marginalvalue =
                round5(-fabs(out->region[child].price - out->region[sim_parent[child]].price));
    }
}

/* Prices of frequency control, $/MW/h: what they are on most days, and how far they move. Tasmania
 * and regions that stand alone have their own. */
const char *const sim_service_name[SIM_SERVICES] = {
    "RAISE6SEC",  "RAISE60SEC", "RAISE5MIN", "RAISEREG",  "LOWER6SEC",
    "LOWER60SEC", "LOWER5MIN",  "LOWERREG",  "RAISE1SEC", "LOWER1SEC",
};
static const double service_price[SIM_SERVICES] = {2.1, 0.9, 0.6, 9, 0.5, 0.4, 0.2, 4.5, 0.4, 0.1};

static void set_fcas(const struct work *w, struct sim_run *out) {
    double hours = (double)w->time / (60.0 * (double)AEST_MINUTE);
    uint64_t seed = w->p->seed;
    for (int s = 0; s < SIM_SERVICES; s++) {
        struct noise all = {seed, (uint64_t)FCAS << 40 | (uint64_t)s};
        double mainland = noise_smooth(all, hours, 3) + 0.4 * noise_smooth(all, hours, 0.3);
        for (int r = 0; r < SIM_REGIONS; r++) {
            struct noise own = {seed, (uint64_t)FCAS_LOCAL << 40 | (uint64_t)(s * 8 + r)};
            double local = noise_smooth(own, hours, 5);
            double mood = r == SIM_TAS1 ? local
                          : local > 2.2 ? mainland + 4 * (local - 2.2)
                                        : mainland;
            double scarce = w->p->scarcity[w->i][r] * w->c->scarcity[r];
            double price =
                service_price[s] * exp(1.1 * mood + 3.5 * scarce) - 0.05 * service_price[s];
            out->region[r].fcas_price[s] = round2(fmin(w->p->cap, fmax(0, price)));
        }
    }
}

static void set_targets(const struct work *w, struct sim_run *out, sim_mw *target) {
    const struct sim_plan *p = w->p;
    int64_t generation[SIM_REGIONS] = {0}, load[SIM_REGIONS] = {0};
    int64_t solar[SIM_REGIONS] = {0}, wind[SIM_REGIONS] = {0};
    int64_t bdu_generation[SIM_REGIONS] = {0}, bdu_load[SIM_REGIONS] = {0};
    for (int u = 0; u < p->units; u++) {
        const struct sim_unit *unit = p->unit[u];
        enum sim_region r = unit->region;
        double mw;
        if (unit->non_scheduled) {
            mw = 0; /* not dispatched */
        } else if (p->schedule[u]) {
            mw = schedule_target(w, u);
        } else {
            struct sim_offer moved;
            mw = able_mw(w, u) * sim_offer_called(offer_of(w, u, &moved), w->clearing.x[r]);
            mw += u == w->c->directed ? w->c->directed_mw : 0;
        }
        /* wind and sun are never cleared for more than is forecast */
        int64_t cents = unit->semi_scheduled ? (int64_t)(mw * 100 + 1e-7) : llround(mw * 100);
        generation[r] += cents > 0 ? cents : 0;
        load[r] -= cents < 0 ? cents : 0;
        if (unit->semi_scheduled)
            *(unit->fuel == SIM_SOLAR ? &solar[r] : &wind[r]) += cents;
        if (unit->kind == SIM_BIDIRECTIONAL)
            *(cents > 0 ? &bdu_generation[r] : &bdu_load[r]) += llabs(cents);
        if (target)
            target[u] = (sim_mw)(unit->kind == SIM_LOAD ? -cents : cents) * CENT;
    }
    for (int r = 0; r < SIM_REGIONS; r++) {
        struct sim_region_run *run = &out->region[r];
        run->generation = (double)generation[r] / 100;
        run->load = (double)load[r] / 100;
        run->netinterchange = round2(out->flow_out[r] + out->losses[r]);
        run->totaldemand = round2(run->generation - run->load - run->netinterchange);
        run->clearedsupply = round2(run->totaldemand + run->load + out->losses[r]);
        run->solar = (double)solar[r] / 100;
        run->wind = (double)wind[r] / 100;
        run->bdu_generation = (double)bdu_generation[r] / 100;
        run->bdu_load = (double)bdu_load[r] / 100;
    }
}

void sim_dispatch_run(const struct sim_plan *p, int i, const struct sim_run_case *c,
                      struct sim_run *out, sim_mw *target) {
    struct work w = {.p = p, .c = c, .i = i, .time = sim_plan_time(p, i)};
    *out = (struct sim_run){0};
    gather(&w);
    find_limits(&w);
    clear(&w);
    set_links(&w, out);
    set_prices(&w, out);
    set_fcas(&w, out);
    set_targets(&w, out, target);
}
