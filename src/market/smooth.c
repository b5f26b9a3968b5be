#include "market/smooth.h"

#include <assert.h>

const char *const smoothing_names[SMOOTHINGS] = {"none", "mean", "exponential", "loess"};

bool smoothing_from_name(str name, enum smoothing *out) {
    for (int i = 0; i < SMOOTHINGS; i++) {
        if (str_eq(name, str_from(smoothing_names[i]))) {
            *out = (enum smoothing)i;
            return true;
        }
    }
    return false;
}

/* Points [*from, *to) within half a window of point [i]; both only grow with [i]. */
static void window_around(const interval *times, size_t count, int window, size_t i, size_t *from,
                          size_t *to) {
    while (2 * ((int64_t)times[i] - times[*from]) > window)
        ++*from;
    while (*to < count && 2 * ((int64_t)times[*to] - times[i]) <= window)
        ++*to;
}

static void moving_mean(const interval *times, const double *values, size_t count, int window,
                        double *out) {
    for (size_t i = 0, from = 0, to = 0; i < count; i++) {
        double sum = 0, known = 0;
        window_around(times, count, window, i, &from, &to);
        for (size_t k = from; k < to; k++) {
            if (isnan(values[k]))
                continue;
            sum += values[k];
            known++;
        }
        out[i] = isnan(values[i]) ? NAN : sum / known;
    }
}

static void exponential(const interval *times, const double *values, size_t count, int window,
                        double *out) {
    double state = NAN;
    interval last = 0;
    for (size_t i = 0; i < count; i++) {
        out[i] = NAN;
        if (isnan(values[i]))
            continue;
        if (isnan(state))
            state = values[i];
        else
            state -= expm1(-(double)(times[i] - last) / window) * (values[i] - state);
        last = times[i];
        out[i] = state;
    }
}

/* The line through the points around [i], at its time. */
static double local_line(const interval *times, const double *values, size_t from, size_t to,
                         size_t i, int window) {
    double half = window / 2.0, w0 = 0, w1 = 0, w2 = 0, y0 = 0, y1 = 0;
    for (size_t k = from; k < to; k++) {
        double x = (double)(times[k] - times[i]), d = fabs(x) / half, near = 1 - d * d * d;
        double w = near * near * near;
        if (isnan(values[k]) || w <= 0)
            continue;
        w0 += w;
        w1 += w * x;
        w2 += w * x * x;
        y0 += w * values[k];
        y1 += w * values[k] * x;
    }
    double determinant = w0 * w2 - w1 * w1;
    if (determinant <= 1e-9 * w0 * w2) /* a single point, or none on one side of it */
        return y0 / w0;
    return (w2 * y0 - w1 * y1) / determinant;
}

static void loess(const interval *times, const double *values, size_t count, int window,
                  double *out) {
    for (size_t i = 0, from = 0, to = 0; i < count; i++) {
        window_around(times, count, window, i, &from, &to);
        out[i] = isnan(values[i]) ? NAN : local_line(times, values, from, to, i, window);
    }
}

static void as_it_is(const interval *times, const double *values, size_t count, int window,
                     double *out) {
    (void)times, (void)window;
    memcpy(out, values, count * sizeof *out);
}

bool smooth(enum smoothing way, const interval *times, const double *values, size_t count,
            int window, double *out) {
    static void (*const ways[SMOOTHINGS])(const interval *, const double *, size_t, int,
                                          double *) = {
        [SMOOTH_NONE] = as_it_is,
        [SMOOTH_MEAN] = moving_mean,
        [SMOOTH_EXPONENTIAL] = exponential,
        [SMOOTH_LOESS] = loess,
    };
    assert(window > 0);
    if (count > SMOOTH_POINTS && way != SMOOTH_NONE)
        return false;
    if (count)
        ways[way](times, values, count, window, out);
    return true;
}
