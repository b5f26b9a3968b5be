/* What holds now, and the extremes of the day so far. */
#include "api/chart.h"
#include "api/kept_records.h"
#include "market/curtailment.h"
#include "market/demand.h"
#include "market/mix.h"
#include "market/nem_price.h"
#include "market/readings.h"
#include "market/shares.h"

/* What is read of a region, by five minutes. */
enum gauge {
    PRICE,
    TARGET,
    OPERATIONAL,
    ROOFTOP,
    UNDERLYING,
    NET_IMPORT,
    STORED,
    GENERATION,
    WIND,
    SOLAR,
    WATER,
    DISCHARGE,
    CHARGE,
    SHARE,
    CURTAILED,
    COLUMNS,
};

struct today {
    struct period p;
    size_t length;
    struct span of[COLUMNS][AREAS];
    bool *provisional, *underlying_provisional; /* by interval: there is an estimate of rooftop */
};

/* The newest value of a span, and when it was. */
static double newest(const struct span *s, interval *at) {
    for (size_t i = s->length; i--;) {
        if (isnan(s->values[i]))
            continue;
        *at = span_time(s, i);
        return s->values[i];
    }
    return NAN;
}

/* The NEM's value is the regions' sum, where all of them are known. A region without any battery
 * has nothing stored all day long. */
static void sum_regions(struct arena *a, struct today *t, enum gauge column) {
    interval at;
    t->of[column][NEM] = span_new(a, t->p.after + 1, 1, t->length);
    for (size_t i = 0; i < t->length; i++)
        t->of[column][NEM].values[i] = 0;
    for (int r = 0; r < REGIONS; r++) {
        if (column == STORED && isnan(newest(&t->of[column][r], &at)))
            continue;
        for (size_t i = 0; i < t->length; i++)
            t->of[column][NEM].values[i] += t->of[column][r].values[i];
    }
}

static err *read_columns(struct store *s, struct arena *a, struct today *t) {
    bool *flags = ARENA_ARRAY(a, bool, t->length);
    TRY(regions_read(s, a, PRICES5, "rrp", t->p, t->of[PRICE]));
    TRY(regions_read(s, a, REGIONS5, "totaldemand", t->p, t->of[TARGET]));
    TRY(regions_read(s, a, REGIONS5, "netinterchange", t->p, t->of[NET_IMPORT]));
    TRY(regions_read(s, a, REGIONS5, "bdu_energy_storage", t->p, t->of[STORED]));
    TRY(operational_demand_read(s, a, t->p, t->of[OPERATIONAL], flags));
    TRY(underlying_demand_read(s, a, t->p, t->of[UNDERLYING], flags, t->underlying_provisional));
    TRY(rooftop_read(s, a, t->p, t->of[ROOFTOP], t->provisional));
    for (int r = 0; r < REGIONS; r++) {
        for (size_t i = 0; i < t->length; i++) {
            double *import = &t->of[NET_IMPORT][r].values[i];
            *import = net_import_of_dispatch(*import);
        }
    }
    return NULL;
}

static err *read_curtailment(struct store *s, struct arena *a, struct today *t) {
    static const char *const names[4] = {"ss_solar_uigf", "ss_solar_clearedmw", "ss_wind_uigf",
                                         "ss_wind_clearedmw"};
    struct span read[4][REGIONS];
    for (int i = 0; i < 4; i++)
        TRY(regions_read(s, a, REGIONS5, names[i], t->p, read[i]));
    for (int r = 0; r < REGIONS; r++) {
        t->of[CURTAILED][r] = span_new(a, t->p.after + 1, 1, t->length);
        for (size_t i = 0; i < t->length; i++) {
            double solar = curtailment_of_region(read[0][r].values[i], read[1][r].values[i]);
            double wind = curtailment_of_region(read[2][r].values[i], read[3][r].values[i]);
            /* a region without sun farms has no such figure */
            t->of[CURTAILED][r].values[i] = isnan(solar)  ? wind
                                            : isnan(wind) ? solar
                                                          : solar + wind;
        }
    }
    return NULL;
}

/* -- the mix ------------------------------------------------------------------------------------
 */

static double at_or(const double *values, size_t i, double otherwise) {
    return values ? values[i] : otherwise;
}

