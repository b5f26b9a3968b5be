#include "sim/tables/table.h"

#include <math.h>
#include <stdlib.h>

#include "support/check.h"

/* Rows of DISPATCH,LOCAL_PRICE stand for those of any table: a time, a text, a number, a whole
 * number. */
struct row {
    aest_us settlementdate;
    const char *duid;
    double adjustment;
    int64_t constrained;
    sim_mw mw;
};

static const struct row *given;
static int given_count, calls;

static void give(struct sim_file *f, aest_us from, aest_us to) {
    (void)from, (void)to;
    calls++;
    for (int i = 0; i < given_count; i++)
        sim_file_row(f, &given[i]);
}

#define TIME                                                                                       \
    { "SETTLEMENTDATE", SIM_CELL_TIME, .offset = offsetof(struct row, settlementdate) }
#define TEXT                                                                                       \
    { "DUID", SIM_CELL_TEXT, .offset = offsetof(struct row, duid) }
#define NUMBER(places)                                                                             \
    {                                                                                              \
        "LOCAL_PRICE_ADJUSTMENT", SIM_CELL_NUMBER, .offset = offsetof(struct row, adjustment),     \
                                                   .decimals = (places)                            \
    }

static const struct sim_cell cells[] = {
    TIME,
    TEXT,
    NUMBER(2),
    {"LOCALLY_CONSTRAINED", SIM_CELL_INTEGER, .offset = offsetof(struct row, constrained)},
    {"NO_SUCH_COLUMN", SIM_CELL_LITERAL, .literal = "not written"},
    {0},
};
static const struct sim_table local_price = {"DISPATCH", "LOCAL_PRICE", cells, give};

static aest_us at(const char *text) {
    aest_us t;
    assert_true(aest_parse_mms(str_from(text), &t));
    return t;
}

/* The table written with [rows] alone, without header where [header] is false. */
static const char *write_rows(struct buf *out, const struct sim_table *t, const struct row *rows,
                              int count, bool header) {
    struct sim_file f = {.published = at("2025/08/20 18:05:13"), .out = out};
    out->len = 0;
    given = rows;
    given_count = count;
    sim_file_table(&f, t, 0, 1);
    const char *text = buf_cstr(out);
    return header ? text : strchr(text, '\n') + 1;
}

static void a_file_has_a_first_line_tables_and_a_footer(void **state) {
    (void)state;
    struct buf out = {0};
    struct sim_file f = {.published = at("2025/08/20 18:05:13"), .out = &out};
    static const struct row rows[] = {{.duid = "SAPHWF1", .adjustment = -54.48, .constrained = 1},
                                      {.duid = "BARRON-1", .adjustment = 0, .constrained = 2}};
    aest_us end = at("2025/08/20 18:10:00");
    struct row timed[] = {rows[0], rows[1]};
    timed[0].settlementdate = timed[1].settlementdate = end;
    given = timed;
    given_count = 2;
    sim_file_begin(&f, "NEMP.WORLD", "DISPATCHIS", "DISPATCHIS", 477155219, 477155218);
    sim_file_table(&f, &local_price, 0, 1);
    sim_file_end(&f);
    assert_string_equal(
        buf_cstr(&out),
        "C,NEMP.WORLD,DISPATCHIS,AEMO,PUBLIC,2025/08/20,18:05:13,0000000477155219,DISPATCHIS,"
        "0000000477155218\r\n"
        "I,DISPATCH,LOCAL_PRICE,1,SETTLEMENTDATE,DUID,LOCAL_PRICE_ADJUSTMENT,LOCALLY_CONSTRAINED"
        "\r\n"
        "D,DISPATCH,LOCAL_PRICE,1,\"2025/08/20 18:10:00\",SAPHWF1,-54.48,1\r\n"
        "D,DISPATCH,LOCAL_PRICE,1,\"2025/08/20 18:10:00\",BARRON-1,0,2\r\n"
        "C,\"END OF REPORT\",5\r\n");
    buf_free(&out);
}

