#include "store/alerts.h"

#include <math.h>

#include "base/file.h"
#include "base/log.h"
#include "base/sha256.h"

static const char what[] = "the alerts' state";
static const char settings[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
    "PRAGMA cache_size = -2000;";

static const char schema[] =
    "BEGIN IMMEDIATE;" /* for other processes there are all tables, or none */
    "CREATE TABLE IF NOT EXISTS watermarks (rule TEXT PRIMARY KEY, at INTEGER NOT NULL)"
    "  WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS states (rule TEXT NOT NULL, key TEXT NOT NULL,"
    "  level INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0, since INTEGER NOT NULL DEFAULT 0,"
    "  waits REAL, peak REAL, peak_at INTEGER NOT NULL DEFAULT 0, text TEXT,"
    "  acked INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (rule, key)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS judged (rule TEXT NOT NULL, at INTEGER NOT NULL,"
    "  key TEXT NOT NULL, value REAL, PRIMARY KEY (rule, at, key)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  key TEXT NOT NULL UNIQUE, rule TEXT NOT NULL, kind TEXT NOT NULL,"
    "  severity INTEGER NOT NULL, at INTEGER NOT NULL, made INTEGER NOT NULL,"
    "  title TEXT NOT NULL, text TEXT NOT NULL, data TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS decisions (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  message INTEGER REFERENCES messages ON DELETE SET NULL, rule TEXT NOT NULL,"
    "  key TEXT NOT NULL, kind TEXT NOT NULL, severity INTEGER NOT NULL, at INTEGER NOT NULL,"
    "  decided INTEGER NOT NULL, value REAL, text TEXT NOT NULL, unsent TEXT,"
    "  acked INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX IF NOT EXISTS decisions_message ON decisions (message);"
    "CREATE INDEX IF NOT EXISTS decisions_key ON decisions (rule, key, at);"
    "CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE, sink TEXT NOT NULL,"
    "  target TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'waiting'"
    "    CHECK (status IN ('waiting', 'sent', 'failed', 'summed')),"
    "  attempts INTEGER NOT NULL DEFAULT 0, next_try INTEGER NOT NULL,"
    "  held INTEGER NOT NULL DEFAULT 0, error TEXT, sent INTEGER NOT NULL DEFAULT 0,"
    "  UNIQUE (message, sink, target));"
    "CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (sink, target, status, id);"
    "CREATE TABLE IF NOT EXISTS mutes (rule TEXT NOT NULL, key TEXT NOT NULL,"
    "  until INTEGER NOT NULL, PRIMARY KEY (rule, key)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS records (measure TEXT NOT NULL, extreme TEXT NOT NULL,"
    "  region TEXT NOT NULL, hour INTEGER NOT NULL, origin TEXT NOT NULL, value REAL NOT NULL,"
    "  at INTEGER NOT NULL, PRIMARY KEY (measure, extreme, region, hour, origin)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS record_days (day INTEGER PRIMARY KEY, stamp INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS rules (place INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    "  summary TEXT NOT NULL, step_s INTEGER NOT NULL, steps TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS sinks (place INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    "  shown TEXT NOT NULL, rate INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, number INTEGER NOT NULL)"
    "  WITHOUT ROWID;"
    "COMMIT;";

static const char last_table[] = "sinks"; /* of the schema: where it is, there are all */

const char *const alert_severity_name[ALERT_SEVERITIES] = {"info", "warning", "critical"};

bool alert_severity_from_name(str name, enum alert_severity *out) {
    for (int i = 0; i < ALERT_SEVERITIES; i++)
        if (str_eq_nocase(name, str_from(alert_severity_name[i]))) {
            *out = (enum alert_severity)i;
            return true;
        }
    return false;
}

/* -- opening ------------------------------------------------------------------------------------
 */

const char *alerts_path(struct arena *a, const char *data) {
    return arena_printf(a, "%s/alerts.db", data);
}

static err *open_file(struct alerts *a, const char *path, const struct stop *stop) {
    TRY(sql_open(&a->sql, what, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, settings, stop));
    return sql_execute(&a->sql, schema);
}

err *alerts_open(struct alerts *a, const char *path, const struct stop *stop) {
    err *e = open_file(a, path, stop);
    if (e && sql_is_damaged(&a->sql)) {
        err_free(e);
        alerts_close(a);
        e = sql_put_aside(path);
        if (!e) {
            log_error(
                "what alerts remember is damaged; it was put aside and begun anew, so that an "
                "alert may come again",
                log_cstr("path", path));
            e = open_file(a, path, stop);
        }
    }
    if (e)
        alerts_close(a);
    return e;
}

err *alerts_open_in_memory(struct alerts *a) {
    err *e = open_file(a, ":memory:", NULL);
    if (e)
        alerts_close(a);
    return e;
}

err *alerts_open_to_read(struct alerts *a, const char *path) {
    bool has_tables = false;
    if (!file_exists(path))
        return alerts_open_in_memory(a);
    err *e = sql_open_to_read(&a->sql, what, path, last_table, &has_tables);
    if (!e && has_tables)
        return NULL;
    alerts_close(a);
    return e ? e : alerts_open_in_memory(a);
}

err *alerts_open_to_change(struct alerts *a, const char *path, int wait_ms) {
    bool has_tables = false;
    if (!file_exists(path))
        return alerts_open(a, path, NULL);
    err *e = sql_open(&a->sql, what, path, SQLITE_OPEN_READWRITE, settings, NULL);
    if (!e)
        e = sql_has_table(&a->sql, last_table, &has_tables);
    if (!e && has_tables) {
        sqlite3_busy_timeout(a->sql.db, wait_ms);
        return NULL;
    }
    alerts_close(a);
    return e ? e : alerts_open(a, path, NULL);
}

void alerts_close(struct alerts *a) {
    sql_close(&a->sql);
}

err *alerts_begin(struct alerts *a) {
    return sql_execute(&a->sql, "BEGIN IMMEDIATE");
}

err *alerts_commit(struct alerts *a) {
    return sql_execute(&a->sql, "COMMIT");
}

void alerts_rollback(struct alerts *a) {
    err_free(sql_execute(&a->sql, "ROLLBACK"));
}

/* -- what rules remember ------------------------------------------------------------------------
 */

/* The columns level, told, since, waits, peak, peak_at, text, acked, from the one numbered [c]. */
static struct alert_state state_from(struct arena *memory, sqlite3_stmt *row, int c) {
    return (struct alert_state){.level = sqlite3_column_int(row, c),
                                .told = sqlite3_column_int(row, c + 1),
                                .since = sqlite3_column_int64(row, c + 2),
                                .waits = sql_column_double(row, c + 3),
                                .peak = sql_column_double(row, c + 4),
                                .peak_at = sqlite3_column_int64(row, c + 5),
                                .text = sql_column_text(memory, row, c + 6),
                                .acked = sqlite3_column_int(row, c + 7)};
}

err *alerts_state(struct alerts *a, struct arena *memory, const char *rule, const char *key,
                  struct alert_state *out) {
    sqlite3_stmt *row;
    bool there;
    *out = (struct alert_state){.waits = (double)NAN, .peak = (double)NAN};
    TRY(sql_start(&a->sql, &row,
                  "SELECT level, told, since, waits, peak, peak_at, text, acked FROM states"
                  " WHERE rule = ?1 AND key = ?2",
                  "ss", rule, key));
    TRY(sql_step(&a->sql, row, &there));
    if (there)
        *out = state_from(memory, row, 0);
    sqlite3_reset(row);
    return NULL;
}

err *alerts_put_state(struct alerts *a, const char *rule, const char *key,
                      const struct alert_state *s) {
    return sql_run(&a->sql, "INSERT OR REPLACE INTO states VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
                   "ssiiiddisi", rule, key, (int64_t)s->level, (int64_t)s->told, s->since, s->waits,
                   s->peak, s->peak_at, s->text, (int64_t)s->acked);
}

err *alerts_states(struct alerts *a, struct arena *memory, const char *rule,
                   struct alert_state_row **out, size_t *count) {
    struct buf found = {0};
    sqlite3_stmt *row;
    bool there = true;
    err *e = sql_start(&a->sql, &row,
                       "SELECT rule, key, level, told, since, waits, peak, peak_at, text, acked"
                       " FROM states WHERE ?1 IS NULL OR rule = ?1 ORDER BY rule, key",
                       "s", rule);
    while (!e && !(e = sql_step(&a->sql, row, &there)) && there) {
        struct alert_state_row s = {sql_column_text(memory, row, 0),
                                    sql_column_text(memory, row, 1), state_from(memory, row, 2)};
        buf_add(&found, &s, sizeof s);
    }
    *out = sql_to_arena(memory, &found, sizeof **out, count);
    return e;
}

err *alerts_watermark(struct alerts *a, const char *rule, int64_t *out) {
    return sql_number(&a->sql, out, "SELECT at FROM watermarks WHERE rule = ?1", "s", rule);
}

err *alerts_put_watermark(struct alerts *a, const char *rule, int64_t at) {
    return sql_run(&a->sql, "INSERT OR REPLACE INTO watermarks VALUES (?1, ?2)", "si", rule, at);
}

err *alerts_judged(struct alerts *a, struct arena *memory, const char *rule, int64_t from,
                   int64_t to, struct alert_judged **out, size_t *count) {
    struct buf found = {0};
    sqlite3_stmt *row;
    bool there = true;
    err *e = sql_start(&a->sql, &row,
                       "SELECT key, at, value FROM judged WHERE rule = ?1 AND at BETWEEN ?2 AND ?3"
                       " ORDER BY at, key",
                       "sii", rule, from, to);
    while (!e && !(e = sql_step(&a->sql, row, &there)) && there) {
        struct alert_judged j = {sql_column_text(memory, row, 0), sqlite3_column_int64(row, 1),
                                 sql_column_double(row, 2)};
        buf_add(&found, &j, sizeof j);
    }
    *out = sql_to_arena(memory, &found, sizeof **out, count);
    return e;
}

err *alerts_put_judged(struct alerts *a, const char *rule, const char *key, int64_t at,
                       double value) {
    return sql_run(&a->sql, "INSERT OR REPLACE INTO judged VALUES (?1, ?2, ?3, ?4)", "sisd", rule,
                   at, key, value);
}

err *alerts_forget_judged(struct alerts *a, const char *rule, int64_t before) {
    return sql_run(&a->sql, "DELETE FROM judged WHERE rule = ?1 AND at < ?2", "si", rule, before);
}

/* -- history ------------------------------------------------------------------------------------
 */

err *alerts_add_message(struct alerts *a, const struct alert_message *m, int64_t *id, bool *fresh) {
    char key[SHA256_TEXT];
    uint8_t digest[SHA256_BYTES];
    struct buf said = {0};
    buf_printf(&said, "%s|%lld|%s", m->rule, (long long)m->at, m->title);
    sha256(buf_str(&said), digest);
    sha256_hex(digest, key);
    key[32] = 0;
    buf_free(&said);
    int before = sqlite3_total_changes(a->sql.db);
    TRY(sql_run(&a->sql,
                "INSERT INTO messages (key, rule, kind, severity, at, made, title, text, data)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (key) DO NOTHING",
                "sssiiisss", key, m->rule, m->kind, (int64_t)m->severity, m->at, m->made, m->title,
                m->text, m->data ? m->data : "[]"));
    *fresh = sqlite3_total_changes(a->sql.db) != before;
    return sql_number(&a->sql, id, "SELECT id FROM messages WHERE key = ?1", "s", key);
}

err *alerts_add_decision(struct alerts *a, const struct alert_decision *d) {
    return sql_run(&a->sql,
                   "INSERT INTO decisions"
                   " (message, rule, key, kind, severity, at, decided, value, text, unsent)"
                   " VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                   "isssiiidss", d->message, d->rule, d->key, d->kind, (int64_t)d->severity, d->at,
                   d->decided, d->value, d->text, d->unsent);
}

err *alerts_history(struct alerts *a, struct arena *memory, const struct alert_history *which,
                    struct alert_decision **out, size_t *count) {
    struct buf found = {0};
    sqlite3_stmt *row;
    bool there = true;
    err *e = sql_start(&a->sql, &row,
                       "SELECT * FROM (SELECT id, coalesce(message, 0), rule, key, kind, severity,"
                       "  at, decided, value, text, unsent, acked FROM decisions"
                       "  WHERE id > ?1 AND (?2 IS NULL OR rule = ?2) ORDER BY id DESC LIMIT ?3)"
                       " ORDER BY id",
                       "isi", which->after, which->rule, (int64_t)which->limit);
    while (!e && !(e = sql_step(&a->sql, row, &there)) && there) {
        struct alert_decision d = {.id = sqlite3_column_int64(row, 0),
                                   .message = sqlite3_column_int64(row, 1),
                                   .rule = sql_column_text(memory, row, 2),
                                   .key = sql_column_text(memory, row, 3),
                                   .kind = sql_column_text(memory, row, 4),
                                   .severity = (enum alert_severity)sqlite3_column_int(row, 5),
                                   .at = sqlite3_column_int64(row, 6),
                                   .decided = sqlite3_column_int64(row, 7),
                                   .value = sql_column_double(row, 8),
                                   .text = sql_column_text(memory, row, 9),
                                   .unsent = sql_column_text(memory, row, 10),
                                   .acked = sqlite3_column_int64(row, 11)};
        buf_add(&found, &d, sizeof d);
    }
    *out = sql_to_arena(memory, &found, sizeof **out, count);
    return e;
}

err *alerts_ack(struct alerts *a, int64_t id, int64_t now) {
    int64_t there;
    TRY(sql_number(&a->sql, &there, "SELECT count(*) FROM decisions WHERE id = ?1", "i", id));
    if (!there)
        return err_new(ERR_USAGE, "there is no alert %lld; see `nemd alerts history`",
                       (long long)id);
    TRY(alerts_begin(a));
    err *e = sql_run(&a->sql, "UPDATE decisions SET acked = ?2 WHERE id = ?1 AND acked = 0", "ii",
                     id, now);
    if (!e)
        e = sql_run(&a->sql,
                    "UPDATE states SET acked = 1 WHERE level > 0 AND (rule, key) ="
                    " (SELECT rule, key FROM decisions WHERE id = ?1)",
                    "i", id);
    if (!e)
        e = alerts_commit(a);
    if (e)
        alerts_rollback(a);
    return e;
}

err *alerts_put_mute(struct alerts *a, const struct alert_mute *m) {
    return sql_run(&a->sql, "INSERT OR REPLACE INTO mutes VALUES (?1, ?2, ?3)", "ssi", m->rule,
                   m->key, m->until);
}

err *alerts_mutes(struct alerts *a, struct arena *memory, int64_t now, struct alert_mute **out,
                  size_t *count) {
    struct buf found = {0};
    sqlite3_stmt *row;
    bool there = true;
    err *e = sql_start(&a->sql, &row,
                       "SELECT rule, key, until FROM mutes WHERE until > ?1 ORDER BY rule, key",
                       "i", now);
    while (!e && !(e = sql_step(&a->sql, row, &there)) && there) {
        struct alert_mute m = {sql_column_text(memory, row, 0), sql_column_text(memory, row, 1),
                               sqlite3_column_int64(row, 2)};
        buf_add(&found, &m, sizeof m);
    }
    *out = sql_to_arena(memory, &found, sizeof **out, count);
    return e;
}

bool alert_mute_covers(const struct alert_mute *m, const char *rule, const char *key) {
    return (strcmp(m->rule, "*") == 0 || strcmp(m->rule, rule) == 0) &&
           (strcmp(m->key, "*") == 0 || strcmp(m->key, key) == 0);
}
