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

void json_int(struct json *j, int64_t value) {
    before_value(j);
    buf_printf(j->out, "%lld", (long long)value);
}

/* Market numbers have few decimals: whole units of 10^-5 print without the search for the
 * shortest text. [scaled] / 10^5 reads back as [value], because dividing two exact doubles rounds
 * correctly, and up to 15 digits no other decimal as short does. */
static bool add_fixed_point(struct buf *out, double value) {
    double scaled = value * 1e5;
    if (!(fabs(scaled) < 1e15) || scaled != floor(scaled) || scaled / 1e5 != value)
        return false;
    uint64_t units = (uint64_t)fabs(scaled);
    char text[32], *end = text + sizeof text, *at = end;
    int decimals = 5;
    while (decimals > 0 && units % 10 == 0)
        units /= 10, decimals--;
    for (int i = 0; i < decimals; i++, units /= 10)
        *--at = (char)('0' + units % 10);
    if (decimals)
        *--at = '.';
    do
        *--at = (char)('0' + units % 10);
    while (units /= 10);
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
