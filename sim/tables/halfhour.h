/* What is published by the half hour: operational demand and the power of rooftops. */
#ifndef SIM_HALFHOUR_H
#define SIM_HALFHOUR_H

#include "sim/model/market.h"

#define SIM_HALF_HOUR (30 * AEST_MINUTE)
/* The first half hour that ends after [t]. */
static inline aest_us sim_half_hour_after(aest_us t) {
    return (t / SIM_HALF_HOUR + 1) * SIM_HALF_HOUR;
}

/* Operational demand of a region over the half hour that ends at [end], in whole MW. */
double sim_operational_demand_hh(struct sim_market *m, aest_us end, enum sim_region region);
/* What demand response took off it, in whole MW: WDR_ESTIMATE and OPERATIONAL_DEMAND_ADJUSTMENT. */
double sim_demand_response_hh(const struct sim_market *m, aest_us end, enum sim_region region);

/* ROOFTOP, ACTUAL. One type a day after the fact until October 2019; the other two, with the parts
 * of Queensland and Tasmania, within the hour since March 2018. */
enum sim_rooftop_source { SIM_ROOFTOP_DAILY, SIM_ROOFTOP_MEASUREMENT, SIM_ROOFTOP_SATELLITE };
enum { SIM_ROOFTOP_SOURCES = 3, SIM_ROOFTOP_AREAS = 10 };

/* The regions and their parts, by name. [part] is 0 for all of the region, as in
 * sim_market_rooftop. */
extern const struct sim_rooftop_area {
    const char *id;
    enum sim_region region;
    int part;
} sim_rooftop_areas[SIM_ROOFTOP_AREAS];

struct sim_rooftop_record {
    double power; /* MW, 3 decimals; NaN: it isn't known, and QI is 0 */
    double qi;
    aest_us lastchanged;
};
/* The row of an area (an index of sim_rooftop_areas) for the half hour that ends at [end]; false
 * when the source has none. */
bool sim_rooftop_record(struct sim_market *m, aest_us end, enum sim_rooftop_source source, int area,
                        struct sim_rooftop_record *out);

/* ROOFTOP, FORECAST. A run looks from the half hour after the time that names it to the end of the
 * eighth trading day. */
aest_us sim_rooftop_forecast_last(aest_us run);
/* Its POWERMEAN of a region for the half hour that ends at [end], MW. */
double sim_rooftop_forecast_mean(struct sim_market *m, aest_us run, aest_us end,
                                 enum sim_region region);

#endif
