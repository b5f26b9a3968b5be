#include "mms/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mms/scan.h"

/* -- what a file says, as text ---------------------------------------------------------------- */

/* Gives bytes in pieces of at most [piece]. */
struct pieces {
    str rest;
    size_t piece, given;
};

static err *pull_piece(void *context, void *into, size_t capacity, size_t *got) {
    struct pieces *p = context;
    size_t count = p->piece < capacity ? p->piece : capacity;
    err *e = mms_pull_bytes(&p->rest, into, count, got);
    p->given += *got;
    return e;
}

static const size_t piece_sizes[] = {1, 7, 63, 64, 65, 4096, SIZE_MAX};
enum { PIECE_SIZES = sizeof piece_sizes / sizeof *piece_sizes };

static void describe_table(const struct mms_table *t, struct buf *out) {
    buf_printf(out, "table %.*s|%.*s|%d:", STR_ARG(t->report), STR_ARG(t->subtable), t->version);
    for (size_t i = 0; i < t->column_count; i++)
        buf_add_char(out, ' '), buf_add_str(out, t->columns[i]);
    buf_add_char(out, '\n');
}

static void describe_row(const struct mms_row *row, struct buf *out) {
    const struct mms_table *t = row->table;
    buf_printf(out, "%llu %.*s.%.*s.%d", (unsigned long long)row->line, STR_ARG(t->report),
               STR_ARG(t->subtable), t->version);
    for (size_t i = 0; i < t->column_count; i++)
        buf_add_char(out, '|'), buf_add_str(out, mms_field(row, (int)i));
    buf_add_char(out, '\n');
}

/* Reads all of [file] and appends what it holds: a line for each table and each row. Tables whose
 * subtable starts with [skip] are skipped. */
static err *describe(str file, size_t piece, const char *skip, struct buf *out) {
    struct pieces pieces = {file, piece, 0};
    struct mms_reader *reader;
    struct mms_table *table;
    struct mms_row row;
    enum mms_record kind = MMS_ROW;
    err *e = mms_open(pull_piece, &pieces, &reader);
    while (!e && !(e = mms_next(reader, &kind, &table, &row)) && kind != MMS_END) {
        if (kind == MMS_TABLE) {
            table->skip = skip && str_starts(table->subtable, str_from(skip));
            describe_table(table, out);
        } else {
            describe_row(&row, out);
        }
    }
    mms_close(reader);
    return e;
}

/* [file] must read to its end, however its bytes come, and say [want]. */
static void assert_says(str file, const char *skip, const char *want) {
    for (size_t i = 0; i < PIECE_SIZES; i++) {
        struct buf said = {0};
        err *e = describe(file, piece_sizes[i], skip, &said);
        if (e)
            fail_msg("%s, after:\n%s", err_text(e), buf_cstr(&said));
        if (strcmp(buf_cstr(&said), want) != 0)
            fail_msg("in pieces of %zu, the file says\n%s", piece_sizes[i], buf_cstr(&said));
        buf_free(&said);
    }
}

/* [file] must be refused with [message], however its bytes come. */
static void assert_refused(str file, const char *message) {
    for (size_t i = 0; i < PIECE_SIZES; i++) {
        struct buf said = {0};
        err *e = describe(file, piece_sizes[i], "SKIP", &said);
        if (!e)
            fail_msg("\"%.*s\" was taken", STR_ARG(file));
        assert_int_equal(err_kind(e), ERR_INPUT);
        if (strcmp(err_text(e), message) != 0)
            fail_msg("\"%.*s\" was refused with \"%s\"", STR_ARG(file), err_text(e));
        err_free(e);
        buf_free(&said);
    }
}

static void assert_str(str got, const char *want) {
    if (!str_eq(got, str_from(want)))
        fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(got), want);
}

#define FIRST "C,NEMP.WORLD,DISPATCHIS,AEMO,PUBLIC,2025/08/20,18:05:13,0000000476,DISPATCHIS,0000\n"
#define PRICE "I,DISPATCH,PRICE,5,SETTLEMENTDATE,REGIONID,RRP\n"
#define NSW "D,DISPATCH,PRICE,5,\"2025/08/20 18:10:00\",NSW1,104.59\n"
#define QLD "D,DISPATCH,PRICE,5,\"2025/08/20 18:10:00\",QLD1,-12.1\n"
#define FOOTER(count) "C,\"END OF REPORT\"," #count "\n"

#define PRICE_SAYS "table DISPATCH|PRICE|5: SETTLEMENTDATE REGIONID RRP\n"

/* -- what is read ----------------------------------------------------------------------------- */

static void reads_tables_and_rows(void **state) {
    (void)state;
    assert_says(STR(FIRST PRICE NSW QLD "I,DISPATCH,REGIONSUM,9,REGIONID,TOTALDEMAND\n"
                                        "D,DISPATCH,REGIONSUM,9,SA1,\n" FOOTER(7)),
                NULL,
                PRICE_SAYS "3 DISPATCH.PRICE.5|2025/08/20 18:10:00|NSW1|104.59\n"
                           "4 DISPATCH.PRICE.5|2025/08/20 18:10:00|QLD1|-12.1\n"
                           "table DISPATCH|REGIONSUM|9: REGIONID TOTALDEMAND\n"
                           "6 DISPATCH.REGIONSUM.9|SA1|\n");
}

static void a_file_can_hold_nothing(void **state) {
    (void)state;
    assert_says(STR(FIRST FOOTER(2)), NULL, "");
    assert_says(STR(FIRST PRICE FOOTER(3)), NULL, PRICE_SAYS);
}

