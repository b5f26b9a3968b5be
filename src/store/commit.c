/* Writing: days, months, and the half hours that follow from them. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "store/derive.h"
#include "store/follow.h"
#include "store/lock.h"
#include "store/parquet.h"
#include "store/store.h"

enum { READ_TRIES = 5 };

/* -- frames in memory ---------------------------------------------------------------------------
 */

/* The place of (dataset, day) among the frames in memory: where it is, or the one used longest
 * ago, emptied. */
static struct store_frame *place(struct store *s, enum dataset_id dataset, aest_day day) {
    struct store_frame *oldest = s->frames;
    for (struct store_frame *f = s->frames; f < s->frames + STORE_FRAMES; f++) {
        if (f->used && f->frame.dataset == &datasets[dataset] && f->frame.day == day) {
            f->used = ++s->clock;
            return f;
        }
        if (f->used < oldest->used)
            oldest = f;
    }
    if (oldest->used)
        frame_free(&oldest->frame);
    frame_init(&oldest->frame, &datasets[dataset], day);
    oldest->stamp = (struct file_stamp){0};
    oldest->durable = false;
    oldest->used = ++s->clock;
    return oldest;
}

static void forget(struct store_frame *f) {
    frame_free(&f->frame);
    f->used = 0;
}

static void empty(struct frame *f) {
    const struct dataset *dataset = f->dataset;
    aest_day day = f->day;
    frame_free(f);
    frame_init(f, dataset, day);
}

/* The file that holds a day: its month's where there is one. Its stamp is all zero where there is
 * neither. */
struct holder {
    bool month;
    const char *path;
    struct file_stamp stamp;
};

static struct holder find_holder(const struct store *s, struct arena *a, enum dataset_id dataset,
                                 aest_day day) {
    struct holder month = {.month = true, .path = store_month_path(s, a, dataset, day)},
                  own = {.path = store_day_path(s, a, dataset, day)};
    month.stamp = file_stamp(month.path);
    if (month.stamp.inode)
        return month;
    own.stamp = file_stamp(own.path);
    if (!own.stamp.inode) /* has its month's file come between the two looks? */
        month.stamp = file_stamp(month.path);
    return month.stamp.inode ? month : own;
}

/* Reads the rows of a day, found at [at], into [f], which is empty. */
static err *read_held(struct store *s, struct arena *a, struct store_frame *f, struct holder at) {
    struct frames day = {f->frame.day, 1, &f->frame};
    f->durable = false;
    TRY(fault(FAULT_LOAD, at.path));
    for (int tries = 1; at.stamp.inode; tries++) {
        err *e = parquet_read(&s->duck, at.path, &day, at.month, &f->stamp);
        if (!e || f->stamp.inode || tries == READ_TRIES)
            return e;
        err_free(e); /* it is gone: its month's file has come */
        at = find_holder(s, a, dataset_id(f->frame.dataset), f->frame.day);
    }
    f->stamp = at.stamp;
    return NULL;
}

/* The frame of a day as it is in its file, found at [at]; empty where there is none. */
static err *load(struct store *s, struct arena *a, enum dataset_id dataset, aest_day day,
                 struct holder at, struct store_frame **out) {
    struct store_frame *f = place(s, dataset, day);
    if (!file_stamp_eq(at.stamp, f->stamp)) {
        empty(&f->frame);
        err *e = read_held(s, a, f, at);
        if (e) {
            forget(f);
            return e;
        }
    }
    *out = f;
    return NULL;
}

err *store_frame(struct store *s, enum dataset_id dataset, aest_day day, const struct frame **out) {
    struct arena a = {0};
    struct store_frame *f;
    err *e = NULL;
    *out = NULL;
    struct holder at = find_holder(s, &a, dataset, day);
    if (at.stamp.inode) {
        /* a day that isn't there takes no other's place in memory */
        e = load(s, &a, dataset, day, at, &f);
        if (!e && f->frame.rows)
            *out = &f->frame;
    }
    arena_free(&a);
    return e;
}

