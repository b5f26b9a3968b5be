/* Batteries. */
#include "api/chart.h"
#include "market/battery.h"
#include "market/mix.h"
#include "market/readings.h"
#include "market/unit_totals.h"

/* -- overview -----------------------------------------------------------------------------------
 */

static const struct answer_column columns[] = {
    {"duid", CELL_TEXT, NULL},
    {"station", CELL_TEXT, NULL},
    {"region", CELL_TEXT, NULL},
    {"owner", CELL_TEXT, NULL},
    {"capacity", CELL_NUMBER, "MW"},
    {"storage", CELL_NUMBER, "MWh"},
    {"discharged", CELL_NUMBER, "MWh"},
    {"charged", CELL_NUMBER, "MWh"},
    {"revenue", CELL_NUMBER, "$"},
    {"cost", CELL_NUMBER, "$"},
    {"net", CELL_NUMBER, "$"},
    {"discharge_vwap", CELL_NUMBER, "$/MWh"},
    {"charge_vwap", CELL_NUMBER, "$/MWh"},
    {"spread", CELL_NUMBER, "$/MWh"},
    {"cycles", CELL_NUMBER, NULL},
    {"stored", CELL_NUMBER, "MWh"},
    {"stored_at", CELL_TIME, NULL},
    {"state_of_charge", CELL_NUMBER, NULL},
};

/* The newest known value of a unit's energy in store. */
static double newest_of(const struct series *s, str key, interval *at) {
    for (size_t k = 0; k < s->count; k++) {
        if (!str_eq(s->keys[k], key))
            continue;
        for (size_t i = s->length; i--;) {
            if (isnan(s->values[k][i]))
                continue;
            *at = s->first + (interval)i * s->step;
            return s->values[k][i];
        }
    }
    return NAN;
}

static void battery_row(struct call *c, const struct unit_total *t, const struct series *stored) {
    const struct unit *u = &t->unit;
    interval at = 0;
    double energy = newest_of(stored, u->duid, &at);
    str_cell(c, u->duid);
    str_cell(c, u->station);
    str_cell(c, u->region);
    str_cell(c, u->owner);
    number_cell(c, u->capacity_mw);
    number_cell(c, u->storage_mwh);
    number_cell(c, t->generation.energy);
    number_cell(c, t->load.energy);
    number_cell(c, t->generation.revenue);
    number_cell(c, t->load.revenue);
    number_cell(c, t->generation.revenue - t->load.revenue);
    number_cell(c, earnings_vwap(&t->generation));
    number_cell(c, earnings_vwap(&t->load));
    number_cell(c, battery_spread(&t->generation, &t->load));
    number_cell(c, battery_cycles(t->generation.energy, u->storage_mwh));
    number_cell(c, energy);
    answer_cell(&c->answer, isnan(energy) ? cell_none() : cell_time(at));
    number_cell(c, battery_state_of_charge(energy, u->storage_mwh));
}

static err *batteries(struct call *c) {
    struct range range;
    struct unit_totals totals;
    struct series stored;
    TRY(units_load(c->api->store, &c->api->units));
    TRY(range_of(c, SCADA5, LONGEST_CHART_DAYS, &range));
    struct period p = {range.from, range.to};
    TRY(unit_totals_read(c->api->store, &c->api->units, c->memory, p, &totals));
    interval last_day =
        p.to - p.after > 2 * INTERVALS_PER_DAY ? p.to - 2 * INTERVALS_PER_DAY : p.after;
    TRY(series_read(c->api->store, c->memory, DISPATCH5, "energy_storage", last_day, p.to,
                    &stored));
    ANSWER_COLUMNS(c, columns);
    for (size_t i = 0; i < totals.count; i++)
        if (totals.rows[i].unit.fuel == FUEL_BATTERY && unit_wanted(c, &totals.rows[i].unit))
            battery_row(c, &totals.rows[i], &stored);
    return NULL;
}

/* -- power and energy ---------------------------------------------------------------------------
 */

static err *power(struct call *c) {
    struct range range;
    struct chart chart;
    struct mix mix;
    TRY(units_load(c->api->store, &c->api->units));
    TRY(range_of(c, SCADA5, LONGEST_CHART_DAYS, &range));
    TRY(chart_begin(c, &range, 1, &chart));
    TRY(mix_read(c->api->store, c->memory, chart.range, &chart.buckets, &mix));
    for (int r = 0; r < REGIONS; r++) {
        if (!mix.generation[r][FUEL_BATTERY] || !region_index_wanted(c, r))
            continue;
        series_label(
            answer_add(&c->answer, str_from(regions[r]), "MW", mix.generation[r][FUEL_BATTERY]),
            "measure", STR("discharge"));
        series_label(answer_add(&c->answer, str_from(regions[r]), "MW", mix.load[r][FUEL_BATTERY]),
                     "measure", STR("charge"));
    }
    return NULL;
}

/* Of units by name, from the next day's dispatch. */
static err *stored_by_unit(struct call *c) {
    struct range range;
    struct chart chart;
    struct series s;
    TRY(units_load(c->api->store, &c->api->units));
    TRY(range_of(c, DISPATCH5, LONGEST_CHART_DAYS, &range));
    TRY(chart_begin(c, &range, 1, &chart));
    TRY(series_read(c->api->store, c->memory, DISPATCH5, "energy_storage", range.from, range.to,
                    &s));
    for (size_t k = 0; k < s.count; k++) {
        struct unit unit = units_find(&c->api->units, s.keys[k], interval_day(range.to));
        struct span span = {s.first, s.step, s.length, s.values[k]};
        if (unit.fuel == FUEL_BATTERY && unit_wanted(c, &unit))
            chart_add(c, &chart, s.keys[k], "MWh", &span);
    }
    return NULL;
}

static err *state_of_charge(struct call *c) {
    if (value_of(c, &parameter_duid)->count)
        return stored_by_unit(c);
    struct range range;
    struct chart chart;
    struct span spans[REGIONS];
    TRY(range_of(c, REGIONS5, LONGEST_CHART_DAYS, &range));
    TRY(chart_begin(c, &range, 1, &chart));
    TRY(regions_read(c->api->store, c->memory, REGIONS5, "bdu_energy_storage", chart.range, spans));
    for (int r = 0; r < REGIONS; r++)
        if (region_index_wanted(c, r))
            chart_add(c, &chart, str_from(regions[r]), "MWh", &spans[r]);
    return NULL;
}

const struct route routes_batteries[] = {
    {"/v1/batteries", "Each battery's energy, money and state of charge", "Batteries", ANSWER_TABLE,
     batteries, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_region, &parameter_duid, &parameter_station},
     .details =
         "Spot market alone, at settlement resolution. Spread is the difference of both VWAPs; "
         "cycles is discharge over storage. What is stored is known on the next day, by unit."},
    {"/v1/batteries/power", "Discharge and charge of fleets", "Batteries", ANSWER_SERIES, power,
     .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_resolution, &parameter_day, &parameter_region},
     .details = "Parted by sign for each unit at five minutes, before any sum or mean."},
    {"/v1/batteries/stored", "Energy in a region's bidirectional units, or in those named",
     "Batteries", ANSWER_SERIES, state_of_charge, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_resolution, &parameter_day, &parameter_region,
                    &parameter_duid},
     .details = "BDU_ENERGY_STORAGE, at the interval's end; published since late 2024. By unit it "
                "is known on the next day."},
    {0},
};
