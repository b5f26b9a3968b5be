#include "api/answer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena memory;
static struct answer answer;
static struct buf out;

static int begin(void **state) {
    (void)state;
    answer = (struct answer){.memory = &memory};
    return 0;
}

static int end(void **state) {
    (void)state;
    answer_free(&answer);
    buf_free(&out);
    arena_free(&memory);
    return 0;
}

/* 2025-08-20 12:00 AEST. */
static interval noon(void) {
    aest_us at;
    assert_true(aest_parse_iso(STR("2025-08-20T12:00"), &at));
    return interval_at_or_before(at);
}

static void fill_series(void) {
    static const double nsw[] = {87.1, NAN, -1000}, flow[] = {1.0 / 3, INFINITY, 0};
    answer_times(&answer, noon(), 6, 3);
    answer_add(&answer, STR("NSW1"), "$/MWh", nsw);
    struct answer_series *s = answer_add(&answer, STR("V-SA,\"x\""), "MW", flow);
    series_label(s, "measure", STR("mwflow"));
    series_label(s, "from", STR("VIC1"));
}

static void series_become_json_with_a_null_for_each_gap(void **state) {
    (void)state;
    struct json j = json_to(&out);
    fill_series();
    answer_write_series(&answer, &j);
    assert_int_equal(j.depth, 0);
    assert_string_equal(buf_cstr(&out),
                        "{\"time\":[1755655200,1755657000,1755658800],\"series\":["
                        "{\"id\":\"NSW1\",\"unit\":\"$/MWh\",\"values\":[87.1,null,-1000]},"
                        "{\"id\":\"V-SA,\\\"x\\\"\",\"unit\":\"MW\",\"measure\":\"mwflow\","
                        "\"from\":\"VIC1\",\"values\":[0.33333,null,0]}]}");
}

static void series_become_csv_with_nothing_for_each_gap(void **state) {
    (void)state;
    fill_series();
    answer_csv_series(&answer, &out);
    assert_string_equal(buf_cstr(&out), "settlementdate,NSW1,\"V-SA,\"\"x\"\".mwflow\"\n"
                                        "2025-08-20T12:00:00+10:00,87.1,0.33333\n"
                                        "2025-08-20T12:30:00+10:00,,\n"
                                        "2025-08-20T13:00:00+10:00,-1000,0\n");
}

static const struct answer_column columns[] = {
    {"region", CELL_TEXT, NULL}, {"at", CELL_TIME, NULL},   {"max", CELL_NUMBER, "$/MWh"},
    {"count", CELL_WHOLE, NULL}, {"firm", CELL_FLAG, NULL},
};

static void add_row(const char *region, double max, int64_t count) {
    answer_cell(&answer, cell_text(str_from(region)));
    answer_cell(&answer, cell_time(noon()));
    answer_cell(&answer, cell_number(max));
    answer_cell(&answer, cell_whole(count));
    answer_cell(&answer, count % 2 ? cell_flag(true) : cell_none());
}

static void fill_table(int rows) {
    answer_columns(&answer, columns, 5);
    for (int i = 0; i < rows; i++)
        add_row(i % 2 ? "a,\"b\"\n" : "NSW1", i ? i * 1.5 : NAN, i);
    assert_int_equal(answer_rows(&answer), rows);
}

static void tables_become_json_and_csv(void **state) {
    (void)state;
    struct json j = json_to(&out);
    struct page page;
    fill_table(2);
    assert_true(answer_page(&answer, (str){0}, 10, &page));
    assert_null(page.next);
    answer_write_table(&answer, &page, &j);
    assert_string_equal(
        buf_cstr(&out),
        "{\"columns\":[{\"name\":\"region\",\"type\":\"text\"},{\"name\":\"at\",\"type\":\"time\"},"
        "{\"name\":\"max\",\"type\":\"number\",\"unit\":\"$/MWh\"},"
        "{\"name\":\"count\",\"type\":\"integer\"},{\"name\":\"firm\",\"type\":\"boolean\"}],"
        "\"rows\":[[\"NSW1\",1755655200,null,0,null],"
        "[\"a,\\\"b\\\"\\u000a\",1755655200,1.5,1,true]]}");
    out.len = 0;
    answer_csv_table(&answer, &page, &out);
    assert_string_equal(buf_cstr(&out), "region,at,max,count,firm\n"
                                        "NSW1,2025-08-20T12:00:00+10:00,,0,\n"
                                        "\"a,\"\"b\"\"\n\",2025-08-20T12:00:00+10:00,1.5,1,true\n");
}

