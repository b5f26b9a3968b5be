#include "ops/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/intern.h"
#include "ops/backup_far.h"
#include "ops/backup_files.h"
#include "store/lock.h"
#include "store/note.h"
#include "store/records.h"
#include "store/sql.h"
#include "store/store.h"

enum { LIST_TRIES = 8 };

struct work {
    const struct backup *asked;
    const char *to;  /* the target, or the stage of one that is far */
    struct far *far; /* NULL: on this machine */
    struct arena memory;
    struct manifest before, now;
    struct backup_done *out;
};

/* -- what there is to save ----------------------------------------------------------------------
 */

struct listed {
    const char *path, *from; /* below the store; where it is read */
    bool database;
};

static void list(struct work *w, struct buf *out, const char *path, const char *from,
                 bool database) {
    struct listed l = {path, from ? from : arena_printf(&w->memory, "%s/%s", w->asked->data, path),
                       database};
    if (file_exists(l.from))
        buf_add(out, &l, sizeof l);
}

static err *list_dataset(struct work *w, struct store *s, enum dataset_id id, struct buf *out) {
    const struct store_index *x;
    TRY(store_index(s, id, &x));
    for (size_t i = 0; i < x->count; i++) {
        const char *path = store_file_path(s, &w->memory, id, &x->files[i]);
        list(w, out, path + strlen(s->path) + 1, path, false);
    }
    return NULL;
}

/* The files as they stand at one moment: no month is closed meanwhile. */
static err *list_all(struct work *w, struct buf *out) {
    struct store *s;
    int reading;
    TRY(store_open(w->asked->data, STORE_READ, w->asked->stop, &s));
    err *e = store_read_begin(s, &reading);
    if (!e) {
        list(w, out, "STORE", NULL, false);
        list(w, out, "notes/migration", NULL, false); /* other notes come anew by themselves */
        list(w, out, "notes/follow", NULL, false);
        for (int i = 0; !e && i < DATASETS; i++)
            e = list_dataset(w, s, (enum dataset_id)i, out);
        for (int i = 0; i < RECORD_TABLES; i++)
            list(w, out, arena_printf(&w->memory, "%s.parquet", record_tables[i].name), NULL,
                 false);
        store_read_end(reading);
    }
    store_close(s);
    list(w, out, "alerts.db", NULL, true);
    list(w, out, "state.db", NULL, true);
    if (w->asked->config)
        list(w, out, "settings/nemd.env", w->asked->config, false);
    if (w->asked->secrets)
        list(w, out, "settings/nemd.secrets", w->asked->secrets, false);
    return e;
}

/* -- one file -----------------------------------------------------------------------------------
 */

static const char *aside(struct work *w, const char *name) {
    return arena_printf(&w->memory, "%s/objects/.%s.tmp", w->to, name);
}

/* Puts what was copied aside under its sum's name, once what can be read back is that. */
static err *keep_object(struct work *w, const char *copied, const struct backup_file *file) {
    char sum[SHA256_TEXT];
    int64_t size;
    const char *path = object_path(&w->memory, w->to, file->sum);
    TRY(object_sum(copied, sum, &size));
    if (strcmp(sum, file->sum) != 0)
        return err_new(ERR_IO, "%s reads back as something else: is the disk failing?", copied);
    const char *slash = strrchr(path, '/');
    TRY(file_make_folders(arena_printf(&w->memory, "%.*s", (int)(slash - path), path)));
    return file_rename_durable(copied, path);
}

static err *copy_from(struct work *w, const char *from, struct backup_file *file) {
    const char *copied = aside(w, "copy");
    err *e = w->far ? object_link(from, copied, file->sum, &file->size)
                    : object_copy(from, copied, file->sum, &file->size);
    if (!e)
        e = keep_object(w, copied, file);
    if (e) {
        unlink(copied);
        return e;
    }
    w->out->copied++;
    w->out->copied_bytes += file->size;
    return NULL;
}

static bool has_object(struct work *w, const struct backup_file *file) {
    if (w->far)
        return far_has(w->far, file->sum, file->size);
    return file_stamp(object_path(&w->memory, w->to, file->sum)).size == (uint64_t)file->size;
}

