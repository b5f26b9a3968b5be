#include "store/ledger.h"

#include <stdlib.h>
#include <time.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"
#include "store/sql.h"

static const char schema[] =
    "BEGIN IMMEDIATE;" /* for other processes there are all tables, or none */
    "CREATE TABLE IF NOT EXISTS files ("
    "  id INTEGER PRIMARY KEY, feed TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL,"
    "  status TEXT NOT NULL CHECK (status IN ('done', 'failed')), rows INTEGER NOT NULL DEFAULT 0,"
    "  error TEXT, tries INTEGER NOT NULL DEFAULT 0, misses INTEGER NOT NULL DEFAULT 0,"
    "  next_try INTEGER NOT NULL DEFAULT 0,"
    "  first_seen INTEGER NOT NULL, fetched INTEGER, recorded INTEGER NOT NULL,"
    "  UNIQUE (feed, name));"
    "CREATE INDEX IF NOT EXISTS files_failed ON files (recorded) WHERE status = 'failed';"
    "CREATE TABLE IF NOT EXISTS contents ("
    "  file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE, dataset TEXT NOT NULL,"
    "  first INTEGER NOT NULL, last INTEGER NOT NULL, rows INTEGER NOT NULL,"
    "  PRIMARY KEY (file, dataset)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS contents_by_time ON contents (dataset, first);"
    "CREATE TABLE IF NOT EXISTS findings ("
    "  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,"
    "  text TEXT NOT NULL, UNIQUE (kind, subject, text));"
    "CREATE TABLE IF NOT EXISTS feeds ("
    "  feed TEXT PRIMARY KEY, listed INTEGER NOT NULL, error TEXT) WITHOUT ROWID;"
    "COMMIT;";

struct ledger {
    struct sql sql;
};

static const char what[] = "the ledger";

/* -- opening ------------------------------------------------------------------------------------
 */

static const char write_settings[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
    "PRAGMA cache_size = -2000;";

/* [settings] are run at once; then the tables are looked for. */
static err *open_database(const char *path, int flags, const char *settings,
                          const struct stop *stop, struct ledger **out) {
    struct ledger *l = mem_zalloc(1, sizeof *l);
    int64_t count;
    *out = l;
    TRY(sql_open(&l->sql, what, path, flags, settings, stop));
    return sql_number(&l->sql, &count, "SELECT count(*) FROM feeds", "");
}

static err *open_or_make(const char *path, const struct stop *stop, struct ledger **out) {
    struct arena a = {0};
    err *e = open_database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                           arena_printf(&a, "%s%s", write_settings, schema), stop, out);
    arena_free(&a);
    return e;
}

static void drop(struct ledger **out) {
    ledger_close(*out);
    *out = NULL;
}

err *ledger_open(const char *path, const struct stop *stop, struct ledger **out) {
    err *e = open_or_make(path, stop, out);
    if (e && sql_is_damaged(&(*out)->sql)) {
        err_free(e);
        drop(out);
        e = sql_put_aside(path);
        if (!e) {
            log_warn("the ledger is damaged; it was put aside, and what AEMO still offers will be "
                     "read again",
                     log_cstr("path", path));
            e = open_or_make(path, stop, out);
        }
    }
    if (e)
        drop(out);
    return e;
}

static err *open_empty(struct ledger **out) {
    err *e = open_database(":memory:", SQLITE_OPEN_READWRITE, schema, NULL, out);
    (*out)->sql.is_snapshot = true;
    return e;
}

err *ledger_open_to_read(const char *path, struct ledger **out) {
    bool has_tables = false;
    err *e = NULL;
    if (file_exists(path)) {
        *out = mem_zalloc(1, sizeof **out);
        e = sql_open_to_read(&(*out)->sql, what, path, "feeds", &has_tables);
        if (e || !has_tables)
            drop(out);
    }
    if (!e && !has_tables) {
        e = open_empty(out);
        if (e)
            drop(out);
    }
    return e;
}

bool ledger_is_snapshot(const struct ledger *l) {
    return l->sql.is_snapshot;
}

void ledger_close(struct ledger *l) {
    if (!l)
        return;
    sql_close(&l->sql);
    free(l);
}

err *ledger_begin(struct ledger *l) {
    return sql_execute(&l->sql, "BEGIN IMMEDIATE");
}

err *ledger_commit(struct ledger *l) {
    TRY(fault(FAULT_LEDGER, "COMMIT"));
    return sql_execute(&l->sql, "COMMIT");
}

err *ledger_begin_reading(struct ledger *l) {
    return sql_execute(&l->sql, "BEGIN");
}

void ledger_rollback(struct ledger *l) {
    err_free(sql_execute(&l->sql, "ROLLBACK"));
}

/* -- files --------------------------------------------------------------------------------------
 */

