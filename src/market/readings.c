#include "market/readings.h"

#include "market/demand.h"
#include "market/energy.h"
#include "market/rooftop.h"
#include "store/grid.h"

enum { HALF_HOUR = 6 };

static size_t steps_in(struct period p, int step, interval *first) {
    *first = (p.after + step) / step * step;
    return p.to >= *first ? (size_t)((p.to - *first) / step) + 1 : 0;
}

err *regions_read(struct store *s, struct arena *a, enum dataset_id dataset, const char *column,
                  struct period p, struct span out[REGIONS]) {
    struct grid *g = store_grid(s);
    int step = datasets[dataset].step, lane = grid_lane(dataset, column, 0);
    interval first;
    size_t length = steps_in(p, step, &first);
    for (int r = 0; r < REGIONS; r++) {
        out[r] = (struct span){first, step, length, ARENA_ARRAY(a, double, length)};
        grid_read(g, grid_shape(g, dataset), str_from(regions[r]), lane, p.after, p.to,
                  out[r].values);
    }
    return NULL;
}

err *settlement_prices_read(struct store *s, struct arena *a, struct period p,
                            struct span out[REGIONS]) {
    struct span halves[REGIONS];
    TRY(regions_read(s, a, PRICES5, "rrp", p, out));
    if (p.after >= SETTLED_BY_HALF_HOUR_UNTIL)
        return NULL;
    struct period wide = {p.after, half_hour_of(p.to)};
    TRY(regions_read(s, a, PRICES30, "rrp", wide, halves));
    for (int r = 0; r < REGIONS; r++)
        for (size_t i = 0; i < out[r].length; i++)
            out[r].values[i] = settlement_price(&out[r], &halves[r], span_time(&out[r], i));
    return NULL;
}

/* -- rooftop and demand -------------------------------------------------------------------------
 */

err *rooftop_read(struct store *s, struct arena *a, struct period p, struct span out[REGIONS],
                  bool *provisional) {
    struct span actual[REGIONS], forecast[REGIONS];
    const struct store_index *x;
    size_t length = (size_t)(p.to - p.after);
    bool *flags = ARENA_ARRAY(a, bool, length);
    struct period wide = {half_hour_of(p.after) - 2 * HALF_HOUR, half_hour_of(p.to)};
    TRY(store_index(s, ROOFTOP30, &x));
    interval last = x->has_bounds ? x->last : INT32_MIN;
    bool is_late = x->has_bounds && last < p.to && last > p.to - ROOFTOP_LATE;
    if (is_late && wide.after >= last)
        wide.after = last - HALF_HOUR;
    TRY(regions_read(s, a, ROOFTOP30, "power", wide, actual));
    for (int r = 0; r < REGIONS; r++)
        forecast[r] = (struct span){0, HALF_HOUR, 0, NULL};
    if (is_late)
        TRY(forecast_read(s, a, ROOFTOP_FORECAST, "power", p.to, wide, forecast, NULL));
    memset(provisional, 0, length * sizeof *provisional);
    for (int r = 0; r < REGIONS; r++) {
        out[r] = span_new(a, p.after + 1, 1, length);
        rooftop_at_five_minutes(&actual[r], &forecast[r], &out[r], flags);
        for (size_t i = 0; i < length; i++)
            provisional[i] |= flags[i];
    }
    return NULL;
}

/* Operational demand; [halves] tells by region where a half hour's mean stands in. */
static err *read_operational(struct store *s, struct arena *a, struct period p,
                             struct span out[REGIONS], bool *proxy, bool *halves[REGIONS]) {
    struct span half[REGIONS], target[REGIONS], intermittent[REGIONS];
    struct period wide = {half_hour_of(p.after + 1) - HALF_HOUR, half_hour_of(p.to)};
    TRY(regions_read(s, a, DEMAND5, "demand", p, out));
    TRY(regions_read(s, a, DEMAND30, "demand", wide, half));
    bool may_be_proxy = p.after < DEMAND_PROXY_UNTIL;
    if (may_be_proxy) {
        TRY(regions_read(s, a, REGIONS5, "totaldemand", p, target));
        TRY(regions_read(s, a, REGIONS5, "totalintermittentgeneration", p, intermittent));
    }
    memset(proxy, 0, (size_t)(p.to - p.after) * sizeof *proxy);
    for (int r = 0; r < REGIONS; r++) {
        halves[r] = ARENA_ARRAY(a, bool, out[r].length);
        for (size_t i = 0; i < out[r].length; i++) {
            interval at = span_time(&out[r], i);
            double *value = &out[r].values[i];
            bool is_proxy = false;
            halves[r][i] = isnan(*value);
            if (isnan(*value))
                *value = span_at(&half[r], half_hour_of(at));
            halves[r][i] = halves[r][i] && !isnan(*value);
            if (isnan(*value) && may_be_proxy)
                *value = demand_operational(at, NAN, target[r].values[i], intermittent[r].values[i],
                                            &is_proxy);
            proxy[i] |= is_proxy;
        }
    }
    return NULL;
}

err *operational_demand_read(struct store *s, struct arena *a, struct period p,
                             struct span out[REGIONS], bool *proxy) {
    bool *halves[REGIONS];
    return read_operational(s, a, p, out, proxy, halves);
}

