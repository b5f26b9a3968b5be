#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/backup.h"
#include "ops/backup_far.h"
#include "ops/backup_files.h"

struct work {
    const struct restore *asked;
    const char *from; /* the backup, or the stage of one that is far */
    struct far *far;  /* NULL: on this machine */
    struct arena memory;
    struct manifest files;
    struct restore_done *out;
};

/* The generation that is asked for: the one of that name, else the newest whose name begins so. Of
 * several in one second the first has the name that the others' begin with. */
static err *choose(struct work *w) {
    const char **names, *found = NULL;
    size_t count;
    TRY(generations(&w->memory, w->from, &names, &count));
    for (size_t i = 0; i < count; i++) {
        if (!w->asked->at || str_starts(str_from(names[i]), str_from(w->asked->at)))
            found = names[i];
        if (w->asked->at && strcmp(names[i], w->asked->at) == 0)
            break;
    }
    if (!found)
        return err_new(ERR_USAGE, "%s has no backup%s%s", w->asked->from,
                       w->asked->at ? " of " : "", w->asked->at ? w->asked->at : "");
    snprintf(w->out->name, sizeof w->out->name, "%s", found);
    return manifest_read(&w->memory, arena_printf(&w->memory, "%s/%s/MANIFEST", w->from, found),
                         &w->files);
}

static void note_bad(struct work *w, const char *path, const char *why) {
    if (w->out->bad++ == 0)
        snprintf(w->out->first_bad, sizeof w->out->first_bad, "%.80s %s", path, why);
}

static err *step(struct work *w, size_t i) {
    const struct restore *r = w->asked;
    if (r->stop && stop_requested(r->stop))
        return err_new(ERR_STOPPED, "told to stop");
    if (r->progress)
        r->progress(r->context, i < w->files.count ? w->files.files[i].path : "", i,
                    w->files.count);
    return NULL;
}

/* Reads every object, and says which aren't what they should be. */
static err *verify(struct work *w) {
    for (size_t i = 0; i < w->files.count; i++) {
        const struct backup_file *f = &w->files.files[i];
        char sum[SHA256_TEXT];
        int64_t size;
        TRY(step(w, i));
        err *e = object_sum(object_path(&w->memory, w->from, f->sum), sum, &size);
        if (e)
            note_bad(w, f->path, "can't be read");
        else if (size != f->size || strcmp(sum, f->sum) != 0)
            note_bad(w, f->path, "isn't what was saved");
        err_free(e);
        w->out->files++;
        w->out->bytes += f->size;
    }
    return step(w, w->files.count);
}

/* Puts a file where it was, with the time it had, so that the next backup knows it again. */
static err *put_back(struct work *w, const struct backup_file *f) {
    char sum[SHA256_TEXT];
    int64_t size;
    const char *path = arena_printf(&w->memory, "%s/%s", w->asked->data, f->path),
               *slash = strrchr(path, '/'), *object = object_path(&w->memory, w->from, f->sum);
    TRY(file_make_folders(arena_printf(&w->memory, "%.*s", (int)(slash - path), path)));
    err *e = object_copy(object, path, sum, &size);
    if (!e && (size != f->size || strcmp(sum, f->sum) != 0))
        e = err_new(ERR_IO, "%s changed while it was restored", object);
    bool secret = strstr(f->path, "secrets") != NULL;
    if (!e && !secret && chmod(path, 0644))
        e = err_new(ERR_IO, "can't set the mode of %s", path);
    struct timespec time = {.tv_sec = (time_t)(f->modified_ns / 1000000000),
                            .tv_nsec = (long)(f->modified_ns % 1000000000)};
    if (!e && f->modified_ns)
        utimensat(AT_FDCWD, path, (const struct timespec[]){time, time}, 0); /* a help, no more */
    return e;
}

/* STORE comes last: a folder without it is no store, however far a restore came. */
static err *put_all_back(struct work *w) {
    const struct backup_file *marker = manifest_find(&w->files, "STORE");
    if (!marker)
        return err_new(ERR_INPUT, "the backup has no file STORE");
    for (size_t i = 0; i < w->files.count; i++) {
        TRY(step(w, i));
        if (&w->files.files[i] != marker)
            TRY(put_back(w, &w->files.files[i]));
    }
    TRY(put_back(w, marker));
    return step(w, w->files.count);
}

static err *check_folder(struct work *w) {
    struct file_entry *entries;
    size_t count;
    TRY(file_make_folders(w->asked->data));
    TRY(file_list(&w->memory, w->asked->data, &entries, &count));
    if (count)
        return err_new(ERR_USAGE,
                       "%s isn't empty: move what is there away, or name another with --data",
                       w->asked->data);
    return NULL;
}

static err *run(struct work *w) {
    TRY(choose(w));
    if (w->asked->data)
        TRY(check_folder(w));
    if (w->far)
        TRY(far_fetch(w->far, &w->files));
    TRY(verify(w));
    if (!w->asked->data)
        return NULL;
    if (w->out->bad)
        return err_new(ERR_INPUT, "%zu files of the backup %s are bad, as %s: nothing was restored",
                       w->out->bad, w->out->name, w->out->first_bad);
    return put_all_back(w);
}

static err *run_far(struct work *w) {
    struct far far;
    w->far = &far;
    w->from = w->asked->stage;
    err *e = far_open(&far, &w->memory, w->asked->from, w->from, false, w->asked->stop);
    if (!e)
        e = run(w);
    far_close(&far);
    return e;
}

err *restore_run(const struct restore *r, struct restore_done *out) {
    struct work w = {.asked = r, .from = r->from, .out = out};
    *out = (struct restore_done){0};
    err *e = far_is(r->from) ? run_far(&w) : run(&w);
    arena_free(&w.memory);
    return e;
}

err *backup_newest(struct arena *a, const char *to, aest_us *out) {
    const char **names;
    size_t count;
    *out = 0;
    TRY(generations(a, to, &names, &count));
    if (count) {
        const char *n = names[count - 1];
        const char *iso = arena_printf(a, "%.10sT%.2s:%.2s:%.2s", n, n + 11, n + 13, n + 15);
        if (!aest_parse_iso(str_from(iso), out))
            *out = 0;
    }
    return NULL;
}
