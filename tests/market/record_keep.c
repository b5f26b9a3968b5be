/* Records over stores that are made by hand: what of history counts, and what is kept. */
#include "market/record_keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "market/sums.h"
#include "store/alert_records.h"
#include "support/check.h"

struct fixture {
    char *folder;
    struct store *store;
    struct alerts alerts;
    struct market_records own, outside;
    int versions;
};

static aest_day date_of(int year, int month, int date) {
    aest_day day;
    assert_true(aest_day_from_date(year, month, date, &day));
    return day;
}

static int set_up(void **state) {
    struct fixture *f = mem_zalloc(1, sizeof *f);
    struct arena a = {0};
    log_set_level(LOG_ERROR);
    f->folder = temporary_folder();
    store_set_follower(&sums_follower);
    assert_ok(store_open(f->folder, STORE_WRITE, NULL, &f->store));
    assert_ok(alerts_open(&f->alerts, alerts_path(&a, f->folder), NULL));
    arena_free(&a);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    alerts_close(&f->alerts);
    store_close(f->store);
    store_set_follower(NULL);
    remove_folder(f->folder);
    free(f);
    return 0;
}

static void put_first(struct frame *f, int slot, const char *key, double value, aest_us version) {
    struct frame_change change = {0};
    cell columns[DATASET_COLUMNS];
    for (int c = 0; c < f->columns; c++)
        columns[c] = CELL_MISSING;
    columns[0] = cell_from_double(value);
    frame_put(f, frame_key(f, str_from(key)), slot, 0, version, columns, &change);
}

static void commit(struct fixture *f, struct frame *frame) {
    struct frame_change change = {0};
    assert_ok(store_commit(f->store, frame, &change));
    frame_free(frame);
}

static void put(struct fixture *f, enum dataset_id dataset, aest_day day, int slot,
                const char *region, double value) {
    struct frame frame;
    frame_init(&frame, &datasets[dataset], day);
    put_first(&frame, slot, region, value, AEST_DAY + ++f->versions);
    commit(f, &frame);
}

/* Looks until all is counted, and reads what is kept. */
static void look(struct fixture *f) {
    struct arena a = {0};
    bool whole = false;
    for (int i = 0; i < 20 && !whole; i++)
        assert_ok(record_keep(f->store, &f->alerts, NULL, &whole));
    assert_true(whole);
    assert_ok(record_keep_load(&f->alerts, &a, &f->own, &f->outside));
    arena_free(&a);
}

static void assert_record(const struct market_records *r, enum record_measure m, int extreme,
                          int hour, double value, aest_day day, int slot) {
    const struct market_record *best = &r->best[m][extreme][0][hour];
    if (isnan(value)) {
        assert_true(isnan(best->value));
        return;
    }
    assert_true(best->value >= value && best->value <= value);
    assert_int_equal(best->at, interval_day_start(day) + slot + 1);
}
#define ASSERT_PRICE(extreme, hour, value, day, slot)                                              \
    assert_record(&f->own, RECORD_PRICE, extreme, hour, value, day, slot)

static void all_of_history_is_counted_and_then_what_comes(void **state) {
    struct fixture *f = *state;
    aest_day day = date_of(2025, 8, 20);
    look(f); /* of nothing */
    ASSERT_PRICE(RECORD_MAX, RECORD_ALL_HOURS, (double)NAN, 0, 0);
    for (int i = 0; i < 400; i++) /* more days than are counted in one go */
        put(f, PRICES5, day - i, 100, "NSW1", i);
    look(f);
    ASSERT_PRICE(RECORD_MAX, RECORD_ALL_HOURS, 399, day - 399, 100);
    ASSERT_PRICE(RECORD_MAX, 8, 399, day - 399, 100);
    ASSERT_PRICE(RECORD_MAX, 9, (double)NAN, 0, 0);
    ASSERT_PRICE(RECORD_MIN, RECORD_ALL_HOURS, 0, day, 100);
    put(f, PRICES5, day + 1, 287, "NSW1", 500);
    look(f);
    ASSERT_PRICE(RECORD_MAX, RECORD_ALL_HOURS, 500, day + 1, 287);
    ASSERT_PRICE(RECORD_MAX, 23, 500, day + 1, 287);
    ASSERT_PRICE(RECORD_MAX, 8, 399, day - 399, 100);
    put(f, PRICES5, day - 1000, 5, "NSW1", 600); /* history that comes later */
    look(f);
    ASSERT_PRICE(RECORD_MAX, RECORD_ALL_HOURS, 600, day - 1000, 5);
}

