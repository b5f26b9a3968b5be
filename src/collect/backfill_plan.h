/* Between planning and doing: what there is to bring. */
#ifndef COLLECT_BACKFILL_PLAN_H
#define COLLECT_BACKFILL_PLAN_H

#include "collect/backfill.h"
#include "store/store.h"

enum unit_kind {
    UNIT_TABLE,   /* a monthly table, in one or more files */
    UNIT_WHOLE,   /* a month in one zip */
    UNIT_ARCHIVE, /* an archive of a feed */
};

struct unit {
    enum unit_kind kind;
    const char *feed;   /* in the ledger */
    const char *folder; /* at the source */
    struct listing_entry *files;
    size_t count;
    aest_day month; /* of UNIT_TABLE and UNIT_WHOLE */
    int memory_mb;
    const struct monthly *table; /* of UNIT_TABLE */
};

struct plan {
    struct arena memory;
    struct unit *units; /* newest first */
    size_t count, capacity;
};

/* Whether the ledger has a file, under [name], as it is listed. */
err *plan_is_done(struct ledger *l, const char *feed, str name, const struct listing_entry *entry,
                  bool *done) ERR_NODISCARD;

/* Asks [source] what it has. */
err *plan_make(const struct backfill *b, struct source *source, struct store *store,
               struct plan *out) ERR_NODISCARD;
void plan_free(struct plan *p);

#endif
