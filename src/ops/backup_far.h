/* A backup on another machine, by way of rsync: `[user@]host:path` (ssh, or what RSYNC_RSH says) or
 * `rsync://host/module/path`. It looks as one on this machine does (backup.h).
 *
 * Nothing is kept here between backups. What goes there is put together in a folder on this side,
 * the stage: manifests are fetched into it, new objects are names in it for the store's own files
 * (hard links, so that they take no space), and rsync sends them. Then both sides' checksums of
 * what was sent are compared, and only then the manifest follows, which makes the generation. What
 * a backup that was cut off has sent already isn't sent again by the next one.
 *
 * A target belongs to one store: two that save to the same one would remove each other's objects.
 */
#ifndef OPS_BACKUP_FAR_H
#define OPS_BACKUP_FAR_H

#include "base/intern.h"
#include "base/stop.h"
#include "ops/backup_files.h"

struct far {
    const char *target, *stage; /* without a slash at their ends */
    const struct stop *stop;    /* may be NULL */
    struct arena *memory;
    struct intern objects; /* that are there, by their sums */
    struct buf sizes;      /* int64_t, by number */
};

/* Whether [target] names another machine: it has a colon before any slash. */
bool far_is(const char *target);

/* Fetches the manifests into a new [stage], and learns which objects are there. [make]: a target
 * that is empty or isn't there becomes a backup; else, and for one that holds other things,
 * ERR_USAGE. To be closed in any case. */
err *far_open(struct far *f, struct arena *memory, const char *target, const char *stage, bool make,
              const struct stop *stop) ERR_NODISCARD;
/* Removes the stage. */
void far_close(struct far *f);

bool far_has(const struct far *f, const char *sum, int64_t size);
/* Sends the objects of [m] that aren't there, compares, and sends the manifest of [generation]. */
err *far_push(struct far *f, const struct manifest *m, const char *generation) ERR_NODISCARD;
/* Removes generations, and then the objects that [used] doesn't have. */
err *far_remove(struct far *f, const char *const *gone, size_t count,
                const struct intern *used) ERR_NODISCARD;
/* Fetches the objects of [m] into the stage. Those that aren't there are no error. */
err *far_fetch(struct far *f, const struct manifest *m) ERR_NODISCARD;

#endif
