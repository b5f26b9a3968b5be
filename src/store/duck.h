/* DuckDB, opened when it is first needed.
 *
 * It reads Parquet and runs the user's SQL; the dashboard's requests don't go through it. A duck
 * belongs to one thread and stays where it is.
 *
 * It opens a file that it reads twice, for the footer and for the rows. A commit may put another
 * file in its place in between, and the rows of one read by the footer of the other are an error at
 * best. So a file of the store is held open, and read by the name of that descriptor:
 *
 *   char name[DUCK_NAME];
 *   duck_hold(d, "…/2025-07-20.parquet", name, &stamp)     name = "/dev/fd/7"
 *   SELECT … FROM read_parquet('/dev/fd/7')                one file, whatever is renamed meanwhile
 *   duck_release(d, 0)
 */
#ifndef STORE_DUCK_H
#define STORE_DUCK_H

#include <duckdb.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"

struct duck_held {
    int file;
    char *path;
};

struct duck {
    int threads; /* set before the first use: 0 is one, which keeps rows in order; -1 is all */
    const char *spill; /* a folder for what doesn't fit in memory; NULL: none, it fails */
    bool open;
    duckdb_database database;
    duckdb_connection connection;
    struct duck_held *held;
    size_t held_count, held_capacity;
};

err *duck_open(struct duck *d) ERR_NODISCARD;
void duck_close(struct duck *d);

/* Runs one statement, opening the database first; its result is dropped. An ERR_INPUT carries
 * DuckDB's own words. */
err *duck_run(struct duck *d, const char *sql) ERR_NODISCARD;

/* Runs one statement and calls [visit] with each chunk of its result. */
typedef err *duck_visit(void *context, duckdb_data_chunk chunk);
err *duck_each(struct duck *d, const char *sql, duck_visit *visit, void *context) ERR_NODISCARD;

/* The same for a result that is larger than memory: chunks are handed out while it is made. Whether
 * it can be made to its end shows on the way. */
err *duck_stream(struct duck *d, const char *sql, duck_visit *visit, void *context) ERR_NODISCARD;

/* Holds the file at [path] until it is released or the duck is closed; *stamp is that of the file
 * that is held, all zero when there is none or it can't be opened. In errors of duck_each the file
 * has its path again. */
enum { DUCK_NAME = 24 };
err *duck_hold(struct duck *d, const char *path, char name[DUCK_NAME],
               struct file_stamp *stamp) ERR_NODISCARD;
/* The same for one of many: false when it would leave too few descriptors, or the file isn't there.
 * Then it has to be read by its path. */
bool duck_hold_one_more(struct duck *d, const char *path, char name[DUCK_NAME]);
/* Releases all but the first [keep] files that are held. */
void duck_release(struct duck *d, size_t keep);

/* An error of [kind] with DuckDB's message on one line, as far as where it quotes the statement. */
err *duck_error(enum err_kind kind, const char *message) ERR_NODISCARD;
/* The same, with the paths of held files in place of their names. */
err *duck_said(const struct duck *d, enum err_kind kind, const char *message) ERR_NODISCARD;

/* The bytes of a VARCHAR in row [row] of a column's data. */
str duck_text(duckdb_string_t *data, idx_t row);
/* False for NULL; [validity] as duckdb_vector_get_validity gives it, NULL when all are valid. */
static inline bool duck_valid(const uint64_t *validity, idx_t row) {
    return !validity || (validity[row / 64] >> (row % 64) & 1);
}

/* Adds [text] as an SQL string, in quotes. */
void duck_quote(struct buf *sql, str text);

#endif
