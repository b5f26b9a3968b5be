/* Copies of the tables of records, in a form that is read at once.
 *
 * Parquet is read by DuckDB, which takes longer to open than a request may, and keeps memory in
 * each thread that has one. So beside the grid there is a copy of each table, made by the thread
 * that keeps the grid (market/keep.h), and as derived as that:
 *
 *   <data>/grid/units.rows    | magic, the table's columns, stamp of the Parquet file, rows, sum |
 *                             | row | row | …    each value: 0, or 1 and what it is:             |
 *                             |                  8 bytes, or a length of 4 bytes and a text      |
 *
 * A copy counts while its stamp is that of the file. It is read as if anybody had written it; one
 * that is damaged in any way is none.
 */
#ifndef STORE_RECORDS_COPY_H
#define STORE_RECORDS_COPY_H

#include "store/records.h"

/* Reads the copy of the file with [stamp] into [out], which has no rows yet; false, and no rows,
 * where there is none. */
bool records_copy_read(const struct store *s, struct file_stamp stamp, struct records *out);

/* Makes the copies that lack, each under the store's lock. */
err *records_copy_refresh(struct store *s) ERR_NODISCARD;

/* The two halves, for tests: any bytes, and those of [r]. */
bool records_copy_parse(str bytes, struct file_stamp stamp, struct records *out);
void records_copy_write(const struct records *r, struct file_stamp stamp, struct buf *out);

#endif
