#include "ops/bring.h"

#include <stdio.h>

#include "ops/days.h"
#include "store/derive.h"

enum { WINDOW_BYTES = 160 << 20, LONGEST_WINDOW = 60 }; /* months */

/* -- comparing ----------------------------------------------------------------------------------
 */

static uint64_t mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

/* Of a row's time, key and values, as they are in [f]. Rows are summed, so their order is free. */
static uint64_t row_sum(const struct frame *f, uint32_t key, int slot, const struct frame *as) {
    uint64_t hash = (uint64_t)frame_interval(f, slot);
    str name = f->keys.texts[key];
    for (size_t i = 0; i < name.len; i++)
        hash = mix(hash, (unsigned char)name.at[i]);
    int64_t like = intern_find(&as->keys, name);
    for (int c = 0; c < f->columns; c++) {
        cell value = frame_cell(f, key, c, slot);
        if (like < 0 || frame_cell(as, (uint32_t)like, c, slot) == CELL_MISSING)
            continue; /* the file doesn't say it */
        if (f->dataset->columns[c].type != COLUMN_TEXT) {
            hash = mix(hash, value);
            continue;
        }
        str text = frame_cell_text(f, value);
        for (size_t i = 0; i < text.len; i++)
            hash = mix(hash, (unsigned char)text.at[i]);
    }
    return mix(hash, (uint64_t)f->columns);
}

static bool same_values(const struct frame *a, uint32_t ka, const struct frame *b, uint32_t kb,
                        int slot) {
    for (int c = 0; c < a->columns; c++) {
        cell x = frame_cell(a, ka, c, slot), y = frame_cell(b, kb, c, slot);
        if (x == CELL_MISSING)
            continue;
        if (y == CELL_MISSING)
            return false;
        bool same = a->dataset->columns[c].type == COLUMN_TEXT
                        ? str_eq(frame_cell_text(a, x), frame_cell_text(b, y))
                        : x == y;
        if (!same)
            return false;
    }
    return true;
}

static void note_missing(struct brought *out, const struct frame *f, uint32_t key, int slot) {
    char time[AEST_TEXT];
    if (out->missing + out->other == 1)
        snprintf(out->first_missing, sizeof out->first_missing, "%.16s %.*s",
                 aest_format_mms(interval_to_aest(frame_interval(f, slot)), time),
                 STR_ARG(f->keys.texts[key]));
}

/* One row of the file, [stored] being what the store has of its day. */
static void compare_row(const struct frame *mine, uint32_t key, int64_t there,
                        const struct frame *stored, int slot, struct brought *out) {
    if (there < 0 || !frame_has(stored, (uint32_t)there, slot)) {
        out->missing++;
        note_missing(out, mine, key, slot);
        return;
    }
    uint32_t k = (uint32_t)there;
    if (same_values(mine, key, stored, k, slot)) {
        out->same++;
        out->sum_file += row_sum(mine, key, slot, mine);
        out->sum_store += row_sum(stored, k, slot, mine);
    } else if (frame_lastchanged(stored, k, slot) > frame_lastchanged(mine, key, slot)) {
        out->replaced++;
    } else {
        out->other++;
        note_missing(out, mine, key, slot);
    }
}

static void compare(const struct frames *mine, const struct frames *stored, struct brought *out) {
    for (int i = 0; i < mine->count; i++) {
        const struct frame *m = &mine->day[i], *s = &stored->day[i];
        for (uint32_t k = 0; k < m->keys.count; k++) {
            int64_t there = intern_find(&s->keys, m->keys.texts[k]);
            for (int slot = 0; slot < m->slots; slot++)
                if (frame_has(m, k, slot))
                    compare_row(m, k, there, s, slot, out);
        }
    }
}

/* Whether the half hours of [five] stand as they follow from it: a commit that was cut off between
 * the two is to be made again. */
static err *half_hours_stand(const struct bring *b, const struct frames *five, bool *stand) {
    const struct dataset *half = derive_dataset(five->day->dataset, five->first);
    struct frames thirty;
    *stand = true;
    if (!half)
        return NULL;
    frames_init(&thirty, half, five->first, five->count);
    err *e = days_read(b->store, &thirty);
    for (int i = 0; !e && *stand && i < five->count; i++) {
        struct frame made;
        frame_init(&made, half, five->day[i].day);
        derive_half_hours(&five->day[i], aest_now(), &thirty.day[i], &made);
        *stand = frame_equal(&made, &thirty.day[i]);
        frame_free(&made);
    }
    frames_free(&thirty);
    return e;
}

/* Reads what the store has of the days of [mine], and compares; *whole says that a commit of them
 * would change nothing. */
static err *look_up(const struct bring *b, const struct frames *mine, struct brought *out,
                    bool *whole) {
    struct frames stored;
    frames_init(&stored, mine->day->dataset, mine->first, mine->count);
    err *e = b->store ? days_read(b->store, &stored) : NULL;
    *whole = false;
    if (!e)
        compare(mine, &stored, out);
    if (!e && b->store && !b->dry && out->missing + out->other == 0)
        e = half_hours_stand(b, &stored, whole);
    frames_free(&stored);
    return e;
}

/* -- writing ------------------------------------------------------------------------------------
 */

