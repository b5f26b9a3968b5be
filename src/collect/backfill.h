/* History: plans which files have a range of days, and brings them into the store.
 *
 *   plan     for each month, newest first: its tables in MMSDM, else the archives of its days;
 *            what the ledger has as done is left out
 *   workers  one for each core takes the next file or set of parts, downloads it to a file of the
 *            store's disk, reads it into frames, commits them, records it
 *
 * A table of a month goes straight into a month's file. How many are in memory at once is bounded
 * by what they take. It can be ended at any time: what was recorded stays, the rest is planned
 * again the next time.
 */
#ifndef COLLECT_BACKFILL_H
#define COLLECT_BACKFILL_H

#include "collect/history.h"
#include "collect/source.h"

struct backfill_progress {
    size_t units, done, failed; /* files, or sets of parts */
    int64_t rows;
    uint64_t bytes;  /* downloaded */
    const char *now; /* what was finished last */
};

/* Days of datasets. */
struct backfill_part {
    dataset_set datasets;
    aest_day from, to; /* both included */
};

struct backfill {
    const char *data, *location;
    struct source_options source; /* but for connections */
    const struct stop *stop;
    aest_day from, to; /* both included */
    dataset_set wanted;
    const struct backfill_part *parts; /* no more than these is wanted; NULL: all of it */
    size_t part_count;
    int workers; /* 0: one for each core */
    /* Called under a lock, from any worker; may be NULL. */
    void (*progress)(void *context, const struct backfill_progress *p);
    void *context;
};

/* *result says how it went; files that failed are logged and recorded, and no error. ERR_NETWORK
 * when the source can't be reached at all; ERR_STOPPED when told to stop. */
err *backfill_run(const struct backfill *b, struct backfill_progress *result) ERR_NODISCARD;

#endif
