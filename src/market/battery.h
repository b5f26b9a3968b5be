/* Batteries: what goes in, what comes out, and what that earns.
 *
 *     discharge = max(0, MW)     charge = max(0, -MW)        MW signed: + is output
 *
 * Both are parted per unit and at five minutes, before any sum or mean; a fleet of which one half
 * charges while the other discharges does both.
 *
 *     state of charge = ENERGY_STORAGE / storage_mwh         1 is full; more is shown as it is
 *     spread          = VWAP of discharge - VWAP of charge   $/MWh
 *     cycles          = MWh discharged / storage_mwh         full equivalents
 */
#ifndef MARKET_BATTERY_H
#define MARKET_BATTERY_H

#include "market/energy.h"

/* NaN for a NaN. */
static inline double battery_discharge(double mw) {
    return mw < 0 ? 0 : mw;
}
static inline double battery_charge(double mw) {
    return mw > 0 ? 0 : 0 - mw;
}
/* NaN where either isn't known, or the battery has no size. */
double battery_state_of_charge(double energy_storage, double storage_mwh);
double battery_spread(const struct earnings *discharge, const struct earnings *charge);
double battery_cycles(double mwh_discharged, double storage_mwh);

#endif
