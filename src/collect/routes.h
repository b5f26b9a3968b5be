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

/* Trading prices are of half hours until 2021-10-01 00:00, and of five minutes from then on. */
enum settlement { SETTLEMENT_ANY, SETTLEMENT_HALF_HOURS, SETTLEMENT_FIVE_MINUTES };

enum { ROUTE_NAMES = 4 };

struct route {
    const char *report, *subtable;
    enum dataset_id dataset;
    const char *time;    /* the column that names the interval's end */
    const char *run;     /* of a forecast: the column that names its run, */
    bool run_is_counted; /* by the date of the trading day and the half hour in it */
    enum intervention intervention;
    enum settlement settlement;
    const char *titled,
        *not_titled;   /* parts of the name of the report that the file is, or isn't */
    bool regions_only; /* keys that don't end in 1 are parts of regions */
    const char *nonzero[ROUTE_NAMES]; /* rows in which all of these are 0 are passed over */
    const char *source;               /* goes into the dataset's column "source" */
    const char *fills[ROUTE_NAMES];   /* the dataset's columns that the table has; none: all */
    struct {
        const char *column, *from;
    } renamed[ROUTE_NAMES];
};

extern const struct route routes[];
extern const int route_count;

/* The last half-hourly settlement ended on 2021-10-01 at 00:00. */
interval five_minute_settlement_start(void);

#endif
