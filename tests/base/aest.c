#include "base/aest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static int month_length(int year, int month) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return lengths[month - 1] + (month == 2 && leap);
}

/* Microseconds of a market time by the C library's calendar, which knows no zone here. */
static aest_us by_timegm(int year, int month, int day, int hour, int minute, int second) {
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute,
                    .tm_sec = second};
    return (aest_us)timegm(&tm) * AEST_SECOND;
}

static aest_us mms(const char *text) {
    aest_us t = -1;
    if (!aest_parse_mms(str_from(text), &t))
        fail_msg("\"%s\" was refused", text);
    return t;
}

static aest_us iso(const char *text) {
    aest_us t = -1;
    if (!aest_parse_iso(str_from(text), &t))
        fail_msg("\"%s\" was refused", text);
    return t;
}

static aest_us digits(const char *text) {
    aest_us t = -1;
    if (!aest_parse_digits(str_from(text), &t))
        fail_msg("\"%s\" was refused", text);
    return t;
}

static void assert_refused(bool (*parse)(str, aest_us *), const char *const *bad, size_t count) {
    for (size_t i = 0; i < count; i++) {
        aest_us t = 99;
        if (parse(str_from(bad[i]), &t))
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(t, 99);
    }
}

/* Counts through the calendar day by day, which shares no formula with what is tested. */
static void every_day_of_the_calendar_has_its_number(void **state) {
    (void)state;
    aest_day number = -719162; /* 1 January of year 1 */
    for (int year = 1; year <= 9999; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= month_length(year, month); day++, number++) {
                int y, m, d;
                aest_day got;
                aest_date(number, &y, &m, &d);
                if (y != year || m != month || d != day ||
                    !aest_day_from_date(year, month, day, &got) || got != number)
                    fail_msg("%04d-%02d-%02d and day %d", year, month, day, number);
            }
            aest_day none = 99;
            assert_false(aest_day_from_date(year, month, 0, &none));
            assert_false(aest_day_from_date(year, month, month_length(year, month) + 1, &none));
            assert_int_equal(none, 99);
        }
    }
    assert_int_equal(number, 2932897); /* 10000-01-01 */
}

static void dates_outside_the_calendar_are_refused(void **state) {
    (void)state;
    aest_day d = 99;
    assert_false(aest_day_from_date(0, 1, 1, &d));
    assert_false(aest_day_from_date(10000, 1, 1, &d));
    assert_false(aest_day_from_date(-1, 1, 1, &d));
    assert_false(aest_day_from_date(2025, 0, 1, &d));
    assert_false(aest_day_from_date(2025, 13, 1, &d));
    assert_false(aest_day_from_date(2025, 1, 32, &d));
    assert_false(aest_day_from_date(2025, 1, -1, &d));
    assert_int_equal(d, 99);
}

static void market_days_print_and_read_back(void **state) {
    (void)state;
    for (int year = 1998; year <= 2100; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= month_length(year, month); day++) {
                char text[AEST_TEXT], want[64];
                int hour = (day * 7 + month) % 24, minute = (day * 11 + year) % 60;
                int second = (month * 5 + day) % 60;
                aest_us midnight = by_timegm(year, month, day, 0, 0, 0);
                aest_us t = by_timegm(year, month, day, hour, minute, second);
                aest_day d = (aest_day)(midnight / AEST_DAY);

                snprintf(want, sizeof want, "%d-%02d-%02d", year, month, day);
                assert_string_equal(aest_format_date(d, text), want);
                assert_int_equal(iso(text), midnight);
                snprintf(want, sizeof want, "%d/%02d/%02d", year, month, day);
                assert_int_equal(mms(want), midnight);

                snprintf(want, sizeof want, "%d/%02d/%02d %02d:%02d:%02d", year, month, day, hour,
                         minute, second);
                assert_string_equal(aest_format_mms(t, text), want);
                assert_int_equal(mms(text), t);
                snprintf(want, sizeof want, "%d-%02d-%02dT%02d:%02d:%02d+10:00", year, month, day,
                         hour, minute, second);
                assert_string_equal(aest_format_iso(t, text), want);
                assert_int_equal(iso(text), t);

                snprintf(want, sizeof want, "%d%02d%02d%02d%02d%02d", year, month, day, hour,
                         minute, second);
                assert_int_equal(digits(want), t);
                assert_int_equal(aest_to_unix(t), t / AEST_SECOND - 36000);
                assert_int_equal(aest_from_unix(aest_to_unix(t)), t);
            }
        }
    }
}