static void the_first_line_says_when_it_was_published(void **state) {
    (void)state;
    str file = STR(FIRST FOOTER(2));
    struct mms_reader *reader;
    aest_us want;
    assert_null(mms_open(mms_pull_bytes, &file, &reader));
    assert_true(aest_parse_mms(STR("2025/08/20 18:05:13"), &want));
    assert_int_equal(mms_published(reader), want);
    mms_close(reader);
    mms_close(NULL);
}

static void line_ends_of_any_kind_are_none_of_the_fields(void **state) {
    (void)state;
    static const char *const ends[] = {"\n", "\r\n"};
    for (unsigned kinds = 0; kinds < 64; kinds++) {
        struct buf file = {0};
        str rest = STR(FIRST PRICE NSW QLD FOOTER(5));
        for (int i = 0; i < 5; i++) {
            buf_add_str(&file, str_cut(&rest, '\n'));
            if (i < 4 || kinds < 32) /* the last line end may be missing */
                buf_add_str(&file, str_from(ends[kinds >> i & 1]));
        }
        assert_says(buf_str(&file), NULL,
                    PRICE_SAYS "3 DISPATCH.PRICE.5|2025/08/20 18:10:00|NSW1|104.59\n"
                               "4 DISPATCH.PRICE.5|2025/08/20 18:10:00|QLD1|-12.1\n");
        buf_free(&file);
    }
}

static void a_carriage_return_within_a_row_belongs_to_its_field(void **state) {
    (void)state;
    assert_says(STR(FIRST "I,A,B,1,X,Y\n"
                          "D,A,B,1,a\rb,\"c\r\"\r\n"
                          "D,A,B,1,\r,\r\r\n"
                          "D,A,B,1,,\r\n" FOOTER(6)),
                NULL, "table A|B|1: X Y\n3 A.B.1|a\rb|c\r\n4 A.B.1|\r|\r\n5 A.B.1||\n");
}

static void quotes_hold_commas_quotes_and_line_ends(void **state) {
    (void)state;
    assert_says(STR(FIRST "I,OFFER,BIDS,1,DUID,REBIDEXPLANATION,X\n"
                          "D,OFFER,BIDS,1,W/HOE#2,\"0600 A, B,,C\",1\n"
                          "D,OFFER,BIDS,1,A,\"say \"\"no\"\", now\",2\n"
                          "D,OFFER,BIDS,1,B,\"\",3\n"
                          "D,OFFER,BIDS,1,C,\"\"\"\",4\n"
                          "D,OFFER,BIDS,1,D,\"two\nlines\r\nand three\",5\n"
                          "D,OFFER,BIDS,1,E,\"D,OFFER,BIDS,1,\n\",6\n"
                          "D,OFFER,BIDS,1,\"F\",in\"side,s\",\"\"\n" FOOTER(10)),
                NULL,
                "table OFFER|BIDS|1: DUID REBIDEXPLANATION X\n"
                "3 OFFER.BIDS.1|W/HOE#2|0600 A, B,,C|1\n"
                "4 OFFER.BIDS.1|A|say \"\"no\"\", now|2\n"
                "5 OFFER.BIDS.1|B||3\n"
                "6 OFFER.BIDS.1|C|\"\"|4\n"
                "9 OFFER.BIDS.1|D|two\nlines\r\nand three|5\n"
                "11 OFFER.BIDS.1|E|D,OFFER,BIDS,1,\n|6\n"
                "12 OFFER.BIDS.1|F|in\"side,s\"|\n");
}

static void doubled_quotes_are_made_single(void **state) {
    (void)state;
    static const struct {
        const char *field, *text;
    } cases[] = {{"", ""},
                 {"plain", "plain"},
                 {"say \"\"no\"\"", "say \"no\""},
                 {"\"\"", "\""},
                 {"\"\"\"\"", "\"\""},
                 {"\"\"a", "\"a"},
                 {"a\"\"", "a\""},
                 {"a\"b", "a\"b"},
                 {"\"", "\""},
                 {"a\"\"\"b", "a\"\"b"}};
    struct arena a = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_str(mms_unquote(&a, str_from(cases[i].field)), cases[i].text);
    assert_null(mms_unquote(&a, (str){0}).at);
    str plain = STR("a, b");
    assert_ptr_equal(mms_unquote(&a, plain).at, plain.at); /* no copy where none is needed */
    arena_free(&a);
}

static void the_footer_may_count_records_or_lines(void **state) {
    (void)state;
#define NOTICE                                                                                     \
    FIRST "I,MARKET,NOTICE,1,TEXT\n"                                                               \
          "D,MARKET,NOTICE,1,\"one\ntwo\nthree\"\n"
    static const char want[] = "table MARKET|NOTICE|1: TEXT\n5 MARKET.NOTICE.1|one\ntwo\nthree\n";
    assert_says(STR(NOTICE FOOTER(4)), NULL, want);
    assert_says(STR(NOTICE FOOTER(6)), NULL, want);
    assert_refused(STR(NOTICE FOOTER(5)), "the footer says 5 lines, the file has 4");
    assert_refused(STR(NOTICE FOOTER(7)), "the footer says 7 lines, the file has 4");
    /* the same when the rows are passed over */
    assert_says(STR(NOTICE FOOTER(4)), "NOTICE", "table MARKET|NOTICE|1: TEXT\n");
    assert_says(STR(NOTICE FOOTER(6)), "NOTICE", "table MARKET|NOTICE|1: TEXT\n");
}

static void the_subtable_can_be_blank(void **state) {
    (void)state;
    assert_says(STR(FIRST "I,DREGION,,3,X\nD,DREGION,,3,1\nI,TINT,,1,Y\nD,TINT,,1,2\n" FOOTER(6)),
                NULL, "table DREGION||3: X\n3 DREGION..3|1\ntable TINT||1: Y\n5 TINT..1|2\n");
}

