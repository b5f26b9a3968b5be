/* What follows a commit: the grid, and what upper layers keep beside it.
 *
 * Whenever rows of days have been committed, changed or not, and while the store's lock is still
 * held, store_follow is called with all rows of those days and the file that holds them. The grid
 * writes its tiles; then the process's follower, if there is one, makes what is made of them. All
 * of that is derived: when it fails, a line in the log says so, the commit stands, and a refresh of
 * the grid makes up for it.
 */
#ifndef STORE_FOLLOW_H
#define STORE_FOLLOW_H

#include "store/store.h"

struct store_follower {
    /* The tiles of a dataset's days have been written. *context is the follower's own, one for each
     * store object, NULL at first. */
    err *(*days)(void **context, struct store *s, enum dataset_id dataset, aest_day first,
                 int count)ERR_NODISCARD;
    /* How many days it has that aren't what the tiles of now make of them. */
    err *(*lacking)(void **context, struct store *s, int64_t *days)ERR_NODISCARD;
    void (*close)(void *context);
};

/* Sets the process's follower: once, before any store is opened. */
void store_set_follower(const struct store_follower *f);

/* Days of one dataset that now stand in the file at [path]. */
void store_follow(struct store *s, const struct frames *days, const char *path);
/* A table of records was replaced. */
void store_follow_records(struct store *s);
/* What the follower's lacking says; 0 without one. */
err *store_follow_lacking(struct store *s, int64_t *days) ERR_NODISCARD;
void store_follow_close(struct store *s);

#endif
