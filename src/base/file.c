#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"

err *file_read(const char *path, size_t limit, struct buf *out) {
    struct stat st;
    err *e = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(errno, "can't open %s", path);
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size <= limit)
        buf_reserve(out, (size_t)st.st_size + 1); /* one more, to see the end of the file */
    for (size_t start = out->len;;) {
        buf_reserve(out, 1);
        ssize_t got = read(fd, out->at + out->len, out->capacity - out->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            e = err_errno(errno, "can't read %s", path);
        else
            out->len += (size_t)got;
        if (!e && out->len - start > limit)
            e = err_new(ERR_INPUT, "%s is larger than the limit of %zu bytes", path, limit);
        if (e || got == 0)
            break;
    }
    close(fd);
    return e;
}

err *file_map(const char *path, str *out) {
    struct stat st;
    err *e = NULL;
    *out = (str){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(errno, "can't open %s", path);
    if (fstat(fd, &st))
        e = err_errno(errno, "can't look at %s", path);
    if (!e && st.st_size > 0) {
        void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (at == MAP_FAILED)
            e = err_errno(errno, "can't map %s", path);
        else
            *out = (str){at, (size_t)st.st_size};
    }
    close(fd);
    return e;
}

void file_unmap(str mapped) {
    if (mapped.len)
        munmap((void *)(uintptr_t)mapped.at, mapped.len);
}

void file_relax(str mapped) {
    if (mapped.len)
        madvise((void *)(uintptr_t)mapped.at, mapped.len, MADV_DONTNEED);
}

static int sync_fd(int fd) {
#ifdef F_FULLFSYNC
    if (fcntl(fd, F_FULLFSYNC) == 0)
        return 0;
#endif
    return fsync(fd);
}

err *file_sync(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(errno, "can't open %s to make it durable", path);
    err *e = sync_fd(fd) ? err_errno(errno, "can't make %s durable", path) : NULL;
    close(fd);
    return e;
}

err *file_sync_parent(const char *path) {
    const char *slash = strrchr(path, '/');
    struct arena a = {0};
    const char *parent = !slash          ? "."
                         : slash == path ? "/"
                                         : arena_printf(&a, "%.*s", (int)(slash - path), path);
    err *e = file_sync(parent);
    arena_free(&a);
    return e;
}

err *file_rename_durable(const char *from, const char *to) {
    if (rename(from, to))
        return err_errno(errno, "can't rename %s to %s", from, to);
    TRY(fault(FAULT_SYNC_FOLDER, to));
    return file_sync_parent(to);
}

static err *write_all(int fd, const char *path, str bytes) {
    while (bytes.len) {
        ssize_t wrote = write(fd, bytes.at, bytes.len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return err_errno(errno, "can't write %s", path);
        bytes = (str){bytes.at + wrote, bytes.len - (size_t)wrote};
    }
    return sync_fd(fd) ? err_errno(errno, "can't make %s durable", path) : NULL;
}

err *file_write_atomic(const char *path, str bytes) {
    struct arena a = {0};
    const char *temporary = arena_printf(&a, "%s.tmp", path);
    err *e = NULL;
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        e = err_errno(errno, "can't create %s", temporary);
    } else {
        e = write_all(fd, temporary, bytes);
        if (close(fd) && !e)
            e = err_errno(errno, "can't write %s", temporary);
        if (!e)
            e = file_rename_durable(temporary, path);
        if (e)
            unlink(temporary);
    }
    arena_free(&a);
    return e;
}

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

err *file_make_folders(const char *path) {
    char *prefix = mem_strdup(path);
    err *e = NULL;
    for (char *slash = prefix + 1; !e && *prefix; slash++) {
        bool last = *slash == 0;
        if (!last && *slash != '/')
            continue;
        *slash = 0;
        if (mkdir(prefix, 0755) == 0)
            e = file_sync_parent(prefix);
        else if (errno != EEXIST || (last && !is_folder(prefix)))
            e = err_errno(errno, "can't create the folder %s", prefix);
        if (last)
            break;
        *slash = '/';
    }
    free(prefix);
    return e;
}

static struct file_stamp stamp_of(const struct stat *st) {
#ifdef __APPLE__
    const struct timespec modified = st->st_mtimespec;
#else
    const struct timespec modified = st->st_mtim;
#endif
    return (struct file_stamp){.inode = st->st_ino,
                               .size = (uint64_t)st->st_size,
                               .modified_ns =
                                   modified.tv_sec * INT64_C(1000000000) + modified.tv_nsec};
}

struct file_stamp file_stamp(const char *path) {
    struct stat st;
    return stat(path, &st) ? (struct file_stamp){0} : stamp_of(&st);
}

struct file_stamp file_stamp_open(int file) {
    struct stat st;
    return fstat(file, &st) ? (struct file_stamp){0} : stamp_of(&st);
}

static int by_name(const void *a, const void *b) {
    return str_compare(((const struct file_entry *)a)->name, ((const struct file_entry *)b)->name);
}

err *file_list(struct arena *a, const char *path, struct file_entry **entries, size_t *count) {
    struct buf found = {0};
    struct dirent *d;
    DIR *folder = opendir(path);
    *count = 0;
    *entries = NULL;
    if (!folder)
        return errno == ENOENT ? NULL : err_errno(errno, "can't open the folder %s", path);
    while ((d = readdir(folder))) {
        struct stat st;
        if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
            continue;
        if (fstatat(dirfd(folder), d->d_name, &st, 0)) /* gone again, or a dangling link */
            continue;
        struct file_entry entry = {.stamp = stamp_of(&st), .is_folder = S_ISDIR(st.st_mode)};
        entry.name = str_from(str_dup(a, str_from(d->d_name)));
        buf_add(&found, &entry, sizeof entry);
    }
    closedir(folder);
    *count = found.len / sizeof **entries;
    *entries = ARENA_ARRAY(a, struct file_entry, *count);
    if (*count) {
        memcpy(*entries, found.at, found.len);
        qsort(*entries, *count, sizeof **entries, by_name);
    }
    buf_free(&found);
    return NULL;
}

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}