err *underlying_demand_read(struct store *s, struct arena *a, struct period p,
                            struct span out[REGIONS], bool *proxy, bool *provisional) {
    struct span rooftop[REGIONS];
    bool *halves[REGIONS];
    struct period wide = {half_hour_of(p.after + 1) - HALF_HOUR, half_hour_of(p.to)};
    size_t length = (size_t)(p.to - p.after), before = (size_t)(p.after - wide.after);
    bool *estimated = ARENA_ARRAY(a, bool, (size_t)(wide.to - wide.after));
    TRY(read_operational(s, a, p, out, proxy, halves));
    TRY(rooftop_read(s, a, wide, rooftop, estimated));
    memset(provisional, 0, length * sizeof *provisional);
    for (size_t i = 0; i < length; i++) {
        size_t first = (i + before) / HALF_HOUR * HALF_HOUR;
        bool any = false;
        for (size_t k = first; k < first + HALF_HOUR; k++)
            any |= estimated[k];
        for (int r = 0; r < REGIONS; r++) {
            double power = rooftop[r].values[i + before];
            if (halves[r][i])
                power = span_mean(&rooftop[r], first, HALF_HOUR);
            provisional[i] |= halves[r][i] ? any : estimated[i + before];
            out[r].values[i] = demand_underlying(out[r].values[i], power);
        }
    }
    return NULL;
}

/* -- net import ---------------------------------------------------------------------------------
 */

void net_links_find(struct store *s, struct arena *a, struct period p, struct net_links *out) {
    struct grid *g = store_grid(s);
    str *keys;
    /* those of the days, whichever part of them is asked for */
    interval from = interval_day_start(interval_day(p.after + 1));
    size_t count =
        grid_keys(g, a, grid_shape(g, TRANSMISSION5), grid_lane(TRANSMISSION5, "meteredmwflow", 0),
                  from, interval_day_start(interval_day(p.to) + 1), &keys);
    *out = (struct net_links){.any = count > 0};
    for (size_t k = 0; k < count; k++) {
        const struct interconnector *link = interconnector_find(keys[k]);
        if (link)
            out->links[out->count++] = link;
    }
}

void net_import_of(struct grid *g, struct arena *a, const struct net_links *links, struct period p,
                   struct span out[REGIONS]) {
    size_t length = (size_t)(p.to - p.after);
    double *flow = ARENA_ARRAY(a, double, length);
    for (int r = 0; r < REGIONS; r++) {
        out[r] = span_new(a, p.after + 1, 1, length);
        if (links->any)
            memset(out[r].values, 0, length * sizeof *flow);
    }
    for (size_t k = 0; k < links->count; k++) {
        const struct interconnector *link = links->links[k];
        double *from = out[region_index(str_from(link->from))].values;
        double *to = out[region_index(str_from(link->to))].values;
        grid_read(g, grid_shape(g, TRANSMISSION5), str_from(link->id),
                  grid_lane(TRANSMISSION5, "meteredmwflow", 0), p.after, p.to, flow);
        for (size_t i = 0; i < length; i++) {
            from[i] -= flow[i];
            to[i] += flow[i];
        }
    }
}

err *net_import_read(struct store *s, struct arena *a, struct period p, struct span out[REGIONS]) {
    struct net_links links;
    net_links_find(s, a, p, &links);
    net_import_of(store_grid(s), a, &links, p, out);
    return NULL;
}

/* -- forecasts ----------------------------------------------------------------------------------
 */

/* What the two newest runs say that speak of a time, the newest first. */
struct said {
    interval run[2];
    double value[2];
};

/* Enters the runs at one horizon: so many steps from the run on. */
static void add_horizon(const double *runs, size_t count, interval first_run, int run_step,
                        int ahead, const struct span *times, struct said *said) {
    for (size_t i = 0; i < count; i++) {
        interval run = first_run + (interval)i * run_step, at = run + ahead;
        int64_t slot = ((int64_t)at - times->first) / times->step;
        if (at < times->first || slot >= (int64_t)times->length || isnan(runs[i]))
            continue;
        struct said *s = &said[slot];
        if (run >= s->run[0])
            *s = (struct said){{run, s->run[0]}, {runs[i], s->value[0]}};
        else if (run >= s->run[1])
            *s = (struct said){{s->run[0], run}, {s->value[0], runs[i]}};
    }
}

err *forecast_read(struct store *s, struct arena *a, enum dataset_id dataset, const char *column,
                   interval as_of, struct period p, struct span out[REGIONS],
                   struct span before[REGIONS]) {
    const struct dataset *d = &datasets[dataset];
    struct grid *g = store_grid(s);
    interval first, first_run;
    size_t length = steps_in(p, d->horizon_step, &first);
    /* a run of a day before still reaches what newer ones don't have */
    interval since = (p.after < as_of ? p.after : as_of) - INTERVALS_PER_DAY;
    double *runs = ARENA_ARRAY(a, double, grid_length(d->step, since, as_of, &first_run));
    struct said *said = ARENA_ARRAY(a, struct said, length);
    for (int r = 0; r < REGIONS; r++) {
        out[r] = span_new(a, first, d->horizon_step, length);
        for (size_t i = 0; i < length; i++)
            said[i] = (struct said){{0, 0}, {NAN, NAN}};
        for (int h = 0; h < grid_horizons(dataset); h++) {
            int ahead = h * d->horizon_step;
            /* the runs that speak of [p] at this distance */
            interval from = first - ahead - 1 > since ? first - ahead - 1 : since;
            interval to = p.to - ahead < as_of ? p.to - ahead : as_of;
            size_t count = to > from ? grid_length(d->step, from, to, &first_run) : 0;
            if (count == 0)
                continue;
            grid_read(g, grid_shape(g, dataset), str_from(regions[r]),
                      grid_lane(dataset, column, h), from, to, runs);
            add_horizon(runs, count, first_run, d->step, ahead, &out[r], said);
        }
        for (size_t i = 0; i < length; i++)
            out[r].values[i] = said[i].value[0];
        if (!before)
            continue;
        before[r] = span_new(a, first, d->horizon_step, length);
        for (size_t i = 0; i < length; i++)
            before[r].values[i] = said[i].value[1];
    }
    return NULL;
}