static void a_record_that_is_revised_gives_way_to_another_day_s(void **state) {
    struct fixture *f = *state;
    aest_day day = date_of(2025, 8, 20);
    put(f, PRICES5, day, 100, "NSW1", 300);
    put(f, PRICES5, day + 40, 101, "NSW1", 200);
    put(f, PRICES5, day + 41, 103, "NSW1", 100);
    look(f);
    put(f, PRICES5, day, 100, "NSW1", 150);
    look(f);
    ASSERT_PRICE(RECORD_MAX, RECORD_ALL_HOURS, 200, day + 40, 101);
    put(f, PRICES5, day + 40, 101, "NSW1", 120);
    look(f);
    ASSERT_PRICE(RECORD_MAX, RECORD_ALL_HOURS, 150, day, 100);
    ASSERT_PRICE(RECORD_MAX, 8, 150, day, 100);
    ASSERT_PRICE(RECORD_MIN, 8, 100, day + 41, 103);
}

/* A grid that is made anew, and days whose files somebody takes away. */
static void what_was_recorded_outlives_the_rows(void **state) {
    struct fixture *f = *state;
    struct arena a = {0};
    aest_day day = date_of(2025, 8, 20), old = date_of(2021, 3, 5);
    put(f, PRICES5, old, 100, "NSW1", 900);
    put(f, PRICES5, day, 100, "NSW1", 300);
    put(f, PRICES5, day + 1, 100, "NSW1", 200);
    look(f);
    assert_int_equal(unlink(arena_printf(&a, "%s/prices5/2021/2021-03-05.parquet", f->folder)), 0);
    assert_int_equal(unlink(arena_printf(&a, "%s/grid/prices5-2021.tiles", f->folder)), 0);
    grid_look_anew(store_grid(f->store));
    put(f, PRICES5, day, 100, "NSW1", 100);
    look(f);
    ASSERT_PRICE(RECORD_MAX, RECORD_ALL_HOURS, 900, old, 100);
    ASSERT_PRICE(RECORD_MAX, 8, 900, old, 100);
    ASSERT_PRICE(RECORD_MIN, 8, 100, day, 100);
    arena_free(&a);
}

static void records_from_elsewhere_stand_beside_the_store_s(void **state) {
    struct fixture *f = *state;
    aest_day day = date_of(2025, 8, 20);
    const struct record_from_outside first[] = {
        {RECORD_SHARE, RECORD_MAX, RECORD_NEM, RECORD_ALL_HOURS, 0.787, 1760149800},
        {RECORD_SHARE, RECORD_MAX, RECORD_NEM, 12, 0.705, 0}};
    put(f, PRICES5, day, 100, "NSW1", 300);
    assert_ok(record_keep_take_over(&f->alerts, "earlier", first, 2));
    look(f);
    const struct market_record *share = f->outside.best[RECORD_SHARE][RECORD_MAX][RECORD_NEM];
    assert_true(share[RECORD_ALL_HOURS].value > 0.78 && share[12].value > 0.7);
    assert_int_equal(interval_to_unix(share[RECORD_ALL_HOURS].at), 1760149800);
    assert_int_equal(share[12].at, RECORD_TIME_UNKNOWN);
    assert_true(isnan(f->own.best[RECORD_SHARE][RECORD_MAX][RECORD_NEM][12].value));
    assert_ok(record_keep_take_over(&f->alerts, "earlier", first, 1)); /* in the place of both */
    put(f, PRICES5, day, 100, "NSW1", 200);
    look(f);
    assert_true(isnan(f->outside.best[RECORD_SHARE][RECORD_MAX][RECORD_NEM][12].value));
    assert_true(share[RECORD_ALL_HOURS].value > 0.78);
    ASSERT_PRICE(RECORD_MAX, RECORD_ALL_HOURS, 200, day, 100);
}

