/* The routes that answer with series. */
#include "api/route.h"
#include "market/generation.h"
#include "market/network.h"

static bool region_wanted(const struct parameters *p, str regionid) {
    for (size_t i = 0; i < p->region_count; i++)
        if (str_eq(p->regions[i], regionid))
            return true;
    return p->region_count == 0;
}

/* One column of a dataset whose key is a region. */
static err *answer_by_region(struct call *c, enum dataset_id dataset, const char *column,
                             const char *unit, struct route_error *error) {
    struct range range;
    struct series s;
    TRY(range_of(c, dataset, &range, error));
    if (error->status)
        return NULL;
    TRY(series_read(c->api->store, c->memory, dataset, column, range.from, range.to, &s));
    answer_begin(c, &datasets[dataset], &range, s.first, s.length);
    for (size_t k = 0; k < s.count; k++) {
        if (!region_wanted(&c->parameters, s.keys[k]))
            continue;
        answer_series(c, s.keys[k], unit);
        answer_values(c, s.values[k], s.length);
    }
    answer_end(c);
    return NULL;
}

err *route_prices(struct call *c, struct route_error *error) {
    return answer_by_region(c, PRICES5, "rrp", "$/MWh", error);
}

err *route_demand(struct call *c, struct route_error *error) {
    return answer_by_region(c, REGIONS5, "totaldemand", "MW", error);
}

/* -- generation ---------------------------------------------------------------------------------
 */

static err *generation_by_total(struct call *c, const struct range *range) {
    struct generation g;
    TRY(generation_total(c->api->store, &c->api->units, c->memory, range->from, range->to, &g));
    answer_begin(c, &datasets[SCADA5], range, g.first, g.length);
    answer_series(c, STR("generation"), "MW");
    answer_values(c, g.generation, g.length);
    answer_series(c, STR("load"), "MW");
    answer_values(c, g.load, g.length);
    answer_end(c);
    return NULL;
}

static err *generation_by_unit(struct call *c, const struct range *range) {
    struct series s;
    TRY(series_read(c->api->store, c->memory, SCADA5, "scadavalue", range->from, range->to, &s));
    answer_begin(c, &datasets[SCADA5], range, s.first, s.length);
    for (size_t k = 0; k < s.count; k++) {
        int sign = unit_sign(&c->api->units, s.keys[k], interval_day(range->to));
        double *values = s.values[k];
        if (!sign)
            continue;
        for (size_t i = 0; i < s.length; i++)
            values[i] = sign * values[i] + 0.0; /* a pump at rest is at 0, not at -0 */
        answer_series(c, s.keys[k], "MW");
        answer_values(c, values, s.length);
    }
    answer_end(c);
    return NULL;
}

err *route_generation(struct call *c, struct route_error *error) {
    static const struct {
        const char *by;
        err *(*answer)(struct call *, const struct range *);
        int longest_days; /* hundreds of units make large answers */
    } ways[] = {{"total", generation_by_total, LONGEST_RANGE_DAYS},
                {"unit", generation_by_unit, 2}};
    str by = c->parameters.by.len ? c->parameters.by : STR("total");
    struct range range;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (!str_eq(by, str_from(ways[i].by)))
            continue;
        TRY(range_of(c, SCADA5, &range, error));
        if (!error->status && range.to - range.from > ways[i].longest_days * INTERVALS_PER_DAY)
            *error = (struct route_error){400, "bad_parameter",
                                          "by unit, a range may hold two days at most", "from"};
        if (!error->status)
            TRY(units_load(c->api->store, &c->api->units));
        return error->status ? NULL : ways[i].answer(c, &range);
    }
    *error = (struct route_error){400, "bad_parameter", "must be total or unit", "by"};
    return NULL;
}

/* -- transmission -------------------------------------------------------------------------------
 */

static const struct {
    const char *column, *unit;
} measures[] = {
    {"meteredmwflow", "MW"}, {"mwflow", "MW"},      {"mwlosses", "MW"},
    {"exportlimit", "MW"},   {"importlimit", "MW"}, {"marginalvalue", "$/MWh"},
};

static err *answer_measure(struct call *c, const struct range *range, size_t measure, bool first) {
    struct series s;
    TRY(series_read(c->api->store, c->memory, TRANSMISSION5, measures[measure].column, range->from,
                    range->to, &s));
    if (first)
        answer_begin(c, &datasets[TRANSMISSION5], range, s.first, s.length);
    for (size_t k = 0; k < s.count; k++) {
        const struct interconnector *link = interconnector_find(s.keys[k]);
        answer_series(c, s.keys[k], measures[measure].unit);
        json_key(&c->json, "measure"), json_cstr(&c->json, measures[measure].column);
        if (link) {
            json_key(&c->json, "from"), json_cstr(&c->json, link->from);
            json_key(&c->json, "to"), json_cstr(&c->json, link->to);
        }
        answer_values(c, s.values[k], s.length);
    }
    return NULL;
}

err *route_transmission(struct call *c, struct route_error *error) {
    struct parameters *p = &c->parameters;
    size_t wanted[LONGEST_LIST] = {0};
    struct range range;
    if (p->measure_count == 0)
        p->measures[p->measure_count++] = STR("meteredmwflow");
    for (size_t i = 0; i < p->measure_count; i++) {
        size_t m = 0, known = sizeof measures / sizeof *measures;
        while (m < known && !str_eq(p->measures[i], str_from(measures[m].column)))
            m++;
        if (m == known) {
            *error =
                (struct route_error){400, "bad_parameter",
                                     "must be of meteredmwflow, mwflow, mwlosses, exportlimit, "
                                     "importlimit, marginalvalue",
                                     "measure"};
            return NULL;
        }
        wanted[i] = m;
    }
    TRY(range_of(c, TRANSMISSION5, &range, error));
    for (size_t i = 0; i < p->measure_count && !error->status; i++)
        TRY(answer_measure(c, &range, wanted[i], i == 0));
    if (!error->status)
        answer_end(c);
    return NULL;
}

/* -- meta ---------------------------------------------------------------------------------------
 */

err *route_meta(struct call *c, struct route_error *error) {
    struct json *j = &c->json;
    (void)error;
    json_object(j);
    json_key(j, "meta"), json_object(j);
    answer_meta(c);
    json_end(j);
    json_key(j, "data"), json_object(j);
    json_key(j, "datasets"), json_array(j);
    for (int i = 0; i < DATASETS; i++) {
        const struct dataset *d = &datasets[i];
        const struct store_index *x;
        TRY(store_index(c->api->store, (enum dataset_id)i, &x));
        json_object(j);
        json_key(j, "name"), json_cstr(j, d->name);
        json_key(j, "step_minutes"), json_int(j, d->step * INTERVAL_MINUTES);
        json_key(j, "first"),
            x->has_bounds ? json_int(j, interval_to_unix(x->first)) : json_null(j);
        json_key(j, "latest"),
            x->has_bounds ? json_int(j, interval_to_unix(x->last)) : json_null(j);
        json_key(j, "stale_after"), json_int(j, d->stale_minutes * 60);
        json_key(j, "stale"), json_bool(j, store_index_is_stale(x, d, aest_now()));
        json_key(j, "bytes"), json_int(j, (int64_t)x->bytes);
        json_key(j, "damaged"), json_bool(j, x->damage != NULL);
        json_end(j);
    }
    answer_end(c);
    return NULL;
}
