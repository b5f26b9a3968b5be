/* Units as they are registered: what they are, when, and by which loss factors they are settled. */
#include <math.h>
#include <stdio.h>

#include "sim/model/noise.h"
#include "sim/model/streams.h"
#include "sim/tables/registration.h"
#include "sim/tables/registry.h"
#include "sim/tables/table.h"

enum { STREAM = SIM_STREAMS_REGISTRATION };
enum quantity { LOSSES, YEARS_LOSSES, NETWORK, CORRECTED };
#define OPEN_END sim_date_to_aest(29991231)

static double uniform(const struct sim_market *m, enum quantity q, int unit, int64_t i) {
    return noise_uniform((struct noise){sim_market_seed(m), (uint64_t)STREAM << 40 |
                                                                (uint64_t)q << 32 | (uint64_t)unit},
                         i);
}

static const char *const dispatch_type[] = {
    [SIM_GENERATOR] = "GENERATOR", [SIM_LOAD] = "LOAD", [SIM_BIDIRECTIONAL] = "BIDIRECTIONAL"};

/* A table's row of any kind; each table's cells take what they publish. */
struct unit_row {
    const char *duid, *dispatchtype, *regionid, *stationid, *participantid, *connectionpointid;
    const char *starttype, *scheduletype, *agc, *intermittent, *semischeduled, *aggregated;
    aest_us start, end, authorised, lastchanged;
    int64_t version;
    double capacity, load_mw, storage, volts, ramp, load_ramp;
    double tlf, load_tlf, dlf, minimum_price, maximum_price, load_minimum_price, load_maximum_price;
    char connection[24];
};

#define TEXT(column, member)                                                                       \
    { column, SIM_CELL_TEXT, offsetof(struct unit_row, member), 0, NULL }
#define TIME(column, member)                                                                       \
    { column, SIM_CELL_TIME, offsetof(struct unit_row, member), 0, NULL }
#define NUMBER(column, member, decimals)                                                           \
    { column, SIM_CELL_NUMBER, offsetof(struct unit_row, member), decimals, NULL }
#define LITERAL(column, text)                                                                      \
    { column, SIM_CELL_LITERAL, 0, 0, text }

#define UNIT_CELLS                                                                                 \
    TEXT("DUID", duid), TEXT("DISPATCHTYPE", dispatchtype),                                        \
        TEXT("CONNECTIONPOINTID", connectionpointid), TEXT("STARTTYPE", starttype),                \
        TIME("LASTCHANGED", lastchanged)

static const struct sim_cell detail_cells[] = {
    UNIT_CELLS,
    TIME("EFFECTIVEDATE", start),
    {"VERSIONNO", SIM_CELL_INTEGER, offsetof(struct unit_row, version), 0, NULL},
    NUMBER("VOLTLEVEL", volts, 0),
    NUMBER("REGISTEREDCAPACITY", capacity, 2),
    TEXT("AGCCAPABILITY", agc),
    NUMBER("MAXCAPACITY", capacity, 2),
    LITERAL("SPINNINGRESERVEFLAG", "N"),
    LITERAL("AUTHORISEDBY", "BATCH"),
    TIME("AUTHORISEDDATE", authorised),
    TEXT("INTERMITTENTFLAG", intermittent),
    TEXT("SEMISCHEDULE_FLAG", semischeduled),
    NUMBER("MAXRATEOFCHANGEUP", ramp, 0),
    NUMBER("MAXRATEOFCHANGEDOWN", ramp, 0),
    NUMBER("MINCAPACITY", load_mw, 2),
    NUMBER("REGISTEREDMINCAPACITY", load_mw, 2),
    NUMBER("MAXRATEOFCHANGEUP_LOAD", load_ramp, 0),
    NUMBER("MAXRATEOFCHANGEDOWN_LOAD", load_ramp, 0),
    NUMBER("MAXSTORAGECAPACITY", storage, 2),
    LITERAL("MIN_RAMP_RATE_UP", "3"),
    LITERAL("MIN_RAMP_RATE_DOWN", "3"),
    TEXT("AGGREGATED", aggregated),
    {0},
};

