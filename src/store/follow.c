#include "store/follow.h"

#include "base/log.h"
#include "store/grid.h"

static const struct store_follower *follower;

void store_set_follower(const struct store_follower *f) {
    follower = f;
}

struct grid *store_grid(struct store *s) {
    if (!s->grid)
        s->grid = grid_open(s->path);
    grid_look(s->grid);
    return s->grid;
}

/* The commit stands; the grid is known to lack something, nobody knows how much. */
static void note(struct store *s, err *e, const char *dataset) {
    if (!e)
        return;
    log_warn("the grid can't follow; it is refreshed later", log_cstr("dataset", dataset),
             log_err(e));
    err_free(e);
    err_free(grid_set_missing(s->grid, -1)); /* where a disk is full, this is room that it has */
}

void store_follow(struct store *s, const struct frames *days, const char *path) {
    const struct dataset *d = days->day->dataset;
    err *e = grid_put_frames(store_grid(s), days, file_stamp(path));
    if (!e && follower)
        e = follower->days(&s->followed, s, dataset_id(d), days->first, days->count);
    note(s, e, d->name);
}

void store_follow_records(struct store *s) {
    note(s, grid_touch(store_grid(s)), "records");
}

err *store_follow_lacking(struct store *s, int64_t *days) {
    *days = 0;
    return follower ? follower->lacking(&s->followed, s, days) : NULL;
}

void store_follow_close(struct store *s) {
    if (s->followed)
        follower->close(s->followed);
    grid_close(s->grid);
}
