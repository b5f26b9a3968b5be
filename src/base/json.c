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

void json_str(struct json *j, str s) {
    before_value(j);
    buf_add_char(j->out, '"');
    while (s.len) {
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

enum { NUMBER_ROOM = 32 }; /* the longest number below, and more */

void json_int(struct json *j, int64_t value) {
    char text[NUMBER_ROOM], *end = text + sizeof text;
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char *at = digits_before(end, size);
    if (value < 0)
        *--at = '-';
    before_value(j);
    buf_add(j->out, at, (size_t)(end - at));
}

/* Writes [units] / 10^5 without the zeros at its end, before [end]. Decimals first, for which five
 * divisions by ten are spared where there are none. */
static char *fixed_before(char *end, uint64_t units) {
    uint64_t whole = units / 100000, fraction = units % 100000;
    if (fraction) {
        int decimals = 5;
        while (fraction % 10 == 0)
            fraction /= 10, decimals--;
        char *at = digits_before(end, fraction);
        while (end - at < decimals)
            *--at = '0';
        *--at = '.';
        end = at;
    }
    return digits_before(end, whole);
}

#define FIXED_MOST 0x1p50 /* the largest value x 10^5 that put_fixed writes */

enum { FIXED_LONGEST = 24 }; /* "-11258999068.42624" has 18 */

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
static size_t put_fixed(char *to, double value) {
    char text[NUMBER_ROOM + FIXED_LONGEST], *end = text + NUMBER_ROOM;
    double scaled = fabs(value) * 1e5;
    uint64_t units = (uint64_t)(scaled + 0.5);
    if (fabs(scaled - (double)units) > 0.5 - 0x1p-12 - scaled * 0x1p-52)
        units = round_exactly(value);
    char *at = fixed_before(end, units);
    if (value < 0 && units)
        *--at = '-';
    memcpy(to, at, FIXED_LONGEST); /* a constant is copied without a call */
    return (size_t)(end - at);
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
    struct buf *out = j->out;
    for (size_t i = 0; i < count; i++) {
        buf_reserve(out, NUMBER_ROOM);
        char *at = out->at + out->len;
        *at = ',';
        at += j->comma;
        j->comma = true;
        if (fabs(values[i]) * 1e5 < FIXED_MOST) {
            at += put_fixed(at, values[i]);
        } else if (isnan(values[i])) {
            memcpy(at, "null", 4);
            at += 4;
        } else {
            out->len = (size_t)(at - out->at);
            put_other(j, values[i]);
            continue;
        }
        out->len = (size_t)(at - out->at);
    }
}

/* Market numbers have few decimals: whole units of 10^-5 print without the search for the
 * shortest text. [scaled] / 10^5 reads back as [value], because dividing two exact doubles rounds
 * correctly, and up to 15 digits no other decimal as short does. */
static bool add_fixed_point(struct buf *out, double value) {
    double scaled = value * 1e5;
    if (!(fabs(scaled) < 1e15) || scaled != floor(scaled) || scaled / 1e5 != value)
        return false;
    char text[NUMBER_ROOM], *end = text + sizeof text;
    char *at = fixed_before(end, (uint64_t)fabs(scaled));
    if (signbit(scaled))
        *--at = '-';
    buf_add(out, at, (size_t)(end - at));
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
