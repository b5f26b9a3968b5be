/* Tables of AEMO's files, and how a file of them is written.
 *
 * A table knows its rows; the schema of the date knows which columns are published, and in which
 * order. Between them stands the table's list of cells: each names a column and says where in a row
 * its value is found. A column of the schema that the table has no cell for is written empty.
 *
 *      struct price_row { aest_us settlementdate; const char *regionid; double rrp; };
 *
 *      static const struct sim_cell price_cells[] = {
 *          {"SETTLEMENTDATE", SIM_CELL_TIME, .offset = offsetof(struct price_row, settlementdate)},
 *          {"RUNNO", SIM_CELL_LITERAL, .literal = "1"},
 *          {"REGIONID", SIM_CELL_TEXT, .offset = offsetof(struct price_row, regionid)},
 *          {"RRP", SIM_CELL_NUMBER, .offset = offsetof(struct price_row, rrp), .decimals = 5},
 *          {0},
 *      };
 */
#ifndef SIM_TABLE_H
#define SIM_TABLE_H

#include "base/str.h"
#include "sim/model/market.h"
#include "sim/tables/schema.h"

enum sim_cell_type {
    SIM_CELL_LITERAL, /* the same text in every row */
    SIM_CELL_NUMBER,  /* double, rounded to [decimals], without trailing zeros; NaN: empty */
    SIM_CELL_MW,      /* sim_mw, without trailing zeros */
    SIM_CELL_INTEGER, /* int64_t */
    SIM_CELL_TEXT,    /* const char *, quoted where it holds a space, comma, quote or line end;
                         NULL: empty */
    SIM_CELL_TIME,    /* aest_us, quoted "YYYY/MM/DD HH:MM:SS"; 0: empty */
};

struct sim_cell {
    const char *column;
    enum sim_cell_type type;
    size_t offset; /* of the value in the row */
    int decimals;
    const char *literal;
};

struct sim_file;

struct sim_table {
    const char *report, *subtable;
    const struct sim_cell *cells; /* ends with a zeroed one */
    /* Calls sim_file_row for each row of the times in (from, to]: intervals by their end, forecasts
     * by the time of the run, notices by their time of issue. Tables that hold what is in force
     * (the registration) give it as it is at [to]. As it was known when the file was published. */
    void (*rows)(struct sim_file *f, aest_us from, aest_us to);
};

enum { SIM_COLUMNS_MAX = 160, SIM_PREFIX_MAX = 80, SIM_TIME_TEXT = 21 };

/* A column of the table being written: its cell, NULL where it stays empty, and of a time the last
 * one written, since most rows repeat those of the row before. */
struct sim_column {
    const struct sim_cell *cell;
    aest_us time;
    char text[SIM_TIME_TEXT]; /* of [time], with its quotes */
};

/* A file being written. */
struct sim_file {
    struct sim_market *market;
    enum sim_edition edition;
    aest_us published; /* what is known then is in it; chooses the headers too */
    struct buf *out;
    int64_t lines;
    /* the table being written, with its schema's columns and what each of its rows begins with */
    const struct sim_table *table;
    const struct sim_schema *schema;
    struct sim_column column[SIM_COLUMNS_MAX];
    int columns;
    char prefix[SIM_PREFIX_MAX];
    size_t prefix_len;
    bool header_written;
};

/* Writes the first line: "C,NEMP.WORLD,DISPATCHIS,AEMO,PUBLIC,2025/08/20,18:05:13,…". [world] is
 * "NEMP.WORLD" and the like, the ids are the numbers of the file and of its group. */
void sim_file_begin(struct sim_file *f, const char *world, const char *report, const char *group,
                    uint64_t id, uint64_t group_id);
/* Writes the rows of (from, to], and before the first one the header of the date of publication. A
 * table without a row, or not published on that date, leaves no trace. */
void sim_file_table(struct sim_file *f, const struct sim_table *t, aest_us from, aest_us to);
/* Adds a row of the table that is being written; for its rows function. */
void sim_file_row(struct sim_file *f, const void *row);
/* Writes the footer. */
void sim_file_end(struct sim_file *f);

/* sim/dispatch.c: five-minute dispatch */
extern const struct sim_table sim_dispatch_case_solution, sim_dispatch_local_price,
    sim_dispatch_price, sim_dispatch_regionsum, sim_dispatch_interconnectorres,
    sim_dispatch_interconnection, sim_dispatch_constraint, sim_dispatch_unit_scada,
    sim_dispatch_unit_solution;
/* sim/trading.c */
extern const struct sim_table sim_trading_price, sim_trading_interconnectorres,
    sim_trading_regionsum;
/* sim/p5min.c, sim/predispatch.c: forecasts */
extern const struct sim_table sim_p5min_casesolution, sim_p5min_local_price,
    sim_p5min_regionsolution, sim_p5min_interconnectorsoln, sim_p5min_constraintsolution;
extern const struct sim_table sim_predispatch_case_solution, sim_predispatch_local_price,
    sim_predispatch_region_prices, sim_predispatch_region_solution,
    sim_predispatch_interconnector_soln, sim_predispatch_constraint_solution;
/* sim/halfhour.c */
extern const struct sim_table sim_rooftop_actual_measurement, sim_rooftop_actual_satellite,
    sim_rooftop_actual_all /* every type that the date has: MMSDM */, sim_rooftop_forecast,
    sim_operational_demand_actual, sim_operational_demand_forecast;
/* sim/registration.c */
extern const struct sim_table sim_dudetail, sim_dudetailsummary, sim_dualloc, sim_genunits,
    sim_station, sim_stationowner, sim_participant, sim_interconnector, sim_market_price_thresholds;
/* sim/notice.c */
extern const struct sim_table sim_marketnoticedata, sim_marketnoticetype;

/* sim/prices.c: PRICE as its rows are published once more when a review of them is resolved, by
 * that time. DREGION, and TREGION of sim/trading.c: a trading day's prices in one file. */
extern const struct sim_table sim_dispatch_price_revision, sim_dregion, sim_tregion;

#endif
