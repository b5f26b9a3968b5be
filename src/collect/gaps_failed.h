/* Which intervals a failed file would have filled, by its feed and its name. */
#ifndef COLLECT_GAPS_FAILED_H
#define COLLECT_GAPS_FAILED_H

#include "collect/history.h"
#include "store/store.h"

struct failed_file {
    const char *name;
    dataset_set fills;
    interval first, last;
};

/* The ledger's failed files whose names tell. */
err *failed_files(struct ledger *l, struct arena *a, struct failed_file **out,
                  size_t *count) ERR_NODISCARD;

#endif
