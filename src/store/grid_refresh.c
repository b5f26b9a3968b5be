#include "store/grid_refresh.h"

#include <stdlib.h>

#include "base/log.h"
#include "store/follow.h"
#include "store/grid.h"
#include "store/grid_columns.h"
#include "store/lock.h"
#include "store/parquet.h"

/* Days in a row of one file that lack. */
struct lacking {
    enum dataset_id dataset;
    struct store_file file; /* its stamp is zero where there is none for the days */
    aest_day first;
    int days;
};

struct search {
    struct store *store;
    struct grid *grid;
    struct buf found; /* struct lacking */
    int64_t days;
};

static struct lacking *lacking_of(const struct search *s, size_t *count) {
    *count = s->found.len / sizeof(struct lacking);
    return (struct lacking *)(void *)s->found.at;
}

/* Wide rows are read fewer days at a time, and many keys too: a month of dispatch5 would be a
 * gigabyte. */
static int days_at_once(enum dataset_id dataset) {
    int days = 64 / (dataset_column_count(&datasets[dataset]) + 1);
    return datasets[dataset].horizon_step || grid_is_counted(dataset) ? 4 : days;
}

static void add_day(struct search *s, enum dataset_id dataset, const struct store_file *file,
                    aest_day day) {
    size_t count;
    struct lacking *all = lacking_of(s, &count), *last = count ? &all[count - 1] : NULL;
    s->days++;
    if (last && last->dataset == dataset && file->stamp.inode &&
        file_stamp_eq(last->file.stamp, file->stamp) && last->first + last->days == day &&
        last->days < days_at_once(dataset)) {
        last->days++;
        return;
    }
    struct lacking l = {dataset, *file, day, 1};
    buf_add(&s->found, &l, sizeof l);
}

static void look_at_day(struct search *s, enum dataset_id dataset, const struct store_file *file,
                        aest_day day) {
    struct tiles *t = grid_tiles(s->grid, grid_shape(s->grid, dataset), day);
    struct file_stamp stamp = t ? tiles_stamp(t, day) : (struct file_stamp){0};
    bool half_done = t && tiles_sequence(t, day) % 2;
    if (half_done || !file_stamp_eq(stamp, file->stamp))
        add_day(s, dataset, file, day);
}

/* Days from [first] until before [end] for which there is no file. */
static void look_between(struct search *s, enum dataset_id dataset, aest_day first, aest_day end) {
    static const struct store_file none;
    for (aest_day day = first; day < end; day++) {
        struct tiles *t = grid_tiles(s->grid, grid_shape(s->grid, dataset), day);
        if (!t) { /* nothing in this year: on to the next */
            int year, month, date;
            aest_date(day, &year, &month, &date);
            aest_day_from_date(year, 12, 31, &day);
        } else {
            look_at_day(s, dataset, &none, day);
        }
    }
}

static err *look_at_dataset(struct search *s, enum dataset_id dataset) {
    const struct store_index *x;
    aest_day next = 0, end = 0;
    TRY(store_files(s->store, dataset, &x));
    aest_day_from_date(1998, 1, 1, &next);
    aest_day_from_date(2060, 1, 1, &end);
    for (size_t i = 0; i < x->count; i++) {
        const struct store_file *f = &x->files[i];
        if (f->first < next || f->first >= end)
            continue; /* no market was there, or will be */
        look_between(s, dataset, next, f->first);
        for (int d = 0; d < f->days; d++)
            look_at_day(s, dataset, f, f->first + d);
        next = f->first + f->days;
    }
    look_between(s, dataset, next, end);
    return NULL;
}

static int newest_first(const void *a, const void *b) {
    const struct lacking *x = a, *y = b;
    if (x->first != y->first)
        return (x->first < y->first) - (x->first > y->first);
    return (x->dataset > y->dataset) - (x->dataset < y->dataset);
}

static err *search(struct store *store, struct search *out) {
    size_t count;
    err *e = NULL;
    *out = (struct search){.store = store, .grid = store_grid(store)};
    for (int i = 0; i < DATASETS && !e; i++)
        e = look_at_dataset(out, (enum dataset_id)i);
    struct lacking *all = lacking_of(out, &count);
    if (count)
        qsort(all, count, sizeof *all, newest_first);
    return e;
}

