/* Prices of dispatch: as they are found, as they are revised, and as a day of them is published. */
#include "sim/model/event.h"
#include "sim/tables/rows.h"
#include "sim/tables/times.h"

/* The runs of a region stand together, the physical one first in reports and last in the archive.
 */
static void price_day(struct sim_file *f, const struct sim_day *day, int first, int last) {
    for (int k = first; k < last; k++)
        for (int region = 0; region < SIM_REGIONS; region++)
            for (int i = 0, runs = day->interval[k].runs; i < runs; i++) {
                int run = f->edition == SIM_REPORT ? runs - 1 - i : i;
                struct sim_region_row row = sim_region_row(f, day, k, run, region);
                sim_region_price(f, day, k, run, region, &row);
                sim_file_row(f, &row);
            }
}

static void price_rows(struct sim_file *f, aest_us from, aest_us to) {
    sim_each_day(f, from, to, price_day);
}

const struct sim_table sim_dispatch_price = {"DISPATCH", "PRICE", sim_region_cells, price_rows};

/* A review is resolved within some hours, which may be on the next trading day. */
static void revision_rows(struct sim_file *f, aest_us from, aest_us to) {
    uint64_t seed = sim_market_seed(f->market);
    aest_day last = (aest_day)(to / AEST_DAY);
    for (aest_day date = (aest_day)(from / AEST_DAY) - 2; date <= last; date++) {
        struct sim_review review = sim_review_on(seed, date);
        if (!review.any || review.resolved <= from || review.resolved > to)
            continue;
        const struct sim_day *day = sim_market_day(f->market, date);
        price_day(f, day, review.from, review.to);
        sim_market_release(f->market, day);
    }
}

const struct sim_table sim_dispatch_price_revision = {"DISPATCH", "PRICE", sim_region_cells,
                                                      revision_rows};

static void dregion_day(struct sim_file *f, const struct sim_day *day, int first, int last) {
    struct sim_fcas fcas[SIM_REGIONS];
    for (int k = first; k < last; k++)
        for (int run = 0; run < day->interval[k].runs; run++) {
            sim_fcas_regions(f->market, day, k, run, fcas);
            for (int region = 0; region < SIM_REGIONS; region++) {
                struct sim_region_row row = sim_region_row(f, day, k, run, region);
                sim_region_price(f, day, k, run, region, &row);
                sim_region_sum(day, k, run, region, &fcas[region], &row);
                sim_file_row(f, &row);
            }
        }
}

static void dregion_rows(struct sim_file *f, aest_us from, aest_us to) {
    sim_each_day(f, from, to, dregion_day);
}

const struct sim_table sim_dregion = {"DREGION", "", sim_region_cells, dregion_rows};
