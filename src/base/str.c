#include "base/str.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool str_starts(str s, str prefix) {
    return s.len >= prefix.len && str_eq((str){s.at, prefix.len}, prefix);
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Not strncasecmp, which ends at a zero byte. */
bool str_starts_nocase(str s, str prefix) {
    if (s.len < prefix.len)
        return false;
    for (size_t i = 0; i < prefix.len; i++)
        if (lower(s.at[i]) != lower(prefix.at[i]))
            return false;
    return true;
}

bool str_eq_nocase(str a, str b) {
    return a.len == b.len && str_starts_nocase(a, b);
}

bool str_ends_nocase(str s, str suffix) {
    return s.len >= suffix.len &&
           str_eq_nocase((str){s.at + s.len - suffix.len, suffix.len}, suffix);
}

int str_compare(str a, str b) {
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.at, b.at, common) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

ptrdiff_t str_find(str s, str needle) {
    if (needle.len == 0)
        return 0;
    for (size_t i = 0; i + needle.len <= s.len; i++) {
        const char *hit = memchr(s.at + i, needle.at[0], s.len - needle.len - i + 1);
        if (!hit)
            return -1;
        i = (size_t)(hit - s.at);
        if (memcmp(hit, needle.at, needle.len) == 0)
            return (ptrdiff_t)i;
    }
    return -1;
}

ptrdiff_t str_find_nocase(str s, str needle) {
    for (size_t i = 0; i + needle.len <= s.len; i++)
        if (str_starts_nocase((str){s.at + i, s.len - i}, needle))
            return (ptrdiff_t)i;
    return -1;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

str str_trim(str s) {
    while (s.len && is_blank(s.at[0]))
        s.at++, s.len--;
    while (s.len && is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

str str_cut(str *rest, char separator) {
    str head = *rest;
    if (head.len == 0)
        return head;
    const char *hit = memchr(rest->at, separator, rest->len);
    if (!hit) {
        *rest = (str){rest->at + rest->len, 0};
        return head;
    }
    head.len = (size_t)(hit - rest->at);
    *rest = (str){hit + 1, rest->len - head.len - 1};
    return head;
}

bool str_to_u64(str s, uint64_t *out) {
    uint64_t value = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned char)s.at[i] - '0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

/* Powers of ten that a double holds exactly. */
static const double exact_power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Digits and a point, at most 2^53 as a whole number: one correctly rounded division of two exact
 * doubles is the nearest double (Clinger, "How to read floating point numbers accurately"). All
 * but a handful of AEMO's numbers are of this kind; others go to strtod. */
static bool fast_double(str s, double *out) {
    size_t i = 0, digits = 0, decimals = 0;
    bool negative = s.len && s.at[0] == '-', point = false;
    uint64_t whole = 0;
    for (i = negative; i < s.len; i++) {
        unsigned digit = (unsigned char)s.at[i] - '0';
        if (digit <= 9) {
            whole = whole * 10 + digit;
            decimals += point;
            if (++digits > 18)
                return false;
        } else if (s.at[i] == '.' && !point) {
            point = true;
        } else {
            return false;
        }
    }
    if (digits == 0 || whole > (UINT64_C(1) << 53))
        return false;
    double value = (double)whole / exact_power[decimals];
    *out = negative ? -value : value;
    return true;
}

bool str_to_double(str s, double *out) {
    char text[64], *end;
    if (fast_double(s, out))
        return true;
    if (s.len == 0 || s.len >= sizeof text || is_blank(s.at[0]))
        return false;
    for (size_t i = 0; i < s.len; i++) /* no hexadecimal, "inf" or "nan" */
        if (!strchr("0123456789+-.eE", s.at[i]) || s.at[i] == 0)
            return false;
    memcpy(text, s.at, s.len);
    text[s.len] = 0;
    double value = strtod(text, &end);
    if (end != text + s.len || !isfinite(value))
        return false;
    *out = value;
    return true;
}

size_t str_utf8_length(str s) {
    unsigned char c = (unsigned char)s.at[0];
    size_t length = c < 0x80                ? 1
                    : c >= 0xc2 && c < 0xe0 ? 2
                    : (c & 0xf0) == 0xe0    ? 3
                    : c >= 0xf0 && c < 0xf5 ? 4
                                            : 0;
    if (length == 0 || length > s.len)
        return 0;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)s.at[i] & 0xc0) != 0x80)
            return 0;
    unsigned char second = length > 1 ? (unsigned char)s.at[1] : 0;
    bool overlong = (c == 0xe0 && second < 0xa0) || (c == 0xf0 && second < 0x90);
    bool surrogate = c == 0xed && second >= 0xa0;
    bool too_large = c == 0xf4 && second >= 0x90;
    return overlong || surrogate || too_large ? 0 : length;
}

char *str_dup(struct arena *a, str s) {
    char *copy = arena_alloc(a, s.len + 1);
    if (s.len)
        memcpy(copy, s.at, s.len);
    return copy;
}

void buf_reserve(struct buf *b, size_t more) {
    if (b->capacity - b->len >= more)
        return;
    size_t capacity = b->capacity ? b->capacity * 2 : 256;
    if (capacity < b->len + more)
        capacity = b->len + more;
    b->at = mem_resize(b->at, capacity);
    b->capacity = capacity;
}

void buf_add(struct buf *b, const void *bytes, size_t count) {
    if (count == 0)
        return;
    buf_reserve(b, count);
    memcpy(b->at + b->len, bytes, count);
    b->len += count;
}

void buf_vprintf(struct buf *b, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length > 0) {
        buf_reserve(b, (size_t)length + 1);
        vsnprintf(b->at + b->len, (size_t)length + 1, format, again);
        b->len += (size_t)length;
    }
    va_end(again);
}

void buf_printf(struct buf *b, const char *format, ...) {
    va_list args;
    va_start(args, format);
    buf_vprintf(b, format, args);
    va_end(args);
}

const char *buf_cstr(struct buf *b) {
    buf_reserve(b, 1);
    b->at[b->len] = 0;
    return b->at;
}

void buf_free(struct buf *b) {
    free(b->at);
    *b = (struct buf){0};
}