static void versions_of_a_table_are_tables_of_their_own(void **state) {
    (void)state;
    assert_says(STR(FIRST "I,DREGION,,2,X,Y\nD,DREGION,,2,1,2\n"
                          "I,DREGION,,3,Y\nD,DREGION,,3,4\nD,DREGION,,2,5,6\n"
                          "I,DREGION,,23,Z\nD,DREGION,,23,7\nD,DREGION,,2,8,9\n" FOOTER(10)),
                NULL,
                "table DREGION||2: X Y\n3 DREGION..2|1|2\ntable DREGION||3: Y\n"
                "5 DREGION..3|4\n6 DREGION..2|5|6\n"
                "table DREGION||23: Z\n8 DREGION..23|7\n9 DREGION..2|8|9\n");
}

static void rows_may_return_to_an_earlier_table(void **state) {
    (void)state;
    assert_says(STR(FIRST "I,A,ONE,1,X\nI,A,TWO,1,X,Y\nD,A,ONE,1,1\nD,A,TWO,1,2,3\n"
                          "D,A,ONE,1,4\nD,A,ONE,1,5\nD,A,TWO,1,6,7\n" FOOTER(9)),
                NULL,
                "table A|ONE|1: X\ntable A|TWO|1: X Y\n4 A.ONE.1|1\n5 A.TWO.1|2|3\n"
                "6 A.ONE.1|4\n7 A.ONE.1|5\n8 A.TWO.1|6|7\n");
}

static void a_header_that_comes_again_replaces_the_earlier_one(void **state) {
    (void)state;
    assert_says(STR(FIRST "I,A,B,1,X\nD,A,B,1,1\nI,A,C,1,Z\nI,A,B,1,Y,X\nD,A,B,1,2,3\n"
                          "D,A,C,1,4\nD,A,B,1,5,6\n" FOOTER(9)),
                NULL,
                "table A|B|1: X\n3 A.B.1|1\ntable A|C|1: Z\ntable A|B|1: Y X\n"
                "6 A.B.1|2|3\n7 A.C.1|4\n8 A.B.1|5|6\n");
}

static void skipped_rows_are_passed_over(void **state) {
    (void)state;
    assert_says(STR(FIRST "I,A,SKIP1,1,X\nD,A,SKIP1,1,1\nD,A,SKIP1,1,\"a,\nb\"\n"
                          "I,A,TAKE1,1,X,Y\nD,A,TAKE1,1,1,2\n"
                          "D,A,SKIP1,1,2\nD,A,TAKE1,1,\"3,\",4\n" /* back from a skipped table */
                          "I,A,SKIP2,1,X\nD,A,SKIP1,1,3\nD,A,SKIP2,1,4\n" /* from one to another */
                          "D,A,TAKE1,1,5,\"6\"\r\n"
                          "D,A,SKIP2,1,5\n"
                          "I,A,TAKE2,1,Z\nD,A,TAKE2,1,7\nD,A,SKIP2,1,\"\"\nD,A,TAKE2,1,\n"
                          "D,A,SKIP1,1,4\n" FOOTER(20)),
                "SKIP",
                "table A|SKIP1|1: X\ntable A|TAKE1|1: X Y\n7 A.TAKE1.1|1|2\n"
                "9 A.TAKE1.1|3,|4\ntable A|SKIP2|1: X\n13 A.TAKE1.1|5|6\n"
                "table A|TAKE2|1: Z\n16 A.TAKE2.1|7\n18 A.TAKE2.1|\n");
}

static void blank_lines_and_remarks_are_passed_over(void **state) {
    (void)state;
    assert_says(STR(FIRST "\n" PRICE "\r\nC,a remark\n" NSW "\n\n" FOOTER(5) "\n\r\n"), NULL,
                PRICE_SAYS "6 DISPATCH.PRICE.5|2025/08/20 18:10:00|NSW1|104.59\n");
}

static void header_fields_lose_quotes_and_blanks(void **state) {
    (void)state;
    assert_says(STR(FIRST "I,A,B,1,\"X\", Y ,Z\r\nD,A,B,1, 1 ,2,3\n" FOOTER(4)), NULL,
                "table A|B|1: X Y Z\n3 A.B.1| 1 |2|3\n");
}

static void columns_are_found_by_name_in_any_case(void **state) {
    (void)state;
    str file = STR(FIRST "I,A,B,1,AGGEGATEDISPATCHERROR,RRP,rrp,RR\n" FOOTER(3));
    struct mms_reader *reader;
    struct mms_table *table;
    struct mms_row row;
    enum mms_record kind;
    assert_null(mms_open(mms_pull_bytes, &file, &reader));
    assert_null(mms_next(reader, &kind, &table, &row));
    assert_int_equal(kind, MMS_TABLE);
    assert_int_equal(mms_column(table, STR("RRP")), 1);
    assert_int_equal(mms_column(table, STR("Rrp")), 1);
    assert_int_equal(mms_column(table, STR("RR")), 3);
    assert_int_equal(mms_column(table, STR("aggegatedispatcherror")), 0);
    assert_int_equal(mms_column(table, STR("AGGREGATEDISPATCHERROR")), -1);
    assert_int_equal(mms_column(table, STR("")), -1);
    mms_close(reader);
}

static void more_tables_than_any_file_has_are_refused(void **state) {
    (void)state;
    struct buf file = {0};
    struct mms_table *table;
    struct mms_reader *reader;
    struct mms_row row;
    enum mms_record kind;
    buf_add_str(&file, STR(FIRST));
    for (int i = 0; i <= MMS_TABLES; i++)
        buf_printf(&file, "I,A,T%d,1,X\n", i);
    str bytes = buf_str(&file);
    assert_null(mms_open(mms_pull_bytes, &bytes, &reader));
    for (int i = 0; i < MMS_TABLES; i++)
        assert_null(mms_next(reader, &kind, &table, &row));
    err *e = mms_next(reader, &kind, &table, &row);
    assert_non_null(e);
    assert_int_equal(err_kind(e), ERR_INPUT);
    err_free(e);
    mms_close(reader);
    buf_free(&file);
}

