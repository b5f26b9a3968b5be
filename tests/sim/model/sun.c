#include "sim/model/sun.h"

#include <math.h>

#include "support/check.h"

static aest_us at(const char *text) {
    aest_us t;
    assert_true(aest_parse_mms(str_from(text), &t));
    return t;
}

/* The minute of the day at which the sun's upper edge crosses the horizon, refraction included. */
static int crossing(double latitude, double longitude, const char *date, bool rising) {
    const double horizon = sin(-0.833 * 3.14159265358979323846 / 180);
    aest_us day = at(date);
    for (int minute = rising ? 0 : 12 * 60; minute < 24 * 60; minute++) {
        bool up = sun_height(latitude, longitude, day + minute * AEST_MINUTE) > horizon;
        if (up == rising)
            return minute;
    }
    return -1;
}

/* Public almanac times, in AEST. */
static void the_sun_rises_and_sets_when_it_does(void **state) {
    (void)state;
    static const struct {
        const char *place, *date;
        double latitude, longitude;
        int rise, set;
    } cases[] = {
        {"Sydney", "2025/06/21", -33.87, 151.21, 7 * 60 + 0, 16 * 60 + 54},
        {"Sydney", "2025/12/22", -33.87, 151.21, 4 * 60 + 41, 19 * 60 + 5},
        {"Brisbane", "2025/06/21", -27.47, 153.03, 6 * 60 + 37, 17 * 60 + 2},
        {"Melbourne", "2025/06/21", -37.81, 144.96, 7 * 60 + 35, 17 * 60 + 8},
        {"Hobart", "2025/12/22", -42.88, 147.33, 4 * 60 + 28, 19 * 60 + 49},
        {"Adelaide", "2025/03/20", -34.93, 138.60, 6 * 60 + 51, 18 * 60 + 59},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int rise = crossing(cases[i].latitude, cases[i].longitude, cases[i].date, true);
        int set = crossing(cases[i].latitude, cases[i].longitude, cases[i].date, false);
        print_message("%s %s: %d:%02d to %d:%02d\n", cases[i].place, cases[i].date, rise / 60,
                      rise % 60, set / 60, set % 60);
        assert_in_range(rise, cases[i].rise - 6, cases[i].rise + 6);
        assert_in_range(set, cases[i].set - 6, cases[i].set + 6);
    }
}

static void it_stands_highest_in_summer_and_never_over_one(void **state) {
    (void)state;
    double highest = -1, highest_winter = -1;
    for (int minute = 0; minute < 24 * 60; minute += 5) {
        double summer = sun_height(-33.87, 151.21, at("2025/12/22") + minute * AEST_MINUTE);
        double winter = sun_height(-33.87, 151.21, at("2025/06/21") + minute * AEST_MINUTE);
        highest = fmax(highest, summer);
        highest_winter = fmax(highest_winter, winter);
    }
    assert_true(fabs(highest - cos((33.87 - 23.44) * 3.14159265358979 / 180)) < 0.002);
    assert_true(fabs(highest_winter - cos((33.87 + 23.44) * 3.14159265358979 / 180)) < 0.002);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sun_rises_and_sets_when_it_does),
        cmocka_unit_test(it_stands_highest_in_summer_and_never_over_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
