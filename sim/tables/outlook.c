#include "sim/tables/outlook.h"

#include <math.h>

#include "sim/model/fcas.h"
#include "sim/model/noise.h"
#include "sim/model/streams.h"
#include "sim/tables/predispatch.h"
#include "sim/tables/registry.h"

enum { STREAM = SIM_STREAMS_OUTLOOK };
enum quantity { CASE, SLACK, LOCAL, LOCAL_SIZE };

static struct noise stream(const struct sim_market *m, enum quantity q, int sub) {
    return (struct noise){sim_market_seed(m),
                          (uint64_t)STREAM << 40 | (uint64_t)q << 32 | (uint64_t)sub};
}

double sim_outlook_chance(const struct sim_market *m, aest_us run) {
    return noise_uniform(stream(m, CASE, 0), run / AEST_MINUTE);
}

static bool in_service(const struct sim_unit *u, int date) {
    return u->first <= date && (!u->last || date <= u->last);
}

void sim_outlook_begin(struct sim_outlook *o) {
    int date = sim_date_of(o->run);
    for (const struct sim_unit *u = sim_fleet; u < sim_fleet + sim_fleet_size; u++)
        if (u->kind == SIM_BIDIRECTIONAL && in_service(u, date)) {
            o->bdu_give[u->region] += (double)u->capacity_mw;
            o->bdu_take[u->region] += (double)u->load_mw;
        }
}

/* The keys that all rows begin with. */
struct keys {
    aest_us run, end, lastchanged;
    int64_t seqno, intervention;
    const char *periodid;
};

#define CELL(row, column, type, member)                                                            \
    { column, type, offsetof(row, member), 0, NULL }
#define NUMBER(row, column, member, decimals)                                                      \
    { column, SIM_CELL_NUMBER, offsetof(row, member), decimals, NULL }
#define KEY_CELLS(row)                                                                             \
    CELL(row, "RUN_DATETIME", SIM_CELL_TIME, keys.run),                                            \
        CELL(row, "INTERVAL_DATETIME", SIM_CELL_TIME, keys.end),                                   \
        CELL(row, "DATETIME", SIM_CELL_TIME, keys.end),                                            \
        CELL(row, "PREDISPATCHSEQNO", SIM_CELL_INTEGER, keys.seqno),                               \
        {"RUNNO", SIM_CELL_LITERAL, 0, 0, "1"},                                                    \
        CELL(row, "PERIODID", SIM_CELL_TEXT, keys.periodid),                                       \
        CELL(row, "INTERVENTION", SIM_CELL_INTEGER, keys.intervention),                            \
        CELL(row, "LASTCHANGED", SIM_CELL_TIME, keys.lastchanged)
#define ZERO(column)                                                                               \
    { column, SIM_CELL_LITERAL, 0, 0, "0" }

static struct keys keys_of(const struct sim_outlook *o, const struct sim_outlook_interval *i) {
    return (struct keys){o->run, i->end, o->lastchanged, o->seqno, i->intervention, i->periodid};
}

struct case_row {
    struct keys keys;
    double objective;
};

const struct sim_cell sim_outlook_case_cells[] = {
    KEY_CELLS(struct case_row),
    CELL(struct case_row, "STARTINTERVAL_DATETIME", SIM_CELL_TIME, keys.run),
    CELL(struct case_row, "SOLUTIONSTATUS", SIM_CELL_INTEGER, keys.intervention),
    NUMBER(struct case_row, "TOTALOBJECTIVE", objective, 3),
    ZERO("NONPHYSICALLOSSES"),
    ZERO("TOTALAREAGENVIOLATION"),
    ZERO("TOTALINTERCONNECTORVIOLATION"),
    ZERO("TOTALGENERICVIOLATION"),
    ZERO("TOTALRAMPRATEVIOLATION"),
    ZERO("TOTALUNITMWCAPACITYVIOLATION"),
    ZERO("TOTALENERGYCONSTRVIOLATION"),
    ZERO("TOTALENERGYOFFERVIOLATION"),
    ZERO("TOTALASPROFILEVIOLATION"),
    ZERO("TOTALFASTSTARTVIOLATION"),
    {0},
};

