#include "market/unit_day.h"

#include <assert.h>

#include "base/pairs.h"

/* What a day comes to both ways at once: of generation in the first place, of load in the second.
 */
struct both_ways {
    doubles energy, revenue, unpriced; /* as in struct earnings */
    doubles mw;                        /* readings added up */
    double largest;                    /* of generation */
    size_t intervals;
};

static inline doubles where(masks which, doubles value) {
    return (doubles)(which & (masks)value);
}

static inline masks is_known(double value) {
    return (doubles){value, value} <= (doubles){INFINITY, INFINITY};
}

/* The parts of a reading, >= 0; 0 of one that isn't known. */
static inline doubles parts_of(double reading, doubles signs) {
    doubles mw = signs * reading;
    return where(mw > 0, mw);
}

/* As energy_between and earnings_add say of one way. Units by hundreds and intervals by hundreds
 * pass here for what a range cuts off a day, so nothing branches. */
static inline void add(struct both_ways *sum, doubles mw, masks known, doubles next,
                       masks next_known, double price) {
    masks priced = is_known(price);
    doubles end = where(next_known, next) + where(~next_known, mw);
    doubles energy = where(known, (mw + end) / 2 * HOURS_PER_INTERVAL);
    sum->energy += energy;
    sum->revenue += where(priced, energy * price);
    sum->unpriced += where(~priced, energy);
    sum->mw += mw;
    sum->largest = mw[0] > sum->largest ? mw[0] : sum->largest;
    sum->intervals += known[0] != 0;
}

void unit_day_of(const double *readings, size_t length, double next, int sign, const double *prices,
                 double out[UNIT_DAY_LANES]) {
    struct both_ways sum = {0};
    doubles signs = {sign, -sign}, mw = {0};
    masks known = {0};
    assert(length <= INTERVALS_PER_DAY);
    if (length) {
        mw = parts_of(readings[0], signs);
        known = is_known(readings[0]);
    }
    for (size_t i = 0; i < length; i++) {
        double behind = i + 1 < length ? readings[i + 1] : next;
        doubles end = parts_of(behind, signs);
        masks end_known = is_known(behind);
        add(&sum, mw, known, end, end_known, prices ? prices[i] : (double)NAN);
        mw = end;
        known = end_known;
    }
    out[UNIT_DAY_GENERATION] = sum.energy[0];
    out[UNIT_DAY_REVENUE] = sum.revenue[0];
    out[UNIT_DAY_UNPRICED] = sum.unpriced[0];
    out[UNIT_DAY_LOAD] = sum.energy[1];
    out[UNIT_DAY_COST] = sum.revenue[1];
    out[UNIT_DAY_LOAD_UNPRICED] = sum.unpriced[1];
    out[UNIT_DAY_INTERVALS] = (double)sum.intervals;
    out[UNIT_DAY_UP] = sum.mw[0];
    out[UNIT_DAY_DOWN] = sum.mw[1];
    out[UNIT_DAY_LARGEST] = sum.largest;
    out[UNIT_DAY_PROVISIONAL] = sum.intervals && isnan(next);
}
