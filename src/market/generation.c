#include "market/generation.h"

#include <math.h>

static void add_unit(struct generation *out, size_t at, const double *values, size_t count,
                     int sign) {
    for (size_t i = 0; i < count; i++) {
        double mw = sign * values[i];
        if (isnan(mw))
            continue;
        if (isnan(out->generation[at + i]))
            out->generation[at + i] = out->load[at + i] = 0;
        if (mw > 0)
            out->generation[at + i] += mw;
        else
            out->load[at + i] -= mw;
    }
}

err *generation_total(struct store *s, const struct units *units, struct arena *a, interval from,
                      interval to, struct generation *out) {
    *out = (struct generation){.first = from + 1, .length = to > from ? (size_t)(to - from) : 0};
    out->generation = ARENA_ARRAY(a, double, out->length);
    out->load = ARENA_ARRAY(a, double, out->length);
    for (size_t i = 0; i < out->length; i++)
        out->generation[i] = out->load[i] = NAN;
    /* a day at a time: hundreds of units over months would be a gigabyte at once */
    for (interval start = from, end; start < to; start = end) {
        struct arena day = {0};
        struct series readings;
        end = interval_day_start(interval_day(start + 1) + 1);
        end = end < to ? end : to;
        err *e = series_read(s, &day, SCADA5, "scadavalue", start, end, &readings);
        for (size_t k = 0; !e && k < readings.count; k++) {
            int sign = unit_sign(units, readings.keys[k], interval_day(start + 1));
            if (sign)
                add_unit(out, (size_t)(start - from), readings.values[k], readings.length, sign);
        }
        arena_free(&day);
        TRY(e);
    }
    return NULL;
}
