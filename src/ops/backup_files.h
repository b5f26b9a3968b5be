/* What backup and restore share: objects, manifests, generations. */
#ifndef OPS_BACKUP_FILES_H
#define OPS_BACKUP_FILES_H

#include "base/file.h"
#include "base/sha256.h"

struct backup_file {
    const char *path; /* below the store */
    char sum[SHA256_TEXT];
    int64_t size, modified_ns;
};

struct manifest {
    struct backup_file *files; /* by path */
    size_t count, capacity;
};

/* Adds a file. */
void manifest_add(struct arena *a, struct manifest *m, const struct backup_file *file);
/* The file of a path, or NULL. */
const struct backup_file *manifest_find(const struct manifest *m, const char *path);
/* Sorts by path. */
void manifest_settle(struct manifest *m);
/* ERR_INPUT, naming the line, for what is no manifest: a path that leads elsewhere, above all.
 * [name] is what messages call it. */
err *manifest_parse(struct arena *a, const char *name, str text,
                    struct manifest *out) ERR_NODISCARD;
err *manifest_read(struct arena *a, const char *path, struct manifest *out) ERR_NODISCARD;
err *manifest_write(const char *path, const struct manifest *m) ERR_NODISCARD;

const char *object_path(struct arena *a, const char *to, const char *sum);
/* The SHA-256 of the file at [path]; ERR_IO when it can't be read. */
err *object_sum(const char *path, char sum[SHA256_TEXT], int64_t *size) ERR_NODISCARD;
/* Copies a file to a new one at [path], durable, and says what it was. */
err *object_copy(const char *from, const char *path, char sum[SHA256_TEXT],
                 int64_t *size) ERR_NODISCARD;

/* The same by a second name for it, where the folders are of one disk; a copy where they aren't. */
err *object_link(const char *from, const char *path, char sum[SHA256_TEXT],
                 int64_t *size) ERR_NODISCARD;

/* Names of the generations in [to], the oldest first. ERR_USAGE when [to] is no backup. */
err *generations(struct arena *a, const char *to, const char ***names, size_t *count) ERR_NODISCARD;

#endif
