/* Writing the store's tables to files for others.
 *
 *   plain     <folder>/<name>.parquet or .csv: the columns of the dataset, as they are in the store
 *   earlier   the earlier system's seven files, with its names, columns and order of rows, so that
 * it could go on from there; the units as gen_info.parquet and gen_info.csv
 *
 * A file appears under its name when all of it is there and was counted; one that is there already
 * is never written over. Readers' lock is held, so that the files that are read stay (store.h).
 */
#ifndef OPS_EXPORT_H
#define OPS_EXPORT_H

#include "base/stop.h"
#include "store/records.h"

struct exported {
    const char *name, *path;
    int64_t rows;
};
enum { EXPORTS = DATASETS + RECORD_TABLES };

struct export {
    const char *data, *folder;
    const char *format;       /* "parquet" or "csv" */
    interval first, last;     /* 0: not bounded */
    const char *const *names; /* of datasets and tables; NULL ends them */
    /* Called before each file; may be NULL. */
    void (*progress)(void *context, const char *name);
    void *context;
};

/* Memory from [a]. ERR_USAGE for a name that is none, and when a file is there already. */
err *export_plain(const struct export *x, struct arena *a, struct exported out[EXPORTS],
                  size_t *count) ERR_NODISCARD;
/* Of [x], format, names and range don't count. */
err *export_earlier(const struct export *x, struct arena *a, struct exported out[EXPORTS],
                    size_t *count) ERR_NODISCARD;

#endif
