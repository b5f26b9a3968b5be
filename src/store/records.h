/* Records: what the store keeps beside its time series, in small tables.
 *
 *   <data>/unit_facts.parquet    what each source says of a unit
 *   <data>/units.parquet         the registry that is made from it
 *   <data>/thresholds.parquet    the market's price limits
 *   <data>/notices.parquet       what the operator told the market
 *
 * A table is one file, sorted by its key and replaced whole, by a rename, under the store's lock.
 * Its first columns are the key of a row, its last is the version, lastchanged. Of two rows with
 * one key the larger lastchanged stays; when they tie, the row whose values are larger, compared
 * column by column with missing as the smallest: the result never depends on the order of reading.
 *
 * In memory a table is a list of rows, put in any order; records_settle sorts them and drops those
 * that lost.
 */
#ifndef STORE_RECORDS_H
#define STORE_RECORDS_H

#include "store/store.h"

enum record_table_id { UNIT_FACTS, UNITS, THRESHOLDS, NOTICES, RECORD_TABLES };

/* The columns of each. */
enum {
    FACT_DUID,
    FACT_NAME,
    FACT_SOURCE,
    FACT_FROM,
    FACT_TO,
    FACT_VALUE,
    FACT_ORIGIN,
    FACT_CHANGED
};
enum {
    UNIT_DUID,
    UNIT_FROM,
    UNIT_TO,
    UNIT_REGION,
    UNIT_STATION,
    UNIT_OWNER,
    UNIT_DISPATCH_TYPE,
    UNIT_SCHEDULE_TYPE,
    UNIT_FUEL,
    UNIT_TECHNOLOGY,
    UNIT_CAPACITY,
    UNIT_REGISTERED,
    UNIT_LOAD,
    UNIT_STORAGE,
    UNIT_MLF,
    UNIT_DLF,
    UNIT_CO2E,
    UNIT_PREDECESSOR,
    UNIT_SOURCES,
    UNIT_CHANGED,
};
enum {
    THRESHOLD_FROM,
    THRESHOLD_CAP,
    THRESHOLD_FLOOR,
    THRESHOLD_CUMULATIVE,
    THRESHOLD_ADMINISTERED,
    THRESHOLD_SOURCE,
    THRESHOLD_CHANGED,
};
enum {
    NOTICE_ID,
    NOTICE_TYPE,
    NOTICE_DESCRIPTION,
    NOTICE_CREATED,
    NOTICE_ISSUED,
    NOTICE_REFERENCE,
    NOTICE_REASON,
    NOTICE_TEXT,
    NOTICE_CHANGED,
};

enum record_type {
    RECORD_TEXT,
    RECORD_NUMBER,
    RECORD_INTEGER,
    RECORD_DATE, /* an aest_day */
    RECORD_TIME, /* an aest_us */
};

struct record_column {
    const char *name;
    enum record_type type;
};

enum { RECORD_COLUMNS = 24 };

struct record_table {
    const char *name;                             /* of the file and of the view */
    int keys;                                     /* columns of the key */
    struct record_column columns[RECORD_COLUMNS]; /* the first without a name ends them */
};

extern const struct record_table record_tables[RECORD_TABLES];

int record_column_count(const struct record_table *t);
/* The index of a column, or -1. */
int record_column(const struct record_table *t, str name);

struct record_value {
    bool there;
    union {
        str text;
        double number;
        int64_t integer; /* and dates and times */
    };
};

/* NaN and a text without address are missing. */
static inline struct record_value record_number(double number) {
    return (struct record_value){.there = number == number, .number = number};
}
static inline struct record_value record_text(str text) {
    return (struct record_value){.there = text.at != NULL, .text = text};
}
static inline struct record_value record_integer(int64_t integer) {
    return (struct record_value){.there = true, .integer = integer};
}

struct record {
    const struct record_table *table;
    struct record_value values[];
};

struct records {
    const struct record_table *table;
    struct arena memory;
    struct record **rows;
    size_t count, capacity;
};

void records_init(struct records *r, enum record_table_id table);
void records_free(struct records *r);

/* Adds a row, and copies its texts. Key and version must be there. Texts are kept as UTF-8: bytes
 * that aren't are taken for Windows-1252, which AEMO's people write in. */
void records_put(struct records *r, const struct record_value *values);
/* Sorts by key, and leaves one row of each. */
void records_settle(struct records *r);
/* Whether two settled tables hold the same rows. */
bool records_equal(const struct records *a, const struct records *b);
/* Less than, equal to or more than 0 by the first [columns] columns. */
int record_compare(const struct record *a, const struct record *b, int columns);

/* The rows of a table as they are now, settled; none where there is no file. [out] is set up here,
 * and to be freed after an error too. ERR_INPUT for a file that is none of the table's. */
err *records_read(struct store *s, enum record_table_id table, struct records *out) ERR_NODISCARD;
/* The same from the Parquet file itself, where records_read may take a copy (records_copy.h). */
err *records_read_file(struct store *s, enum record_table_id table,
                       struct records *out) ERR_NODISCARD;
/* Replaces the table's file by one with the rows of [r], which is settled. Holding store_lock. */
err *records_write(struct store *s, const struct records *r) ERR_NODISCARD;
/* Merges [from] into its table; *changed says whether that changed anything. */
err *records_commit(struct store *s, const struct records *from, bool *changed) ERR_NODISCARD;

/* The table's file. */
const char *records_path(const struct store *s, struct arena *a, enum record_table_id table);
/* Makes a view of each table, by its name, in [d]. */
err *records_make_views(struct store *s, struct duck *d) ERR_NODISCARD;

#endif
