/* What verify is made of: the checks, each of which adds findings. */
#ifndef OPS_CHECKS_H
#define OPS_CHECKS_H

#include "ops/verify.h"

struct checking {
    const struct verify *asked;
    struct store *store;
    struct findings *out;
    struct buf price_limits; /* SQL: what a price may be at most, by t */
    struct buf price_floors;
    dataset_set damaged; /* datasets of which a file can't be read */
};

/* A file that is looked at. */
struct checked_file {
    enum dataset_id dataset;
    struct store_file file;
    const char *path, *name; /* [name] is below the store */
};

/* Adds a finding; texts are copied. */
void finding_add(struct checking *c, const struct finding *f);

/* The file by itself, and its rows among themselves. ERR_INPUT when it can't be read. */
err *check_file(struct checking *c, const struct checked_file *f) ERR_NODISCARD;
/* Makes what check_file needs to know of units and prices. */
err *check_file_begin(struct checking *c) ERR_NODISCARD;

/* Readings of the units in the files of a month, for those that stand still. */
err *check_frozen(struct checking *c, aest_day month) ERR_NODISCARD;
/* scada5 of a file against the next day's initialmw. */
err *check_initial(struct checking *c, const struct checked_file *f) ERR_NODISCARD;
/* The half hours of a five-minute file, or of one of traded half hours. */
err *check_half_hours(struct checking *c, const struct checked_file *f) ERR_NODISCARD;

/* What the ledger says of a dataset, and the gaps in it. */
err *check_ledger(struct checking *c, enum dataset_id dataset) ERR_NODISCARD;
err *check_gaps(struct checking *c, dataset_set of) ERR_NODISCARD;
/* The folders. */
err *check_folders(struct checking *c) ERR_NODISCARD;

/* Runs a query of (time TIMESTAMP, key VARCHAR, text VARCHAR) and adds a finding for each row;
 * [select] begins with SELECT or WITH. */
err *check_query(struct checking *c, const struct checked_file *f, enum finding_kind kind,
                 const char *select) ERR_NODISCARD;
/* read_parquet(['…', '…']) of the dataset's files that hold any of the days; false: there is none.
 */
err *check_add_files(struct checking *c, struct buf *sql, enum dataset_id dataset, aest_day first,
                     int days, bool *any) ERR_NODISCARD;

#endif
