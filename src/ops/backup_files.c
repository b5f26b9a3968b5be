#include "ops/backup_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/aest.h"

enum { LARGEST_MANIFEST = 64 << 20, BLOCK = 1 << 18 };

/* -- objects ------------------------------------------------------------------------------------
 */

const char *object_path(struct arena *a, const char *to, const char *sum) {
    return arena_printf(a, "%s/objects/%.2s/%s", to, sum, sum);
}

static err *write_all(int to, const char *path, str bytes) {
    while (bytes.len) {
        ssize_t wrote = write(to, bytes.at, bytes.len < BLOCK ? bytes.len : BLOCK);
        if (wrote < 0 && errno != EINTR)
            return err_errno(errno, "can't write %s", path);
        size_t done = wrote > 0 ? (size_t)wrote : 0;
        bytes = (str){bytes.at + done, bytes.len - done};
    }
    return NULL;
}

static void sum_of(str bytes, char sum[SHA256_TEXT]) {
    uint8_t digest[SHA256_BYTES];
    sha256(bytes, digest);
    sha256_hex(digest, sum);
}

err *object_sum(const char *path, char sum[SHA256_TEXT], int64_t *size) {
    str bytes;
    TRY(file_map(path, &bytes));
    sum_of(bytes, sum);
    *size = (int64_t)bytes.len;
    file_unmap(bytes);
    return NULL;
}

err *object_copy(const char *from, const char *path, char sum[SHA256_TEXT], int64_t *size) {
    str bytes;
    TRY(file_map(from, &bytes));
    *size = (int64_t)bytes.len;
    sum_of(bytes, sum);
    int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    err *e = to < 0 ? err_errno(errno, "can't create %s", path) : write_all(to, path, bytes);
    if (to >= 0 && close(to) && !e)
        e = err_errno(errno, "can't write %s", path);
    file_unmap(bytes);
    return e ? e : file_sync(path);
}

err *object_link(const char *from, const char *path, char sum[SHA256_TEXT], int64_t *size) {
    unlink(path);
    if (link(from, path))
        return object_copy(from, path, sum, size);
    return object_sum(path, sum, size);
}

/* -- manifests ----------------------------------------------------------------------------------
 */

void manifest_add(struct arena *a, struct manifest *m, const struct backup_file *file) {
    if (m->count == m->capacity) {
        size_t capacity = m->capacity ? 2 * m->capacity : 64;
        struct backup_file *grown = ARENA_ARRAY(a, struct backup_file, capacity);
        if (m->count)
            memcpy(grown, m->files, m->count * sizeof *grown);
        m->files = grown;
        m->capacity = capacity;
    }
    m->files[m->count++] = *file;
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct backup_file *)a)->path, ((const struct backup_file *)b)->path);
}

void manifest_settle(struct manifest *m) {
    if (m->count)
        qsort(m->files, m->count, sizeof *m->files, by_path);
}

const struct backup_file *manifest_find(const struct manifest *m, const char *path) {
    struct backup_file like = {.path = path};
    return m->count ? bsearch(&like, m->files, m->count, sizeof *m->files, by_path) : NULL;
}

/* Below the store, by letters that its own names have. */
static bool is_path(str path) {
    if (path.len == 0 || path.len > 512 || path.at[0] == '/')
        return false;
    for (str rest = path; rest.len;) {
        str part = str_cut(&rest, '/');
        if (part.len == 0 || part.at[0] == '.')
            return false;
    }
    for (size_t i = 0; i < path.len; i++)
        if ((unsigned char)path.at[i] < ' ')
            return false;
    return path.at[path.len - 1] != '/';
}

static bool read_line(struct arena *a, str line, struct backup_file *out) {
    str sum = str_cut(&line, ' '), size = str_cut(&line, ' '), time = str_cut(&line, ' ');
    uint64_t bytes, modified;
    if (sum.len != SHA256_TEXT - 1 || !is_path(line) || !str_to_u64(size, &bytes) ||
        !str_to_u64(time, &modified) || bytes > INT64_MAX || modified > INT64_MAX)
        return false;
    for (size_t i = 0; i < sum.len; i++)
        if (!memchr("0123456789abcdef", sum.at[i], 16))
            return false;
    *out = (struct backup_file){
        .path = str_dup(a, line), .size = (int64_t)bytes, .modified_ns = (int64_t)modified};
    memcpy(out->sum, sum.at, sum.len);
    return true;
}

err *manifest_parse(struct arena *a, const char *name, str text, struct manifest *out) {
    int number = 0;
    for (str rest = text; rest.len;) {
        struct backup_file file;
        number++;
        if (!read_line(a, str_cut(&rest, '\n'), &file))
            return err_new(ERR_INPUT, "%s, line %d is no file of a backup", name, number);
        manifest_add(a, out, &file);
    }
    manifest_settle(out);
    return NULL;
}

err *manifest_read(struct arena *a, const char *path, struct manifest *out) {
    struct buf text = {0};
    err *e = file_read(path, LARGEST_MANIFEST, &text);
    if (!e)
        e = manifest_parse(a, path, buf_str(&text), out);
    buf_free(&text);
    return e;
}

err *manifest_write(const char *path, const struct manifest *m) {
    struct buf text = {0};
    for (size_t i = 0; i < m->count; i++)
        buf_printf(&text, "%s %lld %lld %s\n", m->files[i].sum, (long long)m->files[i].size,
                   (long long)m->files[i].modified_ns, m->files[i].path);
    err *e = file_write_atomic(path, buf_str(&text));
    buf_free(&text);
    return e;
}

/* -- generations --------------------------------------------------------------------------------
 */

/* "2025-07-20T181500", and "…-2" for a second one of that moment. */
static bool is_generation(str name) {
    static const char shape[] = "0000-00-00T000000";
    if (name.len < sizeof shape - 1)
        return false;
    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == '0' ? name.at[i] < '0' || name.at[i] > '9' : name.at[i] != shape[i])
            return false;
    return true;
}

err *generations(struct arena *a, const char *to, const char ***names, size_t *count) {
    struct file_entry *entries;
    size_t entry_count;
    *count = 0;
    if (!file_exists(arena_printf(a, "%s/NEMD-BACKUP", to)))
        return err_new(ERR_USAGE, "%s holds no backup of nemd", to);
    TRY(file_list(a, to, &entries, &entry_count));
    *names = ARENA_ARRAY(a, const char *, entry_count);
    for (size_t i = 0; i < entry_count; i++)
        if (entries[i].is_folder && is_generation(entries[i].name) &&
            file_exists(arena_printf(a, "%s/%.*s/MANIFEST", to, STR_ARG(entries[i].name))))
            (*names)[(*count)++] = str_dup(a, entries[i].name);
    return NULL;
}
