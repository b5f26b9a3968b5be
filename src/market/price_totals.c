#include "market/price_totals.h"

#include "market/readings.h"
#include "market/sums.h"

/* A tile of a day or a month, copied as it is at one moment. */
struct piece {
    bool there;
    cell lanes[PRICE_AREAS][PRICE_LANES];
};

/* A grid_visit. */
static void copy_tile(void *context, const struct tiles *file, const struct tile *t) {
    struct piece *p = context;
    memset(p, 0, sizeof *p); /* CELL_MISSING */
    p->there = true;
    for (int area = 0; area < PRICE_AREAS; area++) {
        int64_t place = intern_find(&file->keys, str_from(price_area(area)));
        if (place >= 0 && place < t->keys)
            memcpy(p->lanes[area], tile_series(t, (uint32_t)place, 0), sizeof p->lanes[area]);
    }
}

static void add_piece(const struct piece *p, struct price_total out[PRICE_AREAS]) {
    for (int area = 0; area < PRICE_AREAS; area++)
        month_add(&months_of_prices, out[area].lanes, &out[area].any, p->lanes[area]);
}

/* False where [shape] has nothing for the day. */
static bool add_tile(struct grid *g, const struct tiles_shape *shape, aest_day day,
                     struct price_total out[PRICE_AREAS]) {
    struct piece p = {0};
    grid_each(g, shape, day, day, copy_tile, &p);
    if (p.there)
        add_piece(&p, out);
    return p.there;
}

/* What no sums say. */
static err *add_intervals(struct store *s, struct period p, struct price_total out[PRICE_AREAS]) {
    struct arena a = {0};
    struct span rrp[REGIONS], demand[REGIONS];
    double sums[PRICE_AREAS][PRICE_LANES];
    struct piece piece = {0};
    err *e = regions_read(s, &a, PRICES5, "rrp", p, rrp);
    if (!e)
        e = regions_read(s, &a, REGIONS5, "totaldemand", p, demand);
    if (!e) {
        price_sums_of(rrp, demand, sums);
        for (int area = 0; area < PRICE_AREAS; area++)
            for (int lane = 0; lane < PRICE_LANES && sums[area][PRICE_COUNT] > 0; lane++)
                piece.lanes[area][lane] = cell_from_double(sums[area][lane]);
        add_piece(&piece, out);
    }
    arena_free(&a);
    return e;
}

err *price_totals_read(struct store *s, struct period p, struct price_total out[PRICE_AREAS]) {
    struct grid *g = store_grid(s);
    memset(out, 0, PRICE_AREAS * sizeof *out);
    for (interval after = p.after, end; after < p.to; after = end) {
        aest_day day = interval_day(after + 1);
        bool begins_day = after == interval_day_start(day);
        int days = begins_day ? month_days_from(day) : 0;
        end = interval_day_start(day + days);
        if (days && end <= p.to && month_tiles(&months_of_prices, g, day) &&
            add_tile(g, &sums_price_months, day, out))
            continue;
        end = interval_day_start(day + 1);
        if (begins_day && end <= p.to && add_tile(g, &sums_price_days, day, out))
            continue;
        end = end < p.to ? end : p.to;
        TRY(add_intervals(s, (struct period){after, end}, out));
    }
    return NULL;
}