static void columns_stay_valid_until_the_reader_is_closed(void **state) {
    (void)state;
    enum { TABLES = MMS_TABLES };
    struct buf file = {0};
    struct mms_table *tables[TABLES];
    struct mms_reader *reader;
    struct mms_row row;
    enum mms_record kind;
    buf_add_str(&file, STR(FIRST));
    for (int i = 0; i < TABLES; i++)
        buf_printf(&file, "I,A,T%d,1,X%d,Y\n", i, i);
    buf_printf(&file, "C,END OF REPORT,%d\n", TABLES + 2);
    struct pieces pieces = {buf_str(&file), 100, 0};
    assert_null(mms_open(pull_piece, &pieces, &reader));
    for (int i = 0; i < TABLES; i++)
        assert_null(mms_next(reader, &kind, &tables[i], &row));
    for (int i = 0; i < TABLES; i++) {
        char want[16];
        snprintf(want, sizeof want, "X%d", i);
        assert_str(tables[i]->columns[0], want);
    }
    assert_null(mms_next(reader, &kind, &tables[0], &row));
    assert_int_equal(kind, MMS_END);
    assert_null(mms_next(reader, &kind, &tables[0], &row)); /* and it stays at the end */
    assert_int_equal(kind, MMS_END);
    mms_close(reader);
    buf_free(&file);
}

/* -- what is refused -------------------------------------------------------------------------- */

static void what_is_no_mms_file_is_refused(void **state) {
    (void)state;
    static const char no_mms[] = "line 1: not an MMS file: it doesn't start with a C record";
    static const char no_date[] = "line 1: no publication date and time in fields 6 and 7";
    assert_refused((str){0}, "the file is empty");
    assert_refused(STR("\n\r\n\n"), "the file is empty");
    assert_refused(STR("<html><body>\n<h1>403 - Forbidden</h1>\n</body></html>\n"), no_mms);
    assert_refused(STR("PK\3\4\24\0\0\0\10\0"), no_mms);
    assert_refused(STR("SETTLEMENTDATE,REGIONID,RRP\n"), no_mms);
    assert_refused(STR(PRICE NSW), no_mms);
    assert_refused(STR("C"), no_mms);
    assert_refused(STR("C,\n"), no_mms);
    assert_refused(STR("C,NEMP.WORLD,X,AEMO,PUBLIC,2025/08/20\n"), no_mms);
    assert_refused(STR("\xef\xbb\xbf" FIRST FOOTER(2)), no_mms);
    assert_refused(STR(" " FIRST FOOTER(2)), no_mms);
    assert_refused(STR("C,,,,,,\n"), no_date);
    assert_refused(STR("C,N,X,A,P,2025/02/30,18:05:13\n"), no_date);
    assert_refused(STR("C,N,X,A,P,2025/08/20,18:05\n"), no_date);
    assert_refused(STR("C,N,X,A,P,2025/08/20 18:05:13,18:05:13\n"), no_date);
}

static void rows_that_contradict_their_header_are_refused(void **state) {
    (void)state;
    assert_refused(STR(FIRST NSW FOOTER(3)), "line 2: a row of a table that has no header");
    assert_refused(STR(FIRST PRICE "D,DISPATCH,PRICE,4,1,2,3\n" FOOTER(4)),
                   "line 3: a row of a table that has no header");
    assert_refused(STR(FIRST PRICE "D,DISPATCH,PRICES,5,1,2,3\n" FOOTER(4)),
                   "line 3: a row of a table that has no header");
    assert_refused(STR(FIRST PRICE "D,DISPATCH,PRICE,5\n" FOOTER(4)),
                   "line 3: a row of a table that has no header");
    assert_refused(STR(FIRST PRICE "D,\n" FOOTER(4)),
                   "line 3: a row of a table that has no header");
    assert_refused(STR(FIRST PRICE NSW "D,DISPATCH,PRICE,5,1,2\n" FOOTER(5)),
                   "line 4: 6 fields, its header has 7");
    assert_refused(STR(FIRST PRICE "D,DISPATCH,PRICE,5,\"a\nb\",2,3\nD,DISPATCH,PRICE,5,1,2,3,\n"),
                   "line 5: 8 fields, its header has 7");
    assert_refused(STR(FIRST PRICE "D,DISPATCH,PRICE,5,\n" FOOTER(4)),
                   "line 3: 5 fields, its header has 7");
    /* rows that return from a skipped table are held to the same */
    assert_refused(STR(FIRST PRICE "I,A,SKIP,1,X\nD,A,SKIP,1,1\nD,DISPATCH,PRICE,5,1,2\n"),
                   "line 5: 6 fields, its header has 7");
    assert_refused(STR(FIRST PRICE "I,A,SKIP,1,X\nD,DISPATCH,PRICE,6,1,2,3\n"),
                   "line 4: a row of a table that has no header");
}

static void headers_without_sense_are_refused(void **state) {
    (void)state;
    assert_refused(STR(FIRST "I,A,B,1\n"), "line 2: a header without columns");
    assert_refused(STR(FIRST "I,\n"), "line 2: a header without columns");
    assert_refused(STR(FIRST "I,A,B,x,X\n"), "line 2: the header's version is not a number");
    assert_refused(STR(FIRST "I,A,B,,X\n"), "line 2: the header's version is not a number");
    assert_refused(STR(FIRST "I,A,B,-1,X\n"), "line 2: the header's version is not a number");
    assert_refused(STR(FIRST "I,A,B,32768,X\n"), "line 2: the header's version is not a number");
}

