#include "store/records_copy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/check.h"

static void put(struct records *r, int64_t id, const char *type, const char *text,
                aest_us version) {
    records_put(r, (const struct record_value[]){
                       [NOTICE_ID] = record_integer(id),
                       [NOTICE_TYPE] = record_text(str_from(type)),
                       [NOTICE_TEXT] = record_text(str_from(text)),
                       [NOTICE_CREATED] = record_integer(version),
                       [NOTICE_CHANGED] = record_integer(version),
                   });
}

static str text_of(const struct records *r, size_t row) {
    return r->rows[row]->values[NOTICE_TEXT].text;
}

static void the_larger_version_stays_and_of_equal_ones_the_larger_row(void **state) {
    (void)state;
    static const struct {
        const char *text;
        aest_us version;
    } rows[] = {{"b", 5}, {"z", 4}, {"a", 5}, {NULL, 5}};
    for (int first = 0; first < 4; first++) { /* in any order */
        struct records r;
        records_init(&r, NOTICES);
        for (int i = 0; i < 4; i++)
            put(&r, 7, "T", rows[(first + i) % 4].text, rows[(first + i) % 4].version);
        put(&r, 3, "T", "other", 1);
        records_settle(&r);
        assert_int_equal(r.count, 2);
        assert_int_equal(r.rows[0]->values[NOTICE_ID].integer, 3);
        assert_true(str_eq(text_of(&r, 1), STR("b")));
        records_free(&r);
    }
}

static void texts_are_kept_as_utf8(void **state) {
    (void)state;
    static const char *const texts[][2] = {
        {"plain", "plain"},
        {"na\xc3\xafve", "na\xc3\xafve"},
        {"30 \x96 60 MW", "30 \xe2\x80\x93 60 MW"}, /* Windows' dash */
        {"\xe9t\xe9", "\xc3\xa9t\xc3\xa9"},
        {"\x81", "\xef\xbf\xbd"},
        {"", ""},
    };
    struct records r;
    records_init(&r, NOTICES);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put(&r, (int64_t)i, "T", texts[i][0], 1);
        assert_true(str_eq(text_of(&r, i), str_from(texts[i][1])));
    }
    records_free(&r);
}

