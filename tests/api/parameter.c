#include "api/parameter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "market/calendar.h"
#include "market/network.h"
#include "market/smooth.h"

static struct arena memory;

static int forget(void **state) {
    (void)state;
    arena_free(&memory);
    return 0;
}

static struct value read_ok(const struct parameter *p, const char *text) {
    struct value v;
    const char *wrong = parameter_read(&memory, p, str_from(text), &v);
    if (wrong)
        fail_msg("%s=%s: %s", p->name, text, wrong);
    return v;
}

static void expect_wrong(const struct parameter *p, str text, const char *says) {
    struct value v;
    const char *wrong = parameter_read(&memory, p, text, &v);
    if (!wrong || !strstr(wrong, says))
        fail_msg("%s=%.*s: \"%s\" doesn't say \"%s\"", p->name, STR_ARG(text),
                 wrong ? wrong : "fine", says);
}
#define WRONG(p, text, says) expect_wrong(p, STR(text), says)

static void regions_are_those_of_the_market(void **state) {
    (void)state;
    for (int i = 0; i < REGIONS; i++)
        assert_string_equal(parameter_region.choices[i], regions[i]);
    assert_null(parameter_region.choices[REGIONS]);
}

static void choices_are_those_of_the_market_in_their_order(void **state) {
    (void)state;
    for (int i = 0; i < RESOLUTIONS; i++)
        assert_string_equal(parameter_resolution.choices[i], resolution_names[i]);
    assert_string_equal(parameter_resolution.choices[RESOLUTIONS], "auto");
    for (int i = 0; i < SMOOTHINGS; i++)
        assert_string_equal(parameter_smooth.choices[i], smoothing_names[i]);
    assert_int_equal(read_ok(&parameter_day, "trading").choice, DAY_TRADING);
}

static void lists_are_read_in_order_and_each_entry_once(void **state) {
    (void)state;
    struct value v = read_ok(&parameter_region, "SA1,NSW1,SA1");
    assert_int_equal(v.count, 2);
    assert_int_equal(v.chosen[0], 2);
    assert_int_equal(v.chosen[1], 0);
    const char *all = "must be a list of NSW1, QLD1, SA1, TAS1, VIC1, at most 16";
    WRONG(&parameter_region, "", all);
    WRONG(&parameter_region, "NSW1,", all);
    WRONG(&parameter_region, ",NSW1", all);
    WRONG(&parameter_region, "NSW1,,SA1", all);
    WRONG(&parameter_region, "nsw1", all);
    WRONG(&parameter_region, "NSW1 ", all);
    struct buf many = {0};
    for (int i = 0; i < 16; i++)
        buf_printf(&many, "%sNSW1", i ? "," : "");
    assert_int_equal(read_ok(&parameter_region, buf_cstr(&many)).count, 1);
    buf_add_str(&many, STR(",SA1"));
    expect_wrong(&parameter_region, buf_str(&many), "at most 16");
    buf_free(&many);

    static const struct parameter names = {"unit", PARAMETER_NAMES, .high = 3};
    v = read_ok(&names, "W/HOE#2,Tumut 3,W/HOE#2");
    assert_int_equal(v.count, 2);
    assert_true(str_eq(v.names[1], STR("Tumut 3")));
    v = read_ok(&names, "A\\, B,C\\\\,D\\E"); /* commas and backslashes of names */
    assert_int_equal(v.count, 3);
    assert_true(str_eq(v.names[0], STR("A, B")));
    assert_true(str_eq(v.names[1], STR("C\\")));
    assert_true(str_eq(v.names[2], STR("D\\E")));
    WRONG(&names, "A,B,C,D", "at most 3");
    WRONG(&names, "A,,B", "a list of names");
    WRONG(&names, "A\nB", "a list of names");
}

