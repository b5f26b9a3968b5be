#include "store/ledger.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"

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
    FINDINGS,
    NEXT_TRY,
    HOLDINGS,
    ARRIVALS,
    FORGET,
    STATEMENTS,
};

static const char *const sql[STATEMENTS] = {
    [FIND] =
        "SELECT status, size, tries, misses, next_try FROM files WHERE feed = ?1 AND name = ?2",
    [PUT_DONE] = "INSERT INTO files (feed, name, size, status, rows, first_seen, fetched, recorded)"
                 " VALUES (?1, ?2, ?3, 'done', ?4, ?6, ?5, ?6)"
                 " ON CONFLICT (feed, name) DO UPDATE SET size = ?3, status = 'done', rows = ?4,"
                 "  error = NULL, tries = 0, misses = 0, next_try = 0, fetched = ?5, recorded = ?6"
                 " RETURNING id",
    [CLEAR_CONTENTS] = "DELETE FROM contents WHERE file = ?1",
    [PUT_CONTENT] = "INSERT INTO contents VALUES (?1, ?2, ?3, ?4, ?5)",
    /* another size is another file: its tries start anew */
    [PUT_FAILED] = "INSERT INTO files (feed, name, size, status, error, tries, misses, next_try,"
                   "  first_seen, recorded)"
                   " VALUES (?1, ?2, ?3, 'failed', ?4, ?5, 1 - ?5, ?6, ?7, ?7)"
                   " ON CONFLICT (feed, name) DO UPDATE SET status = 'failed', error = ?4,"
                   "  tries = ?5 + CASE WHEN size = ?3 THEN tries ELSE 0 END,"
                   "  misses = CASE ?5 WHEN 0 THEN misses + 1 ELSE 0 END, size = ?3,"
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
    [NEXT_TRY] = "SELECT min(next_try) FROM files"
                 " WHERE status = 'failed' AND feed = ?1 AND tries < ?2",
    [FINDINGS] = "SELECT count(*) FROM findings",
    [HOLDINGS] = "SELECT feed, name, first, last FROM contents JOIN files ON id = file"
                 " WHERE dataset = ?1 AND first <= ?3 AND last >= ?2 AND status = 'done'"
                 " ORDER BY first, last, feed, name",
    [ARRIVALS] = "SELECT count(*), max(delay) FROM (SELECT min(fetched) - first + ?4"
                 "  AS delay FROM contents JOIN files ON id = file"
                 "  WHERE dataset = ?2 AND first >= ?3 AND first = last AND feed = ?1"
                 "  AND status = 'done' GROUP BY first)",
    [FORGET] = "DELETE FROM files WHERE feed = ?1 AND name = ?2",
};

struct ledger {
    sqlite3 *db;
    const struct stop *stop;
    sqlite3_stmt *statements[STATEMENTS];
};

enum { BUSY_MS = 10000, BUSY_STEP_MS = 20 };

static err *fail(struct ledger *l) {
    return err_new(sqlite3_errcode(l->db) == SQLITE_BUSY ? ERR_BUSY : ERR_IO, "the ledger %s: %s",
                   sqlite3_db_filename(l->db, "main"), sqlite3_errmsg(l->db));
}

static err *execute(struct ledger *l, const char *text) {
    return sqlite3_exec(l->db, text, NULL, NULL, NULL) == SQLITE_OK ? NULL : fail(l);
}

/* Another process is writing: waits a little, unless that has been too long, or nemd is to stop. */
static int on_busy(void *context, int waits) {
    const struct ledger *l = context;
    if (waits >= BUSY_MS / BUSY_STEP_MS)
        return 0;
    if (l->stop)
        return !stop_wait(l->stop, BUSY_STEP_MS);
    return sqlite3_sleep(BUSY_STEP_MS) >= 0;
}

static err *prepare(struct ledger *l) {
    for (int i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v3(l->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &l->statements[i],
                               NULL))
            return fail(l);
    return NULL;
}

/* [settings] are run before the statements are prepared. */
static err *open_database(const char *path, int flags, const char *settings,
                          const struct stop *stop, struct ledger **out) {
    struct ledger *l = mem_zalloc(1, sizeof *l);
    err *e = NULL;
    l->stop = stop;
    if (sqlite3_open_v2(path, &l->db, flags | SQLITE_OPEN_NOMUTEX, NULL))
        e = err_new(ERR_IO, "can't open the ledger %s: %s", path, sqlite3_errmsg(l->db));
    if (!e) {
        sqlite3_busy_handler(l->db, on_busy, l);
        e = execute(l, settings);
    }
    if (!e)
        e = prepare(l);
    *out = l;
    return e;
}

