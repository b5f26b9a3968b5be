#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/config.h"
#include "store/lock.h"
#include "store/parquet.h"

enum { FORMAT = 1, READ_TRIES = 5 };

/* -- opening ------------------------------------------------------------------------------------
 */

static err *read_marker(struct store *s, const char *path) {
    struct config c = {0};
    err *e = config_read(&c, path);
    if (!e) {
        const char *format = "", *kind = "";
        for (size_t i = 0; i < c.count; i++) {
            if (str_eq(c.entries[i].key, STR("format")))
                format = c.entries[i].value.at;
            if (str_eq(c.entries[i].key, STR("kind")))
                kind = c.entries[i].value.at;
        }
        s->simulated = strcmp(kind, "simulated") == 0;
        if (atoi(format) != FORMAT)
            e = err_new(ERR_USAGE, "%s says format '%s'; this nemd reads format %d", path, format,
                        FORMAT);
        else if (!s->simulated && strcmp(kind, "real") != 0)
            e = err_new(ERR_USAGE, "%s says kind '%s', neither real nor simulated", path, kind);
    }
    config_free(&c);
    return e;
}

/* A folder without STORE file may hold what nemd itself puts there first, and what a fresh disk or
 * a file manager does. */
static bool is_foreign(str name) {
    return name.at[0] != '.' && !str_eq(name, STR("lock")) && !str_eq(name, STR("STORE.tmp")) &&
           !str_eq(name, STR("lost+found"));
}

static err *refuse_foreign(struct arena *a, const char *path) {
    struct file_entry *entries;
    size_t count;
    TRY(file_list(a, path, &entries, &count));
    for (size_t i = 0; i < count; i++)
        if (is_foreign(entries[i].name))
            return err_new(
                ERR_USAGE,
                "%s is no nemd store, and holds other things (%.*s): name an empty or new "
                "folder",
                path, STR_ARG(entries[i].name));
    return NULL;
}

static bool is_left_over(str name) {
    return str_starts(name, STR(".")) && str_ends_nocase(name, STR(".parquet.tmp"));
}

/* Removes temporary files of writers that were killed. Under the lock, so none is in use. */
static err *sweep(struct arena *a, const char *path, int depth) {
    struct file_entry *entries;
    size_t count;
    TRY(file_list(a, path, &entries, &count));
    for (size_t i = 0; i < count; i++) {
        const char *inner = arena_printf(a, "%s/%.*s", path, STR_ARG(entries[i].name));
        if (entries[i].is_folder && depth > 0)
            TRY(sweep(a, inner, depth - 1));
        else if (is_left_over(entries[i].name) && unlink(inner) && errno != ENOENT)
            return err_errno(errno, "can't remove %s, left by a writer that was killed", inner);
    }
    return NULL;
}

static err *sweep_all(struct store *s, struct arena *a) {
    for (int i = 0; i < DATASETS; i++)
        TRY(sweep(a, arena_printf(a, "%s/%s", s->path, datasets[i].name), 1));
    return NULL;
}

static err *open_at(struct store *s, struct arena *a) {
    const char *marker = arena_printf(a, "%s/STORE", s->path);
    int lock;
    if (!*s->path)
        return err_new(ERR_USAGE, "the store's folder has an empty name");
    if (s->mode == STORE_READ) {
        if (!file_exists(marker))
            return err_new(
                ERR_USAGE,
                "there is no store in %s: name another with --data or NEMD_DATA, or make "
                "one with `nemd collect`",
                s->path);
        return read_marker(s, marker);
    }
    TRY(file_make_folders(s->path));
    if (!file_exists(marker))
        TRY(refuse_foreign(a, s->path));
    TRY(lock_acquire(arena_printf(a, "%s/lock", s->path), LOCK_PATIENCE_MS, s->stop, &lock));
    err *e = file_exists(marker) ? NULL : file_write_atomic(marker, STR("format=1\nkind=real\n"));
    if (!e)
        e = read_marker(s, marker);
    if (!e)
        e = sweep_all(s, a);
    lock_release(lock);
    return e;
}

err *store_open(const char *path, enum store_mode mode, const struct stop *stop,
                struct store **out) {
    struct arena a = {0};
    struct store *s = mem_zalloc(1, sizeof *s);
    s->path = mem_strdup(path);
    s->mode = mode;
    s->stop = stop;
    err *e = open_at(s, &a);
    if (e)
        store_close(s);
    *out = e ? NULL : s;
    arena_free(&a);
    return e;
}

