#include "store/running.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "store/note.h"

static void write_self(struct note *n, const struct running *self) {
    note_add(n, "command", self->command);
    note_add(n, "host", self->host);
    note_add(n, "config", self->config);
    note_add_number(n, "port", self->port);
    note_add_number(n, "since", (int64_t)time(NULL));
    note_add_number(n, "collects", self->collects);
    note_add_number(n, "alerts", self->alerts);
}

/* Opens and locks the file. Who lists processes shares the lock for a moment, and removes the file
 * of a process that is gone. */
static err *hold(const char *path, int *lock) {
    enum { TRIES = 100, PAUSE_MS = 20 };
    for (int i = 0; i < TRIES; i++) {
        *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (*lock < 0)
            return err_errno(errno, "can't open %s", path);
        if (flock(*lock, LOCK_EX | LOCK_NB) == 0 &&
            file_stamp_open(*lock).inode == file_stamp(path).inode)
            return NULL;
        close(*lock);
        *lock = -1;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    }
    return err_new(ERR_BUSY, "%s is locked by another process", path);
}

static err *hold_and_write(const char *path, str text, int *lock) {
    TRY(hold(path, lock));
    if (ftruncate(*lock, 0) == 0 && pwrite(*lock, text.at, text.len, 0) == (ssize_t)text.len)
        return NULL;
    err *e = err_errno(errno, "can't write %s", path);
    close(*lock);
    *lock = -1;
    return e;
}

err *running_enter(const char *data, const struct running *self, struct running_entry *out) {
    struct arena a = {0};
    struct note text = {.text = {0}};
    const char *folder = arena_printf(&a, "%s/running", data);
    *out = (struct running_entry){.lock = -1};
    write_self(&text, self);
    err *e = file_make_folders(folder);
    if (!e) {
        out->path = mem_strdup(arena_printf(&a, "%s/%ld", folder, (long)getpid()));
        e = hold_and_write(out->path, buf_str(&text.text), &out->lock);
    }
    note_free(&text);
    arena_free(&a);
    return e;
}

void running_leave(struct running_entry *entry) {
    if (entry->lock >= 0) {
        unlink(entry->path);
        close(entry->lock);
    }
    free(entry->path);
    *entry = (struct running_entry){.lock = -1};
}

static const char *text_of(struct arena *a, const struct note *n, const char *key) {
    const char *text = note_text(n, key);
    return text ? str_dup(a, str_from(text)) : NULL;
}

static bool parse(struct arena *a, str text, struct running *out) {
    struct note n;
    err *e = note_parse("running", text, &n);
    if (!e) {
        out->command = text_of(a, &n, "command");
        out->host = text_of(a, &n, "host");
        out->config = text_of(a, &n, "config");
        out->port = (int)note_number(&n, "port", 0);
        out->since = note_number(&n, "since", 0);
        out->collects = note_number(&n, "collects", 0) != 0;
        out->alerts = note_number(&n, "alerts", 0) != 0;
    }
    note_free(&n);
    bool ok = !e && out->command;
    err_free(e);
    return ok;
}

/* Whether somebody holds the file; one that nobody does is removed. */
static bool is_held(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    struct file_stamp opened = file_stamp_open(fd);
    if (!held && opened.size && file_stamp(path).inode == opened.inode)
        unlink(path); /* an empty one is about to be locked */
    close(fd);
    return held;
}

err *running_list(struct arena *a, const char *data, struct running **out, size_t *count) {
    enum { LARGEST = 1 << 16 };
    struct file_entry *entries;
    const char *folder = arena_printf(a, "%s/running", data);
    size_t files;
    *count = 0;
    TRY(file_list(a, folder, &entries, &files));
    *out = ARENA_ARRAY(a, struct running, files + 1);
    for (size_t i = 0; i < files; i++) {
        const char *path = arena_printf(a, "%s/%.*s", folder, STR_ARG(entries[i].name));
        struct running *r = &(*out)[*count];
        struct buf text = {0};
        uint64_t pid;
        if (!str_to_u64(entries[i].name, &pid) || pid > INT32_MAX || !is_held(path))
            continue;
        err *e = file_read(path, LARGEST, &text);
        r->pid = (long)pid;
        if (!e && parse(a, buf_str(&text), r))
            ++*count;
        err_free(e);
        buf_free(&text);
    }
    return NULL;
}
