/* What the tables of dispatch and trading share: a row of a region and a row of an interconnector.
 *
 * A region's row holds the columns of PRICE, REGIONSUM and DREGION; each table's schema takes from
 * the one list of cells those that it has. All that is measured in MW or $/MWh is a double in one
 * block, so that a half hour is the mean of six such blocks.
 */
#ifndef SIM_ROWS_H
#define SIM_ROWS_H

#include "sim/model/fcas.h"
#include "sim/tables/table.h"

struct sim_region_numbers {
    double rrp, rop, pre_ap, cumulative;
    double fcas_price[SIM_SERVICES], fcas_cumulative[SIM_SERVICES];
    double totaldemand, availablegeneration, availableload, demandforecast;
    double generation, load, netinterchange;
    double dispatcherror, initialsupply, clearedsupply;
    double nonscheduled, demand_and_nonscheduled;
    double uigf, cleared, compliance; /* of semi-scheduled units, and by fuel: */
    double solar_uigf, solar_cleared, solar_availability, solar_compliance;
    double wind_uigf, wind_cleared, wind_availability, wind_compliance;
    /* of bidirectional units; NaN where a region has none */
    double bdu_initial_storage, bdu_storage, bdu_min, bdu_max, bdu_generation, bdu_load;
    double fcas_enabled[SIM_SERVICES], fcas_available[SIM_SERVICES];
};

struct sim_region_row {
    aest_us settlementdate, lastchanged;
    const char *regionid, *price_status, *mii_status;
    int64_t dispatchinterval, intervention, periodid, apcflag;
    struct sim_region_numbers number;
};
extern const struct sim_cell sim_region_cells[];

/* The row of a region for interval [k] of a day and run [run], without any number. */
struct sim_region_row sim_region_row(const struct sim_file *f, const struct sim_day *day, int k,
                                     int run, int region);
/* Sets the columns of PRICE, as they are known when the file is published; LASTCHANGED too. */
void sim_region_price(const struct sim_file *f, const struct sim_day *day, int k, int run,
                      int region, struct sim_region_row *row);
/* MII_STATUS of a price, once it is firm or until then. */
const char *sim_mii_status(const struct sim_price *p, bool firm);
/* Sets the columns of REGIONSUM. [fcas] is the region's. */
void sim_region_sum(const struct sim_day *day, int k, int run, int region,
                    const struct sim_fcas *fcas, struct sim_region_row *row);

struct sim_link_numbers {
    double meteredmwflow, mwflow, mwlosses, marginalvalue, exportlimit, importlimit, marginalloss;
    double export_adjustment, import_adjustment; /* LOCAL_PRICE_ADJUSTMENT_… */
};

struct sim_link_row {
    aest_us settlementdate, lastchanged;
    const char *interconnectorid, *exportgenconid, *importgenconid;
    int64_t dispatchinterval, intervention, periodid;
    int64_t export_constrained, import_constrained;
    struct sim_link_numbers number;
};
extern const struct sim_cell sim_link_cells[];

struct sim_link_row sim_link_row(const struct sim_file *f, const struct sim_day *day, int k,
                                 int run, int link);

/* Whether a link's flow is held by its export or its import limit. */
enum sim_at_limit { SIM_NOT_AT_LIMIT, SIM_AT_EXPORT, SIM_AT_IMPORT };
enum sim_at_limit sim_link_at_limit(const struct sim_link_run *run);

#endif
