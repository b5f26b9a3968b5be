#include "market/thresholds.h"

#include <math.h>

#include "base/file.h"
#include "collect/reference.h"
#include "support/times.h"

static void limits_change_with_the_day_of_the_interval(void **state) {
    (void)state;
    static const struct {
        const char *time;
        double cap, cumulative, administered_cap;
    } days[] = {
        {"1998-12-13 00:05", 5000, (double)NAN, 300}, {"2009-07-01 00:05", 10000, 150000, 300},
        {"2021-07-01 00:00", 15000, 224600, 300}, /* the last interval of June */
        {"2021-07-01 00:05", 15100, 226500, 300},     {"2021-10-01 00:00", 15100, 226500, 300},
        {"2021-10-01 00:05", 15100, 1359100, 300},    {"2022-11-30 12:00", 15500, 1398100, 300},
        {"2022-12-01 00:05", 15500, 1398100, 600},    {"2025-06-30 12:00", 17500, 1573700, 600},
        {"2026-01-01 12:00", 20300, 1823600, 600},    {"2040-01-01 12:00", 23200, 2225900, 600},
    };
    struct thresholds t;
    thresholds_built_in(&t);
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        const struct threshold *now = thresholds_at(&t, at(days[i].time));
        assert_float_equal(now->cap, days[i].cap, 0);
        assert_float_equal(now->floor, -1000, 0);
        assert_float_equal(now->administered_cap, days[i].administered_cap, 0);
        if (isnan(days[i].cumulative))
            assert_true(isnan(now->cumulative));
        else
            assert_float_equal(now->cumulative, days[i].cumulative, 0);
    }
    thresholds_free(&t);
}

static err *take_row(void *context, const struct mms_row *row, aest_us published) {
    (void)published;
    return threshold_put_row(context, row, "2021-04");
}

#define HEADER                                                                                     \
    "C,SETP.WORLD,DVD_MARKET_PRICE_THRESHOLDS,AEMO,PUBLIC,2027/05/07,13:10:02,1,,2\n"              \
    "I,MARKET_CONFIG,MARKET_PRICE_THRESHOLDS,1,EFFECTIVEDATE,VERSIONNO,VOLL,MARKETPRICEFLOOR,"     \
    "ADMINISTERED_PRICE_THRESHOLD,AUTHORISEDDATE,AUTHORISEDBY,LASTCHANGED\n"
#define ROW "D,MARKET_CONFIG,MARKET_PRICE_THRESHOLDS,1,"

static void the_monthly_archive_beats_what_is_built_in(void **state) {
    (void)state;
    static const char csv[] =
        HEADER ROW "\"2026/07/01 00:00:00\",1,24000,-1000,2000000,,X,\"2026/06/20 10:00:00\"\n" ROW
                   "\"2027/07/01 00:00:00\",1,30000,-2000,3000000,,X,\"2027/06/20 10:00:00\"\n"
                   "C,\"END OF REPORT\",5\n";
    char *folder = temporary_folder();
    struct store *s;
    struct records r;
    struct thresholds t;
    bool changed;
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    assert_ok(thresholds_load(s, &t));
    assert_float_equal(thresholds_at(&t, at("2026-08-01"))->cap, 23200, 0);
    thresholds_free(&t);
    records_init(&r, THRESHOLDS);
    thresholds_put_built_in(&r);
    assert_ok(reference_read_file(str_from(csv), take_row, &r));
    assert_ok(records_commit(s, &r, &changed));
    records_free(&r);
    assert_ok(thresholds_load(s, &t));
    assert_float_equal(thresholds_at(&t, at("2026-08-01"))->cap, 24000, 0);
    assert_float_equal(thresholds_at(&t, at("2028-01-01"))->floor, -2000, 0);
    assert_float_equal(thresholds_at(&t, at("2028-01-01"))->administered_cap, 600, 0);
    assert_float_equal(thresholds_at(&t, at("2026-01-01"))->cap, 20300, 0);
    thresholds_free(&t);
    store_close(s);
    remove_folder(folder);
}

static void a_row_that_cannot_be_is_refused(void **state) {
    (void)state;
    static const char *const rows[] = {
        "\"2026/07/01 00:00:00\",1,x,-1000,2000000,,X,\"2026/06/20 10:00:00\"",
        "\"2026/07/01 00:00:00\",1,,-1000,2000000,,X,\"2026/06/20 10:00:00\"",
        "soon,1,1,-1000,2000000,,X,\"2026/06/20 10:00:00\"",
        "\"2026/07/01 00:00:00\",1,1,-1000,2000000,,X,",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct records r;
        struct arena a = {0};
        records_init(&r, THRESHOLDS);
        const char *csv = arena_printf(&a, HEADER ROW "%s\nC,\"END OF REPORT\",4\n", rows[i]);
        assert_err(reference_read_file(str_from(csv), take_row, &r), ERR_INPUT, "line 3");
        records_free(&r);
        arena_free(&a);
    }
}

static void what_is_built_in_agrees_with_a_real_table(void **state) {
    (void)state;
    static const char path[] = NEMD_SHARED "/data/other/mmsdm-filtered-nemosis/2021_04/"
                                           "PUBLIC_DVD_MARKET_PRICE_THRESHOLDS_202104010000.zip";
    struct buf bytes = {0};
    struct records r;
    struct thresholds t;
    if (!file_exists(path))
        skip();
    assert_ok(file_read(path, 1 << 20, &bytes));
    records_init(&r, THRESHOLDS);
    assert_ok(reference_read_file(buf_str(&bytes), take_row, &r));
    assert_int_equal(r.count, 12);
    thresholds_built_in(&t);
    for (size_t i = 0; i < r.count; i++) {
        const struct record_value *v = r.rows[i]->values;
        assert_int_equal(t.rows[i].from, v[THRESHOLD_FROM].integer);
        assert_float_equal(t.rows[i].cap, v[THRESHOLD_CAP].number, 0);
        assert_float_equal(t.rows[i].floor, v[THRESHOLD_FLOOR].number, 0);
        assert_int_equal(!isnan(t.rows[i].cumulative), v[THRESHOLD_CUMULATIVE].there);
        if (v[THRESHOLD_CUMULATIVE].there)
            assert_float_equal(t.rows[i].cumulative, v[THRESHOLD_CUMULATIVE].number, 0);
    }
    thresholds_free(&t);
    records_free(&r);
    buf_free(&bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_change_with_the_day_of_the_interval),
        cmocka_unit_test(the_monthly_archive_beats_what_is_built_in),
        cmocka_unit_test(a_row_that_cannot_be_is_refused),
        cmocka_unit_test(what_is_built_in_agrees_with_a_real_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
