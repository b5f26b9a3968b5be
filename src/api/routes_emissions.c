/* Emissions, in sum and over time. */
#include "api/chart.h"
#include "market/unit_totals.h"

/* -- emissions ----------------------------------------------------------------------------------
 */

static const struct answer_column emission_columns[] = {
    {"region", CELL_TEXT, NULL},         {"fuel", CELL_TEXT, NULL},
    {"energy", CELL_NUMBER, "MWh"},      {"emissions", CELL_NUMBER, "t"},
    {"intensity", CELL_NUMBER, "t/MWh"}, {"uncovered", CELL_NUMBER, "MWh"},
};

static void emission_row(struct call *c, const char *region, const char *fuel,
                         const struct emissions *e) {
    text_cell(c, region);
    answer_cell(&c->answer, fuel ? cell_text(str_from(fuel)) : cell_none());
    number_cell(c, e->energy + e->uncovered);
    number_cell(c, e->tonnes);
    number_cell(c, emissions_intensity(e));
    number_cell(c, e->uncovered);
}

static void emissions_sum(struct emissions *into, const struct emissions *more) {
    into->tonnes += more->tonnes;
    into->energy += more->energy;
    into->uncovered += more->uncovered;
}

static err *emissions(struct call *c) {
    struct range range;
    struct unit_totals totals;
    static const struct emissions unknown = {NAN, NAN, NAN};
    struct emissions by_fuel[REGIONS][FUELS] = {0}, all[AREAS] = {0};
    bool any[AREAS] = {false}; /* unit has a reading */
    TRY(units_load(c->api->store, &c->api->units));
    TRY(range_of(c, SCADA5, LONGEST_CHART_DAYS, &range));
    TRY(unit_totals_read(c->api->store, &c->api->units, c->memory,
                         (struct period){range.from, range.to}, &totals));
    for (size_t i = 0; i < totals.count; i++) {
        const struct unit_total *t = &totals.rows[i];
        int r = region_index(t->unit.region);
        if (r < REGIONS) {
            emissions_sum(&by_fuel[r][t->unit.fuel], &t->emissions);
            emissions_sum(&all[r], &t->emissions);
            any[r] = true;
        }
        emissions_sum(&all[NEM], &t->emissions);
        any[NEM] = true;
    }
    ANSWER_COLUMNS(c, emission_columns);
    for (int area = 0; area < AREAS; area++) {
        if (!area_wanted(c, area))
            continue;
        for (int f = 0; f < FUELS && area < REGIONS; f++)
            if (by_fuel[area][f].energy + by_fuel[area][f].uncovered > 0)
                emission_row(c, regions[area], fuel_names[f], &by_fuel[area][f]);
        emission_row(c, area == NEM ? "NEM" : regions[area], NULL,
                     any[area] ? &all[area] : &unknown);
    }
    return NULL;
}

/* -- emissions over time ------------------------------------------------------------------------
 */

static const struct parameter emission_resolution = {
    "resolution",
    PARAMETER_CHOICE,
    .choices = CHOICES("1h", "1d", "1w", "1mo", "1q", "1y", "auto"),
    .fallback = "auto",
    .summary = "from a value to the next",
};
static const enum resolution emission_steps[] = {RESOLUTION_1H,  RESOLUTION_1D, RESOLUTION_1W,
                                                 RESOLUTION_1MO, RESOLUTION_1Q, RESOLUTION_1Y};
enum { MOST_EMISSION_BUCKETS = 400, AUTO_HOURS_DAYS = 3 };

static enum resolution emission_step(const struct call *c, struct period p) {
    size_t choice = (size_t)value_of(c, &emission_resolution)->choice;
    if (choice < sizeof emission_steps / sizeof *emission_steps)
        return emission_steps[choice];
    int days = (p.to - p.after) / INTERVALS_PER_DAY;
    return days <= AUTO_HOURS_DAYS            ? RESOLUTION_1H
           : days < MOST_EMISSION_BUCKETS - 1 ? RESOLUTION_1D
                                              : RESOLUTION_1MO;
}

