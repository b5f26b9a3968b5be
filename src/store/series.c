#include "store/series.h"

#include <assert.h>
#include <stdlib.h>

#include "store/grid.h"

/* A series that has a value in the range, while they are collected. */
struct found {
    str key, name; /* of a forecast, the name has the horizon: "NSW1+007" */
    int lane;
};

static int by_name(const void *a, const void *b) {
    return str_compare(((const struct found *)a)->name, ((const struct found *)b)->name);
}

/* Adds the keys of a lane that have a value on any of the days, whichever part is asked for. */
static void find_keys(struct store *s, struct arena *a, enum dataset_id dataset, int lane,
                      int horizon, const struct series *range, interval to, struct buf *found) {
    const struct tiles_shape *shape = grid_shape(s->grid, dataset);
    interval from = interval_day_start(interval_day(range->first));
    str *keys;
    size_t count =
        grid_keys(s->grid, a, shape, lane, from, interval_day_start(interval_day(to) + 1), &keys);
    for (size_t k = 0; k < count; k++) {
        struct found f = {keys[k], keys[k], lane};
        char room[64];
        if (datasets[dataset].horizon_step) {
            str name = forecast_key(room, keys[k], horizon);
            f.name = (str){str_dup(a, name), name.len};
        }
        buf_add(found, &f, sizeof f);
    }
}

err *series_read(struct store *s, struct arena *a, enum dataset_id dataset, const char *column,
                 interval from, interval to, struct series *out) {
    struct grid *g = store_grid(s);
    const struct tiles_shape *shape = grid_shape(g, dataset);
    struct buf found = {0};
    assert(grid_lane(dataset, column, 0) >= 0);
    *out = (struct series){.step = datasets[dataset].step};
    out->length = grid_length(out->step, from, to, &out->first);
    if (out->length == 0)
        return NULL;
    for (int h = 0; h < grid_horizons(dataset); h++)
        find_keys(s, a, dataset, grid_lane(dataset, column, h), h, out, to, &found);
    struct found *all = (struct found *)(void *)found.at;
    out->count = found.len / sizeof *all;
    if (out->count)
        qsort(all, out->count, sizeof *all, by_name);
    str *names = ARENA_ARRAY(a, str, out->count);
    out->values = ARENA_ARRAY(a, double *, out->count);
    for (size_t k = 0; k < out->count; k++) {
        names[k] = all[k].name;
        out->values[k] = ARENA_ARRAY(a, double, out->length);
        grid_read(g, shape, all[k].key, all[k].lane, from, to, out->values[k]);
    }
    out->keys = names;
    buf_free(&found);
    return NULL;
}
