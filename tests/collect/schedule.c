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

/* Days of polling against a server that publishes 20 s after the first moment possible. */
static void every_file_is_found_within_seconds_and_few_looks(void **state) {
    (void)state;
    const aest_us start = at("2030/06/15 03:00:00"), end = start + 3 * AEST_DAY;
    for (int i = 0; i < FEEDS; i++) {
        const struct feed *feed = &feeds[i];
        const aest_us cadence = feed->cadence_minutes * AEST_MINUTE;
        const aest_us after = (feed->after_s + 20) * AEST_SECOND;
        struct schedule s = {0};
        aest_us now = start, worst = 0;
        int looks = 0, found = 0;
        while (now < end && !feed->irregular) {
            aest_us boundary = (now - after) / cadence * cadence; /* files up to here are there */
            aest_us newest = boundary + feed->lead_minutes * AEST_MINUTE;
            if (newest > s.newest && found++ && now - boundary - after > worst)
                worst = now - boundary - after;
            s.newest = newest;
            s.asked = now;
            looks++;
            aest_us next = schedule_next(&s, feed, now);
            assert_true(next > now);
            now = next;
        }
        assert_true(feed->irregular || found >= (end - start) / cadence);
        assert_true(worst <= 5 * AEST_SECOND);
        assert_true(looks <= found * 9);
    }
}

static void a_feed_without_a_rhythm_is_looked_at_once_a_cadence(void **state) {
    (void)state;
    const struct feed feed = {.cadence_minutes = 30, .irregular = true};
    struct schedule s = {.asked = at("2030/06/15 12:05:20")};
    assert_true(schedule_next(&s, &feed, s.asked) == at("2030/06/15 12:35:20"));
    s.failures = 1;
    assert_true(schedule_next(&s, &feed, s.asked) == at("2030/06/15 12:05:25"));
}

static void a_feed_that_is_not_offered_is_asked_for_now_and_then(void **state) {
    (void)state;
    struct schedule s = {.asked = at("2030/06/15 12:05:20"), .absent = true};
    assert_true(schedule_next(&s, dispatch, s.asked) == at("2030/06/15 12:20:20"));
}

static void a_daily_file_that_is_hours_late_is_asked_for_every_five_minutes(void **state) {
    (void)state;
    const struct feed feed = {.cadence_minutes = 1440, .after_s = 15000, .lead_minutes = -1440};
    struct schedule s = {.asked = at("2030/06/15 03:00:00"), .newest = at("2030/06/13 00:00:00")};
    assert_true(schedule_next(&s, &feed, s.asked) == at("2030/06/15 04:10:00"));
    s.asked = at("2030/06/15 09:00:00");
    assert_true(schedule_next(&s, &feed, s.asked) == at("2030/06/15 09:05:00"));
    s.newest = at("2030/06/14 00:00:00");
    assert_true(schedule_next(&s, &feed, s.asked) == at("2030/06/16 04:10:00"));
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
    static const struct {
        const char *name, *time;
    } names[] = {
        {"PUBLIC_ACTUAL_OPERATIONAL_DEMAND_HH_202508200530_20250820053007.zip",
         "2025/08/20 05:30:00"},
        {"PUBLIC_ACTUAL_OPERATIONAL_DEMAND_5MIN_202604191435_20260419150543.zip",
         "2026/04/19 14:35:00"},
        {"PUBLIC_ACTUAL_OPERATIONAL_DEMAND_DAILY_20260520_20260521044000.CSV",
         "2026/05/20 00:00:00"},
        {"PUBLIC_P5MIN_202505020245_20250502024043.zip", "2025/05/02 02:45:00"},
        {"PUBLIC_PREDISPATCHIS_201905010000_20190430233259.zip", "2019/05/01 00:00:00"},
        {"PUBLIC_ROOFTOP_PV_FORECAST_20240321203000_0000000414322812.zip", "2024/03/21 20:30:00"},
        {"PUBLIC_PRICE_REVISION_DISPATCHIS_20250301163013_0000000453111936.zip",
         "2025/03/01 16:30:13"},
        {"PUBLIC_PRICES_202508190000_20250820040504.zip", "2025/08/19 00:00:00"},
        {"PUBLIC_NEXT_DAY_DISPATCH_20250819_0000000477114357.zip", "2025/08/19 00:00:00"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int wanted = 0;
        for (int f = 0; f < FEEDS; f++)
            if (feed_wants(&feeds[f], str_from(names[i].name))) {
                assert_true(feed_name_time(&feeds[f], str_from(names[i].name), &t));
                wanted++;
            }
        assert_int_equal(wanted, 1);
        assert_true(t == at(names[i].time));
    }
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
        cmocka_unit_test(every_file_is_found_within_seconds_and_few_looks),
        cmocka_unit_test(a_feed_without_a_rhythm_is_looked_at_once_a_cadence),
        cmocka_unit_test(a_feed_that_is_not_offered_is_asked_for_now_and_then),
        cmocka_unit_test(a_daily_file_that_is_hours_late_is_asked_for_every_five_minutes),
        cmocka_unit_test(a_name_tells_its_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