/* -- files --------------------------------------------------------------------------------------
 */

static const char *temporary_of(struct arena *a, const char *path) {
    const char *slash = strrchr(path, '/');
    return arena_printf(a, "%.*s/.%s.tmp", (int)(slash - path), path, slash + 1);
}

static err *write_temporary(struct arena *a, const struct frames *f, const char *path) {
    const char *temporary = temporary_of(a, path), *slash = strrchr(path, '/');
    TRY(file_make_folders(arena_printf(a, "%.*s", (int)(slash - path), path)));
    err *e = fault(FAULT_WRITE, path);
    if (!e)
        e = parquet_write(f, temporary);
    if (!e)
        e = fault(FAULT_SYNC, path);
    if (!e)
        e = file_sync(temporary);
    if (e)
        unlink(temporary);
    return e;
}

/* Replaces the file at [path] by one that holds [f]. */
static err *write_frames(struct arena *a, const struct frames *f, const char *path) {
    TRY(write_temporary(a, f, path));
    const char *temporary = temporary_of(a, path);
    err *e = fault(FAULT_RENAME, path);
    if (!e)
        e = file_rename_durable(temporary, path);
    if (e)
        unlink(temporary);
    return e;
}

/* Unlinks the days that a month's file hides. Holding both locks. */
static err *remove_hidden_days(struct store *s, struct arena *a, enum dataset_id dataset,
                               aest_day first) {
    for (aest_day day = first; day < first + month_days(first); day++) {
        const char *path = store_day_path(s, a, dataset, day);
        TRY(fault(FAULT_UNLINK, path));
        if (unlink(path) && errno != ENOENT)
            return err_errno(errno, "can't remove %s, which its month's file replaces", path);
    }
    return NULL;
}

/* Makes [month] the month's one file. */
static err *write_month(struct store *s, struct arena *a, const struct frames *month) {
    enum dataset_id dataset = dataset_id(month->day->dataset);
    const char *path = store_month_path(s, a, dataset, month->first);
    int reading;
    TRY(write_temporary(a, month, path));
    const char *temporary = temporary_of(a, path);
    err *e = fault(FAULT_READ_LOCK, path);
    if (!e)
        e = lock_acquire_from_readers(arena_printf(a, "%s/lock.read", s->path), LOCK_PATIENCE_MS,
                                      s->stop, &reading);
    if (!e) {
        e = fault(FAULT_RENAME, path);
        if (!e)
            e = file_rename_durable(temporary, path);
        if (!e)
            e = remove_hidden_days(s, a, dataset, month->first);
        lock_release(reading);
    }
    if (e)
        unlink(temporary);
    else
        store_follow(s, month, path);
    return e;
}

/* Merges all rows of a month that the store has into [month]. */
static err *read_month(struct store *s, struct arena *a, struct frames *month) {
    enum dataset_id dataset = dataset_id(month->day->dataset);
    const char *path = store_month_path(s, a, dataset, month->first);
    struct file_stamp stamp;
    err *e = NULL;
    TRY(fault(FAULT_LOAD, path));
    if (file_exists(path))
        return parquet_read(&s->duck, path, month, false, &stamp);
    for (int i = 0; !e && i < month->count; i++) {
        struct frames day = {month->first + i, 1, &month->day[i]};
        path = store_day_path(s, a, dataset, day.first);
        if (file_exists(path))
            e = parquet_read(&s->duck, path, &day, false, &stamp);
    }
    return e;
}

/* -- a day --------------------------------------------------------------------------------------
 */

/* How rows go to those that are there: by the rule of the merge, or in place of the whole day. */
enum way { MERGE, REPLACE };

static void put_frame(struct frame *into, const struct frame *from, enum way way,
                      struct frame_change *change) {
    if (way == REPLACE && frame_equal(into, from))
        return;
    if (way == REPLACE)
        empty(into);
    frame_merge(into, from, change);
}

/* A put that ends with *day, the whole of the day as it is then: in [room], or in memory already.
 */
