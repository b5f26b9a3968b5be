#include "market/units.h"

#include "market/network.h"
#include "support/check.h"

static const struct units none; /* a store without the table */

static void pumps_and_the_charging_halves_of_batteries_count_negative(void **state) {
    (void)state;
    static const char *const loads[] = {"SNOWYP", "PUMP1", "PUMP2", "SHPUMP", "HPRL1", "BALBL1"};
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
        assert_int_equal(unit_sign(&none, str_from(loads[i]), 0), -1);
}

static void generators_and_bidirectional_units_count_as_they_are(void **state) {
    (void)state;
    static const char *const others[] = {"BAYSW1", "HPR1", "TUMUT3", "W/HOE#2", "PUMP", "NEW1"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(unit_sign(&none, str_from(others[i]), 0), 1);
}

static void dummies_and_demand_response_are_in_no_sum(void **state) {
    (void)state;
    assert_int_equal(unit_sign(&none, STR("DG_NSW1"), 0), 0);
    assert_int_equal(unit_sign(&none, STR("RT_VIC10"), 0), 0);
    assert_int_equal(unit_sign(&none, STR("DRXVIC01"), 0), 0);
    assert_int_equal(unit_sign(&none, STR("DRYCGT1"), 0), 1);
}

static void a_unit_that_nobody_registered_is_guessed_by_its_name(void **state) {
    (void)state;
    static const struct {
        const char *duid;
        enum fuel fuel, guess;
        bool is_load;
    } units[] = {
        {"NEWSF1", FUEL_UNKNOWN, FUEL_SOLAR, false},
        {"NEWWF2", FUEL_UNKNOWN, FUEL_WIND, false},
        {"NEWBESS1", FUEL_UNKNOWN, FUEL_BATTERY, false},
        {"NEWB1", FUEL_UNKNOWN, FUEL_BATTERY, false},
        {"NEWBL1", FUEL_UNKNOWN, FUEL_BATTERY, true},
        {"NEWBG1", FUEL_UNKNOWN, FUEL_BATTERY, false},
        {"NEWPUMP", FUEL_UNKNOWN, FUEL_WATER, true},
        {"NEWTHING", FUEL_UNKNOWN, FUEL_UNKNOWN, false},
        {"CPSA", FUEL_CCGT, FUEL_UNKNOWN, false},
        {"SNOWYP", FUEL_WATER, FUEL_UNKNOWN, false},
        {"RT_NSW1", FUEL_OTHER, FUEL_UNKNOWN, false},
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct unit u = units_find(&none, str_from(units[i].duid), 20000);
        assert_false(u.is_registered);
        assert_int_equal(u.fuel, units[i].fuel);
        assert_int_equal(u.guess.fuel, units[i].guess);
        assert_int_equal(u.guess.is_load, units[i].is_load);
    }
}

static void a_sign_holds_as_long_as_the_dispatch_type_says_so(void **state) {
    (void)state;
    struct unit rows[] = {{.duid = STR("B1"), .from = 100, .to = 200, .sign = -1},
                          {.duid = STR("B1"), .from = 200, .to = 300, .sign = 1},
                          {.duid = STR("B1"), .from = 300, .to = INT32_MAX, .sign = 1}};
    size_t first[] = {0, 3};
    struct units u = {.rows = rows, .count = 3, .first = first};
    intern_add(&u.duids, STR("B1"));
    assert_int_equal(unit_sign_since(&u, STR("B1"), 350), 200);
    assert_int_equal(unit_sign_since(&u, STR("B1"), 200), 200);
    assert_true(unit_sign_since(&u, STR("B1"), 199) <= 0); /* and before it was there */
    assert_true(unit_sign_since(&u, STR("B2"), 350) <= 0);
    intern_free(&u.duids);
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
        cmocka_unit_test(a_unit_that_nobody_registered_is_guessed_by_its_name),
        cmocka_unit_test(a_sign_holds_as_long_as_the_dispatch_type_says_so),
        cmocka_unit_test(positive_flow_is_away_from_tasmania),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
