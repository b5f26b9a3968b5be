#include "market/shares.h"

#include <math.h>

static const bool renewable[FUELS] = {
    [FUEL_WIND] = true, [FUEL_SOLAR] = true, [FUEL_WATER] = true, [FUEL_BIOMASS] = true};

bool fuel_is_renewable(enum fuel fuel) {
    return renewable[fuel];
}

double renewable_generation(const struct supply *s) {
    double sum = s->rooftop;
    for (int f = 0; f < FUELS; f++)
        if (renewable[f])
            sum += s->by_fuel[f];
    return sum;
}

double generation_without_batteries(const struct supply *s) {
    double sum = s->rooftop;
    for (int f = 0; f < FUELS; f++)
        if (f != FUEL_BATTERY)
            sum += s->by_fuel[f];
    return sum;
}

static double share(double part, double whole) {
    return whole > 0 ? part / whole : NAN;
}

struct shares renewable_shares(const struct supply *s) {
    double part = renewable_generation(s), all = generation_without_batteries(s);
    double discharge = s->by_fuel[FUEL_BATTERY];
    return (struct shares){
        .generation = share(part, all),
        .incl_storage = share(part + discharge, all + discharge),
        .of_demand = share(part, s->underlying),
    };
}
