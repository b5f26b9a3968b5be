#include "market/energy.h"

#include "support/times.h"

#define MISSING ((double)NAN)

static void energy_is_the_trapezium_between_a_reading_and_the_next(void **state) {
    (void)state;
    assert_number(energy_between(120, 240), 15, 1e-12); /* 180 MW for 5 minutes */
    assert_number(energy_between(240, 0), 10, 1e-12);
    assert_number(energy_between(0, -60), -2.5, 1e-12);
    assert_number(energy_between(-60, 60), 0, 1e-12);
}

static void a_reading_stands_for_its_interval_until_the_next_is_there(void **state) {
    (void)state;
    assert_number(energy_between(120, MISSING), 10, 1e-12);
    assert_number(energy_between(MISSING, 120), MISSING, 0);
    assert_number(energy_between(MISSING, MISSING), MISSING, 0);
}

static void half_hours_settle_up_to_the_end_of_september_2021(void **state) {
    (void)state;
    double five[3] = {1, 2, 3}, thirty[3] = {10, 20, 30};
    struct span p5 = {at("2021-09-30 23:55"), 1, 3, five};
    struct span p30 = {at("2021-09-30 23:30"), 6, 3, thirty};
    assert_int_equal(SETTLED_BY_HALF_HOUR_UNTIL, at("2021-10-01 00:00"));
    assert_number(settlement_price(&p5, &p30, at("2021-09-30 23:30")), 10, 0);
    assert_number(settlement_price(&p5, &p30, at("2021-09-30 23:35")), 20, 0);
    assert_number(settlement_price(&p5, &p30, at("2021-10-01 00:00")), 20, 0);
    assert_number(settlement_price(&p5, &p30, at("2021-10-01 00:05")), 3, 0);
    assert_number(settlement_price(&p5, &p30, at("2021-10-01 00:10")), MISSING, 0);
    assert_number(settlement_price(&p5, &p30, at("2021-09-30 23:00")), MISSING, 0);
    assert_int_equal(half_hour_of(at("2021-09-30 23:35")), at("2021-10-01 00:00"));
    assert_int_equal(half_hour_of(at("2021-10-01 00:00")), at("2021-10-01 00:00"));
    assert_int_equal(half_hour_of(-7), -6);
    assert_int_equal(half_hour_of(-6), -6);
}

static void revenue_is_no_mean_of_means(void **state) {
    (void)state;
    /* discharging at $300 and charging at $-20, each 10 MWh, then an interval without price */
    struct earnings sum = {0};
    earnings_add(&sum, 10, 300);
    earnings_add(&sum, -10, -20);
    earnings_add(&sum, MISSING, 100);
    assert_number(sum.revenue, 3200, 1e-9);
    assert_number(earnings_vwap(&sum), MISSING, 0); /* of nothing in sum */
    earnings_add(&sum, 20, MISSING);
    earnings_add(&sum, 10, 100);
    assert_number(sum.energy, 30, 1e-9);
    assert_number(sum.unpriced, 20, 1e-9);
    assert_int_equal(sum.intervals, 4);
    assert_number(earnings_vwap(&sum), 420, 1e-9);
}

static void capacity_in_force_counts_where_there_is_data(void **state) {
    (void)state;
    static const double mwh[] = {5, MISSING, 10, 10, 3};
    static const double capacity[] = {120, 120, 60, 240, MISSING};
    assert_number(capacity_factor(mwh, capacity, 1), 0.5, 1e-12);
    assert_number(capacity_factor(mwh, capacity, 2), 0.5, 1e-12);
    assert_number(capacity_factor(mwh + 2, capacity + 2, 1), 2, 1e-12); /* not clipped */
    assert_number(capacity_factor(mwh, capacity, 5), 25.0 / 35, 1e-12);
    assert_number(capacity_factor(mwh + 1, capacity + 1, 1), MISSING, 0);
    assert_number(capacity_factor(mwh, capacity, 0), MISSING, 0);
}

static void a_loss_factor_that_is_not_known_is_one(void **state) {
    (void)state;
    assert_number(loss_factor(0.97, 1.01), 0.9797, 1e-12);
    assert_number(loss_factor(MISSING, 1.01), 1.01, 0);
    assert_number(loss_factor(0.97, MISSING), 0.97, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(energy_is_the_trapezium_between_a_reading_and_the_next),
        cmocka_unit_test(a_reading_stands_for_its_interval_until_the_next_is_there),
        cmocka_unit_test(half_hours_settle_up_to_the_end_of_september_2021),
        cmocka_unit_test(revenue_is_no_mean_of_means),
        cmocka_unit_test(capacity_in_force_counts_where_there_is_data),
        cmocka_unit_test(a_loss_factor_that_is_not_known_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
