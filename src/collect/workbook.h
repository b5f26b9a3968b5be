/* Sheets of cells, from a workbook (.xlsx) or from CSV.
 *
 * A workbook is a zip of XML: xl/worksheets/ has a file for each sheet, xl/sharedStrings.xml the
 * texts that their cells refer to by number. Every cell is text here; numbers are as the file has
 * them. Which sheet is the wanted one shows in its header, not in its name.
 *
 * The file is hostile: what it inflates to, its rows and its columns are bounded, and a document
 * type, which could define entities, is refused.
 */
#ifndef COLLECT_WORKBOOK_H
#define COLLECT_WORKBOOK_H

#include "base/aest.h"
#include "base/err.h"
#include "base/str.h"

enum { SHEET_COLUMNS = 256, SHEET_ROWS = 200000, WORKBOOK_BYTES = 128 << 20 };

struct sheet_row {
    str *cells; /* an empty one has length 0 */
    size_t count;
};

struct sheet {
    str name; /* of its file */
    struct sheet_row *rows;
    size_t count;
};

struct workbook {
    struct sheet *sheets;
    size_t count;
    aest_us modified; /* when it was last saved; 0 where it doesn't say */
};

/* All of a workbook; memory from [a]. ERR_INPUT when [bytes] is none. */
err *workbook_read(struct arena *a, str bytes, struct workbook *out) ERR_NODISCARD;
/* CSV as spreadsheets write it: commas, quotes where there is need, one header. */
err *csv_sheet_read(struct arena *a, str bytes, struct sheet *out) ERR_NODISCARD;

#endif
