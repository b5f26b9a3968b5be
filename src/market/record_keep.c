#include "market/record_keep.h"

#include <assert.h>

#include "store/alert_records.h"
#include "store/grid.h"

/* So many days are counted in one go, so that a caller who has more to do gets to it; and so many
 * are read at once. */
enum { DAYS_AT_ONCE = 184, DAYS_IN_MEMORY = 8 };

_Static_assert((int)RECORD_ALL_HOURS == (int)ALERT_RECORD_ALL_HOURS, "one number for all hours");

/* -- rows ---------------------------------------------------------------------------------------
 */

static int place_in(const char *const *names, int count, const char *name) {
    int i = 0;
    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

/* Enters a row, unless some other version wrote it. */
static void enter(struct market_records *r, const struct alert_record *row) {
    int measure = place_in(record_measure_names, RECORD_MEASURES, row->measure);
    int extreme = place_in(record_extreme_names, RECORD_EXTREMES, row->extreme);
    int area = strcmp(row->region, "NEM") == 0 ? RECORD_NEM : region_index(str_from(row->region));
    interval at = row->at ? interval_at_or_after(aest_from_unix(row->at)) : RECORD_TIME_UNKNOWN;
    bool is_region = area < REGIONS || strcmp(row->region, "NEM") == 0;
    if (measure < RECORD_MEASURES && extreme < RECORD_EXTREMES && is_region && row->hour >= 0 &&
        row->hour < RECORD_HOURS)
        market_records_set(r, (enum record_measure)measure, (enum record_extreme)extreme, area,
                           row->hour, (struct market_record){row->value, at});
}

err *record_keep_load(struct alerts *a, struct arena *memory, struct market_records *own,
                      struct market_records *outside) {
    struct alert_record *rows;
    size_t count;
    market_records_init(own);
    if (outside)
        market_records_init(outside);
    TRY(alerts_records(a, memory, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        struct market_records *into = *rows[i].origin ? outside : own;
        if (into)
            enter(into, &rows[i]);
    }
    return NULL;
}

static bool is_same(struct market_record a, struct market_record b) {
    return isnan(a.value)
               ? isnan(b.value)
               : !(a.value < b.value || a.value > b.value) && !isnan(b.value) && a.at == b.at;
}

static err *put_difference(struct alerts *a, const struct market_records *before,
                           const struct market_records *now) {
    for (int m = 0; m < RECORD_MEASURES; m++)
        for (int e = 0; e < RECORD_EXTREMES; e++)
            for (int area = 0; area < RECORD_AREAS; area++)
                for (int h = 0; h < RECORD_HOURS; h++) {
                    struct market_record was = before->best[m][e][area][h],
                                         is = now->best[m][e][area][h];
                    struct alert_record row = {record_measure_names[m],
                                               record_extreme_names[e],
                                               record_area_name(area),
                                               "",
                                               h,
                                               is.value,
                                               isnan(is.value) ? 0 : interval_to_unix(is.at)};
                    if (!is_same(was, is))
                        TRY(isnan(is.value) ? alerts_drop_record(a, &row)
                                            : alerts_put_record(a, &row));
                }
    return NULL;
}

/* -- which days ---------------------------------------------------------------------------------
 */

/* One look: what there was, and which days differ. */
struct look {
    struct store *store;
    struct alerts *alerts;
    struct arena memory, days_memory; /* the latter of what is read of days */
    const struct stop *stop;
    struct thresholds limits;
    int64_t generation;
    struct market_records *before, *now;
    struct alert_record_day *known;
    size_t known_count;
    aest_day first, last;           /* days of the store */
    struct alert_record_day *stale; /* newest first */
    size_t stale_count;
    bool left; /* there are more */
};

static uint64_t known_stamp(const struct look *l, aest_day day) {
    size_t low = 0, high = l->known_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (l->known[middle].day == day)
            return l->known[middle].stamp;
        if (l->known[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

static void find_stale(struct look *l) {
    l->stale = ARENA_ARRAY(&l->memory, struct alert_record_day, DAYS_AT_ONCE);
    for (aest_day day = l->last; day >= l->first && !l->left; day--) {
        uint64_t stamp = record_scan_stamp(l->store, day);
        if (!stamp || stamp == known_stamp(l, day))
            continue;
        l->left = l->stale_count == DAYS_AT_ONCE;
        if (!l->left)
            l->stale[l->stale_count++] = (struct alert_record_day){day, stamp};
    }
}

static struct period days_period(aest_day first, aest_day last) {
    return (struct period){interval_day_start(first), interval_day_start(last + 1)};
}

/* -- counting -----------------------------------------------------------------------------------
 */

static err *scan_days(struct look *l, aest_day first, aest_day last) {
    for (aest_day day = first; day <= last; day += DAYS_IN_MEMORY) {
        aest_day end = day + DAYS_IN_MEMORY - 1 < last ? day + DAYS_IN_MEMORY - 1 : last;
        if (l->stop && stop_requested(l->stop))
            return err_new(ERR_STOPPED, "stopped");
        arena_reset(&l->days_memory);
        TRY(record_scan(l->store, &l->days_memory, &l->limits, days_period(day, end), l->now));
    }
    return NULL;
}

/* The stale days from the one numbered [i] on that follow each other; returns the first's day. */
static aest_day stretch_from(const struct look *l, size_t *i) {
    aest_day first = l->stale[*i].day;
    while (*i + 1 < l->stale_count && l->stale[*i + 1].day == first - 1)
        first = l->stale[++*i].day;
    return first;
}

static err *count_stale(struct look *l) {
    for (size_t i = 0; i < l->stale_count; i++)
        market_records_forget(l->now, days_period(l->stale[i].day, l->stale[i].day));
    for (size_t i = 0; i < l->stale_count; i++) {
        aest_day last = l->stale[i].day, first = stretch_from(l, &i);
        TRY(scan_days(l, first, last));
    }
    return NULL;
}

static bool any_fell(const struct look *l) {
    for (size_t i = 0; i < l->stale_count; i++)
        if (market_records_need_history(l->before, l->now,
                                        days_period(l->stale[i].day, l->stale[i].day)))
            return true;
    return false;
}

/* All days that are there, over what was recorded in days that no longer are. */
static err *count_all(struct look *l) {
    *l->now = *l->before;
    for (aest_day day = l->first; day <= l->last; day++)
        if (record_scan_stamp(l->store, day))
            market_records_forget(l->now, days_period(day, day));
    return scan_days(l, l->first, l->last);
}

/* -- all of it ----------------------------------------------------------------------------------
 */

static err *write_down(struct look *l) {
    int64_t generation;
    TRY(alerts_record_generation(l->alerts, &generation));
    if (generation != l->generation) {
        l->left = true; /* somebody else wrote meanwhile */
        return NULL;
    }
    TRY(put_difference(l->alerts, l->before, l->now));
    for (size_t i = 0; i < l->stale_count; i++)
        TRY(alerts_put_record_day(l->alerts, &l->stale[i]));
    return alerts_count_up_records(l->alerts);
}

static err *write_in_transaction(struct look *l) {
    TRY(alerts_begin(l->alerts));
    err *e = write_down(l);
    if (!e)
        e = alerts_commit(l->alerts);
    if (e)
        alerts_rollback(l->alerts);
    return e;
}

static err *begin_look(struct look *l) {
    l->before = ARENA_NEW(&l->memory, struct market_records);
    l->now = ARENA_NEW(&l->memory, struct market_records);
    TRY(alerts_record_generation(l->alerts, &l->generation));
    TRY(record_keep_load(l->alerts, &l->memory, l->before, NULL));
    *l->now = *l->before;
    return thresholds_load(l->store, &l->limits);
}

static err *look(struct look *l) {
    TRY(begin_look(l));
    TRY(alerts_record_days(l->alerts, &l->memory, &l->known, &l->known_count));
    find_stale(l);
    if (!l->stale_count)
        return NULL;
    TRY(count_stale(l));
    if (any_fell(l))
        TRY(count_all(l));
    return write_in_transaction(l);
}

static void end_look(struct look *l) {
    thresholds_free(&l->limits);
    arena_free(&l->days_memory);
    arena_free(&l->memory);
}

err *record_keep(struct store *s, struct alerts *a, const struct stop *stop, bool *whole) {
    struct look l = {.store = s, .alerts = a, .stop = stop};
    struct grid *g = store_grid(s);
    *whole = false;
    grid_look(g);
    if (!grid_complete(g))
        return NULL;
    *whole = true;
    if (!record_scan_days(s, &l.first, &l.last))
        return NULL;
    err *e = look(&l);
    *whole = !e && !l.left;
    end_look(&l);
    return e;
}

err *record_keep_since(struct alerts *a, bool *any, aest_day *first) {
    struct arena memory = {0};
    struct alert_record_day *days;
    size_t count = 0;
    err *e = alerts_record_days(a, &memory, &days, &count);
    *any = count > 0;
    *first = count ? days[0].day : 0;
    arena_free(&memory);
    return e;
}

static err *replace(struct alerts *a, const char *origin, const struct record_from_outside *records,
                    size_t count) {
    TRY(alerts_drop_records_of(a, origin));
    for (size_t i = 0; i < count; i++) {
        const struct record_from_outside *r = &records[i];
        TRY(alerts_put_record(a, &(struct alert_record){.measure = record_measure_names[r->measure],
                                                        .extreme = record_extreme_names[r->extreme],
                                                        .region = record_area_name(r->area),
                                                        .origin = origin,
                                                        .hour = r->hour,
                                                        .value = r->value,
                                                        .at = r->at}));
    }
    return alerts_count_up_records(a);
}

err *record_keep_take_over(struct alerts *a, const char *origin,
                           const struct record_from_outside *records, size_t count) {
    assert(*origin);
    TRY(alerts_begin(a));
    err *e = replace(a, origin, records, count);
    if (!e)
        e = alerts_commit(a);
    if (e)
        alerts_rollback(a);
    return e;
}
