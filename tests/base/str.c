#include "base/str.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_str(str got, str want) {
    if (!str_eq(got, want))
        fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARG(got), STR_ARG(want));
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

/* -- views ------------------------------------------------------------------------------------ */

static void compares_bytes_and_lengths(void **state) {
    (void)state;
    assert_true(str_eq(STR("NSW1"), str_from("NSW1")));
    assert_false(str_eq(STR("NSW1"), STR("NSW")));
    assert_false(str_eq(STR("NSW1"), STR("NSW2")));
    assert_true(str_eq(STR(""), (str){0}));
    assert_true(str_eq((str){0}, str_from(NULL)));
    assert_false(str_eq(STR("a\0b"), STR("a\0c")));
}

static void compares_letters_in_either_case(void **state) {
    (void)state;
    assert_true(str_eq_nocase(STR("DispatchIS"), STR("dISPATCHis")));
    assert_false(str_eq_nocase(STR("Dispatch"), STR("DispatchIS")));
    assert_true(str_eq_nocase(STR(""), (str){0}));
    assert_false(str_eq_nocase(STR("a\0b"), STR("a\0c"))); /* a zero byte ends nothing */
    assert_true(str_eq_nocase(STR("a\0b"), STR("A\0B")));
    for (int i = 0; i < 256; i++) {
        for (int k = 0; k < 256; k++) {
            char a = (char)i, b = (char)k;
            bool letters = ((i | 32) >= 'a' && (i | 32) <= 'z') && (i | 32) == (k | 32);
            assert_int_equal(str_eq_nocase((str){&a, 1}, (str){&b, 1}), i == k || letters);
        }
    }
}

static void knows_how_a_string_starts_and_ends(void **state) {
    (void)state;
    assert_true(str_starts(STR("PUBLIC_DVD"), STR("PUBLIC_")));
    assert_true(str_starts(STR("PUBLIC"), STR("PUBLIC")));
    assert_true(str_starts(STR(""), STR("")));
    assert_true(str_starts((str){0}, (str){0}));
    assert_false(str_starts(STR("PUBLI"), STR("PUBLIC")));
    assert_false(str_starts(STR("public_"), STR("PUBLIC_")));
    assert_true(str_starts_nocase(STR("public_x"), STR("PUBLIC_")));
    assert_false(str_starts_nocase(STR("publi"), STR("PUBLIC_")));
    assert_true(str_ends_nocase(STR("A.CSV"), STR(".csv")));
    assert_true(str_ends_nocase(STR(".csv"), STR(".CSV")));
    assert_false(str_ends_nocase(STR("csv"), STR(".csv")));
    assert_false(str_ends_nocase(STR("A.CSV.zip"), STR(".csv")));
    assert_true(str_ends_nocase(STR("A"), STR("")));
}

