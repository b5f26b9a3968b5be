#include "sim/tree/faults.h"

#include <math.h>
#include <stdio.h>

#include "support/check.h"

enum { NAMES = 100000 };

static str name_of(int i, char out[64]) {
    snprintf(out, 64, "PUBLIC_DISPATCHIS_%012d_%016d.zip", 5 * i, 477000000 + i * 7);
    return str_from(out);
}

static void rates_are_read_by_name(void **state) {
    (void)state;
    struct sim_faults f = {.seed = 7};
    assert_ok(sim_faults_parse(STR(""), &f));
    for (int i = 0; i < SIM_FAULTS; i++)
        assert_true(f.rate[i] == 0);
    assert_ok(sim_faults_parse(STR("all=0.02,stall=0, never=1 ,stale-list=1e-3"), &f));
    for (int i = 0; i < SIM_FAULTS; i++) {
        double expected = i == SIM_STALL        ? 0
                          : i == SIM_NEVER      ? 1
                          : i == SIM_STALE_LIST ? 0.001
                                                : 0.02;
        assert_true(f.rate[i] == expected);
    }
    assert_int_equal(f.seed, 7);
    assert_ok(sim_faults_parse(STR("twice=0.5"), &f));
    assert_true(f.rate[SIM_TWICE] == 0.5 && f.rate[SIM_NEVER] == 0);
}

static void every_fault_has_a_name_of_its_own(void **state) {
    (void)state;
    for (int i = 0; i < SIM_FAULTS; i++) {
        char text[64];
        struct sim_faults f = {0};
        snprintf(text, sizeof text, "%s=1", sim_fault_name[i]);
        assert_ok(sim_faults_parse(str_from(text), &f));
        for (int k = 0; k < SIM_FAULTS; k++)
            assert_true(f.rate[k] == (k == i));
    }
}

static void a_wrong_word_is_named_and_changes_nothing(void **state) {
    (void)state;
    static const char *const wrong[][2] = {
        {"stal=0.1", "no fault 'stal'; there are all, forbidden"},
        {"reset=0.1,Late=1", "no fault 'Late'"},
        {"late=0.1,,never=1", "no fault ''"},
        {"late", "'late'"},
        {"late=", "'late='"},
        {"late=2", "'late=2'"},
        {"late=-0.1", "'late=-0.1'"},
        {"all=nan", "'all=nan'"},
        {"late=0.1 never=0.2", "'late=0.1 never=0.2'"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct sim_faults f = {.rate = {[SIM_RESET] = 0.25}};
        assert_err(sim_faults_parse(str_from(wrong[i][0]), &f), ERR_USAGE, wrong[i][1]);
        assert_true(f.rate[SIM_RESET] == 0.25 && f.rate[SIM_LATE] == 0);
    }
}

static void the_same_question_has_the_same_answer(void **state) {
    (void)state;
    struct sim_faults f = {.seed = 1}, other = {.seed = 2};
    int differ = 0, by_fault = 0, by_count = 0;
    for (int i = 0; i < SIM_FAULTS; i++)
        f.rate[i] = other.rate[i] = 0.5;
    for (int i = 0; i < 1000; i++) {
        char text[64];
        str name = name_of(i, text);
        bool hit = sim_fault_hits(&f, SIM_LATE, name, 0);
        assert_int_equal(hit, sim_fault_hits(&f, SIM_LATE, name, 0));
        differ += hit != sim_fault_hits(&other, SIM_LATE, name, 0);
        by_fault += hit != sim_fault_hits(&f, SIM_NEVER, name, 0);
        by_count += hit != sim_fault_hits(&f, SIM_LATE, name, 1);
    }
    assert_in_range(differ, 420, 580);
    assert_in_range(by_fault, 420, 580);
    assert_in_range(by_count, 420, 580);
    assert_int_equal(sim_fault_hits(&f, SIM_RESET, STR("/Reports/CURRENT/A.zip"), 3),
                     sim_fault_hits(&f, SIM_RESET, STR("/reports/current/a.ZIP"), 3));
}

static void rates_hold(void **state) {
    (void)state;
    static const double rates[] = {0, 0.001, 0.02, 0.5, 1};
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        struct sim_faults f = {.seed = 3, .rate = {[SIM_FOOTER] = rates[r]}};
        int by_name = 0, by_count = 0;
        for (int i = 0; i < NAMES; i++) {
            char text[64];
            by_name += sim_fault_hits(&f, SIM_FOOTER, name_of(i, text), 0);
            by_count += sim_fault_hits(&f, SIM_FOOTER, STR("a.zip"), (uint64_t)i);
        }
        double expected = rates[r] * NAMES, slack = 5 * sqrt(expected * (1 - rates[r]));
        assert_true(fabs(by_name - expected) <= slack);
        assert_true(fabs(by_count - expected) <= slack);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_read_by_name),
        cmocka_unit_test(every_fault_has_a_name_of_its_own),
        cmocka_unit_test(a_wrong_word_is_named_and_changes_nothing),
        cmocka_unit_test(the_same_question_has_the_same_answer),
        cmocka_unit_test(rates_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
