#include "market/mix.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "market/sums.h"

enum { HALF_HOUR = 6 };

/* The sums that are kept, the coarsest first. */
static const struct level {
    const struct tiles_shape *shape;
    int step;
    bool has_partial;
} levels[] = {{&sums_mix360, 72, true}, {&sums_mix30, HALF_HOUR, true}, {&sums_mix5, 1, false}};
enum { LEVELS = sizeof levels / sizeof *levels };

/* Sums of a bucket until all days are in: of MW, and how many intervals they are of. Where each
 * bucket lies in one day, [sum] is the mean and nothing is counted. */
struct folding {
    double *sum;
    uint32_t *count;
};

/* One read of a mix. */
struct reading {
    struct grid *grid;
    struct arena *memory;
    const struct buckets *buckets;
    int coarsest; /* level at whose steps all edges are */
    int even;     /* so many intervals is every bucket, and a day has whole ones; 0: they differ */
    int first_area, areas;
    cell *cells; /* of a day, as they are at one moment: [areas][lanes][slots] */
    struct folding folded[SUMS_AREAS][2 * FUELS];
};

/* The part of a day that is read: [count] slots of [step] intervals, the first named [first]. */
struct part {
    interval first;
    int step;
    size_t count;
    size_t bucket; /* that holds the first */
};

static void make_room(struct reading *r, struct folding *f) {
    size_t count = r->buckets->count;
    if (f->sum)
        return;
    f->sum = ARENA_ARRAY(r->memory, double, count);
    if (!r->even)
        f->count = ARENA_ARRAY(r->memory, uint32_t, count);
    for (size_t i = 0; r->even && i < count; i++)
        f->sum[i] = NAN;
}

/* A day whose slots are buckets. */
static void copy(struct reading *r, const struct part *p, const cell *cells, struct folding *into) {
    size_t i = 0;
    while (i < p->count && cells[i] == CELL_MISSING)
        i++;
    if (i == p->count)
        return;
    make_room(r, into);
    for (i = 0; i < p->count; i++)
        into->sum[p->bucket + i] = cell_to_double(cells[i]);
}

/* A day that has whole buckets: the mean of what is known of each. */
static void copy_means(struct reading *r, const struct part *p, const cell *cells,
                       struct folding *into) {
    size_t bucket = p->bucket, each = (size_t)(r->even / p->step);
    size_t end = (size_t)((r->buckets->edges[bucket + 1] - p->first) / p->step) + 1;
    for (size_t i = 0; i < p->count; end = i + each, bucket++) {
        double sum = 0;
        int known = 0;
        for (end = end < p->count ? end : p->count; i < end; i++)
            if (cells[i] != CELL_MISSING)
                sum += cell_to_double(cells[i]), known++;
        if (known == 0)
            continue;
        make_room(r, into);
        into->sum[bucket] = sum / known;
    }
}

static void fold(struct reading *r, const struct part *p, const cell *cells, struct folding *into) {
    const interval *edges = r->buckets->edges;
    size_t bucket = p->bucket;
    for (size_t i = 0; i < p->count; bucket++) {
        size_t fit = (size_t)((edges[bucket + 1] - p->first) / p->step) + 1; /* before its edge */
        size_t end = fit < p->count ? fit : p->count;
        double sum = 0;
        uint32_t known = 0;
        for (; i < end; i++) {
            if (cells[i] == CELL_MISSING)
                continue;
            sum += cell_to_double(cells[i]);
            known++;
        }
        if (known == 0)
            continue;
        make_room(r, into);
        into->sum[bucket] += sum * p->step;
        into->count[bucket] += known * (uint32_t)p->step;
    }
}

/* Copies the day's cells of the areas that are read; false where nothing is kept of it. */
static bool copy_day(struct reading *r, const struct tiles_shape *shape, aest_day day) {
    struct tiles *file = grid_tiles(r->grid, shape, day);
    size_t series = (size_t)shape->lanes * shape->slots;
    struct tile t;
    if (!file)
        return false;
    do {
        if (!tiles_look(file) || !tile_begin(file, day, &t))
            return false;
        for (int i = 0; i < r->areas; i++) {
            int64_t place = tiles_key(file, str_from(sums_areas[r->first_area + i]));
            cell *to = r->cells + series * (size_t)i;
            if (place >= 0 && place < t.keys)
                memcpy(to, tile_series(&t, (uint32_t)place, 0), series * sizeof *to);
            else
                memset(to, 0, series * sizeof *to); /* CELL_MISSING */
        }
    } while (!tile_settled(&t));
    return true;
}

/* Of the day that was copied; [i] counts the areas that are read. */
static const cell *lane_of(const struct reading *r, const struct tiles_shape *shape, int i,
                           int lane) {
    return r->cells + ((size_t)i * shape->lanes + (size_t)lane) * shape->slots;
}

/* Whether something is known for less than all of a slot of the part. */
static bool is_partial(const struct reading *r, const struct tiles_shape *shape, size_t slot,
                       size_t count) {
    for (int area = 0; area < r->areas; area++)
        for (size_t i = slot; i < slot + count; i++)
            if (lane_of(r, shape, area, MIX_LANE_PARTIAL)[i] != CELL_MISSING)
                return true;
    return false;
}

