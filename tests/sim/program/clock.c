#include "sim/program/clock.h"

#include <time.h>

#include "support/check.h"

static aest_us at(const char *text) {
    aest_us t;
    assert_true(aest_parse_iso(str_from(text), &t));
    return t;
}

static void rest(int ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

static void it_stands_runs_and_runs_fast(void **state) {
    (void)state;
    aest_us start = at("2025-08-20T23:59:50");
    struct sim_clock c;
    sim_clock_init(&c, start, 0);
    rest(20);
    assert_int_equal(sim_clock_now(&c), start);
    assert_ok(sim_clock_set(&c, STR("speed=1000")));
    rest(50);
    aest_us ran = sim_clock_now(&c) - start;
    assert_true(ran >= 50 * AEST_SECOND && ran < 30 * AEST_MINUTE);
    assert_ok(sim_clock_set(&c, STR("speed=0")));
    ran = sim_clock_now(&c);
    rest(20);
    assert_true(ran > start && sim_clock_now(&c) == ran);
    assert_ok(sim_clock_set(&c, STR("now=2024-02-29T00:05:00")));
    assert_int_equal(sim_clock_now(&c), at("2024-02-29T00:05:00"));
}

static void what_it_prints_sets_it(void **state) {
    (void)state;
    struct sim_clock c;
    struct buf text = {0};
    sim_clock_init(&c, at("2024-12-31T23:59:59"), 0);
    sim_clock_print(&c, &text);
    assert_string_equal(buf_cstr(&text), "now=2024-12-31T23:59:59&speed=0");
    assert_ok(sim_clock_set(&c, STR("now=2025-08-20&speed=0\n")));
    assert_ok(sim_clock_set(&c, buf_str(&text)));
    assert_int_equal(sim_clock_now(&c), at("2024-12-31T23:59:59"));
    buf_free(&text);
}

static void a_wrong_text_leaves_it_alone(void **state) {
    (void)state;
    static const char *const wrong[][2] = {
        {"now=yesterday", "'yesterday' is not a time"},
        {"speed=fast", "'fast' is not a speed from 0 to 100000"},
        {"now=2025-08-20&speed=-1", "'-1' is not a speed"},
        {"speed=100001", "'100001'"},
        {"now=2025-08-20&sped=1", "no 'sped'"},
    };
    struct sim_clock c;
    sim_clock_init(&c, at("2024-12-31"), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_err(sim_clock_set(&c, str_from(wrong[i][0])), ERR_USAGE, wrong[i][1]);
    assert_int_equal(sim_clock_now(&c), at("2024-12-31"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stands_runs_and_runs_fast),
        cmocka_unit_test(what_it_prints_sets_it),
        cmocka_unit_test(a_wrong_text_leaves_it_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
