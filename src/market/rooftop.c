#include "market/rooftop.h"

#include "market/energy.h"

enum { HALF_HOUR = 6 };

static double between_points(const struct span *points, interval at) {
    interval after = half_hour_of(at);
    double here = span_at(points, after);
    if (after == at)
        return here;
    double before = span_at(points, after - HALF_HOUR);
    return here + (before - here) * (after - at) / HALF_HOUR;
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
    for (size_t i = 0; i < out->length; i++) {
        interval at = span_time(out, i);
        bool is_estimate = has_actual && at > last;
        out->values[i] =
            is_estimate ? between_points(forecast, at) * factor : between_points(actual, at);
        if (provisional)
            provisional[i] = is_estimate && !isnan(out->values[i]);
    }
}
