#include "market/demand.h"

#include "support/times.h"

#define MISSING ((double)NAN)

static void the_proxy_stands_in_before_august_2024_and_says_so(void **state) {
    (void)state;
    static const struct {
        const char *at;
        double measured, target, intermittent, expected;
        bool is_proxy;
    } cases[] = {
        {"2020-01-01 12:00", MISSING, 8000, 150, 8150, true},
        {"2024-08-01 00:00", MISSING, 8000, 150, 8150, true},
        {"2024-08-01 00:05", MISSING, 8000, 150, MISSING, false}, /* late, or lost */
        {"2024-08-01 00:05", 8100, 8000, 150, 8100, false},
        {"2020-01-01 12:00", -263, -300, 20, -263, false},
        {"2020-01-01 12:00", MISSING, MISSING, 150, MISSING, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool is_proxy;
        double mw = demand_operational(at(cases[i].at), cases[i].measured, cases[i].target,
                                       cases[i].intermittent, &is_proxy);
        assert_number(mw, cases[i].expected, 0);
        assert_int_equal(is_proxy, cases[i].is_proxy);
    }
}

static void underlying_demand_waits_for_rooftop(void **state) {
    (void)state;
    assert_number(demand_underlying(-263, 1900), 1637, 0);
    assert_number(demand_underlying(8000, MISSING), MISSING, 0);
}

static void demand_has_a_minimum_too(void **state) {
    (void)state;
    double values[] = {MISSING, 500, -263, 900, -263, 900};
    struct span s = {at("2025-12-25 13:20"), 1, 6, values};
    struct lowest_highest found = lowest_highest_of(&s);
    assert_number(found.min, -263, 0);
    assert_int_equal(found.min_at, at("2025-12-25 13:30"));
    assert_number(found.max, 900, 0);
    assert_int_equal(found.max_at, at("2025-12-25 13:35"));
    s.length = 1;
    found = lowest_highest_of(&s);
    assert_number(found.min, MISSING, 0);
    assert_number(found.max, MISSING, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_proxy_stands_in_before_august_2024_and_says_so),
        cmocka_unit_test(underlying_demand_waits_for_rooftop),
        cmocka_unit_test(demand_has_a_minimum_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
