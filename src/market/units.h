/* What a unit's reading means for sums: its sign.
 *
 * AEMO publishes a unit's MW as a positive number whether the unit generates or, when its dispatch
 * type is LOAD, consumes (MMSDM table DUDETAILSUMMARY, column DISPATCHTYPE). Every sum therefore
 * takes sign x value:
 *
 *    -1   pumps, and the charging half of a battery that was registered as two units
 *     0   in no sum: demand-response units and the dummy units DG_ and RT_
 *    +1   all others, among them bidirectional units, whose own sign tells charging from output
 *
 *    generation = sum of max(0, sign * scadavalue)      load = sum of max(0, -sign * scadavalue)
 */
#ifndef MARKET_UNITS_H
#define MARKET_UNITS_H

#include "base/str.h"

int unit_sign(str duid);

#endif
