/* The datasets: what is stored, under which names.
 *
 * A row of a dataset is known by (settlementdate, key) and has the dataset's columns and, last, the
 * version of the row, lastchanged. A forecast's row is known by (run_time, settlementdate, key):
 * its file has one column more. Names of datasets and columns are a contract with everybody who
 * reads the Parquet files.
 */
#ifndef STORE_DATASET_H
#define STORE_DATASET_H

#include "base/aest.h"

enum dataset_id {
    PRICES5,
    PRICES30,
    PRICESTATUS5,
    FCAS5,
    SCADA5,
    SCADA30,
    DISPATCH5,
    TRANSMISSION5,
    TRANSMISSION30,
    REGIONS5,
    CONSTRAINTS5,
    DEMAND5,
    DEMAND30,
    ROOFTOP30,
    ROOFTOP_FORECAST,
    P5MIN,
    PREDISPATCH,
    DATASETS,
};

enum column_type { COLUMN_DOUBLE, COLUMN_INTEGER, COLUMN_TEXT };

struct column {
    const char *name;
    enum column_type type;
    bool required; /* a source table without it is broken; others may be older than the column */
};

enum { DATASET_COLUMNS = 32 };

struct dataset {
    const char *name;
    const char *key; /* the key's column */
    int step;        /* intervals from one row of a key to the next: 1 or 6. Of a forecast, from
                        one run to the next */
    struct column columns[DATASET_COLUMNS]; /* between the key and lastchanged; the first without a
                                               name ends them */
    /* Which kinds of row beat which, whatever their lastchanged: the values of the text column
     * called [rank_column], the weakest first. */
    const char *rank_column;
    const char *ranks[4];
    /* Of a forecast: intervals from one settlementdate of a run to the next; else 0. Its rows lie
     * on the axis of run_time, and its keys are those of forecast_key. */
    int horizon_step;
    /* The five-minute dataset that this one holds the half-hour means of, NULL for others. Its
     * columns are among that one's. */
    const char *mean_of;
    int mean_since;    /* yyyymmdd: on days before it, the rows come from files instead */
    int stale_minutes; /* the newest row older than this is worth a warning */
};

extern const struct dataset datasets[DATASETS];

int dataset_column_count(const struct dataset *d);
/* The index of a column, or -1. */
int dataset_column(const struct dataset *d, str name);
/* The dataset called [name], or NULL. */
const struct dataset *dataset_by_name(str name);
static inline enum dataset_id dataset_id(const struct dataset *d) {
    return (enum dataset_id)(d - datasets);
}
/* The key of a forecast's row in a frame: "NSW1+007", the key and how many steps after the run its
 * settlementdate is. Sorts by key and then horizon. */
enum { FORECAST_HORIZONS = 1000 };
str forecast_key(char room[64], str key, int horizon);
void forecast_key_split(str text, str *key, int *horizon);

/* Rows of a key in a day. */
static inline int dataset_slots(const struct dataset *d) {
    return INTERVALS_PER_DAY / d->step;
}

#endif