void sim_outlook_case(const struct sim_outlook *o) {
    struct case_row row = {
        .keys = {.run = o->run,
                 .lastchanged = o->lastchanged,
                 .seqno = o->seqno,
                 .intervention = o->intervention},
        .objective = (sim_outlook_chance(o->file->market, o->run) - 0.3) * 1e9,
    };
    sim_file_row(o->file, &row);
}

struct region_row {
    struct keys keys;
    const char *regionid;
    double price, fcas_price[SIM_SERVICES], fcas_mw[SIM_SERVICES], fcas_available[SIM_SERVICES];
    struct sim_region_state state;
    struct sim_region_run run;
    double initialsupply, demand_and_nonschedgen, uigf, cleared, compliance;
    double solar_compliance, wind_compliance, bdu_give, bdu_take;
};

#define SERVICE(n, name)                                                                           \
    NUMBER(struct region_row, name "RRP", fcas_price[n], 5),                                       \
        NUMBER(struct region_row, name "ROP", fcas_price[n], 5),                                   \
        NUMBER(struct region_row, name "LOCALDISPATCH", fcas_mw[n], 2),                            \
        NUMBER(struct region_row, name "ACTUALAVAILABILITY", fcas_available[n], 5)

/* MW enabled over all regions on an ordinary day. */
static const double enabled_mw[SIM_SERVICES] = {
    [SIM_RAISE6SEC] = 420, [SIM_RAISE60SEC] = 470, [SIM_RAISE5MIN] = 530, [SIM_RAISEREG] = 230,
    [SIM_LOWER6SEC] = 210, [SIM_LOWER60SEC] = 240, [SIM_LOWER5MIN] = 250, [SIM_LOWERREG] = 220,
    [SIM_RAISE1SEC] = 190, [SIM_LOWER1SEC] = 60,
};

const struct sim_cell sim_outlook_region_cells[] = {
    KEY_CELLS(struct region_row),
    CELL(struct region_row, "REGIONID", SIM_CELL_TEXT, regionid),
    NUMBER(struct region_row, "RRP", price, 5),
    NUMBER(struct region_row, "ROP", price, 5),
    ZERO("EEP"),
    ZERO("EXCESSGENERATION"),
    SERVICE(SIM_RAISE6SEC, "RAISE6SEC"),
    SERVICE(SIM_RAISE60SEC, "RAISE60SEC"),
    SERVICE(SIM_RAISE5MIN, "RAISE5MIN"),
    SERVICE(SIM_RAISEREG, "RAISEREG"),
    SERVICE(SIM_LOWER6SEC, "LOWER6SEC"),
    SERVICE(SIM_LOWER60SEC, "LOWER60SEC"),
    SERVICE(SIM_LOWER5MIN, "LOWER5MIN"),
    SERVICE(SIM_LOWERREG, "LOWERREG"),
    SERVICE(SIM_RAISE1SEC, "RAISE1SEC"),
    SERVICE(SIM_LOWER1SEC, "LOWER1SEC"),
    ZERO("RAISEREGDISPATCH"),
    ZERO("LOWERREGDISPATCH"),
    NUMBER(struct region_row, "TOTALDEMAND", run.totaldemand, 2),
    NUMBER(struct region_row, "AVAILABLEGENERATION", state.availablegeneration, 5),
    NUMBER(struct region_row, "AVAILABLELOAD", state.availableload, 5),
    NUMBER(struct region_row, "DEMANDFORECAST", state.demandforecast, 5),
    NUMBER(struct region_row, "DISPATCHABLEGENERATION", run.generation, 2),
    NUMBER(struct region_row, "DISPATCHABLELOAD", run.load, 2),
    NUMBER(struct region_row, "NETINTERCHANGE", run.netinterchange, 2),
    NUMBER(struct region_row, "AGGREGATEDISPATCHERROR", state.dispatcherror, 5),
    NUMBER(struct region_row, "INITIALSUPPLY", initialsupply, 5),
    NUMBER(struct region_row, "CLEAREDSUPPLY", run.clearedsupply, 2),
    NUMBER(struct region_row, "DECAVAILABILITY", state.availablegeneration, 4),
    NUMBER(struct region_row, "TOTALINTERMITTENTGENERATION", state.nonscheduled, 5),
    NUMBER(struct region_row, "DEMAND_AND_NONSCHEDGEN", demand_and_nonschedgen, 6),
    NUMBER(struct region_row, "UIGF", uigf, 5),
    NUMBER(struct region_row, "SEMISCHEDULE_CLEAREDMW", cleared, 5),
    NUMBER(struct region_row, "SEMISCHEDULE_COMPLIANCEMW", compliance, 5),
    NUMBER(struct region_row, "SS_SOLAR_UIGF", state.solar_uigf, 5),
    NUMBER(struct region_row, "SS_WIND_UIGF", state.wind_uigf, 5),
    NUMBER(struct region_row, "SS_SOLAR_CLEAREDMW", run.solar, 5),
    NUMBER(struct region_row, "SS_WIND_CLEAREDMW", run.wind, 5),
    NUMBER(struct region_row, "SS_SOLAR_COMPLIANCEMW", solar_compliance, 5),
    NUMBER(struct region_row, "SS_WIND_COMPLIANCEMW", wind_compliance, 5),
    NUMBER(struct region_row, "SS_SOLAR_AVAILABILITY", state.solar_availability, 5),
    NUMBER(struct region_row, "SS_WIND_AVAILABILITY", state.wind_availability, 5),
    ZERO("WDR_INITIALMW"),
    ZERO("WDR_AVAILABLE"),
    ZERO("WDR_DISPATCHED"),
    NUMBER(struct region_row, "BDU_MIN_AVAIL", bdu_take, 2),
    NUMBER(struct region_row, "BDU_MAX_AVAIL", bdu_give, 2),
    NUMBER(struct region_row, "BDU_CLEAREDMW_GEN", run.bdu_generation, 5),
    NUMBER(struct region_row, "BDU_CLEAREDMW_LOAD", run.bdu_load, 5),
    NUMBER(struct region_row, "BDU_INITIAL_ENERGY_STORAGE", state.bdu_initial_storage, 3),
    {0},
};

