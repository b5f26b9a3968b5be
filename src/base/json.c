#include "base/json.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void before_value(struct json *j) {
    if (j->comma)
        buf_add_char(j->out, ',');
    j->comma = true;
}

static void open_level(struct json *j, char open, char close) {
    assert(j->depth < JSON_DEPTH);
    before_value(j);
    buf_add_char(j->out, open);
    j->close[j->depth++] = close;
    j->comma = false;
}

void json_object(struct json *j) {
    open_level(j, '{', '}');
}

void json_array(struct json *j) {
    open_level(j, '[', ']');
}

void json_end(struct json *j) {
    assert(j->depth > 0);
    buf_add_char(j->out, j->close[--j->depth]);
    j->comma = true;
}

void json_key(struct json *j, const char *key) {
    json_cstr(j, key);
    buf_add_char(j->out, ':');
    j->comma = false;
}

/* How many bytes at the front need nothing: ASCII, and no quote, backslash or control character. */
static size_t plain_length(str s) {
    size_t length = 0;
    while (length < s.len) {
        unsigned char c = (unsigned char)s.at[length];
        if (c < ' ' || c > 0x7f || c == '"' || c == '\\')
            break;
        length++;
    }
    return length;
}

void json_str(struct json *j, str s) {
    before_value(j);
    buf_add_char(j->out, '"');
    for (;;) {
        size_t plain = plain_length(s);
        buf_add(j->out, s.at, plain);
        s = (str){s.at + plain, s.len - plain};
        if (s.len == 0)
            break;
        unsigned char c = (unsigned char)s.at[0];
        size_t length = str_utf8_length(s);
        if (length == 0)
            buf_add_str(j->out, STR("\xef\xbf\xbd"));
        else if (c == '"' || c == '\\')
            buf_printf(j->out, "\\%c", c);
        else if (c < ' ')
            buf_printf(j->out, "\\u%04x", c);
        else
            buf_add(j->out, s.at, length);
        length += length == 0;
        s = (str){s.at + length, s.len - length};
    }
    buf_add_char(j->out, '"');
}

/* -- numbers ------------------------------------------------------------------------------------
 */

enum { NUMBER_ROOM = 32 }; /* the longest number below, and more */

/* Writes [n] so that it ends just before [end]; returns where it begins. */
static char *digits_before(char *end, uint64_t n) {
    static const char pairs[] = "0001020304050607080910111213141516171819"
                                "2021222324252627282930313233343536373839"
                                "4041424344454647484950515253545556575859"
                                "6061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    for (; n >= 100; n /= 100)
        end -= 2, memcpy(end, pairs + n % 100 * 2, 2);
    if (n >= 10)
        end -= 2, memcpy(end, pairs + n * 2, 2);
    else
        *--end = (char)('0' + n);
    return end;
}

void json_int(struct json *j, int64_t value) {
    char text[NUMBER_ROOM], *end = text + sizeof text;
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char *at = digits_before(end, size);
    if (value < 0)
        *--at = '-';
    before_value(j);
    buf_add(j->out, at, (size_t)(end - at));
}

/* "000" to "999", each with how many of its digits stand before the zeros at its end. */
#define TRIPLE(a, b, c)                                                                            \
    { {'0' + (a), '0' + (b), '0' + (c)}, (c) ? 3 : (b) ? 2 : (a) ? 1 : 0 }
#define TEN(a, b)                                                                                  \
    TRIPLE(a, b, 0), TRIPLE(a, b, 1), TRIPLE(a, b, 2), TRIPLE(a, b, 3), TRIPLE(a, b, 4),           \
        TRIPLE(a, b, 5), TRIPLE(a, b, 6), TRIPLE(a, b, 7), TRIPLE(a, b, 8), TRIPLE(a, b, 9)
#define HUNDRED(a)                                                                                 \
    TEN(a, 0), TEN(a, 1), TEN(a, 2), TEN(a, 3), TEN(a, 4), TEN(a, 5), TEN(a, 6), TEN(a, 7),        \
        TEN(a, 8), TEN(a, 9)
static const struct {
    char digits[3];
    uint8_t length;
} triples[1000] = {HUNDRED(0), HUNDRED(1), HUNDRED(2), HUNDRED(3), HUNDRED(4),
                   HUNDRED(5), HUNDRED(6), HUNDRED(7), HUNDRED(8), HUNDRED(9)};

/* What follows writes forward and may spill up to three bytes beyond the end that it returns: a
 * constant is copied without a call, and without a branch for each digit. */

static inline char *put_three(char *to, uint32_t n) {
    memcpy(to, triples[n].digits, 3);
    return to + 3;
}

/* Below a thousand, without zeros before it. */
static inline char *put_leading(char *to, uint32_t n) {
    size_t skip = 2 - (size_t)(n >= 10) - (size_t)(n >= 100);
    memcpy(to, (const char *)triples + n * sizeof *triples + skip, 3);
    return to + 3 - skip;
}

