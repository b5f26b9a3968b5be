#include "market/rooftop.h"

#include "market/energy.h"

enum { HALF_HOUR = 6 };

/* The six values of the half hour that ends at [end]: a line from the point before it. */
static void fill_half_hour(const struct span *points, interval end, double out[HALF_HOUR]) {
    double before = span_at(points, end - HALF_HOUR), here = span_at(points, end);
    for (int i = 0; i < HALF_HOUR - 1; i++)
        out[i] = here + (before - here) * (HALF_HOUR - 1 - i) / HALF_HOUR;
    out[HALF_HOUR - 1] = here;
}

/* The last point that is known; false for none. */
static bool last_known(const struct span *points, interval *out) {
    for (size_t i = points->length; i--;) {
        if (isnan(points->values[i]))
            continue;
        *out = span_time(points, i);
        return true;
    }
    return false;
}

static double forecast_factor(const struct span *actual, const struct span *forecast,
                              interval last) {
    double expected = span_at(forecast, last);
    if (isnan(expected))
        return NAN;
    if (expected < 1)
        return 1;
    double factor = span_at(actual, last) / expected;
    return fmin(fmax(factor, 0), ROOFTOP_LARGEST_FACTOR);
}

void rooftop_at_five_minutes(const struct span *actual, const struct span *forecast,
                             struct span *out, bool *provisional) {
    interval last = INT32_MAX;
    bool has_actual = last_known(actual, &last);
    double factor = has_actual ? forecast_factor(actual, forecast, last) : NAN;
    for (size_t i = 0; i < out->length;) {
        interval end = half_hour_of(span_time(out, i));
        double line[HALF_HOUR], ahead[HALF_HOUR];
        fill_half_hour(actual, end, line);
        if (has_actual && end > last)
            fill_half_hour(forecast, end, ahead);
        for (; i < out->length && span_time(out, i) <= end; i++) {
            int part = (int)(span_time(out, i) - end) + HALF_HOUR - 1;
            bool is_estimate = has_actual && span_time(out, i) > last;
            out->values[i] = is_estimate ? ahead[part] * factor : line[part];
            if (provisional)
                provisional[i] = is_estimate && !isnan(out->values[i]);
        }
    }
}
