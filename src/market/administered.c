#include "market/administered.h"

enum { APC_ADMINISTERED = 1, APC_LIMIT = 4 };

/* A running sum that is made anew once a day's worth of steps, so that rounding doesn't add up. */
void cumulative_prices(const struct span *prices, double *out) {
    size_t per_day = (size_t)(INTERVALS_PER_DAY / prices->step);
    size_t window = CUMULATIVE_DAYS * per_day, missing = 0;
    double sum = 0;
    for (size_t i = 0; i < prices->length; i++) {
        double in = prices->values[i], gone = i >= window ? prices->values[i - window] : 0;
        missing += isnan(in) ? 1 : 0;
        missing -= isnan(gone) ? 1 : 0;
        sum += isnan(in) ? 0 : in;
        sum -= isnan(gone) ? 0 : gone;
        if (i + 1 >= window && i % per_day == 0) {
            sum = 0;
            for (size_t k = i + 1 - window; k <= i; k++)
                sum += isnan(prices->values[k]) ? 0 : prices->values[k];
        }
        out[i] = missing || i + 1 < window ? NAN : sum;
    }
}

bool cumulative_price_agrees(double ours, double published) {
    return isnan(ours) || isnan(published) || fabs(ours - published) <= 0.01 * CUMULATIVE_DAYS;
}

double cumulative_price_share(const struct thresholds *t, interval at, double cumulative) {
    double threshold = thresholds_at(t, at)->cumulative;
    return threshold > 0 ? cumulative / threshold : NAN;
}

bool price_is_administered(int apcflag) {
    return apcflag & APC_ADMINISTERED;
}

bool price_is_at_limit(int apcflag) {
    return apcflag & APC_LIMIT;
}
