#include "sim/model/day.h"

#include <math.h>
#include <stdlib.h>

#include "sim/model/dispatch_run.h"
#include "sim/model/event.h"
#include "sim/model/noise.h"
#include "sim/model/streams.h"

enum stream {
    RESPONSE = SIM_STREAMS_DAY,
    AUXILIARY,
    RESOLUTION,
    METER,
    FORECAST_DEMAND,
    FORECAST_WEATHER,
    FORECAST_SCARCITY
};
enum { CENT = SIM_MW / 100 };

struct sim_solved_day {
    struct sim_day pub;
    struct sim_plan *plan;
    /* by instant: the run that prices come from and the one that MW come from */
    struct sim_run *pricing, *physical;
    double (*metered)[SIM_LINKS]; /* flows as measured at each instant */
    sim_mw *scada, *target[2];
    bool *capped;
    int32_t *storage;
};

static double round5(double value) {
    return (double)llround(value * 1e5) / 1e5;
}

static size_t cell(const struct sim_plan *p, int i, int u) {
    return (size_t)i * (size_t)p->units + (size_t)u;
}

static struct noise stream(uint64_t seed, enum stream s, int64_t which) {
    return (struct noise){seed, (uint64_t)s << 40 | (uint64_t)which};
}

/* -0.5 to 0.5, mostly near 0. */
static double jitter(struct noise n, interval k) {
    return (noise_uniform(n, k) + noise_uniform(n, -(int64_t)k)) / 2 - 0.5;
}

/* Telemetry has as many decimals as its owner's equipment: five, two or one. */
static sim_mw resolve(uint64_t seed, const struct sim_unit *u, double mw) {
    double kind = noise_uniform(stream(seed, RESOLUTION, u - sim_fleet), 0);
    int64_t step = kind < 0.4 ? 1 : kind < 0.75 ? SIM_MW / 100 : SIM_MW / 10;
    return (sim_mw)(llround(mw * SIM_MW / (double)step) * step);
}

/* What a unit that stands still takes for itself, MW: most of them nothing. */
static double auxiliary(uint64_t seed, const struct sim_unit *u, interval k) {
    struct noise n = stream(seed, AUXILIARY, u - sim_fleet);
    if (noise_uniform(n, 0) > 0.35)
        return 0;
    double load = (double)u->capacity_mw * 0.004 * noise_uniform(n, 1);
    return fmin(3, load) * (0.9 + 0.2 * noise_uniform(n, k));
}

/* What a unit did, against what it was to do: it follows its target within a part of a per cent,
 * wind and sun give what there is unless they are held back. */
static sim_mw response(const struct sim_solved_day *d, int i, int u, sim_mw target, bool *capped) {
    const struct sim_plan *p = d->plan;
    const struct sim_unit *unit = p->unit[u];
    interval k = interval_at_or_before(sim_plan_time(p, i));
    sim_mw power = p->power[cell(p, i, u)], uigf = p->uigf[cell(p, i, u)];
    *capped = false;
    if (unit->fuel == SIM_DUMMY)
        return 0;
    if (p->schedule[u]) { /* to the last digit, because the charge is counted from it */
        double give = p->schedule[u]->give[i];
        return (sim_mw)llround((unit->kind == SIM_LOAD ? -give : give) * SIM_MW);
    }
    double mw, error = jitter(stream(p->seed, RESPONSE, u), k);
    if (unit->non_scheduled) {
        mw = sim_mw_value(power);
    } else if (unit->semi_scheduled) {
        *capped = target < uigf - 2 * CENT;
        mw = sim_mw_value(power);
        if (*capped)
            mw = fmin(mw, fmax(0, sim_mw_value(target) * (1 + 0.01 * error)));
    } else {
        mw = fmin(sim_mw_value(power), sim_mw_value(target) * (1 + 0.012 * error));
    }
    return resolve(p->seed, unit, mw > 0 ? mw : -auxiliary(p->seed, unit, k));
}

/* The unit that is directed in an intervention: the region's largest gas unit that is there. */
static int directed_unit(const struct sim_plan *p, int i, enum sim_region region) {
    int best = -1;
    for (int u = 0; u < p->units; u++) {
        const struct sim_unit *unit = p->unit[u];
        bool gas = unit->fuel == SIM_CCGT || unit->fuel == SIM_GAS_STEAM || unit->fuel == SIM_OCGT;
        if (unit->region != region || !gas || p->availability[cell(p, i, u)] == 0)
            continue;
        if (best < 0 || unit->capacity_mw > p->unit[best]->capacity_mw)
            best = u;
    }
    return best;
}

