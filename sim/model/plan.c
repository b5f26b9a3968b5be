#include "sim/model/plan.h"

#include <math.h>
#include <stdlib.h>

#include "sim/model/demand.h"
#include "sim/model/event.h"
#include "sim/model/noise.h"
#include "sim/model/streams.h"

enum stream { FORECAST = SIM_STREAMS_PLAN, NETWORK, OFFER_OUT, OWN_PROFILE };

static struct noise stream(const struct sim_plan *p, enum stream s, const struct sim_unit *u) {
    return (struct noise){p->seed, (uint64_t)s << 40 | (uint64_t)(u - sim_fleet)};
}

static sim_mw mw(double value) {
    return (sim_mw)llround(value * SIM_MW);
}

static int yyyymmdd(aest_day d) {
    int year, month, day;
    aest_date(d, &year, &month, &day);
    return year * 10000 + month * 100 + day;
}

static bool in_service(const struct sim_unit *u, int date) {
    return date >= u->first && (u->last == 0 || date <= u->last);
}

/* Units of one station stand under the same sky. */
static uint32_t place_of(const struct sim_unit *u) {
    uint32_t hash = 2166136261U;
    for (const char *c = u->station; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619U;
    return hash & 0xffffff;
}

static void choose_units(struct sim_plan *p) {
    int date = yyyymmdd(p->date);
    p->unit = ARENA_ARRAY(&p->memory, const struct sim_unit *, (size_t)sim_fleet_size);
    for (int i = 0; i < sim_fleet_size; i++)
        if (in_service(&sim_fleet[i], date))
            p->unit[p->units++] = &sim_fleet[i];
}

/* A unit begins its first day at rest, so that the 04:00 before it needs not know of it. */
static void rest_newcomers(struct sim_plan *p) {
    int before = yyyymmdd(p->date - 1);
    for (int u = 0; u < p->units; u++)
        if (!in_service(p->unit[u], before))
            p->power[u] = p->uigf[u] = p->availability[u] = 0;
}

static double hours_of(const struct sim_plan *p, int i) {
    return (double)sim_plan_time(p, i) / (60.0 * (double)AEST_MINUTE);
}

/* Part of a semi-scheduled unit's forecast that the network around it lets through, and the part
 * that its owner offers: nearly always all of it. */
static double let_through(struct noise n, double hours, struct noise_memory *memory) {
    double tight = noise_smooth_next(n, hours, 5, memory);
    return tight < 1.9 ? 1 : fmax(0.25, 1 - 1.2 * (tight - 1.9));
}
static double offered(struct noise n, double hours, struct noise_memory *memory) {
    double out = noise_smooth_next(n, hours, 9, memory);
    return out < 2.0 ? 1 : fmax(0, 1 - 3 * (out - 2.0));
}

static void plan_weather_unit(struct sim_plan *p, int index) {
    const struct sim_unit *u = p->unit[index];
    uint32_t place = place_of(u);
    double capacity = (double)u->capacity_mw;
    struct noise forecast = stream(p, FORECAST, u);
    struct sim_weather_memory sky = {0};
    struct noise_memory network = {0}, owner = {0};
    for (int i = 0; i < p->instants; i++) {
        aest_us t = sim_plan_time(p, i);
        size_t at = (size_t)i * (size_t)p->units + (size_t)index;
        double part = u->fuel == SIM_WIND ? sim_wind(p->seed, u->region, place, t, &sky)
                                          : sim_solar_farm(p->seed, u->region, place, t, &sky);
        p->power[at] = mw(capacity * part);
        if (!u->semi_scheduled || part == 0)
            continue;
        interval k = interval_at_or_before(t);
        double error =
            0.03 * (noise_uniform(forecast, k) + noise_uniform(forecast, -(int64_t)k) - 1);
        double uigf = fmin(capacity, fmax(0, capacity * (part + error * sqrt(part))));
        double hours = hours_of(p, i);
        p->uigf[at] = mw(uigf);
        p->availability[at] = mw(uigf * offered(stream(p, OFFER_OUT, u), hours, &owner) *
                                 let_through(stream(p, NETWORK, u), hours, &network));
    }
}

/* Small plants that nobody dispatches: what their owners' business makes of it. */
static double own_profile(const struct sim_plan *p, const struct sim_unit *u, double hours) {
    double mood = noise_smooth(stream(p, OWN_PROFILE, u), hours, 7);
    double part = u->fuel == SIM_HYDRO        ? 0.35 + 0.35 * mood
                  : u->fuel == SIM_BIOMASS    ? 0.55 + 0.15 * mood
                  : u->fuel == SIM_DISTILLATE ? mood - 2.2 /* nearly always off */
                                              : 0.35 + 0.2 * mood;
    return fmin(1, fmax(0, part));
}

static void plan_machine(struct sim_plan *p, int index) {
    const struct sim_unit *u = p->unit[index];
    double part[SIM_INSTANTS];
    sim_outage_day(p->seed, u, p->start, part);
    for (int i = 0; i < p->instants; i++) {
        size_t at = (size_t)i * (size_t)p->units + (size_t)index;
        double able = (double)u->capacity_mw * part[i];
        if (u->non_scheduled)
            able *= own_profile(p, u, hours_of(p, i));
        /* owners rate their machines in whole MW */
        p->power[at] = u->non_scheduled ? mw(able) : mw(floor(able));
        if (!u->non_scheduled)
            p->availability[at] = p->power[at];
    }
}

static void plan_demand(struct sim_plan *p) {
    for (int i = 0; i < p->instants; i++)
        for (int r = 0; r < SIM_REGIONS; r++) {
            aest_us t = sim_plan_time(p, i);
            p->demand[i][r] = sim_operational_demand(p->seed, (enum sim_region)r, t);
            p->scarcity[i][r] = sim_scarcity(p->seed, (enum sim_region)r, t);
        }
}

/* What regions wish of their batteries: half after their own residual demand, half after that of
 * the mainland they are connected with. */
static void plan_wishes(const struct sim_plan *p, struct sim_wish wishes[SIM_REGIONS]) {
    double typical[SIM_REGIONS] = {0}, all = 0;
    double(*own)[SIM_INSTANTS] = mem_zalloc(SIM_REGIONS, sizeof *own);
    double *scarcity = mem_zalloc(SIM_INSTANTS, sizeof *scarcity);
    for (int i = 0; i < SIM_INSTANTS; i++) {
        for (int r = 0; r < SIM_REGIONS; r++)
            own[r][i] = p->demand[i][r];
        for (int u = 0; u < p->units; u++)
            if (p->unit[u]->fuel == SIM_WIND || p->unit[u]->fuel == SIM_SOLAR)
                own[p->unit[u]->region][i] -=
                    sim_mw_value(p->power[(size_t)i * (size_t)p->units + (size_t)u]);
        for (int r = 0; r < SIM_REGIONS; r++)
            typical[r] += p->demand[i][r] / SIM_INSTANTS;
    }
    for (int r = 0; r < SIM_REGIONS; r++)
        all += typical[r];
    for (int r = 0; r < SIM_REGIONS; r++) {
        double mixed[SIM_INSTANTS];
        for (int i = 0; i < SIM_INSTANTS; i++) {
            double together = 0;
            for (int other = 0; other < SIM_REGIONS; other++)
                together += own[other][i];
            mixed[i] = 0.5 * own[r][i] / typical[r] + 0.5 * together / all;
            scarcity[i] = p->scarcity[i][r];
        }
        sim_wish_make(mixed, scarcity, &wishes[r]);
    }
    free(own);
    free(scarcity);
}

static void plan_battery(struct sim_plan *p, int index, const struct sim_wish *wish) {
    const struct sim_unit *u = p->unit[index];
    if (u->kind == SIM_LOAD) /* its generating half has the schedule of both */
        return;
    double load = (double)(u->kind == SIM_BIDIRECTIONAL ? u->load_mw : u->capacity_mw);
    struct sim_schedule *s = p->schedule[index] = ARENA_NEW(&p->memory, struct sim_schedule);
    sim_battery_day(p->seed, u, p->date, wish, (double)u->capacity_mw, load, (double)u->storage_mwh,
                    s->give, s->charge);
}

/* The loading half of a pair takes what the generating half's schedule takes. */
static void split_pairs(struct sim_plan *p) {
    for (int g = 0; g < p->units; g++) {
        const struct sim_unit *u = p->unit[g];
        if (u->fuel != SIM_BATTERY || u->kind != SIM_GENERATOR)
            continue;
        struct sim_schedule *give = p->schedule[g];
        for (int l = 0; l < p->units; l++) {
            if (p->unit[l]->fuel != SIM_BATTERY || !u->pair ||
                strcmp(u->pair, p->unit[l]->duid) != 0)
                continue;
            struct sim_schedule *take = p->schedule[l] = ARENA_NEW(&p->memory, struct sim_schedule);
            for (int i = 0; i < SIM_INSTANTS; i++)
                take->give[i] = fmin(0, give->give[i]);
        }
        for (int i = 0; i < SIM_INSTANTS; i++)
            give->give[i] = fmax(0, give->give[i]);
    }
}

static void plan_storage(struct sim_plan *p) {
    struct sim_wish wishes[SIM_REGIONS] = {0};
    if (p->instants == SIM_INSTANTS)
        plan_wishes(p, wishes);
    for (int u = 0; u < p->units; u++) {
        const struct sim_unit *unit = p->unit[u];
        if (unit->fuel == SIM_BATTERY)
            plan_battery(p, u, &wishes[unit->region]);
        if (unit->fuel == SIM_PUMP) {
            struct sim_schedule *s = p->schedule[u] = ARENA_NEW(&p->memory, struct sim_schedule);
            sim_pump_day(p->seed, unit, p->date, &wishes[unit->region], s->give);
            for (int i = 0; i < SIM_INSTANTS; i++)
                s->give[i] = -s->give[i];
        }
    }
    split_pairs(p);
    for (int u = 0; u < p->units; u++)
        for (int i = 0; p->schedule[u] && i < p->instants; i++)
            p->availability[(size_t)i * (size_t)p->units + (size_t)u] =
                mw((double)p->unit[u]->capacity_mw);
}

struct sim_plan *sim_plan_make(uint64_t seed, aest_day date, int instants) {
    struct sim_plan *p = mem_zalloc(1, sizeof *p);
    p->seed = seed;
    p->date = date;
    p->start = (aest_us)date * AEST_DAY + 4 * 60 * AEST_MINUTE;
    p->instants = instants;
    const struct sim_threshold *threshold =
        sim_threshold_at(p->start + INTERVAL_MINUTES * AEST_MINUTE);
    sim_ladder_init(&p->ladder, threshold);
    p->floor = threshold->floor;
    p->cap = threshold->cap;
    choose_units(p);
    size_t cells = (size_t)p->units * (size_t)instants;
    p->offer = ARENA_ARRAY(&p->memory, struct sim_offer, (size_t)p->units);
    p->schedule = ARENA_ARRAY(&p->memory, struct sim_schedule *, (size_t)p->units);
    p->power = ARENA_ARRAY(&p->memory, sim_mw, cells);
    p->uigf = ARENA_ARRAY(&p->memory, sim_mw, cells);
    p->availability = ARENA_ARRAY(&p->memory, sim_mw, cells);
    for (int u = 0; u < p->units; u++) {
        const struct sim_unit *unit = p->unit[u];
        sim_offer_make(seed, unit, date, &p->ladder, 0, &p->offer[u]);
        if (unit->fuel == SIM_WIND || unit->fuel == SIM_SOLAR)
            plan_weather_unit(p, u);
        else if (unit->fuel != SIM_BATTERY && unit->fuel != SIM_PUMP && unit->fuel != SIM_DUMMY)
            plan_machine(p, u);
    }
    plan_demand(p);
    plan_storage(p);
    rest_newcomers(p);
    return p;
}

void sim_plan_free(struct sim_plan *p) {
    arena_free(&p->memory);
    free(p);
}
