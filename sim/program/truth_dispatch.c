/* The five-minute datasets: prices from the pricing run, MW from the physical one. */
#include "sim/model/fcas.h"
#include "sim/program/truth_rows.h"
#include "sim/tables/known_constraint.h"
#include "sim/tables/rows.h"
#include "sim/tables/times.h"

/* The services in the order of nemd's columns. */
static const enum sim_service services[SIM_SERVICES] = {
    SIM_RAISE1SEC, SIM_RAISE6SEC, SIM_RAISE60SEC, SIM_RAISE5MIN, SIM_RAISEREG,
    SIM_LOWER1SEC, SIM_LOWER6SEC, SIM_LOWER60SEC, SIM_LOWER5MIN, SIM_LOWERREG,
};

static int physical_run(const struct truth_row *t) {
    return truth_interval(t)->runs - 1;
}

static void begin_row(const struct truth_row *t, const char *key) {
    truth_begin(t, t->end);
    truth_text(t, key);
}

static void write_numbers(const struct truth_row *t, const double *numbers, size_t count) {
    for (size_t i = 0; i < count; i++)
        truth_number(t, numbers[i]);
}

/* -- prices ----------------------------------------------------------------------------------- */

void truth_prices5(const struct truth_row *t) {
    for (int r = 0; r < SIM_REGIONS; r++) {
        struct sim_price price;
        sim_market_price(t->market, t->end, (enum sim_region)r, &price);
        begin_row(t, sim_region_name[r]);
        truth_number(t, price.rrp);
        truth_end(t);
    }
}

/* As it is known once every review is resolved. */
void truth_pricestatus5(const struct truth_row *t) {
    for (int r = 0; r < SIM_REGIONS; r++) {
        struct sim_price price;
        sim_market_price(t->market, t->end, (enum sim_region)r, &price);
        begin_row(t, sim_region_name[r]);
        truth_number(t, price.rop);
        truth_number(t, price.pre_ap);
        truth_number(t, truth_round(price.cumulative, 6));
        truth_number(t, price.apcflag);
        truth_number(t, 0);
        truth_text(t, "FIRM");
        truth_text(t, sim_mii_status(&price, true));
        truth_text(t, "NOT_OCD");
        truth_end(t);
    }
}

static double service_value(const struct truth_source *s, enum sim_service service,
                            const char *suffix, double value) {
    char column[40];
    snprintf(column, sizeof column, "%s%s", sim_service_name[service], suffix);
    return truth_if_published(s, column, value);
}

void truth_fcas5(const struct truth_row *t) {
    const struct truth_source source = {"DISPATCH", "PRICE", truth_dispatched(t)};
    for (int r = 0; r < SIM_REGIONS; r++) {
        const double *price = truth_interval(t)->region_run[0][r].fcas_price;
        begin_row(t, sim_region_name[r]);
        for (int i = 0; i < SIM_SERVICES; i++)
            truth_number(t, service_value(&source, services[i], "RRP", price[services[i]]));
        truth_end(t);
    }
}

/* -- units ------------------------------------------------------------------------------------ */

void truth_scada5(const struct truth_row *t) {
    const sim_mw *scada = t->day->scada + (ptrdiff_t)t->k * t->day->units;
    for (int i = 0; i < t->day->units; i++) {
        begin_row(t, t->by_duid[i].duid);
        truth_number(t, sim_mw_value(scada[t->by_duid[i].index]));
        truth_end(t);
    }
}

/* Of unit [u] at the interval's end, MWh. */
static double energy_storage(const struct truth_row *t, int u) {
    bool known = t->day->unit[u]->kind == SIM_BIDIRECTIONAL && sim_storage_is_published(t->end);
    return known ? t->day->storage[(t->k + 1) * t->day->units + u] / 1000.0 : (double)NAN;
}

/* The trading day's report comes out ten minutes after its end. */
static aest_us day_published(const struct truth_row *t) {
    return t->day->interval[INTERVALS_PER_DAY - 1].end + 10 * AEST_MINUTE;
}

static void write_unit(const struct truth_row *t, int u, const struct truth_source *source) {
    const struct sim_day *day = t->day;
    int run = physical_run(t), at = t->k * day->units + u;
    struct sim_fcas fcas;
    sim_fcas_unit(t->market, day, t->k, run, u, &fcas);
    const double numbers[] = {
        sim_mw_value(day->scada[at]),
        sim_mw_value(day->target[run][at]),
        sim_mw_value(day->availability[at]),
        truth_if_published(source, "UIGF", sim_mw_value(day->uigf[at])),
        truth_if_published(source, "SEMIDISPATCHCAP", day->semidispatchcap[at]),
        truth_if_published(source, "ENERGY_STORAGE", energy_storage(t, u)),
    };
    begin_row(t, day->unit[u]->duid);
    write_numbers(t, numbers, sizeof numbers / sizeof *numbers);
    for (int i = 0; i < SIM_SERVICES; i++)
        truth_number(
            t, service_value(source, services[i], "", sim_mw_value(fcas.enabled[services[i]])));
    truth_end(t);
}

