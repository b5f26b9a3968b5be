/* A column of numbers over time: what the formulas of this layer take and give.
 *
 *     first   first + step   …        (length of them; each named by its end, as everywhere)
 *     87.1    NaN            80.2     NaN: not known, which is never zero
 *
 * A formula reads and writes such arrays and nothing else: it opens no file, and its memory comes
 * from the caller.
 */
#ifndef MARKET_SPAN_H
#define MARKET_SPAN_H

#include <math.h>

#include "base/aest.h"
#include "base/mem.h"

struct span {
    interval first; /* of the first value */
    int step;       /* intervals from a value to the next: 1 is 5 minutes, 6 half an hour */
    size_t length;
    double *values;
};

static inline interval span_time(const struct span *s, size_t i) {
    return s->first + (interval)i * s->step;
}

/* The value that is named [at]; NaN outside of the span and between its steps. */
static inline double span_at(const struct span *s, interval at) {
    int64_t offset = (int64_t)at - s->first;
    if (offset < 0 || offset % s->step || (size_t)(offset / s->step) >= s->length)
        return NAN;
    return s->values[offset / s->step];
}

/* The mean of [count] values from [first] on, which are there; NaN where one of them isn't known.
 */
static inline double span_mean(const struct span *s, size_t first, size_t count) {
    double sum = 0;
    for (size_t i = first; i < first + count; i++)
        sum += s->values[i];
    return sum / (double)count;
}

/* A span without any value known. */
static inline struct span span_new(struct arena *a, interval first, int step, size_t length) {
    struct span s = {first, step, length, ARENA_ARRAY(a, double, length)};
    for (size_t i = 0; i < length; i++)
        s.values[i] = NAN;
    return s;
}

#endif
