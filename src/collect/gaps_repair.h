/* Repair: finds gaps, and fills what any source still has.
 *
 *   find --> what the ledger has as done but the store lacks becomes unknown --> look at the feeds
 *   of CURRENT that fill the datasets --> find what is left --> bring its days from MMSDM and
 *   ARCHIVE, by backfill's machinery --> find once more, and compare
 *
 * It may run beside a collector: each commits under the store's lock.
 */
#ifndef COLLECT_GAPS_REPAIR_H
#define COLLECT_GAPS_REPAIR_H

#include "collect/backfill.h"
#include "collect/gaps.h"

struct repair {
    struct gap_search search;
    struct backfill backfill; /* where and how; its days and datasets are repair's to set */
    bool only_list;
    bool only_certain; /* files are read again only when their rows lay in a gap wholly: what holds
                          more may never have had those that are missing */
};

struct repaired {
    struct gap gap;        /* as it was found */
    int missing;           /* intervals that are still without a row */
    bool keys_missing;     /* where no key had a row, now some have */
    const struct gap *now; /* the first of what is left of it, or NULL */
};

static inline bool repaired_is_filled(const struct repaired *r) {
    return !r->missing && !r->keys_missing;
}

struct repair_result {
    struct repaired *gaps;
    size_t count, left; /* of gaps; of those that aren't filled */
    struct backfill_progress backfill;
};

/* Memory from [a]. ERR_NETWORK when the source can't be reached, with the gaps in *out as they
 * are. */
err *gaps_repair(const struct repair *r, struct arena *a, struct repair_result *out) ERR_NODISCARD;

/* The same for the last 48 hours before [now], as far as the store goes back, of all datasets: for
 * a collector to do now and then. */
err *gaps_repair_recent(const struct backfill *settings, aest_us now, struct arena *a,
                        struct repair_result *out) ERR_NODISCARD;

#endif
