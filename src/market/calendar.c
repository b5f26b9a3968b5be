#include "market/calendar.h"

enum { TRADING_SHIFT = 4 * 60 / INTERVAL_MINUTES };

const char *const resolution_names[RESOLUTIONS] = {"5m",  "30m", "1h", "1d", "1w",
                                                   "1mo", "1q",  "1y", "1fy"};

bool resolution_from_name(str name, enum resolution *out) {
    for (int i = 0; i < RESOLUTIONS; i++) {
        if (str_eq(name, str_from(resolution_names[i]))) {
            *out = (enum resolution)i;
            return true;
        }
    }
    return false;
}

static interval shift_of(enum day_kind kind) {
    return kind == DAY_TRADING ? TRADING_SHIFT : 0;
}

aest_day day_of(enum day_kind kind, interval at) {
    return interval_day(at - shift_of(kind));
}

interval day_after(enum day_kind kind, aest_day day) {
    return interval_day_start(day) + shift_of(kind);
}

/* -- buckets ------------------------------------------------------------------------------------
 */

static int64_t floor_to(int64_t value, int64_t step) {
    int64_t past = value % step;
    return value - (past < 0 ? past + step : past);
}

/* Days [*from, *to) of the calendar's stretch of [months] that holds [day]; the first of them
 * begins [offset] months after January. */
static void months_around(aest_day day, int months, int offset, aest_day *from, aest_day *to) {
    int year, month, of_month;
    aest_date(day, &year, &month, &of_month);
    int64_t count = floor_to((int64_t)year * 12 + month - 1 - offset, months) + offset;
    aest_day_from_date((int)(count / 12), (int)(count % 12) + 1, 1, from);
    count += months;
    aest_day_from_date((int)(count / 12), (int)(count % 12) + 1, 1, to);
}

static const struct {
    int intervals, days, months, offset; /* one of the first three */
} sizes[RESOLUTIONS] = {
    [RESOLUTION_5M] = {.intervals = 1},
    [RESOLUTION_30M] = {.intervals = 6},
    [RESOLUTION_1H] = {.intervals = 12},
    [RESOLUTION_1D] = {.days = 1},
    [RESOLUTION_1W] = {.days = 7},
    [RESOLUTION_1MO] = {.months = 1},
    [RESOLUTION_1Q] = {.months = 3},
    [RESOLUTION_1Y] = {.months = 12},
    [RESOLUTION_1FY] = {.months = 12, .offset = 6},
};

struct period bucket_of(enum resolution r, enum day_kind kind, interval at) {
    if (sizes[r].intervals) {
        interval after = (interval)floor_to((int64_t)at - 1, sizes[r].intervals);
        return (struct period){after, after + sizes[r].intervals};
    }
    aest_day day = day_of(kind, at), from = day, to = day + 1;
    enum { MONDAY = 4 }; /* 1970-01-05 */
    if (sizes[r].days == 7) {
        from = (aest_day)floor_to(day - MONDAY, 7) + MONDAY;
        to = from + 7;
    } else if (sizes[r].months) {
        months_around(day, sizes[r].months, sizes[r].offset, &from, &to);
    }
    return (struct period){day_after(kind, from), day_after(kind, to)};
}

struct buckets buckets_of(struct arena *a, enum resolution r, enum day_kind kind,
                          struct period range) {
    struct buckets b = {0};
    if (range.to <= range.after)
        return b;
    interval first = bucket_of(r, kind, range.after + 1).after;
    for (interval after = first; after < range.to; after = bucket_of(r, kind, after + 1).to)
        b.count++;
    b.edges = ARENA_ARRAY(a, interval, b.count + 1);
    b.edges[0] = first;
    for (size_t i = 0; i < b.count; i++)
        b.edges[i + 1] = bucket_of(r, kind, b.edges[i] + 1).to;
    return b;
}

struct buckets buckets_of_step(struct arena *a, int step, struct period range) {
    struct buckets b = {0};
    if (range.to <= range.after)
        return b;
    int64_t first = floor_to(range.after, step);
    b.count = (size_t)((range.to - first + step - 1) / step);
    b.edges = ARENA_ARRAY(a, interval, b.count + 1);
    for (size_t i = 0; i <= b.count; i++)
        b.edges[i] = (interval)(first + (int64_t)i * step);
    return b;
}

/* -- comparisons --------------------------------------------------------------------------------
 */

struct period period_before(struct period p) {
    return (struct period){p.after - (p.to - p.after), p.after};
}

static aest_day day_a_year_before(aest_day day) {
    int year, month, of_month;
    aest_day out;
    aest_date(day, &year, &month, &of_month);
    if (!aest_day_from_date(year - 1, month, of_month, &out))
        aest_day_from_date(year - 1, month, of_month - 1, &out);
    return out;
}

static bool is_month_start(enum day_kind kind, interval after) {
    return bucket_of(RESOLUTION_1MO, kind, after + 1).after == after;
}

struct period period_a_year_before(enum day_kind kind, struct period p) {
    aest_day first = day_of(kind, p.after + 1), last = day_of(kind, p.to);
    if (is_month_start(kind, p.after) && is_month_start(kind, p.to))
        return (struct period){
            day_after(kind, day_a_year_before(first)),
            day_after(kind, day_a_year_before(day_of(kind, p.to + 1))),
        };
    /* An end is the last interval of its own day, not the first instant of the next, which may
     * have no counterpart. */
    return (struct period){
        day_after(kind, day_a_year_before(first)) + (p.after - day_after(kind, first)),
        day_after(kind, day_a_year_before(last)) + (p.to - day_after(kind, last)),
    };
}

/* -- time of day --------------------------------------------------------------------------------
 */

struct profile profile_of(struct arena *a, enum day_kind kind, const struct span *s) {
    struct profile p = {.slots = (size_t)(INTERVALS_PER_DAY / s->step)};
    p.means = ARENA_ARRAY(a, double, p.slots);
    p.counts = ARENA_ARRAY(a, size_t, p.slots);
    interval since = s->first - 1 - day_after(kind, day_of(kind, s->first));
    for (size_t i = 0, slot = (size_t)(since / s->step); i < s->length; i++, slot++) {
        slot = slot == p.slots ? 0 : slot;
        if (isnan(s->values[i]))
            continue;
        p.means[slot] += s->values[i];
        p.counts[slot]++;
    }
    for (size_t i = 0; i < p.slots; i++)
        p.means[i] = p.counts[i] ? p.means[i] / (double)p.counts[i] : NAN;
    return p;
}
