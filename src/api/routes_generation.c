/* What units generate and consume. */
#include <stdlib.h>

#include "api/chart.h"
#include "market/generation.h"
#include "market/mix.h"
#include "market/rooftop_mean.h"
#include "market/unit_mix.h"
#include "market/unit_totals.h"
#include "store/grid.h"

/* Of units that aren't named, and of all that are together: 288 values each. */
enum { LONGEST_ALL_UNITS_DAYS = 2, MOST_UNIT_DAYS = 12000 };

const struct parameter parameter_duid = {
    "duid", PARAMETER_NAMES, .absent = "all", .summary = "DUIDs of units", .example = "BW01",
};
const struct parameter parameter_station = {
    "station",
    PARAMETER_NAMES,
    .absent = "all",
    .summary = "names of stations, as /v1/stations has them",
    .example = "Bayswater",
};

static bool name_wanted(const struct value *names, str name) {
    for (size_t i = 0; i < names->count; i++)
        if (str_eq_nocase(names->names[i], name))
            return true;
    return names->count == 0;
}

bool unit_wanted(const struct call *c, const struct unit *u) {
    const struct value *region = value_of(c, &parameter_region);
    return name_wanted(value_of(c, &parameter_duid), u->duid) &&
           name_wanted(value_of(c, &parameter_station), u->station) &&
           (region->count == 0 || region_wanted(c, u->region));
}

/* -- MW by fuel, region or in total -------------------------------------------------------------
 */

static unsigned areas_wanted(const struct call *c) {
    unsigned areas = 0;
    if (value_of(c, &parameter_region)->count == 0)
        return MIX_ALL_AREAS;
    for (int r = 0; r < REGIONS; r++)
        areas |= region_index_wanted(c, r) ? 1u << r : 0;
    return areas;
}

static void add_part(struct call *c, str id, bool load, const double *values) {
    if (values)
        series_label(answer_add(&c->answer, id, "MW", values), "measure",
                     load ? STR("load") : STR("generation"));
}

/* Whether anything in [values] isn't 0 or missing. */
static bool is_something(const double *values, size_t length) {
    for (size_t i = 0; values && i < length; i++)
        if (values[i] > 0)
            return true;
    return false;
}

/* Of all areas asked for together; a value for each bucket. */
static err *read_rooftop(struct call *c, struct period p, const struct buckets *b, unsigned areas,
                         const double **mean) {
    struct rooftop_mean rooftop;
    TRY(rooftop_mean_read(c->api->store, c->memory, p, b, &areas, 1, &rooftop));
    answer_note(&c->answer, "provisional", cell_flag(rooftop.provisional));
    if (rooftop.from <= p.to)
        answer_note(&c->answer, "provisional_from", cell_time(rooftop.from));
    *mean = rooftop.mean[0];
    return NULL;
}

static err *add_rooftop(struct call *c, const struct chart *chart, unsigned areas) {
    const double *mean;
    TRY(read_rooftop(c, chart->range, &chart->buckets, areas, &mean));
    add_part(c, STR("Rooftop"), false, mean);
    return NULL;
}

static err *by_fuel(struct call *c, const struct chart *chart, const struct mix *mix) {
    unsigned areas = areas_wanted(c);
    for (int f = FUEL_UNKNOWN + 1; f <= FUELS; f++) { /* the unknown come last */
        enum fuel fuel = (enum fuel)(f % FUELS);
        const double *load = mix_sum(c->memory, mix, true, areas, fuel);
        add_part(c, str_from(fuel_names[fuel]), false, mix_sum(c->memory, mix, false, areas, fuel));
        if (is_something(load, mix->length))
            add_part(c, str_from(fuel_names[fuel]), true, load);
    }
    return add_rooftop(c, chart, areas);
}

static void add_into(double *sum, const double *values, size_t length) {
    for (size_t i = 0; values && i < length; i++)
        if (!isnan(values[i]))
            sum[i] = isnan(sum[i]) ? values[i] : sum[i] + values[i];
}

static const double *all_fuels(struct call *c, const struct mix *mix, bool load, unsigned areas) {
    struct span sum = span_new(c->memory, 0, 1, mix->length);
    for (int f = 0; f < FUELS; f++)
        add_into(sum.values, mix_sum(c->memory, mix, load, areas, (enum fuel)f), mix->length);
    return sum.values;
}

static err *by_region(struct call *c, const struct chart *chart, const struct mix *mix) {
    (void)chart;
    for (int r = 0; r < REGIONS; r++) {
        if (!region_index_wanted(c, r))
            continue;
        add_part(c, str_from(regions[r]), false, all_fuels(c, mix, false, 1u << r));
        add_part(c, str_from(regions[r]), true, all_fuels(c, mix, true, 1u << r));
    }
    return NULL;
}

