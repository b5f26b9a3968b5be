#include "market/unit_mix.h"

#include <math.h>
#include <stdlib.h>

#include "market/sums.h"

/* Sums over a bucket, until all days are in. */
struct folding {
    double *up, *down; /* [buckets]; not parted: all is in [up] */
    uint32_t *known;
    uint32_t day_known; /* intervals of the day that is read */
};

/* Where the members are in a year's file. */
struct places {
    const struct tiles *file;
    uint32_t keys;
    int64_t *at; /* [members] */
};

/* MW of a member's day, summed; no intervals where it has no reading. */
struct day_sums {
    double up, down;
    uint32_t known;
};

struct reading {
    struct grid *grid;
    const struct tiles_shape *shape;
    const struct buckets *buckets;
    const struct unit_member *members;
    size_t count;
    bool parted;
    struct folding *groups;
    struct places readings, days;
    bool has_day;                     /* see copied */
    cell (*cells)[INTERVALS_PER_DAY]; /* [count]: a day, copied as it is at one moment */
    struct day_sums *sums;            /* [count]: the same of a day's sums */
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

static void find_places(const struct reading *r, struct places *p, const struct tiles *file) {
    if (p->file == file && p->keys == file->keys.count)
        return;
    p->file = file;
    p->keys = file->keys.count;
    for (size_t m = 0; m < r->count; m++)
        p->at[m] = intern_find(&file->keys, r->members[m].duid);
}

/* Copies the members' cells; a grid_visit. */
static void copy_cells(void *context, const struct tiles *file, const struct tile *t) {
    struct reading *r = context;
    r->has_day = true;
    find_places(r, &r->readings, file);
    for (size_t m = 0; m < r->count; m++) {
        if (r->readings.at[m] < 0)
            memset(r->cells[m], 0, sizeof r->cells[m]); /* CELL_MISSING */
        else
            memcpy(r->cells[m], tile_series(t, (uint32_t)r->readings.at[m], 0),
                   INTERVALS_PER_DAY * sizeof(cell));
    }
}

/* The same of the day's sums. */
static void copy_sums(void *context, const struct tiles *file, const struct tile *t) {
    struct reading *r = context;
    r->has_day = true;
    find_places(r, &r->days, file);
    for (size_t m = 0; m < r->count; m++) {
        const cell *cells = r->days.at[m] < 0 ? NULL : tile_series(t, (uint32_t)r->days.at[m], 0);
        r->sums[m] = (struct day_sums){0};
        if (cells && cells[UNIT_DAY_INTERVALS] != CELL_MISSING)
            r->sums[m] = (struct day_sums){cell_to_double(cells[UNIT_DAY_UP]),
                                           cell_to_double(cells[UNIT_DAY_DOWN]),
                                           (uint32_t)cell_to_double(cells[UNIT_DAY_INTERVALS])};
    }
}

/* Whether the day has a tile that [visit] has copied. */
static bool copied(struct reading *r, const struct tiles_shape *shape, aest_day day,
                   grid_visit *visit) {
    r->has_day = false;
    grid_each(r->grid, shape, day, day, visit, r);
    return r->has_day;
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

/* How many intervals of the day are known of the members from [m] until before [end]; -1 where
 * their sums don't tell, or are of another sign. */
static int64_t known_of(const struct reading *r, aest_day day, size_t m, size_t end) {
    uint32_t most = 0, all = 0;
    for (; m < end; m++) {
        uint32_t known = r->sums[m].known;
        if (day < r->members[m].since)
            return -1;
        most = known > most ? known : most;
        all += known;
    }
    return most == INTERVALS_PER_DAY || all == most ? (int64_t)most : -1;
}

/* Whether the day's sums tell all, how much is known of each group among it. */
static bool sums_tell(struct reading *r, aest_day day) {
    for (size_t m = 0, end; m < r->count; m = end) {
        size_t group = r->members[m].group;
        for (end = m; end < r->count && r->members[end].group == group;)
            end++;
        int64_t known = known_of(r, day, m, end);
        if (known < 0)
            return false;
        r->groups[group].day_known = (uint32_t)known;
    }
    return true;
}

static void fold_sums(struct reading *r, size_t bucket) {
    for (size_t m = 0; m < r->count; m++) {
        struct folding *into = &r->groups[r->members[m].group];
        into->up[bucket] += r->sums[m].up - (r->parted ? 0 : r->sums[m].down);
        if (r->parted)
            into->down[bucket] += r->sums[m].down;
        into->known[bucket] += into->day_known; /* the first member brings what the group knows */
        into->day_known = 0;
    }
}

static void fold_readings(struct reading *r, aest_day day, const struct part *p) {
    struct day *d = mem_alloc(sizeof *d);
    if (copied(r, r->shape, day, copy_cells)) {
        for (size_t m = 0; m < r->count;) {
            size_t group = r->members[m].group;
            memset(d, 0, sizeof *d);
            for (; m < r->count && r->members[m].group == group; m++)
                (r->parted ? add_parted : add_net)(r->cells[m] + p->slot, r->members[m].sign,
                                                   p->count, d);
            fold(r, p, d, &r->groups[group]);
        }
    }
    free(d);
}

static void fold_day(struct reading *r, aest_day day, const struct part *p) {
    bool in_one = p->count == INTERVALS_PER_DAY &&
                  r->buckets->edges[p->bucket + 1] >= p->first + INTERVALS_PER_DAY - 1;
    if (in_one && copied(r, &sums_unit_days, day, copy_sums) && sums_tell(r, day))
        fold_sums(r, p->bucket);
    else
        fold_readings(r, day, p);
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
    struct reading r = {
        .grid = store_grid(s), .buckets = b, .members = members, .count = count, .parted = parted};
    size_t bucket = 0;
    r.shape = grid_shape(r.grid, SCADA5);
    r.groups = ARENA_ARRAY(a, struct folding, group_count);
    r.readings.at = ARENA_ARRAY(a, int64_t, count);
    r.days.at = ARENA_ARRAY(a, int64_t, count);
    r.sums = ARENA_ARRAY(a, struct day_sums, count);
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