static const struct sim_cell summary_cells[] = {
    UNIT_CELLS,
    TIME("START_DATE", start),
    TIME("END_DATE", end),
    TEXT("REGIONID", regionid),
    TEXT("STATIONID", stationid),
    TEXT("PARTICIPANTID", participantid),
    NUMBER("TRANSMISSIONLOSSFACTOR", tlf, 4),
    NUMBER("SECONDARY_TLF", load_tlf, 4),
    NUMBER("DISTRIBUTIONLOSSFACTOR", dlf, 4),
    NUMBER("MINIMUM_ENERGY_PRICE", minimum_price, 2),
    NUMBER("MAXIMUM_ENERGY_PRICE", maximum_price, 2),
    NUMBER("LOAD_MINIMUM_ENERGY_PRICE", load_minimum_price, 2),
    NUMBER("LOAD_MAXIMUM_ENERGY_PRICE", load_maximum_price, 2),
    TEXT("SCHEDULE_TYPE", scheduletype),
    LITERAL("MIN_RAMP_RATE_UP", "3"),
    LITERAL("MIN_RAMP_RATE_DOWN", "3"),
    NUMBER("MAX_RAMP_RATE_UP", ramp, 0),
    NUMBER("MAX_RAMP_RATE_DOWN", ramp, 0),
    NUMBER("LOAD_MAX_RAMP_RATE_UP", load_ramp, 0),
    NUMBER("LOAD_MAX_RAMP_RATE_DOWN", load_ramp, 0),
    TEXT("IS_AGGREGATED", aggregated),
    {0},
};

static const char *schedule_type(const struct sim_unit *u) {
    return u->non_scheduled ? "NON-SCHEDULED" : u->semi_scheduled ? "SEMI-SCHEDULED" : "SCHEDULED";
}

/* What holds of a unit all its life. */
static void describe(const struct sim_registry *r, int unit, struct unit_row *row) {
    static const double volts[SIM_REGIONS] = {330, 275, 275, 220, 220};
    const struct sim_unit *u = &sim_fleet[unit];
    const struct sim_fuel_fact *fuel = &sim_fuel_facts[u->fuel];
    bool both = u->kind == SIM_BIDIRECTIONAL;
    double none = (double)NAN, load = (double)u->load_mw;
    *row = (struct unit_row){
        .duid = u->duid,
        .dispatchtype = dispatch_type[u->kind],
        .regionid = sim_region_name[u->region],
        .stationid = r->station[r->station_of[unit]].id,
        .participantid = r->participant[r->participant_of[unit]].id,
        .starttype = u->non_scheduled ? "NOT DISPATCHED" : fuel->starttype,
        .scheduletype = schedule_type(u),
        .agc = sim_yes(fuel->agc),
        .intermittent = sim_yes(u->fuel == SIM_WIND || u->fuel == SIM_SOLAR),
        .semischeduled = sim_yes(u->semi_scheduled),
        .aggregated = sim_genset_count(u) > 1 ? "1" : "0",
        .version = 1,
        .capacity = (double)u->capacity_mw,
        .load_mw = both ? -load : 0,
        .storage = u->storage_mwh > 0 ? (double)u->storage_mwh : none,
        .volts = u->capacity_mw < 60 ? 66 : volts[u->region],
        .ramp = fmax(3, round((double)u->capacity_mw * fuel->ramp)),
        .load_ramp = both ? fmax(3, round(load * fuel->ramp)) : none,
        .load_minimum_price = none,
        .load_maximum_price = none,
    };
    /* "NBAYS1": region, station, and the unit */
    snprintf(row->connection, sizeof row->connection, "%c%.4s%d", row->regionid[0], row->stationid,
             unit);
}

/* Authorised some days ahead. Now and then a first version was wrong and has been superseded. */
static void detail_rows(struct sim_file *f, aest_us from, aest_us to) {
    (void)from;
    struct arena memory = {0};
    struct sim_registry r;
    sim_registry_make(&memory, &r);
    for (int unit = 0; unit < sim_fleet_size; unit++) {
        const struct sim_unit *u = &sim_fleet[unit];
        if (!sim_is_registered(u, to))
            continue;
        struct unit_row row;
        describe(&r, unit, &row);
        row.connectionpointid = row.connection;
        row.start = sim_date_to_aest(u->first);
        row.authorised = row.start - 4 * AEST_DAY + (9 * 60 + unit % 400) * AEST_MINUTE;
        row.lastchanged = row.authorised + 2 * AEST_SECOND;
        if (uniform(f->market, CORRECTED, unit, 0) < 0.08) {
            struct unit_row wrong = row;
            wrong.capacity = round(row.capacity * 0.9);
            sim_file_row(f, &wrong);
            row.version = 2;
            row.authorised += AEST_DAY;
            row.lastchanged += AEST_DAY;
        }
        sim_file_row(f, &row);
    }
    arena_free(&memory);
}

