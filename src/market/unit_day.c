#include "market/unit_day.h"

#include <assert.h>

/* The part of a reading that has [sign], >= 0; NaN of a NaN. */
static double part_of(double reading, int sign) {
    double mw = sign * reading;
    return mw < 0 ? 0 : mw;
}

struct day {
    const double *readings, *prices;
    size_t length;
    double next;
};

/* What a day's readings of one sign come to. */
struct one_way {
    struct earnings earned;
    double mw, largest; /* the readings added up, and the highest; 0 where none has the sign */
};

static struct one_way add_up(const struct day *d, int sign) {
    struct one_way sum = {0};
    double mw = d->length ? part_of(d->readings[0], sign) : NAN;
    for (size_t i = 0; i < d->length; i++) {
        double end = part_of(i + 1 < d->length ? d->readings[i + 1] : d->next, sign);
        earnings_add(&sum.earned, energy_between(mw, end), d->prices ? d->prices[i] : (double)NAN);
        sum.mw += isnan(mw) ? 0 : mw;
        sum.largest = mw > sum.largest ? mw : sum.largest;
        mw = end;
    }
    return sum;
}

static bool has_any(const struct day *d, int sign) {
    bool any = part_of(d->next, sign) > 0;
    for (size_t i = 0; i < d->length; i++)
        any |= sign * d->readings[i] > 0;
    return any;
}

void unit_day_of(const double *readings, size_t length, double next, int sign, const double *prices,
                 double out[UNIT_DAY_LANES]) {
    const struct day d = {readings, prices, length, next};
    assert(length <= INTERVALS_PER_DAY);
    struct one_way generation = add_up(&d, sign), load = {0};
    if (has_any(&d, -sign)) /* most units never take anything */
        load = add_up(&d, -sign);
    out[UNIT_DAY_GENERATION] = generation.earned.energy;
    out[UNIT_DAY_REVENUE] = generation.earned.revenue;
    out[UNIT_DAY_UNPRICED] = generation.earned.unpriced;
    out[UNIT_DAY_LOAD] = load.earned.energy;
    out[UNIT_DAY_COST] = load.earned.revenue;
    out[UNIT_DAY_LOAD_UNPRICED] = load.earned.unpriced;
    out[UNIT_DAY_INTERVALS] = (double)generation.earned.intervals;
    out[UNIT_DAY_UP] = generation.mw;
    out[UNIT_DAY_DOWN] = load.mw;
    out[UNIT_DAY_LARGEST] = generation.largest;
    out[UNIT_DAY_PROVISIONAL] = generation.earned.intervals && isnan(next);
}