static void measure_flows(struct sim_solved_day *d, int i) {
    const struct sim_plan *p = d->plan;
    interval k = interval_at_or_before(sim_plan_time(p, i));
    for (int l = 0; l < SIM_LINKS; l++) {
        double flow = d->physical[i].link[l].mwflow;
        double error = jitter(stream(p->seed, METER, l), k) * (6 + 0.02 * fabs(flow));
        d->metered[i][l] = flow == 0 ? 0 : round5(flow + error);
    }
}

/* Dispatches an instant, and lets it happen. */
static void solve_instant(struct sim_solved_day *d, int i, const struct sim_intervention *event) {
    const struct sim_plan *p = d->plan;
    sim_mw *pricing = d->target[0] + cell(p, i, 0), *physical = d->target[1] + cell(p, i, 0);
    sim_dispatch_run(p, i, &sim_run_as_planned, &d->pricing[i], pricing);
    struct sim_run_case directed = sim_run_as_planned;
    if (event->any && i >= event->from && i < event->to)
        directed.directed = directed_unit(p, i, event->region);
    if (directed.directed >= 0) {
        directed.directed_mw =
            floor(0.4 * sim_mw_value(p->availability[cell(p, i, directed.directed)]));
        sim_dispatch_run(p, i, &directed, &d->physical[i], physical);
    } else {
        d->physical[i] = d->pricing[i];
        memcpy(physical, pricing, (size_t)p->units * sizeof *physical);
    }
    measure_flows(d, i);
    for (int u = 0; u < p->units; u++) {
        size_t at = cell(p, i, u);
        d->scada[at] = response(d, i, u, physical[u], &d->capped[at]);
        const struct sim_schedule *s = p->schedule[u];
        if (s && p->unit[u]->kind != SIM_LOAD)
            d->storage[at] = (int32_t)llround(s->charge[i] * 1000);
    }
}

/* The 04:00 that ends the day is the one that begins the next: it comes from the next day's plan.
 */
static void take_last_instant(struct sim_solved_day *d, uint64_t seed, aest_day next) {
    const struct sim_plan *p = d->plan;
    const int last = SIM_INSTANTS - 1;
    struct sim_solved_day *n = mem_zalloc(1, sizeof *n);
    static const struct sim_intervention nothing = {0};
    n->plan = sim_plan_make(seed, next, 1);
    struct arena *memory = &n->plan->memory;
    size_t units = (size_t)n->plan->units;
    n->pricing = ARENA_NEW(memory, struct sim_run);
    n->physical = ARENA_NEW(memory, struct sim_run);
    n->metered = arena_alloc(memory, sizeof *n->metered);
    n->scada = ARENA_ARRAY(memory, sim_mw, units);
    n->target[0] = ARENA_ARRAY(memory, sim_mw, units);
    n->target[1] = ARENA_ARRAY(memory, sim_mw, units);
    n->capped = ARENA_ARRAY(memory, bool, units);
    n->storage = ARENA_ARRAY(memory, int32_t, units);
    solve_instant(n, 0, &nothing);
    d->pricing[last] = *n->pricing;
    d->physical[last] = *n->physical;
    memcpy(d->metered[last], n->metered[0], sizeof *n->metered);
    memcpy(d->plan->demand[last], n->plan->demand[0], sizeof n->plan->demand[0]);
    for (int u = 0, v = 0; u < p->units; u++) { /* both in the fleet's order */
        while (v < n->plan->units && n->plan->unit[v] < p->unit[u])
            v++;
        if (v == n->plan->units || n->plan->unit[v] != p->unit[u])
            continue; /* retired: stands at 0 */
        size_t at = cell(p, last, u);
        d->scada[at] = n->scada[v];
        d->target[0][at] = n->target[0][v];
        d->target[1][at] = n->target[1][v];
        d->capped[at] = n->capped[v];
        d->storage[at] = n->storage[v];
        p->power[at] = n->plan->power[v];
        p->uigf[at] = n->plan->uigf[v];
        p->availability[at] = n->plan->availability[v];
    }
    sim_plan_free(n->plan);
    free(n);
}

/* Of a region at an instant: what its units gave and took. */
struct measured {
    double dispatched;   /* given by units that get dispatched */
    double nonscheduled; /* given by others */
    double load;
    double flow_out;
};

static void measure(const struct sim_solved_day *d, int i, struct measured out[SIM_REGIONS]) {
    const struct sim_plan *p = d->plan;
    int64_t sums[SIM_REGIONS][3] = {{0}};
    for (int u = 0; u < p->units; u++) {
        const struct sim_unit *unit = p->unit[u];
        sim_mw mw = d->scada[cell(p, i, u)];
        bool takes = unit->kind == SIM_LOAD || (unit->kind == SIM_BIDIRECTIONAL && mw < 0);
        sums[unit->region][takes ? 2 : unit->non_scheduled ? 1 : 0] += takes ? abs(mw) : mw;
    }
    for (int r = 0; r < SIM_REGIONS; r++)
        out[r] = (struct measured){(double)sums[r][0] / SIM_MW, (double)sums[r][1] / SIM_MW,
                                   (double)sums[r][2] / SIM_MW, 0};
    for (int l = 0; l < SIM_LINKS; l++) {
        out[sim_links[l].from].flow_out += d->metered[i][l];
        out[sim_links[l].to].flow_out -= d->metered[i][l];
    }
}