static void unknown_records_are_refused(void **state) {
    (void)state;
    static const char what[] = "line 3: neither a C, an I nor a D record";
    assert_refused(STR(FIRST PRICE "X,1\n" FOOTER(4)), what);
    assert_refused(STR(FIRST PRICE "d,DISPATCH,PRICE,5,1,2,3\n"), what);
    assert_refused(STR(FIRST PRICE " " NSW), what);
    assert_refused(STR(FIRST PRICE "D\n"), what);
    assert_refused(STR(FIRST PRICE "C\n"), what);
    assert_refused(STR(FIRST PRICE "\"D\",DISPATCH,PRICE,5,1,2,3\n"), what);
    assert_refused(STR(FIRST PRICE "<html>\n"), what);
    assert_refused(STR(FIRST PRICE "\0\n"), what);
}

static void a_footer_that_is_missing_or_wrong_is_refused(void **state) {
    (void)state;
    assert_refused(STR(FIRST), "cut short after line 1: there is no END OF REPORT");
    assert_refused(STR(FIRST PRICE NSW), "cut short after line 3: there is no END OF REPORT");
    assert_refused(STR(FIRST PRICE NSW FOOTER(3)), "the footer says 3 lines, the file has 4");
    assert_refused(STR(FIRST PRICE NSW FOOTER(5)), "the footer says 5 lines, the file has 4");
    assert_refused(STR(FIRST PRICE NSW FOOTER(0)), "the footer says 0 lines, the file has 4");
    assert_refused(STR(FIRST "C,\"END OF REPORT\"\n"), "line 2: the footer has no count");
    assert_refused(STR(FIRST "C,\"END OF REPORT\",\n"), "line 2: the footer has no count");
    assert_refused(STR(FIRST "C,\"END OF REPORT\",2x\n"), "line 2: the footer has no count");
    assert_refused(STR(FIRST "C,\"END OF REPORTS\",2\n"),
                   "cut short after line 2: there is no END OF REPORT");
}

static void text_after_the_footer_is_refused(void **state) {
    (void)state;
    static const char what[] = "line 4: text after END OF REPORT";
    assert_refused(STR(FIRST PRICE FOOTER(3) NSW), what);
    assert_refused(STR(FIRST PRICE FOOTER(3) FOOTER(4)), what);
    assert_refused(STR(FIRST PRICE FOOTER(3) "C,\n"), what);
    assert_refused(STR(FIRST PRICE FOOTER(3) "x"), what);
}

static void quotes_left_open_are_refused(void **state) {
    (void)state;
    assert_refused(STR(FIRST PRICE "D,DISPATCH,PRICE,5,\"2025\n" NSW FOOTER(5)),
                   "line 3: a quote is never closed");
    assert_refused(STR(FIRST "C,\"END OF REPORT"), "line 2: a quote is never closed");
    assert_refused(STR("C,\""), "line 1: a quote is never closed");
    assert_refused(STR("C,\"\n"), "line 1: a quote is never closed");
}

/* Every proper beginning of a good file, but for those that only lack the last line end. */
static void every_truncation_is_refused(void **state) {
    (void)state;
    static const char *const files[] = {
        FIRST PRICE NSW QLD "I,A,SKIP,1,X\nD,A,SKIP,1,\"a,\nb\"\nD,A,SKIP,1,2\n"
                            "D,DISPATCH,PRICE,5,\"a \"\"b\"\"\nc\",,\n" FOOTER(9),
        "C,SETP.WORLD,X,AEMO,PUBLIC,2024/09/01,00:00:00\nI,A,B,1,X\r\nD,A,B,1,\"1\n2\"\r\n"
        "D,A,B,1,3\r\nD,A,B,1,4\r\nD,A,B,1,5\r\nD,A,B,1,6\r\nD,A,B,1,7\r\nD,A,B,1,8\r\n"
        "D,A,B,1,9\r\nD,A,B,1,0\r\nC,\"END OF REPORT\",12\r\n",
    };
    for (size_t f = 0; f < 2; f++) {
        for (const char *cut = files[f]; cut <= files[f] + strlen(files[f]); cut++) {
            str beginning = {files[f], (size_t)(cut - files[f])};
            bool complete =
                strcmp(cut, "") == 0 || strcmp(cut, "\n") == 0 || strcmp(cut, "\r\n") == 0;
            for (size_t i = 1; i < PIECE_SIZES; i += 5) {
                struct buf said = {0};
                err *e = describe(beginning, piece_sizes[i], "SKIP", &said);
                if (complete != !e)
                    fail_msg("%zu bytes: %s", beginning.len, e ? err_text(e) : "was taken");
                if (e)
                    assert_int_equal(err_kind(e), ERR_INPUT);
                err_free(e);
                buf_free(&said);
            }
        }
    }
}

static err *refuse_to_pull(void *context, void *into, size_t capacity, size_t *got) {
    str *rest = context;
    if (rest->len)
        return mms_pull_bytes(context, into, capacity, got);
    return err_new(ERR_NETWORK, "the line is down");
}

static void an_error_of_the_pull_is_handed_on(void **state) {
    (void)state;
    static const str files[] = {{"", 0}, {FIRST PRICE NSW, sizeof FIRST PRICE NSW - 1}};
    for (size_t i = 0; i < 2; i++) {
        str rest = files[i];
        struct mms_reader *reader;
        struct mms_table *table;
        struct mms_row row;
        enum mms_record kind;
        err *e = mms_open(refuse_to_pull, &rest, &reader);
        while (!e)
            e = mms_next(reader, &kind, &table, &row);
        assert_int_equal(err_kind(e), ERR_NETWORK);
        assert_string_equal(err_text(e), "the line is down");
        err_free(e);
        mms_close(reader);
    }
}

/* -- limits ----------------------------------------------------------------------------------- */

