#include "market/unit_mix.h"

#include <math.h>
#include <stdlib.h>

#include "store/grid.h"

/* Sums over a bucket, until all days are in. */
struct folding {
    double *up, *down; /* [buckets]; not parted: all is in [up] */
    uint32_t *known;
};

struct reading {
    struct grid *grid;
    const struct tiles_shape *shape;
    const struct buckets *buckets;
    const struct unit_member *members;
    size_t count;
    bool parted;
    struct folding *groups;
    /* of the year's file that is read */
    const struct tiles *file;
    uint32_t keys;
    int64_t *places;                  /* [count] */
    cell (*cells)[INTERVALS_PER_DAY]; /* [count]: a day, copied as it is at one moment */
};

/* A day of a group. */
struct day {
    double up[INTERVALS_PER_DAY], down[INTERVALS_PER_DAY];
    uint32_t known[INTERVALS_PER_DAY];
};

/* The part of a day that is read. */
struct part {
    interval first; /* the first one's name */
    size_t slot, count;
    size_t bucket; /* that holds the first */
};

static void find_places(struct reading *r, struct tiles *file) {
    if (r->file == file && r->keys == file->keys.count)
        return;
    r->file = file;
    r->keys = file->keys.count;
    for (size_t m = 0; m < r->count; m++)
        r->places[m] = tiles_key(file, r->members[m].duid);
}

/* Copies the members' cells of a day; false where it has none. */
static bool copy_day(struct reading *r, aest_day day, const struct part *p) {
    struct tiles *file = grid_tiles(r->grid, r->shape, day);
    struct tile t;
    if (!file)
        return false;
    do {
        if (!tiles_look(file) || !tile_begin(file, day, &t))
            return false;
        find_places(r, file);
        for (size_t m = 0; m < r->count; m++) {
            if (r->places[m] < 0 || r->places[m] >= t.keys)
                memset(r->cells[m], 0, sizeof r->cells[m]); /* CELL_MISSING */
            else
                memcpy(r->cells[m], tile_series(&t, (uint32_t)r->places[m], 0) + p->slot,
                       p->count * sizeof(cell));
        }
    } while (!tile_settled(&t));
    return true;
}

static void add_parted(const cell *cells, int sign, size_t count, struct day *d) {
    for (size_t i = 0; i < count; i++) {
        bool known = cells[i] != CELL_MISSING;
        double mw = known ? sign * cell_to_double(cells[i]) : 0;
        d->up[i] += mw > 0 ? mw : 0;
        d->down[i] += mw < 0 ? -mw : 0;
        d->known[i] |= known;
    }
}

static void add_net(const cell *cells, int sign, size_t count, struct day *d) {
    for (size_t i = 0; i < count; i++) {
        bool known = cells[i] != CELL_MISSING;
        d->up[i] += known ? sign * cell_to_double(cells[i]) : 0;
        d->known[i] |= known;
    }
}

static void fold(const struct reading *r, const struct part *p, const struct day *d,
                 struct folding *into) {
    const interval *edges = r->buckets->edges;
    size_t bucket = p->bucket;
    for (size_t i = 0; i < p->count; bucket++) {
        size_t fit = (size_t)(edges[bucket + 1] - p->first) + 1; /* before its edge */
        size_t end = fit < p->count ? fit : p->count;
        double up = 0, down = 0;
        uint32_t known = 0;
        for (; i < end; i++) {
            up += d->up[i];
            down += d->down[i];
            known += d->known[i];
        }
        into->up[bucket] += up;
        if (r->parted)
            into->down[bucket] += down;
        into->known[bucket] += known;
    }
}

static void fold_day(struct reading *r, aest_day day, const struct part *p) {
    struct day *d = mem_alloc(sizeof *d);
    if (copy_day(r, day, p)) {
        for (size_t m = 0; m < r->count;) {
            size_t group = r->members[m].group;
            memset(d, 0, sizeof *d);
            for (; m < r->count && r->members[m].group == group; m++)
                (r->parted ? add_parted : add_net)(r->cells[m], r->members[m].sign, p->count, d);
            fold(r, p, d, &r->groups[group]);
        }
    }
    free(d);
}

/* Sums become means. */
static void finish(const struct reading *r, size_t group, struct unit_group *out) {
    const struct folding *f = &r->groups[group];
    *out = (struct unit_group){0};
    for (size_t k = 0; k < r->buckets->count; k++) {
        uint32_t known = f->known[k];
        f->up[k] = known ? f->up[k] / known : NAN;
        if (r->parted)
            f->down[k] = known ? f->down[k] / known : NAN;
        out->known += known;
    }
    out->generation = r->parted ? f->up : NULL;
    out->load = f->down;
    out->net = r->parted ? NULL : f->up;
}

void unit_mix_read(struct store *s, struct arena *a, struct period range, const struct buckets *b,
                   const struct unit_member *members, size_t count, bool parted,
                   struct unit_group *groups, size_t group_count) {
    struct reading r = {store_grid(s), NULL, b, members, count, parted, NULL, NULL, 0, NULL, NULL};
    size_t bucket = 0;
    r.shape = grid_shape(r.grid, SCADA5);
    r.groups = ARENA_ARRAY(a, struct folding, group_count);
    r.places = ARENA_ARRAY(a, int64_t, count);
    r.cells = mem_zalloc(count ? count : 1, sizeof *r.cells);
    for (size_t g = 0; g < group_count; g++) {
        r.groups[g].up = ARENA_ARRAY(a, double, b->count);
        r.groups[g].down = parted ? ARENA_ARRAY(a, double, b->count) : NULL;
        r.groups[g].known = ARENA_ARRAY(a, uint32_t, b->count);
    }
    for (interval after = range.after, to; after < range.to && count; after = to) {
        aest_day day = interval_day(after + 1);
        to = interval_day_start(day + 1);
        to = to < range.to ? to : range.to;
        while (after + 1 > b->edges[bucket + 1])
            bucket++;
        fold_day(&r, day,
                 &(struct part){after + 1, (size_t)(after - interval_day_start(day)),
                                (size_t)(to - after), bucket});
    }
    for (size_t g = 0; g < group_count; g++)
        finish(&r, g, &groups[g]);
    free(r.cells);
}

/* -- which units --------------------------------------------------------------------------------
 */

static int by_name(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

size_t unit_mix_keys(struct store *s, struct arena *a, struct period range, str **keys) {
    struct grid *g = store_grid(s);
    struct intern found = {0};
    const struct tiles *before = NULL;
    for (aest_day day = interval_day(range.after + 1); day <= interval_day(range.to); day++) {
        struct tiles *file = grid_tiles(g, grid_shape(g, SCADA5), day);
        if (!file || file == before || !tiles_look(file))
            continue;
        before = file;
        for (uint32_t k = 0; k < file->keys.count; k++)
            intern_add(&found, file->keys.texts[k]);
    }
    *keys = ARENA_ARRAY(a, str, found.count);
    for (uint32_t k = 0; k < found.count; k++)
        (*keys)[k] = (str){str_dup(a, found.texts[k]), found.texts[k].len};
    size_t count = found.count;
    if (count)
        qsort(*keys, count, sizeof **keys, by_name);
    intern_free(&found);
    return count;
}