static void area_mix(struct arena *a, struct today *t, const struct mix *mix, int area) {
    static const enum fuel fuels[] = {FUEL_WIND, FUEL_SOLAR, FUEL_WATER};
    unsigned areas = area == NEM ? MIX_ALL_AREAS : 1u << area;
    const double *by_fuel[FUELS];
    for (int f = 0; f < FUELS; f++)
        by_fuel[f] = mix_sum(a, mix, false, areas, (enum fuel)f);
    const double *charge = mix_sum(a, mix, true, areas, FUEL_BATTERY);
    for (int c = GENERATION; c <= SHARE; c++)
        t->of[c][area] = span_new(a, t->p.after + 1, 1, t->length);
    for (size_t i = 0; i < t->length; i++) {
        struct supply s = {.rooftop = t->of[ROOFTOP][area].values[i], .underlying = NAN};
        for (int f = 0; f < FUELS; f++)
            s.by_fuel[f] = at_or(by_fuel[f], i, 0);
        struct shares shares = renewable_shares(&s);
        double all = 0; /* of units alone: rooftop that is late doesn't hide it */
        for (int f = 0; f < FUELS; f++)
            all += s.by_fuel[f];
        for (int k = 0; k < 3; k++)
            t->of[WIND + k][area].values[i] = at_or(by_fuel[fuels[k]], i, NAN);
        t->of[GENERATION][area].values[i] = all;
        t->of[DISCHARGE][area].values[i] = at_or(by_fuel[FUEL_BATTERY], i, NAN);
        t->of[CHARGE][area].values[i] = at_or(charge, i, NAN);
        t->of[SHARE][area].values[i] = shares.generation;
    }
}

static void nem_prices(struct arena *a, struct today *t) {
    t->of[PRICE][NEM] = span_new(a, t->p.after + 1, 1, t->length);
    for (size_t i = 0; i < t->length; i++) {
        double rrp[REGIONS], mw[REGIONS];
        for (int r = 0; r < REGIONS; r++) {
            rrp[r] = t->of[PRICE][r].values[i];
            mw[r] = t->of[TARGET][r].values[i];
        }
        t->of[PRICE][NEM].values[i] = nem_price_of(rrp, mw).weighted;
    }
}

static err *read_today(struct call *c, struct today *t) {
    struct store *s = c->api->store;
    struct arena *a = c->memory;
    struct mix mix;
    t->length = (size_t)(t->p.to - t->p.after);
    t->provisional = ARENA_ARRAY(a, bool, t->length);
    t->underlying_provisional = ARENA_ARRAY(a, bool, t->length);
    TRY(units_load(s, &c->api->units));
    TRY(read_columns(s, a, t));
    TRY(read_curtailment(s, a, t));
    struct buckets b = buckets_of_step(a, 1, t->p);
    TRY(mix_read(s, a, t->p, &b, &mix));
    nem_prices(a, t);
    static const enum gauge sums[] = {TARGET,     OPERATIONAL, ROOFTOP,  UNDERLYING,
                                      NET_IMPORT, STORED,      CURTAILED};
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        sum_regions(a, t, sums[i]);
    for (int area = 0; area < AREAS; area++)
        area_mix(a, t, &mix, area);
    return NULL;
}

/* -- the answer ---------------------------------------------------------------------------------
 */

static const struct answer_column columns[] = {
    {"region", CELL_TEXT, NULL},
    {"measure", CELL_TEXT, NULL},
    {"unit", CELL_TEXT, NULL},
    {"value", CELL_NUMBER, NULL},
    {"at", CELL_TIME, NULL},
    {"provisional", CELL_FLAG, NULL},
    {"min", CELL_NUMBER, NULL},
    {"min_at", CELL_TIME, NULL},
    {"max", CELL_NUMBER, NULL},
    {"max_at", CELL_TIME, NULL},
    /* of all time, and of the hour of the value */
    {"record_max", CELL_NUMBER, NULL},
    {"record_max_at", CELL_TIME, NULL},
    {"record_min", CELL_NUMBER, NULL},
    {"record_min_at", CELL_TIME, NULL},
    {"hour_max", CELL_NUMBER, NULL},
    {"hour_max_at", CELL_TIME, NULL},
    {"hour_min", CELL_NUMBER, NULL},
    {"hour_min_at", CELL_TIME, NULL},
};