/* A file of a header with [columns] and a row with [fields], each [width] bytes wide. */
static void write_wide(struct buf *file, const char *subtable, int columns, int fields, int width) {
    buf_add_str(file, STR(FIRST "I,A,"));
    buf_printf(file, "%s,1", subtable);
    for (int i = 0; i < columns; i++)
        buf_printf(file, ",%0*d", width, i % 10);
    buf_printf(file, "\nD,A,%s,1", subtable);
    for (int i = 0; i < fields; i++)
        buf_printf(file, ",%0*d", width, i % 7);
    buf_add_str(file, STR("\nC,\"END OF REPORT\",4\n"));
}

static void as_many_columns_as_promised_are_read_and_no_more(void **state) {
    (void)state;
    for (int width = 1; width <= 12; width++) { /* commas at every place of a block */
        struct buf file = {0}, said = {0};
        write_wide(&file, "B", MMS_COLUMNS, MMS_COLUMNS, width);
        err *e = describe(buf_str(&file), 64, NULL, &said);
        if (e)
            fail_msg("%s", err_text(e));
        size_t fields = 0;
        str row = buf_str(&said);
        str_cut(&row, '\n');
        for (str_cut(&row, '|'); row.len; fields++) {
            str field = str_cut(&row, row.len > (size_t)width + 1 ? '|' : '\n');
            assert_int_equal(field.len, width);
            assert_int_equal(field.at[width - 1], '0' + fields % 7);
        }
        assert_int_equal(fields, MMS_COLUMNS);

        file.len = 0;
        write_wide(&file, "B", MMS_COLUMNS + 1, 1, width);
        assert_refused(buf_str(&file), "line 2: more than 512 columns");
        file.len = 0;
        write_wide(&file, "B", MMS_COLUMNS, MMS_COLUMNS + 1, width);
        assert_refused(buf_str(&file), "line 3: more than 512 columns");
        file.len = 0; /* the fields of a skipped row aren't looked for */
        write_wide(&file, "SKIP", 1, MMS_COLUMNS * 3, width);
        said.len = 0;
        assert_null(describe(buf_str(&file), 65, "SKIP", &said));
        buf_free(&file);
        buf_free(&said);
    }
}

static void a_wide_row_after_a_skipped_table_is_refused(void **state) {
    (void)state;
    struct buf file = {0};
    buf_add_str(&file, STR(FIRST "I,A,B,1,X\nI,A,SKIP,1,X\nD,A,B,1"));
    for (int i = 0; i <= MMS_COLUMNS; i++)
        buf_add_str(&file, STR(",1"));
    buf_add_str(&file, STR("\n" FOOTER(5)));
    assert_refused(buf_str(&file), "line 4: more than 512 columns");
    buf_free(&file);
}

/* A file whose third line is [length] bytes long, its line end included. */
static void write_long(struct buf *file, size_t length, bool quoted) {
    static const char start[] = "D,A,B,1,";
    buf_add_str(file, STR(FIRST "I,A,B,1,X\n"));
    size_t end = file->len + length - 1;
    buf_add(file, start, sizeof start - 1);
    if (quoted)
        buf_add_char(file, '"');
    while (file->len < end - quoted)
        buf_add_char(file, quoted && file->len % 100 == 0 ? ',' : 'x');
    if (quoted)
        buf_add_char(file, '"');
    buf_add_str(file, STR("\nC,\"END OF REPORT\",4\n"));
}

static void rows_as_long_as_promised_are_read_and_no_longer(void **state) {
    (void)state;
    static const size_t lengths[] = {(256 << 10) - 1, 256 << 10,           (256 << 10) + 1,
                                     (512 << 10) + 1, MMS_LONGEST_ROW - 1, MMS_LONGEST_ROW};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct buf file = {0}, said = {0};
        write_long(&file, lengths[i], i % 2);
        err *e = describe(buf_str(&file), i % 3 ? SIZE_MAX : 4096, NULL, &said);
        if (e)
            fail_msg("%zu bytes: %s", lengths[i], err_text(e));
        const char *row = strchr(buf_cstr(&said), '|');
        row = strchr(row + 1, '\n'); /* of the table's line */
        assert_non_null(row);
        assert_int_equal(strlen(strchr(row, '|') + 1), lengths[i] - 8 - 2 * (i % 2));
        buf_free(&file);
        buf_free(&said);
    }
    for (size_t more = 1; more < 1 << 20; more = more * 37 + 1) {
        struct buf file = {0}, said = {0};
        write_long(&file, MMS_LONGEST_ROW + more, more % 2);
        err *e = describe(buf_str(&file), SIZE_MAX, NULL, &said);
        assert_non_null(e);
        assert_string_equal(err_text(e),
                            "line 3: a row of over 1048576 bytes (a quote left open?)");
        err_free(e);
        buf_free(&file);
        buf_free(&said);
    }
}

static void an_open_quote_does_not_read_all_of_a_large_file(void **state) {
    (void)state;
    struct buf file = {0};
    struct mms_reader *reader;
    struct mms_table *table;
    struct mms_row row;
    enum mms_record kind;
    buf_add_str(&file, STR(FIRST PRICE "D,DISPATCH,PRICE,5,\"2025,NSW1,1\n"));
    while (file.len < 8 << 20)
        buf_add_str(&file, STR(NSW));
    struct pieces pieces = {buf_str(&file), 32768, 0};
    assert_null(mms_open(pull_piece, &pieces, &reader));
    assert_null(mms_next(reader, &kind, &table, &row));
    err *e = mms_next(reader, &kind, &table, &row);
    assert_non_null(e);
    assert_non_null(strstr(err_text(e), "a quote left open?"));
    assert_true(pieces.given <= MMS_LONGEST_ROW + 65536);
    err_free(e);
    mms_close(reader);
    buf_free(&file);
}

/* -- against a plain parser ------------------------------------------------------------------- */

