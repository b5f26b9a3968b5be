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

static struct earnings earn(const struct day *d, int sign) {
    double mw[INTERVALS_PER_DAY], mwh[INTERVALS_PER_DAY];
    struct earnings sum = {0};
    for (size_t i = 0; i < d->length; i++)
        mw[i] = part_of(d->readings[i], sign);
    energy_of_readings(mw, d->length, part_of(d->next, sign), mwh, NULL);
    for (size_t i = 0; i < d->length; i++)
        earnings_add(&sum, mwh[i], d->prices ? d->prices[i] : (double)NAN);
    return sum;
}

/* The highest reading of a sign, 0 where none has it. */
static double largest(const struct day *d, int sign) {
    double most = 0;
    for (size_t i = 0; i < d->length; i++)
        most = sign * d->readings[i] > most ? sign * d->readings[i] : most;
    return most;
}

void unit_day_of(const double *readings, size_t length, double next, int sign, const double *prices,
                 double out[UNIT_DAY_LANES]) {
    const struct day d = {readings, prices, length, next};
    assert(length <= INTERVALS_PER_DAY);
    struct earnings generation = earn(&d, sign), load = {0};
    if (largest(&d, -sign) > 0 || part_of(next, -sign) > 0) /* most units never take anything */
        load = earn(&d, -sign);
    out[UNIT_DAY_GENERATION] = generation.energy;
    out[UNIT_DAY_REVENUE] = generation.revenue;
    out[UNIT_DAY_UNPRICED] = generation.unpriced;
    out[UNIT_DAY_LOAD] = load.energy;
    out[UNIT_DAY_COST] = load.revenue;
    out[UNIT_DAY_LOAD_UNPRICED] = load.unpriced;
    out[UNIT_DAY_INTERVALS] = (double)generation.intervals;
    out[UNIT_DAY_LARGEST] = largest(&d, sign);
    out[UNIT_DAY_PROVISIONAL] = generation.intervals && isnan(next);
}
