#include "ops/backup_far.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/rsync.h"

bool far_is(const char *target) {
    const char *colon = strchr(target, ':'), *slash = strchr(target, '/');
    return colon && colon != target && (!slash || colon < slash);
}

/* -- the stage ----------------------------------------------------------------------------------
 */

static err *remove_below(struct arena *a, const char *folder) {
    struct file_entry *entries;
    size_t count;
    TRY(file_list(a, folder, &entries, &count));
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(a, "%s/%.*s", folder, STR_ARG(entries[i].name));
        if (entries[i].is_folder)
            TRY(remove_below(a, path));
        else if (unlink(path))
            return err_errno(errno, "can't remove %s", path);
    }
    if (rmdir(folder) && errno != ENOENT)
        return err_errno(errno, "can't remove %s", folder);
    return NULL;
}

static const char *in_stage(struct far *f, const char *path) {
    return arena_printf(f->memory, "%s/%s", f->stage, path);
}

static const char *there(struct far *f, const char *path) {
    return arena_printf(f->memory, "%s/%s", f->target, path);
}

static err *run(struct far *f, const char *const *words, struct buf *out) {
    return err_wrap(rsync_run(words, f->stage, f->stop, out), "%s", f->target);
}

/* -- opening ------------------------------------------------------------------------------------
 */

/* "-rw-r--r--      1,234 2025/07/20 18:15:00 3f/3f8a…": size and name; false for what is no file.
 */
static bool read_entry(str line, int64_t *size, str *name) {
    str rest = line;
    if (line.len == 0 || line.at[0] != '-')
        return false;
    for (int field = 0; field < 4; field++) {
        rest = str_trim(rest);
        str word = str_cut(&rest, ' ');
        if (field != 1)
            continue;
        *size = 0;
        for (size_t i = 0; i < word.len; i++)
            if (word.at[i] >= '0' && word.at[i] <= '9' && *size < INT64_MAX / 10 - 9)
                *size = *size * 10 + (word.at[i] - '0');
    }
    *name = rest;
    return name->len > 0;
}

/* "3f/3f8a…" as the sum that it is named by; {0} for something else. */
static str object_name(str path) {
    if (path.len != 3 + SHA256_TEXT - 1 || path.at[2] != '/')
        return (str){0};
    str name = {path.at + 3, path.len - 3};
    for (size_t i = 0; i < name.len; i++)
        if (!memchr("0123456789abcdef", name.at[i], 16))
            return (str){0};
    return memcmp(path.at, name.at, 2) == 0 ? name : (str){0};
}

static err *list_objects(struct far *f) {
    struct buf text = {0};
    const char *const words[] = {"-r", "--list-only", "--", there(f, "objects/"), NULL};
    err *e = run(f, words, &text);
    for (str rest = buf_str(&text); !e && rest.len;) {
        int64_t size;
        str name;
        if (!read_entry(str_cut(&rest, '\n'), &size, &name) || !object_name(name).len)
            continue;
        uint32_t number = intern_add(&f->objects, object_name(name));
        if (number == f->sizes.len / sizeof size)
            buf_add(&f->sizes, &size, sizeof size);
    }
    buf_free(&text);
    return e;
}

static err *fetch_manifests(struct far *f) {
    const char *const words[] = {"-rt",
                                 "--include=/NEMD-BACKUP",
                                 "--include=/*/",
                                 "--include=/*/MANIFEST",
                                 "--exclude=*",
                                 "--",
                                 there(f, ""),
                                 in_stage(f, ""),
                                 NULL};
    return run(f, words, NULL);
}

/* A new folder there gets the marker, an old one has to have it. */
static err *make_target(struct far *f) {
    struct buf text = {0};
    size_t entries = 0;
    const char *const look[] = {"--list-only", "--", there(f, ""), NULL};
    err *e = run(f, look, &text);
    for (str rest = buf_str(&text); rest.len; str_cut(&rest, '\n'))
        entries++;
    buf_free(&text);
    if (!e && entries > 1) /* the folder itself is one */
        e = err_new(ERR_USAGE, "%s holds other things: name an empty or new folder", f->target);
    if (!e)
        e = file_write_atomic(in_stage(f, "NEMD-BACKUP"), STR("format=1\n"));
    if (!e)
        e = file_make_folders(in_stage(f, "objects"));
    const char *const send[] = {
        "-rt", "--", in_stage(f, "NEMD-BACKUP"), in_stage(f, "objects"), there(f, ""), NULL};
    return e ? e : run(f, send, NULL);
}

static err *open_target(struct far *f, bool make) {
    const char *empty = in_stage(f, ".empty/");
    const char *const touch[] = {"-r", "--", empty, there(f, ""), NULL};
    TRY(file_make_folders(in_stage(f, ".empty")));
    if (make)
        TRY(run(f, touch, NULL));
    TRY(fetch_manifests(f));
    if (!file_exists(in_stage(f, "NEMD-BACKUP"))) {
        if (!make)
            return err_new(ERR_USAGE, "%s holds no backup of nemd", f->target);
        TRY(make_target(f));
    }
    return list_objects(f);
}

err *far_open(struct far *f, struct arena *memory, const char *target, const char *stage, bool make,
              const struct stop *stop) {
    size_t length = strlen(target);
    while (length > 1 && target[length - 1] == '/' && target[length - 2] != ':')
        length--;
    *f = (struct far){.target = arena_printf(memory, "%.*s", (int)length, target),
                      .stage = arena_printf(memory, "%s%s", stage[0] == '/' ? "" : "./", stage),
                      .stop = stop,
                      .memory = memory};
    if (target[0] == '-')
        return err_new(ERR_USAGE, "%s is no name of a machine", target);
    TRY(remove_below(memory, f->stage));
    TRY(file_make_folders(f->stage));
    return open_target(f, make);
}

