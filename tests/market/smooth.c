#include "market/smooth.h"

#include "support/times.h"

#define MISSING ((double)NAN)

static void a_gap_stays_a_gap(void **state) {
    (void)state;
    static const interval times[] = {1, 2, 3, 4, 5};
    static const double values[] = {MISSING, 4, MISSING, 8, MISSING};
    double out[5];
    for (int way = 0; way < SMOOTHINGS; way++) {
        assert_true(smooth((enum smoothing)way, times, values, 5, 4, out));
        for (int i = 0; i < 5; i++)
            assert_int_equal(isnan(out[i]), isnan(values[i]));
    }
}

static void a_window_is_of_time(void **state) {
    (void)state;
    static const interval times[] = {10, 20, 30, 100, 110};
    static const double values[] = {1, 2, 6, 100, 200};
    double out[5];
    assert_true(smooth(SMOOTH_MEAN, times, values, 5, 20, out)); /* 10 to either side */
    assert_number(out[0], 1.5, 1e-12);
    assert_number(out[1], 3, 1e-12);
    assert_number(out[2], 4, 1e-12); /* 100 is two points away, but 70 intervals */
    assert_number(out[3], 150, 1e-12);
    assert_true(smooth(SMOOTH_MEAN, times, values, 5, 1, out));
    for (int i = 0; i < 5; i++)
        assert_number(out[i], values[i], 0);
}

static void an_exponential_mean_forgets_with_time(void **state) {
    (void)state;
    static const interval times[] = {0, 12, 13, 1300};
    static const double values[] = {0, 100, MISSING, 7};
    double out[4];
    assert_true(smooth(SMOOTH_EXPONENTIAL, times, values, 4, 12, out));
    assert_number(out[0], 0, 0);
    assert_number(out[1], 100 * (1 - exp(-1)), 1e-9);
    assert_number(out[3], 7, 1e-9);
}

static void loess_keeps_a_straight_line(void **state) {
    (void)state;
    interval times[100];
    double values[100], out[100];
    for (int i = 0; i < 100; i++) {
        times[i] = i * i; /* uneven */
        values[i] = i % 7 ? 3.0 * times[i] - 50 : MISSING;
    }
    assert_true(smooth(SMOOTH_LOESS, times, values, 100, 2000, out));
    for (int i = 0; i < 100; i++)
        assert_number(out[i], values[i], 1e-6);
    /* by hand: three points of which the outer ones are at half the half window */
    static const interval three[] = {0, 10, 20};
    static const double peak[] = {0, 9, 0};
    double w = pow(1 - 0.125, 3), mine[3];
    assert_true(smooth(SMOOTH_LOESS, three, peak, 3, 40, mine));
    assert_number(mine[1], 9 / (1 + 2 * w), 1e-9);
    assert_true(smooth(SMOOTH_LOESS, three, peak, 3, 2, mine)); /* nobody else in reach */
    assert_number(mine[1], 9, 0);
}

static void too_many_points_are_refused(void **state) {
    (void)state;
    static interval times[SMOOTH_POINTS + 1];
    static double values[SMOOTH_POINTS + 1], out[SMOOTH_POINTS + 1];
    for (int i = 0; i <= SMOOTH_POINTS; i++) {
        times[i] = i;
        values[i] = 5;
    }
    assert_false(smooth(SMOOTH_LOESS, times, values, SMOOTH_POINTS + 1, 10, out));
    assert_true(smooth(SMOOTH_NONE, times, values, SMOOTH_POINTS + 1, 10, out));
    for (int way = 0; way < SMOOTHINGS; way++) {
        assert_true(smooth((enum smoothing)way, times, values, SMOOTH_POINTS, 300, out));
        assert_number(out[0], 5, 1e-9);
        assert_number(out[SMOOTH_POINTS - 1], 5, 1e-9);
        assert_true(smooth((enum smoothing)way, times, values, 0, 300, out));
    }
}

static void ways_have_names(void **state) {
    (void)state;
    enum smoothing way;
    for (int i = 0; i < SMOOTHINGS; i++) {
        assert_true(smoothing_from_name(str_from(smoothing_names[i]), &way));
        assert_int_equal(way, i);
    }
    assert_false(smoothing_from_name(STR("lowess"), &way));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_stays_a_gap),
        cmocka_unit_test(a_window_is_of_time),
        cmocka_unit_test(an_exponential_mean_forgets_with_time),
        cmocka_unit_test(loess_keeps_a_straight_line),
        cmocka_unit_test(too_many_points_are_refused),
        cmocka_unit_test(ways_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
