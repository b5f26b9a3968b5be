/* Points at which a test makes a commit go wrong.
 *
 *   TRY(fault(FAULT_RENAME, path));     before the step that the point is named after
 *
 * A test program that is compiled with NEMD_FAULTS defines fault() itself, and at a point of its
 * choice kills the process, returns the error of a full disk, or looks at the store from the
 * outside. Anywhere else it is nothing at all.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stddef.h>

#include "base/err.h"

enum fault_point {
    FAULT_LOAD,        /* reading what a day or a month has */
    FAULT_WRITE,       /* writing the temporary file */
    FAULT_SYNC,        /* making it durable */
    FAULT_READ_LOCK,   /* of a month: waiting for readers */
    FAULT_RENAME,      /* putting it in its place */
    FAULT_SYNC_FOLDER, /* making that durable */
    FAULT_UNLINK,      /* of a month: each of its days */
    FAULT_HALF_HOURS,  /* what follows from the day or month */
    FAULT_LEDGER,      /* the entry of the source's file */
    FAULT_POINTS
};

#ifdef NEMD_FAULTS
err *fault(enum fault_point point, const char *path) ERR_NODISCARD;
#else
static inline err *fault(enum fault_point point, const char *path) {
    (void)point, (void)path;
    return NULL;
}
#endif

#endif