static void instants_take_a_zone_even_where_its_plus_was_not_escaped(void **state) {
    (void)state;
    aest_us noon = read_ok(&parameter_from, "2025-08-20T12:00").instant;
    static const char *const same[] = {"2025-08-20 12:00:00", "2025-08-20T02:00:00Z",
                                       "2025-08-20T12:00:00+10:00", "2025-08-20T12:00:00 10:00",
                                       "2025-08-19T20:00-06:00"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_int_equal(read_ok(&parameter_from, same[i]).instant, noon);
    WRONG(&parameter_from, "", "ISO 8601");
    WRONG(&parameter_from, "yesterday", "ISO 8601");
    WRONG(&parameter_from, "2025-02-30", "ISO 8601");
    WRONG(&parameter_from, " 10:00", "ISO 8601");
    WRONG(&parameter_from, "2025-08-20T12:00:00.000000000000000000000000000 10:00", "ISO 8601");
}

static void numbers_keep_to_their_bounds(void **state) {
    (void)state;
    assert_true(read_ok(&parameter_limit, "1").number == 1);
    assert_true(read_ok(&parameter_limit, "100000").number == 100000);
    WRONG(&parameter_limit, "0", "must be a whole number from 1 to 100000");
    WRONG(&parameter_limit, "100001", "from 1 to 100000");
    WRONG(&parameter_limit, "-1", "from 1 to 100000");
    WRONG(&parameter_limit, "1.5", "from 1 to 100000");
    WRONG(&parameter_limit, "99999999999999999999", "from 1 to 100000");
    WRONG(&parameter_limit, "", "from 1 to 100000");
    static const struct parameter share = {"share", PARAMETER_NUMBER, .low = -0.5, .high = 1};
    assert_true(read_ok(&share, "-0.5").number == -0.5);
    WRONG(&share, "-0.51", "must be a number from -0.5 to 1");
    WRONG(&share, "nan", "a number");
    WRONG(&share, "1e400", "a number");
}

static void smoothing_is_a_method_and_a_window(void **state) {
    (void)state;
    struct value v = read_ok(&parameter_smooth, "mean:5m");
    assert_true(v.choice == SMOOTH_MEAN && v.number == 5);
    v = read_ok(&parameter_smooth, "exponential:2h");
    assert_true(v.choice == SMOOTH_EXPONENTIAL && v.number == 120);
    v = read_ok(&parameter_smooth, "loess:400d");
    assert_true(v.choice == SMOOTH_LOESS && v.number == 400.0 * 24 * 60);
    static const char *const wrong[] = {"",
                                        "mean",
                                        "mean:",
                                        "mean:h",
                                        "mean:4m",
                                        "mean:0h",
                                        "mean:-1h",
                                        "mean:1y",
                                        "mean:1",
                                        "mode:1h",
                                        "loess:401d",
                                        "loess:99999999999999999999d",
                                        "exponential:600000m",
                                        "none:1h",
                                        "mean:1h "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_wrong(&parameter_smooth, str_from(wrong[i]), "mean, exponential or loess");
}

static void cursors_have_their_form(void **state) {
    (void)state;
    assert_true(
        str_eq(read_ok(&parameter_cursor, "12-0123456789abcdef").name, STR("12-0123456789abcdef")));
    static const char *const wrong[] = {"",
                                        "12",
                                        "12-",
                                        "12-0123",
                                        "-0123456789abcdef",
                                        "12-0123456789ABCDEF",
                                        "x-0123456789abcdef"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_wrong(&parameter_cursor, str_from(wrong[i]), "meta.next");
}

static void names_are_bounded(void **state) {
    (void)state;
    static const struct parameter station = {"station", PARAMETER_NAME, .summary = ""};
    char longest[LONGEST_NAME + 2];
    memset(longest, 'a', sizeof longest);
    assert_true(
        str_eq(read_ok(&station, "Lake Bonney, Stage 2").name, STR("Lake Bonney, Stage 2")));
    expect_wrong(&station, (str){longest, LONGEST_NAME + 1}, "a name");
    WRONG(&station, "", "a name");
    WRONG(&station, "a\tb", "a name");
    WRONG(&station, "a\x7f", "a name");
}

static void what_is_documented_as_a_default_or_an_example_can_be_read(void **state) {
    (void)state;
    static const struct parameter *const all[] = {
        &parameter_region, &parameter_from,   &parameter_to,    &parameter_resolution,
        &parameter_day,    &parameter_smooth, &parameter_limit, &parameter_five_minutes,
        &parameter_cursor, &parameter_format};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i]->fallback)
            read_ok(all[i], all[i]->fallback);
        if (all[i]->example)
            read_ok(all[i], all[i]->example);
        assert_true(all[i]->fallback || all[i]->absent);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_are_those_of_the_market),
        cmocka_unit_test(choices_are_those_of_the_market_in_their_order),
        cmocka_unit_test(lists_are_read_in_order_and_each_entry_once),
        cmocka_unit_test(instants_take_a_zone_even_where_its_plus_was_not_escaped),
        cmocka_unit_test(numbers_keep_to_their_bounds),
        cmocka_unit_test(smoothing_is_a_method_and_a_window),
        cmocka_unit_test(cursors_have_their_form),
        cmocka_unit_test(names_are_bounded),
        cmocka_unit_test(what_is_documented_as_a_default_or_an_example_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
