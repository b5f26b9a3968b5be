#include "sim/model/weather.h"

#include <math.h>

#include "sim/model/noise.h"
#include "sim/model/streams.h"
#include "sim/model/sun.h"

const struct sim_place sim_region_place[SIM_REGIONS] = {
    [SIM_NSW1] = {-33.9, 151.2}, [SIM_QLD1] = {-27.5, 153.0}, [SIM_SA1] = {-34.9, 138.6},
    [SIM_TAS1] = {-42.9, 147.3}, [SIM_VIC1] = {-37.8, 145.0},
};

/* Means of the largest city, after the Bureau of Meteorology's climate averages: the year's mean,
 * half the swing from July to January, half the swing from dawn to afternoon, and how far fronts
 * push. */
static const struct climate {
    double mean_c, season_c, day_c, front_c;
    double clear; /* clearness on an average day */
    double wind;  /* what a farm gives on average */
} climates[SIM_REGIONS] = {
    [SIM_NSW1] = {18.3, 5.4, 4.2, 3.2, 0.72, 0.33}, [SIM_QLD1] = {20.6, 4.9, 4.9, 2.2, 0.76, 0.32},
    [SIM_SA1] = {17.3, 5.9, 5.0, 4.3, 0.75, 0.35},  [SIM_TAS1] = {12.9, 4.4, 4.4, 2.9, 0.62, 0.38},
    [SIM_VIC1] = {15.3, 5.3, 4.7, 4.0, 0.64, 0.34},
};

/* Streams of noise: each quantity has one for a region and one for each place in it. */
enum quantity {
    FRONT = SIM_STREAMS_WEATHER,
    HEAT,
    CLOUD_HOURS,
    CLOUD_MINUTES,
    WIND_DAYS,
    WIND_HOURS,
    WIND_MINUTES
};

static double recall(uint64_t seed, enum quantity q, enum sim_region region, uint32_t place,
                     aest_us t, double period_h, struct noise_memory *memory) {
    struct noise n = {seed, (uint64_t)q << 40 | (uint64_t)region << 32 | place};
    return noise_smooth_next(n, (double)t / (60.0 * (double)AEST_MINUTE), period_h, memory);
}
static double disturbance(uint64_t seed, enum quantity q, enum sim_region region, aest_us t,
                          double period_h) {
    return recall(seed, q, region, 0, t, period_h, &(struct noise_memory){0});
}

static double turn(double part) {
    return cos(2 * 3.14159265358979323846 * part);
}

/* 1 at the warmest of the year, -1 at the coldest: late January, late July. */
static double season(aest_us t) {
    int year, month, day;
    aest_day start, now = (aest_day)(t / AEST_DAY);
    aest_date(now, &year, &month, &day);
    aest_day_from_date(year, 1, 1, &start);
    return turn((now - start - 24) / 365.25);
}

static double hour_of_day(aest_us t) {
    return (double)(t % AEST_DAY) / (double)(60 * AEST_MINUTE);
}

double sim_temperature(uint64_t seed, enum sim_region region, aest_us t) {
    const struct climate *c = &climates[region];
    double front = disturbance(seed, FRONT, region, t, 60);
    /* summer's northerlies make the hot days far hotter than winter's fronts make cold ones cold */
    double heat = fmax(0, disturbance(seed, HEAT, region, t, 48)) * (1 + season(t));
    return c->mean_c + c->season_c * season(t) + c->day_c * turn((hour_of_day(t) - 15) / 24) +
           c->front_c * (front + heat * 0.5);
}

double sim_clearness(uint64_t seed, enum sim_region region, uint32_t place, aest_us t,
                     struct sim_weather_memory *memory) {
    double weather = 0.55 * recall(seed, FRONT, region, 0, t, 60, &memory->curve[0]) +
                     0.60 * recall(seed, CLOUD_HOURS, region, place, t, 5, &memory->curve[1]) +
                     0.58 * recall(seed, CLOUD_MINUTES, region, place, t, 0.5, &memory->curve[2]);
    /* a logistic of a normal, whose middle is set so that the mean comes out */
    double clear = climates[region].clear;
    double logit = log(clear / (1 - clear)) * 1.35;
    return 0.08 + 0.92 / (1 + exp(-(logit + 1.6 * weather)));
}

double sim_wind(uint64_t seed, enum sim_region region, uint32_t place, aest_us t,
                struct sim_weather_memory *memory) {
    double weather = 0.68 * recall(seed, WIND_DAYS, region, 0, t, 40, &memory->curve[0]) +
                     0.55 * recall(seed, WIND_HOURS, region, place, t, 8, &memory->curve[1]) +
                     0.20 * recall(seed, WIND_MINUTES, region, place, t, 0.7, &memory->curve[2]);
    double mean = climates[region].wind;
    double daily = -0.18 * turn((hour_of_day(t) - 11) / 24); /* nights are windier at hub height */
    double logit = log(mean / (1 - mean)) * 1.45;
    double power = 1 / (1 + exp(-(logit + daily + 1.75 * weather)));
    return fmin(1, fmax(0, power * 1.06 - 0.03)); /* calm is still, and a gale is rated power */
}

double sim_solar_farm(uint64_t seed, enum sim_region region, uint32_t place, aest_us t,
                      struct sim_weather_memory *memory) {
    const struct sim_place *p = &sim_region_place[region];
    double height = sun_height(p->latitude, p->longitude, t);
    if (height <= 0)
        return 0;
    /* a tracker follows the sun, so that it is near its rating soon after sunrise; the air takes
     * the rest while the sun is low */
    double clear = 1 - exp(-5.5 * height);
    return fmin(1, 0.97 * clear * sim_clearness(seed, region, place, t, memory));
}

double sim_rooftop(uint64_t seed, enum sim_region region, aest_us t) {
    enum { ROOFS = 4 }; /* suburbs under different clouds */
    const struct sim_place *p = &sim_region_place[region];
    double height = sun_height(p->latitude, p->longitude, t), clear = 0;
    if (height <= 0)
        return 0;
    for (uint32_t roof = 0; roof < ROOFS; roof++)
        clear +=
            sim_clearness(seed, region, 1000 + roof, t, &(struct sim_weather_memory){0}) / ROOFS;
    return fmin(1, 0.86 * pow(height, 1.2) * clear); /* fixed panels, faced many ways */
}
