/* The simulated market: what every unit, region and interconnector does at any instant.
 *
 * It is solved a trading day at a time and remembers the last days asked for. A day is a function
 * of (seed, date) alone: nothing that lasts over 04:00 depends on the days before, batteries and
 * pumps stand still at 04:00, and each day computes the instant of 04:00 that it shares with its
 * neighbour to the same numbers.
 *
 * All numbers are those that get published, rounded as AEMO rounds them. The identities of dispatch
 * hold between the rounded numbers:
 *
 *      totaldemand   = dispatchable generation - dispatchable load - netinterchange
 *      netinterchange = flows out + the region's part of their losses
 *      INITIALMW of interval T = SCADAVALUE of interval T = the state at T - 5 minutes
 */
#ifndef SIM_MARKET_H
#define SIM_MARKET_H

#include <stdbool.h>

#include "base/aest.h"
#include "sim/model/fleet.h"

/* MW (and MWh) as a whole number of 0.00001, the finest that AEMO publishes. */
typedef int32_t sim_mw;
enum { SIM_MW = 100000 };
static inline double sim_mw_value(sim_mw mw) {
    return (double)mw / SIM_MW;
}

enum sim_link {
    SIM_N_Q_MNSP1,
    SIM_NSW1_QLD1,
    SIM_T_V_MNSP1,
    SIM_V_S_MNSP1,
    SIM_V_SA,
    SIM_VIC1_NSW1,
    SIM_LINKS,
};
/* Flow is positive from [from] to [to]; [from_losses] is the part of losses that [from] bears. */
extern const struct sim_link_fact {
    const char *id;
    enum sim_region from, to;
    double from_losses;
} sim_links[SIM_LINKS];

enum sim_service {
    SIM_RAISE6SEC,
    SIM_RAISE60SEC,
    SIM_RAISE5MIN,
    SIM_RAISEREG,
    SIM_LOWER6SEC,
    SIM_LOWER60SEC,
    SIM_LOWER5MIN,
    SIM_LOWERREG,
    SIM_RAISE1SEC, /* since 2023-10 */
    SIM_LOWER1SEC,
    SIM_SERVICES,
};
/* Names of the FCAS markets as they begin columns: "RAISE6SEC" … "LOWER1SEC". */
extern const char *const sim_service_name[SIM_SERVICES];

/* What one run of the dispatch engine says of a region: MW at the end of the interval, 2 decimals,
 * prices in $/MWh, 5 decimals. */
struct sim_region_run {
    double price; /* before administered pricing and reviews */
    double fcas_price[SIM_SERVICES];
    double totaldemand, generation, load, netinterchange;
    double clearedsupply;            /* totaldemand + load + the region's part of losses */
    double solar, wind;              /* cleared, of semi-scheduled units; 5 decimals */
    double bdu_generation, bdu_load; /* cleared of bidirectional units, each not negative */
};

/* What is the same in all runs of an interval: MW at its start where it is measured (initial…),
 * at its end where it is forecast. */
struct sim_region_state {
    double initialsupply; /* measured generation - measured flows out */
    double availablegeneration, availableload;
    double nonscheduled;          /* of non-scheduled units: TOTALINTERMITTENTGENERATION */
    double solar_uigf, wind_uigf; /* unconstrained intermittent generation forecast */
    double solar_availability, wind_availability; /* as offered, not above the forecast */
    double bdu_initial_storage, bdu_storage;      /* MWh at the start and at the end */
    double demandforecast;                        /* change of demand expected over the interval */
    double dispatcherror;                         /* AGGREGATEDISPATCHERROR */
    double operational_demand;                    /* MW, mean over the interval */
};

struct sim_link_run {
    double mwflow, mwlosses, exportlimit, importlimit, marginalvalue, marginalloss; /* 5 decimals */
    const char *exportgenconid, *importgenconid;
};

