#include "market/rooftop.h"

#include "support/times.h"

#define MISSING ((double)NAN)
enum { LENGTH = 24 };

static void fill(double *actual, double *forecast, double *out, bool *provisional) {
    struct span a = {at("2025-01-01 12:00"), 6, 3, actual};
    struct span f = {at("2025-01-01 13:00"), 6, 3, forecast};
    struct span o = {at("2025-01-01 12:00"), 1, LENGTH, out};
    rooftop_at_five_minutes(&a, &f, &o, provisional);
}

static void points_are_joined_and_the_forecast_is_scaled_behind_them(void **state) {
    (void)state;
    double out[LENGTH];
    bool provisional[LENGTH];
    fill((double[]){600, 1200, 1800}, (double[]){2000, 1000, 0}, out, provisional);
    assert_number(out[0], 600, 0);
    assert_number(out[1], 700, 1e-9);
    assert_number(out[6], 1200, 0);
    assert_number(out[11], 1700, 1e-9);
    assert_number(out[12], 1800, 0); /* 13:00, the last point */
    assert_false(provisional[12]);
    assert_number(out[13], 0.9 * (2000 - 1000.0 / 6), 1e-9);
    assert_true(provisional[13]);
    assert_number(out[18], 900, 1e-9); /* 13:30 */
    assert_number(out[23], 150, 1e-9);
    assert_true(provisional[23]);
}

static void a_missing_point_is_a_gap_and_not_night(void **state) {
    (void)state;
    double out[LENGTH];
    bool provisional[LENGTH];
    fill((double[]){600, MISSING, 1800}, (double[]){MISSING, 1000, 0}, out, provisional);
    assert_number(out[0], 600, 0);
    for (int i = 1; i < 12; i++)
        assert_number(out[i], MISSING, 0);
    assert_number(out[12], 1800, 0);
    for (int i = 13; i < LENGTH; i++) { /* nothing to scale by */
        assert_number(out[i], MISSING, 0);
        assert_false(provisional[i]);
    }
    fill((double[]){MISSING, MISSING, MISSING}, (double[]){5, 5, 5}, out, NULL);
    for (int i = 0; i < LENGTH; i++)
        assert_number(out[i], MISSING, 0);
}

static void a_factor_is_bounded(void **state) {
    (void)state;
    double out[LENGTH];
    bool provisional[LENGTH];
    fill((double[]){0, 0, 5}, (double[]){0.5, 100, 200}, out, provisional); /* dawn */
    assert_number(out[18], 100, 1e-9);
    fill((double[]){0, 0, 500}, (double[]){100, 100, 200}, out, provisional);
    assert_number(out[18], 200, 1e-9);
    fill((double[]){0, 0, 0}, (double[]){100, 100, 200}, out, provisional);
    assert_number(out[18], 0, 1e-9);
}

static void without_a_forecast_it_ends_with_the_last_point(void **state) {
    (void)state;
    double actual[] = {10, 20}, out[18];
    bool provisional[18];
    struct span a = {at("2025-01-01 23:30"), 6, 2, actual}, none = {0, 6, 0, NULL};
    struct span o = {at("2025-01-01 23:30"), 1, 18, out};
    rooftop_at_five_minutes(&a, &none, &o, provisional);
    assert_number(out[3], 15, 1e-9);
    assert_number(out[6], 20, 0); /* midnight */
    assert_number(out[7], MISSING, 0);
    rooftop_at_five_minutes(&none, &none, &o, provisional);
    assert_number(out[0], MISSING, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_joined_and_the_forecast_is_scaled_behind_them),
        cmocka_unit_test(a_missing_point_is_a_gap_and_not_night),
        cmocka_unit_test(a_factor_is_bounded),
        cmocka_unit_test(without_a_forecast_it_ends_with_the_last_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
