#include "market/regions_resample.h"

#include "base/pairs.h"
#include "market/sums.h"

/* Sums that are kept of a column (market/sums.h), the longest first, and their lanes. */
static const struct kept {
    enum dataset_id dataset;
    const char *column;
    const struct tiles_shape *shape;
    int count, sum, min, max;
} all_kept[] = {
    {PRICES5, "rrp", &sums_price_days, PRICE_COUNT, PRICE_SUM, PRICE_MIN, PRICE_MAX},
    {PRICES5, "rrp", &sums_price360, PRICE_COUNT, PRICE_SUM, PRICE_MIN, PRICE_MAX},
};
enum { KEPT = sizeof all_kept / sizeof *all_kept };

/* Values of one bucket, added up. */
struct piece {
    double sum, low, high;
    uint32_t known;
};

/* One reading. */
struct reading {
    struct grid *grid;
    uint32_t lane;
    const struct kept *kept; /* the sums that are read, if any */
    const interval *edges;   /* of the buckets */
    /* the part of a day that is read, and what it adds to the buckets from [bucket] on */
    interval after, to;
    size_t bucket, count;
    struct piece pieces[REGIONS][INTERVALS_PER_DAY];
};

/* Of a piece, while its values come. */
struct running {
    doubles sum, low, high;
    masks known; /* counted downward */
};

static inline masks either(masks which, doubles yes, doubles no) {
    return (which & (masks)yes) | (~which & (masks)no);
}

static inline void add_pair(struct running *s, const cell *cells) {
    masks bits;
    memcpy(&bits, cells, sizeof bits);
    doubles value = (doubles)~bits; /* as cell_to_double; what is missing is NaN, unlike itself */
    masks known = value <= (doubles){INFINITY, INFINITY};
    s->sum += (doubles)(known & ~bits);
    s->known += known;
    s->low = (doubles)either(value < s->low, value, s->low);
    s->high = (doubles)either(value > s->high, value, s->high);
}

static const struct piece nothing = {.low = INFINITY, .high = -INFINITY};

static void add_piece(struct piece *to, const struct piece *more) {
    to->sum += more->sum;
    to->known += more->known;
    to->low = more->low < to->low ? more->low : to->low;
    to->high = more->high > to->high ? more->high : to->high;
}

static void add_running(struct piece *to, const struct running *s) {
    for (int k = 0; k < PAIR; k++)
        add_piece(to, &(struct piece){s->sum[k], s->low[k], s->high[k], (uint32_t)-s->known[k]});
}

/* By two pairs in turn: neither waits for what was added to the other. */
static struct piece piece_of(const cell *cells, size_t count) {
    enum { AT_ONCE = 2 * PAIR };
    struct running one = {.low = {INFINITY, INFINITY}, .high = {-INFINITY, -INFINITY}}, two = one;
    cell rest[AT_ONCE] = {CELL_MISSING, CELL_MISSING, CELL_MISSING, CELL_MISSING};
    struct piece sum = nothing;
    size_t i = 0;
    for (; i + AT_ONCE <= count; i += AT_ONCE) {
        add_pair(&one, cells + i);
        add_pair(&two, cells + i + PAIR);
    }
    memcpy(rest, cells + i, (count - i) * sizeof *rest);
    add_pair(&one, rest);
    add_pair(&two, rest + PAIR);
    add_running(&sum, &one);
    add_running(&sum, &two);
    return sum;
}

/* The same from sums: those of the slots from [first] on, before [behind]. */
static struct piece piece_of_sums(const struct kept *kept, const cell *lanes, size_t slots,
                                  size_t first, size_t behind) {
    struct piece sum = nothing;
    for (size_t i = first; i < behind; i++) {
        double known = cell_to_double(lanes[(size_t)kept->count * slots + i]);
        if (known > 0)
            add_piece(&sum, &(struct piece){cell_to_double(lanes[(size_t)kept->sum * slots + i]),
                                            cell_to_double(lanes[(size_t)kept->min * slots + i]),
                                            cell_to_double(lanes[(size_t)kept->max * slots + i]),
                                            (uint32_t)known});
    }
    return sum;
}

