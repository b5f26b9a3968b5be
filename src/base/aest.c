#include "base/aest.h"

#include <stdio.h>
#include <time.h>

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

/* Howard Hinnant's civil-calendar algorithms: years run from 1 March, 400-year eras. */
static int64_t days_from_civil(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = floor_div(year, 400), of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void aest_date(aest_day d, int *year, int *month, int *day) {
    int64_t z = (int64_t)d + 719468, era = floor_div(z, 146097), of_era = z - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2));
}

bool aest_day_from_date(int year, int month, int day, aest_day *out) {
    int y, m, d;
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    aest_day days = (aest_day)days_from_civil(year, month, day);
    aest_date(days, &y, &m, &d);
    if (d != day) /* 31 April, 29 February of most years */
        return false;
    *out = days;
    return true;
}

/* Takes exactly [count] digits off the front. */
static bool take_digits(str *s, size_t count, int *out) {
    int value = 0;
    if (s->len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (s->at[i] < '0' || s->at[i] > '9')
            return false;
        value = value * 10 + (s->at[i] - '0');
    }
    *s = (str){s->at + count, s->len - count};
    *out = value;
    return true;
}

static bool take_char(str *s, char c) {
    if (s->len == 0 || s->at[0] != c)
        return false;
    *s = (str){s->at + 1, s->len - 1};
    return true;
}

/* yyyy<separator>mm<separator>dd; no separator when it is 0. */
static bool take_date(str *s, char separator, aest_us *out) {
    int year, month, day;
    aest_day days;
    if (!take_digits(s, 4, &year) || (separator && !take_char(s, separator)) ||
        !take_digits(s, 2, &month) || (separator && !take_char(s, separator)) ||
        !take_digits(s, 2, &day) || !aest_day_from_date(year, month, day, &days))
        return false;
    *out = days * AEST_DAY;
    return true;
}

/* A decimal fraction of a second after its point, to the microsecond. */
static bool take_fraction(str *s, aest_us *t) {
    aest_us unit = AEST_SECOND / 10;
    int digit;
    if (!take_digits(s, 1, &digit))
        return false;
    do {
        *t += digit * unit;
        unit /= 10;
    } while (take_digits(s, 1, &digit));
    return true;
}

/* hh:mm[:ss[.f…]]; 24:00 is not accepted. */
static bool take_time(str *s, bool seconds_required, aest_us *t) {
    int hour, minute, second = 0;
    if (!take_digits(s, 2, &hour) || !take_char(s, ':') || !take_digits(s, 2, &minute))
        return false;
    bool has_seconds = take_char(s, ':');
    if ((has_seconds && !take_digits(s, 2, &second)) || (!has_seconds && seconds_required) ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    *t += (hour * 60 + minute) * AEST_MINUTE + second * AEST_SECOND;
    return !(has_seconds && take_char(s, '.')) || take_fraction(s, t);
}

bool aest_parse_mms(str s, aest_us *out) {
    aest_us t;
    if (!take_date(&s, '/', &t))
        return false;
    if (s.len && (!take_char(&s, ' ') || !take_time(&s, true, &t)))
        return false;
    if (s.len)
        return false;
    *out = t;
    return true;
}

bool aest_parse_digits(str s, aest_us *out) {
    aest_us t;
    int hour = 0, minute = 0, second = 0;
    if ((s.len != 8 && s.len != 12 && s.len != 14) || !take_date(&s, 0, &t))
        return false;
    if (s.len && (!take_digits(&s, 2, &hour) || !take_digits(&s, 2, &minute)))
        return false;
    if (s.len && !take_digits(&s, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *out = t + (hour * 60 + minute) * AEST_MINUTE + second * AEST_SECOND;
    return true;
}

bool aest_parse_iso(str s, aest_us *out) {
    aest_us t;
    int hours, minutes;
    if (!take_date(&s, '-', &t))
        return false;
    if (s.len) {
        if (!take_char(&s, 'T') && !take_char(&s, ' '))
            return false;
        if (!take_time(&s, false, &t))
            return false;
        if (take_char(&s, 'Z')) {
            t += AEST_UTC_OFFSET_S * AEST_SECOND;
        } else if (s.len) {
            int sign = take_char(&s, '-') ? -1 : take_char(&s, '+') ? 1 : 0;
            if (!sign || !take_digits(&s, 2, &hours))
                return false;
            take_char(&s, ':');
            if (!take_digits(&s, 2, &minutes) || hours > 14 || minutes > 59)
                return false;
            t += (AEST_UTC_OFFSET_S - sign * (hours * 3600 + minutes * 60)) * AEST_SECOND;
        }
    }
    if (s.len)
        return false;
    *out = t;
    return true;
}

static const char *format(aest_us t, const char *pattern, char out[AEST_TEXT]) {
    int year, month, day;
    int64_t days = floor_div(t, AEST_DAY), seconds = (t - days * AEST_DAY) / AEST_SECOND;
    aest_date((aest_day)days, &year, &month, &day);
    snprintf(out, AEST_TEXT, pattern, year, month, day, (int)(seconds / 3600),
             (int)(seconds / 60 % 60), (int)(seconds % 60));
    return out;
}

const char *aest_format_mms(aest_us t, char out[AEST_TEXT]) {
    return format(t, "%04d/%02d/%02d %02d:%02d:%02d", out);
}

const char *aest_format_iso(aest_us t, char out[AEST_TEXT]) {
    return format(t, "%04d-%02d-%02dT%02d:%02d:%02d+10:00", out);
}

const char *aest_format_date(aest_day d, char out[AEST_TEXT]) {
    return format(d * AEST_DAY, "%04d-%02d-%02d", out);
}

aest_us aest_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return aest_from_unix(now.tv_sec) + now.tv_nsec / 1000;
}

enum { GRID_US = 5 * 60 * 1000000 };

bool interval_from_aest(aest_us t, interval *out) {
    int64_t i = floor_div(t, GRID_US);
    if (t - i * GRID_US != 0 || i < 0 || i > INT32_MAX)
        return false;
    *out = (interval)i;
    return true;
}

interval interval_at_or_after(aest_us t) {
    return (interval)floor_div(t + GRID_US - 1, GRID_US);
}

interval interval_at_or_before(aest_us t) {
    return (interval)floor_div(t, GRID_US);
}

aest_day interval_day(interval i) {
    return (aest_day)floor_div((int64_t)i - 1, INTERVALS_PER_DAY);
}

aest_day interval_trading_day(interval i) {
    return interval_day(i - 4 * 12);
}
