/* Files: reading whole, making durable, walking folders. Paths are zero-terminated. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/err.h"
#include "base/str.h"

/* Appends all of the file at [path] to [out]; an ERR_INPUT when it holds more than [limit] bytes.
 * A file that isn't there is ERR_IO. */
err *file_read(const char *path, size_t limit, struct buf *out) ERR_NODISCARD;
/* Maps the file at [path], to be read; unmap it after use. Whoever cuts the file short meanwhile
 * ends this process. An empty file maps to nothing. */
err *file_map(const char *path, str *out) ERR_NODISCARD;
void file_unmap(str mapped);
/* Gives back the memory of what was read of a mapped file; what is looked at again comes from the
 * system's cache. */
void file_relax(str mapped);
/* Replaces [path] so that after a crash it holds either the old or the new bytes: temporary file,
 * fsync, rename, fsync of the folder. */
err *file_write_atomic(const char *path, str bytes) ERR_NODISCARD;
/* Makes [path] durable: fsync, or F_FULLFSYNC where fsync stops at the drive's cache. */
err *file_sync(const char *path) ERR_NODISCARD;
/* Makes durable what the folder of [path], as far as its last slash, holds: its names. */
err *file_sync_parent(const char *path) ERR_NODISCARD;
/* Renames, then makes the folder entry durable. */
err *file_rename_durable(const char *from, const char *to) ERR_NODISCARD;
/* Makes a folder and those above it that are missing, each durable in its parent. */
err *file_make_folders(const char *path) ERR_NODISCARD;

/* Tells whether a file is still the one that was looked at. All zero for a file that isn't there.
 */
struct file_stamp {
    uint64_t inode, size;
    int64_t modified_ns;
};
struct file_stamp file_stamp(const char *path);
struct file_stamp file_stamp_open(int file); /* of a descriptor */
static inline bool file_stamp_eq(struct file_stamp a, struct file_stamp b) {
    return a.inode == b.inode && a.size == b.size && a.modified_ns == b.modified_ns;
}

struct file_entry {
    str name;
    struct file_stamp stamp;
    bool is_folder;
};
/* What a folder holds, without "." and "..", by name; memory from [a]. ERR_IO when it can't be
 * opened; a folder that isn't there is empty. */
err *file_list(struct arena *a, const char *path, struct file_entry **entries,
               size_t *count) ERR_NODISCARD;
bool file_exists(const char *path);

#endif
