#include "market/resample.h"

#include "support/times.h"

#define MISSING ((double)NAN)

static void a_chart_gets_no_more_points_than_it_can_show(void **state) {
    (void)state;
    static const struct {
        size_t length;
        int step;
    } cases[] = {{0, 1},
                 {2000, 1},
                 {2001, 2},
                 {288 * 31, 6},
                 {105408, 72},
                 {316224, 288},
                 {2000 * 288 + 1, 576},
                 {6000 * 288, 864}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(chart_step(cases[i].length, 2000), cases[i].step);
}

static void a_mean_is_of_what_is_known(void **state) {
    (void)state;
    struct arena a = {0};
    double values[] = {1, 2, 3, MISSING, 5, -6, MISSING, MISSING, MISSING, 9};
    struct span s = {at("2024-02-29 23:40"), 1, 10, values};
    struct period range = {s.first - 1, s.first + 9};
    struct buckets b = buckets_of_step(&a, 3, range); /* from 23:30 */
    struct resampled r = resample(&a, &s, &b);
    assert_int_equal(r.count, 4);
    assert_int_equal(b.edges[0], at("2024-02-29 23:30"));
    assert_int_equal(r.known[0], 2);
    assert_number(r.mean[0], 1.5, 0);
    assert_int_equal(bucket_steps(&b, 0, 1), 3); /* so it isn't complete */
    assert_number(r.mean[1], 4, 0);              /* 3, gap, 5 */
    assert_number(r.min[1], 3, 0);
    assert_number(r.max[1], 5, 0);
    assert_number(r.sum[2], -6, 0);
    assert_int_equal(r.known[2], 1);
    assert_number(r.mean[3], 9, 0);
    arena_free(&a);
}

static void a_bucket_of_gaps_is_a_gap(void **state) {
    (void)state;
    struct arena a = {0};
    struct span s = span_new(&a, 1, 1, 600);
    struct buckets b = buckets_of(&a, RESOLUTION_1D, DAY_CALENDAR, (struct period){0, 600});
    struct resampled r = resample(&a, &s, &b);
    assert_int_equal(r.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_number(r.mean[i], MISSING, 0);
        assert_number(r.sum[i], MISSING, 0);
        assert_number(r.min[i], MISSING, 0);
        assert_int_equal(r.known[i], 0);
    }
    arena_free(&a);
}

static void half_hours_belong_where_they_end(void **state) {
    (void)state;
    struct arena a = {0};
    double values[] = {10, 20, 30};
    struct span s = {at("2024-03-01 00:00"), 6, 3, values};
    struct buckets b =
        buckets_of(&a, RESOLUTION_1D, DAY_CALENDAR, (struct period){s.first - 6, s.first + 12});
    struct resampled r = resample(&a, &s, &b);
    assert_int_equal(r.count, 2);
    assert_number(r.mean[0], 10, 0); /* 00:00 is the last of 29 February */
    assert_number(r.mean[1], 25, 0);
    assert_int_equal(bucket_steps(&b, 0, 6), 48);
    arena_free(&a);
}

static void directions_are_parted_before_the_mean(void **state) {
    (void)state;
    struct arena a = {0};
    double discharge[] = {100, 0}, charge[] = {0, 100}; /* a battery that turns around */
    struct span out = {1, 1, 2, discharge}, in = {1, 1, 2, charge};
    struct buckets b = buckets_of_step(&a, 2, (struct period){0, 2});
    assert_number(resample(&a, &out, &b).mean[0], 50, 0);
    assert_number(resample(&a, &in, &b).mean[0], 50, 0);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chart_gets_no_more_points_than_it_can_show),
        cmocka_unit_test(a_mean_is_of_what_is_known),
        cmocka_unit_test(a_bucket_of_gaps_is_a_gap),
        cmocka_unit_test(half_hours_belong_where_they_end),
        cmocka_unit_test(directions_are_parted_before_the_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
