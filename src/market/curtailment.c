#include "market/curtailment.h"

/* Keeps a NaN, which fmax would not. */
static double not_below_zero(double mw) {
    return mw < 0 ? 0 : mw;
}

struct curtailment curtailment_of_unit(double uigf, double availability, double totalcleared) {
    return (struct curtailment){
        .offered_out = not_below_zero(uigf - availability),
        .curtailed = not_below_zero(availability - totalcleared),
    };
}

double curtailment_of_region(double uigf, double clearedmw) {
    return not_below_zero(uigf - clearedmw);
}
