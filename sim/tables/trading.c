#include "sim/tables/trading.h"

#include <math.h>

#include "sim/tables/rows.h"
#include "sim/tables/times.h"

#define HALF_HOUR (30 * AEST_MINUTE)
enum { PARTS = 6 };

/* TRADING's own order. */
static const enum sim_region region_order[SIM_REGIONS] = {SIM_SA1, SIM_NSW1, SIM_QLD1, SIM_TAS1,
                                                          SIM_VIC1};

/* How many dispatch intervals the trading interval has that ends at [end]; 0: none ends there. */
static int parts_of(aest_us end) {
    if (sim_settled_by_5_minutes(end))
        return 1;
    return end % HALF_HOUR == 0 ? PARTS : 0;
}

static double round_cents(double value) {
    return round(value * 100) / 100;
}

double sim_trading_rrp(struct sim_market *m, aest_us end, enum sim_region region) {
    int parts = parts_of(end);
    double sum = 0;
    for (int i = 0; i < parts; i++) {
        struct sim_price p;
        sim_market_price(m, end - i * INTERVAL_MINUTES * AEST_MINUTE, region, &p);
        sum += p.rrp;
    }
    return parts ? round_cents(sum / parts) : NAN;
}

/* PERIODID counts the trading intervals of the calendar day. */
static int64_t period_of(aest_us end, int parts) {
    return (end - 1) % AEST_DAY / (parts * INTERVAL_MINUTES * AEST_MINUTE) + 1;
}

/* Takes the means of [parts] blocks of [count] doubles, the next one [stride] bytes after the last,
 * into the first. */
static void take_means(double *block, int parts, size_t count, size_t stride) {
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (int part = 0; part < parts; part++)
            sum += *(double *)((char *)&block[i] + (size_t)part * stride);
        block[i] = round_cents(sum / parts);
    }
}

/* The rows of all regions for one dispatch interval: their prices or their sums. */
typedef void make_regions(struct sim_file *f, const struct sim_day *day, int k,
                          struct sim_region_row rows[SIM_REGIONS]);

static void make_prices(struct sim_file *f, const struct sim_day *day, int k,
                        struct sim_region_row rows[SIM_REGIONS]) {
    for (int region = 0; region < SIM_REGIONS; region++) {
        rows[region] = sim_region_row(f, day, k, 0, region);
        sim_region_price(f, day, k, 0, region, &rows[region]);
    }
}

static void make_sums(struct sim_file *f, const struct sim_day *day, int k,
                      struct sim_region_row rows[SIM_REGIONS]) {
    struct sim_fcas fcas[SIM_REGIONS];
    int physical = day->interval[k].runs - 1;
    sim_fcas_regions(f->market, day, k, physical, fcas);
    for (int region = 0; region < SIM_REGIONS; region++) {
        rows[region] = sim_region_row(f, day, k, physical, region);
        sim_region_sum(day, k, physical, region, &fcas[region], &rows[region]);
    }
}

/* A half hour is firm when all of its parts are, and was changed when the last of them was. */
static void join_status(struct sim_region_row *row, const struct sim_region_row *part) {
    if (part->lastchanged > row->lastchanged)
        row->lastchanged = part->lastchanged;
    if (part->price_status && strcmp(part->price_status, "FIRM") != 0)
        row->price_status = part->price_status;
}

static void write_regions(struct sim_file *f, const struct sim_day *day, int first, int last,
                          make_regions *make) {
    struct sim_region_row rows[PARTS][SIM_REGIONS];
    for (int k = first; k < last; k++) {
        int parts = parts_of(day->interval[k].end);
        for (int part = 0; part < parts; part++) /* the last one, which names it, first */
            make(f, day, k - part, rows[part]);
        for (int i = 0; parts && i < SIM_REGIONS; i++) {
            struct sim_region_row *row = &rows[0][region_order[i]];
            for (int part = 1; part < parts; part++)
                join_status(row, &rows[part][region_order[i]]);
            take_means((double *)&row->number, parts, sizeof row->number / sizeof(double),
                       sizeof rows[0]);
            row->periodid = period_of(row->settlementdate, parts);
            sim_file_row(f, row);
        }
    }
}

static void price_day(struct sim_file *f, const struct sim_day *day, int first, int last) {
    write_regions(f, day, first, last, make_prices);
}

static void price_rows(struct sim_file *f, aest_us from, aest_us to) {
    sim_each_day(f, from, to, price_day);
}

const struct sim_table sim_trading_price = {"TRADING", "PRICE", sim_region_cells, price_rows};
const struct sim_table sim_tregion = {"TREGION", "", sim_region_cells, price_rows};

static void regionsum_day(struct sim_file *f, const struct sim_day *day, int first, int last) {
    write_regions(f, day, first, last, make_sums);
}

static void regionsum_rows(struct sim_file *f, aest_us from, aest_us to) {
    sim_each_day(f, from, to, regionsum_day);
}

const struct sim_table sim_trading_regionsum = {"TRADING", "REGIONSUM", sim_region_cells,
                                                regionsum_rows};

static void interconnectorres_day(struct sim_file *f, const struct sim_day *day, int first,
                                  int last) {
    struct sim_link_row rows[PARTS];
    for (int k = first; k < last; k++) {
        int parts = parts_of(day->interval[k].end);
        for (int link = 0; parts && link < SIM_LINKS; link++) {
            for (int part = 0; part < parts; part++) {
                int physical = day->interval[k - part].runs - 1;
                rows[part] = sim_link_row(f, day, k - part, physical, link);
            }
            take_means((double *)&rows->number, parts, sizeof rows->number / sizeof(double),
                       sizeof *rows);
            rows->periodid = period_of(rows->settlementdate, parts);
            sim_file_row(f, rows);
        }
    }
}

static void interconnectorres_rows(struct sim_file *f, aest_us from, aest_us to) {
    sim_each_day(f, from, to, interconnectorres_day);
}

const struct sim_table sim_trading_interconnectorres = {"TRADING", "INTERCONNECTORRES",
                                                        sim_link_cells, interconnectorres_rows};
