#include "sim/model/demand.h"

#include <math.h>

#include "sim/model/noise.h"
#include "sim/model/streams.h"

/* Sized after AEMO's published yearly energy and peaks of each region. */
static const struct region_load {
    double base_mw;    /* of a mild working day of 2015, on average */
    double growth;     /* of the base, a year */
    double industrial; /* the part of the base that knows neither night nor Sunday */
    double cooling_mw; /* for each degree over COMFORT_TOP_C, more with each further one */
    double heating_mw; /* for each degree under COMFORT_LOW_C */
} loads[SIM_REGIONS] = {
    [SIM_NSW1] = {7450, 0.011, 0.30, 165, 170}, [SIM_QLD1] = {5900, 0.016, 0.38, 150, 60},
    [SIM_SA1] = {1380, 0.010, 0.22, 55, 38},    [SIM_TAS1] = {1010, 0.009, 0.55, 4, 27},
    [SIM_VIC1] = {4750, 0.007, 0.28, 150, 110},
};

enum { COMFORT_LOW_C = 17, COMFORT_TOP_C = 22, FIRST_STREAM = SIM_STREAMS_DEMAND };

/* What households and shops use by the hour of a working day and of a weekend, around 1: low at
 * four, a step at breakfast, most in the evening. Hourly values, with straight lines between. */
static const double working_day[25] = {0.80, 0.74, 0.70, 0.68, 0.68, 0.73, 0.86, 1.00, 1.06,
                                       1.07, 1.06, 1.06, 1.06, 1.05, 1.05, 1.08, 1.14, 1.24,
                                       1.31, 1.30, 1.23, 1.14, 1.03, 0.91, 0.80};
static const double weekend[25] = {0.80, 0.74, 0.69, 0.67, 0.66, 0.67, 0.71, 0.79, 0.88,
                                   0.95, 0.97, 0.97, 0.97, 0.96, 0.96, 0.99, 1.06, 1.16,
                                   1.22, 1.20, 1.13, 1.04, 0.95, 0.87, 0.80};

/* How much of a day is a working one: 0 on Saturdays and Sundays and in the days from Christmas to
 * New Year. */
static bool is_working_day(aest_day d) {
    int year, month, day,
        weekday = (int)(((d + 4) % 7 + 7) % 7); /* 0 is Sunday: 1970-01-01 was a Thursday */
    aest_date(d, &year, &month, &day);
    bool holidays = (month == 12 && day >= 25) || (month == 1 && day <= 2) ||
                    (month == 1 && day == 26) || (month == 4 && day == 25);
    return weekday != 0 && weekday != 6 && !holidays;
}

/* The hour's part of a day, as a curve that knows no jump at midnight. */
static double shape(aest_us t) {
    double hour = (double)(t % AEST_DAY) / (double)(60 * AEST_MINUTE);
    int h = (int)hour;
    const double *today = is_working_day((aest_day)(t / AEST_DAY)) ? working_day : weekend;
    return today[h] + (today[h + 1] - today[h]) * (hour - h);
}

static double years_since_2015(aest_us t) {
    aest_day start;
    aest_day_from_date(2015, 1, 1, &start);
    return (double)(t - start * AEST_DAY) / (365.25 * (double)AEST_DAY);
}

/* Buildings store heat: what people feel is the mean of the last hours. */
static double felt_temperature(uint64_t seed, enum sim_region region, aest_us t) {
    return 0.5 * sim_temperature(seed, region, t) +
           0.3 * sim_temperature(seed, region, t - 3 * 60 * AEST_MINUTE) +
           0.2 * sim_temperature(seed, region, t - 9 * 60 * AEST_MINUTE);
}

double sim_underlying_demand(uint64_t seed, enum sim_region region, aest_us t) {
    const struct region_load *l = &loads[region];
    double base = l->base_mw * pow(1 + l->growth, years_since_2015(t));
    double felt = felt_temperature(seed, region, t);
    double hot = fmax(0, felt - COMFORT_TOP_C), cold = fmax(0, COMFORT_LOW_C - felt);
    double awake = shape(t);
    struct noise slow = {seed, (uint64_t)FIRST_STREAM << 40 | (uint64_t)region},
                 fast = {seed, (uint64_t)(FIRST_STREAM + 1) << 40 | (uint64_t)region};
    double hours = (double)t / (60.0 * (double)AEST_MINUTE);
    double wander = 0.012 * noise_smooth(slow, hours, 4) + 0.0022 * noise_smooth(fast, hours, 0.2);
    double people = base * (l->industrial + (1 - l->industrial) * awake);
    double comfort = awake * (l->cooling_mw * hot * (1 + hot / 40) + l->heating_mw * cold);
    return (people + comfort) * (1 + wander);
}

/* MW at the end of the year, after AEMO's and the Clean Energy Regulator's published totals. */
static const struct {
    int year;
    double mw[SIM_REGIONS];
} roofs[] = {
    {2008, {5, 5, 5, 1, 5}},
    {2010, {120, 110, 70, 5, 90}},
    {2012, {520, 900, 400, 45, 480}},
    {2015, {1050, 1480, 660, 95, 880}},
    {2018, {1950, 2350, 1040, 140, 1650}},
    {2021, {4050, 4300, 1850, 230, 3250}},
    {2023, {5650, 5500, 2350, 320, 4350}},
    {2025, {7100, 6500, 2750, 400, 5300}},
    {2030, {10500, 8700, 3500, 600, 7900}},
};
enum { ROOFS = sizeof roofs / sizeof *roofs };

double sim_rooftop_capacity(enum sim_region region, aest_us t) {
    double year = 2015 + years_since_2015(t) - 1; /* the table has the ends of years */
    int i = 0;
    while (i < ROOFS - 2 && year > roofs[i + 1].year)
        i++;
    double part = (year - roofs[i].year) / (roofs[i + 1].year - roofs[i].year);
    return fmax(0, roofs[i].mw[region] + part * (roofs[i + 1].mw[region] - roofs[i].mw[region]));
}

double sim_rooftop_mw(uint64_t seed, enum sim_region region, aest_us t) {
    return sim_rooftop_capacity(region, t) * sim_rooftop(seed, region, t);
}

double sim_operational_demand(uint64_t seed, enum sim_region region, aest_us t) {
    return sim_underlying_demand(seed, region, t) - sim_rooftop_mw(seed, region, t);
}
