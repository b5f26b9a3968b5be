#include "base/json.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct buf out;

static int forget(void **state) {
    (void)state;
    buf_free(&out);
    return 0;
}

static struct json start(void) {
    out.len = 0;
    return json_to(&out);
}

/* xorshift64*: the same numbers in every run. */
static uint64_t next_random(uint64_t *seed) {
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(2685821657736338717);
}

/* -- structure -------------------------------------------------------------------------------- */

static void commas_stand_between_values_and_nowhere_else(void **state) {
    (void)state;
    struct json j = start();
    json_object(&j);
    json_key(&j, "rows"), json_int(&j, 5);
    json_key(&j, "empty"), json_object(&j), json_end(&j);
    json_key(&j, "none"), json_array(&j), json_end(&j);
    json_key(&j, "list"), json_array(&j);
    json_int(&j, -1), json_double(&j, 2.5), json_bool(&j, true), json_bool(&j, false);
    json_null(&j), json_cstr(&j, "x"), json_str(&j, STR(""));
    json_array(&j), json_array(&j), json_end(&j), json_int(&j, 0), json_end(&j);
    json_object(&j), json_key(&j, "a\"b"), json_null(&j), json_end(&j);
    json_end(&j);
    json_key(&j, "last"), json_cstr(&j, "y");
    json_end(&j);
    assert_string_equal(buf_cstr(&out),
                        "{\"rows\":5,\"empty\":{},\"none\":[],\"list\":[-1,2.5,true,false,null,"
                        "\"x\",\"\",[[],0],{\"a\\\"b\":null}],\"last\":\"y\"}");
    assert_int_equal(j.depth, 0);
}

static void levels_nest_as_deep_as_promised(void **state) {
    (void)state;
    struct json j = start();
    struct buf want = {0};
    for (int i = 0; i < JSON_DEPTH / 2; i++) {
        json_object(&j), json_key(&j, "k"), json_array(&j), json_int(&j, i);
        buf_printf(&want, "{\"k\":[%d%s", i, i + 1 < JSON_DEPTH / 2 ? "," : "");
    }
    for (int i = 0; i < JSON_DEPTH; i++) {
        json_end(&j);
        buf_add_char(&want, i % 2 ? '}' : ']');
    }
    assert_string_equal(buf_cstr(&out), buf_cstr(&want));
    buf_free(&want);
}

static void writing_goes_on_where_the_buffer_ends(void **state) {
    (void)state;
    out.len = 0;
    buf_add_str(&out, STR("data: "));
    struct json j = json_to(&out);
    json_int(&j, 1);
    assert_string_equal(buf_cstr(&out), "data: 1");
}

/* -- texts ------------------------------------------------------------------------------------ */

static void assert_text(str value, const char *want) {
    struct json j = start();
    /* memory of just this size, so that the sanitizer sees a read beyond it */
    char *exact = mem_alloc(value.len ? value.len : 1);
    if (value.len)
        memcpy(exact, value.at, value.len);
    json_str(&j, (str){exact, value.len});
    free(exact);
    assert_string_equal(buf_cstr(&out), want);
}

static void texts_are_escaped(void **state) {
    (void)state;
    assert_text(STR("plain W/HOE#2"), "\"plain W/HOE#2\"");
    assert_text(STR("a\"b\\c"), "\"a\\\"b\\\\c\"");
    assert_text(STR("\b\f\n\r\t"), "\"\\u0008\\u000c\\u000a\\u000d\\u0009\"");
    assert_text(STR("\0\x1f\x20\x7f"), "\"\\u0000\\u001f \x7f\"");
    assert_text((str){0}, "\"\"");
    for (int c = 0; c < ' '; c++) {
        char byte = (char)c, want[16];
        snprintf(want, sizeof want, "\"\\u%04x\"", c);
        assert_text((str){&byte, 1}, want);
    }
}

static void well_formed_utf8_stays_as_it_is(void **state) {
    (void)state;
    static const char *const good[] = {
        "\xc2\x80",     "\xdf\xbf",         "\xe0\xa0\x80",     "\xed\x9f\xbf",      "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "Gr\xc3\xb6\xc3\x9f"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char want[32];
        snprintf(want, sizeof want, "\"%s\"", good[i]);
        assert_text(str_from(good[i]), want);
    }
}

