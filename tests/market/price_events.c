#include "market/price_events.h"

#include "support/times.h"

#define MISSING ((double)NAN)

static void an_event_has_a_start_a_duration_and_a_peak(void **state) {
    (void)state;
    struct arena a = {0};
    size_t count;
    double values[] = {80, 300, 5000, 5000, 299.99, 400, MISSING, 350, 20, 15000};
    struct span prices = {at("2024-06-30 23:50"), 1, 10, values};
    struct price_event *e = price_events_find(&a, &prices, 300, &count);
    assert_int_equal(count, 4);
    assert_int_equal(e[0].first, at("2024-06-30 23:55"));
    assert_int_equal(e[0].last, at("2024-07-01 00:05")); /* midnight parts nothing */
    assert_int_equal(e[0].intervals, 3);
    assert_number(e[0].peak, 5000, 0);
    assert_int_equal(e[0].peak_at, at("2024-07-01 00:00"));
    assert_number(e[0].mean, 10300.0 / 3, 1e-9);
    assert_false(e[0].is_open);
    assert_int_equal(e[1].intervals, 1); /* a gap parts, and is in none */
    assert_int_equal(e[2].first, at("2024-07-01 00:25"));
    assert_true(e[3].is_open);
    arena_free(&a);
}

static void there_can_be_no_event(void **state) {
    (void)state;
    struct arena a = {0};
    size_t count = 9;
    double values[] = {MISSING, MISSING, 10};
    struct span prices = {1, 1, 3, values}, none = {1, 1, 0, NULL};
    price_events_find(&a, &prices, 300, &count);
    assert_int_equal(count, 0);
    price_events_find(&a, &none, 300, &count);
    assert_int_equal(count, 0);
    struct price_event *e = price_events_find(&a, &prices, -2000, &count);
    assert_int_equal(count, 1);
    assert_int_equal(e->first, 3);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_has_a_start_a_duration_and_a_peak),
        cmocka_unit_test(there_can_be_no_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
