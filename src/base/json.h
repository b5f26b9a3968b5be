/* A JSON writer: text goes straight into a buffer, commas and escapes are seen to.
 *
 *   json_object(&j);
 *       json_key(&j, "rows"), json_int(&j, 5);
 *   json_end(&j);
 *
 * The caller keeps to the grammar (keys in objects only, one value a key); the depth is asserted.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/str.h"

enum { JSON_DEPTH = 32 };

struct json {
    struct buf *out;
    int depth;
    bool comma;             /* a value stands before this place */
    char close[JSON_DEPTH]; /* what ends each open level */
};

static inline struct json json_to(struct buf *out) {
    return (struct json){.out = out};
}
void json_object(struct json *j);
void json_array(struct json *j);
/* Ends the innermost object or array. */
void json_end(struct json *j);
void json_key(struct json *j, const char *key);

/* Bytes that are no UTF-8 become U+FFFD. */
void json_str(struct json *j, str value);
static inline void json_cstr(struct json *j, const char *value) {
    json_str(j, str_from(value));
}
void json_int(struct json *j, int64_t value);
/* The decimal of the fewest digits that reads back as the same double, minus zero as "-0"; null for
 * NaN and infinities. */
void json_double(struct json *j, double value);
/* The same number to five decimals, rounded as printf rounds and without zeros at its end: what
 * market numbers are good for, at some 10 ns a value. Minus zero is 0. */
void json_fixed(struct json *j, double value);
/* One value after the other, as many calls would do. */
void json_fixed_list(struct json *j, const double *values, size_t count);
void json_bool(struct json *j, bool value);
void json_null(struct json *j);

#endif
