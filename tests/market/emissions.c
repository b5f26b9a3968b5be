#include "market/emissions.h"

#include <math.h>

#include "support/times.h"

static void intensity_is_of_what_has_a_factor(void **state) {
    (void)state;
    struct emissions sum = {0};
    assert_number(emissions_intensity(&sum), (double)NAN, 0);
    emissions_add(&sum, 100, 0.9);
    emissions_add(&sum, 300, 0);
    emissions_add(&sum, 50, (double)NAN);
    emissions_add(&sum, -20, 0.9); /* a station's own use */
    emissions_add(&sum, (double)NAN, 0.9);
    assert_number(sum.tonnes, 90, 1e-9);
    assert_number(sum.energy, 400, 1e-9);
    assert_number(sum.uncovered, 50, 1e-9);
    assert_number(emissions_intensity(&sum), 0.225, 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(intensity_is_of_what_has_a_factor)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