static inline char *put_whole(char *to, uint64_t n) {
    if (n < 1000)
        return put_leading(to, (uint32_t)n);
    if (n < 1000 * 1000)
        return put_three(put_leading(to, (uint32_t)n / 1000), (uint32_t)n % 1000);
    char text[NUMBER_ROOM], *end = text + sizeof text, *at = digits_before(end, n);
    memcpy(to, at, (size_t)(end - at));
    return to + (end - at);
}

/* [units] / 10^5, without the zeros at its end. */
static inline char *put_units(char *to, uint64_t units) {
    uint32_t fraction = (uint32_t)(units % 100000), low = fraction % 1000;
    to = put_whole(to, units / 100000);
    if (fraction == 0)
        return to;
    *to = '.';
    memcpy(to + 1, triples[fraction / 1000].digits + 1, 2);
    memcpy(to + 3, triples[low].digits, 3);
    return to + (low ? 3 + triples[low].length : triples[fraction / 1000].length);
}

#define FIXED_MOST 0x1p50 /* the largest value x 10^5 that put_fixed writes */

/* As printf rounds, which knows all digits of the double: what the product lost is known exactly,
 * and so is which side of a half it is on. Means of half hours end in one all the time. */
static uint64_t round_exactly(double value) {
    double size = fabs(value), scaled = size * 1e5, lost = fma(size, 1e5, -scaled);
    double lower = floor(scaled), beyond_half = scaled - lower - 0.5 + lost;
    uint64_t units = (uint64_t)lower;
    bool is_half = !(beyond_half > 0) && !(beyond_half < 0);
    return units + (is_half ? units % 2 : beyond_half > 0);
}

/* [scaled] is off by half a unit of its last place at most, so which way it rounds is sure unless
 * its fraction is that close to a half. */
static inline char *put_fixed(char *to, double value) {
    double scaled = fabs(value) * 1e5;
    int64_t units = (int64_t)(scaled + 0.5);
    if (fabs(scaled - (double)units) > 0.5 - 0x1p-12 - scaled * 0x1p-52)
        units = (int64_t)round_exactly(value);
    *to = '-';
    to += value < 0 && units;
    return put_units(to, (uint64_t)units);
}

/* What is too large for that, in the shortest form; NaN and infinities too. */
static void put_other(struct json *j, double value) {
    j->comma = false;
    json_double(j, value);
}

void json_fixed(struct json *j, double value) {
    json_fixed_list(j, &value, 1);
}

void json_fixed_list(struct json *j, const double *values, size_t count) {
    enum { AT_ONCE = 64 };
    struct buf *out = j->out;
    for (size_t i = 0; i < count;) {
        size_t end = count - i < AT_ONCE ? count : i + AT_ONCE;
        buf_reserve(out, (end - i) * NUMBER_ROOM);
        char *at = out->at + out->len;
        bool is_other = false;
        for (; i < end && !is_other; i++) {
            *at = ',';
            at += j->comma;
            j->comma = true;
            is_other = !(fabs(values[i]) * 1e5 < FIXED_MOST) && !isnan(values[i]);
            if (isnan(values[i])) {
                memcpy(at, "null", 4);
                at += 4;
            } else if (!is_other) {
                at = put_fixed(at, values[i]);
            }
        }
        out->len = (size_t)(at - out->at);
        if (is_other)
            put_other(j, values[i - 1]);
    }
}

/* Market numbers have few decimals: whole units of 10^-5 print without the search for the
 * shortest text. [scaled] / 10^5 reads back as [value], because dividing two exact doubles rounds
 * correctly, and up to 15 digits no other decimal as short does. */
static bool add_fixed_point(struct buf *out, double value) {
    double scaled = value * 1e5;
    if (!(fabs(scaled) < 1e15) || scaled != floor(scaled) || scaled / 1e5 != value)
        return false;
    buf_reserve(out, NUMBER_ROOM);
    char *at = out->at + out->len;
    *at = '-';
    at = put_units(at + (signbit(scaled) != 0), (uint64_t)fabs(scaled));
    out->len = (size_t)(at - out->at);
    return true;
}

void json_double(struct json *j, double value) {
    char text[32];
    if (!isfinite(value)) {
        json_null(j);
        return;
    }
    before_value(j);
    if (add_fixed_point(j->out, value))
        return;
    /* fewer than 15 digits can only be enough where a subnormal double holds fewer */
    for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buf_add_str(j->out, str_from(text));
}

void json_bool(struct json *j, bool value) {
    before_value(j);
    buf_add_str(j->out, value ? STR("true") : STR("false"));
}

void json_null(struct json *j) {
    before_value(j);
    buf_add_str(j->out, STR("null"));
}