static void a_table_goes_to_parquet_and_back(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *s;
    struct records r, back;
    bool changed;
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    assert_ok(records_read(s, THRESHOLDS, &back));
    assert_int_equal(back.count, 0);
    records_free(&back);

    records_init(&r, THRESHOLDS);
    for (int64_t day = 5000; day > 0; day--) /* more than one of DuckDB's chunks */
        records_put(&r, (const struct record_value[]){
                            [THRESHOLD_FROM] = record_integer(day),
                            [THRESHOLD_CAP] = record_number((double)day / 3),
                            [THRESHOLD_FLOOR] = record_number(-1000),
                            [THRESHOLD_CUMULATIVE] = record_number((double)NAN),
                            [THRESHOLD_SOURCE] = record_text(STR("it's\n\"quoted\"")),
                            [THRESHOLD_CHANGED] = record_integer(day * AEST_DAY + 1),
                        });
    assert_ok(records_commit(s, &r, &changed));
    assert_true(changed);
    records_settle(&r);
    assert_ok(records_read(s, THRESHOLDS, &back));
    assert_true(records_equal(&r, &back));
    assert_false(back.rows[0]->values[THRESHOLD_CUMULATIVE].there);
    records_free(&back);

    struct arena a = {0};
    const char *path = records_path(s, &a, THRESHOLDS);
    struct file_stamp before = file_stamp(path);
    assert_ok(records_commit(s, &r, &changed));
    assert_false(changed);
    assert_true(file_stamp_eq(before, file_stamp(path)));
    records_free(&r);
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

static void commits_of_two_stores_add_up(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *one, *two;
    struct records r;
    bool changed;
    assert_ok(store_open(folder, STORE_WRITE, NULL, &one));
    assert_ok(store_open(folder, STORE_WRITE, NULL, &two));
    for (int i = 0; i < 6; i++) {
        records_init(&r, NOTICES);
        put(&r, i / 2, "T", i % 2 ? "new" : "old", 10 + i);
        assert_ok(records_commit(i % 2 ? one : two, &r, &changed));
        assert_true(changed);
        records_free(&r);
    }
    assert_ok(records_read(two, NOTICES, &r));
    assert_int_equal(r.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(str_eq(text_of(&r, i), STR("new")));
    records_free(&r);
    store_close(one);
    store_close(two);
    remove_folder(folder);
}

static err *count_rows(void *context, duckdb_data_chunk chunk) {
    *(int64_t *)context =
        *(int64_t *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    return NULL;
}

static void each_table_is_a_view_and_a_damaged_one_spoils_no_other(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *s;
    struct records r;
    struct arena a = {0};
    struct duck d = {0};
    int64_t rows = -1;
    bool changed;
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    records_init(&r, NOTICES);
    put(&r, 1, "T", "text", 1);
    assert_ok(records_commit(s, &r, &changed));
    assert_ok(file_write_atomic(records_path(s, &a, UNITS), STR("PAR1 but no more")));
    assert_ok(store_make_views(s, &d));
    assert_ok(duck_each(&d, "SELECT count(*) FROM notices WHERE text = 'text'", count_rows, &rows));
    assert_int_equal(rows, 1);
    assert_ok(duck_each(&d, "SELECT count(*) FROM thresholds", count_rows, &rows));
    assert_int_equal(rows, 0);
    assert_err(duck_run(&d, "SELECT * FROM units"), ERR_INPUT, "units.parquet");
    records_free(&r);
    assert_err(records_read(s, UNITS, &r), ERR_INPUT, "units.parquet");
    records_free(&r);
    duck_close(&d);
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

static void another_tables_file_is_refused(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *s;
    struct records r;
    struct arena a = {0};
    bool changed;
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    records_init(&r, NOTICES);
    put(&r, 1, "T", "text", 1);
    assert_ok(records_commit(s, &r, &changed));
    records_free(&r);
    assert_int_equal(rename(records_path(s, &a, NOTICES), records_path(s, &a, THRESHOLDS)), 0);
    assert_err(records_read(s, THRESHOLDS, &r), ERR_INPUT, "effectivedate");
    records_free(&r);
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

static void what_a_killed_writer_left_goes_and_records_hold_the_stores_kind(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *s;
    struct records r;
    struct arena a = {0};
    bool changed;
    uint64_t before, after;
    const char *left = arena_printf(&a, "%s/.notices.parquet.tmp", folder);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    assert_ok(file_write_atomic(left, STR("half")));
    store_close(s);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    assert_false(file_exists(left));
    assert_ok(store_require_kind(s, true));
    assert_ok(store_version(s, &before));
    records_init(&r, NOTICES);
    put(&r, 1, "T", "text", 1);
    assert_ok(records_commit(s, &r, &changed));
    records_free(&r);
    assert_ok(store_version(s, &after));
    assert_true(before != after);
    assert_err(store_require_kind(s, false), ERR_USAGE, "simulated");
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

static void expect_rows(const char *folder, size_t count, bool by_copy) {
    struct store *s;
    struct records r;
    assert_ok(store_open(folder, STORE_READ, NULL, &s));
    assert_ok(records_read(s, NOTICES, &r));
    assert_int_equal(r.count, count);
    for (size_t i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof text, "text %zu", i);
        assert_int_equal(r.rows[i]->values[NOTICE_ID].integer, i);
        assert_true(str_eq(text_of(&r, i), str_from(text)));
        assert_false(r.rows[i]->values[NOTICE_ISSUED].there);
    }
    assert_int_equal(s->duck.open, !by_copy);
    records_free(&r);
    store_close(s);
}

static void add_notice(struct store *s, int64_t id) {
    struct records r;
    char text[32];
    bool changed;
    snprintf(text, sizeof text, "text %d", (int)id);
    records_init(&r, NOTICES);
    put(&r, id, "T", text, 1 + id);
    records_settle(&r);
    assert_ok(records_commit(s, &r, &changed));
    records_free(&r);
}

/* A copy is read as long as it is of the file that is there, and whole. */
static void copies_stand_in_for_their_files(void **state) {
    (void)state;
    struct arena a = {0};
    struct store *s;
    struct buf bytes = {0};
    char *folder = temporary_folder();
    const char *copy = arena_printf(&a, "%s/grid/notices.rows", folder);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    assert_ok(records_copy_refresh(s)); /* nothing to copy */
    assert_false(file_exists(copy));
    add_notice(s, 0);
    expect_rows(folder, 1, false);
    assert_ok(records_copy_refresh(s));
    expect_rows(folder, 1, true);
    add_notice(s, 1);
    expect_rows(folder, 2, false);
    assert_ok(records_copy_refresh(s));
    assert_ok(records_copy_refresh(s));
    expect_rows(folder, 2, true);
    assert_ok(file_read(copy, 1 << 20, &bytes));
    for (size_t i = 0; i < bytes.len; i += 5) {
        bytes.at[i] ^= 0x41;
        assert_ok(file_write_atomic(copy, buf_str(&bytes)));
        expect_rows(folder, 2, false);
        bytes.at[i] ^= 0x41;
    }
    assert_ok(file_write_atomic(copy, (str){bytes.at, bytes.len - 1}));
    expect_rows(folder, 2, false);
    assert_ok(file_write_atomic(copy, buf_str(&bytes)));
    expect_rows(folder, 2, true);
    store_close(s);
    buf_free(&bytes);
    arena_free(&a);
    remove_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_larger_version_stays_and_of_equal_ones_the_larger_row),
        cmocka_unit_test(texts_are_kept_as_utf8),
        cmocka_unit_test(a_table_goes_to_parquet_and_back),
        cmocka_unit_test(commits_of_two_stores_add_up),
        cmocka_unit_test(each_table_is_a_view_and_a_damaged_one_spoils_no_other),
        cmocka_unit_test(another_tables_file_is_refused),
        cmocka_unit_test(copies_stand_in_for_their_files),
        cmocka_unit_test(what_a_killed_writer_left_goes_and_records_hold_the_stores_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
