#include "market/evening.h"

#include "market/demand_mean.h"
#include "market/mix.h"
#include "market/nem_price.h"
#include "market/readings.h"
#include "market/resample.h"
#include "market/rooftop_mean.h"
#include "store/grid.h"

enum { HALF_HOUR = 6, FIRST = 17 * 2 * HALF_HOUR, LENGTH = EVENING_SLOTS * HALF_HOUR };

int evening_slot(interval end) {
    return (end - interval_day_start(interval_day(end)) - FIRST) / HALF_HOUR - 1;
}

/* One read of evenings. */
struct reading {
    struct store *store;
    struct grid *grid;
    struct arena *memory;
    struct evenings *out;
    size_t room;
    struct net_links links;
};

/* One evening, or as much of it as the time has. */
struct part {
    struct arena *memory; /* that ends with it */
    struct period period;
    struct buckets halves;
    size_t at; /* of the first half hour in the arrays */
};

/* Where a measure's values of the part go. */
static double *place(struct reading *r, const struct part *p, int area, int measure) {
    double **values = &r->out->of[area][measure];
    if (!*values) {
        *values = ARENA_ARRAY(r->memory, double, r->room);
        for (size_t i = 0; i < r->room; i++)
            (*values)[i] = NAN;
    }
    return *values + p->at;
}

static void put(struct reading *r, const struct part *p, int area, int measure,
                const double *values) {
    memcpy(place(r, p, area, measure), values, p->halves.count * sizeof *values);
}

static void put_nem_price(struct reading *r, const struct part *p,
                          const struct span prices[REGIONS], const struct span demand[REGIONS]) {
    struct span value = span_new(p->memory, prices[0].first, 1, prices[0].length);
    struct span weight = span_new(p->memory, prices[0].first, 1, prices[0].length);
    for (size_t i = 0; i < value.length; i++) {
        double rrp[REGIONS], mw[REGIONS];
        for (int region = 0; region < REGIONS; region++) {
            rrp[region] = prices[region].values[i];
            mw[region] = demand[region].values[i];
        }
        struct nem_price nem = nem_price_of(rrp, mw);
        value.values[i] = nem.weighted * nem.weight;
        weight.values[i] = nem.weight;
    }
    struct resampled values = resample(p->memory, &value, &p->halves);
    struct resampled weights = resample(p->memory, &weight, &p->halves);
    double *out = place(r, p, EVENING_NEM, EVENING_PRICE);
    for (size_t i = 0; i < p->halves.count; i++)
        out[i] = values.sum[i] / weights.sum[i];
}

/* A column of the part, without another look for files. */
static void read_column(struct reading *r, const struct part *p, enum dataset_id dataset,
                        const char *column, struct span out[REGIONS]) {
    size_t length = (size_t)(p->period.to - p->period.after);
    for (int region = 0; region < REGIONS; region++) {
        out[region] = span_new(p->memory, p->period.after + 1, 1, length);
        grid_read(r->grid, grid_shape(r->grid, dataset), str_from(regions[region]),
                  grid_lane(dataset, column, 0), p->period.after, p->period.to, out[region].values);
    }
}

static void read_regions(struct reading *r, const struct part *p) {
    struct span prices[REGIONS], target[REGIONS], imports[REGIONS];
    struct arena *a = p->memory;
    read_column(r, p, PRICES5, "rrp", prices);
    read_column(r, p, REGIONS5, "totaldemand", target);
    net_import_of(r->grid, a, &r->links, p->period, imports);
    for (int region = 0; region < REGIONS; region++) {
        put(r, p, region, EVENING_PRICE, resample(a, &prices[region], &p->halves).mean);
        put(r, p, region, EVENING_NET_IMPORT, resample(a, &imports[region], &p->halves).mean);
    }
    put_nem_price(r, p, prices, target);
}

/* Adds what a fuel takes to all that is taken; what isn't known of one is known of others. */
static void add_load(struct reading *r, const struct part *p, int area, const double *taken) {
    double *load = place(r, p, area, EVENING_LOAD);
    for (size_t i = 0; i < p->halves.count; i++)
        if (!isnan(taken[i]))
            load[i] = isnan(load[i]) ? taken[i] : load[i] + taken[i];
}

