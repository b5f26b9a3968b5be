#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/config.h"
#include "store/follow.h"
#include "store/grid.h"
#include "store/lock.h"
#include "store/records.h"

enum { FORMAT = 1 };

/* -- opening ------------------------------------------------------------------------------------
 */

static err *read_marker(struct store *s, const char *path) {
    struct config c = {0};
    s->marker = file_stamp(path);
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

static err *write_marker(const char *path, bool simulated) {
    return file_write_atomic(path, simulated ? STR("format=1\nkind=simulated\n")
                                             : STR("format=1\nkind=real\n"));
}

/* A folder without STORE file may hold what nemd itself puts there first, and what a fresh disk or
 * a file manager does. */
static bool is_foreign(str name) {
    return name.at[0] != '.' && !str_eq(name, STR("lost+found")) &&
           !str_eq(name, STR("STORE.tmp")) && !str_eq(name, STR("lock")) &&
           !str_starts(name, STR("lock."));
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
    TRY(sweep(a, s->path, 0));
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
    TRY(lock_acquire_in_turn(arena_printf(a, "%s/lock", s->path), LOCK_PATIENCE_MS, s->stop,
                             &lock));
    err *e = lock_make(arena_printf(a, "%s/lock.read", s->path));
    bool is_new = !e && !file_exists(marker);
    if (is_new)
        e = write_marker(marker, false);
    if (!e && is_new) /* the grid follows from the first row on; where it can't, it is made later */
        err_free(grid_set_missing(store_grid(s), 0));
    if (!e)
        e = read_marker(s, marker);
    if (!e)
        e = sweep_all(s, a);
    if (!e)
        e = store_sweep_hidden(s);
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
        free(s->indexes[i].files);
        free(s->indexes[i].damage);
    }
    store_follow_close(s);
    ledger_close(s->ledger);
    duck_close(&s->duck);
    free(s->path);
    free(s);
}

bool store_is_simulated(struct store *s) {
    struct arena a = {0};
    const char *marker = arena_printf(&a, "%s/STORE", s->path);
    if (!file_stamp_eq(file_stamp(marker), s->marker))
        err_free(read_marker(s, marker)); /* unreadable for now: what was known of it holds */
    arena_free(&a);
    return s->simulated;
}

err *store_wrong_kind(const struct store *s, bool simulated) {
    return err_new(ERR_USAGE,
                   "the store in %s holds %s data, and the source is %s: give each a folder of its "
                   "own with --data",
                   s->path, s->simulated ? "simulated" : "real", simulated ? "simulated" : "real");
}

static err *has_rows(struct store *s, bool *out) {
    struct arena a = {0};
    *out = false;
    for (int i = 0; i < RECORD_TABLES; i++)
        *out = *out || file_exists(records_path(s, &a, (enum record_table_id)i));
    arena_free(&a);
    for (int i = 0; i < DATASETS && !*out; i++) {
        const struct store_index *index;
        TRY(store_files(s, (enum dataset_id)i, &index));
        *out = index->count > 0;
    }
    return NULL;
}

/* Under the lock, so that nobody commits between the look and the change. */
static err *change_kind(struct store *s, const char *marker, bool simulated) {
    bool rows;
    TRY(read_marker(s, marker));
    if (s->simulated == simulated)
        return NULL;
    TRY(has_rows(s, &rows));
    if (rows)
        return store_wrong_kind(s, simulated);
    TRY(write_marker(marker, simulated));
    return read_marker(s, marker);
}

err *store_require_kind(struct store *s, bool simulated) {
    struct arena a = {0};
    int lock;
    if (store_is_simulated(s) == simulated)
        return NULL;
    err *e = lock_acquire_in_turn(arena_printf(&a, "%s/lock", s->path), LOCK_PATIENCE_MS, s->stop,
                                  &lock);
    if (!e) {
        e = change_kind(s, arena_printf(&a, "%s/STORE", s->path), simulated);
        lock_release(lock);
    }
    arena_free(&a);
    return e;
}

err *store_ledger(struct store *s, struct ledger **out) {
    struct arena a = {0};
    const char *path = arena_printf(&a, "%s/state.db", s->path);
    err *e = NULL;
    if (s->ledger && ledger_is_snapshot(s->ledger)) {
        ledger_close(s->ledger);
        s->ledger = NULL;
    }
    if (!s->ledger)
        e = s->mode == STORE_WRITE ? ledger_open(path, s->stop, &s->ledger)
                                   : ledger_open_to_read(path, &s->ledger);
    arena_free(&a);
    *out = s->ledger;
    return e;
}

aest_day month_first(aest_day day) {
    int year, month, date;
    aest_date(day, &year, &month, &date);
    return day - date + 1;
}

int month_days(aest_day first) {
    return month_first(first + 31) - first;
}

const char *store_day_path(const struct store *s, struct arena *a, enum dataset_id dataset,
                           aest_day day) {
    char date[AEST_TEXT];
    aest_format_date(day, date);
    return arena_printf(a, "%s/%s/%.4s/%s.parquet", s->path, datasets[dataset].name, date, date);
}

const char *store_month_path(const struct store *s, struct arena *a, enum dataset_id dataset,
                             aest_day day) {
    char date[AEST_TEXT];
    aest_format_date(day, date);
    return arena_printf(a, "%s/%s/%.4s/%.7s.parquet", s->path, datasets[dataset].name, date, date);
}

const char *store_file_path(const struct store *s, struct arena *a, enum dataset_id dataset,
                            const struct store_file *f) {
    return f->days == 1 ? store_day_path(s, a, dataset, f->first)
                        : store_month_path(s, a, dataset, f->first);
}

err *store_read_begin(struct store *s, int *lock) {
    struct arena a = {0};
    err *e = lock_acquire_shared(arena_printf(&a, "%s/lock.read", s->path), LOCK_PATIENCE_MS,
                                 s->stop, lock);
    arena_free(&a);
    return e;
}

void store_read_end(int lock) {
    lock_release(lock);
}
