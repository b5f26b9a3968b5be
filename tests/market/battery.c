#include "market/battery.h"

#include "support/times.h"

#define MISSING ((double)NAN)

static void one_half_of_a_fleet_charges_while_the_other_discharges(void **state) {
    (void)state;
    static const double fleet[] = {100, -80, 0};
    double discharge = 0, charge = 0;
    for (int i = 0; i < 3; i++) {
        discharge += battery_discharge(fleet[i]);
        charge += battery_charge(fleet[i]);
    }
    assert_number(discharge, 100, 0);
    assert_number(charge, 80, 0);
    assert_false(signbit(battery_charge(0)));
    assert_number(battery_discharge(MISSING), MISSING, 0);
    assert_number(battery_charge(MISSING), MISSING, 0);
}

static void a_state_of_charge_and_cycles_need_a_size(void **state) {
    (void)state;
    assert_number(battery_state_of_charge(97, 194), 0.5, 1e-12);
    assert_number(battery_state_of_charge(200, 194), 200 / 194.0, 1e-12);
    assert_number(battery_state_of_charge(97, MISSING), MISSING, 0);
    assert_number(battery_state_of_charge(97, 0), MISSING, 0);
    assert_number(battery_cycles(388, 194), 2, 1e-12);
}

static void the_spread_is_between_what_was_paid_and_what_was_got(void **state) {
    (void)state;
    struct earnings out = {0}, in = {0};
    earnings_add(&out, 10, 300);
    earnings_add(&out, 30, 100);
    assert_number(battery_spread(&out, &in), MISSING, 0); /* never charged */
    earnings_add(&in, 20, -40);
    earnings_add(&in, 30, 60);
    assert_number(battery_spread(&out, &in), 150 - 20, 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_half_of_a_fleet_charges_while_the_other_discharges),
        cmocka_unit_test(a_state_of_charge_and_cycles_need_a_size),
        cmocka_unit_test(the_spread_is_between_what_was_paid_and_what_was_got),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
