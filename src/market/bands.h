/* Price bands: a partition of all prices, without a hole and without an end.
 *
 *     < 0 | 0 … 50 | 50 … 100 | 100 … 300 | 300 … 1,000 | 1,000 … 10,000 | >= 10,000      $/MWh
 *
 * A band holds its lower edge and not its upper one. The first has no lower edge and the last no
 * upper one, so the market price floor and the cap (which is raised every year) are in them.
 */
#ifndef MARKET_BANDS_H
#define MARKET_BANDS_H

#include <stdbool.h>
#include <stddef.h>

enum { PRICE_BANDS = 7 };

struct price_band {
    double from, to; /* $/MWh, [from, to); infinities at both ends */
    const char *name;
};
extern const struct price_band price_bands[PRICE_BANDS];

/* The band of a price that is known. */
int price_band_of(double price);

/* How much of a time fell into each band. */
struct price_band_sums {
    size_t intervals[PRICE_BANDS]; /* with such a price */
    size_t sold[PRICE_BANDS];      /* of those, with an energy */
    double energy[PRICE_BANDS];    /* MWh sold in them */
    double revenue[PRICE_BANDS];   /* $: can be below 0 */
    size_t all_intervals, all_sold;
    double all_revenue;
};
/* Adds prices of equally long intervals; those that aren't known are in no band. [mwh] is the
 * energy of each interval, or NULL where only time is asked for; one that isn't known adds none. */
void price_bands_add(struct price_band_sums *sums, const double *prices, const double *mwh,
                     size_t length);
/* MWh and $ of a band, as far as energies are known: 0 where no price was in it, NaN where some
 * were and of none the energy is known, or where none is known at all. */
double price_band_energy(const struct price_band_sums *sums, int band);
double price_band_revenue(const struct price_band_sums *sums, int band);
/* Of time, and of revenue: 0 … 1, but that a share of revenue can be negative where prices are, and
 * others then above 1. NaN where there is nothing to have a share of. */
double price_band_time_share(const struct price_band_sums *sums, int band);
double price_band_revenue_share(const struct price_band_sums *sums, int band);

#endif