static void orders_by_bytes(void **state) {
    (void)state;
    static const str ordered[] = {{"", 0},  {"\0", 1}, {"A", 1},  {"A\0", 2},   {"AB", 2},
                                  {"B", 1}, {"a", 1},  {"ab", 2}, {"\x80x", 2}, {"\xff", 1}};
    enum { COUNT = sizeof ordered / sizeof *ordered };
    for (int i = 0; i < COUNT; i++) {
        for (int k = 0; k < COUNT; k++) {
            int order = str_compare(ordered[i], ordered[k]);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    }
}

static void finds_the_first_place(void **state) {
    (void)state;
    assert_int_equal(str_find(STR("abcabd"), STR("abd")), 3);
    assert_int_equal(str_find(STR("aaab"), STR("aab")), 1);
    assert_int_equal(str_find(STR("abc"), STR("abc")), 0);
    assert_int_equal(str_find(STR("abc"), STR("c")), 2);
    assert_int_equal(str_find(STR("abc"), STR("abcd")), -1);
    assert_int_equal(str_find(STR("abc"), STR("")), 0);
    assert_int_equal(str_find((str){0}, STR("")), 0);
    assert_int_equal(str_find((str){0}, STR("a")), -1);
    assert_int_equal(str_find(STR("a\0b"), STR("\0b")), 1);
    assert_int_equal(str_find(STR("aabaab"), STR("ac")), -1);
    assert_int_equal(str_find(STR("ab"), STR("AB")), -1);
    assert_int_equal(str_find_nocase(STR("<a hrEF="), STR("HREF")), 3);
    assert_int_equal(str_find_nocase(STR("x\0HREF"), STR("href")), 2);
    assert_int_equal(str_find_nocase(STR("hre"), STR("href")), -1);
    assert_int_equal(str_find_nocase(STR("abc"), STR("")), 0);
}

/* Every needle of up to three letters in every text of up to six, against the obvious search. */
static void finds_what_a_plain_search_finds(void **state) {
    (void)state;
    for (unsigned t = 0; t < 64; t++) {
        for (unsigned n = 0; n < 8; n++) {
            for (size_t tl = 0; tl <= 6; tl++) {
                for (size_t nl = 1; nl <= 3; nl++) {
                    char text[6], needle[3];
                    ptrdiff_t want = -1;
                    for (size_t i = 0; i < tl; i++)
                        text[i] = t >> i & 1 ? 'b' : 'a';
                    for (size_t i = 0; i < nl; i++)
                        needle[i] = n >> i & 1 ? 'b' : 'a';
                    for (size_t i = 0; want < 0 && i + nl <= tl; i++)
                        if (memcmp(text + i, needle, nl) == 0)
                            want = (ptrdiff_t)i;
                    assert_int_equal(str_find((str){text, tl}, (str){needle, nl}), want);
                    assert_int_equal(str_find_nocase((str){text, tl}, (str){needle, nl}), want);
                }
            }
        }
    }
}

static void trims_both_ends(void **state) {
    (void)state;
    assert_str(str_trim(STR(" \t\r\n a b \n")), STR("a b"));
    assert_str(str_trim(STR("a")), STR("a"));
    assert_str(str_trim(STR(" \t ")), STR(""));
    assert_str(str_trim((str){0}), STR(""));
    assert_str(str_trim(STR("\va\0")), STR("\va\0"));
}

static void cuts_at_separators(void **state) {
    (void)state;
    str rest = STR("a,,bc,");
    assert_str(str_cut(&rest, ','), STR("a"));
    assert_str(rest, STR(",bc,"));
    assert_str(str_cut(&rest, ','), STR(""));
    assert_str(str_cut(&rest, ','), STR("bc"));
    assert_str(rest, STR(""));
    assert_str(str_cut(&rest, ','), STR(""));
    rest = STR("whole");
    assert_str(str_cut(&rest, ','), STR("whole"));
    assert_int_equal(rest.len, 0);
    rest = (str){0};
    assert_str(str_cut(&rest, ','), STR(""));
}

static void copies_with_a_zero_behind(void **state) {
    (void)state;
    struct arena a = {0};
    str view = {"NSW1,rest", 4};
    assert_string_equal(str_dup(&a, view), "NSW1");
    assert_string_equal(str_dup(&a, (str){0}), "");
    assert_memory_equal(str_dup(&a, STR("a\0b")), "a\0b", 4);
    arena_free(&a);
}

/* -- whole numbers ---------------------------------------------------------------------------- */

static void reads_whole_numbers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {{"0", 0},
                {"7", 7},
                {"0010", 10},
                {"4294967296", UINT64_C(4294967296)},
                {"18446744073709551615", UINT64_MAX},
                {"18446744073709551609", UINT64_MAX - 6},
                {"00000000000000000000018446744073709551615", UINT64_MAX}};
    static const char *const bad[] = {"",
                                      "-1",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "1e3",
                                      "0x1",
                                      "18446744073709551616",
                                      "18446744073709551620",
                                      "99999999999999999999",
                                      "184467440737095516150",
                                      "1/",
                                      ":",
                                      "a"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint64_t value = 99;
        assert_true(str_to_u64(str_from(good[i].text), &value));
        assert_true(value == good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t value = 99;
        if (str_to_u64(str_from(bad[i]), &value))
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(value, 99);
    }
}

/* -- decimals --------------------------------------------------------------------------------- */

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* [text] must read as strtod reads it, to the last bit. It is handed over without its zero, and
 * where a byte stands behind it that would change the number. */
static void assert_reads_as_strtod(const char *text) {
    char followed[80], *end;
    double want = strtod(text, &end), got = -1;
    size_t length = strlen(text);
    assert_true(end == text + length);
    snprintf(followed, sizeof followed, "%s9", text);
    if (!str_to_double((str){followed, length}, &got))
        fail_msg("\"%s\" was refused", text);
    if (bits_of(got) != bits_of(want))
        fail_msg("\"%s\" became %.17g, not %.17g", text, got, want);
}

static size_t add_digits(char *at, size_t count, uint64_t *seed) {
    for (size_t i = 0; i < count; i++)
        at[i] = (char)('0' + below(seed, 10));
    return count;
}

static void decimals_of_every_shape_read_as_strtod_reads_them(void **state) {
    (void)state;
    static const char *const signs[] = {"", "", "", "-", "-", "+"};
    uint64_t seed = 20250820;
    for (int i = 0; i < 400000; i++) {
        char text[64];
        size_t whole = below(&seed, 21), decimals = below(&seed, 19);
        size_t length = (size_t)snprintf(text, sizeof text, "%s", signs[below(&seed, 6)]);
        if (whole + decimals == 0)
            whole = 1;
        length += add_digits(text + length, whole, &seed);
        if (decimals || below(&seed, 4) == 0) { /* "5." now and then */
            text[length++] = '.';
            length += add_digits(text + length, decimals, &seed);
        }
        if (below(&seed, 5) == 0) {
            text[length++] = below(&seed, 2) ? 'e' : 'E';
            length += (size_t)snprintf(text + length, 6, "%d", (int)below(&seed, 500) - 250);
        }
        text[length] = 0;
        assert_reads_as_strtod(text);
    }
}

/* Prices and megawatts: few digits, which is where the quick way is taken. */
static void market_numbers_read_as_strtod_reads_them(void **state) {
    (void)state;
    uint64_t seed = 7;
    for (int decimals = 0; decimals <= 8; decimals++) {
        for (int i = 0; i < 20000; i++) {
            char text[32];
            double value = (double)below(&seed, 2000000000) / pow(10, (double)below(&seed, 10));
            snprintf(text, sizeof text, "%.*f", decimals, i % 3 ? value : -value);
            assert_reads_as_strtod(text);
        }
    }
}

/* Numbers as others' programs print them, any double among them. */
static void printed_doubles_read_as_strtod_reads_them(void **state) {
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 100000; i++) {
        char text[40];
        uint64_t bits = next_random(&seed);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        snprintf(text, sizeof text, "%.*g", 1 + (int)below(&seed, 18), value);
        if (isfinite(strtod(text, NULL))) /* rounding can go over the largest */
            assert_reads_as_strtod(text);
    }
}