/* Services are enabled where demand is. */
static double share_of_demand(const struct sim_region_run run[SIM_REGIONS], int region) {
    double all = 0;
    for (int r = 0; r < SIM_REGIONS; r++)
        all += fmax(0, run[r].totaldemand);
    return all > 0 ? fmax(0, run[region].totaldemand) / all : 0;
}

void sim_outlook_region(const struct sim_outlook *o, const struct sim_outlook_interval *i,
                        enum sim_region region) {
    const struct sim_region_run *runs =
                                    i->now->region_run[sim_outlook_run(i->now, i->intervention)],
                                *r = &runs[region];
    const struct sim_region_state *s = &i->now->region[region];
    double share = share_of_demand(runs, (int)region);
    struct region_row row = {
        .keys = keys_of(o, i),
        .regionid = sim_region_name[region],
        .price = r->price,
        .state = *s,
        .run = *r,
        .initialsupply = s->initialsupply,
        .demand_and_nonschedgen = r->clearedsupply + s->nonscheduled,
        .uigf = s->solar_uigf + s->wind_uigf,
        .cleared = r->solar + r->wind,
        .solar_compliance = r->solar < s->solar_availability ? r->solar : 0,
        .wind_compliance = r->wind < s->wind_availability ? r->wind : 0,
        .bdu_give = o->bdu_give[region],
        .bdu_take = o->bdu_take[region],
    };
    row.compliance = row.solar_compliance + row.wind_compliance;
    if (i->before) {
        int before = sim_outlook_run(i->before, i->intervention);
        row.initialsupply = i->before->region_run[before][region].clearedsupply;
    }
    for (int n = 0; n < SIM_SERVICES; n++) {
        row.fcas_price[n] = r->fcas_price[n];
        row.fcas_mw[n] = enabled_mw[n] * share;
        row.fcas_available[n] = 3 * row.fcas_mw[n];
    }
    sim_file_row(o->file, &row);
}

struct link_row {
    struct keys keys;
    const char *interconnectorid;
    double meteredmwflow;
    struct sim_link_run run;
};

