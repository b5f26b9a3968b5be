/* --from, --to and --dataset, as the commands that look at the store's past take them. */
#ifndef CMD_RANGES_H
#define CMD_RANGES_H

#include "cmd/command.h"
#include "collect/history.h"

struct range_settings {
    const char *from, *to, *only;
};

#define RANGE_OPTIONS(settings)                                                                    \
    {"from", "DATE", "the first day (default: the store's)", .value = &(settings).from},           \
        {"to", "DATE", "the last day (default: the store's)", .value = &(settings).to}, {          \
        "dataset", "NAME,…", "these alone (default: all)", .value = &(settings).only               \
    }

struct range {
    interval first, last; /* 0: not given */
    dataset_set wanted;
};

/* ERR_USAGE for what is no date or no dataset. */
err *range_read(const struct range_settings *settings, struct range *out) ERR_NODISCARD;
/* "prices5,scada5"; NULL is all. Where notices can be asked for too, [all] has HISTORY_NOTICES. */
err *datasets_read(const char *text, dataset_set all, dataset_set *out) ERR_NODISCARD;

#endif