static void the_edges_of_the_quick_way_read_as_strtod_reads_them(void **state) {
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "-0.0",
        "-0.000",
        "-.0",
        ".5",
        "5.",
        "-5.",
        "1e5",
        "1E+05",
        "-1.5e-3",
        "+7.25",
        "007.50",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "9007199254740994",
        "900719925474099.3",
        "9.007199254740993",
        ".9007199254740993",
        "0.000000000000000001",
        "0.00000000000000001",
        "0.1000000000000000055511151231257827",
        "999999999999999999",
        "9999999999999999999",
        "18446744073709551616",
        "36893488147419103232",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "4.9e-324",
        "1e-400",
        "-1e-400",
        "1.7976931348623157e308",
        "000000000000000000000000000000000000000000000000000000000000001"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_reads_as_strtod(texts[i]);
}

static void minus_zero_keeps_its_sign(void **state) {
    (void)state;
    double value = 1;
    assert_true(str_to_double(STR("-0"), &value));
    assert_true(value == 0 && signbit(value));
    assert_true(str_to_double(STR("0"), &value));
    assert_true(value == 0 && !signbit(value));
}

static void what_is_no_decimal_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",        "-",     "+",    ".",        "-.",       "e5",    ".e5",    "1e",   "1e+",
        "1e5.0",   "1.2.3", "1..2", " 1",       "1 ",       "\t1",   "\n1",    "1\r",  "0x1",
        "0x1p3",   "inf",   "-inf", "INFINITY", "nan",      "NaN",   "nan(1)", "--1",  "+-1",
        "1-",      "1+1",   "1,5",  "1_000",    "NOT FIRM", "1e400", "-1e400", "1e5e", "5f",
        "1.8e308", "abc",   "-a",   "\xd9\xa3", "1e 5",     "1 2",   "\"1\"",  "1d5",  "'1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = 99;
        if (str_to_double(str_from(bad[i]), &value))
            fail_msg("\"%s\" was taken for %g", bad[i], value);
        assert_true(value == 99);
    }
    double value = 99;
    assert_false(str_to_double(STR("1\0"), &value));
    assert_false(str_to_double(STR("\0"), &value));
    assert_false(str_to_double(STR("1\0002"), &value));
    assert_false(str_to_double((str){0}, &value));
    assert_true(value == 99);
}

