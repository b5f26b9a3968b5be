#include "market/unit_month.h"

#include <stdlib.h>

#include "market/sums.h"

/* Another number makes all months anew. */
enum { FORMULA = 1 };

const struct tiles_shape sums_unit_months = {"unit_months", UNIT_DAY_LANE_NAMES, UNIT_DAY_LANES, 1};

aest_day unit_month_start(aest_day day) {
    int year, month, date;
    aest_date(day, &year, &month, &date);
    return day - date + 1;
}

int unit_month_days(aest_day day) {
    int year, month, date;
    aest_day next = day;
    aest_date(day, &year, &month, &date);
    if (date == 1)
        aest_day_from_date(month < 12 ? year : year + 1, month < 12 ? month + 1 : 1, 1, &next);
    return next - day;
}

/* 0: the day has no sums, or they are being written. */
static uint64_t day_sequence(struct grid *g, aest_day day) {
    struct tiles *file = grid_tiles(g, &sums_unit_days, day);
    uint64_t sequence = file ? tiles_sequence(file, day) : 0;
    return sequence % 2 ? 0 : sequence;
}

struct file_stamp unit_month_stamp(struct grid *g, aest_day day) {
    uint64_t hash = 1469598103934665603u;
    int days = unit_month_days(day);
    /* while the month goes on, its last day is made anew with each interval */
    if (days == 0 || day_sequence(g, day + days) == 0)
        return (struct file_stamp){0};
    for (int i = 0; i < days; i++) {
        uint64_t sequence = day_sequence(g, day + i);
        if (sequence == 0)
            return (struct file_stamp){0};
        hash = sums_hash(hash, sequence);
    }
    return (struct file_stamp){.inode = hash | 1, .modified_ns = FORMULA};
}

struct tiles *unit_month_tiles(struct grid *g, aest_day day) {
    struct tiles *file = grid_tiles(g, &sums_unit_months, day);
    struct file_stamp stamp = file ? tiles_stamp(file, day) : (struct file_stamp){0};
    if (!stamp.inode || !file_stamp_eq(stamp, unit_month_stamp(g, day)) || !tiles_look(file))
        return NULL;
    return file;
}

struct sums_of_days {
    double lanes[UNIT_DAY_LANES];
};

static void add_tile(const struct tile *t, const int64_t *places, struct sums_of_days *sums) {
    for (uint32_t k = 0; k < t->keys; k++) {
        const cell *cells = tile_series(t, k, 0);
        double day[UNIT_DAY_LANES];
        if (places[k] < 0 || cells[UNIT_DAY_INTERVALS] == CELL_MISSING)
            continue;
        for (int lane = 0; lane < UNIT_DAY_LANES; lane++)
            day[lane] = cell_to_double(cells[lane]);
        unit_day_add(sums[places[k]].lanes, day);
    }
}

void unit_month_fill(struct grid *g, aest_day day, const struct intern *keys, cell *tile) {
    int days = unit_month_days(day);
    struct tiles *file = grid_tiles(g, &sums_unit_days, day); /* a month is in one year's file */
    if (!unit_month_stamp(g, day).inode || !file || !tiles_look(file))
        return;
    struct sums_of_days *sums = mem_zalloc(keys->count + 1, sizeof *sums);
    int64_t *places = mem_zalloc(file->keys.count + 1, sizeof *places);
    for (uint32_t k = 0; k < file->keys.count; k++)
        places[k] = intern_find(keys, file->keys.texts[k]);
    for (int i = 0; i < days; i++) {
        struct tile t;
        if (tile_begin(file, day + i, &t))
            add_tile(&t, places, sums);
    }
    for (uint32_t k = 0; k < keys->count; k++)
        for (int lane = 0; sums[k].lanes[UNIT_DAY_INTERVALS] > 0 && lane < UNIT_DAY_LANES; lane++)
            tile[(size_t)k * UNIT_DAY_LANES + (size_t)lane] = cell_from_double(sums[k].lanes[lane]);
    free(places);
    free(sums);
}