/* What describe() says of a good file of the table A,B,1, byte by byte: a quote opens or closes,
 * and outside quotes a comma ends a field and a line end a row. */
static void describe_plainly(str file, struct buf *out) {
    size_t start = 0, field = 0, row_start = 0;
    uint64_t line = 0;
    bool open = false;
    struct buf row = {0};
    for (size_t i = 0; i < file.len; i++) {
        char c = file.at[i];
        line += c == '\n';
        if (c == '"')
            open = !open;
        if (open || (c != ',' && c != '\n'))
            continue;
        str text = {file.at + start, i - start};
        if (c == '\n' && text.len && text.at[text.len - 1] == '\r')
            text.len--;
        if (text.len >= 2 && text.at[0] == '"' && text.at[text.len - 1] == '"')
            text = (str){text.at + 1, text.len - 2};
        if (field >= 4)
            buf_add_char(&row, '|'), buf_add_str(&row, text);
        start = i + 1;
        field++;
        if (c == '\n') {
            if (file.at[row_start] == 'D') {
                buf_printf(out, "%llu A.B.1", (unsigned long long)line);
                buf_add_str(out, buf_str(&row));
                buf_add_char(out, '\n');
            }
            field = 0, row.len = 0, row_start = start;
        }
    }
    buf_free(&row);
}

/* A file of the table A,B,1 with two columns. */
struct file {
    struct buf text;
    int records;
};

static void begin_file(struct file *f) {
    f->text.len = 0;
    f->records = 2;
    buf_add_str(&f->text, STR(FIRST "I,A,B,1,X,Y\n"));
}

static void begin_row(struct file *f) {
    buf_add_str(&f->text, STR("D,A,B,1,"));
    f->records++;
}

static void end_file(struct file *f) {
    buf_printf(&f->text, "C,\"END OF REPORT\",%d\n", f->records + 1);
}

static void assert_same_as_plainly(const struct file *f, size_t piece) {
    struct buf said = {0}, plain = {0};
    buf_add_str(&plain, STR("table A|B|1: X Y\n"));
    describe_plainly(buf_str(&f->text), &plain);
    err *e = describe(buf_str(&f->text), piece, NULL, &said);
    if (e)
        fail_msg("in pieces of %zu: %s", piece, err_text(e));
    size_t same = 0;
    while (same < said.len && same < plain.len && said.at[same] == plain.at[same])
        same++;
    if (same != said.len || same != plain.len)
        fail_msg("in pieces of %zu, it reads \"%.60s\", not \"%.60s\"", piece,
                 buf_cstr(&said) + same, buf_cstr(&plain) + same);
    buf_free(&said);
    buf_free(&plain);
}

/* A quoted field of [length] between its quotes, with [special] at [place]. */
static void add_quoted(struct buf *out, size_t length, size_t place, const char *special) {
    buf_add_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (i == place)
            buf_add_str(out, str_from(special));
        else
            buf_add_char(out, (char)('a' + i % 26));
    }
    buf_add_char(out, '"');
}

enum { LONGEST_FIELD = 200 };

static void fields_of_every_length_cross_the_blocks(void **state) {
    (void)state;
    static const char *const ends[] = {"\n", "\r\n", ",", ",\"\"", ",\",\n\""};
    struct file f = {0};
    begin_file(&f);
    for (size_t length = 0; length <= LONGEST_FIELD; length++) {
        for (int shape = 0; shape < 10; shape++) {
            const char *end = ends[shape / 2];
            begin_row(&f);
            if (shape % 2)
                add_quoted(&f.text, length, SIZE_MAX, "");
            else
                for (size_t i = 0; i < length; i++)
                    buf_add_char(&f.text, 'p');
            if (end[0] != ',')
                buf_add_char(&f.text, ',');
            buf_add_str(&f.text, str_from(end));
            if (end[0] == ',')
                buf_add_char(&f.text, '\n');
        }
    }
    end_file(&f);
    for (size_t i = 0; i < PIECE_SIZES; i++)
        assert_same_as_plainly(&f, piece_sizes[i]);
    buf_free(&f.text);
}

static void quotes_at_every_place_cross_the_blocks(void **state) {
    (void)state;
    static const char *const specials[] = {"\"\"", ",", "\n", "\"\",\"\"\n\"\""};
    struct file f = {0};
    for (size_t s = 0; s < sizeof specials / sizeof *specials; s++) {
        begin_file(&f);
        for (size_t length = 1; length <= LONGEST_FIELD; length += 1 + s % 2) {
            for (size_t place = 0; place < length; place++) {
                begin_row(&f);
                add_quoted(&f.text, length, place, specials[s]);
                buf_add_str(&f.text, place % 2 ? STR(",y\n") : STR(",\"y\"\r\n"));
            }
        }
        end_file(&f);
        assert_same_as_plainly(&f, SIZE_MAX);
        assert_same_as_plainly(&f, 65);
    }
    buf_free(&f.text);
}

/* Rows of one length put the buffer's end at another place of a row in each of these files. */
static void rows_cross_the_end_of_the_buffer_at_every_place(void **state) {
    (void)state;
    enum { BUFFER = 256 << 10, PLACES = 140 };
    struct file f = {0};
    for (int place = 0; place < PLACES; place++) {
        begin_file(&f);
        begin_row(&f);
        while (f.text.len < BUFFER - 150 - PLACES + (size_t)place)
            buf_add_char(&f.text, 'f');
        buf_add_str(&f.text, STR(",long\n"));
        for (int i = 0; i < 8; i++) {
            begin_row(&f);
            buf_add_str(&f.text, STR("\"a, \"\"b\"\"\n c\",\"2025/08/20 18:10:00\"\r\n"));
        }
        end_file(&f);
        assert_true(f.text.len > BUFFER);
        assert_same_as_plainly(&f, SIZE_MAX);
    }
    buf_free(&f.text);
}

