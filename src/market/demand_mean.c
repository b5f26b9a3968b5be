#include "market/demand_mean.h"

#include "market/demand.h"
#include "market/energy.h"
#include "market/regions_resample.h"
#include "market/rooftop_mean.h"

enum { HALF_HOUR = 6 };

/* One reading. */
struct reading {
    struct store *store;
    struct arena *memory;
    const struct buckets *buckets;
    bool underlying;
    bool *proxy, *provisional;
    double *sum[REGIONS]; /* of a bucket's intervals that are known */
    uint32_t *known[REGIONS];
};

/* -- by intervals -------------------------------------------------------------------------------
 */

/* Adds values of [p], each of which stands for [weight] intervals. */
static void add(struct reading *r, int region, struct period p, const struct span *values,
                uint32_t weight) {
    size_t first = 0, end = r->buckets->count;
    while (first < end && r->buckets->edges[first + 1] <= p.after)
        first++;
    while (end > first && r->buckets->edges[end - 1] >= p.to)
        end--;
    const struct buckets b = {end - first, r->buckets->edges + first};
    struct resampled more = resample(r->memory, values, &b);
    for (size_t k = 0; k < b.count; k++) {
        if (!more.known[k])
            continue;
        r->sum[region][first + k] += more.sum[k] * weight;
        r->known[region][first + k] += more.known[k] * weight;
    }
}

static err *add_intervals(struct reading *r, struct period p) {
    struct span values[REGIONS];
    struct arena *a = r->memory;
    size_t length = (size_t)(p.to - p.after);
    bool *proxies = ARENA_ARRAY(a, bool, length), *estimates = ARENA_ARRAY(a, bool, length);
    if (r->underlying)
        TRY(underlying_demand_read(r->store, a, p, values, proxies, estimates));
    else
        TRY(operational_demand_read(r->store, a, p, values, proxies));
    for (size_t i = 0; i < length; i++) {
        *r->proxy |= proxies[i];
        *r->provisional |= estimates[i];
    }
    for (int region = 0; region < REGIONS; region++)
        add(r, region, p, &values[region], 1);
    return NULL;
}

/* -- by half hours ------------------------------------------------------------------------------
 */

/* The mean of a half hour's six values between two points: market/rooftop_mean.h. */
static double rooftop_of(const struct span *points, interval end) {
    return (2.5 * span_at(points, end - HALF_HOUR) + 3.5 * span_at(points, end)) / HALF_HOUR;
}

static err *make_underlying(struct reading *r, struct period p, struct span halves[REGIONS]) {
    struct span points[REGIONS];
    struct period wide = {p.after - HALF_HOUR, p.to};
    TRY(regions_read(r->store, r->memory, ROOFTOP30, "power", wide, points));
    for (int region = 0; region < REGIONS; region++) {
        struct span *s = &halves[region];
        for (size_t i = 0; i < s->length; i++)
            s->values[i] =
                demand_underlying(s->values[i], rooftop_of(&points[region], span_time(s, i)));
    }
    return NULL;
}

static err *add_half_hours(struct reading *r, struct period p) {
    struct span halves[REGIONS];
    TRY(regions_read(r->store, r->memory, DEMAND30, "demand", p, halves));
    if (r->underlying)
        TRY(make_underlying(r, p, halves));
    for (int region = 0; region < REGIONS; region++)
        add(r, region, p, &halves[region], HALF_HOUR);
    return NULL;
}

/* -- by the proxy's parts ------------------------------------------------------------------------
 */

/* What a proxy is the sum of, over the buckets. */
struct proxy_parts {
    struct resampled target[REGIONS], intermittent[REGIONS];
    struct rooftop_mean rooftop;
};

/* The part of a bucket that lies in [p]. */
static struct period part_of(const struct buckets *b, size_t k, struct period p) {
    struct period part = {b->edges[k] > p.after ? b->edges[k] : p.after,
                          b->edges[k + 1] < p.to ? b->edges[k + 1] : p.to};
    return part;
}

/* How many intervals of a bucket are known of the part of which the fewest are. */
static uint32_t fewest_known(const struct reading *r, const struct proxy_parts *x, int region,
                             size_t k) {
    uint32_t target = x->target[region].known[k], other = x->intermittent[region].known[k];
    uint32_t fewest = target < other ? target : other;
    if (r->underlying && x->rooftop.known[region][k] < fewest)
        fewest = x->rooftop.known[region][k];
    return fewest;
}

/* Whether a sum of the parts' means is the mean of their sums: each is known in all of the bucket's
 * [steps], or one of them in none, so that no sum is. */
static bool adds_up(const struct reading *r, const struct proxy_parts *x, size_t k,
                    uint32_t steps) {
    for (int region = 0; region < REGIONS; region++) {
        uint32_t known = fewest_known(r, x, region, k);
        if (known != 0 && known != steps)
            return false;
    }
    return true;
}

