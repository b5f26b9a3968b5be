#include "market/price_sums.h"

#include "market/nem_price.h"

static void add_price(double sums[PRICE_LANES], double price, double weight) {
    if (isnan(price))
        return;
    sums[PRICE_COUNT]++;
    sums[PRICE_SUM] += price;
    sums[PRICE_MIN] = price < sums[PRICE_MIN] ? price : sums[PRICE_MIN];
    sums[PRICE_MAX] = price > sums[PRICE_MAX] ? price : sums[PRICE_MAX];
    if (!isnan(weight) && weight > 0) {
        sums[PRICE_WEIGHTED] += price * weight;
        sums[PRICE_WEIGHT] += weight;
    }
}

void price_sums_of(const struct span rrp[REGIONS], const struct span totaldemand[REGIONS],
                   double out[PRICE_AREAS][PRICE_LANES]) {
    for (int area = 0; area < PRICE_AREAS; area++)
        for (int lane = 0; lane < PRICE_LANES; lane++)
            out[area][lane] = lane == PRICE_MIN ? INFINITY : lane == PRICE_MAX ? -INFINITY : 0;
    for (size_t i = 0; i < rrp[0].length; i++) {
        double price[REGIONS], weight[REGIONS];
        for (int r = 0; r < REGIONS; r++) {
            price[r] = rrp[r].values[i];
            weight[r] = totaldemand[r].values[i];
            add_price(out[r], price[r], weight[r]);
        }
        struct nem_price nem = nem_price_of(price, weight);
        add_price(out[PRICE_NEM], nem.weighted, nem.weight);
    }
}