static void texts_too_long_for_a_number_are_refused(void **state) {
    (void)state;
    char text[400];
    double value = 99;
    memset(text, '1', sizeof text);
    assert_true(str_to_double((str){text, 63}, &value));
    assert_true(value ==
                strtod("111111111111111111111111111111111111111111111111111111111111111", 0));
    value = 99;
    for (size_t length = 64; length <= sizeof text; length++)
        assert_false(str_to_double((str){text, length}, &value));
    assert_true(value == 99);
}

/* -- buffers ---------------------------------------------------------------------------------- */

static void a_buffer_holds_all_that_was_added(void **state) {
    (void)state;
    struct buf b = {0};
    buf_add(&b, NULL, 0);
    assert_int_equal(b.len, 0);
    assert_string_equal(buf_cstr(&b), "");
    for (int i = 0; i < 5000; i++) {
        buf_add_char(&b, (char)(i % 256));
        buf_add_str(&b, STR("xyz"));
        buf_printf(&b, "%05d", i);
    }
    assert_int_equal(b.len, 5000 * 9);
    for (int i = 0; i < 5000; i++) {
        char want[10];
        snprintf(want, sizeof want, "%cxyz%05d", (char)(i % 256), i);
        assert_memory_equal(b.at + (size_t)i * 9, want, 9);
    }
    buf_free(&b);
    assert_null(b.at);
    assert_int_equal(b.capacity, 0);
}

static void reserved_bytes_can_be_written(void **state) {
    (void)state;
    struct buf b = {0};
    for (size_t more = 0; more < 3000; more += 250) {
        buf_reserve(&b, more);
        assert_true(b.capacity - b.len >= more);
        if (more)
            memset(b.at + b.len, 'r', more);
        b.len += more;
    }
    for (size_t i = 0; i < b.len; i++)
        assert_int_equal(b.at[i], 'r');
    buf_free(&b);
}

static void the_closing_zero_is_not_counted(void **state) {
    (void)state;
    struct buf b = {0};
    buf_reserve(&b, 1);
    while (b.len < b.capacity) /* no room is left for the zero */
        buf_add_char(&b, 'a');
    size_t length = b.len;
    assert_int_equal(strlen(buf_cstr(&b)), length);
    assert_int_equal(b.len, length);
    buf_add_char(&b, 'b');
    assert_int_equal(strlen(buf_cstr(&b)), length + 1);
    assert_str((str){buf_str(&b).at + length, 1}, STR("b"));
    buf_free(&b);
}

static void prints_at_the_end_of_a_buffer(void **state) {
    (void)state;
    struct buf b = {0};
    for (int length = 0; length < 600; length++) { /* just fits, just doesn't */
        b.len = 0;
        buf_add_char(&b, '<');
        buf_printf(&b, "%*s", length, "");
        buf_add_char(&b, '>');
        assert_int_equal(b.len, (size_t)length + 2);
        assert_int_equal(b.at[b.len - 1], '>');
        if (length % 7 == 0)
            buf_free(&b);
    }
    buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_bytes_and_lengths),
        cmocka_unit_test(compares_letters_in_either_case),
        cmocka_unit_test(knows_how_a_string_starts_and_ends),
        cmocka_unit_test(orders_by_bytes),
        cmocka_unit_test(finds_the_first_place),
        cmocka_unit_test(finds_what_a_plain_search_finds),
        cmocka_unit_test(trims_both_ends),
        cmocka_unit_test(cuts_at_separators),
        cmocka_unit_test(copies_with_a_zero_behind),
        cmocka_unit_test(reads_whole_numbers),
        cmocka_unit_test(decimals_of_every_shape_read_as_strtod_reads_them),
        cmocka_unit_test(market_numbers_read_as_strtod_reads_them),
        cmocka_unit_test(printed_doubles_read_as_strtod_reads_them),
        cmocka_unit_test(the_edges_of_the_quick_way_read_as_strtod_reads_them),
        cmocka_unit_test(minus_zero_keeps_its_sign),
        cmocka_unit_test(what_is_no_decimal_is_refused),
        cmocka_unit_test(texts_too_long_for_a_number_are_refused),
        cmocka_unit_test(a_buffer_holds_all_that_was_added),
        cmocka_unit_test(reserved_bytes_can_be_written),
        cmocka_unit_test(the_closing_zero_is_not_counted),
        cmocka_unit_test(prints_at_the_end_of_a_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