/* What units emitted in (p.after, p.to], by area, and in how many of the intervals any unit has a
 * reading. */
static err *emissions_in(struct call *c, struct period p, struct emissions all[AREAS],
                         size_t *intervals) {
    struct arena a = {0};
    struct unit_totals totals;
    memset(all, 0, AREAS * sizeof *all);
    *intervals = 0;
    err *e = unit_totals_read(c->api->store, &c->api->units, &a, p, &totals);
    for (size_t i = 0; !e && i < totals.count; i++) {
        int r = region_index(totals.rows[i].unit.region);
        if (r < REGIONS)
            emissions_sum(&all[r], &totals.rows[i].emissions);
        emissions_sum(&all[NEM], &totals.rows[i].emissions);
        if (totals.rows[i].intervals > *intervals)
            *intervals = totals.rows[i].intervals;
    }
    arena_free(&a);
    return e;
}

static err *emissions_over_time(struct call *c) {
    struct range range;
    double *rate[AREAS], *intensity[AREAS];
    TRY(units_load(c->api->store, &c->api->units));
    TRY(range_of(c, SCADA5, LONGEST_CHART_DAYS, &range));
    struct period p = {range.from, range.to};
    enum resolution step = emission_step(c, p);
    struct buckets b = buckets_of(c->memory, step, DAY_CALENDAR, p);
    if (b.count > MOST_EMISSION_BUCKETS)
        return call_refuse(c, &emission_resolution,
                           "must be longer for such a range: at most %d values",
                           MOST_EMISSION_BUCKETS);
    for (int area = 0; area < AREAS; area++) {
        rate[area] = ARENA_ARRAY(c->memory, double, b.count);
        intensity[area] = ARENA_ARRAY(c->memory, double, b.count);
    }
    for (size_t i = 0; i < b.count; i++) {
        struct emissions all[AREAS];
        size_t intervals;
        struct period bucket = {b.edges[i] > p.after ? b.edges[i] : p.after,
                                b.edges[i + 1] < p.to ? b.edges[i + 1] : p.to};
        TRY(emissions_in(c, bucket, all, &intervals));
        for (int area = 0; area < AREAS; area++) {
            rate[area][i] = all[area].energy > 0
                                ? all[area].tonnes / ((double)intervals * HOURS_PER_INTERVAL)
                                : NAN;
            intensity[area][i] = emissions_intensity(&all[area]);
        }
    }
    c->answer.resolution = resolution_names[step];
    answer_time_list(&c->answer, b.count ? b.edges + 1 : NULL, b.count);
    for (int area = 0; area < AREAS; area++) {
        if (!area_wanted(c, area))
            continue;
        series_label(answer_add(&c->answer, area_name(area), "t/h", rate[area]), "measure",
                     STR("emissions"));
        series_label(answer_add(&c->answer, area_name(area), "t/MWh", intensity[area]), "measure",
                     STR("intensity"));
    }
    return NULL;
}

const struct route routes_emissions[] = {
    {"/v1/emissions", "Emissions and their intensity, by region and fuel", "Emissions",
     ANSWER_TABLE, emissions, .of_grid = true, .parameters = {RANGE_PARAMETERS, &parameter_region},
     .details =
         "Factors are a MWh sent out, energy is as generated: somewhat high. A row without fuel "
         "is the region's sum. uncovered is energy of units whose factor isn't known."},
    {"/v1/emissions/over-time", "Emissions and their intensity over time, by region", "Emissions",
     ANSWER_SERIES, emissions_over_time, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &emission_resolution, &parameter_region},
     .details = "Tonnes an hour, of the hours with readings, and tonnes for a MWh generated by "
                "units whose factor is known."},
    {0},
};