static err *by_total(struct call *c, const struct chart *chart, const struct mix *mix) {
    (void)chart;
    answer_add(&c->answer, STR("generation"), "MW", all_fuels(c, mix, false, areas_wanted(c)));
    answer_add(&c->answer, STR("load"), "MW", all_fuels(c, mix, true, areas_wanted(c)));
    return NULL;
}

/* -- MW by unit or station ----------------------------------------------------------------------
 */

/* What is read of units: each a group of its own, or by station. */
struct wanted {
    struct unit_member *members;
    size_t count;
    struct intern names; /* of the groups */
    struct unit_group *groups;
};

static err *find_wanted(struct call *c, const struct chart *chart, bool by_station,
                        struct wanted *out) {
    const struct units *units = &c->api->units;
    aest_day day = interval_day(chart->range.to);
    size_t days = (size_t)(chart->range.to - chart->range.after) / INTERVALS_PER_DAY + 1;
    str *keys;
    size_t count = unit_mix_keys(c->api->store, c->memory, chart->range, &keys);
    out->members = ARENA_ARRAY(c->memory, struct unit_member, count);
    for (size_t k = 0; k < count; k++) {
        struct unit unit = units_find(units, keys[k], day);
        int sign = unit.sign;
        if (!sign || !unit_wanted(c, &unit))
            continue;
        if (days * (out->count + 1) > MOST_UNIT_DAYS)
            return call_refuse(c, &parameter_from, "must be nearer to `to` for so many units");
        str name = by_station && unit.station.len ? unit.station : keys[k];
        uint32_t group = intern_add(&out->names, name);
        out->members[out->count++] =
            (struct unit_member){keys[k], sign, unit_sign_since(units, keys[k], day), group};
    }
    return NULL;
}

static int by_group(const void *a, const void *b) {
    size_t x = ((const struct unit_member *)a)->group, y = ((const struct unit_member *)b)->group;
    return (x > y) - (x < y);
}

static err *read_wanted(struct call *c, const struct chart *chart, bool parted,
                        struct wanted *out) {
    TRY(find_wanted(c, chart, parted, out));
    if (out->count)
        qsort(out->members, out->count, sizeof *out->members, by_group);
    out->groups = ARENA_ARRAY(c->memory, struct unit_group, out->names.count);
    unit_mix_read(c->api->store, c->memory, chart->range, &chart->buckets, out->members, out->count,
                  parted, out->groups, out->names.count);
    return NULL;
}

static void add_unit(struct call *c, str id, const struct unit_group *g) {
    answer_add(&c->answer, id, "MW", g->net);
}

static void add_station(struct call *c, str id, const struct unit_group *g) {
    add_part(c, id, false, g->generation);
    if (is_something(g->load, c->answer.length))
        add_part(c, id, true, g->load);
}

static err *add_groups(struct call *c, const struct chart *chart, bool parted,
                       void (*add)(struct call *, str, const struct unit_group *)) {
    struct wanted wanted = {0};
    err *e = read_wanted(c, chart, parted, &wanted);
    for (uint32_t g = 0; !e && g < wanted.names.count; g++) {
        str name = wanted.names.texts[g];
        if (wanted.groups[g].known)
            add(c, (str){str_dup(c->memory, name), name.len}, &wanted.groups[g]);
    }
    intern_free(&wanted.names);
    return e;
}

static err *by_unit(struct call *c, const struct chart *chart) {
    return add_groups(c, chart, false, add_unit);
}

static err *by_station(struct call *c, const struct chart *chart) {
    return add_groups(c, chart, true, add_station);
}

/* -- the route ----------------------------------------------------------------------------------
 */

static const struct {
    err *(*of_mix)(struct call *, const struct chart *, const struct mix *);
    err *(*of_units)(struct call *, const struct chart *);
} ways[] = {
    {by_total, NULL}, {by_fuel, NULL}, {by_region, NULL}, {NULL, by_unit}, {NULL, by_station}};

static const struct parameter by = {
    "by",
    PARAMETER_CHOICE,
    .choices = CHOICES("total", "fuel", "region", "unit", "station"), /* as [ways] */
    .fallback = "total",
    .summary = "total: generation and load; fuel: the mix, with rooftop; region; unit: each DUID, "
               "output positive and consumption negative; station",
};

static bool names_given(const struct call *c) {
    return value_of(c, &parameter_duid)->count || value_of(c, &parameter_station)->count;
}

static err *of_units(struct call *c, int way) {
    struct range range;
    struct chart chart;
    int longest = names_given(c) ? LONGEST_CHART_DAYS : LONGEST_ALL_UNITS_DAYS;
    TRY(range_of(c, SCADA5, longest, &range));
    TRY(chart_begin(c, &range, 1, &chart));
    return ways[way].of_units(c, &chart);
}

