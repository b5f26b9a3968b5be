#include "market/shares.h"

#include <math.h>

#include "support/times.h"

static struct supply noon(void) {
    return (struct supply){
        .by_fuel = {[FUEL_BLACK_COAL] = 300,
                    [FUEL_OCGT] = 50,
                    [FUEL_UNKNOWN] = 50,
                    [FUEL_WATER] = 100,
                    [FUEL_WIND] = 120,
                    [FUEL_SOLAR] = 150,
                    [FUEL_BIOMASS] = 30,
                    [FUEL_BATTERY] = 200},
        .rooftop = 200,
        .underlying = 500,
    };
}

static void the_three_shares_differ_by_batteries_and_by_what_they_are_of(void **state) {
    (void)state;
    struct supply s = noon();
    struct shares shares = renewable_shares(&s);
    assert_number(renewable_generation(&s), 600, 1e-9);
    assert_number(generation_without_batteries(&s), 1000, 1e-9);
    assert_number(shares.generation, 0.6, 1e-12);
    assert_number(shares.incl_storage, 800.0 / 1200, 1e-12);
    assert_number(shares.of_demand, 1.2, 1e-12); /* what is exported is above demand */
}

static void what_is_not_known_is_not_zero(void **state) {
    (void)state;
    struct supply s = noon();
    s.underlying = (double)NAN;
    assert_number(renewable_shares(&s).generation, 0.6, 1e-12);
    assert_number(renewable_shares(&s).of_demand, (double)NAN, 0);
    s.rooftop = (double)NAN; /* late, on a sunny day */
    assert_number(renewable_shares(&s).generation, (double)NAN, 0);
    assert_number(renewable_shares(&s).incl_storage, (double)NAN, 0);
    s = noon();
    s.by_fuel[FUEL_BATTERY] = (double)NAN;
    assert_number(renewable_shares(&s).generation, 0.6, 1e-12);
    assert_number(renewable_shares(&s).incl_storage, (double)NAN, 0);
    s = (struct supply){0};
    assert_number(renewable_shares(&s).generation, (double)NAN, 0);
}

static void gas_coal_and_the_unknown_are_not_renewable(void **state) {
    (void)state;
    static const enum fuel yes[] = {FUEL_WATER, FUEL_WIND, FUEL_SOLAR, FUEL_BIOMASS};
    int count = 0;
    for (int f = 0; f < FUELS; f++)
        count += fuel_is_renewable((enum fuel)f);
    assert_int_equal(count, 4);
    for (int i = 0; i < 4; i++)
        assert_true(fuel_is_renewable(yes[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_three_shares_differ_by_batteries_and_by_what_they_are_of),
        cmocka_unit_test(what_is_not_known_is_not_zero),
        cmocka_unit_test(gas_coal_and_the_unknown_are_not_renewable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