#define BAD "\xef\xbf\xbd"

static void every_byte_that_is_no_utf8_is_replaced(void **state) {
    (void)state;
    assert_text(STR("a\x80z"), "\"a" BAD "z\"");             /* a continuation alone */
    assert_text(STR("\xff\xfe"), "\"" BAD BAD "\"");         /* never in UTF-8 */
    assert_text(STR("\xc3"), "\"" BAD "\"");                 /* cut short at the end */
    assert_text(STR("\xe2\x82"), "\"" BAD BAD "\"");         /* the same, of three */
    assert_text(STR("\xf0\x9f\x98"), "\"" BAD BAD BAD "\""); /* the same, of four */
    assert_text(STR("\xc3(z"), "\"" BAD "(z\"");             /* cut short by a letter */
    assert_text(STR("\xc3\"z"), "\"" BAD "\\\"z\"");         /* by a quote, which counts */
    assert_text(STR("\xe2\x82\""), "\"" BAD BAD "\\\"\"");
    assert_text(STR("\xc0\x80\xc1\xbf"), "\"" BAD BAD BAD BAD "\""); /* overlong */
    assert_text(STR("\xe0\x9f\xbf"), "\"" BAD BAD BAD "\"");
    assert_text(STR("\xf0\x8f\xbf\xbf"), "\"" BAD BAD BAD BAD "\"");
    assert_text(STR("\xed\xa0\x80"), "\"" BAD BAD BAD "\""); /* a surrogate */
    assert_text(STR("\xf4\x90\x80\x80"), "\"" BAD BAD BAD BAD "\"");
    assert_text(STR("\xf5\x80\x80\x80"), "\"" BAD BAD BAD BAD "\"");
    assert_text(STR("Gr\xf6\xdf"
                    "e"),
                "\"Gr" BAD BAD "e\""); /* Latin-1 */
}

/* -- numbers ---------------------------------------------------------------------------------- */

static const char *printed(double value) {
    struct json j = start();
    json_double(&j, value);
    return buf_cstr(&out);
}

/* What JSON's grammar calls a number. */
static bool is_json_number(const char *s) {
    s += *s == '-';
    if (*s == '0' && s[1] >= '0' && s[1] <= '9')
        return false;
    size_t digits = strspn(s, "0123456789");
    s += digits;
    if (digits == 0)
        return false;
    if (*s == '.') {
        digits = strspn(++s, "0123456789");
        s += digits;
        if (digits == 0)
            return false;
    }
    if (*s == 'e' || *s == 'E') {
        s++;
        s += *s == '+' || *s == '-';
        digits = strspn(s, "0123456789");
        s += digits;
        if (digits == 0)
            return false;
    }
    return *s == 0;
}

/* Digits that count: without sign, point, exponent and the zeros around the others. */
static size_t significant_digits(const char *text) {
    size_t digits = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text == '0')
            zeros++;
        if (*text >= '1' && *text <= '9')
            digits += (digits ? zeros : 0) + 1, zeros = 0;
    }
    return digits;
}

static bool is_same(double a, double b) {
    uint64_t bits[2];
    memcpy(&bits[0], &a, sizeof a);
    memcpy(&bits[1], &b, sizeof b);
    return bits[0] == bits[1];
}

static void assert_reads_back(double value) {
    char fewest[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(fewest, sizeof fewest, "%.*g", digits, value);
        if (is_same(strtod(fewest, NULL), value))
            break;
    }
    const char *text = printed(value);
    if (!is_same(strtod(text, NULL), value))
        fail_msg("%s was printed as \"%s\"", fewest, text);
    if (significant_digits(text) > significant_digits(fewest))
        fail_msg("%s was printed with more digits, as \"%s\"", fewest, text);
    if (!is_json_number(text))
        fail_msg("\"%s\" is no number in JSON", text);
}

