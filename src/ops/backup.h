/* Backups: many generations of a store that share what is the same, and prove that it is.
 *
 *   <to>/NEMD-BACKUP                      says that this is one, and its format
 *   <to>/objects/3f/3f8a…                 a file's bytes, by their SHA-256
 *   <to>/2025-07-20T181500/MANIFEST       a generation: a line for each file
 *
 *        sha256 size time-of-change path
 *
 * Files of the store are never changed, only replaced (store.h), so a file whose path, size and
 * time of change are those of the last generation is not read again; others are copied, made
 * durable, read back and compared. A generation is there when its folder gets its name, which comes
 * last: whatever kills a backup leaves the generations before it whole, and objects that the next
 * one takes up. Objects that no generation names are removed with the generations that are beyond
 * the number to keep.
 *
 * It runs beside a collector. Each file is opened once and copied from there; when one is gone in
 * between (its month was closed), the list is made again. The databases (alerts.db, state.db) are
 * copied by SQLite's own means, so that they are of one moment. The grid is derived, and not taken.
 */
#ifndef OPS_BACKUP_H
#define OPS_BACKUP_H

#include "base/aest.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/stop.h"

struct backup {
    const char *data, *to; /* [to]: a folder, or a target that is far (backup_far.h) */
    const char *config;    /* a file of settings to take along, or NULL */
    const char *secrets;   /* the same, only where it was asked for; or NULL */
    int keep;              /* generations, this one included; 0: all */
    bool by_itself;        /* nobody is there: a folder whose backups are gone isn't begun anew, as
                            * its disk may be away */
    const struct stop *stop;
    void (*progress)(void *context, const char *file, size_t done, size_t of);
    void *context;
};

struct backup_done {
    char name[32]; /* of the generation */
    size_t files, copied;
    int64_t bytes, copied_bytes;
    size_t generations, removed; /* there now; removed for being too many */
};

err *backup_run(const struct backup *b, struct backup_done *out) ERR_NODISCARD;

struct restore {
    const char *from, *data; /* [data]: an empty or new folder; NULL: verify only */
    const char *stage;       /* a new folder for what comes from far, removed afterwards */
    const char *at;          /* a generation's name or its beginning; NULL: the newest */
    const struct stop *stop;
    void (*progress)(void *context, const char *file, size_t done, size_t of);
    void *context;
};

struct restore_done {
    char name[32];
    size_t files;
    int64_t bytes;
    size_t bad; /* objects that are missing, or not what their name says */
    char first_bad[120];
};

/* Checks every file of the generation by its bytes, and puts it where it was. Settings come
 * to <data>/settings. A bad object is no error while verifying; restoring stops before
 * anything is written. */
err *restore_run(const struct restore *r, struct restore_done *out) ERR_NODISCARD;

/* When the newest generation was made; 0: none. Of a backup on this machine. */
err *backup_newest(struct arena *a, const char *to, aest_us *out) ERR_NODISCARD;

#endif
