#include "sim/model/demand.h"

#include <math.h>

#include "support/check.h"

enum { SEED = 1 };

static const char *const region_names[] = {"NSW1", "QLD1", "SA1", "TAS1", "VIC1"};

static aest_us at(const char *text) {
    aest_us t;
    assert_true(aest_parse_mms(str_from(text), &t));
    return t;
}

struct extent {
    double mean, low, high;
    aest_us low_at, high_at;
};

/* Of a function over a year, every half hour. */
static struct extent over_year(double (*value)(uint64_t, enum sim_region, aest_us),
                               enum sim_region region, const char *start) {
    struct extent e = {.low = 1e9, .high = -1e9};
    int count = 0;
    for (aest_us t = at(start); t < at(start) + 365 * AEST_DAY; t += 30 * AEST_MINUTE, count++) {
        double v = value(SEED, region, t);
        e.mean += v;
        if (v < e.low)
            e.low = v, e.low_at = t;
        if (v > e.high)
            e.high = v, e.high_at = t;
    }
    e.mean /= count;
    return e;
}

/* Published: operational demand of 2024, mean and peak of recent years, about. */
static void each_region_is_as_large_as_it_is(void **state) {
    (void)state;
    static const struct {
        double mean, peak;
    } published[SIM_REGIONS] = {
        {7450, 13800}, {6050, 11000}, {1300, 3100}, {1130, 1700}, {4950, 9800}};
    for (int r = 0; r < SIM_REGIONS; r++) {
        char low[AEST_TEXT], high[AEST_TEXT];
        struct extent e = over_year(sim_operational_demand, r, "2024/01/01");
        print_message("%s: operational mean %.0f, %.0f at %s to %.0f at %s\n", region_names[r],
                      e.mean, e.low, aest_format_mms(e.low_at, low), e.high,
                      aest_format_mms(e.high_at, high));
        assert_true(fabs(e.mean / published[r].mean - 1) < 0.15);
        assert_true(fabs(e.high / published[r].peak - 1) < 0.25);
        int hour = (int)(e.low_at % AEST_DAY / (60 * AEST_MINUTE));
        if (r != SIM_TAS1) /* where the sun has moved the minimum to noon */
            assert_in_range(hour, 9, 15);
    }
}

static double mean_at(double (*value)(uint64_t, enum sim_region, aest_us), enum sim_region region,
                      const char *start, int days, int hour) {
    double sum = 0;
    for (int d = 0; d < days; d++)
        sum += value(SEED, region, at(start) + d * AEST_DAY + hour * 60 * AEST_MINUTE);
    return sum / days;
}

static void the_duck_has_a_belly_and_a_neck(void **state) {
    (void)state;
    for (int r = 0; r < SIM_REGIONS; r++) {
        double noon = mean_at(sim_operational_demand, r, "2025/10/01", 31, 12);
        double evening = mean_at(sim_operational_demand, r, "2025/10/01", 31, 18);
        assert_true(evening > noon * (r == SIM_TAS1 ? 1.05 : 1.35));
    }
    /* before the roofs there was none */
    assert_true(mean_at(sim_operational_demand, SIM_SA1, "2009/10/01", 31, 12) >
                0.80 * mean_at(sim_operational_demand, SIM_SA1, "2009/10/01", 31, 18));
}

static void weekends_use_less_and_winter_warms_tasmania(void **state) {
    (void)state;
    double week = 0, weekend = 0;
    for (int d = 0; d < 28; d++) /* 2025/03/03 is a Monday */
        *(d % 7 < 5 ? &week : &weekend) +=
            sim_underlying_demand(SEED, SIM_NSW1, at("2025/03/03 09:00:00") + d * AEST_DAY);
    assert_true(weekend / 8 < 0.97 * week / 20);
    assert_true(mean_at(sim_underlying_demand, SIM_TAS1, "2025/07/01", 31, 18) >
                1.1 * mean_at(sim_underlying_demand, SIM_TAS1, "2025/01/05", 25, 18));
}

static void nothing_jumps(void **state) {
    (void)state;
    for (int r = 0; r < SIM_REGIONS; r++)
        for (aest_us t = at("2024/12/20"); t < at("2025/01/10"); t += 5 * AEST_MINUTE) {
            double now = sim_underlying_demand(SEED, r, t);
            double next = sim_underlying_demand(SEED, r, t + 5 * AEST_MINUTE);
            assert_true(now > 0 && fabs(next / now - 1) < 0.03);
        }
}

static void roofs_grow_day_by_day(void **state) {
    (void)state;
    for (int r = 0; r < SIM_REGIONS; r++) {
        double before = 0;
        for (aest_us t = at("2009/01/01"); t < at("2030/01/01"); t += 7 * AEST_DAY) {
            double mw = sim_rooftop_capacity(r, t);
            assert_true(mw >= before && mw < 12000);
            before = mw;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_region_is_as_large_as_it_is),
        cmocka_unit_test(the_duck_has_a_belly_and_a_neck),
        cmocka_unit_test(weekends_use_less_and_winter_warms_tasmania),
        cmocka_unit_test(nothing_jumps),
        cmocka_unit_test(roofs_grow_day_by_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