/* Near 1, lower where a network is long or crowded; by financial year. */
static double transmission_loss_factor(const struct sim_market *m, int unit, int year) {
    double site = uniform(m, LOSSES, unit, 0), moved = uniform(m, YEARS_LOSSES, unit, year);
    bool remote = sim_fleet[unit].fuel == SIM_SOLAR || sim_fleet[unit].fuel == SIM_WIND;
    double mean = (remote ? 0.94 : 0.985) + (site - 0.5) * (remote ? 0.14 : 0.08);
    return round((mean + (moved - 0.5) * 0.04) * 1e4) / 1e4;
}

static double distribution_loss_factor(const struct sim_market *m, int unit) {
    if (sim_fleet[unit].capacity_mw > 60)
        return 1;
    return round((1 + (uniform(m, NETWORK, unit, 0) - 0.4) * 0.04) * 1e4) / 1e4;
}

/* The first 1 July after [t]. */
static aest_us next_july(aest_us t) {
    int year = sim_date_of(t) / 10000;
    aest_us july = sim_date_to_aest(year * 10000 + 701);
    return july > t ? july : sim_date_to_aest((year + 1) * 10000 + 701);
}

static void set_price_bounds(struct unit_row *row) {
    const struct sim_threshold *t = sim_threshold_at(row->start + AEST_SECOND);
    double losses = row->tlf * row->dlf;
    row->minimum_price = t->floor * losses;
    row->maximum_price = t->cap * losses;
    row->load_tlf = (double)NAN;
    if (!isnan(row->load_ramp)) {
        row->load_tlf = row->tlf;
        row->load_minimum_price = row->minimum_price;
        row->load_maximum_price = row->maximum_price;
    }
}

/* A row for each financial year, since loss factors change with it. An end is known once it is
 * reached; the rows of a year are written in the week before it. */
static void write_summary(struct sim_file *f, const struct sim_registry *r, int unit, aest_us at) {
    const struct sim_unit *u = &sim_fleet[unit];
    aest_us end = u->last ? sim_date_to_aest(u->last) + AEST_DAY : OPEN_END;
    if (end > at)
        end = OPEN_END;
    struct unit_row row;
    describe(r, unit, &row);
    row.connectionpointid = row.connection;
    row.dlf = distribution_loss_factor(f->market, unit);
    for (row.start = sim_date_to_aest(u->first); row.start < end && row.start <= at;
         row.start = row.end) {
        row.end = next_july(row.start);
        int financial_year = sim_date_of(row.end) / 10000;
        if (row.end > end || row.end > at)
            row.end = end;
        row.tlf = transmission_loss_factor(f->market, unit, financial_year);
        row.lastchanged =
            (row.end == OPEN_END ? row.start : row.end) - 7 * AEST_DAY + 710 * AEST_MINUTE;
        set_price_bounds(&row);
        sim_file_row(f, &row);
    }
}

static void summary_rows(struct sim_file *f, aest_us from, aest_us to) {
    (void)from;
    struct arena memory = {0};
    struct sim_registry r;
    sim_registry_make(&memory, &r);
    for (int unit = 0; unit < sim_fleet_size; unit++)
        if (sim_is_registered(&sim_fleet[unit], to))
            write_summary(f, &r, unit, to);
    arena_free(&memory);
}

const struct sim_table sim_dudetail = {"PARTICIPANT_REGISTRATION", "DUDETAIL", detail_cells,
                                       detail_rows};
const struct sim_table sim_dudetailsummary = {"PARTICIPANT_REGISTRATION", "DUDETAILSUMMARY",
                                              summary_cells, summary_rows};