static int64_t rows_of(const struct frames *f) {
    int64_t rows = 0;
    for (int i = 0; i < f->count; i++)
        rows += (int64_t)f->day[i].rows;
    return rows;
}

/* A month that is over becomes a file of its own; days of one that is still open go in by
 * themselves, so that the collector goes on with days. */
static err *commit(const struct bring *b, const struct frames *mine) {
    aest_day today = (aest_day)(aest_now() / AEST_DAY);
    struct frame_change change = {0};
    if (mine->first + mine->count + STORE_OPEN_DAYS > today) {
        for (int i = 0; i < mine->count; i++)
            if (mine->day[i].rows)
                TRY(store_commit(b->store, &mine->day[i], &change));
        return NULL;
    }
    struct frames copy; /* gets what the store has beside */
    frames_init(&copy, mine->day->dataset, mine->first, mine->count);
    for (int i = 0; i < mine->count; i++)
        frame_merge(&copy.day[i], &mine->day[i], &change);
    err *e = store_commit_month(b->store, &copy);
    frames_free(&copy);
    return e;
}

static void add(struct brought *sum, const struct brought *more) {
    if (sum->missing + sum->other == 0)
        memcpy(sum->first_missing, more->first_missing, sizeof sum->first_missing);
    sum->same += more->same;
    sum->replaced += more->replaced;
    sum->missing += more->missing;
    sum->other += more->other;
    sum->sum_file += more->sum_file;
    sum->sum_store += more->sum_store;
}

static err *bring_month(const struct bring *b, const struct frames *mine, struct brought *out) {
    struct brought now = {0};
    bool whole;
    if (rows_of(mine) == 0)
        return NULL;
    if (b->stop && stop_requested(b->stop))
        return err_new(ERR_STOPPED, "told to stop");
    out->accepted += rows_of(mine);
    TRY(look_up(b, mine, &now, &whole));
    int64_t added = now.missing;
    out->added += added;
    if (!b->dry && !whole) {
        now = (struct brought){0};
        TRY(commit(b, mine));
        TRY(look_up(b, mine, &now, &whole));
    }
    if (b->dry)
        now.missing = 0; /* that is what is to be added */
    add(out, &now);
    return NULL;
}

/* -- midnights ----------------------------------------------------------------------------------
 */

/* A file whose days lost their last interval, which is the 00:00 of the next date. */
static void count_midnights(const struct frames *f, struct brought *out) {
    for (int i = 0; i + 1 < f->count; i++) {
        const struct frame *day = &f->day[i], *next = &f->day[i + 1];
        for (uint32_t k = 0; k < day->keys.count; k++) {
            int64_t there = intern_find(&next->keys, day->keys.texts[k]);
            bool around = there >= 0 && frame_has(day, k, day->slots - 2) &&
                          frame_has(next, (uint32_t)there, 0);
            char time[AEST_TEXT];
            if (!around || frame_has(day, k, day->slots - 1))
                continue;
            if (out->midnights++ == 0)
                snprintf(
                    out->first_midnight, sizeof out->first_midnight, "%.16s %.*s",
                    aest_format_mms(interval_to_aest(frame_interval(day, day->slots - 1)), time),
                    (int)(day->keys.texts[k].len < 32 ? day->keys.texts[k].len : 32),
                    day->keys.texts[k].at);
        }
    }
}

/* -- windows ------------------------------------------------------------------------------------
 */

/* Days from [first], in whole months, that fit in memory and begin by [last]; one month at least.
 */
static int window_days(const struct bring *b, const struct table_file *t, aest_day first,
                       aest_day last) {
    size_t room = b->memory ? b->memory : WINDOW_BYTES, day = table_file_day_bytes(t);
    int days = month_days(first);
    for (int months = 1; months < LONGEST_WINDOW && first + days <= last; months++) {
        int more = days + month_days(first + days);
        if ((size_t)more * day > room)
            break;
        days = more;
    }
    return days;
}

static err *bring_window(const struct bring *b, const struct table_file *t, struct frames *window,
                         struct brought *out) {
    TRY(table_file_read(b->duck, t, b->limits, window, &out->faults, &out->rows));
    count_midnights(window, out);
    for (int at = 0; at < window->count;) {
        aest_day first = window->first + at;
        struct frames month = {first, month_days(first), &window->day[at]};
        TRY(bring_month(b, &month, out));
        at += month.count;
        if (b->progress)
            b->progress(b->context, t, out->rows);
    }
    return NULL;
}

err *bring_file(const struct bring *b, const struct table_file *t, struct brought *out) {
    *out = (struct brought){.rows = t->without_time + t->other_age};
    out->faults.count[ROW_NO_TIME] = t->without_time;
    out->faults.count[ROW_OTHER_AGE] = t->other_age;
    if (!t->any)
        return NULL;
    aest_day day = month_first(interval_day(interval_at_or_after(t->first))),
             last = interval_day(interval_at_or_after(t->last));
    while (day <= last) {
        struct frames window;
        int days = window_days(b, t, day, last);
        frames_init(&window, t->dataset, day, days);
        err *e = bring_window(b, t, &window, out);
        frames_free(&window);
        TRY(e);
        day += days;
    }
    return NULL;
}