static err *add_proxy(struct reading *r, struct period p) {
    struct arena *a = r->memory;
    const struct buckets *b = r->buckets;
    struct proxy_parts *x = ARENA_NEW(a, struct proxy_parts);
    regions_resample(r->store, a, REGIONS5, "totaldemand", p, b, x->target);
    regions_resample(r->store, a, REGIONS5, "totalintermittentgeneration", p, b, x->intermittent);
    if (r->underlying)
        TRY(rooftop_mean_read(r->store, a, p, b, rooftop_each_region, REGIONS, &x->rooftop));
    if (x->rooftop.provisional)
        return add_intervals(r, p);
    *r->proxy = true;
    for (size_t k = 0; k < b->count; k++) {
        struct period part = part_of(b, k, p);
        if (part.after >= part.to)
            continue;
        uint32_t steps = (uint32_t)(part.to - part.after);
        if (!adds_up(r, x, k, steps)) {
            TRY(add_intervals(r, part));
            continue;
        }
        for (int region = 0; region < REGIONS; region++) {
            if (fewest_known(r, x, region, k) == 0)
                continue;
            double rooftop = r->underlying ? x->rooftop.mean[region][k] * steps : 0;
            r->sum[region][k] +=
                x->target[region].sum[k] + x->intermittent[region].sum[k] + rooftop;
            r->known[region][k] += steps;
        }
    }
    return NULL;
}

/* -- which of them ------------------------------------------------------------------------------
 */

static interval clamp(interval at, struct period p) {
    return at < p.after ? p.after : at > p.to ? p.to : at;
}

static interval whole_half_hours(interval at) {
    return half_hour_of(at + 1) - HALF_HOUR;
}

static bool are_of_half_hours(const struct buckets *b) {
    for (size_t k = 0; k <= b->count && b->count; k++)
        if (b->edges[k] % HALF_HOUR)
            return false;
    return true;
}

/* The last interval that a dataset's first value isn't of. */
static interval before_first(const struct store_index *x, int step, interval none) {
    return x->has_bounds ? x->first - step : none;
}

/* Where the ways part: proxies up to [proxies], half hours from [from] up to [to], all else by
 * intervals. */
struct ways {
    interval proxies, from, to;
};

static err *find_ways(const struct reading *r, struct period p, struct ways *out) {
    const struct store_index *fives, *halves, *rooftop;
    TRY(store_index(r->store, DEMAND5, &fives));
    TRY(store_index(r->store, DEMAND30, &halves));
    TRY(store_index(r->store, ROOFTOP30, &rooftop));
    interval five = before_first(fives, 1, p.to), half = before_first(halves, HALF_HOUR, p.to);
    out->proxies = clamp(five < half ? five : half, p);
    out->proxies = out->proxies < DEMAND_PROXY_UNTIL ? out->proxies : clamp(DEMAND_PROXY_UNTIL, p);
    out->from = half_hour_of(clamp(DEMAND_PROXY_UNTIL, p));
    out->from = out->from > out->proxies ? out->from : out->proxies;
    out->to = fives->has_bounds && fives->last <= out->from ? p.to : clamp(five, p);
    if (r->underlying && (!rooftop->has_bounds || rooftop->last < p.to)) {
        /* behind the first region's last point it is an estimate */
        interval last = rooftop->has_bounds ? rooftop->last - ROOFTOP_LATE : p.after;
        out->to = last < out->to ? last : out->to;
    }
    out->to = whole_half_hours(out->to);
    if (out->to < out->from || !are_of_half_hours(r->buckets))
        out->from = out->to = out->proxies;
    return NULL;
}

static err *add_all(struct reading *r, struct period p) {
    struct ways w;
    TRY(find_ways(r, p, &w));
    if (p.after < w.proxies)
        TRY(add_proxy(r, (struct period){p.after, w.proxies}));
    if (w.proxies < w.from)
        TRY(add_intervals(r, (struct period){w.proxies, w.from}));
    if (w.from < w.to)
        TRY(add_half_hours(r, (struct period){w.from, w.to}));
    return w.to < p.to ? add_intervals(r, (struct period){w.to, p.to}) : NULL;
}

err *demand_mean_read(struct store *s, struct arena *a, struct period p, const struct buckets *b,
                      bool underlying, double *mean[REGIONS], bool *proxy, bool *provisional) {
    struct reading r = {.store = s,
                        .memory = a,
                        .buckets = b,
                        .underlying = underlying,
                        .proxy = proxy,
                        .provisional = provisional};
    for (int region = 0; region < REGIONS; region++) {
        r.sum[region] = ARENA_ARRAY(a, double, b->count);
        r.known[region] = ARENA_ARRAY(a, uint32_t, b->count);
    }
    TRY(add_all(&r, p));
    for (int region = 0; region < REGIONS; region++) {
        mean[region] = r.sum[region];
        for (size_t k = 0; k < b->count; k++)
            mean[region][k] =
                r.known[region][k] ? r.sum[region][k] / r.known[region][k] : (double)NAN;
    }
    return NULL;
}
