#include "market/curtailment.h"

#include <math.h>

#include "support/times.h"

#define MISSING ((double)NAN)

static void what_was_not_offered_is_not_what_was_not_taken(void **state) {
    (void)state;
    static const struct {
        double uigf, availability, cleared, offered_out, curtailed;
    } cases[] = {
        {100, 80, 50, 20, 30},
        {100, 100, 100, 0, 0},
        {100, 110, 105, 0, 5}, /* offers can exceed what is possible */
        {0, 0, 0, 0, 0},
        {MISSING, 80, 50, MISSING, 30},
        {100, MISSING, 50, MISSING, MISSING},
        {100, 80, MISSING, 20, MISSING},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct curtailment c =
            curtailment_of_unit(cases[i].uigf, cases[i].availability, cases[i].cleared);
        assert_number(c.offered_out, cases[i].offered_out, 1e-12);
        assert_number(c.curtailed, cases[i].curtailed, 1e-12);
    }
}

static void of_a_region_both_are_one(void **state) {
    (void)state;
    assert_number(curtailment_of_region(100, 50), 50, 0);
    assert_number(curtailment_of_region(50, 100), 0, 0);
    assert_number(curtailment_of_region(MISSING, 100), MISSING, 0);
    assert_number(curtailment_of_region(100, MISSING), MISSING, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_offered_is_not_what_was_not_taken),
        cmocka_unit_test(of_a_region_both_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
