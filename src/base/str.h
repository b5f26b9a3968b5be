/* Strings that carry their length, and a buffer that grows.
 *
 * A str is a view: it owns nothing and is not zero-terminated. Fields of a CSV file, names in a
 * listing and HTTP headers are views into the buffer that was read; nothing is copied until it
 * has to outlive that buffer.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

typedef struct str {
    const char *at;
    size_t len;
} str;

#define STR(literal) ((str){"" literal, sizeof(literal) - 1})
/* For printf's "%.*s". [s] is evaluated twice. */
#define STR_ARG(s) (int)(s).len, (s).at

static inline str str_from(const char *zero_terminated) {
    return (str){zero_terminated, zero_terminated ? strlen(zero_terminated) : 0};
}

/* [count] of 8 to 16 bytes, as two words that may overlap. */
static inline bool str_eq_words(const char *a, const char *b, size_t count) {
    uint64_t words[4];
    memcpy(&words[0], a, 8);
    memcpy(&words[1], b, 8);
    memcpy(&words[2], a + count - 8, 8);
    memcpy(&words[3], b + count - 8, 8);
    return ((words[0] ^ words[1]) | (words[2] ^ words[3])) == 0;
}

/* Keys and times are of 4 to 32 bytes and are compared for every row: no call for those. */
static inline bool str_eq(str a, str b) {
    if (a.len != b.len)
        return false;
    if (a.len >= 8 && a.len <= 16)
        return str_eq_words(a.at, b.at, a.len);
    if (a.len > 16 && a.len <= 32)
        return str_eq_words(a.at, b.at, 16) &&
               str_eq_words(a.at + a.len - 16, b.at + a.len - 16, 16);
    return a.len == 0 || memcmp(a.at, b.at, a.len) == 0;
}

/* ASCII letters compare alike in either case; other bytes as they are. */
bool str_eq_nocase(str a, str b);
bool str_starts(str s, str prefix);
bool str_starts_nocase(str s, str prefix);
bool str_ends_nocase(str s, str suffix);
/* Byte order, a shorter string before its extensions: <0, 0, >0. */
int str_compare(str a, str b);
/* Where [needle] first occurs in [s], or -1. */
ptrdiff_t str_find(str s, str needle);
ptrdiff_t str_find_nocase(str s, str needle);
/* Without spaces, tabs and line ends at both ends. */
str str_trim(str s);
/* Takes what stands before the first [separator] off the front of [rest] and returns it; the
 * separator is dropped. Returns all of it, and leaves [rest] empty, when there is none. */
str str_cut(str *rest, char separator);
/* Whole decimal numbers without sign, blanks or overflow; false leaves [out] alone. */
bool str_to_u64(str s, uint64_t *out);
/* A decimal number in C's form, all of it, of fewer than 64 bytes, finite. The nearest double. */
bool str_to_double(str s, double *out);
/* Length of the well-formed UTF-8 sequence at the start of [s], which isn't empty; 0 when there is
 * none. */
size_t str_utf8_length(str s);
/* A zero-terminated copy. */
char *str_dup(struct arena *a, str s);

/* Bytes that grow. A zeroed struct is an empty buffer; buf_free gives the memory back. */
struct buf {
    char *at;
    size_t len, capacity;
};

void buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *bytes, size_t count);
static inline void buf_add_str(struct buf *b, str s) {
    buf_add(b, s.at, s.len);
}
static inline void buf_add_char(struct buf *b, char c) {
    if (b->len == b->capacity)
        buf_reserve(b, 1);
    b->at[b->len++] = c;
}
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Zero-terminates without counting the zero, and returns the text. */
const char *buf_cstr(struct buf *b);
static inline str buf_str(const struct buf *b) {
    return (str){b->at, b->len};
}
void buf_free(struct buf *b);

#endif