typedef err *put_into(struct store *s, struct arena *a, const struct frame *from, enum way way,
                      struct frame_change *change, struct frame *room, const struct frame **day);

static err *put_into_month(struct store *s, struct arena *a, const struct frame *from, enum way way,
                           struct frame_change *change, struct frame *room,
                           const struct frame **day) {
    enum dataset_id dataset = dataset_id(from->dataset);
    struct frame_change mine = {0}, none = {0};
    struct frames month;
    aest_day first = month_first(from->day);
    frames_init(&month, from->dataset, first, month_days(first));
    err *e = read_month(s, a, &month);
    if (!e) {
        put_frame(frames_day(&month, from->day), from, way, &mine);
        frame_change_add(change, &mine);
        const char *path = store_month_path(s, a, dataset, from->day);
        e = mine.added + mine.replaced ? write_frames(a, &month, path) : file_sync_parent(path);
        if (!e)
            store_follow(s, &month, path);
        frame_merge(room, frames_day(&month, from->day), &none);
        *day = room;
    }
    frames_free(&month);
    return e;
}

static err *put_into_day(struct store *s, struct arena *a, const struct frame *from, enum way way,
                         struct frame_change *change, struct frame *room,
                         const struct frame **day) {
    enum dataset_id dataset = dataset_id(from->dataset);
    struct frame_change mine = {0};
    struct store_frame *f;
    (void)room;
    TRY(load(s, a, dataset, from->day, find_holder(s, a, dataset, from->day), &f));
    put_frame(&f->frame, from, way, &mine);
    frame_change_add(change, &mine);
    *day = &f->frame;
    bool changed = mine.added + mine.replaced > 0;
    if (!changed && !f->stamp.inode)
        return NULL;
    const char *path = store_day_path(s, a, dataset, from->day);
    struct frames one = {from->day, 1, &f->frame};
    err *e = NULL;
    if (changed)
        e = write_frames(a, &one, path);
    else if (!f->durable) /* another writer renamed it and then died, say: its name counts first */
        e = file_sync_parent(path);
    if (e) { /* the frame is ahead of the file */
        forget(f);
        return e;
    }
    f->stamp = file_stamp(path);
    f->durable = true;
    store_follow(s, &one, path);
    return NULL;
}

static err *put_day(struct store *s, struct arena *a, const struct frame *from, enum way way,
                    struct frame_change *change);

/* Makes the half hours of a day from its five minutes [five], in place of those that there are but
 * for imported ones. [more], which may be NULL, has others of those. */
static err *put_half_hours(struct store *s, struct arena *a, const struct frame *five,
                           const struct dataset *half, const struct frame *more,
                           struct frame_change *change) {
    struct frame imported, thirty;
    const struct frame *standing;
    frame_init(&imported, half, five->day);
    frame_init(&thirty, half, five->day);
    err *e = store_frame(s, dataset_id(half), five->day, &standing);
    if (!e) {
        if (more)
            derive_take_imported(more, &imported);
        if (standing)
            derive_take_imported(standing, &imported);
        derive_half_hours(five, aest_now(), &imported, &thirty);
        e = fault(FAULT_HALF_HOURS, half->name);
    }
    if (!e)
        e = put_day(s, a, &thirty, REPLACE, change);
    frame_free(&imported);
    frame_free(&thirty);
    return e;
}

/* Half hours from elsewhere count as far as the five minutes of their day let them. */
static err *put_imported(struct store *s, struct arena *a, const struct frame *from,
                         const struct dataset *source, struct frame_change *change) {
    struct frame none;
    const struct frame *five;
    frame_init(&none, source, from->day);
    err *e = store_frame(s, dataset_id(source), from->day, &five);
    if (!e)
        e = put_half_hours(s, a, five ? five : &none, from->dataset, from, change);
    frame_free(&none);
    return e;
}