/* Folds the intervals (after, to] of one day, which begin in [bucket], from the sums of [level];
 * false where these don't say it: a mean of what is known takes the finer ones. */
static bool fold_level(struct reading *r, const struct level *level, interval after, interval to,
                       size_t bucket) {
    const struct part p = {after + level->step, level->step, (size_t)((to - after) / level->step),
                           bucket};
    aest_day day = interval_day(to);
    if (after % level->step || to % level->step)
        return false;
    size_t slot = (size_t)(p.first - interval_day_start(day)) / (size_t)p.step - 1;
    if (!copy_day(r, level->shape, day) ||
        (level->has_partial && is_partial(r, level->shape, slot, p.count)))
        return false;
    void (*take)(struct reading *, const struct part *, const cell *, struct folding *) =
        !r->even            ? fold
        : p.step == r->even ? copy
                            : copy_means;
    for (int i = 0; i < r->areas; i++)
        for (int lane = 0; lane < 2 * FUELS; lane++)
            take(r, &p, lane_of(r, level->shape, i, lane) + slot,
                 &r->folded[r->first_area + i][lane]);
    return true;
}

static void fold_day(struct reading *r, interval after, interval to, size_t bucket) {
    for (int i = r->coarsest; i < LEVELS; i++)
        if (fold_level(r, &levels[i], after, to, bucket))
            return;
}

static int coarsest_of(const struct buckets *b) {
    int level = 0;
    for (size_t k = 0; k <= b->count && level < LEVELS - 1; k++)
        while (b->edges[k] % levels[level].step)
            level++;
    return level;
}

static int even_step(const struct buckets *b) {
    int step = b->count ? b->edges[1] - b->edges[0] : 0;
    if (step == 0 || INTERVALS_PER_DAY % step || b->edges[0] % step)
        return 0;
    for (size_t k = 1; k < b->count; k++)
        if (b->edges[k + 1] - b->edges[k] != step)
            return 0;
    return step;
}

static double *means(const struct folding *f, size_t length) {
    for (size_t i = 0; f->count && i < length; i++)
        f->sum[i] = f->count[i] ? f->sum[i] / f->count[i] : NAN;
    return f->sum;
}

static void finish(struct reading *r, struct mix *out) {
    size_t length = r->buckets->count;
    for (int f = 0; f < FUELS; f++) {
        int generation = mix_lane((enum fuel)f, false), load = mix_lane((enum fuel)f, true);
        for (int area = 0; area < MIX_AREAS; area++) {
            out->generation[area][f] = means(&r->folded[area][generation], length);
            out->load[area][f] = means(&r->folded[area][load], length);
        }
        out->nem[0][f] = means(&r->folded[SUMS_NEM][generation], length);
        out->nem[1][f] = means(&r->folded[SUMS_NEM][load], length);
    }
}

static err *read_mix(struct store *s, struct arena *a, struct period range, const struct buckets *b,
                     bool nem, struct mix *out) {
    struct reading *r = ARENA_NEW(a, struct reading);
    size_t bucket = 0;
    *r = (struct reading){.grid = store_grid(s),
                          .memory = a,
                          .buckets = b,
                          .coarsest = b->count ? coarsest_of(b) : LEVELS - 1,
                          .first_area = nem ? SUMS_NEM : 0,
                          .areas = nem ? 1 : MIX_AREAS};
    r->even = even_step(b);
    r->cells = mem_alloc((size_t)r->areas * MIX_LANES * INTERVALS_PER_DAY * sizeof *r->cells);
    *out = (struct mix){.length = b->count, .is_nem = nem};
    for (interval after = range.after, to; after < range.to; after = to) {
        to = interval_day_start(interval_day(after + 1) + 1);
        to = to < range.to ? to : range.to;
        while (after + 1 > b->edges[bucket + 1])
            bucket++;
        fold_day(r, after, to, bucket);
    }
    free(r->cells);
    finish(r, out);
    return NULL;
}

err *mix_read(struct store *s, struct arena *a, struct period range, const struct buckets *b,
              struct mix *out) {
    return read_mix(s, a, range, b, false, out);
}

err *mix_read_nem(struct store *s, struct arena *a, struct period range, const struct buckets *b,
                  struct mix *out) {
    return read_mix(s, a, range, b, true, out);
}

const double *mix_sum(struct arena *a, const struct mix *m, bool load, unsigned areas,
                      enum fuel fuel) {
    double *sum = NULL;
    if (m->is_nem) {
        assert(areas == MIX_ALL_AREAS);
        return m->nem[load][fuel];
    }
    for (int area = 0; area < MIX_AREAS; area++) {
        const double *values = (load ? m->load : m->generation)[area][fuel];
        if (!values || !(areas >> area & 1))
            continue;
        if (!sum) {
            sum = ARENA_ARRAY(a, double, m->length);
            for (size_t i = 0; i < m->length; i++)
                sum[i] = NAN;
        }
        for (size_t i = 0; i < m->length; i++)
            if (!isnan(values[i]))
                sum[i] = isnan(sum[i]) ? values[i] : sum[i] + values[i];
    }
    return sum;
}