static void pages_follow_one_another_without_loss(void **state) {
    (void)state;
    struct page page;
    str cursor = {0};
    size_t seen = 0;
    fill_table(10);
    for (int i = 0; i < 4; i++) {
        assert_true(answer_page(&answer, cursor, 3, &page));
        assert_int_equal(page.first, seen);
        seen += page.limit;
        assert_int_equal(page.next == NULL, i == 3);
        cursor = str_from(page.next);
    }
    assert_int_equal(seen, 10);
    assert_true(answer_page(&answer, (str){0}, 10, &page));
    assert_true(page.limit == 10 && !page.next);
}

/* Rows that come in before the cursor's row don't make others appear twice, or never. */
static void a_page_goes_on_behind_its_row_wherever_that_is_now(void **state) {
    (void)state;
    struct page page;
    char cursor[64];
    fill_table(6);
    assert_true(answer_page(&answer, (str){0}, 4, &page));
    snprintf(cursor, sizeof cursor, "%s", page.next);
    answer.cells.len = 0;
    add_row("new", 1, 100), add_row("new", 1, 101);
    for (int i = 0; i < 6; i++)
        add_row(i % 2 ? "a,\"b\"\n" : "NSW1", i ? i * 1.5 : NAN, i);
    assert_true(answer_page(&answer, str_from(cursor), 4, &page));
    assert_true(page.first == 6 && page.limit == 2 && !page.next);
    answer.cells.len = 0;
    for (int i = 2; i < 6; i++) /* two are gone */
        add_row(i % 2 ? "a,\"b\"\n" : "NSW1", i * 1.5, i);
    assert_true(answer_page(&answer, str_from(cursor), 4, &page));
    assert_true(page.first == 2 && page.limit == 2);
    answer.cells.len = 0;
    add_row("other", 1, 1);
    assert_false(answer_page(&answer, str_from(cursor), 4, &page));
    answer.cells.len = 0;
    assert_false(answer_page(&answer, STR("18446744073709551615-0123456789abcdef"), 4, &page));
}

static void rows_that_are_alike_are_passed_one_by_one(void **state) {
    (void)state;
    struct page page;
    str cursor = {0};
    answer_columns(&answer, columns, 5);
    for (int i = 0; i < 5; i++)
        add_row("NSW1", 1, 1);
    for (size_t i = 0; i < 5; i++) {
        assert_true(answer_page(&answer, cursor, 1, &page));
        assert_int_equal(page.first, i);
        cursor = str_from(page.next);
    }
    assert_null(page.next);
}

static void an_empty_answer_has_its_form_all_the_same(void **state) {
    (void)state;
    struct json j = json_to(&out);
    struct page page;
    answer_write_series(&answer, &j);
    assert_string_equal(buf_cstr(&out), "{\"time\":[],\"series\":[]}");
    answer_columns(&answer, columns, 1);
    assert_true(answer_page(&answer, (str){0}, 5, &page));
    out.len = 0;
    j = json_to(&out);
    answer_write_table(&answer, &page, &j);
    assert_string_equal(buf_cstr(&out),
                        "{\"columns\":[{\"name\":\"region\",\"type\":\"text\"}],\"rows\":[]}");
}

#define ANSWERED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        ANSWERED(series_become_json_with_a_null_for_each_gap),
        ANSWERED(series_become_csv_with_nothing_for_each_gap),
        ANSWERED(tables_become_json_and_csv),
        ANSWERED(pages_follow_one_another_without_loss),
        ANSWERED(a_page_goes_on_behind_its_row_wherever_that_is_now),
        ANSWERED(rows_that_are_alike_are_passed_one_by_one),
        ANSWERED(an_empty_answer_has_its_form_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