void store_close(struct store *s) {
    if (!s)
        return;
    for (int i = 0; i < STORE_FRAMES; i++)
        if (s->frames[i].used)
            frame_free(&s->frames[i].frame);
    for (int i = 0; i < DATASETS; i++) {
        free(s->indexes[i].days);
        free(s->indexes[i].damage);
    }
    ledger_close(s->ledger);
    duck_close(&s->duck);
    free(s->path);
    free(s);
}

err *store_ledger(struct store *s, struct ledger **out) {
    if (!s->ledger) {
        struct arena a = {0};
        const char *path = arena_printf(&a, "%s/state.db", s->path);
        err *e = s->mode == STORE_WRITE ? ledger_open(path, s->stop, &s->ledger)
                                        : ledger_open_to_read(path, &s->ledger);
        arena_free(&a);
        TRY(e);
    }
    *out = s->ledger;
    return NULL;
}

const char *store_day_path(const struct store *s, struct arena *a, enum dataset_id dataset,
                           aest_day day) {
    char date[AEST_TEXT];
    aest_format_date(day, date);
    return arena_printf(a, "%s/%s/%.4s/%s.parquet", s->path, datasets[dataset].name, date, date);
}

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
    oldest->used = ++s->clock;
    return oldest;
}

static void forget(struct store_frame *f) {
    frame_free(&f->frame);
    f->used = 0;
}

/* Reads the file at [path] into [f], which is empty. DuckDB opens a file twice, for its footer and
 * for its rows; when a commit came in between, what was read is worth nothing, and is read again.
 */
static err *read_settled(struct store *s, const char *path, struct store_frame *f) {
    const struct dataset *dataset = f->frame.dataset;
    aest_day day = f->frame.day;
    for (int tries = 1;; tries++) {
        f->stamp = file_stamp(path);
        err *e = f->stamp.inode ? parquet_read(&s->duck, path, &f->frame) : NULL;
        if (file_stamp_eq(f->stamp, file_stamp(path)) || tries == READ_TRIES)
            return e;
        err_free(e);
        frame_free(&f->frame);
        frame_init(&f->frame, dataset, day);
    }
}

/* The frame of the file at [path] as it is now; empty where there is no file. */
static err *load(struct store *s, enum dataset_id dataset, aest_day day, const char *path,
                 struct store_frame **out) {
    struct store_frame *f = place(s, dataset, day);
    if (!file_stamp_eq(file_stamp(path), f->stamp)) {
        frame_free(&f->frame);
        frame_init(&f->frame, &datasets[dataset], day);
        err *e = read_settled(s, path, f);
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
    const char *path = store_day_path(s, &a, dataset, day);
    err *e = NULL;
    *out = NULL;
    if (file_exists(path)) { /* a day that isn't there takes no other's place in memory */
        e = load(s, dataset, day, path, &f);
        if (!e && f->frame.rows)
            *out = &f->frame;
    }
    arena_free(&a);
    return e;
}

/* -- commit -------------------------------------------------------------------------------------
 */

/* Replaces the file at [path] by one that holds [f]. */
static err *write_frame(struct store *s, struct arena *a, const struct frame *f, const char *path) {
    const char *slash = strrchr(path, '/');
    const char *folder = arena_printf(a, "%.*s", (int)(slash - path), path);
    const char *temporary = arena_printf(a, "%s/.%s.tmp", folder, slash + 1);
    TRY(file_make_folders(folder));
    err *e = parquet_write(&s->duck, f, temporary);
    if (!e)
        e = file_sync(temporary);
    if (!e)
        e = file_rename_durable(temporary, path);
    if (e)
        unlink(temporary);
    return e;
}

static err *merge_and_write(struct store *s, struct arena *a, const struct frame *from,
                            struct frame_change *change) {
    enum dataset_id dataset = dataset_id(from->dataset);
    const char *path = store_day_path(s, a, dataset, from->day);
    struct frame_change mine = {0};
    struct store_frame *f;
    TRY(load(s, dataset, from->day, path, &f));
    frame_merge(&f->frame, from, &mine);
    frame_change_add(change, &mine);
    if (mine.added + mine.replaced == 0)
        return NULL;
    err *e = write_frame(s, a, &f->frame, path);
    if (e) { /* the frame is ahead of the file */
        forget(f);
        return e;
    }
    f->stamp = file_stamp(path);
    return NULL;
}

err *store_commit(struct store *s, const struct frame *from, struct frame_change *change) {
    struct arena a = {0};
    int lock;
    err *e = lock_acquire(arena_printf(&a, "%s/lock", s->path), LOCK_PATIENCE_MS, s->stop, &lock);
    if (!e) {
        e = merge_and_write(s, &a, from, change);
        lock_release(lock);
    }
    arena_free(&a);
    return e;
}
