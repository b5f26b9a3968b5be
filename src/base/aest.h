/* Market time.
 *
 * The NEM runs on AEST, UTC+10, without daylight saving, so a day always has 288 five-minute
 * intervals and a time needs no zone. An interval is named by the instant at its END:
 *
 *      settlementdate  00:05     00:10           23:55     00:00 (of the next date)
 *      day D           |  1  |  2  |  ...  |  287  |  288  |
 *                   D 00:00                             D+1 00:00
 *
 * so day D holds the settlementdates in (D 00:00, D+1 00:00]. The trading day D holds
 * (D 04:00, D+1 04:00].
 */
#ifndef BASE_AEST_H
#define BASE_AEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

typedef int64_t aest_us;  /* microseconds since 1970-01-01 00:00 AEST */
typedef int32_t interval; /* five-minute intervals since 1970-01-01 00:00 AEST, by their end */
typedef int32_t aest_day; /* days since 1970-01-01, AEST */

#define AEST_SECOND INT64_C(1000000)
#define AEST_MINUTE (60 * AEST_SECOND)
#define AEST_DAY (24 * 60 * AEST_MINUTE)
#define AEST_UTC_OFFSET_S 36000
enum { INTERVAL_MINUTES = 5, INTERVALS_PER_DAY = 288 };

/* Room for any of the texts below with its terminating zero. */
enum { AEST_TEXT = 40 };

/* Days since 1970-01-01 of a date in the Gregorian calendar; false for no such date. */
bool aest_day_from_date(int year, int month, int day, aest_day *out);
void aest_date(aest_day d, int *year, int *month, int *day);

/* AEMO's "2025/08/20 18:10:00", with optional milliseconds, or a date alone. All of [s]. */
bool aest_parse_mms(str s, aest_us *out);
/* AEMO's file-name stamps, YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS. All of [s]. */
bool aest_parse_digits(str s, aest_us *out);
/* ISO 8601: "2025-08-20", "2025-08-20T18:10", "2025-08-20 18:10:00.5", with Z or +hh:mm. AEST
 * where no zone is given. All of [s]. */
bool aest_parse_iso(str s, aest_us *out);

/* "2025/08/20 18:10:00" */
const char *aest_format_mms(aest_us t, char out[AEST_TEXT]);
/* "2025-08-20T18:10:00+10:00" */
const char *aest_format_iso(aest_us t, char out[AEST_TEXT]);
/* "2025-08-20" */
const char *aest_format_date(aest_day d, char out[AEST_TEXT]);

aest_us aest_now(void);
static inline int64_t aest_to_unix(aest_us t) {
    return (t >= 0 ? t / AEST_SECOND : -((AEST_SECOND - 1 - t) / AEST_SECOND)) - AEST_UTC_OFFSET_S;
}
static inline aest_us aest_from_unix(int64_t seconds) {
    return (seconds + AEST_UTC_OFFSET_S) * AEST_SECOND;
}

/* The interval that ends at [t]; false when [t] is off the five-minute grid or out of range. */
bool interval_from_aest(aest_us t, interval *out);
/* The first interval that ends at or after [t], and the last that ends at or before it. */
interval interval_at_or_after(aest_us t);
interval interval_at_or_before(aest_us t);
static inline aest_us interval_to_aest(interval i) {
    return (aest_us)i * INTERVAL_MINUTES * AEST_MINUTE;
}
static inline int64_t interval_to_unix(interval i) {
    return (int64_t)i * INTERVAL_MINUTES * 60 - AEST_UTC_OFFSET_S;
}
/* The day that holds [i], and the last interval before a day begins (its 00:00). */
aest_day interval_day(interval i);
static inline interval interval_day_start(aest_day d) {
    return d * INTERVALS_PER_DAY;
}
aest_day interval_trading_day(interval i);

#endif