/* Two processes look at the same time: who comes second doesn't write over the first. */
static void two_who_look_do_each_other_no_harm(void **state) {
    struct fixture *f = *state;
    struct arena a = {0};
    struct alerts other;
    bool whole;
    aest_day day = date_of(2025, 8, 20);
    put(f, PRICES5, day, 100, "NSW1", 300);
    assert_ok(alerts_open(&other, alerts_path(&a, f->folder), NULL));
    assert_ok(record_keep(f->store, &other, NULL, &whole));
    assert_true(whole);
    look(f);
    ASSERT_PRICE(RECORD_MAX, RECORD_ALL_HOURS, 300, day, 100);
    put(f, PRICES5, day, 100, "NSW1", 250);
    look(f);
    assert_ok(record_keep(f->store, &other, NULL, &whole));
    look(f);
    ASSERT_PRICE(RECORD_MAX, RECORD_ALL_HOURS, 250, day, 100);
    alerts_close(&other);
    arena_free(&a);
}

enum { UNIT_COUNT = 100 };

static const char *unit_name(int number, char out[16]) {
    snprintf(out, 16, "WIND%d", number);
    return out;
}

static void register_units(struct fixture *f, int count, const char *fuel, int64_t version) {
    struct records rows;
    bool changed;
    char duid[16];
    records_init(&rows, UNITS);
    for (int unit = 0; unit < count; unit++) {
        struct record_value v[RECORD_COLUMNS] = {{0}};
        v[UNIT_DUID] = record_text(str_from(unit_name(unit, duid)));
        v[UNIT_FROM] = record_integer(0);
        v[UNIT_REGION] = record_text(STR("NSW1"));
        v[UNIT_DISPATCH_TYPE] = record_text(STR("GENERATOR"));
        v[UNIT_FUEL] = record_text(str_from(fuel));
        v[UNIT_CHANGED] = record_integer(version);
        records_put(&rows, v);
    }
    records_settle(&rows);
    assert_ok(records_commit(f->store, &rows, &changed));
    records_free(&rows);
}

static void units_count_where_nearly_all_have_a_reading(void **state) {
    struct fixture *f = *state;
    aest_day day = date_of(2025, 8, 20);
    struct frame frame;
    char duid[16];
    register_units(f, UNIT_COUNT, "Wind", 1000);
    frame_init(&frame, &datasets[SCADA5], day);
    for (int slot = 0; slot < 60; slot++) {
        int there = slot == 30 ? 96 : slot == 31 ? 97 : UNIT_COUNT;
        for (int unit = 0; unit < there; unit++)
            put_first(&frame, slot, unit_name(unit, duid),
                      slot == 30   ? 9
                      : slot == 31 ? 8
                                   : 5,
                      AEST_DAY);
    }
    commit(f, &frame);
    look(f);
    for (int area = 0; area <= RECORD_NEM; area += RECORD_NEM) {
        const struct market_record *wind = f->own.best[RECORD_WIND][RECORD_MAX][area];
        assert_true(wind[RECORD_ALL_HOURS].value > 775.9 && wind[RECORD_ALL_HOURS].value < 776.1);
        assert_int_equal(wind[2].at, interval_day_start(day) + 32);
    }
    /* without rooftop nothing is known of shares */
    assert_true(isnan(f->own.best[RECORD_SHARE][RECORD_MAX][0][RECORD_ALL_HOURS].value));
    /* what the unit was counts as soon as it is known: a fact changes, and so do the records */
    register_units(f, 1, "Solar", 2000);
    struct units units = {0};
    int made;
    assert_ok(sums_refresh(f->store, &units, NULL, &made));
    units_free(&units);
    look(f);
    const struct market_record *wind = f->own.best[RECORD_WIND][RECORD_MAX][0];
    assert_true(wind[RECORD_ALL_HOURS].value > 767.9 && wind[RECORD_ALL_HOURS].value < 768.1);
    assert_record(&f->own, RECORD_SOLAR, RECORD_MAX, 2, 8, day, 31);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(all_of_history_is_counted_and_then_what_comes),
        TEST(a_record_that_is_revised_gives_way_to_another_day_s),
        TEST(what_was_recorded_outlives_the_rows),
        TEST(records_from_elsewhere_stand_beside_the_store_s),
        TEST(two_who_look_do_each_other_no_harm),
        TEST(units_count_where_nearly_all_have_a_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