err *ledger_find(struct ledger *l, const char *feed, str name, struct ledger_file *out) {
    sqlite3_stmt *s;
    bool row;
    *out = (struct ledger_file){.status = LEDGER_UNKNOWN};
    TRY(sql_start(&l->sql, &s,
                  "SELECT status, size, tries, misses, next_try FROM files"
                  " WHERE feed = ?1 AND name = ?2",
                  "sS", feed, name));
    TRY(sql_step(&l->sql, s, &row));
    if (row) {
        bool done = str_eq(str_from((const char *)sqlite3_column_text(s, 0)), STR("done"));
        *out = (struct ledger_file){.status = done ? LEDGER_DONE : LEDGER_FAILED,
                                    .size = sqlite3_column_int64(s, 1),
                                    .tries = sqlite3_column_int(s, 2),
                                    .misses = sqlite3_column_int(s, 3),
                                    .next_try = sqlite3_column_int64(s, 4)};
    }
    sqlite3_reset(s);
    return NULL;
}

/* Puts down the file itself; its number. */
static err *put_done(struct ledger *l, const char *feed, str name, int64_t size, int64_t rows,
                     int64_t fetched, int64_t *id) {
    sqlite3_stmt *s;
    bool row;
    TRY(sql_start(
        &l->sql, &s,
        "INSERT INTO files (feed, name, size, status, rows, first_seen, fetched, recorded)"
        " VALUES (?1, ?2, ?3, 'done', ?4, ?6, ?5, ?6)"
        " ON CONFLICT (feed, name) DO UPDATE SET size = ?3, status = 'done', rows = ?4,"
        "  error = NULL, tries = 0, misses = 0, next_try = 0, fetched = ?5, recorded = ?6"
        " RETURNING id",
        "sSiiii", feed, name, size, rows, fetched, (int64_t)time(NULL)));
    TRY(sql_step(&l->sql, s, &row));
    *id = sqlite3_column_int64(s, 0);
    while (row) /* to its end */
        TRY(sql_step(&l->sql, s, &row));
    return NULL;
}

err *ledger_done(struct ledger *l, const char *feed, str name, int64_t size, int64_t fetched,
                 const struct ledger_content *contents, size_t count) {
    int64_t rows = 0, id;
    for (size_t i = 0; i < count; i++)
        rows += contents[i].rows;
    TRY(put_done(l, feed, name, size, rows, fetched, &id));
    TRY(sql_run(&l->sql, "DELETE FROM contents WHERE file = ?1", "i", id));
    for (size_t i = 0; i < count; i++)
        TRY(sql_run(&l->sql, "INSERT INTO contents VALUES (?1, ?2, ?3, ?4, ?5)", "isiii", id,
                    contents[i].dataset, interval_to_unix(contents[i].first),
                    interval_to_unix(contents[i].last), contents[i].rows));
    return NULL;
}

err *ledger_failed(struct ledger *l, const char *feed, str name, int64_t size, const char *reason,
                   bool spent, int64_t next_try) {
    /* another size is another file: its tries start anew */
    return sql_run(&l->sql,
                   "INSERT INTO files (feed, name, size, status, error, tries, misses, next_try,"
                   "  first_seen, recorded)"
                   " VALUES (?1, ?2, ?3, 'failed', ?4, ?5, 1 - ?5, ?6, ?7, ?7)"
                   " ON CONFLICT (feed, name) DO UPDATE SET status = 'failed', error = ?4,"
                   "  tries = ?5 + CASE WHEN size = ?3 THEN tries ELSE 0 END,"
                   "  misses = CASE ?5 WHEN 0 THEN misses + 1 ELSE 0 END, size = ?3,"
                   "  next_try = ?6, recorded = ?7",
                   "sSisiii", feed, name, size, reason, (int64_t)spent, next_try,
                   (int64_t)time(NULL));
}

err *ledger_next_try(struct ledger *l, const char *feed, int tries, int64_t *out) {
    return sql_number(&l->sql, out,
                      "SELECT coalesce(min(next_try), 9223372036854775807) FROM files"
                      " WHERE status = 'failed' AND feed = ?1 AND tries < ?2",
                      "si", feed, (int64_t)tries);
}

err *ledger_arrivals(struct ledger *l, const char *feed, const char *dataset, interval first,
                     int *intervals, int64_t *slowest_s) {
    sqlite3_stmt *s;
    bool row;
    TRY(sql_start(&l->sql, &s,
                  "SELECT count(*), max(delay) FROM (SELECT min(fetched) - first + ?4"
                  "  AS delay FROM contents JOIN files ON id = file"
                  "  WHERE dataset = ?2 AND first >= ?3 AND first = last AND feed = ?1"
                  "  AND status = 'done' GROUP BY first)",
                  "ssii", feed, dataset, interval_to_unix(first), (int64_t)INTERVAL_MINUTES * 60));
    TRY(sql_step(&l->sql, s, &row));
    *intervals = sqlite3_column_int(s, 0);
    *slowest_s = sqlite3_column_int64(s, 1);
    sqlite3_reset(s);
    return NULL;
}