/* With [nem], sums over all areas are all that is asked for. */
static err *read_mix(struct call *c, bool nem, struct period p, const struct buckets *b,
                     struct mix *out) {
    return nem ? mix_read_nem(c->api->store, c->memory, p, b, out)
               : mix_read(c->api->store, c->memory, p, b, out);
}

static err *of_mix(struct call *c, int way) {
    struct range range;
    struct chart chart;
    struct mix mix;
    if (names_given(c))
        return call_refuse(c, &by, "must be unit or station where units are named");
    TRY(range_of(c, SCADA5, LONGEST_CHART_DAYS, &range));
    TRY(chart_begin(c, &range, 1, &chart));
    bool nem = areas_wanted(c) == MIX_ALL_AREAS && ways[way].of_mix != by_region;
    TRY(read_mix(c, nem, chart.range, &chart.buckets, &mix));
    return ways[way].of_mix(c, &chart, &mix);
}

static err *generation(struct call *c) {
    int way = value_of(c, &by)->choice;
    TRY(units_load(c->api->store, &c->api->units));
    return ways[way].of_mix ? of_mix(c, way) : of_units(c, way);
}

/* -- time of day --------------------------------------------------------------------------------
 */

static const struct answer_column profile_columns[] = {
    {"fuel", CELL_TEXT, NULL},         {"time_of_day", CELL_TEXT, NULL},
    {"generation", CELL_NUMBER, "MW"}, {"load", CELL_NUMBER, "MW"},
    {"days", CELL_WHOLE, NULL},
};

/* The half hours of a day; [load] may be NULL. */
static void profile_rows(struct call *c, enum day_kind day, const char *fuel,
                         const struct buckets *b, const double *generation, const double *load) {
    struct span up = {b->edges[1], 6, b->count, (double *)generation};
    struct span down = {b->edges[1], 6, load ? b->count : 0, (double *)load};
    struct profile g = profile_of(c->memory, day, &up), l = profile_of(c->memory, day, &down);
    for (size_t i = 0; i < g.slots; i++) {
        text_cell(c, fuel);
        text_cell(c, chart_time_of_day(c, day, i, 6));
        number_cell(c, g.means[i]);
        number_cell(c, l.means[i]);
        whole_cell(c, g.counts[i]);
    }
}

static err *profile(struct call *c) {
    struct range range;
    struct mix mix;
    const double *rooftop;
    enum day_kind day = chart_day(c);
    TRY(units_load(c->api->store, &c->api->units));
    TRY(range_of(c, SCADA5, LONGEST_CHART_DAYS, &range));
    struct period p = {range.from, range.to};
    struct buckets b = buckets_of(c->memory, RESOLUTION_30M, DAY_CALENDAR, p);
    bool nem = areas_wanted(c) == MIX_ALL_AREAS;
    TRY(read_mix(c, nem, p, &b, &mix));
    TRY(read_rooftop(c, p, &b, areas_wanted(c), &rooftop));
    c->answer.resolution = "30m";
    ANSWER_COLUMNS(c, profile_columns);
    if (b.count == 0)
        return NULL;
    for (int f = 0; f < FUELS; f++) {
        const double *generation = mix_sum(c->memory, &mix, false, areas_wanted(c), (enum fuel)f);
        if (generation)
            profile_rows(c, day, fuel_names[f], &b, generation,
                         mix_sum(c->memory, &mix, true, areas_wanted(c), (enum fuel)f));
    }
    profile_rows(c, day, "Rooftop", &b, rooftop, NULL);
    return NULL;
}

/* -- comparison ---------------------------------------------------------------------------------
 */

static const struct parameter against = {
    "against",
    PARAMETER_CHOICE,
    .choices = CHOICES("before", "year"),
    .fallback = "before",
    .summary = "before: as long a time just before; year: the same dates a year earlier",
};

static const struct answer_column comparison_columns[] = {
    {"fuel", CELL_TEXT, NULL},
    {"generation", CELL_NUMBER, "MWh"},
    {"generation_before", CELL_NUMBER, "MWh"},
    {"change", CELL_NUMBER, "MWh"},
    {"revenue", CELL_NUMBER, "$"},
    {"revenue_before", CELL_NUMBER, "$"},
    {"vwap", CELL_NUMBER, "$/MWh"},
    {"vwap_before", CELL_NUMBER, "$/MWh"},
};

static err *fuel_sums(struct call *c, struct period p, struct unit_total sums[FUELS]) {
    struct unit_totals totals;
    memset(sums, 0, FUELS * sizeof *sums);
    TRY(unit_totals_read(c->api->store, &c->api->units, c->memory, p, &totals));
    for (size_t i = 0; i < totals.count; i++)
        if (unit_wanted(c, &totals.rows[i].unit))
            unit_total_add(&sums[totals.rows[i].unit.fuel], &totals.rows[i]);
    return NULL;
}

