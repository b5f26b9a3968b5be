#include "market/energy.h"

interval half_hour_of(interval at) {
    enum { STEP = 6 };
    interval past = at % STEP;
    if (past < 0)
        past += STEP;
    return past ? at + STEP - past : at;
}

double settlement_price(const struct span *prices5, const struct span *prices30, interval at) {
    return at <= SETTLED_BY_HALF_HOUR_UNTIL ? span_at(prices30, half_hour_of(at))
                                            : span_at(prices5, at);
}

double earnings_vwap(const struct earnings *sum) {
    double priced = sum->energy - sum->unpriced;
    return priced > 0 || priced < 0 ? sum->revenue / priced : NAN;
}

double capacity_factor(const double *mwh, const double *capacity_mw, size_t length) {
    double energy = 0, possible = 0;
    for (size_t i = 0; i < length; i++) {
        if (isnan(mwh[i]) || isnan(capacity_mw[i]))
            continue;
        energy += mwh[i];
        possible += capacity_mw[i] * HOURS_PER_INTERVAL;
    }
    return possible > 0 ? energy / possible : NAN;
}

double loss_factor(double mlf, double dlf) {
    return (isnan(mlf) ? 1 : mlf) * (isnan(dlf) ? 1 : dlf);
}
