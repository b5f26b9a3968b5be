#include "market/network.h"

#include <math.h>

#include "support/times.h"

#define MISSING ((double)NAN)

static double net_import(const char *region, const double flows[INTERCONNECTORS]) {
    double sum = 0;
    for (int i = 0; i < INTERCONNECTORS; i++)
        sum += flow_toward(&interconnectors[i], str_from(region), flows[i]);
    return sum;
}

static void what_one_region_sends_another_gets(void **state) {
    (void)state;
    /* N-Q-MNSP1, NSW1-QLD1, T-V-MNSP1, V-S-MNSP1, V-SA, VIC1-NSW1 */
    static const double flows[INTERCONNECTORS] = {-20, -400, 300, 50, -100, 700};
    assert_number(net_import("NSW1", flows), 1120, 1e-9);
    assert_number(net_import("QLD1", flows), -420, 1e-9);
    assert_number(net_import("SA1", flows), -50, 1e-9);
    assert_number(net_import("TAS1", flows), -300, 1e-9);
    assert_number(net_import("VIC1", flows), 300 - 50 + 100 - 700, 1e-9);
    double all = 0;
    for (int r = 0; r < REGIONS; r++)
        all += net_import(regions[r], flows);
    assert_number(all, 0, 1e-9);
    assert_number(net_import_of_dispatch(-250), 250, 0);
    assert_false(signbit(net_import_of_dispatch(0)));
}

static void a_limit_is_reached_within_a_megawatt(void **state) {
    (void)state;
    static const struct {
        double flow, exports, imports, value;
        enum link_limit limit;
    } cases[] = {
        {400, 400.5, -300, 0, LINK_AT_EXPORT},  {401, 400, -300, 0, LINK_AT_EXPORT},
        {398.9, 400, -300, 0, LINK_FREE},       {-300, 400, -300, 0, LINK_AT_IMPORT},
        {155.9, 478, 155.9, 0, LINK_AT_IMPORT}, /* both limits of one sign */
        {100, 478, -478, -12.5, LINK_BOUND},    {100, 478, -478, MISSING, LINK_FREE},
        {MISSING, 478, -478, 0, LINK_FREE},     {0, MISSING, MISSING, 0, LINK_FREE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(
            link_limit_of(cases[i].flow, cases[i].exports, cases[i].imports, cases[i].value),
            cases[i].limit);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_region_sends_another_gets),
        cmocka_unit_test(a_limit_is_reached_within_a_megawatt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
