/* MARKET_CONFIG, MARKET_PRICE_THRESHOLDS. */
#include <math.h>

#include "sim/tables/registry.h"
#include "sim/tables/table.h"

struct threshold_row {
    aest_us effective, authorised;
    double cap, floor, cumulative;
};

static const struct sim_cell cells[] = {
    {"EFFECTIVEDATE", SIM_CELL_TIME, offsetof(struct threshold_row, effective), 0, NULL},
    {"VERSIONNO", SIM_CELL_LITERAL, 0, 0, "1"},
    {"VOLL", SIM_CELL_NUMBER, offsetof(struct threshold_row, cap), 0, NULL},
    {"MARKETPRICEFLOOR", SIM_CELL_NUMBER, offsetof(struct threshold_row, floor), 0, NULL},
    {"ADMINISTERED_PRICE_THRESHOLD", SIM_CELL_NUMBER, offsetof(struct threshold_row, cumulative), 0,
     NULL},
    {"AUTHORISEDDATE", SIM_CELL_TIME, offsetof(struct threshold_row, authorised), 0, NULL},
    {"AUTHORISEDBY", SIM_CELL_LITERAL, 0, 0, "BATCH"},
    {"LASTCHANGED", SIM_CELL_TIME, offsetof(struct threshold_row, authorised), 0, NULL},
    {0},
};

/* The table lacks the administered cap, so that it doesn't see the one change of that alone. */
static bool is_listed(int i) {
    const struct sim_threshold *t = &sim_thresholds[i];
    return i == 0 || t->cap != t[-1].cap || t->cumulative != t[-1].cumulative;
}

/* A year's are entered a week before it begins. */
static void rows(struct sim_file *f, aest_us from, aest_us to) {
    (void)from;
    for (int i = 0; i < sim_threshold_count; i++) {
        const struct sim_threshold *t = &sim_thresholds[i];
        struct threshold_row row = {
            .effective = sim_date_to_aest(t->from),
            .authorised =
                sim_date_to_aest(t->from) - 8 * AEST_DAY + (10 * 60 + 7 * i) * AEST_MINUTE,
            .cap = t->cap,
            .floor = t->floor,
            .cumulative = t->cumulative > 0 ? t->cumulative : (double)NAN,
        };
        if (is_listed(i) && row.authorised <= to)
            sim_file_row(f, &row);
    }
}

const struct sim_table sim_market_price_thresholds = {"MARKET_CONFIG", "MARKET_PRICE_THRESHOLDS",
                                                      cells, rows};
