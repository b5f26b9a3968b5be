/* Times in tests, as text. */
#ifndef TESTS_SUPPORT_TIMES_H
#define TESTS_SUPPORT_TIMES_H

#include "base/aest.h"
#include "support/check.h"

static inline interval at(const char *time) {
    aest_us t;
    interval i;
    assert_true(aest_parse_iso(str_from(time), &t) && interval_from_aest(t, &i));
    return i;
}

/* Equal, or both missing. */
static inline void assert_number(double value, double expected, double tolerance) {
    if (expected != expected)
        assert_true(value != value);
    else
        assert_float_equal(value, expected, tolerance);
}

#endif