static const struct {
    const char *name, *unit;
    bool has_rooftop;
    int record; /* the measure of records that it is, + 1 */
} measures[COLUMNS] = {
    [PRICE] = {"price", "$/MWh", false, 1 + RECORD_PRICE},
    [TARGET] = {"target_demand", "MW", false, 0},
    [OPERATIONAL] = {"operational_demand", "MW", false, 1 + RECORD_DEMAND},
    [ROOFTOP] = {"rooftop", "MW", true, 1 + RECORD_ROOFTOP},
    [UNDERLYING] = {"underlying_demand", "MW", true, 1 + RECORD_UNDERLYING},
    [NET_IMPORT] = {"net_import", "MW", false, 0},
    [STORED] = {"stored", "MWh", false, 1 + RECORD_STATE_OF_CHARGE},
    [GENERATION] = {"generation", "MW", false, 0},
    [WIND] = {"wind", "MW", false, 1 + RECORD_WIND},
    [SOLAR] = {"solar", "MW", false, 1 + RECORD_SOLAR},
    [WATER] = {"hydro", "MW", false, 1 + RECORD_WATER},
    [DISCHARGE] = {"discharge", "MW", false, 1 + RECORD_DISCHARGE},
    [CHARGE] = {"charge", "MW", false, 1 + RECORD_CHARGE},
    [SHARE] = {"share_generation", "", true, 1 + RECORD_SHARE},
    [CURTAILED] = {"curtailed", "MW", false, 0},
};

static void record_cells(struct call *c, const struct kept_records *kept, enum gauge column,
                         int area, int hour) {
    for (int e = 0; e < RECORD_EXTREMES; e++) {
        struct market_record best = {.value = NAN};
        if (measures[column].record)
            best = kept->best.best[measures[column].record - 1][e][area][hour];
        number_cell(c, best.value);
        answer_cell(&c->answer, record_time_cell(best));
    }
}

static void row(struct call *c, const struct today *t, const struct kept_records *kept, int area,
                enum gauge column) {
    const struct span *s = &t->of[column][area];
    struct lowest_highest day = lowest_highest_of(s);
    interval at = 0;
    double value = newest(s, &at);
    const bool *provisional = column == UNDERLYING ? t->underlying_provisional : t->provisional;
    if (isnan(value))
        return;
    str_cell(c, area_name(area));
    text_cell(c, measures[column].name);
    text_cell(c, measures[column].unit);
    number_cell(c, value);
    answer_cell(&c->answer, cell_time(at));
    answer_cell(&c->answer,
                cell_flag(measures[column].has_rooftop && provisional[at - t->p.after - 1]));
    number_cell(c, day.min);
    answer_cell(&c->answer, cell_time(day.min_at));
    number_cell(c, day.max);
    answer_cell(&c->answer, cell_time(day.max_at));
    record_cells(c, kept, column, area, RECORD_ALL_HOURS);
    record_cells(c, kept, column, area, record_hour(at));
}

static err *gauges(struct call *c) {
    struct today t = {0};
    const struct kept_records *kept;
    const struct store_index *x;
    TRY(store_index(c->api->store, SCADA5, &x));
    ANSWER_COLUMNS(c, columns);
    if (!x->has_bounds)
        return NULL;
    enum day_kind day = chart_day(c);
    t.p = (struct period){day_after(day, day_of(day, x->last)), x->last};
    c->answer.has_range = c->answer.has_latest = true;
    c->answer.from = t.p.after;
    c->answer.to = c->answer.latest = t.p.to;
    TRY(read_today(c, &t));
    TRY(kept_records_look(c->api, &kept));
    for (int area = 0; area < AREAS; area++) {
        bool is_wanted = area_wanted(c, area);
        for (int column = 0; column < COLUMNS && is_wanted; column++)
            row(c, &t, kept, area, (enum gauge)column);
    }
    return NULL;
}

const struct route routes_today[] = {
    {"/v1/gauges/today", "What holds now, and the extremes of the day so far", "Overview",
     ANSWER_TABLE, gauges, .parameters = {&parameter_day, &parameter_region},
     .details =
         "Each measure's newest value and when it was, on the day of the newest SCADA reading; "
         "a measure that isn't known there has no row. The NEM's price is weighted by demand, "
         "its other measures are sums over regions. provisional: with an estimate of rooftop. "
         "record_… are the extremes of all time (/v1/renewables/records), hour_… those of the "
         "hour of the day that the value is of."},
    {0},
};
