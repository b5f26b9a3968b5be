#include "market/nem_price.h"

#include <math.h>

struct nem_price nem_price_of(const double rrp[REGIONS], const double totaldemand[REGIONS]) {
    double value = 0, weight = 0, sum = 0;
    for (int r = 0; r < REGIONS; r++) {
        /* fmax would take the 0 for a demand that isn't known */
        double w = totaldemand[r] < 0 ? 0 : totaldemand[r];
        value += rrp[r] * w;
        weight += w;
        sum += rrp[r];
    }
    bool is_known = weight > 0 && !isnan(value);
    return (struct nem_price){
        .weighted = is_known ? value / weight : NAN,
        .weight = is_known ? weight : NAN,
        .unweighted = sum / REGIONS,
    };
}