const struct sim_cell sim_outlook_link_cells[] = {
    KEY_CELLS(struct link_row),
    CELL(struct link_row, "INTERCONNECTORID", SIM_CELL_TEXT, interconnectorid),
    NUMBER(struct link_row, "METEREDMWFLOW", meteredmwflow, 5),
    NUMBER(struct link_row, "MWFLOW", run.mwflow, 5),
    NUMBER(struct link_row, "MWLOSSES", run.mwlosses, 5),
    NUMBER(struct link_row, "MARGINALVALUE", run.marginalvalue, 5),
    ZERO("VIOLATIONDEGREE"),
    ZERO("MNSP"),
    NUMBER(struct link_row, "EXPORTLIMIT", run.exportlimit, 5),
    NUMBER(struct link_row, "IMPORTLIMIT", run.importlimit, 5),
    NUMBER(struct link_row, "MARGINALLOSS", run.marginalloss, 5),
    CELL(struct link_row, "EXPORTGENCONID", SIM_CELL_TEXT, run.exportgenconid),
    CELL(struct link_row, "IMPORTGENCONID", SIM_CELL_TEXT, run.importgenconid),
    NUMBER(struct link_row, "FCASEXPORTLIMIT", run.exportlimit, 5),
    NUMBER(struct link_row, "FCASIMPORTLIMIT", run.importlimit, 5),
    ZERO("LOCAL_PRICE_ADJUSTMENT_EXPORT"),
    ZERO("LOCALLY_CONSTRAINED_EXPORT"),
    ZERO("LOCAL_PRICE_ADJUSTMENT_IMPORT"),
    ZERO("LOCALLY_CONSTRAINED_IMPORT"),
    {0},
};

void sim_outlook_link(const struct sim_outlook *o, const struct sim_outlook_interval *i,
                      enum sim_link link) {
    struct link_row row = {
        .keys = keys_of(o, i),
        .interconnectorid = sim_links[link].id,
        .meteredmwflow = i->now->meteredmwflow[link],
        .run = i->now->link_run[sim_outlook_run(i->now, i->intervention)][link],
    };
    if (i->before) {
        int before = sim_outlook_run(i->before, i->intervention);
        row.meteredmwflow = i->before->link_run[before][link].mwflow;
    }
    sim_file_row(o->file, &row);
}

struct constraint_row {
    struct keys keys;
    const char *constraintid;
    double rhs, lhs, marginalvalue;
    aest_us effective;
};

const struct sim_cell sim_outlook_constraint_cells[] = {
    KEY_CELLS(struct constraint_row),
    CELL(struct constraint_row, "CONSTRAINTID", SIM_CELL_TEXT, constraintid),
    NUMBER(struct constraint_row, "RHS", rhs, 5),
    NUMBER(struct constraint_row, "MARGINALVALUE", marginalvalue, 5),
    ZERO("VIOLATIONDEGREE"),
    CELL(struct constraint_row, "GENCONID_EFFECTIVEDATE", SIM_CELL_TIME, effective),
    {"GENCONID_VERSIONNO", SIM_CELL_LITERAL, 0, 0, "1"},
    NUMBER(struct constraint_row, "LHS", lhs, 5),
    {0},
};

/* Constraints that do not bind, from real files. */
static const char *const slack[] = {
    "DATASNAP_DFS_LS",
    "DATASNAP_DFS_NCAN",
    "DATASNAP_DFS_NCWEST",
    "DATASNAP_DFS_NNTH",
    "DATASNAP_DFS_QROSS",
    "DATASNAP_DFS_SRIV",
    "DATASNAP_DFS_TNWEST",
    "DSNAP_SVML",
    "D_I+NIL_MG2_R1",
    "F_I+BIP_ML_L6",
    "F_I+LREG_0210",
    "F_I+NIL_APD_TL_L60",
    "F_I+NIL_MG_R1",
    "F_I+NIL_MG_R6",
    "F_MAIN+NIL_MG_R1",
    "F_T+NIL_BB_TG_R6",
    "F_T+NIL_MG_R6",
    "F_T+NIL_WF_TG_R5",
    "N>>NIL_1",
    "N>>NIL_4_5_S",
    "N>>NIL_5_6_S",
    "N>>NIL_83_84_CLOSE",
    "N>>NIL_8_18",
    "N>>NIL_964_88_S",
    "N>>NIL_9_18_N",
    "N>>V_NIL_65_66",
    "N>NIL_901",
    "N>NIL_96C_87",
    "N>NIL_9GL",
    "N>NIL_9J6",
    "N>NIL_9R6",
    "N^^N_NIL_1",
    "Q>>NIL_BCCP_RGLC",
    "Q>>NIL_LCCP_BCCP",
    "Q>>NIL_MRTX5_MRTX4",
    "Q_NIL_STRGTH_KEP",
    "S>>NIL_TBSE_TBSE_1",
    "S>>NIL_TBTU_TBTU_1",
    "S^NIL_SA_NORTH",
    "S_NIL_STRENGTH_1",
    "T>T_NIL_BL_220_6B",
    "T>T_NIL_BL_3A",
    "T>T_NIL_BL_5A",
    "T^T_NIL_BL_5",
    "T^T_NIL_BL_7",
    "V:S_460_OSC_AUTO",
    "V>>NIL_MSDD2_MSDD1",
    "V_S_NIL_ROCOF",
};
enum { SLACK_COUNT = sizeof slack / sizeof *slack, VALID_DAYS = 400 };