static err *put_day(struct store *s, struct arena *a, const struct frame *from, enum way way,
                    struct frame_change *change) {
    const struct dataset *source = derive_source(from->dataset, from->day);
    if (way == MERGE && source && derive_has_imported(from))
        return put_imported(s, a, from, source, change);
    struct frame room;
    const struct frame *day = NULL;
    const struct dataset *half = derive_dataset(from->dataset, from->day);
    frame_init(&room, from->dataset, from->day);
    struct holder at = find_holder(s, a, dataset_id(from->dataset), from->day);
    put_into *put = at.month ? put_into_month : put_into_day;
    err *e = put(s, a, from, way, change, &room, &day);
    if (!e && half) {
        struct frame_change own = {0};
        e = put_half_hours(s, a, day, half, NULL, &own);
    }
    frame_free(&room);
    return e;
}

/* -- under the lock -----------------------------------------------------------------------------
 */

err *store_lock(struct store *s, int *lock) {
    struct arena a = {0};
    err *e =
        lock_acquire_in_turn(arena_printf(&a, "%s/lock", s->path), LOCK_PATIENCE_MS, s->stop, lock);
    arena_free(&a);
    TRY(e);
    bool simulated = s->simulated; /* what the rows are; another process may have come first */
    if (store_is_simulated(s) == simulated)
        return NULL;
    lock_release(*lock);
    return store_wrong_kind(s, simulated);
}

err *store_commit(struct store *s, const struct frame *from, struct frame_change *change) {
    struct arena a = {0};
    int lock;
    err *e = store_lock(s, &lock);
    if (!e) {
        e = put_day(s, &a, from, MERGE, change);
        lock_release(lock);
    }
    arena_free(&a);
    return e;
}

err *store_derive(struct store *s, enum dataset_id dataset, aest_day day) {
    struct frame nothing;
    struct frame_change change = {0};
    frame_init(&nothing, &datasets[dataset], day);
    err *e = store_commit(s, &nothing, &change);
    frame_free(&nothing);
    return e;
}

/* The half hours of a month, in place of those that there are. */
static err *derive_month(struct store *s, struct arena *a, const struct frames *five) {
    struct frames thirty, standing;
    const struct dataset *half = derive_dataset(five->day->dataset, five->first);
    if (!half)
        return NULL;
    frames_init(&thirty, half, five->first, five->count);
    frames_init(&standing, half, five->first, five->count);
    err *e = read_month(s, a, &standing);
    for (int i = 0; !e && i < five->count; i++)
        derive_half_hours(&five->day[i], aest_now(), &standing.day[i], &thirty.day[i]);
    if (!e)
        e = fault(FAULT_HALF_HOURS, half->name);
    if (!e)
        e = write_month(s, a, &thirty);
    frames_free(&thirty);
    frames_free(&standing);
    return e;
}

static bool month_has_imported(const struct frames *f) {
    for (int i = 0; i < f->count; i++)
        if (derive_has_imported(&f->day[i]))
            return true;
    return false;
}

/* Makes of [month], half hours from elsewhere, what is to stand: those, and all that follow from
 * five minutes. */
static err *settle_imported(struct store *s, struct arena *a, struct frames *month,
                            const struct dataset *source) {
    struct frames five, standing, thirty;
    frames_init(&five, source, month->first, month->count);
    frames_init(&standing, month->day->dataset, month->first, month->count);
    frames_init(&thirty, month->day->dataset, month->first, month->count);
    err *e = read_month(s, a, &five);
    if (!e)
        e = read_month(s, a, &standing);
    for (int i = 0; !e && i < month->count; i++) {
        derive_take_imported(&standing.day[i], &month->day[i]);
        derive_half_hours(&five.day[i], aest_now(), &month->day[i], &thirty.day[i]);
        struct frame made = thirty.day[i];
        thirty.day[i] = month->day[i];
        month->day[i] = made;
    }
    frames_free(&five);
    frames_free(&standing);
    frames_free(&thirty);
    return e;
}

static bool has_rows(const struct frames *f) {
    for (int i = 0; i < f->count; i++)
        if (f->day[i].rows)
            return true;
    return false;
}

