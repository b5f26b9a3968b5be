/* What units consist of: generating sets, with their fuel and emissions. */
#include <math.h>

#include "sim/model/noise.h"
#include "sim/model/streams.h"
#include "sim/tables/registration.h"
#include "sim/tables/registry.h"
#include "sim/tables/table.h"

enum { STREAM = SIM_STREAMS_GENSET };
enum quantity { EMISSIONS, FUEL };

static double uniform(const struct sim_market *m, enum quantity q, int unit, int64_t i) {
    return noise_uniform((struct noise){sim_market_seed(m), (uint64_t)STREAM << 40 |
                                                                (uint64_t)q << 32 | (uint64_t)unit},
                         i);
}

const struct sim_fuel_fact sim_fuel_facts[SIM_FUELS] = {
    [SIM_BLACK_COAL] = {"SLOW", true, 0.008, "Black coal", NULL, 0.92},
    [SIM_BROWN_COAL] = {"SLOW", true, 0.010, "Brown coal", NULL, 1.27},
    [SIM_CCGT] = {"SLOW", true, 0.03, "Natural Gas (Pipeline)", "Coal seam methane", 0.42},
    [SIM_OCGT] = {"FAST", false, 0.08, "Natural Gas (Pipeline)", "Coal seam methane", 0.66},
    [SIM_GAS_STEAM] = {"SLOW", true, 0.02, "Natural Gas (Pipeline)", NULL, 0.60},
    [SIM_DISTILLATE] = {"FAST", false, 0.10, "Diesel oil", "Kerosene - non aviation", 0.95},
    [SIM_HYDRO] = {"FAST", true, 0.20, "Hydro", NULL, 0},
    [SIM_PUMP] = {"FAST", false, 0.05, NULL, NULL, 0},
    [SIM_WIND] = {"SLOW", false, 0.25, "Wind", NULL, 0},
    [SIM_SOLAR] = {"SLOW", false, 0.25, "Solar", NULL, 0},
    [SIM_BATTERY] = {"FAST", true, 2, "Battery Storage", NULL, 0},
    [SIM_BIOMASS] = {"SLOW", false, 0.03, "Bagasse", "Biomass and industrial materials", 0.017},
    [SIM_DUMMY] = {"SLOW", false, 0.5, NULL, NULL, 0},
};

/* Units with several generating sets, from CO2EII_AVAILABLE_GENERATORS of November 2017. */
static const struct gensets {
    const char *duid, *sets;
} several[] = {
    {"ANGAST1", "ANGAS1 ANGAS2"},
    {"BALDHWF1", "BALDHWF1 BALDHWF2"},
    {"BARCSF1", "BARCSF1 BARCSF2"},
    {"BROKENH1", "BROKENH1 BROKENH2"},
    {"CPSA", "CPSA1 CPSA2 CPSA3"},
    {"DDPS1", "DDPS0 DDPS1 DDPS2 DDPS3"},
    {"HVGTS", "GH01 GH02"},
    {"LKBONNY2", "LKBONNEY2A LKBONNEY2B"},
    {"LONSDALE", "LONSDAL1 LONSDAL2"},
    {"MCKAY1", "BOGONG1 BOGONG2 MCKAY1 MCKAY2 MCKAY3"},
    {"OSB-AG", "OSB01 OSB02"},
    {"PPCCGT", "PPGT11 PPGT12 PPST18"},
    {"PTSTAN1", "STANV1 STANV2"},
    {"SHGEN", "SH01 SH02 SH03 SH04"},
    {"SITHE01", "SITHE01 SITHE02 SITHE03 SITHE04"},
    {"SNUG1", "SNUG1 SNUG2 SNUG3"},
    {"TVCC201", "TVCC_GT1 TVCC_ST1"},
    {"WAUBRAWF", "WAUBWF01 WAUBWF02"},
};

static str gensets_of(const struct sim_unit *u) {
    for (size_t i = 0; i < sizeof several / sizeof *several; i++)
        if (!strcmp(several[i].duid, u->duid))
            return str_from(several[i].sets);
    return str_from(u->duid);
}

int sim_genset_count(const struct sim_unit *u) {
    str sets = gensets_of(u);
    int n = 0;
    for (; sets.len; n++)
        str_cut(&sets, ' ');
    return n;
}

struct genset_row {
    const char *duid, *gensetid, *starttype, *agc, *energy_source, *data_source;
    aest_us start, lastchanged;
    double volts, capacity, load_mw, storage, factor;
};

#define TEXT(column, member)                                                                       \
    { column, SIM_CELL_TEXT, offsetof(struct genset_row, member), 0, NULL }