static void a_table_without_rows_or_header_leaves_no_trace(void **state) {
    (void)state;
    static const struct sim_table ended = {"TRADING", "REGIONSUM", cells, give};
    static const struct sim_table unknown = {"TRADING", "NO_SUCH_TABLE", cells, give};
    static const struct row row;
    struct buf out = {0};
    calls = 0;
    write_rows(&out, &local_price, &row, 0, true);
    assert_int_equal(calls, 1);
    assert_int_equal(out.len, 0);
    write_rows(&out, &ended, &row, 1, true);
    write_rows(&out, &unknown, &row, 1, true);
    assert_int_equal(calls, 1); /* they weren't asked for rows */
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

static void a_blank_subtable_stays_blank(void **state) {
    (void)state;
    static const struct sim_table dregion = {"DREGION", "", cells, give};
    static const struct row row;
    struct buf out = {0};
    const char *text = write_rows(&out, &dregion, &row, 1, true);
    assert_int_equal(strncmp(text, "I,DREGION,,3,SETTLEMENTDATE,RUNNO,", 34), 0);
    assert_int_equal(strncmp(strchr(text, '\n'), "\nD,DREGION,,3,,,,", 17), 0);
    buf_free(&out);
}

static void check_number(double value, int decimals, const char *want) {
    struct sim_cell own[] = {NUMBER(decimals), {0}};
    struct sim_table t = {"DISPATCH", "LOCAL_PRICE", own, give};
    struct row row = {.adjustment = value};
    struct buf out = {0}, line = {0};
    buf_printf(&line, "D,DISPATCH,LOCAL_PRICE,1,,,%s,\r\n", want);
    assert_string_equal(write_rows(&out, &t, &row, 1, false), buf_cstr(&line));
    buf_free(&line);
    buf_free(&out);
}

static void numbers_are_rounded_and_lose_trailing_zeros(void **state) {
    (void)state;
    check_number(0, 5, "0");
    check_number(-0.0, 5, "0");
    check_number(242.652684, 5, "242.65268");
    check_number(242.652686, 5, "242.65269");
    check_number(0.5, 0, "1");
    check_number(-0.5, 0, "-1");
    check_number(0.375, 2, "0.38");
    check_number(-0.375, 2, "-0.38");
    check_number(-0.004, 2, "0");
    check_number(-0.05, 2, "-0.05");
    check_number(0.00001, 5, "0.00001");
    check_number(12.30, 2, "12.3");
    check_number(120, 2, "120");
    check_number(9.999, 2, "10");
    check_number(99.999999, 5, "100");
    check_number(-1000, 5, "-1000");
    check_number(254176564.107, 4, "254176564.107");
    check_number(1.234567891, 9, "1.234567891");
    check_number(NAN, 5, "");
}

static void check_mw(sim_mw mw, const char *want) {
    static const struct sim_cell scada[] = {
        {"SCADAVALUE", SIM_CELL_MW, .offset = offsetof(struct row, mw)}, {0}};
    static const struct sim_table t = {"DISPATCH", "UNIT_SCADA", scada, give};
    struct row row = {.mw = mw};
    struct buf out = {0}, line = {0};
    buf_printf(&line, "D,DISPATCH,UNIT_SCADA,1,,,%s,\r\n", want);
    assert_string_equal(write_rows(&out, &t, &row, 1, false), buf_cstr(&line));
    buf_free(&line);
    buf_free(&out);
}

static void megawatts_are_whole_hundred_thousandths(void **state) {
    (void)state;
    check_mw(0, "0");
    check_mw(1, "0.00001");
    check_mw(-1, "-0.00001");
    check_mw(100000, "1");
    check_mw(15200001, "152.00001");
    check_mw(-4020000, "-40.2");
    check_mw(INT32_MAX, "21474.83647");
    check_mw(INT32_MIN, "-21474.83648");
}

static void check_text(const char *text, const char *want) {
    static const struct sim_cell own[] = {TEXT, {0}};
    static const struct sim_table t = {"DISPATCH", "LOCAL_PRICE", own, give};
    struct row rows[] = {{.duid = text}, {.duid = text}};
    struct buf out = {0}, lines = {0};
    for (int i = 0; i < 2; i++)
        buf_printf(&lines, "D,DISPATCH,LOCAL_PRICE,1,,%s,,\r\n", want);
    assert_string_equal(write_rows(&out, &t, rows, 2, false), buf_cstr(&lines));
    buf_free(&lines);
    buf_free(&out);
}

static void texts_are_quoted_where_they_have_to_be(void **state) {
    (void)state;
    check_text(NULL, "");
    check_text("", "");
    check_text("W/HOE#2", "W/HOE#2");
    check_text("N>>NIL_33_34", "N>>NIL_33_34");
    check_text("NOT FIRM", "\"NOT FIRM\"");
    check_text("a,b", "\"a,b\"");
    check_text("5\"", "\"5\"\"\"");
    check_text("one\r\ntwo", "\"one\r\ntwo\"");
    check_text("\"\"\"\"\"\"\"\"\"\"\"\"\"\"",
               "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"");
}

static void long_texts_find_room(void **state) {
    (void)state;
    enum { LENGTH = 100000 };
    char *plain = mem_zalloc(LENGTH + 1, 1), *quotes = mem_zalloc(LENGTH + 1, 1);
    char *doubled = mem_zalloc(2 * LENGTH + 3, 1);
    memset(plain, 'x', LENGTH);
    memset(quotes, '"', LENGTH);
    memset(doubled, '"', 2 * LENGTH + 2);
    check_text(plain, plain);
    check_text(quotes, doubled);
    free(plain);
    free(quotes);
    free(doubled);
}

static void times_follow_the_value_of_each_row(void **state) {
    (void)state;
    static const struct sim_cell own[] = {TIME, {0}};
    static const struct sim_table t = {"DISPATCH", "LOCAL_PRICE", own, give};
    aest_us noon = at("2025/08/20 12:00:00"), midnight = at("2025/08/21 00:00:00");
    struct row rows[] = {{.settlementdate = noon},     {.settlementdate = noon},
                         {.settlementdate = 0},        {.settlementdate = noon},
                         {.settlementdate = midnight}, {.settlementdate = midnight - AEST_SECOND}};
    struct buf out = {0};
    assert_string_equal(write_rows(&out, &t, rows, 6, false),
                        "D,DISPATCH,LOCAL_PRICE,1,\"2025/08/20 12:00:00\",,,\r\n"
                        "D,DISPATCH,LOCAL_PRICE,1,\"2025/08/20 12:00:00\",,,\r\n"
                        "D,DISPATCH,LOCAL_PRICE,1,,,,\r\n"
                        "D,DISPATCH,LOCAL_PRICE,1,\"2025/08/20 12:00:00\",,,\r\n"
                        "D,DISPATCH,LOCAL_PRICE,1,\"2025/08/21 00:00:00\",,,\r\n"
                        "D,DISPATCH,LOCAL_PRICE,1,\"2025/08/20 23:59:59\",,,\r\n");
    buf_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_has_a_first_line_tables_and_a_footer),
        cmocka_unit_test(a_table_without_rows_or_header_leaves_no_trace),
        cmocka_unit_test(a_blank_subtable_stays_blank),
        cmocka_unit_test(numbers_are_rounded_and_lose_trailing_zeros),
        cmocka_unit_test(megawatts_are_whole_hundred_thousandths),
        cmocka_unit_test(texts_are_quoted_where_they_have_to_be),
        cmocka_unit_test(long_texts_find_room),
        cmocka_unit_test(times_follow_the_value_of_each_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
