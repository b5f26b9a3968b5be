/* What is measured of each unit, what dispatch asks of it, and what its energy is worth where it
 * stands.
 *
 * Real files list the units that dispatch doesn't command (non-scheduled ones) before all others,
 * each group by DUID; only the others have a row in UNIT_SOLUTION.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/model/fcas.h"
#include "sim/model/hash.h"
#include "sim/model/noise.h"
#include "sim/tables/times.h"

struct place {
    const struct sim_unit *unit;
    int index; /* of the unit in the day */
};

static int compare(const void *a, const void *b) {
    const struct sim_unit *x = ((const struct place *)a)->unit,
                          *y = ((const struct place *)b)->unit;
    int group = sim_unit_is_dispatched(x) - sim_unit_is_dispatched(y);
    return group ? group : strcmp(x->duid, y->duid);
}

/* The day's units in the order of files; to be freed. [first_dispatched]: of the second group. */
static struct place *in_order(const struct sim_day *day, int *first_dispatched) {
    struct place *places = mem_zalloc((size_t)day->units, sizeof *places);
    *first_dispatched = 0;
    for (int u = 0; u < day->units; u++) {
        places[u] = (struct place){day->unit[u], u};
        *first_dispatched += !sim_unit_is_dispatched(day->unit[u]);
    }
    qsort(places, (size_t)day->units, sizeof *places, compare);
    return places;
}

struct scada_row {
    aest_us settlementdate, lastchanged;
    const char *duid;
    sim_mw scadavalue;
};

static const struct sim_cell scada_cells[] = {
    {"SETTLEMENTDATE", SIM_CELL_TIME, .offset = offsetof(struct scada_row, settlementdate)},
    {"DUID", SIM_CELL_TEXT, .offset = offsetof(struct scada_row, duid)},
    {"SCADAVALUE", SIM_CELL_MW, .offset = offsetof(struct scada_row, scadavalue)},
    {"LASTCHANGED", SIM_CELL_TIME, .offset = offsetof(struct scada_row, lastchanged)},
    {0},
};

static void scada_day(struct sim_file *f, const struct sim_day *day, int first, int last) {
    int first_dispatched;
    struct place *places = in_order(day, &first_dispatched);
    for (int k = first; k < last; k++) {
        aest_us end = day->interval[k].end;
        struct scada_row row = {.settlementdate = end,
                                .lastchanged = sim_scada_time(f->market, end)};
        const sim_mw *scada = day->scada + (ptrdiff_t)k * day->units;
        for (int i = 0; i < day->units; i++) {
            row.duid = places[i].unit->duid;
            row.scadavalue = scada[places[i].index];
            sim_file_row(f, &row);
        }
    }
    free(places);
}

static void scada_rows(struct sim_file *f, aest_us from, aest_us to) {
    sim_each_day(f, from, to, scada_day);
}

const struct sim_table sim_dispatch_unit_scada = {"DISPATCH", "UNIT_SCADA", scada_cells,
                                                  scada_rows};

struct solution_row {
    aest_us settlementdate, lastchanged;
    int64_t dispatchinterval, intervention, agcstatus, semidispatchcap, ramprate;
    const char *duid, *tradetype;
    char connectionpointid[8];
    const char *connectionpoint; /* the one above */
    sim_mw initialmw, totalcleared, availability, uigf;
    sim_mw reg_max, reg_min;
    struct sim_fcas fcas;
    int64_t flags[SIM_SERVICES];
    double initial_energy_storage, energy_storage; /* MWh */
    double min_availability;
};