static const char write_settings[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
    "PRAGMA cache_size = -2000;";

static err *put_aside(const char *path) {
    static const char *const companions[] = {"-wal", "-shm"};
    struct arena a = {0};
    const char *aside = arena_printf(&a, "%s.broken", path);
    err *e = file_rename_durable(path, aside);
    for (size_t i = 0; i < sizeof companions / sizeof *companions; i++)
        unlink(arena_printf(&a, "%s%s", path, companions[i]));
    if (!e)
        log_warn("the ledger is damaged; it was put aside, and what AEMO still offers will be read "
                 "again",
                 log_cstr("aside", aside));
    arena_free(&a);
    return e;
}

err *ledger_open(const char *path, const struct stop *stop, struct ledger **out) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    struct arena a = {0};
    const char *settings = arena_printf(&a, "%s%s", write_settings, schema);
    err *e = open_database(path, flags, settings, stop, out);
    int code = e ? sqlite3_errcode((*out)->db) : SQLITE_OK;
    if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) {
        err_free(e);
        ledger_close(*out);
        *out = NULL;
        e = put_aside(path);
        if (!e)
            e = open_database(path, flags, settings, stop, out);
    }
    if (e) {
        ledger_close(*out);
        *out = NULL;
    }
    arena_free(&a);
    return e;
}

static err *open_empty(struct ledger **out) {
    return open_database(":memory:", SQLITE_OPEN_READWRITE, schema, NULL, out);
}

err *ledger_open_to_read(const char *path, struct ledger **out) {
    if (!file_exists(path))
        return open_empty(out);
    err *e = open_database(path, SQLITE_OPEN_READONLY, "", NULL, out);
    if (e &&
        sqlite3_errcode((*out)->db) == SQLITE_ERROR) { /* its first writer is making the tables */
        err_free(e);
        ledger_close(*out);
        e = open_empty(out);
    } else if (e) { /* a write-ahead log needs a file beside it, which a folder may not let be made
                     */
        struct arena a = {0};
        err_free(e);
        ledger_close(*out);
        e = open_database(arena_printf(&a, "file:%s?immutable=1", path),
                          SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, "", NULL, out);
        arena_free(&a);
    }
    if (e) {
        ledger_close(*out);
        *out = NULL;
    }
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
    TRY(fault(FAULT_LEDGER, "COMMIT"));
    return execute(l, "COMMIT");
}

err *ledger_begin_reading(struct ledger *l) {
    return execute(l, "BEGIN");
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
                                    .misses = sqlite3_column_int(s, 3),
                                    .next_try = sqlite3_column_int64(s, 4)};
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

err *ledger_next_try(struct ledger *l, const char *feed, int tries, int64_t *out) {
    sqlite3_stmt *s = start(l, NEXT_TRY);
    bool row;
    bind_text(s, 1, feed);
    sqlite3_bind_int(s, 2, tries);
    TRY(step(l, s, &row));
    *out = sqlite3_column_type(s, 0) == SQLITE_NULL ? INT64_MAX : sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return NULL;
}

err *ledger_arrivals(struct ledger *l, const char *feed, const char *dataset, interval first,
                     int *intervals, int64_t *slowest_s) {
    sqlite3_stmt *s = start(l, ARRIVALS);
    bool row;
    bind_text(s, 1, feed);
    bind_text(s, 2, dataset);
    sqlite3_bind_int64(s, 3, interval_to_unix(first));
    sqlite3_bind_int(s, 4, INTERVAL_MINUTES * 60);
    TRY(step(l, s, &row));
    *intervals = sqlite3_column_int(s, 0);
    *slowest_s = sqlite3_column_int64(s, 1);
    sqlite3_reset(s);
    return NULL;
}

err *ledger_finding(struct ledger *l, const char *kind, const char *subject, const char *text) {
    sqlite3_stmt *s = start(l, PUT_FINDING);
    sqlite3_bind_int64(s, 1, time(NULL));
    bind_text(s, 2, kind);
    bind_text(s, 3, subject);
    bind_text(s, 4, text);
    return run(l, s);
}

err *ledger_finding_count(struct ledger *l, int64_t *out) {
    sqlite3_stmt *s = start(l, FINDINGS);
    bool row;
    TRY(step(l, s, &row));
    *out = sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return NULL;
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

static interval interval_from_unix(int64_t seconds) {
    return interval_at_or_before(aest_from_unix(seconds));
}

err *ledger_holdings(struct ledger *l, struct arena *a, const char *dataset, interval first,
                     interval last, struct ledger_holding **out, size_t *count) {
    sqlite3_stmt *s = start(l, HOLDINGS);
    struct buf found = {0};
    bool row = true;
    err *e = NULL;
    bind_text(s, 1, dataset);
    sqlite3_bind_int64(s, 2, interval_to_unix(first));
    sqlite3_bind_int64(s, 3, interval_to_unix(last));
    while (!(e = step(l, s, &row)) && row) {
        struct ledger_holding h = {column_text(a, s, 0), column_text(a, s, 1),
                                   interval_from_unix(sqlite3_column_int64(s, 2)),
                                   interval_from_unix(sqlite3_column_int64(s, 3))};
        buf_add(&found, &h, sizeof h);
    }
    sqlite3_reset(s);
    *count = found.len / sizeof **out;
    *out = ARENA_ARRAY(a, struct ledger_holding, *count);
    if (*count)
        memcpy(*out, found.at, found.len);
    buf_free(&found);
    return e;
}

err *ledger_forget(struct ledger *l, const char *feed, str name) {
    sqlite3_stmt *s = start(l, FORGET);
    bind_text(s, 1, feed);
    bind_str(s, 2, name);
    return run(l, s);
}
