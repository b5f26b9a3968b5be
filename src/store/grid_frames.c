/* Days of frames, written into the grid. */
#include "store/grid.h"
#include "store/grid_columns.h"

/* Frames on their way into tiles: where the columns go. */
struct frames_change {
    const struct frames *days;
    enum dataset_id dataset;
    uint32_t lanes, slots;
    int horizons;
    int lane[DATASET_COLUMNS]; /* of a column's horizon 0, or -1 */
};

static void fill_series(const struct frames_change *c, const struct frame *f, uint32_t k,
                        int column, cell *series) {
    const struct column *of = &f->dataset->columns[column];
    for (int slot = 0; slot < f->slots; slot++) {
        cell value = frame_cell(f, k, column, slot);
        if (of->type == COLUMN_TEXT && value != CELL_MISSING)
            value = grid_word_cell(c->dataset, of->name, frame_cell_text(f, value));
        series[slot] = value;
    }
}

/* The key of a frame's block in the grid, and its horizon. */
static str split_key(const struct frames_change *c, str text, int *horizon) {
    *horizon = 0;
    if (c->horizons > 1)
        forecast_key_split(text, &text, horizon);
    return text;
}

/* How many keys have a row in each interval. */
static void fill_count(const struct frame *f, cell *series) {
    for (int slot = 0; slot < f->slots; slot++) {
        int rows = 0;
        for (uint32_t k = 0; k < f->keys.count; k++)
            rows += frame_has(f, k, slot);
        series[slot] = rows ? cell_from_double(rows) : CELL_MISSING;
    }
}

static void fill_tile(void *context, aest_day day, const struct intern *keys, cell *tile) {
    struct frames_change *c = context;
    const struct frame *f = frames_day(c->days, day);
    if (f && grid_is_counted(c->dataset)) {
        fill_count(f, tile); /* the one key's only lane */
        return;
    }
    for (uint32_t k = 0; f && k < f->keys.count; k++) {
        int horizon;
        int64_t place = intern_find(keys, split_key(c, f->keys.texts[k], &horizon));
        if (place < 0 || horizon >= c->horizons || f->blocks[k].rows == 0)
            continue;
        for (int column = 0; column < f->columns; column++)
            if (c->lane[column] >= 0)
                fill_series(
                    c, f, k, column,
                    tile + ((size_t)place * c->lanes + (size_t)c->lane[column] + (size_t)horizon) *
                               c->slots);
    }
}

/* Every key of the days, once. */
static void keys_of(const struct frames_change *c, struct intern *keys) {
    if (grid_is_counted(c->dataset)) {
        intern_add(keys, STR(GRID_COUNTED));
        return;
    }
    for (int d = 0; d < c->days->count; d++) {
        const struct frame *f = &c->days->day[d];
        for (uint32_t k = 0; k < f->keys.count; k++) {
            int horizon;
            intern_add(keys, split_key(c, f->keys.texts[k], &horizon));
        }
    }
}

err *grid_put_frames(struct grid *g, const struct frames *days, struct file_stamp stamp) {
    const struct dataset *d = days->day->dataset;
    const struct tiles_shape *shape = grid_shape(g, dataset_id(d));
    struct arena a = {0};
    struct intern keys = {0};
    int changed;
    struct frames_change c = {.days = days,
                              .dataset = dataset_id(d),
                              .lanes = shape->lanes,
                              .slots = shape->slots,
                              .horizons = grid_horizons(dataset_id(d))};
    for (int column = 0; column < days->day->columns; column++)
        c.lane[column] = grid_lane(c.dataset, d->columns[column].name, 0);
    keys_of(&c, &keys);
    struct file_stamp *stamps = ARENA_ARRAY(&a, struct file_stamp, (size_t)days->count);
    for (int i = 0; i < days->count; i++)
        stamps[i] = stamp;
    err *e = grid_put(g,
                      (struct tiles_change){.shape = shape,
                                            .keys = keys.texts,
                                            .key_count = keys.count,
                                            .first = days->first,
                                            .count = days->count,
                                            .stamps = stamps,
                                            .fill = fill_tile,
                                            .context = &c},
                      &changed);
    intern_free(&keys);
    arena_free(&a);
    return e;
}