/* What consumers took, losses of lines included. */
static double operational(const struct measured *m) {
    return m->dispatched + m->nonscheduled - m->load - m->flow_out;
}

static void add_offers(const struct sim_solved_day *d, int i, struct sim_region_state *regions) {
    const struct sim_plan *p = d->plan;
    for (int u = 0; u < p->units; u++) {
        const struct sim_unit *unit = p->unit[u];
        struct sim_region_state *r = &regions[unit->region];
        if (unit->kind != SIM_LOAD && (p->schedule[u] || !unit->non_scheduled))
            r->availablegeneration += p->schedule[u] ? (double)unit->capacity_mw
                                                     : sim_mw_value(p->availability[cell(p, i, u)]);
        if (unit->kind == SIM_LOAD)
            r->availableload += (double)unit->capacity_mw;
        if (unit->kind == SIM_BIDIRECTIONAL)
            r->availableload += (double)unit->load_mw;
        if (!unit->semi_scheduled)
            continue;
        double uigf = sim_mw_value(p->uigf[cell(p, i, u)]),
               offered = sim_mw_value(p->availability[cell(p, i, u)]);
        *(unit->fuel == SIM_SOLAR ? &r->solar_uigf : &r->wind_uigf) += uigf;
        *(unit->fuel == SIM_SOLAR ? &r->solar_availability : &r->wind_availability) += offered;
    }
}