#define IN(member) .offset = offsetof(struct solution_row, member)
#define SERVICE(name)                                                                              \
    {#name, SIM_CELL_MW, IN(fcas.enabled[SIM_##name])},                                            \
        {#name "FLAGS", SIM_CELL_INTEGER, IN(flags[SIM_##name])}, {                                \
#name "ACTUALAVAILABILITY", SIM_CELL_MW, IN(fcas.available[SIM_##name])                    \
    }
#define REGULATION(name)                                                                           \
    {#name "AVAILABILITY", SIM_CELL_MW, IN(fcas.available[SIM_##name])},                           \
        {#name "ENABLEMENTMAX", SIM_CELL_MW, IN(reg_max)}, {                                       \
#name "ENABLEMENTMIN", SIM_CELL_MW, IN(reg_min)                                            \
    }

static const struct sim_cell solution_cells[] = {
    {"SETTLEMENTDATE", SIM_CELL_TIME, IN(settlementdate)},
    {"RUNNO", SIM_CELL_LITERAL, .literal = "1"},
    {"DUID", SIM_CELL_TEXT, IN(duid)},
    {"TRADETYPE", SIM_CELL_TEXT, IN(tradetype)},
    {"DISPATCHINTERVAL", SIM_CELL_INTEGER, IN(dispatchinterval)},
    {"INTERVENTION", SIM_CELL_INTEGER, IN(intervention)},
    {"CONNECTIONPOINTID", SIM_CELL_TEXT, IN(connectionpoint)},
    {"DISPATCHMODE", SIM_CELL_LITERAL, .literal = "0"},
    {"AGCSTATUS", SIM_CELL_INTEGER, IN(agcstatus)},
    {"INITIALMW", SIM_CELL_MW, IN(initialmw)},
    {"TOTALCLEARED", SIM_CELL_MW, IN(totalcleared)},
    {"RAMPDOWNRATE", SIM_CELL_INTEGER, IN(ramprate)},
    {"RAMPUPRATE", SIM_CELL_INTEGER, IN(ramprate)},
    {"LASTCHANGED", SIM_CELL_TIME, IN(lastchanged)},
    {"AVAILABILITY", SIM_CELL_MW, IN(availability)},
    {"SEMIDISPATCHCAP", SIM_CELL_INTEGER, IN(semidispatchcap)},
    {"DISPATCHMODETIME", SIM_CELL_LITERAL, .literal = "0"},
    {"UIGF", SIM_CELL_MW, IN(uigf)},
    {"INITIAL_ENERGY_STORAGE", SIM_CELL_NUMBER, IN(initial_energy_storage), .decimals = 3},
    {"ENERGY_STORAGE", SIM_CELL_NUMBER, IN(energy_storage), .decimals = 3},
    {"MIN_AVAILABILITY", SIM_CELL_NUMBER, IN(min_availability), .decimals = 5},
    SERVICE(RAISE6SEC),
    SERVICE(RAISE60SEC),
    SERVICE(RAISE5MIN),
    SERVICE(RAISEREG),
    SERVICE(LOWER6SEC),
    SERVICE(LOWER60SEC),
    SERVICE(LOWER5MIN),
    SERVICE(LOWERREG),
    SERVICE(RAISE1SEC),
    SERVICE(LOWER1SEC),
    REGULATION(RAISEREG),
    REGULATION(LOWERREG),
    {0},
};

/* The letter of its region, four of its name: "SHDWF". */
static void set_connection_point(const struct sim_unit *unit, struct solution_row *row) {
    row->connectionpointid[0] = sim_region_name[unit->region][0];
    memcpy(row->connectionpointid + 1, unit->duid, strnlen(unit->duid, 5));
    row->connectionpoint = row->connectionpointid;
}

static void set_fcas(const struct sim_market *m, const struct sim_day *day, int k, int run, int u,
                     struct solution_row *row) {
    sim_fcas_unit(m, day, k, run, u, &row->fcas);
    row->agcstatus = row->fcas.available[SIM_RAISEREG] || row->fcas.available[SIM_LOWERREG];
    if (row->agcstatus) {
        row->reg_max = row->availability;
        row->reg_min = day->unit[u]->kind == SIM_BIDIRECTIONAL ? -row->availability : 0;
    }
    for (int s = 0; s < SIM_SERVICES; s++)
        row->flags[s] = row->fcas.enabled[s] > 0;
}

static void set_storage(const struct sim_day *day, int k, int u, struct solution_row *row) {
    const struct sim_unit *unit = day->unit[u];
    row->initial_energy_storage = row->energy_storage = NAN;
    if (unit->kind != SIM_BIDIRECTIONAL)
        return;
    row->min_availability = (double)unit->load_mw;
    if (sim_storage_is_published(row->settlementdate)) {
        row->initial_energy_storage = day->storage[k * day->units + u] / 1000.0;
        row->energy_storage = day->storage[(k + 1) * day->units + u] / 1000.0;
    }
}

static void solution_row(struct sim_file *f, const struct sim_day *day, int k, int run, int u) {
    enum { SIXTHS = 6, STEP = 60 };
    const struct sim_unit *unit = day->unit[u];
    aest_us end = day->interval[k].end;
    int at = k * day->units + u;
    struct solution_row row = {
        .settlementdate = end,
        .lastchanged = sim_dispatch_time(f->market, end),
        .dispatchinterval = sim_dispatch_interval(day, k),
        .intervention = run,
        .duid = unit->duid,
        .tradetype = sim_settled_by_5_minutes(end) ? "0" : NULL,
        .initialmw = day->scada[at],
        .totalcleared = day->target[run][at],
        .availability = day->availability[at],
        .uigf = day->uigf[at],
        .semidispatchcap = day->semidispatchcap[at],
        .ramprate = lround((double)unit->capacity_mw * SIXTHS / STEP) * STEP, /* MW an hour */
    };
    set_connection_point(unit, &row);
    set_fcas(f->market, day, k, run, u, &row);
    set_storage(day, k, u, &row);
    sim_file_row(f, &row);
}

static void solution_day(struct sim_file *f, const struct sim_day *day, int first, int last) {
    int first_dispatched;
    struct place *places = in_order(day, &first_dispatched);
    for (int k = first; k < last; k++)
        for (int run = 0; run < day->interval[k].runs; run++)
            for (int i = first_dispatched; i < day->units; i++)
                solution_row(f, day, k, run, places[i].index);
    free(places);
}

static void solution_rows(struct sim_file *f, aest_us from, aest_us to) {
    sim_each_day(f, from, to, solution_day);
}

const struct sim_table sim_dispatch_unit_solution = {"DISPATCH", "UNIT_SOLUTION", solution_cells,
                                                     solution_rows};

struct local_row {
    aest_us settlementdate;
    const char *duid;
    double adjustment;
};

static const struct sim_cell local_cells[] = {
    {"SETTLEMENTDATE", SIM_CELL_TIME, .offset = offsetof(struct local_row, settlementdate)},
    {"DUID", SIM_CELL_TEXT, .offset = offsetof(struct local_row, duid)},
    {"LOCAL_PRICE_ADJUSTMENT", SIM_CELL_NUMBER, .offset = offsetof(struct local_row, adjustment),
     .decimals = 2},
    {"LOCALLY_CONSTRAINED", SIM_CELL_LITERAL, .literal = "1"},
    {0},
};

/* The network holds back semi-scheduled units that get less than they offer while their region
 * pays: what they would add is worth nothing or less where they stand. */
static void local_day(struct sim_file *f, const struct sim_day *day, int first, int last) {
    int first_dispatched;
    struct place *places = in_order(day, &first_dispatched);
    for (int k = first; k < last; k++)
        for (int i = first_dispatched; i < day->units; i++) {
            const struct sim_unit *unit = places[i].unit;
            int at = k * day->units + places[i].index;
            double price = day->interval[k].region_run[0][unit->region].price;
            if (!day->semidispatchcap[at] || day->target[0][at] >= day->availability[at] ||
                price <= 0)
                continue;
            struct noise n = {sim_market_seed(f->market), sim_hash(str_from(unit->duid))};
            aest_us end = day->interval[k].end;
            struct local_row row = {end, unit->duid,
                                    -price - 60 * noise_uniform(n, end / AEST_MINUTE)};
            sim_file_row(f, &row);
        }
    free(places);
}

static void local_rows(struct sim_file *f, aest_us from, aest_us to) {
    sim_each_day(f, from, to, local_day);
}

const struct sim_table sim_dispatch_local_price = {"DISPATCH", "LOCAL_PRICE", local_cells,
                                                   local_rows};