static err *read_fuels(struct reading *r, const struct part *p) {
    struct mix mix;
    TRY(mix_read(r->store, p->memory, p->period, &p->halves, &mix));
    for (int area = 0; area < EVENING_AREAS; area++) {
        unsigned areas = area == EVENING_NEM ? MIX_ALL_AREAS : 1u << area;
        for (int f = 0; f < FUELS; f++) {
            const double *given = mix_sum(p->memory, &mix, false, areas, (enum fuel)f);
            const double *taken = mix_sum(p->memory, &mix, true, areas, (enum fuel)f);
            if (given)
                put(r, p, area, EVENING_FUEL + f, given);
            if (taken && f == FUEL_BATTERY)
                put(r, p, area, EVENING_CHARGE, taken);
            else if (taken)
                add_load(r, p, area, taken);
        }
    }
    return NULL;
}

static err *read_part(struct reading *r, struct arena *scratch, struct period period) {
    struct part p = {.memory = scratch, .period = period, .at = r->out->count};
    p.halves = buckets_of(scratch, RESOLUTION_30M, DAY_CALENDAR, period);
    read_regions(r, &p);
    TRY(read_fuels(r, &p));
    memcpy(r->out->ends + p.at, p.halves.edges + 1, p.halves.count * sizeof *p.halves.edges);
    r->out->count += p.halves.count;
    return NULL;
}

/* Takes the evenings out of all half hours of the time, which are [halves]; the NEM's is their sum.
 */
static void pick(struct reading *r, const struct buckets *halves, int measure,
                 double *const values[REGIONS]) {
    const struct part all = {.memory = r->memory};
    double *sum = place(r, &all, EVENING_NEM, measure);
    memset(sum, 0, r->out->count * sizeof *sum);
    for (int region = 0; region < REGIONS; region++) {
        double *to = place(r, &all, region, measure);
        for (size_t i = 0; i < r->out->count; i++) {
            to[i] = values[region][(r->out->ends[i] - halves->edges[1]) / HALF_HOUR];
            sum[i] += to[i];
        }
    }
}

/* What is of half hours anyway is read of all of the time at once. */
static err *read_demand(struct reading *r, struct period period) {
    struct rooftop_mean rooftop;
    double *demand[REGIONS];
    bool none = false;
    struct buckets b = buckets_of(r->memory, RESOLUTION_30M, DAY_CALENDAR, period);
    TRY(demand_mean_read(r->store, r->memory, period, &b, false, demand, &none, &none));
    TRY(rooftop_mean_read(r->store, r->memory, period, &b, rooftop_each_region, REGIONS, &rooftop));
    pick(r, &b, EVENING_DEMAND, demand);
    pick(r, &b, EVENING_ROOFTOP, rooftop.mean);
    return NULL;
}

static err *read_all(struct reading *r, struct arena *scratch, struct period p) {
    for (aest_day day = interval_day(p.after + 1); day <= interval_day(p.to); day++) {
        interval after = interval_day_start(day) + FIRST, to = after + LENGTH;
        struct period part = {after > p.after ? after : p.after, to < p.to ? to : p.to};
        if (part.after < part.to)
            TRY(read_part(r, scratch, part));
        arena_reset(scratch);
    }
    return r->out->count ? read_demand(r, p) : NULL;
}

err *evenings_read(struct store *s, struct arena *a, struct period p, struct evenings *out) {
    struct reading r = {.store = s, .grid = store_grid(s), .memory = a, .out = out};
    struct arena scratch = {0};
    *out = (struct evenings){0};
    if (p.after >= p.to)
        return NULL;
    r.room = (size_t)(interval_day(p.to) - interval_day(p.after + 1) + 1) * EVENING_SLOTS;
    out->ends = ARENA_ARRAY(a, interval, r.room);
    net_links_find(s, a, p, &r.links);
    err *e = read_all(&r, &scratch, p);
    arena_free(&scratch);
    return e;
}