static void round_state(struct sim_region_state *r) {
    double *const values[] = {
        &r->initialsupply,  &r->availablegeneration, &r->availableload,      &r->nonscheduled,
        &r->solar_uigf,     &r->wind_uigf,           &r->solar_availability, &r->wind_availability,
        &r->demandforecast, &r->dispatcherror,       &r->operational_demand,
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        *values[i] = round5(*values[i]);
}

static double bdu_charge(const struct sim_solved_day *d, int i, enum sim_region region) {
    int64_t sum = 0;
    for (int u = 0; u < d->plan->units; u++)
        if (d->plan->unit[u]->kind == SIM_BIDIRECTIONAL && d->plan->unit[u]->region == region)
            sum += d->storage[cell(d->plan, i, u)];
    return (double)sum / 1000;
}

static void describe_interval(struct sim_solved_day *d, int k, const struct measured start[],
                              const struct measured end[]) {
    const struct sim_plan *p = d->plan;
    struct sim_interval *out = &d->pub.interval[k];
    out->end = sim_plan_time(p, k + 1);
    memcpy(out->meteredmwflow, d->metered[k], sizeof out->meteredmwflow);
    add_offers(d, k + 1, out->region);
    for (int r = 0; r < SIM_REGIONS; r++) {
        struct sim_region_state *s = &out->region[r];
        s->initialsupply = start[r].dispatched - start[r].flow_out;
        s->nonscheduled = start[r].nonscheduled;
        s->demandforecast = p->demand[k + 1][r] - p->demand[k][r];
        s->dispatcherror = s->initialsupply - d->physical[k].region[r].clearedsupply;
        s->operational_demand = (operational(&start[r]) + operational(&end[r])) / 2;
        s->bdu_initial_storage = bdu_charge(d, k, (enum sim_region)r);
        s->bdu_storage = bdu_charge(d, k + 1, (enum sim_region)r);
        round_state(s);
    }
}

static void set_runs(struct sim_interval *out, const struct sim_run *const runs[], int count) {
    out->runs = count;
    for (int n = 0; n < count; n++) {
        memcpy(out->region_run[n], runs[n]->region, sizeof out->region_run[n]);
        memcpy(out->link_run[n], runs[n]->link, sizeof out->link_run[n]);
    }
}

static void describe(struct sim_solved_day *d, const struct sim_intervention *event) {
    struct measured start[SIM_REGIONS], end[SIM_REGIONS];
    measure(d, 0, start);
    for (int k = 0; k < INTERVALS_PER_DAY; k++) {
        int i = k + 1;
        measure(d, i, end);
        describe_interval(d, k, start, end);
        bool intervened = event->any && i >= event->from && i < event->to &&
                          directed_unit(d->plan, i, event->region) >= 0;
        const struct sim_run *const runs[] = {&d->pricing[i], &d->physical[i]};
        set_runs(&d->pub.interval[k], runs, intervened ? 2 : 1);
        memcpy(start, end, sizeof start);
    }
}

static void publish(struct sim_solved_day *d) {
    const struct sim_plan *p = d->plan;
    size_t next =
        (size_t)p->units; /* targets and offers are of the instant that ends an interval */
    d->pub.date = p->date;
    d->pub.units = p->units;
    d->pub.unit = p->unit;
    d->pub.scada = d->scada;
    d->pub.target[0] = d->target[0] + next;
    d->pub.target[1] = d->target[1] + next;
    d->pub.availability = p->availability + next;
    d->pub.uigf = p->uigf + next;
    d->pub.semidispatchcap = d->capped + next;
    d->pub.storage = d->storage;
}

struct sim_solved_day *sim_day_solve(uint64_t seed, aest_day date) {
    struct sim_solved_day *d = mem_zalloc(1, sizeof *d);
    d->plan = sim_plan_make(seed, date, SIM_INSTANTS);
    struct arena *memory = &d->plan->memory;
    size_t cells = (size_t)d->plan->units * SIM_INSTANTS;
    d->pricing = ARENA_ARRAY(memory, struct sim_run, SIM_INSTANTS);
    d->physical = ARENA_ARRAY(memory, struct sim_run, SIM_INSTANTS);
    d->metered = arena_array(memory, SIM_INSTANTS, sizeof *d->metered);
    d->scada = ARENA_ARRAY(memory, sim_mw, cells);
    d->target[0] = ARENA_ARRAY(memory, sim_mw, cells);
    d->target[1] = ARENA_ARRAY(memory, sim_mw, cells);
    d->capped = ARENA_ARRAY(memory, bool, cells);
    d->storage = ARENA_ARRAY(memory, int32_t, cells);
    struct sim_intervention event = sim_intervention_on(seed, date);
    for (int i = 0; i < SIM_INSTANTS - 1; i++)
        solve_instant(d, i, &event);
    take_last_instant(d, seed, date + 1);
    describe(d, &event);
    publish(d);
    return d;
}

void sim_day_free(struct sim_solved_day *d) {
    sim_plan_free(d->plan);
    free(d);
}

const struct sim_day *sim_day_public(const struct sim_solved_day *d) {
    return &d->pub;
}

/* How far a run errs about an instant [ahead] hours on. What one run expects of an instant
 * resembles what the run before expected. */
static struct sim_run_case forecast_case(uint64_t seed, aest_us run, double ahead, interval k) {
    struct sim_run_case c = sim_run_as_planned;
    double hours = (double)run / (60.0 * (double)AEST_MINUTE) + 0.02 * (k % 97);
    for (int r = 0; r < SIM_REGIONS; r++) {
        double near = fmin(1, sqrt(ahead / 24));
        c.demand[r] += 0.035 * near * noise_smooth(stream(seed, FORECAST_DEMAND, r), hours, 3);
        c.weather[r] += 0.30 * near * noise_smooth(stream(seed, FORECAST_WEATHER, r), hours, 3);
        c.weather[r] = fmax(0.1, c.weather[r]);
        double seen = 0.75 + 0.5 * noise_smooth(stream(seed, FORECAST_SCARCITY, r), hours, 2);
        c.scarcity[r] = ahead > 0 ? fmin(1.3, fmax(0, seen)) : 1;
    }
    return c;
}

/* What a run expects of wind and sun. */
static void scale_weather(struct sim_region_state *r, double factor) {
    r->solar_uigf = round5(r->solar_uigf * factor);
    r->wind_uigf = round5(r->wind_uigf * factor);
    r->solar_availability = round5(r->solar_availability * factor);
    r->wind_availability = round5(r->wind_availability * factor);
}

void sim_day_forecast(const struct sim_solved_day *d, uint64_t seed, aest_us run, int k,
                      struct sim_interval *out) {
    *out = d->pub.interval[k];
    double ahead = (double)(out->end - run) / (60.0 * (double)AEST_MINUTE);
    if (ahead <= 0)
        return; /* dispatch itself */
    struct sim_run_case c = forecast_case(seed, run, ahead, interval_at_or_before(out->end));
    /* the 04:00 that ends the day stands in the next day's plan: take the instant before it */
    int i = k + 1 < SIM_INSTANTS - 1 ? k + 1 : k;
    struct sim_run pricing, physical;
    sim_dispatch_run(d->plan, i, &c, &pricing, NULL);
    for (int r = 0; r < SIM_REGIONS; r++)
        scale_weather(&out->region[r], c.weather[r]);
    const struct sim_run *const runs[] = {&pricing, &physical};
    if (out->runs == 2) {
        enum sim_region region = sim_intervention_on(seed, d->pub.date).region;
        c.directed = directed_unit(d->plan, i, region);
        c.directed_mw =
            floor(0.4 * sim_mw_value(d->plan->availability[cell(d->plan, i, c.directed)]));
        sim_dispatch_run(d->plan, i, &c, &physical, NULL);
    }
    set_runs(out, runs, out->runs);
}
