/* A Parquet or CSV file with rows of one dataset that another program made.
 *
 *   SETTLEMENTDATE        DUID   SCADAVALUE  note
 *   2025-07-20 18:05:00   BW01   412.5       …
 *
 * Columns are found by the dataset's names, in any case; those it hasn't are left, and of the
 * dataset's own only time and key have to be there. Times are AEST without a zone. A column that
 * has a zone says what its writer meant by it, or not: AEST stamped as UTC is a common mistake, so
 * it has to be known which of the two it is (table_zone).
 *
 * Rows come with the version that they have (lastchanged), else with the one for rows from
 * elsewhere (store/derive.h). Each is judged, and is a row or has a fault; no row is mended.
 */
#ifndef OPS_TABLE_FILE_H
#define OPS_TABLE_FILE_H

#include "market/thresholds.h"
#include "store/duck.h"
#include "store/frame.h"

/* What is wrong with a row. Those before ROW_KEPT keep it out. */
enum row_fault {
    ROW_NO_TIME,
    ROW_NO_KEY,
    ROW_OTHER_AGE,   /* before the market, or in the future */
    ROW_OFF_GRID,    /* at no interval's end */
    ROW_FIVE_MINUTE, /* at five minutes, among half hours */
    ROW_SUBREGION,   /* of rooftop: a part of a region that is there too */
    ROW_NO_VALUE,
    ROW_KEPT,
    ROW_REPEATED = ROW_KEPT, /* the same row once more */
    ROW_CONTRADICTS,         /* another row of the same time and key */
    ROW_BOUNDS,              /* no price or MW can be that */
    ROW_FAULTS,
};
extern const char *const row_fault_name[ROW_FAULTS];
/* What was done about it, and why, in a line. */
extern const char *const row_fault_rule[ROW_FAULTS];

struct row_faults {
    int64_t count[ROW_FAULTS];
    char first[ROW_FAULTS][96]; /* an example of each: time, key and value */
};

/* What a time with a zone means. */
enum table_zone {
    ZONE_UNKNOWN,
    ZONE_AEST, /* its clock, whatever the zone says, is AEST */
    ZONE_UTC,  /* it is the instant that it says */
};

struct table_file {
    const struct dataset *dataset;
    const char *path;
    bool has[DATASET_COLUMNS];
    bool has_version, has_zone;
    struct buf select; /* SQL: time, key, the columns, version; without its WHERE */
    struct buf left;   /* names of columns that are left, parted by blanks */
    int64_t rows, without_time, other_age;
    bool any; /* whether there is a row of the market's time: then from [first] to [last] */
    aest_us first, last;
    size_t keys; /* about */
};

/* Looks at the file. ERR_INPUT for what is none, or lacks time or key. ERR_USAGE when its times
 * have a zone and [zone] is not known: then it is guessed by whether its last row would lie in the
 * future of [written], when the file was last changed, and refused where that doesn't tell.
 * [since]: rows before it are passed over, where the file's parts say what they hold without being
 * read; 0: none. All that is counted is of the others then. */
err *table_file_open(struct duck *d, const struct dataset *dataset, const char *path,
                     enum table_zone zone, aest_us written, aest_us since,
                     struct table_file *out) ERR_NODISCARD;
void table_file_close(struct table_file *t);

/* Bounds the memory of [d] by [bytes], and by more for a file whose columns may be of few and large
 * pages, as some writers make them: a page has to be in memory as a whole. */
err *table_file_make_room(struct duck *d, const char *path, int64_t bytes) ERR_NODISCARD;

/* Puts the rows of the days of [into] there, and counts the faults of all. [limits] may be NULL.
 * [rows] is added to as it goes on. */
err *table_file_read(struct duck *d, const struct table_file *t, const struct thresholds *limits,
                     struct frames *into, struct row_faults *faults, int64_t *rows) ERR_NODISCARD;

/* The bytes that a day of the file takes in a frame, about. */
size_t table_file_day_bytes(const struct table_file *t);

#endif
