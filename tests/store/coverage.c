#include "store/coverage.h"

#include <unistd.h>

#include "support/rows.h"

static const char *const units[] = {"BW01", "YWPS4", NULL};

/* YWPS4 has no row in slots 10 to 12, and nobody in slot 100. */
static bool with_holes(const char *key, aest_day day, int slot) {
    (void)day;
    return slot != 100 && (strcmp(key, "YWPS4") != 0 || slot < 10 || slot > 12);
}

static void assert_run(const struct runs *r, size_t i, interval first, interval last) {
    assert_true(r && i < r->count);
    assert_int_equal(r->at[i].first, first);
    assert_int_equal(r->at[i].last, last);
}

static struct store *store_in(const char *folder, enum store_mode mode) {
    struct store *s;
    assert_ok(store_open(folder, mode, NULL, &s));
    return s;
}

static void runs_go_on_over_files_and_end_at_holes(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    struct coverage c;
    aest_day day = day_of(2025, 7, 20);
    interval start = interval_day_start(day);
    struct store *s = store_in(folder, STORE_WRITE);
    commit_rows(s, SCADA5, day, units, with_holes);
    commit_rows(s, SCADA5, day + 1, units, NULL);
    commit_rows(s, SCADA5, day + 4, units, NULL);
    for (int cached = 0; cached < 2; cached++) { /* and the same from the cache */
        assert_ok(coverage_read(s, &a, SCADA5, day, day + 9, &c));
        assert_int_equal(c.rows, 6 * 288 - 3 - 2);
        assert_int_equal(c.any.count, 3);
        assert_run(&c.any, 0, start + 1, start + 100);
        assert_run(&c.any, 1, start + 102, start + 2 * 288);
        assert_run(&c.any, 2, start + 4 * 288 + 1, start + 5 * 288);
        assert_int_equal(c.key_count, 2);
        assert_int_equal(coverage_key(&c, STR("BW01"))->count, 3);
        assert_run(coverage_key(&c, STR("YWPS4")), 0, start + 1, start + 10);
        assert_run(coverage_key(&c, STR("YWPS4")), 1, start + 14, start + 100);
        assert_null(coverage_key(&c, STR("NONE")));
        assert_true(runs_have(&c.any, start + 288));
        assert_false(runs_have(&c.any, start + 101));
        assert_false(runs_have(&c.any, start));
    }
    assert_ok(coverage_read(s, &a, SCADA5, day + 1, day + 1, &c));
    assert_int_equal(c.rows, 2 * 288);
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

static void a_file_that_is_another_is_counted_again(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    struct coverage c;
    aest_day day = day_of(2025, 7, 20);
    struct store *s = store_in(folder, STORE_WRITE);
    commit_rows(s, SCADA5, day, units, with_holes);
    assert_ok(coverage_read(s, &a, SCADA5, day, day, &c));
    assert_int_equal(c.any.count, 2);
    commit_rows(s, SCADA5, day, units, NULL);
    assert_ok(coverage_read(s, &a, SCADA5, day, day, &c));
    assert_int_equal(c.any.count, 1);
    assert_ok(store_close_month(s, SCADA5, month_first(day)));
    assert_ok(coverage_read(s, &a, SCADA5, day, day, &c));
    assert_int_equal(c.rows, 2 * 288);
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

static void without_its_cache_nothing_but_time_is_lost(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    struct coverage c;
    aest_day day = day_of(2025, 7, 20);
    struct store *s = store_in(folder, STORE_WRITE);
    commit_rows(s, SCADA5, day, units, with_holes);
    assert_ok(coverage_read(s, &a, SCADA5, day, day, &c));
    store_close(s);
    assert_int_equal(unlink(arena_printf(&a, "%s/state.db", folder)), 0);
    s = store_in(folder, STORE_READ);
    assert_ok(coverage_read(s, &a, SCADA5, day, day, &c));
    assert_int_equal(c.any.count, 2);
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

static void a_damaged_file_is_named(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    struct coverage c;
    aest_day day = day_of(2025, 7, 20);
    struct store *s = store_in(folder, STORE_WRITE);
    commit_rows(s, SCADA5, day, units, NULL);
    assert_ok(file_write_atomic(store_day_path(s, &a, SCADA5, day), STR("PAR1, no more")));
    assert_err(coverage_read(s, &a, SCADA5, day, day, &c), ERR_INPUT, "2025-07-20.parquet");
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

/* A forecast's rows lie on the axis of its runs. */
static void a_forecast_is_covered_by_runs(void **state) {
    (void)state;
    static const char *const keys[] = {"NSW1+000", "NSW1+007", "SA1+001", NULL};
    char *folder = temporary_folder();
    struct arena a = {0};
    struct coverage c;
    aest_day day = day_of(2025, 7, 20);
    struct store *s = store_in(folder, STORE_WRITE);
    commit_rows(s, PREDISPATCH, day, keys, NULL);
    assert_ok(coverage_read(s, &a, PREDISPATCH, day, day, &c));
    assert_int_equal(c.rows, 3 * 48);
    assert_int_equal(c.key_count, 2);
    assert_run(coverage_key(&c, STR("SA1")), 0, interval_day_start(day) + 6,
               interval_day_start(day + 1));
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_go_on_over_files_and_end_at_holes),
        cmocka_unit_test(a_file_that_is_another_is_counted_again),
        cmocka_unit_test(without_its_cache_nothing_but_time_is_lost),
        cmocka_unit_test(a_damaged_file_is_named),
        cmocka_unit_test(a_forecast_is_covered_by_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