/* A grid_visit: the part of the day as it is at one moment. */
static void take(void *context, const struct tiles *file, const struct tile *t) {
    struct reading *r = context;
    interval start = interval_day_start(interval_day(r->to));
    int step = INTERVALS_PER_DAY / (int)t->slots;
    const cell *cells[REGIONS];
    for (int region = 0; region < REGIONS; region++) {
        int64_t place = intern_find(&file->keys, str_from(regions[region]));
        bool is_there = place >= 0 && place < t->keys;
        cells[region] = is_there ? tile_series(t, (uint32_t)place, r->kept ? 0 : r->lane) : NULL;
    }
    r->count = 0;
    for (interval at = r->after, end; at < r->to; at = end, r->count++) {
        interval edge = r->edges[r->bucket + r->count + 1];
        end = edge < r->to ? edge : r->to;
        /* values are named by their ends: those in (at, end] */
        size_t first = (size_t)((at - start) / step), behind = (size_t)((end - start) / step);
        for (int region = 0; region < REGIONS; region++)
            r->pieces[region][r->count] =
                !cells[region] ? nothing
                : r->kept      ? piece_of_sums(r->kept, cells[region], t->slots, first, behind)
                               : piece_of(cells[region] + first, behind - first);
    }
}

/* Whether each bucket has whole slots of [step] of the part that is read. */
static bool has_whole(const struct reading *r, int step) {
    bool whole = r->after % step == 0 && r->to % step == 0;
    for (const interval *edge = r->edges + r->bucket + 1; whole && *edge < r->to; edge++)
        whole = *edge % step == 0;
    return whole;
}

/* Reads the part of a day; false where there is no tile of it. */
static bool read_tile(struct reading *r, const struct tiles_shape *shape) {
    aest_day day = interval_day(r->to);
    r->count = 0;
    grid_each(r->grid, shape, day, day, take, r);
    return r->count > 0;
}

/* The same from the longest sums that fit, or from the values themselves. */
static bool read_part(struct reading *r, enum dataset_id dataset, const char *column) {
    for (const struct kept *k = all_kept; k < all_kept + KEPT; k++) {
        r->kept = k;
        if (k->dataset == dataset && strcmp(k->column, column) == 0 &&
            has_whole(r, INTERVALS_PER_DAY / (int)k->shape->slots) && read_tile(r, k->shape))
            return true;
    }
    r->kept = NULL;
    return read_tile(r, grid_shape(r->grid, dataset));
}

static void add_pieces(const struct reading *r, struct resampled out[REGIONS]) {
    for (int region = 0; region < REGIONS; region++)
        for (size_t i = 0; i < r->count; i++) {
            struct resampled *to = &out[region];
            size_t k = r->bucket + i;
            struct piece sum = {to->sum[k], to->min[k], to->max[k], to->known[k]};
            add_piece(&sum, &r->pieces[region][i]);
            to->sum[k] = sum.sum, to->min[k] = sum.low, to->max[k] = sum.high;
            to->known[k] = sum.known;
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
    r->grid = store_grid(s);
    r->lane = (uint32_t)grid_lane(dataset, column, 0);
    r->edges = b->edges;
    for (int region = 0; region < REGIONS; region++)
        make_room(a, b->count, &out[region]);
    for (r->after = p.after; r->after < p.to; r->after = r->to) {
        interval end = interval_day_start(interval_day(r->after + 1) + 1);
        r->to = end < p.to ? end : p.to;
        while (r->after + 1 > b->edges[r->bucket + 1])
            r->bucket++;
        if (read_part(r, dataset, column))
            add_pieces(r, out);
    }
    for (int region = 0; region < REGIONS; region++)
        finish(&out[region]);
}
