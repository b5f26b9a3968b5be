#include "market/battery.h"

static double per_storage(double mwh, double storage_mwh) {
    return storage_mwh > 0 ? mwh / storage_mwh : NAN;
}

double battery_state_of_charge(double energy_storage, double storage_mwh) {
    return per_storage(energy_storage, storage_mwh);
}

double battery_spread(const struct earnings *discharge, const struct earnings *charge) {
    return earnings_vwap(discharge) - earnings_vwap(charge);
}

double battery_cycles(double mwh_discharged, double storage_mwh) {
    return per_storage(mwh_discharged, storage_mwh);
}