/* The same once nobody is in the midst of a commit, who writes the tiles that lack himself. */
static err *search_settled(struct store *store, struct search *out) {
    int lock;
    TRY(search(store, out));
    if (!out->days)
        return NULL;
    buf_free(&out->found);
    TRY(store_lock(store, &lock));
    err *e = search(store, out);
    lock_release(lock);
    return e;
}

err *grid_count_missing(struct store *s, int64_t *days) {
    struct search found;
    err *e = search(s, &found);
    *days = found.days;
    buf_free(&found.found);
    return e;
}

/* Takes the lock to say how many days lack. */
static err *say_missing(struct store *s, int64_t days) {
    int lock;
    if (grid_missing(store_grid(s)) == days)
        return NULL;
    TRY(store_lock(s, &lock));
    err *e = grid_set_missing(s->grid, days);
    lock_release(lock);
    return e;
}

/* At the end: when no row lacks, the grid is whole if nothing that is made of them does. */
static err *say_rows(struct store *s, int64_t days) {
    int64_t others = 0;
    int lock;
    if (grid_missing(store_grid(s)) == days)
        return NULL;
    TRY(store_lock(s, &lock));
    err *e = store_follow_lacking(s, &others);
    if (!e)
        e = grid_set_missing(s->grid, days || !others ? days : -1);
    lock_release(lock);
    return e;
}

/* The file that holds the days, as it is now. */
static const char *path_of(struct store *s, struct arena *a, const struct lacking *l) {
    if (l->file.stamp.inode)
        return store_file_path(s, a, l->dataset, &l->file);
    return store_day_path(s, a, l->dataset, l->first);
}

static err *make_days(struct store *s, struct arena *a, const struct lacking *l, bool *made) {
    struct frames days;
    int lock;
    err *e = NULL;
    const char *path = path_of(s, a, l);
    frames_init(&days, &datasets[l->dataset], l->first, l->days);
    struct file_stamp stamp = {0};
    if (l->file.stamp.inode)
        e = parquet_read(&s->duck, path, &days, l->file.days > 1, &stamp);
    if (!file_stamp_eq(file_stamp(path), l->file.stamp) || !file_stamp_eq(stamp, l->file.stamp)) {
        err_free(e); /* it was replaced, and whoever did that wrote the tile as well */
        e = NULL;
    } else if (!e && !(e = store_lock(s, &lock))) {
        *made = file_stamp_eq(file_stamp(path), l->file.stamp);
        if (*made)
            e = grid_put_frames(store_grid(s), &days, l->file.stamp);
        lock_release(lock);
    }
    frames_free(&days);
    return e;
}

static err *make_all(struct store *s, const struct stop *stop, const struct search *found,
                     int *made) {
    struct arena a = {0};
    size_t count;
    int64_t left = found->days;
    const struct lacking *l = lacking_of(found, &count);
    err *e = say_missing(s, left);
    for (size_t i = 0; i < count && !e && !(stop && stop_requested(stop)); i++) {
        bool done = false;
        e = make_days(s, &a, &l[i], &done);
        if (e && err_kind(e) == ERR_INPUT) {
            log_warn("days stay out of the grid", log_cstr("dataset", datasets[l[i].dataset].name),
                     log_err(e));
            err_free(e);
            e = NULL;
        }
        *made += done ? l[i].days : 0;
        left -= done ? l[i].days : 0;
        if (i % 16 == 15 && left && !e) /* that none lack is said when sums are there too */
            e = say_missing(s, left);
        arena_reset(&a);
    }
    arena_free(&a);
    return e;
}

err *grid_refresh(struct store *s, const struct stop *stop, int *made) {
    struct search found;
    *made = 0;
    err *e = search_settled(s, &found);
    if (!e && found.days) {
        e = make_all(s, stop, &found, made);
        buf_free(&found.found);
        if (!e) /* what is left was replaced meanwhile, or can't be read */
            e = search_settled(s, &found);
    }
    buf_free(&found.found);
    return e ? e : say_rows(s, found.days);
}
