#include "collect/gaps_repair.h"

#include <stdio.h>

#include "collect/reading.h"
#include "support/rows.h"

static const char *const units[] = {"BW01", "YWPS4", NULL};

static bool not_twenty(const char *key, aest_day day, int slot) {
    (void)key;
    return slot != 20 || day != day_of(2025, 7, 20);
}

/* A folder laid out as NEMWEB is, with the file of one interval. */
static const char *source_with(struct arena *a, const char *folder, interval at) {
    char time[AEST_TEXT];
    struct text t = begin("DISPATCHSCADA");
    const char *path = arena_printf(a, "%s/nemweb/Reports/CURRENT/Dispatch_SCADA", folder);
    line(&t, "I,DISPATCH,UNIT_SCADA,1,SETTLEMENTDATE,DUID,SCADAVALUE,LASTCHANGED");
    for (int i = 0; units[i]; i++)
        line(&t, "D,DISPATCH,UNIT_SCADA,1,\"%s\",%s,12.5,\"2025/07/20 01:40:00\"",
             aest_format_mms(interval_to_aest(at), time), units[i]);
    assert_ok(file_make_folders(path));
    assert_ok(file_write_atomic(
        arena_printf(a, "%s/PUBLIC_DISPATCHSCADA_202507200145_01.csv", path), end(&t)));
    buf_free(&t.buf);
    return arena_printf(a, "%s/nemweb", folder);
}

/* Fills slot 20 of the day again and again; what was done and is gone is read again. */
static void a_recent_gap_is_filled_from_current(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    struct repair_result result;
    struct store *s;
    const struct frame *f;
    aest_day day = day_of(2025, 7, 20);
    interval gap = interval_day_start(day) + 21;
    const char *data = arena_printf(&a, "%s/store", folder);
    const struct backfill settings = {.data = data, .location = source_with(&a, folder, gap)};
    for (int round = 0; round < 2; round++) {
        assert_ok(store_open(data, STORE_WRITE, NULL, &s));
        assert_int_equal(remove(store_day_path(s, &a, SCADA5, day)), round ? 0 : -1);
        commit_rows(s, SCADA5, day, units, not_twenty);
        store_close(s);
        assert_ok(gaps_repair_recent(&settings, (day + 1) * AEST_DAY, &a, &result));
        assert_int_equal(result.count, 1);
        assert_int_equal(result.left, 0);
        assert_int_equal(result.gaps[0].gap.first, gap);
        assert_true(repaired_is_filled(&result.gaps[0]));
    }
    assert_ok(store_open(data, STORE_READ, NULL, &s));
    assert_ok(store_frame(s, SCADA5, day, &f));
    assert_int_equal(f->rows, 2 * 288);
    store_close(s);
    assert_ok(gaps_repair_recent(&settings, (day + 4) * AEST_DAY, &a, &result));
    assert_int_equal(result.count, 0); /* long ago */
    arena_free(&a);
    remove_folder(folder);
}

static void what_no_source_has_stays_missing(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    struct repair_result result;
    struct store *s;
    aest_day day = day_of(2025, 7, 20);
    const char *data = arena_printf(&a, "%s/store", folder);
    struct repair r = {.search = {.wanted = EVERY_DATASET, .now = (day + 9) * AEST_DAY}};
    r.backfill.data = data;
    r.backfill.location = source_with(&a, folder, interval_day_start(day) + 30);
    assert_ok(store_open(data, STORE_WRITE, NULL, &s));
    commit_rows(s, SCADA5, day, units, not_twenty);
    commit_rows(s, SCADA5, day + 2, units, NULL);
    store_close(s);
    r.only_list = true;
    assert_ok(gaps_repair(&r, &a, &result));
    assert_int_equal(result.count, 2);
    assert_int_equal(result.left, 2);
    r.only_list = false;
    assert_ok(gaps_repair(&r, &a, &result));
    assert_int_equal(result.left, 2);
    assert_int_equal(result.gaps[1].missing, 288);
    assert_non_null(result.gaps[1].now);
    r.backfill.location = "/nonexistent";
    assert_err(gaps_repair(&r, &a, &result), ERR_USAGE, "/nonexistent");
    arena_free(&a);
    remove_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recent_gap_is_filled_from_current),
        cmocka_unit_test(what_no_source_has_stays_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
