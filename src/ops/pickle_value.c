/* Looking into what a pickle held. */
#include <math.h>

#include "ops/pickle_array.h"

const struct py *py_item(const struct py *v, size_t i) {
    bool has_items = v && (v->kind == PY_TUPLE || v->kind == PY_LIST || v->kind == PY_SET);
    return has_items && i < v->items.count ? v->items.at[i] : NULL;
}

const struct py *py_get(const struct py *dict, const char *key) {
    if (!dict || dict->kind != PY_DICT)
        return NULL;
    for (size_t i = dict->items.count; i >= 2; i -= 2) { /* the last of a key counts */
        str name;
        if (py_text(dict->items.at[i - 2], &name) && str_eq(name, str_from(key)))
            return dict->items.at[i - 1];
    }
    return NULL;
}

bool py_is(const struct py *v, enum py_name name) {
    return v && v->kind == PY_OBJECT && v->object.name == name;
}

bool py_text(const struct py *v, str *out) {
    if (!v || (v->kind != PY_TEXT && v->kind != PY_BYTES))
        return false;
    for (str rest = v->text; v->kind == PY_BYTES && rest.len;) {
        size_t length = str_utf8_length(rest);
        if (length == 0)
            return false;
        rest = (str){rest.at + length, rest.len - length};
    }
    *out = v->text;
    return true;
}

bool py_integer(const struct py *v, int64_t *out) {
    struct py scalar;
    if (py_scalar(v, &scalar))
        v = &scalar;
    if (!v || v->kind != PY_INT)
        return false;
    *out = v->integer;
    return true;
}

bool py_number(const struct py *v, double *out) {
    struct py scalar;
    if (py_scalar(v, &scalar))
        v = &scalar;
    if (!v || (v->kind != PY_FLOAT && v->kind != PY_INT && v->kind != PY_BOOL))
        return false;
    *out = v->kind == PY_FLOAT ? v->number : (double)v->integer;
    return true;
}

bool py_missing(const struct py *v) {
    double number;
    if (!v || v->kind == PY_NONE || py_is(v, PY_NAT))
        return true;
    if (v->kind == PY_NAME)
        return v->name == PY_NA;
    return py_number(v, &number) && isnan(number);
}

/* -- times --------------------------------------------------------------------------------------
 */

/* What timedelta(days, seconds, microseconds) is. */
static bool delta(const struct py *v, int64_t *out) {
    int64_t part[3] = {0};
    if (!py_is(v, PY_TIMEDELTA))
        return false;
    for (size_t i = 0; i < 3 && py_item(v->object.arguments, i); i++)
        if (!py_integer(py_item(v->object.arguments, i), &part[i]))
            return false;
    if (part[0] < -1000 || part[0] > 1000 || part[1] < 0 || part[1] > 86400 || part[2] < 0 ||
        part[2] > 1000000)
        return false;
    *out = part[0] * AEST_DAY + part[1] * AEST_SECOND + part[2];
    return true;
}

/* How far a zone is before UTC; a zone that can't be told makes the time unknown. */
static bool offset_of(const struct py *zone, bool *has_zone, int64_t *offset) {
    *has_zone = zone && zone->kind != PY_NONE;
    *offset = 0;
    if (!*has_zone || py_is(zone, PY_UTC))
        return true;
    return py_is(zone, PY_TIMEZONE) && delta(py_item(zone->object.arguments, 0), offset);
}

/* datetime(b"\x07\xe9\x07\x14…"): year, month, day, hour, minute, second, microseconds; a date has
 * the first four bytes. The month's high bit says which of two 02:30 in autumn is meant. */
static bool packed_time(str b, bool is_date, aest_us *out) {
    unsigned char at[10] = {0};
    aest_day day;
    if (b.len != (is_date ? 4 : 10))
        return false;
    memcpy(at, b.at, b.len);
    if (!aest_day_from_date(at[0] << 8 | at[1], at[2] & 0x7f, at[3], &day) || at[4] > 23 ||
        at[5] > 59 || at[6] > 59)
        return false;
    *out = day * AEST_DAY + ((at[4] * 60 + at[5]) * 60 + at[6]) * AEST_SECOND +
           (at[7] << 16 | at[8] << 8 | at[9]);
    return true;
}

/* Timestamp(value, freq, zone, unit); without unit it is in nanoseconds. */
static bool timestamp(const struct py *arguments, aest_us *out, int64_t *offset, bool *has_zone) {
    enum { SECONDS = 7, NANOSECONDS = 10 };
    static const int64_t factor[] = {1000000, 1000, 1}; /* of seconds, milli- and microseconds */
    int64_t value, unit = NANOSECONDS, zone;
    if (!py_integer(py_item(arguments, 0), &value) || value == INT64_MIN)
        return false;
    if (py_item(arguments, 3) && !py_integer(py_item(arguments, 3), &unit))
        return false;
    if (unit < SECONDS || unit > NANOSECONDS || !offset_of(py_item(arguments, 2), has_zone, &zone))
        return false;
    *offset = 0; /* the value is UTC's, whatever the zone */
    if (unit == NANOSECONDS) {
        *out = value / 1000 - (value % 1000 < 0);
        return true;
    }
    int64_t times = factor[unit - SECONDS];
    if (value > INT64_MAX / times || value < INT64_MIN / times)
        return false;
    *out = value * times;
    return true;
}

bool py_time(const struct py *v, aest_us *out, bool *has_zone) {
    int64_t offset = 0;
    struct py scalar;
    *has_zone = false;
    if (py_scalar(v, &scalar))
        v = &scalar;
    if (v && v->kind == PY_TIME) {
        *out = v->integer;
        return true;
    }
    if (py_is(v, PY_TIMESTAMP))
        return timestamp(v->object.arguments, out, &offset, has_zone);
    if (!py_is(v, PY_DATETIME) && !py_is(v, PY_DATE))
        return false;
    const struct py *bytes = py_item(v->object.arguments, 0);
    if (!bytes || bytes->kind != PY_BYTES ||
        !packed_time(bytes->text, v->object.name == PY_DATE, out) ||
        !offset_of(py_item(v->object.arguments, 1), has_zone, &offset))
        return false;
    *out -= offset;
    return true;
}
