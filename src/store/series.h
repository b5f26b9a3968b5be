/* Reading: one column of a dataset over a range of time, for every key, as dense arrays.
 *
 *      time    first   first+step   …                 (length of them)
 *      NSW1    87.1    NaN          …   NaN: the store has no value there
 *      QLD1    79.9    80.2         …
 *
 * Of a forecast, time is that of the runs, and each horizon is a key ("NSW1+007").
 *
 * A range is (from, to]: an interval belongs to it when it ends in it.
 */
#ifndef STORE_SERIES_H
#define STORE_SERIES_H

#include "store/store.h"

struct series {
    size_t count; /* of keys */
    const str
        *keys;      /* in the order of their names: those with any value on the days of the range */
    interval first; /* of the first value */
    int step;       /* intervals from a value to the next */
    size_t length;  /* of values for a key */
    double **values; /* [count], each of [length] */
};

/* Reads the column called [column] from the grid, where it has to be; memory from [a]. An empty
 * range gives no values. */
err *series_read(struct store *s, struct arena *a, enum dataset_id dataset, const char *column,
                 interval from, interval to, struct series *out) ERR_NODISCARD;

#endif