struct sim_interval {
    aest_us end;
    /* 1, or 2 in an intervention. Run 0 is the pricing run: INTERVENTION=0, and prices come from
     * it. The last run is the physical one: MW and flows come from it. */
    int runs;
    struct sim_region_state region[SIM_REGIONS];
    struct sim_region_run region_run[2][SIM_REGIONS];
    double meteredmwflow[SIM_LINKS]; /* at the start, 5 decimals */
    struct sim_link_run link_run[2][SIM_LINKS];
};

struct sim_day {
    aest_day date; /* of the trading day: from date 04:00 to the next date 04:00 */
    int units;     /* in service on this day */
    const struct sim_unit *const *unit;
    struct sim_interval interval[INTERVALS_PER_DAY]; /* the first ends at 04:05 */
    /* By interval k and unit u at [k * units + u]. */
    const sim_mw *scada; /* at the start of the interval, as SCADAVALUE has it: what a LOAD takes
                            is positive, charging of a bidirectional unit negative; has a 289th row,
                            the instant that ends the day */
    const sim_mw *target[2];    /* TOTALCLEARED by run, same signs as scada; 2 decimals */
    const sim_mw *availability; /* AVAILABILITY: MW that could be cleared */
    const sim_mw *uigf;         /* of semi-scheduled units, else 0 */
    const bool *semidispatchcap;
    const int32_t *storage; /* of batteries' generating and bidirectional units, 0.001 MWh at the
                               start of the interval; has a 289th row */
};

struct sim_market;
struct sim_market *sim_market_new(uint64_t seed);
void sim_market_free(struct sim_market *m);
uint64_t sim_market_seed(const struct sim_market *m);

/* The trading day that began on [date]; any thread may ask. Give it back when done with it. */
const struct sim_day *sim_market_day(struct sim_market *m, aest_day date);
void sim_market_release(struct sim_market *m, const struct sim_day *day);

/* What a run of pre-dispatch at [run] expects of the interval that ends at [end], from the next
 * interval to two days ahead: right for the first interval, further off the further ahead. Sets
 * all of [out] but meteredmwflow and initialsupply, which are those of the instant of the run. */
void sim_market_forecast(struct sim_market *m, aest_us run, aest_us end, struct sim_interval *out);

/* Prices as they get published. */
struct sim_price {
    double rop;    /* what dispatch found, limited by administered pricing where that is in force */
    double rrp;    /* what was settled on: rop unless a review replaced it */
    double pre_ap; /* before administered pricing */
    double cumulative; /* of pre_ap over the 7 days before and up to this interval; before
                          five-minute settlement a sixth of that */
    int apcflag;       /* 1: administered; 0 */
    /* A review holds the price NOT FIRM until [resolved]; 0: firm from the start. */
    aest_us resolved;
    bool rejected; /* the review replaced rop by rrp; else it accepted it */
};
void sim_market_price(struct sim_market *m, aest_us end, enum sim_region region,
                      struct sim_price *out);

/* The market price cap and floor, the cumulative price threshold and the administered cap ($/MWh)
 * in force on a date; sim_thresholds has all, oldest first. */
struct sim_threshold {
    int from; /* yyyymmdd */
    double cap, floor, cumulative, administered;
};
extern const struct sim_threshold sim_thresholds[];
extern const int sim_threshold_count;
const struct sim_threshold *sim_threshold_at(aest_us end);

/* Rooftop power of a region over the half hour that ends at [end], MW, 3 decimals: as measured, or
 * as satellites see it. [area] is 0 for all of the region, else one of its parts (QLD1: 1 to 3,
 * QLDC QLDN QLDS; TAS1: 1 and 2, TASN TASS). */
enum sim_rooftop_type { SIM_MEASUREMENT, SIM_SATELLITE };
double sim_market_rooftop(struct sim_market *m, aest_us end, enum sim_region region, int area,
                          enum sim_rooftop_type type);

#endif
