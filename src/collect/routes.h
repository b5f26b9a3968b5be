/* Which of AEMO's tables fill which dataset.
 *
 * A column of a dataset is filled from the source's column of the same name, in any case; a route
 * names the exceptions. Everything that is peculiar to a table is a field of its route.
 */
#ifndef COLLECT_ROUTES_H
#define COLLECT_ROUTES_H

#include "store/dataset.h"

/* An interval in which AEMO intervened has rows for both runs of the dispatch engine. */
enum intervention {
    INTERVENTION_NONE,     /* the table has no such column */
    INTERVENTION_PRICING,  /* prices are those of the pricing run: INTERVENTION 0 */
    INTERVENTION_PHYSICAL, /* MW are those of the run that was dispatched: the highest */
};

struct route {
    const char *report, *subtable;
    enum dataset_id dataset;
    const char *time; /* the column that names the interval's end */
    enum intervention intervention;
    bool five_minute_settlement_only; /* before 2021-10-01 the table holds half hours */
    bool regions_only;                /* keys that don't end in 1 are parts of regions */
    const char *source;               /* goes into the dataset's column "source" */
    struct {
        const char *column, *from;
    } renamed[2];
};

extern const struct route routes[];
extern const int route_count;

/* The last half-hourly settlement ended on 2021-10-01 at 00:00. */
interval five_minute_settlement_start(void);

#endif