void truth_dispatch5(const struct truth_row *t) {
    const struct truth_source source = {"DISPATCH", "UNIT_SOLUTION", day_published(t)};
    for (int i = 0; i < t->day->units; i++)
        if (sim_unit_is_dispatched(t->day->unit[t->by_duid[i].index]))
            write_unit(t, t->by_duid[i].index, &source);
}

/* -- the network ------------------------------------------------------------------------------ */

void truth_transmission5(const struct truth_row *t) {
    const struct sim_interval *now = truth_interval(t);
    for (int l = 0; l < SIM_LINKS; l++) {
        const struct sim_link_run *run = &now->link_run[physical_run(t)][l];
        const double numbers[] = {now->meteredmwflow[l], run->mwflow,      run->mwlosses,
                                  run->exportlimit,      run->importlimit, run->marginalvalue};
        begin_row(t, sim_links[l].id);
        write_numbers(t, numbers, sizeof numbers / sizeof *numbers);
        truth_text(t, run->exportgenconid);
        truth_text(t, run->importgenconid);
        truth_end(t);
    }
}

/* Those that bind in the run that made the price. */
void truth_constraints5(const struct truth_row *t) {
    struct sim_known_constraint known[SIM_KNOWN_CONSTRAINTS];
    int count = sim_known_constraints(t->market, t->day, t->k, 0, known);
    for (int i = 0; i < count; i++) {
        double value = truth_round(known[i].marginalvalue, 5);
        if (value == 0)
            continue;
        begin_row(t, known[i].id);
        truth_number(t, truth_round(known[i].rhs, 5));
        truth_number(t, truth_round(known[i].lhs, 5));
        truth_number(t, value);
        truth_number(t, 0);
        truth_end(t);
    }
}

/* -- regions ---------------------------------------------------------------------------------- */

static bool has_bdu(const struct sim_day *day, int region) {
    for (int u = 0; u < day->units; u++)
        if (day->unit[u]->kind == SIM_BIDIRECTIONAL && (int)day->unit[u]->region == region)
            return true;
    return false;
}

static void write_region(const struct truth_row *t, int region) {
    const struct sim_region_run *run = &truth_interval(t)->region_run[physical_run(t)][region];
    const struct sim_region_state *state = &truth_interval(t)->region[region];
    const struct truth_source source = {"DISPATCH", "REGIONSUM", truth_dispatched(t)};
    bool bdu = has_bdu(t->day, region), storage = bdu && sim_storage_is_published(t->end);
    const double numbers[] = {
        run->totaldemand,
        truth_round(run->clearedsupply + state->nonscheduled, 6),
        run->generation,
        run->load,
        state->nonscheduled,
        state->initialsupply,
        state->availablegeneration,
        run->netinterchange,
        truth_round(state->solar_uigf + state->wind_uigf, 5),
        truth_round(run->solar + run->wind, 5),
        truth_if_published(&source, "SS_SOLAR_UIGF", state->solar_uigf),
        truth_if_published(&source, "SS_WIND_UIGF", state->wind_uigf),
        truth_if_published(&source, "SS_SOLAR_AVAILABILITY", state->solar_availability),
        truth_if_published(&source, "SS_WIND_AVAILABILITY", state->wind_availability),
        truth_if_published(&source, "SS_SOLAR_CLEAREDMW", run->solar),
        truth_if_published(&source, "SS_WIND_CLEAREDMW", run->wind),
        bdu ? truth_if_published(&source, "BDU_CLEAREDMW_GEN", run->bdu_generation) : (double)NAN,
        bdu ? truth_if_published(&source, "BDU_CLEAREDMW_LOAD", run->bdu_load) : (double)NAN,
        storage
            ? truth_if_published(&source, "BDU_INITIAL_ENERGY_STORAGE", state->bdu_initial_storage)
            : (double)NAN,
        storage ? truth_if_published(&source, "BDU_ENERGY_STORAGE", state->bdu_storage)
                : (double)NAN,
        truth_if_published(&source, "WDR_DISPATCHED", 0),
    };
    begin_row(t, sim_region_name[region]);
    write_numbers(t, numbers, sizeof numbers / sizeof *numbers);
    truth_end(t);
}

void truth_regions5(const struct truth_row *t) {
    for (int r = 0; r < SIM_REGIONS; r++)
        write_region(t, r);
}
