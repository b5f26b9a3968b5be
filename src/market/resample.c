#include "market/resample.h"

int chart_step(size_t length, size_t points) {
    static const int steps[] = {1, 2, 3, 6, 12, 24, 36, 48, 72, 144, 288};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (length <= points * (size_t)steps[i])
            return steps[i];
    size_t per_day = points * INTERVALS_PER_DAY;
    return (int)((length + per_day - 1) / per_day) * INTERVALS_PER_DAY;
}

/* The first value of [s] that is named after [at]. */
static size_t index_after(const struct span *s, interval at) {
    int64_t offset = (int64_t)at - s->first;
    size_t index = offset < 0 ? 0 : (size_t)(offset / s->step) + 1;
    return index < s->length ? index : s->length;
}

struct resampled resample(struct arena *a, const struct span *s, const struct buckets *b) {
    struct resampled r = {.count = b->count};
    r.mean = ARENA_ARRAY(a, double, r.count);
    r.min = ARENA_ARRAY(a, double, r.count);
    r.max = ARENA_ARRAY(a, double, r.count);
    r.sum = ARENA_ARRAY(a, double, r.count);
    r.known = ARENA_ARRAY(a, uint32_t, r.count);
    for (size_t k = 0; k < b->count; k++) {
        double sum = 0, low = INFINITY, high = -INFINITY;
        uint32_t known = 0;
        size_t end = index_after(s, b->edges[k + 1]);
        for (size_t i = index_after(s, b->edges[k]); i < end; i++) {
            double value = s->values[i];
            bool is_known = !isnan(value);
            known += is_known;
            sum += is_known ? value : 0;
            low = value < low ? value : low;
            high = value > high ? value : high;
        }
        r.known[k] = known;
        r.sum[k] = known ? sum : NAN;
        r.mean[k] = known ? sum / known : NAN;
        r.min[k] = known ? low : NAN;
        r.max[k] = known ? high : NAN;
    }
    return r;
}

size_t bucket_steps(const struct buckets *b, size_t bucket, int step) {
    return (size_t)((b->edges[bucket + 1] - b->edges[bucket]) / step);
}