#define TIME(column, member)                                                                       \
    { column, SIM_CELL_TIME, offsetof(struct genset_row, member), 0, NULL }
#define NUMBER(column, member, decimals)                                                           \
    { column, SIM_CELL_NUMBER, offsetof(struct genset_row, member), decimals, NULL }

#define LITERAL(column, text)                                                                      \
    { column, SIM_CELL_LITERAL, 0, 0, text }

static const struct sim_cell allocation_cells[] = {
    TIME("EFFECTIVEDATE", start), LITERAL("VERSIONNO", "1"),        TEXT("DUID", duid),
    TEXT("GENSETID", gensetid),   TIME("LASTCHANGED", lastchanged), {0},
};

/* Which columns are filled, and with which words, is that of a real row. */
static const struct sim_cell genset_cells[] = {
    TEXT("GENSETID", gensetid),
    LITERAL("CDINDICATOR", "N"),
    TEXT("AGCFLAG", agc),
    LITERAL("SPINNINGFLAG", "N"),
    NUMBER("VOLTLEVEL", volts, 0),
    NUMBER("REGISTEREDCAPACITY", capacity, 2),
    LITERAL("DISPATCHTYPE", "GROSS/NET"),
    TEXT("STARTTYPE", starttype),
    LITERAL("MKTGENERATORIND", "Y"),
    LITERAL("NORMALSTATUS", "N"),
    NUMBER("MAXCAPACITY", capacity, 2),
    LITERAL("GENSETTYPE", "GENERATOR"),
    TIME("LASTCHANGED", lastchanged),
    NUMBER("CO2E_EMISSIONS_FACTOR", factor, 8),
    TEXT("CO2E_ENERGY_SOURCE", energy_source),
    TEXT("CO2E_DATA_SOURCE", data_source),
    NUMBER("MINCAPACITY", load_mw, 2),
    NUMBER("REGISTEREDMINCAPACITY", load_mw, 2),
    NUMBER("MAXSTORAGECAPACITY", storage, 2),
    {0},
};

static const char *energy_source(const struct sim_market *m, int unit) {
    const struct sim_unit *u = &sim_fleet[unit];
    const struct sim_fuel_fact *fuel = &sim_fuel_facts[u->fuel];
    bool other = u->region == SIM_QLD1 && uniform(m, FUEL, unit, 0) < 0.5;
    return fuel->other_source && other ? fuel->other_source : fuel->source;
}

/* Rows of what a unit consists of; a dummy consists of nothing. */
static void write_gensets(struct sim_file *f, int unit, struct arena *memory) {
    const struct sim_unit *u = &sim_fleet[unit];
    const struct sim_fuel_fact *fuel = &sim_fuel_facts[u->fuel];
    str sets = gensets_of(u);
    int count = sim_genset_count(u);
    aest_us start = sim_date_to_aest(u->first);
    for (int n = 0; sets.len; n++) {
        double part = uniform(f->market, EMISSIONS, unit, n) - 0.5;
        struct genset_row row = {
            .duid = u->duid,
            .gensetid = str_dup(memory, str_cut(&sets, ' ')),
            .starttype = fuel->starttype,
            .agc = sim_yes(fuel->agc),
            .energy_source = energy_source(f->market, unit),
            .data_source = sim_date_of(f->published) < 20200101 ? "NTNDP 2016" : "ISP2022",
            .start = start,
            .lastchanged = start - 3 * AEST_DAY + (10 * 60 + unit % 300) * AEST_MINUTE,
            .volts = 11,
            .capacity = (double)u->capacity_mw / count,
            .load_mw = u->kind == SIM_BIDIRECTIONAL ? -(double)u->load_mw / count : 0,
            .storage = u->storage_mwh > 0 ? (double)u->storage_mwh / count : (double)NAN,
            .factor = fuel->source ? fuel->factor * (1 + 0.2 * part) : (double)NAN,
        };
        sim_file_row(f, &row);
    }
}

static void genset_rows(struct sim_file *f, aest_us from, aest_us to) {
    (void)from;
    struct arena memory = {0};
    for (int unit = 0; unit < sim_fleet_size; unit++)
        if (sim_fleet[unit].fuel != SIM_DUMMY && sim_is_registered(&sim_fleet[unit], to))
            write_gensets(f, unit, &memory);
    arena_free(&memory);
}

const struct sim_table sim_dualloc = {"PARTICIPANT_REGISTRATION", "DUALLOC", allocation_cells,
                                      genset_rows};
const struct sim_table sim_genunits = {"PARTICIPANT_REGISTRATION", "GENUNITS", genset_cells,
                                       genset_rows};