static void reads_times_as_aemo_writes_them(void **state) {
    (void)state;
    aest_us t = mms("2025/08/20 18:10:00");
    assert_int_equal(t, INT64_C(1755713400) * AEST_SECOND);
    assert_int_equal(aest_to_unix(t), 1755677400); /* 08:10 UTC */
    assert_int_equal(mms("2025/08/20 18:10:00.000"), t);
    assert_int_equal(mms("2025/08/20 18:10:00.003"), t + 3000);
    assert_int_equal(mms("2025/08/20 18:10:00.5"), t + 500000);
    assert_int_equal(mms("2025/08/20 18:10:00.123456"), t + 123456);
    assert_int_equal(mms("2025/08/20 18:10:00.1234567890123456789012345"), t + 123456);
    assert_int_equal(mms("2025/08/20"), t - (18 * 60 + 10) * AEST_MINUTE);
    assert_int_equal(mms("2024/02/29 23:59:59"), by_timegm(2024, 2, 29, 23, 59, 59));
    assert_int_equal(mms("2000/02/29"), by_timegm(2000, 2, 29, 0, 0, 0));
    assert_int_equal(mms("2999/12/31 00:00:00"), by_timegm(2999, 12, 31, 0, 0, 0));
    assert_int_equal(mms("1970/01/01 00:00:00"), 0);
    assert_int_equal(mms("1969/12/31 23:59:59.999999"), -1);
}

static void refuses_what_aemo_never_writes(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "2025",
                                      "2025/08",
                                      "2025/08/",
                                      "2025/8/20",
                                      "25/08/20",
                                      "2025/13/01",
                                      "2025/00/01",
                                      "2025/08/00",
                                      "2025/08/32",
                                      "2025/04/31",
                                      "2025/02/29",
                                      "1900/02/29",
                                      "2100/02/29",
                                      "0000/01/01",
                                      "2025-08-20 18:10:00",
                                      "2025/08-20",
                                      "2025/08/20 ",
                                      "2025/08/20 18",
                                      "2025/08/20 18:10",
                                      "2025/08/20 18:10:",
                                      "2025/08/20 18:10:0",
                                      "2025/08/20 18:1:00",
                                      "2025/08/20 8:10:00",
                                      "2025/08/20 24:00:00",
                                      "2025/08/20 18:60:00",
                                      "2025/08/20 18:10:60",
                                      "2025/08/20T18:10:00",
                                      "2025/08/20  18:10:00",
                                      " 2025/08/20 18:10:00",
                                      "2025/08/20 18:10:00 ",
                                      "2025/08/20 18:10:00x",
                                      "2025/08/20 18:10:00.",
                                      "2025/08/20 18:10:00.5x",
                                      "2025/08/20 18:10:00.-5",
                                      "2025/08/20 18:10:00Z",
                                      "2025/08/20 -1:10:00",
                                      "2025/08/20 +8:10:00",
                                      "2025/08/20 18:10:00\r",
                                      "\"2025/08/20 18:10:00\"",
                                      "20250820",
                                      "abcd/ef/gh",
                                      "2O25/08/20"};
    assert_refused(aest_parse_mms, bad, sizeof bad / sizeof *bad);
    aest_us t = 99;
    assert_false(aest_parse_mms(STR("2025/08/20\0"), &t));
    assert_false(aest_parse_mms((str){0}, &t));
    assert_int_equal(t, 99);
}

