/* Where the sun stands. */
#ifndef SIM_SUN_H
#define SIM_SUN_H

#include "base/aest.h"

/* The sine of the sun's height over the horizon at [latitude] and [longitude] (degrees, south and
 * west negative): 1 in the zenith, 0 at the horizon, negative at night. Right to about half a
 * degree. Source: the low-precision formulas for the sun of the Astronomical Almanac. */
double sun_height(double latitude, double longitude, aest_us t);

#endif