void far_close(struct far *f) {
    if (f->stage)
        err_free(remove_below(f->memory, f->stage)); /* else the next one does */
    intern_free(&f->objects);
    buf_free(&f->sizes);
}

bool far_has(const struct far *f, const char *sum, int64_t size) {
    int64_t number = intern_find(&f->objects, str_from(sum)), there_is;
    if (number == INTERN_NONE)
        return false;
    memcpy(&there_is, f->sizes.at + (size_t)number * sizeof there_is, sizeof there_is);
    return there_is == size;
}

/* -- sending ------------------------------------------------------------------------------------
 */

/* Sends what [list], a file of names, names of folder [from], and compares both sides. */
static err *send_list(struct far *f, const char *list, const char *from, const char *to) {
    const char *files = arena_printf(f->memory, "--files-from=%s", list);
    const char *const send[] = {"-t", files, "--", from, to, NULL};
    const char *const compare[] = {"-c", "-n", "-i", files, "--", from, to, NULL};
    struct buf differ = {0};
    TRY(run(f, send, NULL));
    err *e = run(f, compare, &differ);
    for (str rest = buf_str(&differ); !e && rest.len;) {
        str line = str_cut(&rest, '\n');
        if (line.len && line.at[0] == '<')
            e = err_new(ERR_IO, "%s: what was sent reads back as something else: %.*s", f->target,
                        STR_ARG(line));
    }
    buf_free(&differ);
    return e;
}

static err *send_objects(struct far *f, const struct manifest *m) {
    struct buf list = {0};
    struct intern listed = {0};
    for (size_t i = 0; i < m->count; i++) {
        str sum = str_from(m->files[i].sum);
        if (!far_has(f, sum.at, m->files[i].size) && intern_find(&listed, sum) == INTERN_NONE) {
            intern_add(&listed, sum);
            buf_printf(&list, "%.2s/%s\n", sum.at, sum.at);
        }
    }
    const char *path = in_stage(f, ".list");
    err *e = list.len ? file_write_atomic(path, buf_str(&list)) : NULL;
    if (!e && list.len)
        e = send_list(f, path, in_stage(f, "objects/"), there(f, "objects/"));
    intern_free(&listed);
    buf_free(&list);
    return e;
}

err *far_push(struct far *f, const struct manifest *m, const char *generation) {
    const char *path = in_stage(f, ".list");
    TRY(send_objects(f, m));
    TRY(file_write_atomic(path, str_from(arena_printf(f->memory, "%s/MANIFEST\n", generation))));
    return send_list(f, path, in_stage(f, ""), there(f, ""));
}

/* -- removing -----------------------------------------------------------------------------------
 */

/* rsync removes what this side doesn't have; rules keep it from all but what they name. */
static err *remove_named(struct far *f, struct buf *rules) {
    const char *path = in_stage(f, ".rules");
    const char *filter = arena_printf(f->memory, "--filter=merge %s", path);
    const char *const words[] = {
        "-r", "--delete", "--force", filter, "--", in_stage(f, ".empty/"), there(f, ""), NULL};
    buf_add_str(rules, STR("- *\n"));
    TRY(file_write_atomic(path, buf_str(rules)));
    return run(f, words, NULL);
}

static err *remove_generations(struct far *f, const char *const *gone, size_t count) {
    struct buf rules = {0};
    for (size_t i = 0; i < count; i++)
        buf_printf(&rules, "+ /%s/\n+ /%s/MANIFEST\n", gone[i], gone[i]);
    err *e = count ? remove_named(f, &rules) : NULL;
    buf_free(&rules);
    return e;
}

err *far_remove(struct far *f, const char *const *gone, size_t count, const struct intern *used) {
    struct buf rules = {0};
    bool any = false;
    TRY(remove_generations(f, gone, count)); /* first: they name the objects */
    buf_add_str(&rules, STR("+ /objects/\n"));
    err *e = NULL;
    for (uint32_t i = 0; !e && i < f->objects.count; i++) {
        str sum = f->objects.texts[i];
        if (intern_find(used, sum) != INTERN_NONE)
            continue;
        any = true;
        buf_printf(&rules, "+ /objects/%.2s/\n+ /objects/%.2s/%.*s\n", sum.at, sum.at,
                   STR_ARG(sum));
        e = file_make_folders(arena_printf(f->memory, "%s/.empty/objects/%.2s", f->stage, sum.at));
    }
    if (!e && any)
        e = remove_named(f, &rules);
    buf_free(&rules);
    return e;
}

/* -- fetching -----------------------------------------------------------------------------------
 */

/* By rules and not by a list: a daemon of rsync 3.5 that doesn't chroot takes the files of a list
 * for vanished. */
err *far_fetch(struct far *f, const struct manifest *m) {
    struct buf rules = {0};
    const char *path = in_stage(f, ".rules"), *objects = in_stage(f, "objects/"),
               *filter = arena_printf(f->memory, "--filter=merge %s", path);
    const char *const words[] = {"-rt", filter, "--", there(f, "objects/"), objects, NULL};
    for (size_t i = 0; i < m->count; i++) {
        const char *sum = m->files[i].sum;
        buf_printf(&rules, "+ /%.2s/\n+ /%.2s/%s\n", sum, sum, sum);
    }
    buf_add_str(&rules, STR("- *\n"));
    err *e = file_write_atomic(path, buf_str(&rules));
    buf_free(&rules);
    if (!e)
        e = file_make_folders(objects);
    return e ? e : run(f, words, NULL);
}
