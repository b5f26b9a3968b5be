#include "market/regions_resample.h"

#include "market/sums.h"

/* Columns whose days are summed beside the grid (market/sums.h), by the lanes of their sums. */
static const struct day_sums {
    enum dataset_id dataset;
    const char *column;
    const struct tiles_shape *shape;
    int count, sum, min, max;
} all_day_sums[] = {
    {PRICES5, "rrp", &sums_price_days, PRICE_DAY_COUNT, PRICE_DAY_SUM, PRICE_DAY_MIN,
     PRICE_DAY_MAX},
};

static const struct day_sums *day_sums_of(enum dataset_id dataset, const char *column) {
    for (size_t i = 0; i < sizeof all_day_sums / sizeof *all_day_sums; i++)
        if (all_day_sums[i].dataset == dataset && strcmp(all_day_sums[i].column, column) == 0)
            return &all_day_sums[i];
    return NULL;
}

/* Values are taken two at a time, which the processors of today do in one step. */
enum { AT_ONCE = 2 };
typedef double doubles __attribute__((vector_size(AT_ONCE * sizeof(double))));
typedef int64_t masks __attribute__((vector_size(AT_ONCE * sizeof(int64_t)))); /* 0 or -1 each */

/* Of a bucket, while its values come. */
struct running {
    doubles sum, low, high;
    masks known; /* counted downward */
};

/* One reading. */
struct reading {
    struct grid *grid;
    const struct tiles_shape *shape;
    uint32_t lane;
    const struct buckets *buckets;
    struct resampled *out;
    bool has_day;                           /* the day that is read has a tile: */
    cell cells[REGIONS][INTERVALS_PER_DAY]; /* copied as it is at one moment */
    const struct day_sums *sums;            /* of the column, or NULL */
    cell day[REGIONS][PRICE_DAY_LANES];     /* the same of a day's */
};

/* A grid_visit. */
static void copy_day(void *context, const struct tiles *file, const struct tile *t) {
    struct reading *r = context;
    r->has_day = true;
    for (int region = 0; region < REGIONS; region++) {
        int64_t place = intern_find(&file->keys, str_from(regions[region]));
        if (place < 0)
            memset(r->cells[region], 0, sizeof r->cells[region]); /* CELL_MISSING */
        else
            memcpy(r->cells[region], tile_series(t, (uint32_t)place, r->lane),
                   t->slots * sizeof(cell));
    }
}

/* The same of the day's sums. */
static void copy_sums(void *context, const struct tiles *file, const struct tile *t) {
    struct reading *r = context;
    r->has_day = true;
    for (int region = 0; region < REGIONS; region++) {
        int64_t place = intern_find(&file->keys, str_from(regions[region]));
        for (uint32_t lane = 0; lane < t->lanes; lane++)
            r->day[region][lane] =
                place < 0 ? CELL_MISSING : *tile_series(t, (uint32_t)place, lane);
    }
}

/* Adds a day that lies in [bucket] from its sums; false where it has none. */
static bool add_sums(struct reading *r, aest_day day, size_t bucket) {
    r->has_day = false;
    grid_each(r->grid, r->sums->shape, day, day, copy_sums, r);
    for (int region = 0; r->has_day && region < REGIONS; region++) {
        const cell *lanes = r->day[region];
        struct resampled *to = &r->out[region];
        if (lanes[r->sums->count] == CELL_MISSING)
            continue;
        double low = cell_to_double(lanes[r->sums->min]);
        double high = cell_to_double(lanes[r->sums->max]);
        to->known[bucket] += (uint32_t)cell_to_double(lanes[r->sums->count]);
        to->sum[bucket] += cell_to_double(lanes[r->sums->sum]);
        to->min[bucket] = low < to->min[bucket] ? low : to->min[bucket];
        to->max[bucket] = high > to->max[bucket] ? high : to->max[bucket];
    }
    return r->has_day;
}

static inline masks either(masks which, doubles yes, doubles no) {
    return (which & (masks)yes) | (~which & (masks)no);
}

static inline void add_values(struct running *s, const cell *cells) {
    masks bits;
    memcpy(&bits, cells, sizeof bits);
    doubles value = (doubles)~bits; /* as cell_to_double; what is missing is NaN, unlike itself */
    masks known = value <= (doubles){INFINITY, INFINITY};
    s->sum += (doubles)(known & ~bits);
    s->known += known;
    s->low = (doubles)either(value < s->low, value, s->low);
    s->high = (doubles)either(value > s->high, value, s->high);
}

