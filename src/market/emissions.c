#include "market/emissions.h"

#include <math.h>

void emissions_add(struct emissions *sum, double mwh, double co2e_factor) {
    if (!(mwh > 0))
        return;
    if (isnan(co2e_factor)) {
        sum->uncovered += mwh;
        return;
    }
    sum->energy += mwh;
    sum->tonnes += mwh * co2e_factor;
}

double emissions_intensity(const struct emissions *sum) {
    return sum->energy > 0 ? sum->tonnes / sum->energy : NAN;
}