/* A file of the store, as it is under its name now. *gone: there is none any more. */
static err *save_file(struct work *w, const struct listed *l, bool *gone) {
    struct file_stamp stamp = file_stamp(l->from);
    struct backup_file file = {.path = l->path, .modified_ns = stamp.modified_ns};
    const struct backup_file *old = manifest_find(&w->before, l->path);
    *gone = !stamp.inode;
    if (*gone)
        return NULL;
    if (old && old->modified_ns == stamp.modified_ns && old->size == (int64_t)stamp.size &&
        has_object(w, old)) {
        manifest_add(&w->memory, &w->now, old);
        return NULL;
    }
    err *e = copy_from(w, l->from, &file);
    *gone = e && !file_exists(l->from);
    if (*gone) {
        err_free(e);
        return NULL;
    }
    /* replaced while it was copied: which of the two it was isn't known, so it is read again then
     */
    if (!e && !file_stamp_eq(stamp, file_stamp(l->from)))
        file.modified_ns = 0;
    if (!e)
        manifest_add(&w->memory, &w->now, &file);
    return e;
}

/* A database that others write to, as of one moment. */
static err *save_database(struct work *w, const struct listed *l) {
    struct sql db = {0};
    struct backup_file file = {.path = l->path};
    const char *copied = aside(w, "database");
    unlink(copied);
    err *e = sql_open(&db, l->path, l->from, SQLITE_OPEN_READWRITE, "", w->asked->stop);
    if (!e)
        e = sql_run(&db, "VACUUM INTO ?", "s", copied);
    sql_close(&db);
    if (!e)
        e = copy_from(w, copied, &file);
    unlink(copied);
    if (!e)
        manifest_add(&w->memory, &w->now, &file);
    return e;
}

/* False in *whole when a file was gone: the list is to be made anew. */
static err *save_all(struct work *w, const struct listed *files, size_t count, bool *whole) {
    const struct backup *b = w->asked;
    *whole = true;
    for (size_t i = 0; *whole && i < count; i++) {
        bool gone = false;
        if (b->stop && stop_requested(b->stop))
            return err_new(ERR_STOPPED, "told to stop; the next backup goes on from here");
        if (b->progress)
            b->progress(b->context, files[i].path, i, count);
        TRY(files[i].database ? save_database(w, &files[i]) : save_file(w, &files[i], &gone));
        *whole = !gone;
    }
    if (*whole && b->progress)
        b->progress(b->context, "", count, count);
    return NULL;
}

static err *save(struct work *w) {
    for (int tries = 1; tries <= LIST_TRIES; tries++) {
        struct buf files = {0};
        bool whole = false;
        w->now = (struct manifest){0};
        err *e = list_all(w, &files);
        if (!e)
            e = save_all(w, (const struct listed *)(const void *)files.at,
                         files.len / sizeof(struct listed), &whole);
        buf_free(&files);
        if (e || whole)
            return e;
    }
    return err_new(ERR_BUSY, "files of %s kept being replaced: try again later", w->asked->data);
}

/* -- generations --------------------------------------------------------------------------------
 */

/* One name for a folder, whether it is there or not: the deepest of those above it that is, without
 * links, and what follows. */
static const char *whole_path(struct arena *a, const char *path) {
    char real[PATH_MAX];
    const char *head = path;
    size_t end = strlen(path);
    while (!realpath(head, real)) {
        if (!end)
            return path;
        while (end && path[end - 1] == '/')
            end--;
        while (end && path[end - 1] != '/')
            end--;
        head = end ? arena_printf(a, "%.*s", (int)end, path) : ".";
    }
    const char *out = str_dup(a, str_from(real));
    for (str rest = str_from(path + end); rest.len;) {
        str name = str_cut(&rest, '/');
        if (name.len && !str_eq(name, STR(".")))
            out = arena_printf(a, "%s/%.*s", strcmp(out, "/") == 0 ? "" : out, STR_ARG(name));
    }
    return out;
}

