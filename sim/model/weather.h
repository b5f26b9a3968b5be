/* The weather of the simulated market: what demand, sun and wind power follow.
 *
 * Each quantity is a climate (by month and hour) and disturbances of several time scales: fronts
 * that pass in days, and, for cloud and wind, what changes within hours and minutes. Places in a
 * region share its fronts and differ in the rest, so that neighbouring farms move together and
 * distant ones don't.
 */
#ifndef SIM_WEATHER_H
#define SIM_WEATHER_H

#include "base/aest.h"
#include "sim/model/fleet.h"
#include "sim/model/noise.h"

struct sim_place {
    double latitude, longitude;
};
extern const struct sim_place sim_region_place[SIM_REGIONS];

/* What neighbouring instants of one place share, for whoever asks for one after another. Zeroed at
 * first, and used for one place. */
struct sim_weather_memory {
    struct noise_memory curve[3];
};

/* Degrees Celsius at the region's largest city. */
double sim_temperature(uint64_t seed, enum sim_region region, aest_us t);

/* The part of a clear sky's light that comes through, 0 to 1, at place number [place] of a region.
 */
double sim_clearness(uint64_t seed, enum sim_region region, uint32_t place, aest_us t,
                     struct sim_weather_memory *memory);

/* The part of its capacity that a wind farm at place number [place] gives, 0 to 1, before
 * curtailment. */
double sim_wind(uint64_t seed, enum sim_region region, uint32_t place, aest_us t,
                struct sim_weather_memory *memory);

/* The part of its capacity that a solar farm with single-axis tracking gives, and the part that the
 * rooftops of a region give, 0 to 1. */
double sim_solar_farm(uint64_t seed, enum sim_region region, uint32_t place, aest_us t,
                      struct sim_weather_memory *memory);
double sim_rooftop(uint64_t seed, enum sim_region region, aest_us t);

#endif
