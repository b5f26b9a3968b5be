#include "sim/model/weather.h"

#include <math.h>

#include "support/check.h"

enum { SEED = 1, STEP_MINUTES = 15 };

static const char *const region_names[] = {"NSW1", "QLD1", "SA1", "TAS1", "VIC1"};

static aest_us at(const char *text) {
    aest_us t;
    assert_true(aest_parse_mms(str_from(text), &t));
    return t;
}

/* The mean of [value] over the hours [from, to) of all days from [start] on. */
static double mean_over(double (*value)(enum sim_region, aest_us), enum sim_region region,
                        const char *start, int days, int from, int to) {
    double sum = 0;
    int count = 0;
    for (int day = 0; day < days; day++)
        for (int minute = from * 60; minute < to * 60; minute += STEP_MINUTES, count++)
            sum += value(region, at(start) + day * AEST_DAY + minute * AEST_MINUTE);
    return sum / count;
}

static double temperature(enum sim_region region, aest_us t) {
    return sim_temperature(SEED, region, t);
}
static double wind(enum sim_region region, aest_us t) {
    return sim_wind(SEED, region, 3, t, &(struct sim_weather_memory){0});
}
static double clearness(enum sim_region region, aest_us t) {
    return sim_clearness(SEED, region, 9, t, &(struct sim_weather_memory){0});
}
static double solar(enum sim_region region, aest_us t) {
    return sim_solar_farm(SEED, region, 3, t, &(struct sim_weather_memory){0});
}
static double rooftop(enum sim_region region, aest_us t) {
    return sim_rooftop(SEED, region, t);
}

static void summers_are_warm_and_winters_are_cold(void **state) {
    (void)state;
    for (int r = 0; r < SIM_REGIONS; r++) {
        double january = mean_over(temperature, r, "2025/01/01", 31, 12, 17);
        double july = mean_over(temperature, r, "2025/07/01", 31, 3, 7);
        print_message("%s: January afternoons %.1f C, July dawns %.1f C\n", region_names[r],
                      january, july);
        assert_true(january > 18 && january < 34);
        assert_true(july > -1 && july < 13);
    }
    assert_true(mean_over(temperature, SIM_QLD1, "2025/07/01", 31, 0, 24) >
                mean_over(temperature, SIM_TAS1, "2025/07/01", 31, 0, 24) + 4);
}

static void farms_give_what_farms_give(void **state) {
    (void)state;
    for (int r = 0; r < SIM_REGIONS; r++) {
        double windy = mean_over(wind, r, "2024/01/01", 366, 0, 24);
        double sunny = mean_over(solar, r, "2024/01/01", 366, 0, 24);
        double roofs = mean_over(rooftop, r, "2024/01/01", 366, 0, 24);
        print_message("%s: wind %.3f, solar farm %.3f, rooftop %.3f\n", region_names[r], windy,
                      sunny, roofs);
        assert_true(windy > 0.28 && windy < 0.45);
        assert_true(sunny > 0.20 && sunny < 0.36);
        assert_true(roofs > 0.10 && roofs < 0.20);
    }
}

static void no_sun_no_power_and_always_within_capacity(void **state) {
    (void)state;
    for (int i = 0; i < 40000; i++) {
        aest_us t = at("2019/01/01") + (aest_us)i * 37 * AEST_MINUTE;
        enum sim_region r = (enum sim_region)(i % SIM_REGIONS);
        double values[] = {wind(r, t), solar(r, t), rooftop(r, t), clearness(r, t)};
        for (int k = 0; k < 4; k++)
            assert_true(values[k] >= 0 && values[k] <= 1);
        int hour = (int)(t % AEST_DAY / (60 * AEST_MINUTE));
        if (hour >= 22 || hour < 3)
            assert_true(values[1] == 0 && values[2] == 0);
    }
}

/* A front of a region moves all of its farms; the next region's has its own. */
static void neighbours_move_together(void **state) {
    (void)state;
    double sums[2] = {0}, mean = mean_over(wind, SIM_SA1, "2024/01/01", 366, 0, 24), square = 0;
    int count = 0;
    for (aest_us t = at("2024/01/01"); t < at("2025/01/01"); t += 60 * AEST_MINUTE, count++) {
        double a = sim_wind(SEED, SIM_SA1, 3, t, &(struct sim_weather_memory){0}) - mean;
        square += a * a;
        sums[0] += a * (sim_wind(SEED, SIM_SA1, 4, t, &(struct sim_weather_memory){0}) - mean);
        sums[1] += a * (sim_wind(SEED, SIM_QLD1, 3, t, &(struct sim_weather_memory){0}) - mean);
    }
    assert_true(count == 366 * 24);
    print_message("correlation with a neighbour %.2f, with another region %.2f\n", sums[0] / square,
                  sums[1] / square);
    assert_true(sums[0] / square > 0.4 && sums[0] / square < 0.9);
    assert_true(fabs(sums[1] / square) < 0.25);
}

static void five_minutes_bring_no_leap(void **state) {
    (void)state;
    for (aest_us t = at("2024/03/01"); t < at("2024/03/15"); t += 5 * AEST_MINUTE) {
        assert_true(fabs(wind(SIM_VIC1, t) - wind(SIM_VIC1, t + 5 * AEST_MINUTE)) < 0.12);
        assert_true(fabs(temperature(SIM_VIC1, t) - temperature(SIM_VIC1, t + 5 * AEST_MINUTE)) <
                    0.5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summers_are_warm_and_winters_are_cold),
        cmocka_unit_test(farms_give_what_farms_give),
        cmocka_unit_test(no_sun_no_power_and_always_within_capacity),
        cmocka_unit_test(neighbours_move_together),
        cmocka_unit_test(five_minutes_bring_no_leap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
