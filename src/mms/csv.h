/* AEMO's MMS CSV: many tables in one file.
 *
 *   C,NEMP.WORLD,DISPATCHIS,AEMO,PUBLIC,2025/08/20,18:05:13,…       comment: what, and when
 * published I,DISPATCH,PRICE,5,SETTLEMENTDATE,RUNNO,REGIONID,…              header of a table
 *   D,DISPATCH,PRICE,5,"2025/08/20 18:10:00",1,NSW1,…               its rows
 *   I,DISPATCH,REGIONSUM,9,…
 *   …
 *   C,"END OF REPORT",892                                           number of lines, this one
 * included
 *
 * A table is known by (report, subtable, version), never by the file's name, and its columns by
 * their names: AEMO adds and moves columns, with and without a new version.
 *
 * The reader pulls bytes from a function and keeps one buffer. A row is a list of positions in that
 * buffer; its fields are slices of it, valid until the next row. Nothing is allocated for a row,
 * and rows of a table that the caller skips cost only the search for their ends. Positions are
 * found 64 bytes at a time: one mask each of quotes, commas and line ends, the running parity of
 * the quotes masking out what stands inside them.
 */
#ifndef MMS_CSV_H
#define MMS_CSV_H

#include "base/aest.h"
#include "base/err.h"
#include "base/str.h"

enum { MMS_COLUMNS = 512, MMS_TABLES = 256, MMS_LONGEST_ROW = 1 << 20 };

/* A table of the file that is being read, as its I record has it. */
struct mms_table {
    str report, subtable; /* upper case as AEMO writes them; the subtable can be empty */
    int version;
    const str *columns; /* names, from the fifth field on */
    size_t column_count;
    bool skip; /* set by the caller on MMS_TABLE: its rows are passed over */
    /* The four leading fields of its rows, as text with their commas. */
    str prefix;
};

struct mms_row {
    struct mms_table *table;
    const char *text;     /* of the row */
    const uint32_t *ends; /* of every field, as offsets into text; the first four are the prefix */
    uint64_t line;        /* of the file, from 1 */
};

enum mms_record { MMS_END, MMS_TABLE, MMS_ROW };

/* Fills [into] with up to [capacity] bytes; *got 0 at the end. */
typedef err *mms_pull(void *context, void *into, size_t capacity, size_t *got);

struct mms_reader;

/* Reads the first line. ERR_INPUT when that is no C record of an MMS file. */
err *mms_open(mms_pull *pull, void *context, struct mms_reader **out) ERR_NODISCARD;
void mms_close(struct mms_reader *r);

/* When AEMO published the file, from its first line. */
aest_us mms_published(const struct mms_reader *r);
/* The report that it names there, cut at 63 bytes: "ACTUAL_OPERATIONAL_DEMAND_HH". */
str mms_title(const struct mms_reader *r);

/* The next record. MMS_TABLE: [table] is set; its columns stay valid until mms_close. MMS_ROW:
 * [row] is set, valid until the next call. MMS_END: the footer was there and its count agrees.
 *
 * ERR_INPUT, naming the line: a row without header, with another number of fields than its header,
 * over MMS_LONGEST_ROW bytes or MMS_COLUMNS columns, a header beyond MMS_TABLES, an unknown record,
 * a footer that disagrees, no footer (the file is cut short), or text after it. */
err *mms_next(struct mms_reader *r, enum mms_record *kind, struct mms_table **table,
              struct mms_row *row) ERR_NODISCARD;

/* The index of a column, or -1. Names compare in any case. */
int mms_column(const struct mms_table *t, str name);

/* A field by its column's index, without its outer quotes. Doubled quotes inside are left as they
 * are: mms_unquote takes them out where text can hold any. */
static inline str mms_field(const struct mms_row *row, int column) {
    const uint32_t *end = row->ends + column + 4;
    const char *at = row->text + end[-1] + 1;
    size_t len = end[0] - end[-1] - 1;
    if (len >= 2 && at[0] == '"' && at[len - 1] == '"')
        return (str){at + 1, len - 2};
    return (str){at, len};
}

/* [field] with doubled quotes made single; itself when it holds none, else a copy from [a]. */
str mms_unquote(struct arena *a, str field);

/* A pull over bytes in memory; the context is a str that shrinks. */
err *mms_pull_bytes(void *context, void *into, size_t capacity, size_t *got) ERR_NODISCARD;

#endif