static void any_double_reads_back_to_the_same_bits(void **state) {
    (void)state;
    uint64_t seed = 20250820;
    for (int i = 0; i < 60000; i++) {
        uint64_t bits = next_random(&seed);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            assert_reads_back(value);
    }
}

static void market_numbers_read_back_in_their_own_digits(void **state) {
    (void)state;
    static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
    uint64_t seed = 3;
    for (int decimals = 0; decimals <= 8; decimals++) {
        for (int i = 0; i < 8000; i++) {
            int64_t units = (int64_t)(next_random(&seed) >> (30 + next_random(&seed) % 33));
            double value = (double)(i % 2 ? units : -units) / power[decimals];
            char text[64];
            assert_reads_back(value);
            if (units == 0 || fabs(value) < 1e-4)
                continue;
            /* the decimal that it was made from, without the zeros at its end */
            size_t length = (size_t)snprintf(text, sizeof text, "%.*f", decimals, value);
            if (decimals)
                while (text[length - 1] == '0' || text[length - 1] == '.')
                    if (text[--length] == '.')
                        break;
            text[length] = 0;
            if (fabs(value) < 9e10 && decimals <= 5)
                assert_string_equal(printed(value), text);
        }
    }
}

static void numbers_print_as_short_as_can_be(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},
                 {-0.0, "-0"},
                 {1, "1"},
                 {-1, "-1"},
                 {0.1, "0.1"},
                 {-0.5, "-0.5"},
                 {0.3, "0.3"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {104.59, "104.59"},
                 {-1000, "-1000"},
                 {17500, "17500"},
                 {20300.00001, "20300.00001"},
                 {0.00001, "0.00001"},
                 {1.0 / 3, "0.3333333333333333"},
                 {2.0 / 3, "0.6666666666666666"},
                 {123456.789012, "123456.789012"},
                 {89999999999, "89999999999"},
                 {1e15, "1e+15"},
                 {1e21, "1e+21"},
                 {9007199254740992, "9007199254740992"},
                 {5e-324, "5e-324"},
                 {DBL_MIN, "2.2250738585072014e-308"},
                 {DBL_MAX, "1.7976931348623157e+308"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(printed(cases[i].value), cases[i].text);
        assert_reads_back(cases[i].value);
    }
}

static void edges_between_the_two_ways_of_printing_read_back(void **state) {
    (void)state;
    static const double edges[] = {
        9e10,   9e15,   1e-5,    1e5,     4503599627370496.0, 90000000000.00001, 1e22, 0x1p53,
        0x1p63, 0x1p64, DBL_MIN, DBL_MAX, DBL_EPSILON};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        double up = edges[i], down = edges[i];
        for (int step = 0; step < 200; step++) {
            up = nextafter(up, INFINITY), down = nextafter(down, 0);
            if (isfinite(up))
                assert_reads_back(up), assert_reads_back(-up);
            assert_reads_back(down), assert_reads_back(-down);
        }
    }
}

static void what_is_no_number_is_null(void **state) {
    (void)state;
    assert_string_equal(printed(NAN), "null");
    assert_string_equal(printed(-NAN), "null");
    assert_string_equal(printed(INFINITY), "null");
    assert_string_equal(printed(-INFINITY), "null");
    struct json j = start();
    json_array(&j);
    json_double(&j, 1), json_double(&j, NAN), json_double(&j, 2);
    json_end(&j);
    assert_string_equal(buf_cstr(&out), "[1,null,2]");
}

static void whole_numbers_print_to_the_ends_of_their_range(void **state) {
    (void)state;
    struct json j = start();
    json_array(&j);
    json_int(&j, INT64_MIN), json_int(&j, INT64_MAX), json_int(&j, 0);
    json_end(&j);
    assert_string_equal(buf_cstr(&out), "[-9223372036854775808,9223372036854775807,0]");
}

/* -- five decimals ---------------------------------------------------------------------------- */

static const char *fixed(double value) {
    struct json j = start();
    json_fixed(&j, value);
    return buf_cstr(&out);
}

