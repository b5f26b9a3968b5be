/* Frames to Parquet and back.
 *
 * There is one way to write a dataset's file, straight from the frame: the rows in the order of key
 * and time, zstd, in row groups of 245,760. The bytes depend on the rows and on zstd's build alone.
 * Reading goes through DuckDB.
 */
#ifndef STORE_PARQUET_H
#define STORE_PARQUET_H

#include "store/duck.h"
#include "store/frame.h"

/* Writes all rows of [f] to a new file at [path]. Not durable yet. */
err *parquet_write(const struct frames *f, const char *path) ERR_NODISCARD;

/* Puts the rows of the file at [path] into [f], whose frames are empty. ERR_INPUT when it is no
 * Parquet file of the dataset, or holds rows of another day. With [only], rows of other days are
 * passed over instead: for one day of a month's file. *stamp is that of the file that was read, all
 * zero when there is none. */
err *parquet_read(struct duck *d, const char *path, struct frames *f, bool only,
                  struct file_stamp *stamp) ERR_NODISCARD;

/* The first and last interval of the rows in a dataset's file; *any is false when it has none. */
err *parquet_bounds(struct duck *d, const char *path, const struct dataset *dataset, bool *any,
                    interval *first, interval *last) ERR_NODISCARD;

/* Adds the select list of a dataset: a forecast's run_time, settlementdate, the key, the columns,
 * lastchanged, each cast to its type. With [null], of NULLs: the shape of a dataset that holds
 * nothing. */
void parquet_select_list(struct buf *sql, const struct dataset *d, bool null);

#endif
