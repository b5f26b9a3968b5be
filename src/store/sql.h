/* SQLite, one connection: statements are known by their text, which must be a literal, and are
 * prepared once. Values are bound by a string of types:
 *
 *   's'  const char *, NULL for null       'i'  int64_t
 *   'S'  str                               'd'  double, null for NaN
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <sqlite3.h>

#include "base/stop.h"
#include "base/str.h"

enum { SQL_STATEMENTS = 64 };

struct sql {
    sqlite3 *db;
    const char *what; /* "the ledger": how messages call it */
    bool is_snapshot; /* what is written later isn't seen */
    const struct stop *stop;
    struct {
        const char *text;
        sqlite3_stmt *statement;
    } cache[SQL_STATEMENTS];
};

/* [flags] are sqlite3_open_v2's; [settings] is run at once. [s] is to be closed after an error too.
 * [stop], which may be NULL, ends waiting for other writers. */
err *sql_open(struct sql *s, const char *what, const char *path, int flags, const char *settings,
              const struct stop *stop) ERR_NODISCARD;
/* To read alone, as it is: beside writers; or as a snapshot, where to read the newest would be to
 * write, as of a file that a writer was killed in, or in a folder that isn't ours. *has_tables
 * tells whether there is the [last] one that is made of a new file's: else the first writer is
 * still at it, or was killed. [s] is to be closed after an error too. */
err *sql_open_to_read(struct sql *s, const char *what, const char *path, const char *last,
                      bool *has_tables) ERR_NODISCARD;
err *sql_has_table(struct sql *s, const char *name, bool *has) ERR_NODISCARD;
void sql_close(struct sql *s);
/* Whether the last error says that the file is no database, or a damaged one. */
bool sql_is_damaged(const struct sql *s);
/* Renames a damaged file to <path>.broken, and removes what goes with it. */
err *sql_put_aside(const char *path) ERR_NODISCARD;
/* Several statements at once, with nothing to bind. */
err *sql_execute(struct sql *s, const char *text) ERR_NODISCARD;

/* A statement without rows to read. */
err *sql_run(struct sql *s, const char *text, const char *types, ...) ERR_NODISCARD;
/* A statement whose rows sql_step gives, one after the other. Not for the same text twice at once.
 */
err *sql_start(struct sql *s, sqlite3_stmt **out, const char *text, const char *types,
               ...) ERR_NODISCARD;
/* *row is false after the last one. Who ends earlier calls sqlite3_reset. */
err *sql_step(struct sql *s, sqlite3_stmt *statement, bool *row) ERR_NODISCARD;
/* One number; 0 where there is no row. */
err *sql_number(struct sql *s, int64_t *out, const char *text, const char *types,
                ...) ERR_NODISCARD;

/* Rows of [size] that were gathered in [rows], moved to the arena. Frees [rows]. */
void *sql_to_arena(struct arena *a, struct buf *rows, size_t size, size_t *count);

/* NULL, and NaN, for null. */
char *sql_column_text(struct arena *a, sqlite3_stmt *statement, int column);
double sql_column_double(sqlite3_stmt *statement, int column);

#endif
