#include "store/series.h"

#include <assert.h>

#include "store/grid.h"

err *series_read(struct store *s, struct arena *a, enum dataset_id dataset, const char *column,
                 interval from, interval to, struct series *out) {
    struct grid *g = store_grid(s);
    const struct tiles_shape *shape = grid_shape(g, dataset);
    int lane = grid_lane(dataset, column, 0);
    str *keys;
    assert(shape && lane >= 0);
    *out = (struct series){.step = datasets[dataset].step};
    out->length = grid_length(out->step, from, to, &out->first);
    if (out->length == 0)
        return NULL;
    /* keys that have a value on any of the days, whichever part of them is asked for */
    out->count = grid_keys(g, a, shape, lane, interval_day_start(interval_day(out->first)),
                           interval_day_start(interval_day(to) + 1), &keys);
    out->keys = keys;
    out->values = ARENA_ARRAY(a, double *, out->count);
    for (size_t k = 0; k < out->count; k++) {
        out->values[k] = ARENA_ARRAY(a, double, out->length);
        grid_read(g, shape, keys[k], lane, from, to, out->values[k]);
    }
    return NULL;
}
