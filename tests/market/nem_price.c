#include "market/nem_price.h"

#include <math.h>

#include "support/times.h"

static void regions_weigh_by_their_demand(void **state) {
    (void)state;
    struct nem_price p = nem_price_of((const double[]){100, 50, 200, 80, 60},
                                      (const double[]){8000, 6000, -100, 1000, 5000});
    assert_number(p.weight, 20000, 1e-9); /* a negative demand weighs nothing */
    assert_number(p.weighted, (800000 + 300000 + 80000 + 300000) / 20000.0, 1e-9);
    assert_number(p.unweighted, 98, 1e-9);
}

static void a_region_that_is_not_known_is_not_left_out(void **state) {
    (void)state;
    const double missing = (double)NAN;
    struct nem_price p =
        nem_price_of((const double[]){100, 50, missing, 80, 60}, (const double[]){1, 1, 1, 1, 1});
    assert_number(p.weighted, missing, 0);
    assert_number(p.unweighted, missing, 0);
    p = nem_price_of((const double[]){100, 50, 20, 80, 50}, (const double[]){1, 1, missing, 1, 1});
    assert_number(p.weighted, missing, 0);
    assert_number(p.weight, missing, 0);
    assert_number(p.unweighted, 60, 1e-9);
    p = nem_price_of((const double[]){100, 50, 20, 80, 50}, (const double[]){0, 0, -5, 0, 0});
    assert_number(p.weighted, missing, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_weigh_by_their_demand),
        cmocka_unit_test(a_region_that_is_not_known_is_not_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