static void reads_the_stamps_of_file_names(void **state) {
    (void)state;
    assert_int_equal(digits("20250820"), mms("2025/08/20"));
    assert_int_equal(digits("202508201810"), mms("2025/08/20 18:10:00"));
    assert_int_equal(digits("20250820181013"), mms("2025/08/20 18:10:13"));
    assert_int_equal(digits("20240229235959"), mms("2024/02/29 23:59:59"));
    static const char *const bad[] = {"",
                                      "2025082",
                                      "202508201",
                                      "2025082018",
                                      "20250820181",
                                      "2025082018101",
                                      "202508201810130",
                                      "2025082018101300",
                                      "20251301",
                                      "20250431",
                                      "20250229",
                                      "202508202400",
                                      "202508201860",
                                      "20250820181060",
                                      "2025082a",
                                      "20250820 810",
                                      "2025082018 0",
                                      "202508201810-1",
                                      "2025/8/2",
                                      "-2025082"};
    assert_refused(aest_parse_digits, bad, sizeof bad / sizeof *bad);
}

static void reads_iso_times_in_any_zone(void **state) {
    (void)state;
    aest_us t = mms("2025/08/20 18:10:00");
    assert_int_equal(iso("2025-08-20"), mms("2025/08/20"));
    assert_int_equal(iso("2025-08-20T18:10"), t);
    assert_int_equal(iso("2025-08-20 18:10"), t);
    assert_int_equal(iso("2025-08-20 18:10:00"), t);
    assert_int_equal(iso("2025-08-20 18:10:00.5"), t + 500000);
    assert_int_equal(iso("2025-08-20T08:10:00Z"), t);
    assert_int_equal(iso("2025-08-20T08:10Z"), t);
    assert_int_equal(iso("2025-08-20T08:10:00.250Z"), t + 250000);
    assert_int_equal(iso("2025-08-20T18:10:00+10:00"), t);
    assert_int_equal(iso("2025-08-20T18:10:00+1000"), t);
    assert_int_equal(iso("2025-08-20T18:10+10:00"), t);
    assert_int_equal(iso("2025-08-20T19:10:00+11:00"), t);
    assert_int_equal(iso("2025-08-20T04:40:00-03:30"), t);
    assert_int_equal(iso("2025-08-20T08:10:00-00:00"), t);
    assert_int_equal(iso("2025-08-20T22:10:00+14:00"), t);
    assert_int_equal(iso("2025-08-19T20:10:00-12:00"), t);
    assert_int_equal(iso("2025-12-31T20:00:00Z"), mms("2026/01/01 06:00:00"));
}

static void refuses_what_is_no_iso_time(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "2025",
                                      "2025-08",
                                      "2025-8-20",
                                      "20250820",
                                      "2025/08/20",
                                      "2025-13-01",
                                      "2025-04-31",
                                      "2025-08-20T",
                                      "2025-08-20 ",
                                      "2025-08-20Z",
                                      "2025-08-20+10:00",
                                      "2025-08-20T18",
                                      "2025-08-20T18:1",
                                      "2025-08-20T1810",
                                      "2025-08-20T18:10:",
                                      "2025-08-20T18:10:0",
                                      "2025-08-20T18:10.5",
                                      "2025-08-20T18:10:00.",
                                      "2025-08-20T18:10:00.Z",
                                      "2025-08-20T24:00",
                                      "2025-08-20T18:60",
                                      "2025-08-20T18:10:60",
                                      "2025-08-20t18:10",
                                      "2025-08-20_18:10",
                                      "2025-08-20T18:10z",
                                      "2025-08-20T18:10ZZ",
                                      "2025-08-20T18:10Z+10:00",
                                      "2025-08-20T18:10 +10:00",
                                      "2025-08-20T18:10 10:00",
                                      "2025-08-20T18:10+10",
                                      "2025-08-20T18:10+1",
                                      "2025-08-20T18:10+10:",
                                      "2025-08-20T18:10+10:0",
                                      "2025-08-20T18:10+10:60",
                                      "2025-08-20T18:10+15:00",
                                      "2025-08-20T18:10+-1:00",
                                      "2025-08-20T18:10--1:00",
                                      "2025-08-20T18:10+10:00x",
                                      "2025-08-20T18:10+10:000",
                                      "2025-08-20T18:10:00,5",
                                      " 2025-08-20",
                                      "2025-08-20T18:10\n"};
    assert_refused(aest_parse_iso, bad, sizeof bad / sizeof *bad);
}

