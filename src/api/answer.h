/* What a route answers with, before it is text.
 *
 * A route collects series or the rows of a table here; when it returns, they are written in the
 * format that was asked for. So a route knows nothing of JSON, CSV or Parquet.
 *
 *     series   time      t0    t1    t2   …      table   region  from    max     …
 *              NSW1      87.1  NaN   90.0                NSW1    …       17500
 *              QLD1      79.9  80.2  80.1                SA1     …       301.5
 *
 * Values, names and times are not copied: they live as long as the call, in its arena or in what
 * stands still for longer. NaN is a gap: null in JSON, nothing between two commas in CSV.
 */
#ifndef API_ANSWER_H
#define API_ANSWER_H

#include "base/aest.h"
#include "base/json.h"

enum answer_format { FORMAT_JSON, FORMAT_CSV, FORMAT_PARQUET };

enum cell_type {
    CELL_NONE, /* nothing is known */
    CELL_TEXT,
    CELL_NUMBER, /* to five decimals */
    CELL_WHOLE,
    CELL_TIME, /* Unix seconds in JSON, ISO 8601 with +10:00 in CSV, AEST in Parquet */
    CELL_FLAG,
};

struct cell {
    enum cell_type type;
    str text;
    double number;
    int64_t whole; /* WHOLE, FLAG, and TIME as Unix seconds */
};

/* A word that goes with a series or with the answer: "measure", "from". */
struct label {
    const char *name;
    str text;
};

enum { MOST_LABELS = 6, MOST_NOTES = 12, MOST_COLUMNS = 40 };

struct answer_series {
    str id;
    const char *unit;
    const double *values;             /* [answer.length] */
    struct label labels[MOST_LABELS]; /* up to the first without name */
};

struct answer_column {
    const char *name;
    enum cell_type type;
    const char *unit; /* NULL where there is none to name */
};

struct answer {
    struct arena *memory;
    /* meta: what isn't set is left out */
    const char *dataset, *resolution;
    bool has_range;
    interval from, to;
    bool has_latest; /* with a range, latest is null without it */
    interval latest;
    bool incomplete; /* what the answer is made from is being rebuilt */
    struct {
        const char *name;
        struct cell value;
    } notes[MOST_NOTES];
    size_t note_count;
    /* series */
    size_t length;
    const interval *times; /* [length] */
    struct buf series;     /* of struct answer_series */
    /* table */
    const struct answer_column *columns;
    size_t column_count;
    struct buf cells; /* of struct cell, row by row */
};

void answer_free(struct answer *a);

/* Something more in meta: {"provisional": true}. */
void answer_note(struct answer *a, const char *name, struct cell value);

/* -- series -------------------------------------------------------------------------------------
 */

/* The times of all series: [length] of them, [step] intervals apart; or any that rise. */
void answer_times(struct answer *a, interval first, int step, size_t length);
void answer_time_list(struct answer *a, const interval *times, size_t length);
/* The result is good until the next series is added. */
struct answer_series *answer_add(struct answer *a, str id, const char *unit, const double *values);
/* A series with the label "measure" is called id.measure in CSV and Parquet, where names have to
 * differ. */
void series_label(struct answer_series *s, const char *name, str text);
void series_name(struct buf *out, const struct answer_series *s);

/* -- tables -------------------------------------------------------------------------------------
 */

/* [columns] outlives the answer. Then, row by row, a cell for each column. */
void answer_columns(struct answer *a, const struct answer_column *columns, size_t count);
void answer_cell(struct answer *a, struct cell cell);
size_t answer_rows(const struct answer *a);

static inline struct cell cell_none(void) {
    return (struct cell){CELL_NONE, {0}, 0, 0};
}
static inline struct cell cell_text(str text) {
    return (struct cell){CELL_TEXT, text, 0, 0};
}
static inline struct cell cell_number(double number) {
    return (struct cell){CELL_NUMBER, {0}, number, 0};
}
static inline struct cell cell_whole(int64_t whole) {
    return (struct cell){CELL_WHOLE, {0}, 0, whole};
}
static inline struct cell cell_flag(bool flag) {
    return (struct cell){CELL_FLAG, {0}, 0, flag};
}
static inline struct cell cell_time(interval at) {
    return (struct cell){CELL_TIME, {0}, 0, interval_to_unix(at)};
}
static inline struct cell cell_instant(aest_us at) {
    return (struct cell){CELL_TIME, {0}, 0, aest_to_unix(at)};
}

/* -- writing ------------------------------------------------------------------------------------
 */

/* A page of a table: [limit] rows from [first] on; [next] is the cursor behind it, or NULL. */
struct page {
    size_t first, limit;
    const char *next;
};
/* The page that a cursor and a limit ask for; false when the cursor's row isn't there any longer.
 * A cursor names the last row by its place and by what stood in it, so that rows which came in
 * meanwhile don't shift what follows. [cursor] empty: from the first row. */
bool answer_page(struct answer *a, str cursor, size_t limit, struct page *out);

/* {"time": […], "series": […]} or {"columns": […], "rows": […]}, as the next value. */
void answer_write_series(const struct answer *a, struct json *j);
void answer_write_table(const struct answer *a, const struct page *page, struct json *j);
void cell_write(const struct cell *c, struct json *j);
/* With a line of names first; lines end with LF. */
void answer_csv_series(const struct answer *a, struct buf *out);
void answer_csv_table(const struct answer *a, const struct page *page, struct buf *out);

#endif
