/* Coverage: for which intervals a dataset has rows, as runs of intervals without a hole.
 *
 *      any     |=========|      |==============|       an interval in which some key has a row
 *      BW01    |=========|      |==============|
 *      ARWF1   |===|  |==|      |===========|
 *
 * A key that is always there is one run, however many files it lies in, so that years fit in a few
 * kilobytes. A forecast lies on the axis of its runs, and its keys are without their horizons.
 * Constraints, which come and go, are counted as rows alone.
 *
 * What a file holds is counted once, by a scan of two of its columns, and kept in two tables of
 * <data>/state.db with the file's stamp, until the file is another one. That is a cache: without it
 * all is counted again. Who only reads writes it too, where the database is his own.
 */
#ifndef STORE_COVERAGE_H
#define STORE_COVERAGE_H

#include "store/store.h"

/* Intervals on the dataset's grid, both of them and all between. */
struct run {
    interval first, last;
};

struct runs {
    str key; /* empty: any */
    struct run *at;
    size_t count, capacity;
};

struct coverage {
    const struct dataset *dataset;
    int64_t rows; /* of the files that touch the days */
    struct runs any;
    struct runs *keys; /* by name */
    size_t key_count;
};

/* What the store has of a dataset in the files that touch the days [from] to [to]; all memory is
 * from [a]. ERR_INPUT, naming the file, for one that can't be read. */
err *coverage_read(struct store *s, struct arena *a, enum dataset_id dataset, aest_day from,
                   aest_day to, struct coverage *out) ERR_NODISCARD;

/* The runs of a key, or NULL. */
const struct runs *coverage_key(const struct coverage *c, str key);
/* Whether there is a row in the interval. */
bool runs_have(const struct runs *r, interval at);
/* The last run that begins at or before [at], or NULL. */
const struct run *runs_before(const struct runs *r, interval at);

#endif
