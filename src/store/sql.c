#include "store/sql.h"

#include <assert.h>
#include <math.h>
#include <unistd.h>

#include "base/file.h"

enum { BUSY_MS = 10000, BUSY_STEP_MS = 20 };

static err *fail(struct sql *s) {
    bool busy = sqlite3_errcode(s->db) == SQLITE_BUSY;
    if (busy && s->stop && stop_requested(s->stop)) /* which ended the wait */
        return err_new(ERR_STOPPED, "told to stop while another process writes %s", s->what);
    return err_new(busy ? ERR_BUSY : ERR_IO, "%s %s: %s", s->what,
                   sqlite3_db_filename(s->db, "main"), sqlite3_errmsg(s->db));
}

/* Another process is writing: waits a little, unless that has been too long, or nemd is to stop. */
static int on_busy(void *context, int waits) {
    const struct sql *s = context;
    if (waits >= BUSY_MS / BUSY_STEP_MS)
        return 0;
    if (s->stop)
        return !stop_wait(s->stop, BUSY_STEP_MS);
    return sqlite3_sleep(BUSY_STEP_MS) >= 0;
}

err *sql_open(struct sql *s, const char *what, const char *path, int flags, const char *settings,
              const struct stop *stop) {
    *s = (struct sql){.what = what, .stop = stop};
    if (sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL))
        return err_new(ERR_IO, "can't open %s %s: %s", what, path, sqlite3_errmsg(s->db));
    sqlite3_busy_handler(s->db, on_busy, s);
    return sql_execute(s, settings);
}

err *sql_has_table(struct sql *s, const char *name, bool *has) {
    int64_t tables = 0;
    TRY(sql_number(s, &tables, "SELECT count(*) FROM sqlite_schema WHERE name = ?", "s", name));
    *has = tables > 0;
    return NULL;
}

static err *open_to_read(struct sql *s, const char *what, const char *path, int flags,
                         const char *last, bool *has_tables) {
    TRY(sql_open(s, what, path, SQLITE_OPEN_READONLY | flags, "", NULL));
    return sql_has_table(s, last, has_tables);
}

/* "file:/srv/a%3fb/state.db?immutable=1" */
static err *open_snapshot(struct sql *s, const char *what, const char *path, const char *last,
                          bool *has_tables) {
    struct buf uri = {0};
    buf_add_str(&uri, STR("file:"));
    for (const char *c = path; *c; c++)
        if (strchr("%?#", *c))
            buf_printf(&uri, "%%%02x", (unsigned char)*c);
        else
            buf_add_char(&uri, *c);
    buf_add_str(&uri, STR("?immutable=1"));
    err *e = open_to_read(s, what, buf_cstr(&uri), SQLITE_OPEN_URI, last, has_tables);
    s->is_snapshot = true;
    buf_free(&uri);
    return e;
}

/* Whether reading fails because it would have to write: a file beside the database, or back what a
 * killed writer had begun. */
static bool has_to_write(const struct sql *s) {
    int code = sqlite3_errcode(s->db) & 0xff;
    return code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
}

err *sql_open_to_read(struct sql *s, const char *what, const char *path, const char *last,
                      bool *has_tables) {
    err *e = open_to_read(s, what, path, 0, last, has_tables);
    if (!e || !has_to_write(s))
        return e;
    err_free(e);
    sql_close(s);
    return open_snapshot(s, what, path, last, has_tables);
}

void sql_close(struct sql *s) {
    for (int i = 0; i < SQL_STATEMENTS; i++)
        sqlite3_finalize(s->cache[i].statement);
    sqlite3_close(s->db);
    *s = (struct sql){0};
}

bool sql_is_damaged(const struct sql *s) {
    int code = sqlite3_errcode(s->db);
    return code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
}

err *sql_put_aside(const char *path) {
    static const char *const companions[] = {"-wal", "-shm"};
    struct arena a = {0};
    err *e = file_rename_durable(path, arena_printf(&a, "%s.broken", path));
    for (size_t i = 0; i < sizeof companions / sizeof *companions; i++)
        unlink(arena_printf(&a, "%s%s", path, companions[i]));
    arena_free(&a);
    return e;
}

err *sql_execute(struct sql *s, const char *text) {
    return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK ? NULL : fail(s);
}

static err *find_statement(struct sql *s, const char *text, sqlite3_stmt **out) {
    int i = 0;
    *out = NULL;
    while (i < SQL_STATEMENTS && s->cache[i].text && s->cache[i].text != text)
        i++;
    assert(i < SQL_STATEMENTS);
    if (!s->cache[i].text) {
        if (sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT, &s->cache[i].statement,
                               NULL))
            return fail(s);
        s->cache[i].text = text;
    }
    *out = s->cache[i].statement;
    sqlite3_reset(*out);
    sqlite3_clear_bindings(*out);
    return NULL;
}

static void bind_str(sqlite3_stmt *statement, int at, str text) {
    if (text.at)
        sqlite3_bind_text(statement, at, text.at, (int)text.len, SQLITE_TRANSIENT);
}

static void bind(sqlite3_stmt *statement, const char *types, va_list values) {
    for (int at = 1; *types; types++, at++) {
        double number;
        switch (*types) {
        case 's':
            bind_str(statement, at, str_from(va_arg(values, const char *)));
            break;
        case 'S':
            bind_str(statement, at, va_arg(values, str));
            break;
        case 'i':
            sqlite3_bind_int64(statement, at, va_arg(values, int64_t));
            break;
        default:
            assert(*types == 'd');
            number = va_arg(values, double);
            if (!isnan(number))
                sqlite3_bind_double(statement, at, number);
        }
    }
}

err *sql_step(struct sql *s, sqlite3_stmt *statement, bool *row) {
    int result = sqlite3_step(statement);
    *row = result == SQLITE_ROW;
    err *e = result == SQLITE_ROW || result == SQLITE_DONE ? NULL : fail(s);
    if (!*row)
        sqlite3_reset(statement);
    return e;
}

err *sql_run(struct sql *s, const char *text, const char *types, ...) {
    sqlite3_stmt *statement;
    bool row = true;
    va_list values;
    TRY(find_statement(s, text, &statement));
    va_start(values, types);
    bind(statement, types, values);
    va_end(values);
    while (row)
        TRY(sql_step(s, statement, &row));
    return NULL;
}

err *sql_start(struct sql *s, sqlite3_stmt **out, const char *text, const char *types, ...) {
    va_list values;
    TRY(find_statement(s, text, out));
    va_start(values, types);
    bind(*out, types, values);
    va_end(values);
    return NULL;
}

err *sql_number(struct sql *s, int64_t *out, const char *text, const char *types, ...) {
    sqlite3_stmt *statement;
    bool row;
    va_list values;
    TRY(find_statement(s, text, &statement));
    va_start(values, types);
    bind(statement, types, values);
    va_end(values);
    TRY(sql_step(s, statement, &row));
    *out = row ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return NULL;
}

void *sql_to_arena(struct arena *a, struct buf *rows, size_t size, size_t *count) {
    *count = rows->len / size;
    void *out = arena_array(a, *count, size);
    if (rows->len)
        memcpy(out, rows->at, rows->len);
    buf_free(rows);
    return out;
}

char *sql_column_text(struct arena *a, sqlite3_stmt *statement, int column) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? str_dup(a, str_from(text)) : NULL;
}

double sql_column_double(sqlite3_stmt *statement, int column) {
    return sqlite3_column_type(statement, column) == SQLITE_NULL
               ? (double)NAN
               : sqlite3_column_double(statement, column);
}
