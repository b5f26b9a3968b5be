/* Making good what the grid lacks: days whose tile wasn't made from the file as it is now, that a
 * killed writer left, whose year's file is missing or damaged, or whose file is gone.
 *
 * A look compares stamps alone. What differs is made again, newest first: rows are read without any
 * lock, a few days at a time, and the lock is taken to write their tiles, if the file is still the
 * one that was read. Meanwhile grid_complete is false, for everybody.
 */
#ifndef STORE_GRID_REFRESH_H
#define STORE_GRID_REFRESH_H

#include "store/store.h"

/* Does so until nothing is lacking or [stop] (which may be NULL) is requested. *made is the number
 * of days that were written. A day that can't be read stays missing, with a line in the log, and is
 * tried again by the next call. */
err *grid_refresh(struct store *s, const struct stop *stop, int *made) ERR_NODISCARD;

/* How many days differ now; nothing is changed. */
err *grid_count_missing(struct store *s, int64_t *days) ERR_NODISCARD;

#endif
