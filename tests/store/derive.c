#include "store/derive.h"

#include <math.h>

#include "support/check.h"

static aest_day day_of(int year, int month, int date) {
    aest_day day;
    assert_true(aest_day_from_date(year, month, date, &day));
    return day;
}

static void put(struct frame *f, const char *key, int slot, double value, aest_us version) {
    struct frame_change change = {0};
    cell c = cell_from_double(value);
    frame_put(f, frame_key(f, str_from(key)), slot, 0, version, &c, &change);
}

/* The half hours of one unit's intervals, as they are [minutes] after 00:30. */
static struct frame half_hours(const struct frame *five, int minutes) {
    struct frame thirty;
    frame_init(&thirty, &datasets[SCADA30], five->day);
    derive_half_hours(five, (five->day * AEST_DAY) + (30 + minutes) * AEST_MINUTE, NULL, &thirty);
    return thirty;
}

static void a_half_hour_is_the_mean_of_its_six_intervals(void **state) {
    (void)state;
    struct frame five;
    frame_init(&five, &datasets[SCADA5], day_of(2025, 7, 20));
    for (int slot = 0; slot < 12; slot++)
        put(&five, "BW01", slot, slot < 6 ? slot * 10 : -5, 1000 + slot);
    struct frame thirty = half_hours(&five, -25); /* a target at the start of its interval */
    assert_int_equal(thirty.rows, 2);
    assert_true(cell_to_double(frame_cell(&thirty, 0, 0, 0)) == 25);
    assert_true(cell_to_double(frame_cell(&thirty, 0, 0, 1)) == -5); /* charging stays negative */
    assert_int_equal(frame_lastchanged(&thirty, 0, 0), 1005);
    assert_int_equal(frame_interval(&thirty, 0), interval_day_start(five.day) + 6);
    frame_free(&thirty);
    frame_free(&five);
}

static void a_partial_half_hour_waits_for_thirty_five_minutes(void **state) {
    (void)state;
    struct frame five;
    frame_init(&five, &datasets[SCADA5], day_of(2025, 7, 20));
    put(&five, "BW01", 0, 12, 1000);
    put(&five, "BW01", 4, 18, 1001);
    struct frame early = half_hours(&five, 34), late = half_hours(&five, 35);
    assert_int_equal(early.rows, 0);
    assert_int_equal(late.rows, 1);
    assert_true(cell_to_double(frame_cell(&late, 0, 0, 0)) == 15);
    frame_free(&early);
    frame_free(&late);
    frame_free(&five);
}

/* An imported half hour stays where five minutes give none, or less than all six. */
static void imported_half_hours_stay_until_all_six_are_there(void **state) {
    (void)state;
    struct frame five, standing, thirty;
    frame_init(&five, &datasets[SCADA5], day_of(2025, 7, 20));
    frame_init(&standing, &datasets[SCADA30], five.day);
    frame_init(&thirty, &datasets[SCADA30], five.day);
    for (int slot = 0; slot < 11; slot++) /* all six, and then five */
        put(&five, "BW01", slot, 60, ROW_IMPORTED);
    for (int slot = 0; slot < 3; slot++)
        put(&standing, "BW01", slot, 100 + slot, ROW_IMPORTED_MEAN);
    put(&standing, "BW01", 3, 103, 1000); /* made of five minutes that are no more */
    put(&standing, "HPR1", 0, -7, ROW_IMPORTED_MEAN);
    assert_true(derive_has_imported(&standing));
    derive_half_hours(&five, five.day * AEST_DAY + AEST_DAY, &standing, &thirty);
    assert_int_equal(thirty.rows, 4);
    assert_true(cell_to_double(frame_cell(&thirty, 0, 0, 0)) == 60);
    assert_true(frame_lastchanged(&thirty, 0, 0) == ROW_IMPORTED);
    assert_true(cell_to_double(frame_cell(&thirty, 0, 0, 1)) == 101);
    assert_true(cell_to_double(frame_cell(&thirty, 0, 0, 2)) == 102);
    assert_false(frame_has(&thirty, 0, 3));
    assert_true(cell_to_double(frame_cell(&thirty, 1, 0, 0)) == -7);
    frame_free(&standing);
    /* and again from what came of it */
    struct frame again;
    frame_init(&again, &datasets[SCADA30], five.day);
    derive_half_hours(&five, five.day * AEST_DAY + AEST_DAY, &thirty, &again);
    assert_true(frame_equal(&thirty, &again));
    put(&five, "BW01", 11, 60, 1000 * AEST_SECOND);
    struct frame whole;
    frame_init(&whole, &datasets[SCADA30], five.day);
    derive_half_hours(&five, five.day * AEST_DAY + AEST_DAY, &again, &whole);
    assert_true(cell_to_double(frame_cell(&whole, 0, 0, 1)) == 60);
    frame_free(&thirty);
    frame_free(&again);
    frame_free(&whole);
    frame_free(&five);
}

/* The last half hour of a day is that of its midnight, which belongs to it. */
static void midnight_is_the_days_own(void **state) {
    (void)state;
    struct frame five;
    frame_init(&five, &datasets[SCADA5], day_of(2025, 7, 20));
    for (int slot = 282; slot < 288; slot++)
        put(&five, "BW01", slot, 7, 1000);
    struct frame thirty = half_hours(&five, 25 * 60);
    assert_int_equal(thirty.rows, 1);
    assert_true(frame_has(&thirty, 0, 47));
    frame_free(&thirty);
    frame_free(&five);
}

static void trading_prices_stand_before_five_minute_settlement(void **state) {
    (void)state;
    assert_null(derive_dataset(&datasets[PRICES5], day_of(2021, 9, 30)));
    assert_ptr_equal(derive_dataset(&datasets[PRICES5], day_of(2021, 10, 1)), &datasets[PRICES30]);
    assert_ptr_equal(derive_dataset(&datasets[SCADA5], day_of(2012, 1, 1)), &datasets[SCADA30]);
    assert_null(derive_dataset(&datasets[SCADA30], day_of(2025, 1, 1)));
    assert_null(derive_dataset(&datasets[REGIONS5], day_of(2025, 1, 1)));
}

/* Every column of a half-hour dataset is one of the five-minute dataset. */
static void columns_have_their_source(void **state) {
    (void)state;
    for (int i = 0; i < DATASETS; i++)
        for (int c = 0; datasets[i].mean_of && c < dataset_column_count(&datasets[i]); c++) {
            const struct dataset *five = dataset_by_name(str_from(datasets[i].mean_of));
            assert_non_null(five);
            assert_true(dataset_column(five, str_from(datasets[i].columns[c].name)) >= 0);
            assert_string_equal(five->key, datasets[i].key);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_half_hour_is_the_mean_of_its_six_intervals),
        cmocka_unit_test(a_partial_half_hour_waits_for_thirty_five_minutes),
        cmocka_unit_test(imported_half_hours_stay_until_all_six_are_there),
        cmocka_unit_test(midnight_is_the_days_own),
        cmocka_unit_test(trading_prices_stand_before_five_minute_settlement),
        cmocka_unit_test(columns_have_their_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