err *ledger_forget(struct ledger *l, const char *feed, str name) {
    return sql_run(&l->sql, "DELETE FROM files WHERE feed = ?1 AND name = ?2", "sS", feed, name);
}

/* -- findings and feeds -------------------------------------------------------------------------
 */

err *ledger_finding(struct ledger *l, const char *kind, const char *subject, const char *text) {
    return sql_run(&l->sql,
                   "INSERT OR IGNORE INTO findings (at, kind, subject, text)"
                   " VALUES (?1, ?2, ?3, ?4)",
                   "isss", (int64_t)time(NULL), kind, subject, text);
}

err *ledger_finding_count(struct ledger *l, int64_t *out) {
    return sql_number(&l->sql, out, "SELECT count(*) FROM findings", "");
}

err *ledger_listed(struct ledger *l, const char *feed, const char *error) {
    return sql_run(&l->sql, "INSERT OR REPLACE INTO feeds VALUES (?1, ?2, ?3)", "sis", feed,
                   (int64_t)time(NULL), error);
}

err *ledger_feed(struct ledger *l, struct arena *a, const char *feed, struct ledger_feed *out) {
    sqlite3_stmt *s;
    bool row;
    *out = (struct ledger_feed){0};
    TRY(sql_start(&l->sql, &s,
                  "SELECT count(*) FILTER (WHERE status = 'done'),"
                  "  count(*) FILTER (WHERE status = 'failed'), max(fetched)"
                  " FROM files WHERE feed = ?1",
                  "s", feed));
    TRY(sql_step(&l->sql, s, &row));
    out->done = sqlite3_column_int64(s, 0);
    out->failed = sqlite3_column_int64(s, 1);
    out->last_fetch = sqlite3_column_int64(s, 2);
    sqlite3_reset(s);
    TRY(sql_start(&l->sql, &s, "SELECT listed, error FROM feeds WHERE feed = ?1", "s", feed));
    TRY(sql_step(&l->sql, s, &row));
    if (row) {
        out->last_listed = sqlite3_column_int64(s, 0);
        out->last_error = sql_column_text(a, s, 1);
    }
    sqlite3_reset(s);
    return NULL;
}

/* -- lists --------------------------------------------------------------------------------------
 */

err *ledger_failures(struct ledger *l, struct arena *a, int limit, struct ledger_failure **out,
                     size_t *count) {
    struct buf found = {0};
    sqlite3_stmt *s;
    bool row = true;
    err *e = sql_start(&l->sql, &s,
                       "SELECT feed, name, error, tries, recorded FROM files"
                       " WHERE status = 'failed' ORDER BY recorded DESC, id DESC LIMIT ?1",
                       "i", (int64_t)limit);
    while (!e && !(e = sql_step(&l->sql, s, &row)) && row) {
        struct ledger_failure f = {.feed = sql_column_text(a, s, 0),
                                   .name = sql_column_text(a, s, 1),
                                   .reason = sql_column_text(a, s, 2),
                                   .tries = sqlite3_column_int(s, 3),
                                   .at = sqlite3_column_int64(s, 4)};
        buf_add(&found, &f, sizeof f);
    }
    *out = sql_to_arena(a, &found, sizeof **out, count);
    return e;
}

static interval interval_from_unix(int64_t seconds) {
    return interval_at_or_before(aest_from_unix(seconds));
}

err *ledger_holdings(struct ledger *l, struct arena *a, const char *dataset, interval first,
                     interval last, struct ledger_holding **out, size_t *count) {
    struct buf found = {0};
    sqlite3_stmt *s;
    bool row = true;
    err *e = sql_start(&l->sql, &s,
                       "SELECT feed, name, first, last FROM contents JOIN files ON id = file"
                       " WHERE dataset = ?1 AND first <= ?3 AND last >= ?2 AND status = 'done'"
                       " ORDER BY first, last, feed, name",
                       "sii", dataset, interval_to_unix(first), interval_to_unix(last));
    while (!e && !(e = sql_step(&l->sql, s, &row)) && row) {
        struct ledger_holding h = {sql_column_text(a, s, 0), sql_column_text(a, s, 1),
                                   interval_from_unix(sqlite3_column_int64(s, 2)),
                                   interval_from_unix(sqlite3_column_int64(s, 3))};
        buf_add(&found, &h, sizeof h);
    }
    *out = sql_to_arena(a, &found, sizeof **out, count);
    return e;
}
