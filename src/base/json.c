#include "base/json.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/pairs.h"

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

#define FIXED_MOST 0x1p50 /* values x 10^5 below it are rounded here */

/* Two values as whole units of 10^-5, without their signs: the nearest, a half to the even one, as
 * printf rounds, which knows all digits of a double. The product is off by half a unit of its last
 * place at most, which only matters where it looks like a half: what it lost, which is had exactly
 * by multiplying in two pieces, says on which side that is. Means of half hours end in a half all
 * the time, so there is no branch to be guessed. Returns which are too large; NaN is none. */
static inline masks round_pair(const double values[PAIR], uint64_t units[PAIR]) {
    masks bits;
    memcpy(&bits, values, sizeof bits);
    bits &= INT64_MAX;
    doubles size = (doubles)bits, scaled = size * 1e5;
    doubles moved = scaled + 0x1p52, part = scaled - (moved - 0x1p52);
    doubles high = (doubles)(bits & ~(int64_t)0x1ffff); /* 36 bits are left, and 10^5 has 17 */
    doubles lost = (high * 1e5 - scaled) + (size - high) * 1e5;
    masks up = (part == 0.5) & (lost > 0), down = (part == -0.5) & (lost < 0);
    masks whole = ((masks)moved & 0xfffffffffffff) - up + down;
    memcpy(units, &whole, sizeof whole);
    return scaled >= FIXED_MOST;
}

/* False where one of them is too large. */
static bool round_all(const double *values, size_t count, uint64_t *units) {
    double last[PAIR] = {NAN, NAN};
    masks over = {0};
    size_t i = 0;
    for (; i + PAIR <= count; i += PAIR)
        over |= round_pair(values + i, units + i);
    memcpy(last, values + i, (count - i) * sizeof *last);
    over |= round_pair(last, units + i);
    return (over[0] | over[1]) == 0;
}

static inline char *put_fixed(char *to, double value, uint64_t units) {
    if (isnan(value)) {
        memcpy(to, "null", 4);
        return to + 4;
    }
    *to = '-';
    return put_units(to + ((value < 0) & (units > 0)), units);
}

void json_fixed(struct json *j, double value) {
    json_fixed_list(j, &value, 1);
}

void json_fixed_list(struct json *j, const double *values, size_t count) {
    enum { AT_ONCE = 64 };
    uint64_t units[AT_ONCE + PAIR];
    struct buf *out = j->out;
    for (size_t length; count; values += length, count -= length) {
        length = count < AT_ONCE ? count : AT_ONCE;
        if (!round_all(values, length, units))
            length = 1; /* then one by one */
        if (length == 1 && !round_all(values, length, units)) {
            json_double(j, *values);
            continue;
        }
        buf_reserve(out, length * NUMBER_ROOM);
        char *at = out->at + out->len;
        bool comma = j->comma;
        for (size_t i = 0; i < length; i++) {
            *at = ',';
            at = put_fixed(at + comma, values[i], units[i]);
            comma = true;
        }
        out->len = (size_t)(at - out->at);
        j->comma = true;
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
