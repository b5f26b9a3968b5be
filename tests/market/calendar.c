#include "market/calendar.h"

#include "support/times.h"

static void midnight_is_the_last_of_its_day(void **state) {
    (void)state;
    static const struct {
        enum resolution r;
        enum day_kind kind;
        const char *at, *after, *to;
    } cases[] = {
        {RESOLUTION_5M, DAY_CALENDAR, "2024-03-01 00:00", "2024-02-29 23:55", "2024-03-01 00:00"},
        {RESOLUTION_30M, DAY_CALENDAR, "2024-03-01 00:00", "2024-02-29 23:30", "2024-03-01 00:00"},
        {RESOLUTION_1H, DAY_CALENDAR, "2024-03-01 00:05", "2024-03-01 00:00", "2024-03-01 01:00"},
        {RESOLUTION_1D, DAY_CALENDAR, "2024-03-01 00:00", "2024-02-29 00:00", "2024-03-01 00:00"},
        {RESOLUTION_1D, DAY_CALENDAR, "2024-03-01 00:05", "2024-03-01 00:00", "2024-03-02 00:00"},
        {RESOLUTION_1D, DAY_TRADING, "2024-03-01 04:00", "2024-02-29 04:00", "2024-03-01 04:00"},
        {RESOLUTION_1D, DAY_TRADING, "2024-03-01 04:05", "2024-03-01 04:00", "2024-03-02 04:00"},
        {RESOLUTION_1W, DAY_CALENDAR, "2024-03-03 12:00", "2024-02-26 00:00", "2024-03-04 00:00"},
        {RESOLUTION_1W, DAY_CALENDAR, "2024-03-04 00:00", "2024-02-26 00:00", "2024-03-04 00:00"},
        {RESOLUTION_1W, DAY_TRADING, "2024-03-04 04:00", "2024-02-26 04:00", "2024-03-04 04:00"},
        {RESOLUTION_1MO, DAY_CALENDAR, "2024-02-29 12:00", "2024-02-01 00:00", "2024-03-01 00:00"},
        {RESOLUTION_1MO, DAY_CALENDAR, "2025-01-01 00:00", "2024-12-01 00:00", "2025-01-01 00:00"},
        {RESOLUTION_1MO, DAY_TRADING, "2024-03-01 03:00", "2024-02-01 04:00", "2024-03-01 04:00"},
        {RESOLUTION_1Q, DAY_CALENDAR, "2024-12-31 12:00", "2024-10-01 00:00", "2025-01-01 00:00"},
        {RESOLUTION_1Y, DAY_CALENDAR, "2024-06-30 12:00", "2024-01-01 00:00", "2025-01-01 00:00"},
        {RESOLUTION_1FY, DAY_CALENDAR, "2024-06-30 12:00", "2023-07-01 00:00", "2024-07-01 00:00"},
        {RESOLUTION_1FY, DAY_CALENDAR, "2024-07-01 00:00", "2023-07-01 00:00", "2024-07-01 00:00"},
        {RESOLUTION_1FY, DAY_CALENDAR, "2024-07-01 00:05", "2024-07-01 00:00", "2025-07-01 00:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct period p = bucket_of(cases[i].r, cases[i].kind, at(cases[i].at));
        if (p.after != at(cases[i].after) || p.to != at(cases[i].to))
            fail_msg("case %zu: %s", i, cases[i].at);
    }
    struct period first = bucket_of(RESOLUTION_1W, DAY_CALENDAR, 1); /* 1970 began on a Thursday */
    assert_int_equal(first.after, -3 * 288);
    assert_int_equal(first.to, 4 * 288);
}

static void every_interval_is_in_one_bucket(void **state) {
    (void)state;
    struct arena a = {0};
    struct period range = {at("2023-06-20 13:35"), at("2024-08-02 02:10")};
    for (int r = 0; r < RESOLUTIONS; r++) {
        for (int kind = 0; kind < 2; kind++) {
            struct buckets b = buckets_of(&a, (enum resolution)r, (enum day_kind)kind, range);
            assert_true(b.count > 0 && b.edges[0] <= range.after);
            assert_true(b.edges[1] > range.after);
            assert_true(b.edges[b.count] >= range.to && b.edges[b.count - 1] < range.to);
            for (size_t i = 0; i < b.count; i++) {
                struct period p =
                    bucket_of((enum resolution)r, (enum day_kind)kind, b.edges[i + 1]);
                assert_int_equal(p.after, b.edges[i]);
                assert_int_equal(p.to, b.edges[i + 1]);
            }
        }
    }
    assert_int_equal(buckets_of(&a, RESOLUTION_1D, DAY_CALENDAR, (struct period){5, 5}).count, 0);
    assert_int_equal(buckets_of_step(&a, 12, (struct period){5, 5}).count, 0);
    struct buckets b = buckets_of_step(&a, 36, range);
    assert_int_equal(b.edges[0], at("2023-06-20 12:00"));
    assert_int_equal(b.edges[b.count], at("2024-08-02 03:00"));
    arena_free(&a);
}

static void daylight_saving_changes_no_day(void **state) {
    (void)state;
    static const char *const changes[] = {"2024-04-07 12:00", "2024-10-06 12:00"};
    for (size_t i = 0; i < 2; i++) {
        struct period p = bucket_of(RESOLUTION_1D, DAY_CALENDAR, at(changes[i]));
        assert_int_equal(p.to - p.after, 288);
    }
}

static void a_period_is_compared_with_the_one_before_and_with_last_years(void **state) {
    (void)state;
    static const struct {
        enum day_kind kind;
        const char *after, *to, *year_after, *year_to;
    } cases[] = {
        {0, "2024-05-01 00:00", "2024-05-08 00:00", "2023-05-01 00:00", "2023-05-08 00:00"},
        {0, "2024-02-29 00:00", "2024-03-01 00:00", "2023-02-28 00:00", "2023-03-01 00:00"},
        {0, "2024-02-28 00:00", "2024-02-29 00:00", "2023-02-28 00:00", "2023-03-01 00:00"},
        {0, "2024-02-01 00:00", "2024-03-01 00:00", "2023-02-01 00:00", "2023-03-01 00:00"},
        {0, "2025-02-01 00:00", "2025-03-01 00:00", "2024-02-01 00:00", "2024-03-01 00:00"},
        {0, "2025-02-27 00:00", "2025-03-01 00:00", "2024-02-27 00:00", "2024-02-29 00:00"},
        {0, "2024-05-01 12:00", "2024-05-01 18:30", "2023-05-01 12:00", "2023-05-01 18:30"},
        {1, "2024-02-29 04:00", "2024-03-01 04:00", "2023-02-28 04:00", "2023-03-01 04:00"},
        {1, "2025-02-01 04:00", "2025-03-01 04:00", "2024-02-01 04:00", "2024-03-01 04:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct period p = period_a_year_before(
            cases[i].kind, (struct period){at(cases[i].after), at(cases[i].to)});
        if (p.after != at(cases[i].year_after) || p.to != at(cases[i].year_to))
            fail_msg("case %zu: %s", i, cases[i].after);
    }
    struct period before =
        period_before((struct period){at("2024-03-01 00:00"), at("2024-03-08 00:00")});
    assert_int_equal(before.after, at("2024-02-23 00:00"));
    assert_int_equal(before.to, at("2024-03-01 00:00"));
}

static void a_time_of_day_is_the_mean_of_the_days_that_have_it(void **state) {
    (void)state;
    struct arena a = {0};
    struct span s = span_new(&a, at("2024-05-01 00:05"), 1, 2 * 288);
    s.values[0] = 10; /* 00:05 of both days */
    s.values[288] = 30;
    s.values[287] = 7; /* 00:00 ends the first */
    s.values[48] = 5;  /* 04:05 */
    struct profile p = profile_of(&a, DAY_CALENDAR, &s);
    assert_int_equal(p.slots, 288);
    assert_number(p.means[0], 20, 0);
    assert_int_equal(p.counts[0], 2);
    assert_number(p.means[287], 7, 0);
    assert_number(p.means[1], (double)NAN, 0);
    p = profile_of(&a, DAY_TRADING, &s);
    assert_number(p.means[0], 5, 0);
    assert_number(p.means[240], 20, 0);
    assert_number(p.means[239], 7, 0);
    struct span half = {at("2024-05-01 00:30"), 6, 2, (double[]){1, 2}};
    p = profile_of(&a, DAY_CALENDAR, &half);
    assert_int_equal(p.slots, 48);
    assert_number(p.means[0], 1, 0);
    assert_number(p.means[1], 2, 0);
    arena_free(&a);
}

static void resolutions_have_names(void **state) {
    (void)state;
    enum resolution r;
    for (int i = 0; i < RESOLUTIONS; i++) {
        assert_true(resolution_from_name(str_from(resolution_names[i]), &r));
        assert_int_equal(r, i);
    }
    assert_false(resolution_from_name(STR("2h"), &r));
    assert_false(resolution_from_name(STR(""), &r));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(midnight_is_the_last_of_its_day),
        cmocka_unit_test(every_interval_is_in_one_bucket),
        cmocka_unit_test(daylight_saving_changes_no_day),
        cmocka_unit_test(a_period_is_compared_with_the_one_before_and_with_last_years),
        cmocka_unit_test(a_time_of_day_is_the_mean_of_the_days_that_have_it),
        cmocka_unit_test(resolutions_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
