/* One unit of a plan: its files downloaded, read into frames, committed, recorded. */
#ifndef COLLECT_BACKFILL_BRING_H
#define COLLECT_BACKFILL_BRING_H

#include "collect/backfill_plan.h"
#include "store/store.h"

/* Brings units, one after the other. Zeroed, with its first members set, it is ready. */
struct bringer {
    struct source *source;
    struct store *store;
    dataset_set wanted;
    int number; /* of this bringer in the process: tells its downloads from those of others */

    /* of the unit at hand, and then of the last one */
    const struct unit *unit;
    uint64_t bytes; /* downloaded */
    int64_t rows;
};

/* *failed: a file couldn't be had or read, which is logged and recorded. What ends the whole
 * backfill is an error: this machine's trouble, or ERR_STOPPED. */
err *backfill_bring(struct bringer *w, const struct unit *u, bool *failed) ERR_NODISCARD;

/* Removes the downloads of a backfill that was killed. */
err *backfill_sweep(const struct store *store) ERR_NODISCARD;

#endif