/* Of a time without any reading nothing is known. */
static double known(const struct unit_total *t, double value) {
    return t->intervals ? value : NAN;
}

static err *comparison(struct call *c) {
    struct range range;
    struct unit_total now[FUELS], then[FUELS];
    TRY(units_load(c->api->store, &c->api->units));
    TRY(range_of(c, SCADA5, LONGEST_CHART_DAYS, &range));
    struct period p = {range.from, range.to};
    struct period q =
        value_of(c, &against)->choice ? period_a_year_before(chart_day(c), p) : period_before(p);
    TRY(fuel_sums(c, p, now));
    TRY(fuel_sums(c, q, then));
    answer_note(&c->answer, "before_from", cell_time(q.after));
    answer_note(&c->answer, "before_to", cell_time(q.to));
    ANSWER_COLUMNS(c, comparison_columns);
    for (int f = 0; f < FUELS; f++) {
        const struct unit_total *a = &now[f], *b = &then[f];
        if (!a->intervals && !b->intervals)
            continue;
        text_cell(c, fuel_names[f]);
        number_cell(c, known(a, a->generation.energy));
        number_cell(c, known(b, b->generation.energy));
        number_cell(c, known(a, a->generation.energy) - known(b, b->generation.energy));
        number_cell(c, known(a, a->generation.revenue));
        number_cell(c, known(b, b->generation.revenue));
        number_cell(c, earnings_vwap(&a->generation));
        number_cell(c, earnings_vwap(&b->generation));
    }
    return NULL;
}

/* -- capacity factor ----------------------------------------------------------------------------
 */

static const struct answer_column factor_columns[] = {
    {"duid", CELL_TEXT, NULL},       {"station", CELL_TEXT, NULL},
    {"region", CELL_TEXT, NULL},     {"fuel", CELL_TEXT, NULL},
    {"capacity", CELL_NUMBER, "MW"}, {"energy", CELL_NUMBER, "MWh"},
    {"hours", CELL_NUMBER, "h"},     {"capacity_factor", CELL_NUMBER, NULL},
    {"largest", CELL_NUMBER, "MW"},
};

static err *capacity_factors(struct call *c) {
    struct range range;
    struct unit_totals totals;
    TRY(units_load(c->api->store, &c->api->units));
    TRY(range_of(c, SCADA5, LONGEST_CHART_DAYS, &range));
    TRY(unit_totals_read(c->api->store, &c->api->units, c->memory,
                         (struct period){range.from, range.to}, &totals));
    ANSWER_COLUMNS(c, factor_columns);
    for (size_t i = 0; i < totals.count; i++) {
        const struct unit_total *t = &totals.rows[i];
        if (!unit_wanted(c, &t->unit) || str_eq(t->unit.dispatch_type, STR("LOAD")))
            continue;
        str_cell(c, t->unit.duid);
        str_cell(c, t->unit.station);
        str_cell(c, t->unit.region);
        text_cell(c, fuel_names[t->unit.fuel]);
        number_cell(c, t->unit.capacity_mw);
        number_cell(c, t->generation.energy);
        number_cell(c, (double)t->intervals * HOURS_PER_INTERVAL);
        number_cell(c, unit_total_capacity_factor(t));
        number_cell(c, t->largest);
    }
    return NULL;
}

const struct route routes_generation[] = {
    {"/v1/generation", "Generation and load: in total, by fuel, region, unit or station",
     "Generation", ANSWER_SERIES, generation, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_resolution, &parameter_day, &by, &parameter_region,
                    &parameter_duid, &parameter_station},
     .details =
         "MW at the start of the interval: the sum of max(0, sign x scadavalue) over units "
         "is generation, that of max(0, -sign x scadavalue) load, each parted before any sum "
         "or mean. Rooftop past its last half hour is an estimate, and meta.provisional."},
    {"/v1/generation/time-of-day", "The mix by time of day", "Generation", ANSWER_TABLE, profile,
     .of_grid = true, .parameters = {RANGE_PARAMETERS, &parameter_day, &parameter_region},
     .details =
         "Means over half hours; time_of_day is their end. Rooftop is in it, its end an estimate "
         "(meta.provisional)."},
    {"/v1/generation/comparison", "Energy and revenue by fuel, against an earlier time",
     "Generation", ANSWER_TABLE, comparison, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_day, &parameter_region, &parameter_station,
                    &against},
     .details = "29 February is compared with the 28th, whole months with whole months."},
    {"/v1/generation/capacity-factor", "Capacity factors of units", "Generation", ANSWER_TABLE,
     capacity_factors, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_region, &parameter_duid, &parameter_station},
     .details =
         "Energy over what the capacity in force could have given in the hours with data; 1 is "
         "100 %, and more is shown as it is."},
    {0},
};