/* Constraints are rewritten about once a year. */
static aest_us effective_date(const struct sim_market *m, int constraint, aest_us run) {
    aest_day d = (aest_day)(run / AEST_DAY);
    double part = noise_uniform(stream(m, SLACK, constraint), -1);
    return (d - (d + (int)(part * VALID_DAYS)) % VALID_DAYS) * AEST_DAY;
}

static void write_constraint(const struct sim_outlook *o, const struct sim_outlook_interval *i,
                             int number, const char *id, double lhs, double rhs, double value) {
    struct constraint_row row = {
        .keys = keys_of(o, i),
        .constraintid = id,
        .rhs = rhs,
        .lhs = lhs,
        .marginalvalue = value,
        .effective = effective_date(o->file->market, number, o->run),
    };
    sim_file_row(o->file, &row);
}

void sim_outlook_constraints(const struct sim_outlook *o, const struct sim_outlook_interval *i) {
    const struct sim_market *m = o->file->market;
    for (int n = 0; n < SLACK_COUNT; n++) {
        double lhs = 300 * noise_smooth(stream(m, SLACK, n), (double)i->end, (double)AEST_DAY / 4);
        double room = 50 + 4000 * noise_uniform(stream(m, SLACK, n), -2);
        write_constraint(o, i, n, slack[n], lhs, lhs + room, 0);
    }
    const struct sim_link_run *links = i->now->link_run[sim_outlook_run(i->now, i->intervention)];
    for (int l = 0; l < SIM_LINKS; l++) {
        const struct sim_link_run *r = &links[l];
        bool export = r->exportlimit - r->mwflow < r->mwflow - r->importlimit;
        double value = -fabs(r->marginalvalue);
        if (r->exportgenconid)
            write_constraint(o, i, SLACK_COUNT + 2 * l, r->exportgenconid, r->mwflow,
                             r->exportlimit, export ? value : 0);
        if (r->importgenconid)
            write_constraint(o, i, SLACK_COUNT + 2 * l + 1, r->importgenconid, -r->mwflow,
                             -r->importlimit, export ? 0 : value);
    }
}

struct local_row {
    struct keys keys;
    const char *duid;
    double adjustment;
};

const struct sim_cell sim_outlook_local_cells[] = {
    KEY_CELLS(struct local_row),
    CELL(struct local_row, "DUID", SIM_CELL_TEXT, duid),
    NUMBER(struct local_row, "LOCAL_PRICE_ADJUSTMENT", adjustment, 2),
    {"LOCALLY_CONSTRAINED", SIM_CELL_LITERAL, 0, 0, "1"},
    {0},
};

void sim_outlook_local_price(const struct sim_outlook *o, const struct sim_outlook_interval *i,
                             int unit) {
    const struct sim_market *m = o->file->market;
    const struct sim_unit *u = &sim_fleet[unit];
    const aest_us spell = 60 * AEST_MINUTE;
    if (!u->semi_scheduled || !in_service(u, sim_date_of(o->run)) ||
        noise_uniform(stream(m, LOCAL, unit), i->end / spell) > 0.02)
        return;
    struct local_row row = {
        .keys = keys_of(o, i),
        .duid = u->duid,
        .adjustment = -100 * noise_uniform(stream(m, LOCAL_SIZE, unit), i->end / AEST_MINUTE),
    };
    sim_file_row(o->file, &row);
}
