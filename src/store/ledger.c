#include "store/ledger.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <time.h>

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS files ("
    "  id INTEGER PRIMARY KEY, feed TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL,"
    "  status TEXT NOT NULL CHECK (status IN ('done', 'failed')), rows INTEGER NOT NULL DEFAULT 0,"
    "  error TEXT, tries INTEGER NOT NULL DEFAULT 0, next_try INTEGER NOT NULL DEFAULT 0,"
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
    "  feed TEXT PRIMARY KEY, listed INTEGER NOT NULL, error TEXT) WITHOUT ROWID;";

enum statement {
    FIND,
    PUT_DONE,
    CLEAR_CONTENTS,
    PUT_CONTENT,
    PUT_FAILED,
    PUT_FINDING,
    PUT_LISTED,
    FEED_FILES,
    FEED_LISTED,
    FAILURES,
    STATEMENTS,
};

static const char *const sql[STATEMENTS] = {
    [FIND] = "SELECT status, size, tries, next_try FROM files WHERE feed = ?1 AND name = ?2",
    [PUT_DONE] = "INSERT INTO files (feed, name, size, status, rows, first_seen, fetched, recorded)"
                 " VALUES (?1, ?2, ?3, 'done', ?4, ?6, ?5, ?6)"
                 " ON CONFLICT (feed, name) DO UPDATE SET size = ?3, status = 'done', rows = ?4,"
                 "  error = NULL, tries = 0, next_try = 0, fetched = ?5, recorded = ?6"
                 " RETURNING id",
    [CLEAR_CONTENTS] = "DELETE FROM contents WHERE file = ?1",
    [PUT_CONTENT] = "INSERT INTO contents VALUES (?1, ?2, ?3, ?4, ?5)",
    /* another size is another file: its tries start anew */
    [PUT_FAILED] = "INSERT INTO files (feed, name, size, status, error, tries, next_try,"
                   "  first_seen, recorded) VALUES (?1, ?2, ?3, 'failed', ?4, ?5, ?6, ?7, ?7)"
                   " ON CONFLICT (feed, name) DO UPDATE SET status = 'failed', error = ?4,"
                   "  tries = ?5 + CASE WHEN size = ?3 THEN tries ELSE 0 END, size = ?3,"
                   "  next_try = ?6, recorded = ?7",
    [PUT_FINDING] = "INSERT OR IGNORE INTO findings (at, kind, subject, text)"
                    " VALUES (?1, ?2, ?3, ?4)",
    [PUT_LISTED] = "INSERT OR REPLACE INTO feeds VALUES (?1, ?2, ?3)",
    [FEED_FILES] = "SELECT count(*) FILTER (WHERE status = 'done'),"
                   "  count(*) FILTER (WHERE status = 'failed'), max(fetched)"
                   " FROM files WHERE feed = ?1",
    [FEED_LISTED] = "SELECT listed, error FROM feeds WHERE feed = ?1",
    [FAILURES] = "SELECT feed, name, error, tries, recorded FROM files WHERE status = 'failed'"
                 " ORDER BY recorded DESC, id DESC LIMIT ?1",
};

struct ledger {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
};

enum { BUSY_MS = 10000 };

static err *fail(struct ledger *l) {
    return err_new(sqlite3_errcode(l->db) == SQLITE_BUSY ? ERR_BUSY : ERR_IO, "the ledger %s: %s",
                   sqlite3_db_filename(l->db, "main"), sqlite3_errmsg(l->db));
}

static err *execute(struct ledger *l, const char *text) {
    return sqlite3_exec(l->db, text, NULL, NULL, NULL) == SQLITE_OK ? NULL : fail(l);
}

err *ledger_open(const char *path, struct ledger **out) {
    struct ledger *l = mem_zalloc(1, sizeof *l);
    err *e = NULL;
    *out = NULL;
    if (sqlite3_open_v2(path, &l->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL))
        e = err_new(ERR_IO, "can't open the ledger %s: %s", path, sqlite3_errmsg(l->db));
    if (!e) {
        sqlite3_busy_timeout(l->db, BUSY_MS);
        e = execute(l, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                       "PRAGMA foreign_keys = ON; PRAGMA cache_size = -2000");
    }
    if (!e)
        e = execute(l, schema);
    for (int i = 0; !e && i < STATEMENTS; i++)
        if (sqlite3_prepare_v3(l->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &l->statements[i],
                               NULL))
            e = fail(l);
    if (e)
        ledger_close(l);
    else
        *out = l;
    return e;
}

void ledger_close(struct ledger *l) {
    if (!l)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(l->statements[i]);
    sqlite3_close(l->db);
    free(l);
}

err *ledger_begin(struct ledger *l) {
    return execute(l, "BEGIN IMMEDIATE");
}

err *ledger_commit(struct ledger *l) {
    return execute(l, "COMMIT");
}

void ledger_rollback(struct ledger *l) {
    sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
}

/* -- one statement at a time: start, bind, step -------------------------------------------------
 */

static sqlite3_stmt *start(struct ledger *l, enum statement which) {
    sqlite3_stmt *s = l->statements[which];
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return s;
}

static void bind_text(sqlite3_stmt *s, int at, const char *text) {
    if (text)
        sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

static void bind_str(sqlite3_stmt *s, int at, str text) {
    sqlite3_bind_text(s, at, text.at, (int)text.len, SQLITE_TRANSIENT);
}

/* *row says whether there is one. */
static err *step(struct ledger *l, sqlite3_stmt *s, bool *row) {
    int result = sqlite3_step(s);
    *row = result == SQLITE_ROW;
    return result == SQLITE_ROW || result == SQLITE_DONE ? NULL : fail(l);
}

/* Runs a statement that has no rows to read. */
static err *run(struct ledger *l, sqlite3_stmt *s) {
    bool row;
    err *e = step(l, s, &row);
    sqlite3_reset(s);
    return e;
}

static char *column_text(struct arena *a, sqlite3_stmt *s, int column) {
    const char *text = (const char *)sqlite3_column_text(s, column);
    return text ? str_dup(a, str_from(text)) : NULL;
}

/* -- the ledger's verbs -------------------------------------------------------------------------
 */

err *ledger_find(struct ledger *l, const char *feed, str name, struct ledger_file *out) {
    sqlite3_stmt *s = start(l, FIND);
    bool row;
    *out = (struct ledger_file){.status = LEDGER_UNKNOWN};
    bind_text(s, 1, feed);
    bind_str(s, 2, name);
    TRY(step(l, s, &row));
    if (row) {
        bool done = str_eq(str_from((const char *)sqlite3_column_text(s, 0)), STR("done"));
        *out = (struct ledger_file){.status = done ? LEDGER_DONE : LEDGER_FAILED,
                                    .size = sqlite3_column_int64(s, 1),
                                    .tries = sqlite3_column_int(s, 2),
                                    .next_try = sqlite3_column_int64(s, 3)};
    }
    sqlite3_reset(s);
    return NULL;
}

err *ledger_done(struct ledger *l, const char *feed, str name, int64_t size, int64_t fetched,
                 const struct ledger_content *contents, size_t count) {
    sqlite3_stmt *s = start(l, PUT_DONE);
    int64_t rows = 0;
    bool row;
    for (size_t i = 0; i < count; i++)
        rows += contents[i].rows;
    bind_text(s, 1, feed);
    bind_str(s, 2, name);
    sqlite3_bind_int64(s, 3, size);
    sqlite3_bind_int64(s, 4, rows);
    sqlite3_bind_int64(s, 5, fetched);
    sqlite3_bind_int64(s, 6, time(NULL));
    TRY(step(l, s, &row));
    int64_t id = sqlite3_column_int64(s, 0);
    TRY(run(l, s)); /* to its end, past the returned id */
    s = start(l, CLEAR_CONTENTS);
    sqlite3_bind_int64(s, 1, id);
    TRY(run(l, s));
    for (size_t i = 0; i < count; i++) {
        s = start(l, PUT_CONTENT);
        sqlite3_bind_int64(s, 1, id);
        bind_text(s, 2, contents[i].dataset);
        sqlite3_bind_int64(s, 3, interval_to_unix(contents[i].first));
        sqlite3_bind_int64(s, 4, interval_to_unix(contents[i].last));
        sqlite3_bind_int64(s, 5, contents[i].rows);
        TRY(run(l, s));
    }
    return NULL;
}

err *ledger_failed(struct ledger *l, const char *feed, str name, int64_t size, const char *reason,
                   bool spent, int64_t next_try) {
    sqlite3_stmt *s = start(l, PUT_FAILED);
    bind_text(s, 1, feed);
    bind_str(s, 2, name);
    sqlite3_bind_int64(s, 3, size);
    bind_text(s, 4, reason);
    sqlite3_bind_int(s, 5, spent);
    sqlite3_bind_int64(s, 6, next_try);
    sqlite3_bind_int64(s, 7, time(NULL));
    return run(l, s);
}

err *ledger_finding(struct ledger *l, const char *kind, const char *subject, const char *text) {
    sqlite3_stmt *s = start(l, PUT_FINDING);
    sqlite3_bind_int64(s, 1, time(NULL));
    bind_text(s, 2, kind);
    bind_text(s, 3, subject);
    bind_text(s, 4, text);
    return run(l, s);
}

err *ledger_listed(struct ledger *l, const char *feed, const char *error) {
    sqlite3_stmt *s = start(l, PUT_LISTED);
    bind_text(s, 1, feed);
    sqlite3_bind_int64(s, 2, time(NULL));
    bind_text(s, 3, error);
    return run(l, s);
}

err *ledger_feed(struct ledger *l, struct arena *a, const char *feed, struct ledger_feed *out) {
    bool row;
    *out = (struct ledger_feed){0};
    sqlite3_stmt *s = start(l, FEED_FILES);
    bind_text(s, 1, feed);
    TRY(step(l, s, &row));
    out->done = sqlite3_column_int64(s, 0);
    out->failed = sqlite3_column_int64(s, 1);
    out->last_fetch = sqlite3_column_int64(s, 2);
    sqlite3_reset(s);
    s = start(l, FEED_LISTED);
    bind_text(s, 1, feed);
    TRY(step(l, s, &row));
    if (row) {
        out->last_listed = sqlite3_column_int64(s, 0);
        out->last_error = column_text(a, s, 1);
    }
    sqlite3_reset(s);
    return NULL;
}

err *ledger_failures(struct ledger *l, struct arena *a, int limit, struct ledger_failure **out,
                     size_t *count) {
    sqlite3_stmt *s = start(l, FAILURES);
    bool row;
    *out = ARENA_ARRAY(a, struct ledger_failure, (size_t)limit);
    *count = 0;
    sqlite3_bind_int(s, 1, limit);
    for (;;) {
        TRY(step(l, s, &row));
        if (!row)
            break;
        (*out)[(*count)++] = (struct ledger_failure){.feed = column_text(a, s, 0),
                                                     .name = column_text(a, s, 1),
                                                     .reason = column_text(a, s, 2),
                                                     .tries = sqlite3_column_int(s, 3),
                                                     .at = sqlite3_column_int64(s, 4)};
    }
    sqlite3_reset(s);
    return NULL;
}