static void times_before_1970_round_down(void **state) {
    (void)state;
    char text[AEST_TEXT];
    assert_string_equal(aest_format_mms(-1, text), "1969/12/31 23:59:59");
    assert_string_equal(aest_format_iso(-AEST_SECOND, text), "1969-12-31T23:59:59+10:00");
    assert_string_equal(aest_format_iso(-AEST_DAY, text), "1969-12-31T00:00:00+10:00");
    assert_string_equal(aest_format_iso(-AEST_DAY - 1, text), "1969-12-30T23:59:59+10:00");
    assert_string_equal(aest_format_date(-1, text), "1969-12-31");
    assert_string_equal(aest_format_date(-719162, text), "0001-01-01");
    assert_int_equal(iso("1969-12-31T23:59:59"), -AEST_SECOND);
    assert_int_equal(aest_to_unix(0), -36000);
    assert_int_equal(aest_to_unix(-1), -36001);
    assert_int_equal(aest_to_unix(-AEST_SECOND), -36001);
    assert_int_equal(aest_to_unix(-AEST_SECOND - 1), -36002);
    assert_int_equal(aest_to_unix(AEST_SECOND - 1), -36000);
    assert_int_equal(aest_from_unix(-36001), -AEST_SECOND);
}

static void a_part_of_a_second_is_not_printed(void **state) {
    (void)state;
    char text[AEST_TEXT];
    aest_us t = mms("2025/08/20 18:10:00") + 999999;
    assert_string_equal(aest_format_mms(t, text), "2025/08/20 18:10:00");
    assert_string_equal(aest_format_iso(t, text), "2025-08-20T18:10:00+10:00");
}

static void now_is_ten_hours_ahead_of_utc(void **state) {
    (void)state;
    int64_t before = time(NULL), now = aest_to_unix(aest_now());
    assert_in_range(now - before + 2, 0, 4); /* time() may lag by a tick */
}

static interval at(const char *text) {
    interval i = -1;
    assert_true(interval_from_aest(mms(text), &i));
    return i;
}

static aest_day day_of(const char *text) {
    return (aest_day)(mms(text) / AEST_DAY);
}

static void midnight_belongs_to_the_day_before(void **state) {
    (void)state;
    aest_day d = day_of("2025/08/20");
    assert_int_equal(interval_day(at("2025/08/20 00:00:00")), d - 1);
    assert_int_equal(interval_day(at("2025/08/20 00:05:00")), d);
    assert_int_equal(interval_day(at("2025/08/20 23:55:00")), d);
    assert_int_equal(interval_day(at("2025/08/21 00:00:00")), d);
    assert_int_equal(interval_day(at("2025/08/21 00:05:00")), d + 1);
    assert_int_equal(interval_day_start(d), at("2025/08/20 00:00:00"));
    for (int i = 1; i <= INTERVALS_PER_DAY; i++) /* 1 January 1970 and the day before it */
        assert_true(interval_day(i) == 0 && interval_day(i - INTERVALS_PER_DAY) == -1);
    assert_int_equal(interval_day(INTERVALS_PER_DAY + 1), 1);
    assert_int_equal(interval_day(-INTERVALS_PER_DAY), -2);
}

static void a_trading_day_begins_after_four(void **state) {
    (void)state;
    aest_day d = day_of("2025/08/20");
    assert_int_equal(interval_trading_day(at("2025/08/20 00:00:00")), d - 1);
    assert_int_equal(interval_trading_day(at("2025/08/20 04:00:00")), d - 1);
    assert_int_equal(interval_trading_day(at("2025/08/20 04:05:00")), d);
    assert_int_equal(interval_trading_day(at("2025/08/21 00:00:00")), d);
    assert_int_equal(interval_trading_day(at("2025/08/21 04:00:00")), d);
    assert_int_equal(interval_trading_day(at("2025/08/21 04:05:00")), d + 1);
    assert_int_equal(interval_trading_day(48), -1);
    assert_int_equal(interval_trading_day(49), 0);
}