/* What looks empty, though backups went there, may be the folder that a disk is mounted on. */
static err *check_begun_anew(struct work *w) {
    struct note n;
    err *e = note_read(w->asked->data, "backup", &n);
    const char *last = note_text(&n, "last_to");
    if (!e && last && strcmp(last, whole_path(&w->memory, w->to)) == 0)
        e = err_new(ERR_IO,
                    "the backups that were in %s aren't there: is its disk mounted? To begin anew "
                    "run `nemd backup --to` by hand",
                    w->to);
    note_free(&n);
    return e;
}

static err *make_target(struct work *w) {
    struct file_entry *entries;
    size_t count;
    const char *marker = arena_printf(&w->memory, "%s/NEMD-BACKUP", w->to);
    if (w->asked->by_itself && !file_exists(marker))
        TRY(check_begun_anew(w));
    TRY(file_make_folders(w->to));
    if (!file_exists(marker)) {
        TRY(file_list(&w->memory, w->to, &entries, &count));
        if (count)
            return err_new(ERR_USAGE, "%s holds other things: name an empty or new folder", w->to);
        TRY(file_write_atomic(marker, STR("format=1\n")));
    }
    return file_make_folders(arena_printf(&w->memory, "%s/objects", w->to));
}

static err *read_last(struct work *w) {
    const char **names;
    size_t count;
    TRY(generations(&w->memory, w->to, &names, &count));
    if (count == 0)
        return NULL;
    return manifest_read(&w->memory,
                         arena_printf(&w->memory, "%s/%s/MANIFEST", w->to, names[count - 1]),
                         &w->before);
}

/* A name that comes after all there are. */
static err *name_generation(struct work *w) {
    char now[AEST_TEXT];
    const char **names;
    size_t count;
    aest_format_iso(aest_now(), now);
    snprintf(w->out->name, sizeof w->out->name, "%.10sT%.2s%.2s%.2s", now, now + 11, now + 14,
             now + 17);
    TRY(generations(&w->memory, w->to, &names, &count));
    const char *last = count ? names[count - 1] : "";
    for (int i = 2; strcmp(last, w->out->name) >= 0 && i < 100; i++)
        snprintf(w->out->name, sizeof w->out->name, "%.17s-%02d", last, i);
    return NULL;
}

/* The manifest stands in a folder without a generation's name until it is durable. */
static err *finish(struct work *w) {
    const char *to = w->to, *folder = arena_printf(&w->memory, "%s/.new", to);
    TRY(name_generation(w));
    manifest_settle(&w->now);
    TRY(file_make_folders(folder));
    TRY(manifest_write(arena_printf(&w->memory, "%s/MANIFEST", folder), &w->now));
    return file_rename_durable(folder, arena_printf(&w->memory, "%s/%s", to, w->out->name));
}

static err *remove_generation(struct work *w, const char *name) {
    const char *folder = arena_printf(&w->memory, "%s/%s", w->to, name),
               *manifest = arena_printf(&w->memory, "%s/MANIFEST", folder);
    if ((unlink(manifest) && errno != ENOENT) || rmdir(folder))
        return err_errno(errno, "can't remove the generation %s", folder);
    w->out->removed++;
    return NULL;
}

/* Removes the objects of one folder that [used] doesn't have. */
static err *sweep_folder(struct work *w, const char *folder, const struct intern *used) {
    struct file_entry *objects;
    size_t count;
    TRY(file_list(&w->memory, folder, &objects, &count));
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(&w->memory, "%s/%.*s", folder, STR_ARG(objects[i].name));
        if (intern_find(used, objects[i].name) == INTERN_NONE && unlink(path))
            return err_errno(errno, "can't remove %s", path);
    }
    return NULL;
}

static err *sweep(struct work *w, const struct intern *used) {
    struct file_entry *folders;
    size_t count;
    const char *objects = arena_printf(&w->memory, "%s/objects", w->to);
    TRY(file_list(&w->memory, objects, &folders, &count));
    for (size_t i = 0; i < count; i++)
        if (folders[i].is_folder)
            TRY(sweep_folder(
                w, arena_printf(&w->memory, "%s/%.*s", objects, STR_ARG(folders[i].name)), used));
    return NULL;
}

/* Removes what is beyond the number to keep, and then the objects that nobody names. A manifest
 * that can't be read keeps all objects where they are. */