/* xorshift64*: the same numbers in every run. */
static uint64_t next_random(uint64_t *seed) {
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(2685821657736338717);
}

static size_t below(uint64_t *seed, size_t limit) {
    return (size_t)(next_random(seed) >> 33) % limit;
}

static void rows_of_random_bytes_read_as_plainly(void **state) {
    (void)state;
    uint64_t seed = 20250820;
    struct file f = {0};
    for (int round = 0; round < 150; round++) {
        begin_file(&f);
        for (size_t rows = below(&seed, 60); rows > 0; rows--) {
            begin_row(&f);
            for (int field = 0; field < 2; field++) {
                static const char *const quoted[] = {",", "\n", "\r\n", "\"\"", "x", "\xff"};
                static const char *const plain[] = {" ", "\r", "x", "\x80", "\xac", "#"};
                bool in_quotes = below(&seed, 2);
                if (in_quotes)
                    buf_add_char(&f.text, '"');
                for (size_t i = below(&seed, below(&seed, 5) ? 20 : 300); i > 0; i--)
                    buf_add_str(&f.text, str_from((in_quotes ? quoted : plain)[below(&seed, 6)]));
                if (in_quotes)
                    buf_add_char(&f.text, '"');
                buf_add_str(&f.text, field == 0        ? STR(",")
                                     : below(&seed, 2) ? STR("\n")
                                                       : STR("\r\n"));
            }
        }
        end_file(&f);
        assert_same_as_plainly(&f, 1 + below(&seed, 200));
        assert_same_as_plainly(&f, SIZE_MAX);
    }
    buf_free(&f.text);
}

/* -- the scanner itself ----------------------------------------------------------------------- */

static void masks_stand_for_bytes(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        static const char likely[] = "\",\n-\x0b\x8a\xac\xa2\x02#!\x2d\x0a\x2c\x22\x7f";
        char block[SCAN_BYTES + 1];
        uint64_t quote = 0, comma = 0, newline = 0;
        for (int i = 0; i < SCAN_BYTES; i++) {
            char c = round % 2 ? likely[below(&seed, sizeof likely)] : (char)next_random(&seed);
            block[1 + i] = c;
            quote |= (uint64_t)(c == '"') << i;
            comma |= (uint64_t)(c == ',') << i;
            newline |= (uint64_t)(c == '\n') << i;
        }
        struct scan_masks m = scan_block(block + 1); /* not aligned */
        assert_true(m.quote == quote && m.comma == comma && m.newline == newline);
    }
}

static void parity_runs_from_the_lowest_bit(void **state) {
    (void)state;
    uint64_t seed = 2;
    assert_true(scan_parity(0) == 0);
    assert_true(scan_parity(1) == UINT64_MAX);
    assert_true(scan_parity(UINT64_C(1) << 63) == UINT64_C(1) << 63);
    for (int round = 0; round < 10000; round++) {
        uint64_t bits = next_random(&seed), want = 0, odd = 0;
        bits &= next_random(&seed);
        for (int i = 0; i < 64; i++) {
            odd ^= bits >> i & 1;
            want |= odd << i;
        }
        assert_true(scan_parity(bits) == want);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_tables_and_rows),
        cmocka_unit_test(a_file_can_hold_nothing),
        cmocka_unit_test(the_first_line_says_when_it_was_published),
        cmocka_unit_test(line_ends_of_any_kind_are_none_of_the_fields),
        cmocka_unit_test(a_carriage_return_within_a_row_belongs_to_its_field),
        cmocka_unit_test(quotes_hold_commas_quotes_and_line_ends),
        cmocka_unit_test(doubled_quotes_are_made_single),
        cmocka_unit_test(the_footer_may_count_records_or_lines),
        cmocka_unit_test(the_subtable_can_be_blank),
        cmocka_unit_test(versions_of_a_table_are_tables_of_their_own),
        cmocka_unit_test(rows_may_return_to_an_earlier_table),
        cmocka_unit_test(a_header_that_comes_again_replaces_the_earlier_one),
        cmocka_unit_test(skipped_rows_are_passed_over),
        cmocka_unit_test(blank_lines_and_remarks_are_passed_over),
        cmocka_unit_test(header_fields_lose_quotes_and_blanks),
        cmocka_unit_test(columns_are_found_by_name_in_any_case),
        cmocka_unit_test(more_tables_than_any_file_has_are_refused),
        cmocka_unit_test(columns_stay_valid_until_the_reader_is_closed),
        cmocka_unit_test(what_is_no_mms_file_is_refused),
        cmocka_unit_test(rows_that_contradict_their_header_are_refused),
        cmocka_unit_test(headers_without_sense_are_refused),
        cmocka_unit_test(unknown_records_are_refused),
        cmocka_unit_test(a_footer_that_is_missing_or_wrong_is_refused),
        cmocka_unit_test(text_after_the_footer_is_refused),
        cmocka_unit_test(quotes_left_open_are_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(an_error_of_the_pull_is_handed_on),
        cmocka_unit_test(as_many_columns_as_promised_are_read_and_no_more),
        cmocka_unit_test(a_wide_row_after_a_skipped_table_is_refused),
        cmocka_unit_test(rows_as_long_as_promised_are_read_and_no_longer),
        cmocka_unit_test(an_open_quote_does_not_read_all_of_a_large_file),
        cmocka_unit_test(fields_of_every_length_cross_the_blocks),
        cmocka_unit_test(quotes_at_every_place_cross_the_blocks),
        cmocka_unit_test(rows_cross_the_end_of_the_buffer_at_every_place),
        cmocka_unit_test(rows_of_random_bytes_read_as_plainly),
        cmocka_unit_test(masks_stand_for_bytes),
        cmocka_unit_test(parity_runs_from_the_lowest_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