static void intervals_and_times_convert_both_ways(void **state) {
    (void)state;
    interval i = at("2025/08/20 18:10:00");
    assert_int_equal(interval_to_aest(i), mms("2025/08/20 18:10:00"));
    assert_int_equal(interval_to_unix(i), 1755677400);
    assert_int_equal(interval_to_aest(INT32_MAX) / AEST_MINUTE, INT64_C(5) * INT32_MAX);
    interval same = 0;
    for (interval k = 0; k < 3 * INTERVALS_PER_DAY; k++) {
        assert_true(interval_from_aest(interval_to_aest(k), &same));
        assert_int_equal(same, k);
    }
    assert_true(interval_from_aest(interval_to_aest(INT32_MAX), &same));
    assert_int_equal(same, INT32_MAX);
}

static void times_off_the_grid_are_no_intervals(void **state) {
    (void)state;
    interval i = 99;
    aest_us t = mms("2025/08/20 18:10:00");
    assert_false(interval_from_aest(t + 1, &i));
    assert_false(interval_from_aest(t - 1, &i));
    assert_false(interval_from_aest(t + AEST_MINUTE, &i));
    assert_false(interval_from_aest(t + 4 * AEST_MINUTE + 59 * AEST_SECOND, &i));
    assert_false(interval_from_aest(interval_to_aest(INT32_MAX) + 5 * AEST_MINUTE, &i));
    assert_false(interval_from_aest(-5 * AEST_MINUTE, &i)); /* before all market data */
    assert_int_equal(i, 99);
}

static void finds_the_intervals_around_a_time(void **state) {
    (void)state;
    interval i = at("2025/08/20 18:10:00");
    aest_us t = interval_to_aest(i);
    assert_int_equal(interval_at_or_before(t), i);
    assert_int_equal(interval_at_or_after(t), i);
    assert_int_equal(interval_at_or_before(t + 1), i);
    assert_int_equal(interval_at_or_after(t + 1), i + 1);
    assert_int_equal(interval_at_or_before(t - 1), i - 1);
    assert_int_equal(interval_at_or_after(t - 1), i);
    assert_int_equal(interval_at_or_before(t + 5 * AEST_MINUTE - 1), i);
    assert_int_equal(interval_at_or_after(t - 5 * AEST_MINUTE + 1), i);
    assert_int_equal(interval_at_or_before(-1), -1);
    assert_int_equal(interval_at_or_after(-1), 0);
    assert_int_equal(interval_at_or_before(-5 * AEST_MINUTE), -1);
    assert_int_equal(interval_at_or_after(-5 * AEST_MINUTE), -1);
    assert_int_equal(interval_at_or_before(-5 * AEST_MINUTE - 1), -2);
    assert_int_equal(interval_at_or_after(-5 * AEST_MINUTE - 1), -1);
}

int main(void) {
    setenv("TZ", "Australia/Sydney", 1); /* has summer time, which must not be seen anywhere */
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_the_calendar_has_its_number),
        cmocka_unit_test(dates_outside_the_calendar_are_refused),
        cmocka_unit_test(market_days_print_and_read_back),
        cmocka_unit_test(reads_times_as_aemo_writes_them),
        cmocka_unit_test(refuses_what_aemo_never_writes),
        cmocka_unit_test(reads_the_stamps_of_file_names),
        cmocka_unit_test(reads_iso_times_in_any_zone),
        cmocka_unit_test(refuses_what_is_no_iso_time),
        cmocka_unit_test(times_before_1970_round_down),
        cmocka_unit_test(a_part_of_a_second_is_not_printed),
        cmocka_unit_test(now_is_ten_hours_ahead_of_utc),
        cmocka_unit_test(midnight_belongs_to_the_day_before),
        cmocka_unit_test(a_trading_day_begins_after_four),
        cmocka_unit_test(intervals_and_times_convert_both_ways),
        cmocka_unit_test(times_off_the_grid_are_no_intervals),
        cmocka_unit_test(finds_the_intervals_around_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
