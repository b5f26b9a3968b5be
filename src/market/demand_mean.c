#include "market/demand_mean.h"

#include "market/demand.h"
#include "market/resample.h"

enum { HALF_HOUR = 6 };

static bool are_of_half_hours(struct period p, const struct buckets *b) {
    if (p.after % HALF_HOUR || p.to % HALF_HOUR)
        return false;
    for (size_t k = 0; k <= b->count && b->count; k++)
        if (b->edges[k] % HALF_HOUR)
            return false;
    return true;
}

/* Whether half hours say all of the range. */
static err *half_hours_tell(struct store *s, struct period p, const struct buckets *b,
                            bool underlying, bool *out) {
    const struct store_index *fives, *rooftop;
    TRY(store_index(s, DEMAND5, &fives));
    TRY(store_index(s, ROOFTOP30, &rooftop));
    bool has_fives = fives->has_bounds && fives->first <= p.to && fives->last > p.after;
    bool is_estimated = !rooftop->has_bounds || rooftop->last < p.to;
    *out = are_of_half_hours(p, b) && p.after >= DEMAND_PROXY_UNTIL && !has_fives &&
           !(underlying && is_estimated);
    return NULL;
}

/* The mean of a half hour's six values between two points: market/rooftop_mean.h. */
static double rooftop_of(const struct span *points, interval end) {
    return (2.5 * span_at(points, end - HALF_HOUR) + 3.5 * span_at(points, end)) / HALF_HOUR;
}

static err *read_half_hours(struct store *s, struct arena *a, struct period p, bool underlying,
                            struct span out[REGIONS]) {
    struct span points[REGIONS];
    TRY(regions_read(s, a, DEMAND30, "demand", p, out));
    if (!underlying)
        return NULL;
    TRY(regions_read(s, a, ROOFTOP30, "power", (struct period){p.after - HALF_HOUR, p.to}, points));
    for (int r = 0; r < REGIONS; r++)
        for (size_t i = 0; i < out[r].length; i++)
            out[r].values[i] =
                demand_underlying(out[r].values[i], rooftop_of(&points[r], span_time(&out[r], i)));
    return NULL;
}

static err *read_intervals(struct store *s, struct arena *a, struct period p, bool underlying,
                           struct span out[REGIONS], bool *proxy, bool *provisional) {
    size_t length = (size_t)(p.to - p.after);
    bool *proxies = ARENA_ARRAY(a, bool, length), *estimates = ARENA_ARRAY(a, bool, length);
    if (underlying)
        TRY(underlying_demand_read(s, a, p, out, proxies, estimates));
    else
        TRY(operational_demand_read(s, a, p, out, proxies));
    for (size_t i = 0; i < length; i++) {
        *proxy |= proxies[i];
        *provisional |= estimates[i];
    }
    return NULL;
}

err *demand_mean_read(struct store *s, struct arena *a, struct period p, const struct buckets *b,
                      bool underlying, double *mean[REGIONS], bool *proxy, bool *provisional) {
    struct span values[REGIONS];
    bool by_half_hours;
    TRY(half_hours_tell(s, p, b, underlying, &by_half_hours));
    if (by_half_hours)
        TRY(read_half_hours(s, a, p, underlying, values));
    else
        TRY(read_intervals(s, a, p, underlying, values, proxy, provisional));
    for (int r = 0; r < REGIONS; r++)
        mean[r] = resample(a, &values[r], b).mean;
    return NULL;
}