static err *tidy(struct work *w) {
    const char **names;
    struct intern used = {0};
    size_t count, first = 0;
    TRY(generations(&w->memory, w->to, &names, &count));
    if (w->asked->keep > 0 && count > (size_t)w->asked->keep)
        first = count - (size_t)w->asked->keep;
    for (size_t i = 0; i < first; i++)
        TRY(remove_generation(w, names[i]));
    err *e = NULL;
    for (size_t i = first; !e && i < count; i++) {
        struct manifest m = {0};
        e = manifest_read(&w->memory, arena_printf(&w->memory, "%s/%s/MANIFEST", w->to, names[i]),
                          &m);
        for (size_t k = 0; !e && k < m.count; k++)
            intern_add(&used, str_from(m.files[k].sum));
    }
    if (!e)
        e = w->far ? far_remove(w->far, names, first, &used) : sweep(w, &used);
    intern_free(&used);
    w->out->generations = count - first;
    return e;
}

/* -- all ----------------------------------------------------------------------------------------
 */

static err *run(struct work *w) {
    TRY(read_last(w));
    TRY(save(w));
    TRY(finish(w));
    if (w->far)
        TRY(far_push(w->far, &w->now, w->out->name));
    w->out->files = w->now.count;
    for (size_t i = 0; i < w->now.count; i++)
        w->out->bytes += w->now.files[i].size;
    return tidy(w);
}

/* For whoever asks when the last one was made, and where it is (store/note.h). A store that can't
 * be written gets none. One made by hand elsewhere leaves "last_to" to those that nobody looks at.
 */
static void leave_note(struct work *w, const err *failed) {
    const struct backup *b = w->asked;
    struct note before, now = {.text = {0}};
    err *e = note_read(b->data, "backup", &before);
    const char *where = far_is(b->to) ? b->to : whole_path(&w->memory, b->to);
    const char *last_to = note_text(&before, "last_to");
    int64_t last = failed ? note_number(&before, "last", 0) : (int64_t)time(NULL);
    int64_t failures = failed ? note_number(&before, "failures", 0) + 1 : 0;
    note_add_number(&now, "ok", !failed);
    note_add_number(&now, "failures", failures);
    note_add(&now, "to", where);
    note_add_number(&now, "last", last);
    note_add(&now, "last_to", failed || (last_to && !b->by_itself) ? last_to : where);
    note_add(&now, "generation", failed ? note_text(&before, "generation") : w->out->name);
    note_add(&now, "error", failed ? err_text(failed) : NULL);
    err_free(e);
    err_free(note_write(b->data, "backup", &now));
    note_free(&before);
    note_free(&now);
}

static err *run_far(struct work *w) {
    struct far far;
    w->far = &far;
    w->to = arena_printf(&w->memory, "%s/.backup", w->asked->data);
    err *e = far_open(&far, &w->memory, w->asked->to, w->to, true, w->asked->stop);
    if (!e)
        e = run(w);
    far_close(&far);
    return e;
}

/* One at a time for each target; for targets that are far, for each store. */
static err *lock_target(struct work *w, bool far, int *lock) {
    if (far && !file_exists(arena_printf(&w->memory, "%s/STORE", w->asked->data)))
        return err_new(ERR_USAGE, "there is no store in %s", w->asked->data);
    if (!far)
        TRY(make_target(w));
    return lock_try(far ? arena_printf(&w->memory, "%s/.backup.lock", w->asked->data)
                        : arena_printf(&w->memory, "%s/lock", w->to),
                    lock);
}

err *backup_run(const struct backup *b, struct backup_done *out) {
    struct work w = {.asked = b, .to = b->to, .out = out};
    bool far = far_is(b->to);
    int lock = -1;
    *out = (struct backup_done){0};
    err *e = lock_target(&w, far, &lock);
    if (e && err_kind(e) == ERR_BUSY) { /* whoever makes one just now leaves the note */
        arena_free(&w.memory);
        return e;
    }
    if (!e) {
        e = far ? run_far(&w) : run(&w);
        lock_release(lock);
    }
    bool seen = e && err_kind(e) == ERR_USAGE && !b->by_itself; /* whoever typed it mends it */
    if (!seen && !(e && err_kind(e) == ERR_STOPPED))
        leave_note(&w, e);
    arena_free(&w.memory);
    return e;
}
