#include "market/rooftop_mean.h"

#include "market/energy.h"

enum { HALF_HOUR = 6 };

struct sums {
    const struct buckets *buckets;
    struct period range;
    size_t bucket; /* that the next interval is in */
    double *sum;
    uint32_t *known;
};

static void go_to(struct sums *s, interval at) {
    while (at > s->buckets->edges[s->bucket + 1])
        s->bucket++;
}

static void add(struct sums *s, interval at, double value) {
    if (at <= s->range.after || at > s->range.to || isnan(value))
        return;
    go_to(s, at);
    s->sum[s->bucket] += value;
    s->known[s->bucket]++;
}

/* The half hour that ends at [end], between two points. */
static void add_half_hour(struct sums *s, interval end, double before, double here) {
    interval first = end - HALF_HOUR + 1;
    if (isnan(here))
        return;
    if (first > s->range.after && end <= s->range.to && !isnan(before)) {
        go_to(s, first);
        if (end <= s->buckets->edges[s->bucket + 1]) {
            s->sum[s->bucket] += 2.5 * before + 3.5 * here;
            s->known[s->bucket] += HALF_HOUR;
            return;
        }
    }
    for (int k = HALF_HOUR - 1; k > 0; k--)
        add(s, end - k, here + (before - here) * k / HALF_HOUR);
    add(s, end, here);
}

/* The earliest of the regions' last points: up to it all is drawn between points. Where there is
 * none, it is all estimated behind a point before [p], or that lies too far back. */
static interval drawn_until(const struct span points[REGIONS], struct period p) {
    interval until = half_hour_of(p.to);
    bool any = false;
    for (int r = 0; r < REGIONS; r++)
        for (size_t i = points[r].length; i--;)
            if (!isnan(points[r].values[i])) {
                interval last = span_time(&points[r], i);
                until = last < until ? last : until;
                any = true;
                break;
            }
    return any || p.to - p.after > ROOFTOP_LATE ? until : p.after;
}

static double sum_at(const struct span values[REGIONS], unsigned areas, size_t i) {
    double sum = 0;
    for (int r = 0; r < REGIONS; r++)
        sum += areas >> r & 1 ? values[r].values[i] : 0;
    return sum;
}

static void begin(struct sums *s, struct arena *a, const struct buckets *b, struct period p) {
    *s = (struct sums){.buckets = b, .range = p};
    s->sum = ARENA_ARRAY(a, double, b->count);
    s->known = ARENA_ARRAY(a, uint32_t, b->count);
}

/* Up to [until], between the points. */
static void add_drawn(struct sums *s, const struct span points[REGIONS], unsigned areas,
                      interval until) {
    double before = points[0].length ? sum_at(points, areas, 0) : NAN;
    for (size_t i = 1; i < points[0].length; i++) {
        interval end = span_time(&points[0], i);
        double here = sum_at(points, areas, i);
        if (end > s->range.after && end <= until)
            add_half_hour(s, end, before, here);
        before = here;
    }
}

/* What comes behind the first region's last point. */
static err *add_rest(struct sums *s, const unsigned *areas, size_t count, struct store *store,
                     struct arena *a, interval after, struct rooftop_mean *out) {
    struct period p = {after, s->range.to};
    struct span rest[REGIONS];
    size_t length = (size_t)(p.to - p.after);
    bool *flags = ARENA_ARRAY(a, bool, length);
    TRY(rooftop_read(store, a, p, rest, flags));
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < length; i++)
            add(&s[k], after + 1 + (interval)i, sum_at(rest, areas[k], i));
    for (size_t i = length; i--;) {
        if (flags[i])
            out->first = after + 1 + (interval)i;
        out->provisional |= flags[i];
    }
    while (length && flags[length - 1])
        length--;
    out->from = after + 1 + (interval)length;
    return NULL;
}

static double *finish(struct sums *s) {
    for (size_t i = 0; i < s->buckets->count; i++)
        s->sum[i] = s->known[i] ? s->sum[i] / s->known[i] : NAN;
    return s->sum;
}

const unsigned rooftop_each_region[REGIONS] = {1u << 0, 1u << 1, 1u << 2, 1u << 3, 1u << 4};

err *rooftop_mean_read(struct store *store, struct arena *a, struct period p,
                       const struct buckets *b, const unsigned *areas, size_t count,
                       struct rooftop_mean *out) {
    struct span points[REGIONS];
    struct sums s[REGIONS];
    struct period wide = {half_hour_of(p.after) - 2 * HALF_HOUR, half_hour_of(p.to)};
    *out = (struct rooftop_mean){.first = p.to + 1, .from = p.to + 1};
    TRY(regions_read(store, a, ROOFTOP30, "power", wide, points));
    interval until = drawn_until(points, p);
    for (size_t k = 0; k < count; k++) {
        begin(&s[k], a, b, p);
        add_drawn(&s[k], points, areas[k], until);
    }
    until = until > p.after ? until : p.after;
    if (until < p.to && count)
        TRY(add_rest(s, areas, count, store, a, until, out));
    for (size_t k = 0; k < count; k++)
        out->mean[k] = finish(&s[k]), out->known[k] = s[k].known;
    return NULL;
}
