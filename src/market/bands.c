#include "market/bands.h"

#include <assert.h>
#include <math.h>

const struct price_band price_bands[PRICE_BANDS] = {
    {-INFINITY, 0, "below 0"},        {0, 50, "0 to 50"},          {50, 100, "50 to 100"},
    {100, 300, "100 to 300"},         {300, 1000, "300 to 1,000"}, {1000, 10000, "1,000 to 10,000"},
    {10000, INFINITY, "from 10,000"},
};

int price_band_of(double price) {
    int band = 0;
    assert(!isnan(price));
    while (band < PRICE_BANDS - 1 && price >= price_bands[band].to)
        band++;
    return band;
}

void price_bands_add(struct price_band_sums *sums, const double *prices, const double *mwh,
                     size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (isnan(prices[i]))
            continue;
        int band = price_band_of(prices[i]);
        sums->intervals[band]++;
        sums->all_intervals++;
        if (!mwh || isnan(mwh[i]))
            continue;
        sums->sold[band]++;
        sums->all_sold++;
        sums->energy[band] += mwh[i];
        sums->revenue[band] += mwh[i] * prices[i];
        sums->all_revenue += mwh[i] * prices[i];
    }
}

static bool is_energy_known(const struct price_band_sums *sums, int band) {
    return sums->all_sold && (sums->sold[band] || !sums->intervals[band]);
}

double price_band_energy(const struct price_band_sums *sums, int band) {
    return is_energy_known(sums, band) ? sums->energy[band] : NAN;
}

double price_band_revenue(const struct price_band_sums *sums, int band) {
    return is_energy_known(sums, band) ? sums->revenue[band] : NAN;
}

double price_band_time_share(const struct price_band_sums *sums, int band) {
    return sums->all_intervals ? (double)sums->intervals[band] / (double)sums->all_intervals : NAN;
}

double price_band_revenue_share(const struct price_band_sums *sums, int band) {
    bool is_something = sums->all_revenue > 0 || sums->all_revenue < 0;
    return is_something ? price_band_revenue(sums, band) / sums->all_revenue : NAN;
}
