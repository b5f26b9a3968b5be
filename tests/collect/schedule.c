#include "collect/schedule.h"

#include "support/check.h"

static aest_us at(const char *text) {
    aest_us t;
    assert_true(aest_parse_mms(str_from(text), &t));
    return t;
}

static const struct feed *const dispatch = &feeds[0];

static void a_feed_never_looked_at_is_due_at_once(void **state) {
    (void)state;
    aest_us now = at("2030/06/15 12:02:00");
    assert_true(schedule_next(&(struct schedule){0}, dispatch, now) <= now);
}

static void with_the_awaited_file_there_it_sleeps_past_the_next_boundary(void **state) {
    (void)state;
    struct schedule s = {.asked = at("2030/06/15 12:00:15"), .newest = at("2030/06/15 12:05:00")};
    assert_true(schedule_next(&s, dispatch, at("2030/06/15 12:00:15")) ==
                at("2030/06/15 12:05:08"));
}

static void after_a_boundary_it_waits_a_little_then_asks_every_few_seconds(void **state) {
    (void)state;
    struct schedule s = {.asked = at("2030/06/15 12:00:15"), .newest = at("2030/06/15 12:05:00")};
    assert_true(schedule_next(&s, dispatch, at("2030/06/15 12:05:01")) ==
                at("2030/06/15 12:05:08"));
    s.asked = at("2030/06/15 12:05:08");
    assert_true(schedule_next(&s, dispatch, s.asked) == at("2030/06/15 12:05:11"));
    s.asked = at("2030/06/15 12:07:00");
    assert_true(schedule_next(&s, dispatch, s.asked) == at("2030/06/15 12:07:10"));
    s.asked = at("2030/06/15 12:09:00");
    assert_true(schedule_next(&s, dispatch, s.asked) == at("2030/06/15 12:09:30"));
}

static void a_silent_feed_is_asked_once_a_minute(void **state) {
    (void)state;
    struct schedule s = {.asked = at("2030/06/15 12:05:20"), .newest = at("2030/06/01 00:00:00")};
    assert_true(schedule_next(&s, dispatch, s.asked) == at("2030/06/15 12:06:20"));
}

static void failures_double_the_pause_up_to_five_minutes(void **state) {
    (void)state;
    static const int pauses[] = {5, 10, 20, 40, 80, 160, 300, 300};
    struct schedule s = {.asked = at("2030/06/15 12:05:20")};
    for (int i = 0; i < 8; i++) {
        s.failures = i + 1;
        assert_true(schedule_next(&s, dispatch, s.asked) == s.asked + pauses[i] * AEST_SECOND);
    }
}

static void a_clock_that_was_set_back_does_not_stall_it(void **state) {
    (void)state;
    struct schedule s = {.asked = at("2030/06/16 12:00:15"), .newest = at("2030/06/15 12:05:00")};
    aest_us now = at("2030/06/15 12:03:00");
    assert_true(schedule_next(&s, dispatch, now) <= now);
}

/* A day of polling against a server that publishes 15 s after each boundary. */
static void a_day_finds_every_file_within_seconds_and_stays_polite(void **state) {
    (void)state;
    struct schedule s = {0};
    const aest_us start = at("2030/06/15 00:00:00");
    aest_us now = start, worst = 0;
    int looks = 0, found = 0;
    while (now < start + AEST_DAY) {
        aest_us published = now - 15 * AEST_SECOND; /* boundaries up to here have their file */
        aest_us newest = published / (5 * AEST_MINUTE) * (5 * AEST_MINUTE) + 5 * AEST_MINUTE;
        if (newest > s.newest) {
            aest_us delay = now - (newest - 5 * AEST_MINUTE + 15 * AEST_SECOND);
            if (found++ && delay > worst)
                worst = delay;
        }
        s.newest = newest;
        s.asked = now;
        looks++;
        aest_us next = schedule_next(&s, dispatch, now);
        assert_true(next > now);
        now = next;
    }
    assert_true(found >= 288);
    assert_true(worst <= 5 * AEST_SECOND);
    assert_true(looks <= 288 * 5);
}

static void a_name_tells_its_interval(void **state) {
    (void)state;
    int64_t t;
    assert_true(
        feed_name_time(&feeds[0], STR("PUBLIC_DISPATCHIS_202508201810_0000000477155219.zip"), &t));
    assert_true(t == at("2025/08/20 18:10:00"));
    assert_true(feed_name_time(
        &feeds[3], STR("PUBLIC_ROOFTOP_PV_ACTUAL_MEASUREMENT_20240303200000_0000000412707330.zip"),
        &t));
    assert_true(t == at("2024/03/03 20:00:00"));
    assert_false(feed_name_time(&feeds[0], STR("PUBLIC_DISPATCHIS_x.zip"), &t));
    assert_true(feed_wants(&feeds[0], STR("public_dispatchis_202508201810.CSV")));
    assert_false(feed_wants(&feeds[0], STR("PUBLIC_DISPATCHIS_202508201810.txt")));
    assert_false(feed_wants(&feeds[0], STR("PUBLIC_P5MIN_202508201810.zip")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_feed_never_looked_at_is_due_at_once),
        cmocka_unit_test(with_the_awaited_file_there_it_sleeps_past_the_next_boundary),
        cmocka_unit_test(after_a_boundary_it_waits_a_little_then_asks_every_few_seconds),
        cmocka_unit_test(a_silent_feed_is_asked_once_a_minute),
        cmocka_unit_test(failures_double_the_pause_up_to_five_minutes),
        cmocka_unit_test(a_clock_that_was_set_back_does_not_stall_it),
        cmocka_unit_test(a_day_finds_every_file_within_seconds_and_stays_polite),
        cmocka_unit_test(a_name_tells_its_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
