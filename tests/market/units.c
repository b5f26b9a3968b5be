#include "market/units.h"

#include "market/network.h"
#include "support/check.h"

static void pumps_and_the_charging_halves_of_batteries_count_negative(void **state) {
    (void)state;
    static const char *const loads[] = {"SNOWYP", "PUMP1", "PUMP2", "SHPUMP", "HPRL1", "BALBL1"};
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
        assert_int_equal(unit_sign(str_from(loads[i])), -1);
}

static void generators_and_bidirectional_units_count_as_they_are(void **state) {
    (void)state;
    static const char *const others[] = {"BAYSW1", "HPR1", "TUMUT3", "W/HOE#2", "PUMP", "NEW1"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(unit_sign(str_from(others[i])), 1);
}

static void dummies_and_demand_response_are_in_no_sum(void **state) {
    (void)state;
    assert_int_equal(unit_sign(STR("DG_NSW1")), 0);
    assert_int_equal(unit_sign(STR("RT_VIC10")), 0);
    assert_int_equal(unit_sign(STR("DRXVIC01")), 0);
    assert_int_equal(unit_sign(STR("DRYCGT1")), 1);
}

static void positive_flow_is_away_from_tasmania(void **state) {
    (void)state;
    assert_string_equal(interconnector_find(STR("T-V-MNSP1"))->from, "TAS1");
    assert_string_equal(interconnector_find(STR("VIC1-NSW1"))->to, "NSW1");
    assert_null(interconnector_find(STR("X")));
    assert_true(region_exists(STR("SA1")));
    assert_false(region_exists(STR("QLDC")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pumps_and_the_charging_halves_of_batteries_count_negative),
        cmocka_unit_test(generators_and_bidirectional_units_count_as_they_are),
        cmocka_unit_test(dummies_and_demand_response_are_in_no_sum),
        cmocka_unit_test(positive_flow_is_away_from_tasmania),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