/* Adds values of one bucket to what it has. */
static void add_piece(struct resampled *to, size_t bucket, const cell *cells, size_t count) {
    struct running s = {.low = {INFINITY, INFINITY}, .high = {-INFINITY, -INFINITY}};
    cell rest[AT_ONCE] = {CELL_MISSING, CELL_MISSING};
    size_t i = 0;
    for (; i + AT_ONCE <= count; i += AT_ONCE)
        add_values(&s, cells + i);
    memcpy(rest, cells + i, (count - i) * sizeof *rest);
    add_values(&s, rest);
    for (int k = 0; k < AT_ONCE; k++) {
        to->sum[bucket] += s.sum[k];
        to->known[bucket] += (uint32_t)-s.known[k];
        to->min[bucket] = s.low[k] < to->min[bucket] ? s.low[k] : to->min[bucket];
        to->max[bucket] = s.high[k] > to->max[bucket] ? s.high[k] : to->max[bucket];
    }
}

/* The part (after, to] of a day, which begins in [bucket]. */
static void add_day(struct reading *r, interval after, interval to, size_t bucket) {
    const interval *edges = r->buckets->edges;
    interval start = interval_day_start(interval_day(to));
    int step = INTERVALS_PER_DAY / (int)r->shape->slots;
    for (interval at = after, end; at < to; at = end, bucket++) {
        end = edges[bucket + 1] < to ? edges[bucket + 1] : to;
        /* values are named by their ends: those in (at, end] */
        size_t first = (size_t)((at - start) / step), behind = (size_t)((end - start) / step);
        for (int region = 0; behind > first && region < REGIONS; region++)
            add_piece(&r->out[region], bucket, r->cells[region] + first, behind - first);
    }
}

static void make_room(struct arena *a, size_t count, struct resampled *out) {
    *out = (struct resampled){.count = count};
    out->mean = ARENA_ARRAY(a, double, count);
    out->min = ARENA_ARRAY(a, double, count);
    out->max = ARENA_ARRAY(a, double, count);
    out->sum = ARENA_ARRAY(a, double, count);
    out->known = ARENA_ARRAY(a, uint32_t, count);
    for (size_t k = 0; k < count; k++) {
        out->min[k] = INFINITY;
        out->max[k] = -INFINITY;
    }
}

static void finish(struct resampled *r) {
    for (size_t k = 0; k < r->count; k++) {
        bool is_known = r->known[k] > 0;
        r->mean[k] = is_known ? r->sum[k] / r->known[k] : NAN;
        r->sum[k] = is_known ? r->sum[k] : NAN;
        r->min[k] = is_known ? r->min[k] : NAN;
        r->max[k] = is_known ? r->max[k] : NAN;
    }
}

void regions_resample(struct store *s, struct arena *a, enum dataset_id dataset, const char *column,
                      struct period p, const struct buckets *b, struct resampled out[REGIONS]) {
    struct reading *r = ARENA_NEW(a, struct reading);
    size_t bucket = 0;
    r->grid = store_grid(s);
    r->shape = grid_shape(r->grid, dataset);
    r->lane = (uint32_t)grid_lane(dataset, column, 0);
    r->buckets = b;
    r->out = out;
    r->sums = day_sums_of(dataset, column);
    for (int region = 0; region < REGIONS; region++)
        make_room(a, b->count, &out[region]);
    for (interval after = p.after, to; after < p.to; after = to) {
        to = interval_day_start(interval_day(after + 1) + 1);
        to = to < p.to ? to : p.to;
        while (after + 1 > b->edges[bucket + 1])
            bucket++;
        bool in_one = to - after == INTERVALS_PER_DAY && b->edges[bucket + 1] >= to;
        if (in_one && r->sums && add_sums(r, interval_day(to), bucket))
            continue;
        r->has_day = false;
        grid_each(r->grid, r->shape, interval_day(to), interval_day(to), copy_day, r);
        if (r->has_day)
            add_day(r, after, to, bucket);
    }
    for (int region = 0; region < REGIONS; region++)
        finish(&out[region]);
}
