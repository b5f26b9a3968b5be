#include "market/months.h"

#include <stdlib.h>

#include "market/sums.h"

/* Another number makes all months anew. */
enum { FORMULA = 1 };

const struct tiles_shape sums_unit_months = {"unit_months", UNIT_DAY_LANE_NAMES, UNIT_DAY_LANES, 1};
const struct tiles_shape sums_price_months = {"price_months", PRICE_LANE_NAMES, PRICE_LANES, 1};

const struct months months_of_units = {
    &sums_unit_days,
    &sums_unit_months,
    UNIT_DAY_INTERVALS,
    {[UNIT_DAY_LARGEST] = MONTH_HIGHEST, [UNIT_DAY_PROVISIONAL] = MONTH_LAST}};
const struct months months_of_prices = {&sums_price_days,
                                        &sums_price_months,
                                        PRICE_COUNT,
                                        {[PRICE_MIN] = MONTH_LOWEST, [PRICE_MAX] = MONTH_HIGHEST}};

void month_add(const struct months *m, double *into, bool *any, const cell *lanes) {
    if (lanes[m->count] == CELL_MISSING)
        return;
    for (uint32_t lane = 0; lane < m->shape->lanes; lane++) {
        double was = into[lane], day = cell_to_double(lanes[lane]);
        const double ways[] = {[MONTH_SUM] = was + day,
                               [MONTH_LOWEST] = day < was ? day : was,
                               [MONTH_HIGHEST] = day > was ? day : was,
                               [MONTH_LAST] = day};
        into[lane] = *any ? ways[m->ways[lane]] : day;
    }
    *any = true;
}

/* 0: the day has no sums, or they are being written. */
static uint64_t day_sequence(const struct months *m, struct grid *g, aest_day day) {
    struct tiles *file = grid_tiles(g, m->days, day);
    uint64_t sequence = file ? tiles_sequence(file, day) : 0;
    return sequence % 2 ? 0 : sequence;
}

struct file_stamp month_stamp(const struct months *m, struct grid *g, aest_day day) {
    uint64_t hash = 1469598103934665603u;
    int days = month_days_from(day);
    /* while the month goes on, its last day is made anew with each interval */
    if (days == 0 || day_sequence(m, g, day + days) == 0)
        return (struct file_stamp){0};
    for (int i = 0; i < days; i++) {
        uint64_t sequence = day_sequence(m, g, day + i);
        if (sequence == 0)
            return (struct file_stamp){0};
        hash = sums_hash(hash, sequence);
    }
    return (struct file_stamp){.inode = hash | 1, .modified_ns = FORMULA};
}

struct tiles *month_tiles(const struct months *m, struct grid *g, aest_day day) {
    struct tiles *file = grid_tiles(g, m->shape, day);
    struct file_stamp stamp = file ? tiles_stamp(file, day) : (struct file_stamp){0};
    if (!stamp.inode || !file_stamp_eq(stamp, month_stamp(m, g, day)) || !tiles_look(file))
        return NULL;
    return file;
}

/* What a key's days come to. */
struct month_sum {
    bool any;
    double lanes[MONTH_LANES];
};

static void add_tile(const struct months *m, const struct tile *t, const int64_t *places,
                     struct month_sum *sums) {
    for (uint32_t k = 0; k < t->keys; k++)
        if (places[k] >= 0)
            month_add(m, sums[places[k]].lanes, &sums[places[k]].any, tile_series(t, k, 0));
}

void month_fill(const struct months *m, struct grid *g, aest_day day, const struct intern *keys,
                cell *tile) {
    int days = month_days_from(day);
    struct tiles *file = grid_tiles(g, m->days, day); /* a month is in one year's file */
    if (!month_stamp(m, g, day).inode || !file || !tiles_look(file))
        return;
    struct month_sum *sums = mem_zalloc(keys->count + 1, sizeof *sums);
    int64_t *places = mem_zalloc(file->keys.count + 1, sizeof *places);
    for (uint32_t k = 0; k < file->keys.count; k++)
        places[k] = intern_find(keys, file->keys.texts[k]);
    for (int i = 0; i < days; i++) {
        struct tile t;
        if (tile_begin(file, day + i, &t))
            add_tile(m, &t, places, sums);
    }
    size_t lanes = m->shape->lanes;
    for (uint32_t k = 0; k < keys->count; k++)
        for (size_t lane = 0; sums[k].any && lane < lanes; lane++)
            tile[k * lanes + lane] = cell_from_double(sums[k].lanes[lane]);
    free(places);
    free(sums);
}