/* Adds what the store has of a month, and writes all of it as one file. */
static err *put_month(struct store *s, struct arena *a, struct frames *month) {
    const struct dataset *source = derive_source(month->day->dataset, month->first);
    if (source && month_has_imported(month))
        TRY(settle_imported(s, a, month, source));
    else
        TRY(read_month(s, a, month));
    if (!has_rows(month))
        return NULL;
    TRY(write_month(s, a, month));
    return derive_month(s, a, month);
}

err *store_commit_month(struct store *s, struct frames *month) {
    struct arena a = {0};
    int lock;
    err *e = store_lock(s, &lock);
    if (!e) {
        e = put_month(s, &a, month);
        lock_release(lock);
    }
    arena_free(&a);
    return e;
}

static err *close_month(struct store *s, struct arena *a, enum dataset_id dataset, aest_day first) {
    struct frames month;
    int reading;
    /* a look before the work: who reads now mostly still reads after it */
    TRY(lock_acquire_from_readers(arena_printf(a, "%s/lock.read", s->path), LOCK_READERS_MS,
                                  s->stop, &reading));
    lock_release(reading);
    frames_init(&month, &datasets[dataset], first, month_days(first));
    err *e = put_month(s, a, &month);
    frames_free(&month);
    return e;
}

err *store_close_month(struct store *s, enum dataset_id dataset, aest_day first) {
    struct arena a = {0};
    int lock;
    err *e = store_lock(s, &lock);
    if (!e) {
        e = close_month(s, &a, dataset, first);
        lock_release(lock);
    }
    arena_free(&a);
    return e;
}

err *store_close_months(struct store *s, aest_day today) {
    for (int i = 0; i < DATASETS; i++) {
        const struct store_index *x;
        aest_day closed = 0;
        TRY(store_files(s, (enum dataset_id)i, &x));
        for (size_t k = 0; k < x->count; k++) {
            aest_day first = month_first(x->files[k].first);
            if (x->files[k].days > 1 || first == closed ||
                first + month_days(first) + STORE_OPEN_DAYS > today)
                continue;
            closed = first;
            TRY(store_close_month(s, (enum dataset_id)i, first));
        }
    }
    return NULL;
}

/* "2025-06.parquet" */
static bool month_of_name(str name, aest_day *first) {
    char date[16];
    aest_us t;
    if (name.len != 15 || !str_ends_nocase(name, STR(".parquet")))
        return false;
    memcpy(date, name.at, 7);
    memcpy(date + 7, "-01", 3);
    if (!aest_parse_iso((str){date, 10}, &t))
        return false;
    *first = (aest_day)(t / AEST_DAY);
    return true;
}

static err *sweep_year(struct store *s, struct arena *a, enum dataset_id dataset,
                       const char *folder) {
    struct file_entry *files;
    size_t count;
    TRY(file_list(a, folder, &files, &count));
    for (size_t i = 0; i < count; i++) {
        aest_day first;
        if (month_of_name(files[i].name, &first))
            TRY(remove_hidden_days(s, a, dataset, first));
    }
    return NULL;
}

err *store_sweep_hidden(struct store *s) {
    struct arena a = {0};
    int reading = -1;
    err *e = lock_try(arena_printf(&a, "%s/lock.read", s->path), &reading);
    if (e && err_kind(e) == ERR_BUSY) { /* the next writer does it */
        err_free(e);
        arena_free(&a);
        return NULL;
    }
    for (int i = 0; !e && i < DATASETS; i++) {
        const char *folder = arena_printf(&a, "%s/%s", s->path, datasets[i].name);
        struct file_entry *years;
        size_t count;
        e = file_list(&a, folder, &years, &count);
        for (size_t y = 0; !e && y < count; y++)
            if (years[y].is_folder)
                e = sweep_year(s, &a, (enum dataset_id)i,
                               arena_printf(&a, "%s/%.*s", folder, STR_ARG(years[y].name)));
    }
    lock_release(reading);
    arena_free(&a);
    return e;
}
