#include "sim/tables/rows.h"

#include <math.h>

#include "sim/model/noise.h"
#include "sim/model/streams.h"
#include "sim/tables/times.h"

enum { STREAM = SIM_STREAMS_ROWS, CUMULATIVE_DAYS = 7 };

/* The columns of the ten services, each of which has a name and, in prices before capping, a
 * shorter one. */
#define SERVICES(of)                                                                               \
    of(RAISE6SEC, RAISE6), of(RAISE60SEC, RAISE60), of(RAISE5MIN, RAISE5MIN),                      \
        of(RAISEREG, RAISEREG), of(LOWER6SEC, LOWER6), of(LOWER60SEC, LOWER60),                    \
        of(LOWER5MIN, LOWER5MIN), of(LOWERREG, LOWERREG), of(RAISE1SEC, RAISE1),                   \
        of(LOWER1SEC, LOWER1)
#define IN(member) .offset = offsetof(struct sim_region_row, member)
#define SERVICE(column, member, service, places)                                                   \
    { column, SIM_CELL_NUMBER, IN(number.member[SIM_##service]), .decimals = (places) }
#define RRP(service, brief) SERVICE(#service "RRP", fcas_price, service, 5)
#define ROP(service, brief) SERVICE(#service "ROP", fcas_price, service, 5)
#define PRE_AP(service, brief) SERVICE("PRE_AP_" #brief "_PRICE", fcas_price, service, 5)
#define CUMULATIVE(service, brief)                                                                 \
    SERVICE("CUMUL_PRE_AP_" #brief "_PRICE", fcas_cumulative, service, 6)
#define ENABLED(service, brief) SERVICE(#service "LOCALDISPATCH", fcas_enabled, service, 2)
#define AVAILABLE(service, brief) SERVICE(#service "ACTUALAVAILABILITY", fcas_available, service, 6)
#define APCFLAG(service, brief)                                                                    \
    { #service "APCFLAG", SIM_CELL_LITERAL, .literal = "0" }

const struct sim_cell sim_region_cells[] = {
    {"SETTLEMENTDATE", SIM_CELL_TIME, IN(settlementdate)},
    {"RUNNO", SIM_CELL_LITERAL, .literal = "1"},
    {"REGIONID", SIM_CELL_TEXT, IN(regionid)},
    {"DISPATCHINTERVAL", SIM_CELL_INTEGER, IN(dispatchinterval)},
    {"PERIODID", SIM_CELL_INTEGER, IN(periodid)},
    {"INTERVENTION", SIM_CELL_INTEGER, IN(intervention)},
    {"LASTCHANGED", SIM_CELL_TIME, IN(lastchanged)},

    {"RRP", SIM_CELL_NUMBER, IN(number.rrp), .decimals = 5},
    {"EEP", SIM_CELL_LITERAL, .literal = "0"},
    {"ROP", SIM_CELL_NUMBER, IN(number.rop), .decimals = 5},
    {"APCFLAG", SIM_CELL_INTEGER, IN(apcflag)},
    {"MARKETSUSPENDEDFLAG", SIM_CELL_LITERAL, .literal = "0"},
    {"INVALIDFLAG", SIM_CELL_LITERAL, .literal = "0"},
    {"PRICE_STATUS", SIM_CELL_TEXT, IN(price_status)},
    {"PRE_AP_ENERGY_PRICE", SIM_CELL_NUMBER, IN(number.pre_ap), .decimals = 5},
    {"CUMUL_PRE_AP_ENERGY_PRICE", SIM_CELL_NUMBER, IN(number.cumulative), .decimals = 6},
    {"OCD_STATUS", SIM_CELL_LITERAL, .literal = "NOT_OCD"},
    {"MII_STATUS", SIM_CELL_TEXT, IN(mii_status)},
    SERVICES(RRP),
    SERVICES(ROP),
    SERVICES(APCFLAG),
    SERVICES(PRE_AP),
    SERVICES(CUMULATIVE),

    {"TOTALDEMAND", SIM_CELL_NUMBER, IN(number.totaldemand), .decimals = 2},
    {"AVAILABLEGENERATION", SIM_CELL_NUMBER, IN(number.availablegeneration), .decimals = 5},
    {"AVAILABLELOAD", SIM_CELL_NUMBER, IN(number.availableload), .decimals = 5},
    {"DEMANDFORECAST", SIM_CELL_NUMBER, IN(number.demandforecast), .decimals = 5},
    {"DISPATCHABLEGENERATION", SIM_CELL_NUMBER, IN(number.generation), .decimals = 2},
    {"DISPATCHABLELOAD", SIM_CELL_NUMBER, IN(number.load), .decimals = 2},
    {"NETINTERCHANGE", SIM_CELL_NUMBER, IN(number.netinterchange), .decimals = 2},
    {"EXCESSGENERATION", SIM_CELL_LITERAL, .literal = "0"},
    {"AGGREGATEDISPATCHERROR", SIM_CELL_NUMBER, IN(number.dispatcherror), .decimals = 5},
    {"INITIALSUPPLY", SIM_CELL_NUMBER, IN(number.initialsupply), .decimals = 5},
    {"CLEAREDSUPPLY", SIM_CELL_NUMBER, IN(number.clearedsupply), .decimals = 2},
    {"TOTALINTERMITTENTGENERATION", SIM_CELL_NUMBER, IN(number.nonscheduled), .decimals = 5},
    {"DEMAND_AND_NONSCHEDGEN", SIM_CELL_NUMBER, IN(number.demand_and_nonscheduled), .decimals = 6},
    {"UIGF", SIM_CELL_NUMBER, IN(number.uigf), .decimals = 5},
    {"SEMISCHEDULE_CLEAREDMW", SIM_CELL_NUMBER, IN(number.cleared), .decimals = 5},
    {"SEMISCHEDULE_COMPLIANCEMW", SIM_CELL_NUMBER, IN(number.compliance), .decimals = 5},
    {"SS_SOLAR_UIGF", SIM_CELL_NUMBER, IN(number.solar_uigf), .decimals = 5},
    {"SS_SOLAR_CLEAREDMW", SIM_CELL_NUMBER, IN(number.solar_cleared), .decimals = 5},
    {"SS_SOLAR_AVAILABILITY", SIM_CELL_NUMBER, IN(number.solar_availability), .decimals = 5},
    {"SS_SOLAR_COMPLIANCEMW", SIM_CELL_NUMBER, IN(number.solar_compliance), .decimals = 5},
    {"SS_WIND_UIGF", SIM_CELL_NUMBER, IN(number.wind_uigf), .decimals = 5},
    {"SS_WIND_CLEAREDMW", SIM_CELL_NUMBER, IN(number.wind_cleared), .decimals = 5},
    {"SS_WIND_AVAILABILITY", SIM_CELL_NUMBER, IN(number.wind_availability), .decimals = 5},
    {"SS_WIND_COMPLIANCEMW", SIM_CELL_NUMBER, IN(number.wind_compliance), .decimals = 5},
    {"WDR_INITIALMW", SIM_CELL_LITERAL, .literal = "0"},
    {"WDR_AVAILABLE", SIM_CELL_LITERAL, .literal = "0"},
    {"WDR_DISPATCHED", SIM_CELL_LITERAL, .literal = "0"},
    {"BDU_INITIAL_ENERGY_STORAGE", SIM_CELL_NUMBER, IN(number.bdu_initial_storage), .decimals = 6},
    {"BDU_ENERGY_STORAGE", SIM_CELL_NUMBER, IN(number.bdu_storage), .decimals = 6},
    {"BDU_MIN_AVAIL", SIM_CELL_NUMBER, IN(number.bdu_min), .decimals = 5},
    {"BDU_MAX_AVAIL", SIM_CELL_NUMBER, IN(number.bdu_max), .decimals = 5},
    {"BDU_CLEAREDMW_GEN", SIM_CELL_NUMBER, IN(number.bdu_generation), .decimals = 2},
    {"BDU_CLEAREDMW_LOAD", SIM_CELL_NUMBER, IN(number.bdu_load), .decimals = 2},
    SERVICES(ENABLED),
    SERVICES(AVAILABLE),
    {0},
};

struct sim_region_row sim_region_row(const struct sim_file *f, const struct sim_day *day, int k,
                                     int run, int region) {
    aest_us end = day->interval[k].end;
    return (struct sim_region_row){.settlementdate = end,
                                   .lastchanged = sim_dispatch_time(f->market, end),
                                   .regionid = sim_region_name[region],
                                   .dispatchinterval = sim_dispatch_interval(day, k),
                                   .intervention = run};
}

const char *sim_mii_status(const struct sim_price *p, bool firm) {
    return !p->resolved  ? "NOT_MII"
           : !firm       ? "MII_SUBJECT_TO_REVIEW"
           : p->rejected ? "MII_PRICE_REJECTED"
                         : "MII_PRICE_ACCEPTED";
}

static void set_status(const struct sim_price *p, bool firm, struct sim_region_row *row) {
    row->price_status = firm ? "FIRM" : "NOT FIRM";
    row->mii_status = sim_mii_status(p, firm);
    if (p->resolved && firm)
        row->lastchanged = p->resolved;
}

/* The market keeps no sum of the services' prices over the week: a curve as slow as one stands for
 * it. */
static double fcas_cumulative(uint64_t seed, int region, int service, aest_us end) {
    struct noise n = {seed, (uint64_t)STREAM << 40 | (uint64_t)region << 4 | (uint64_t)service};
    return exp(6.5 + 1.2 * noise_smooth(n, (double)end / AEST_DAY, CUMULATIVE_DAYS));
}

void sim_region_price(const struct sim_file *f, const struct sim_day *day, int k, int run,
                      int region, struct sim_region_row *row) {
    const struct sim_region_run *found = &day->interval[k].region_run[run][region];
    struct sim_region_numbers *n = &row->number;
    struct sim_price p;
    sim_market_price(f->market, row->settlementdate, (enum sim_region)region, &p);
    bool firm = f->published >= p.resolved;
    bool pricing = run == 0;
    n->rop = pricing ? p.rop : found->price;
    n->rrp = pricing && firm ? p.rrp : n->rop;
    n->pre_ap = pricing ? p.pre_ap : found->price;
    n->cumulative = p.cumulative;
    row->apcflag = p.apcflag;
    set_status(&p, firm, row);
    for (int s = 0; s < SIM_SERVICES; s++) {
        n->fcas_price[s] = found->fcas_price[s];
        n->fcas_cumulative[s] =
            fcas_cumulative(sim_market_seed(f->market), region, s, row->settlementdate);
    }
}

/* What follows from the units of a region. */
static void add_units(const struct sim_day *day, int k, int run, int region,
                      struct sim_region_numbers *n) {
    bool has_bdu = false;
    n->bdu_min = n->bdu_max = 0;
    for (int u = 0; u < day->units; u++) {
        const struct sim_unit *unit = day->unit[u];
        int at = k * day->units + u;
        if (unit->region != region)
            continue;
        if (unit->semi_scheduled && day->semidispatchcap[at])
            *(unit->fuel == SIM_WIND ? &n->wind_compliance : &n->solar_compliance) +=
                sim_mw_value(day->target[run][at]);
        if (unit->kind != SIM_BIDIRECTIONAL)
            continue;
        has_bdu = true;
        n->bdu_max += sim_mw_value(day->availability[at]);
        n->bdu_min += (double)unit->load_mw;
    }
    n->compliance = n->wind_compliance + n->solar_compliance;
    if (!has_bdu)
        n->bdu_min = n->bdu_max = n->bdu_generation = n->bdu_load = NAN;
    if (!has_bdu || !sim_storage_is_published(day->interval[k].end))
        n->bdu_initial_storage = n->bdu_storage = NAN;
}

void sim_region_sum(const struct sim_day *day, int k, int run, int region,
                    const struct sim_fcas *fcas, struct sim_region_row *row) {
    const struct sim_interval *now = &day->interval[k];
    const struct sim_region_state *state = &now->region[region];
    const struct sim_region_run *found = &now->region_run[run][region];
    struct sim_region_numbers *n = &row->number;
    n->totaldemand = found->totaldemand;
    n->availablegeneration = state->availablegeneration;
    n->availableload = state->availableload;
    n->demandforecast = state->demandforecast;
    n->generation = found->generation;
    n->load = found->load;
    n->netinterchange = found->netinterchange;
    n->dispatcherror = state->dispatcherror;
    n->initialsupply = state->initialsupply;
    n->clearedsupply = found->clearedsupply;
    n->nonscheduled = state->nonscheduled;
    n->demand_and_nonscheduled = found->clearedsupply + state->nonscheduled;
    n->solar_uigf = state->solar_uigf;
    n->solar_cleared = found->solar;
    n->solar_availability = state->solar_availability;
    n->wind_uigf = state->wind_uigf;
    n->wind_cleared = found->wind;
    n->wind_availability = state->wind_availability;
    n->uigf = state->solar_uigf + state->wind_uigf;
    n->cleared = found->solar + found->wind;
    n->bdu_initial_storage = state->bdu_initial_storage;
    n->bdu_storage = state->bdu_storage;
    n->bdu_generation = found->bdu_generation;
    n->bdu_load = found->bdu_load;
    for (int s = 0; s < SIM_SERVICES; s++) {
        n->fcas_enabled[s] = sim_mw_value(fcas->enabled[s]);
        n->fcas_available[s] = sim_mw_value(fcas->available[s]);
    }
    add_units(day, k, run, region, n);
}

#undef IN
#define IN(member) .offset = offsetof(struct sim_link_row, member)

const struct sim_cell sim_link_cells[] = {
    {"SETTLEMENTDATE", SIM_CELL_TIME, IN(settlementdate)},
    {"RUNNO", SIM_CELL_LITERAL, .literal = "1"},
    {"INTERCONNECTORID", SIM_CELL_TEXT, IN(interconnectorid)},
    {"DISPATCHINTERVAL", SIM_CELL_INTEGER, IN(dispatchinterval)},
    {"PERIODID", SIM_CELL_INTEGER, IN(periodid)},
    {"INTERVENTION", SIM_CELL_INTEGER, IN(intervention)},
    {"METEREDMWFLOW", SIM_CELL_NUMBER, IN(number.meteredmwflow), .decimals = 5},
    {"MWFLOW", SIM_CELL_NUMBER, IN(number.mwflow), .decimals = 5},
    {"MWLOSSES", SIM_CELL_NUMBER, IN(number.mwlosses), .decimals = 5},
    {"MARGINALVALUE", SIM_CELL_NUMBER, IN(number.marginalvalue), .decimals = 5},
    {"VIOLATIONDEGREE", SIM_CELL_LITERAL, .literal = "0"},
    {"LASTCHANGED", SIM_CELL_TIME, IN(lastchanged)},
    {"EXPORTLIMIT", SIM_CELL_NUMBER, IN(number.exportlimit), .decimals = 5},
    {"IMPORTLIMIT", SIM_CELL_NUMBER, IN(number.importlimit), .decimals = 5},
    {"MARGINALLOSS", SIM_CELL_NUMBER, IN(number.marginalloss), .decimals = 5},
    {"EXPORTGENCONID", SIM_CELL_TEXT, IN(exportgenconid)},
    {"IMPORTGENCONID", SIM_CELL_TEXT, IN(importgenconid)},
    {"FCASEXPORTLIMIT", SIM_CELL_NUMBER, IN(number.exportlimit), .decimals = 5},
    {"FCASIMPORTLIMIT", SIM_CELL_NUMBER, IN(number.importlimit), .decimals = 5},
    {"LOCAL_PRICE_ADJUSTMENT_EXPORT", SIM_CELL_NUMBER, IN(number.export_adjustment), .decimals = 2},
    {"LOCALLY_CONSTRAINED_EXPORT", SIM_CELL_INTEGER, IN(export_constrained)},
    {"LOCAL_PRICE_ADJUSTMENT_IMPORT", SIM_CELL_NUMBER, IN(number.import_adjustment), .decimals = 2},
    {"LOCALLY_CONSTRAINED_IMPORT", SIM_CELL_INTEGER, IN(import_constrained)},
    {0},
};

enum sim_at_limit sim_link_at_limit(const struct sim_link_run *run) {
    if (run->marginalvalue == 0)
        return SIM_NOT_AT_LIMIT;
    return run->exportlimit - run->mwflow < run->mwflow - run->importlimit ? SIM_AT_EXPORT
                                                                           : SIM_AT_IMPORT;
}

struct sim_link_row sim_link_row(const struct sim_file *f, const struct sim_day *day, int k,
                                 int run, int link) {
    const struct sim_interval *now = &day->interval[k];
    const struct sim_link_run *found = &now->link_run[run][link];
    enum sim_at_limit at = sim_link_at_limit(found);
    double adjustment = fabs(found->marginalvalue);
    return (struct sim_link_row){
        .settlementdate = now->end,
        .lastchanged = sim_dispatch_time(f->market, now->end),
        .interconnectorid = sim_links[link].id,
        .exportgenconid = found->exportgenconid,
        .importgenconid = found->importgenconid,
        .dispatchinterval = sim_dispatch_interval(day, k),
        .intervention = run,
        .export_constrained = at == SIM_AT_EXPORT,
        .import_constrained = at == SIM_AT_IMPORT,
        .number = {.meteredmwflow = now->meteredmwflow[link],
                   .mwflow = found->mwflow,
                   .mwlosses = found->mwlosses,
                   .marginalvalue = found->marginalvalue,
                   .exportlimit = found->exportlimit,
                   .importlimit = found->importlimit,
                   .marginalloss = found->marginalloss,
                   .export_adjustment = at == SIM_AT_EXPORT ? adjustment : 0,
                   .import_adjustment = at == SIM_AT_IMPORT ? adjustment : 0}};
}