/* printf's five decimals, without the zeros at their end. */
static void assert_fixed(double value) {
    char want[64];
    size_t length = (size_t)snprintf(want, sizeof want, "%.5f", value);
    while (want[length - 1] == '0')
        want[--length] = 0;
    if (want[length - 1] == '.')
        want[--length] = 0;
    const char *expected = strcmp(want, "-0") == 0 ? "0" : want;
    if (strcmp(fixed(value), expected) != 0)
        fail_msg("%.17g was printed as \"%s\", not \"%s\"", value, buf_cstr(&out), expected);
}

static void five_decimals_are_rounded_as_printf_rounds(void **state) {
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 60000; i++) {
        double value = (double)(int64_t)next_random(&seed);
        assert_fixed(value * 0x1p-63 * 20000); /* any digits, of a size that the market has */
        assert_fixed(value * 0x1p-63 * 1e10);
        assert_fixed((double)((int64_t)value >> 40) * 0x1p-6); /* with halves of the last place */
        /* what lies between two of them, and its neighbours */
        double half = ((double)((int64_t)value >> (20 + i % 30)) + 0.5) / 1e5;
        if (fabs(half) < 1e10) {
            assert_fixed(half);
            assert_fixed(nextafter(half, INFINITY));
            assert_fixed(nextafter(half, -INFINITY));
        }
    }
    static const double edges[] = {
        0,         -0.0,    0.000005, -0.000005, 0.0000049,      0.5,           99999.999995,
        0x1p-1074, 20300.0, -1000,    1e-300,    10995116.27776, 11258999068.4, 0.1 + 0.2,
        1.0 / 3,   0.00001, 1.5,      100.25,    12345.67891};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        assert_fixed(edges[i]), assert_fixed(-edges[i]);
}

static void what_five_decimals_are_too_small_for_is_printed_in_full(void **state) {
    (void)state;
    static const double large[] = {11258999068.43, 1e12, -9007199254740993.0, 1e21, DBL_MAX};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        assert_true(is_same(strtod(fixed(large[i]), NULL), large[i]));
    assert_string_equal(fixed(NAN), "null");
    assert_string_equal(fixed(INFINITY), "null");
    assert_string_equal(fixed(-INFINITY), "null");
}

static void lists_of_numbers_have_commas_between_them(void **state) {
    (void)state;
    struct json j = start();
    json_array(&j);
    json_fixed_list(&j, NULL, 0);
    json_fixed_list(&j, (const double[]){1, NAN, -2.5, 1e20}, 4);
    json_fixed_list(&j, (const double[]){INFINITY, -0.0}, 2);
    json_end(&j);
    json_int(&j, 5);
    assert_string_equal(buf_cstr(&out), "[1,null,-2.5,1e+20,null,0],5");
    j = start();
    json_array(&j);
    for (int i = 0; i < 5000; i++)
        json_fixed(&j, i);
    json_end(&j);
    str rest = buf_str(&out), number;
    str_cut(&rest, '[');
    for (uint64_t i = 0, n; i < 5000; i++) {
        number = str_cut(&rest, i < 4999 ? ',' : ']');
        assert_true(str_to_u64(number, &n) && n == i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_between_values_and_nowhere_else),
        cmocka_unit_test(levels_nest_as_deep_as_promised),
        cmocka_unit_test(writing_goes_on_where_the_buffer_ends),
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(well_formed_utf8_stays_as_it_is),
        cmocka_unit_test(every_byte_that_is_no_utf8_is_replaced),
        cmocka_unit_test(any_double_reads_back_to_the_same_bits),
        cmocka_unit_test(market_numbers_read_back_in_their_own_digits),
        cmocka_unit_test(numbers_print_as_short_as_can_be),
        cmocka_unit_test(edges_between_the_two_ways_of_printing_read_back),
        cmocka_unit_test(what_is_no_number_is_null),
        cmocka_unit_test(whole_numbers_print_to_the_ends_of_their_range),
        cmocka_unit_test(five_decimals_are_rounded_as_printf_rounds),
        cmocka_unit_test(what_five_decimals_are_too_small_for_is_printed_in_full),
        cmocka_unit_test(lists_of_numbers_have_commas_between_them),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
