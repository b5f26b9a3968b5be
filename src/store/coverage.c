#include "store/coverage.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- runs ---------------------------------------------------------------------------------------
 */

const struct run *runs_before(const struct runs *r, interval at) {
    size_t low = 0, high = r->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->at[middle].first > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low ? &r->at[low - 1] : NULL;
}

bool runs_have(const struct runs *r, interval at) {
    const struct run *run = runs_before(r, at);
    return run && at <= run->last;
}

/* Adds a run behind the others, to the last of them where it goes on from there. */
static void add_run(struct arena *a, struct runs *r, struct run run, int step) {
    if (r->count && r->at[r->count - 1].last + step >= run.first) {
        struct run *last = &r->at[r->count - 1];
        last->last = run.last > last->last ? run.last : last->last;
        return;
    }
    if (r->count == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 2;
        struct run *more = ARENA_ARRAY(a, struct run, capacity);
        if (r->count)
            memcpy(more, r->at, r->count * sizeof *more);
        r->at = more;
        r->capacity = capacity;
    }
    r->at[r->count++] = run;
}

const struct runs *coverage_key(const struct coverage *c, str key) {
    size_t low = 0, high = c->key_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(c->keys[middle].key, key);
        if (order == 0)
            return &c->keys[middle];
        if (order > 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* -- a file -------------------------------------------------------------------------------------
 */

/* What a file holds, as it is cached: a line for each run, those of any key first. */
struct line {
    str key;
    struct run run;
};

struct held {
    struct arena *memory;
    int64_t rows;
    struct buf lines; /* of struct line */
};

static void add_line(struct held *h, str key, interval first, interval last) {
    struct line line = {key, {first, last}};
    buf_add(&h->lines, &line, sizeof line);
}

/* Where a file's slots lie. */
struct span {
    interval start; /* before the first */
    int step, slots;
};

struct scan {
    struct held *held;
    struct span span;
    bool lasting; /* keys last, so that it means something where they are: not constraints */
};

/* Adds the runs of a bit string as DuckDB has it: its first byte says how many of the highest bits
 * of the second are padding. */
static void add_bits(struct held *h, struct span span, str key, str value) {
    const uint8_t *bytes = (const uint8_t *)value.at;
    int padding = value.len ? bytes[0] : 0, first = -1;
    if (((size_t)padding + (size_t)span.slots + 7) / 8 + 1 > value.len)
        return;
    for (int slot = 0; slot <= span.slots; slot++) {
        int at = padding + slot;
        bool there = slot < span.slots && bytes[1 + at / 8] >> (7 - at % 8) & 1;
        if (there && first < 0)
            first = slot;
        if (!there && first >= 0) {
            add_line(h, key, span.start + (first + 1) * span.step, span.start + slot * span.step);
            first = -1;
        }
    }
}

static err *take_keys(void *context, duckdb_data_chunk chunk) {
    struct scan *scan = context;
    duckdb_string_t *keys = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0)),
                    *bits = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 1));
    const int64_t *rows = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 2));
    for (idx_t i = 0; i < duckdb_data_chunk_get_size(chunk); i++) {
        str key = duck_text(keys, i);
        key = (str){str_dup(scan->held->memory, key), key.len};
        if (!key.len || scan->lasting)
            add_bits(scan->held, scan->span, key, duck_text(bits, i));
        scan->held->rows += key.len ? rows[i] : 0;
    }
    return NULL;
}

/* The slots of each key, and under the empty key those of any. [f] gets the stamp of the file that
 * was read: a commit may have replaced the one that was listed. */
static err *scan_file(struct store *s, const char *path, const struct dataset *d,
                      struct store_file *f, struct held *out) {
    const int64_t step_us = d->step * INTERVAL_MINUTES * AEST_MINUTE,
                  start_us = f->first * AEST_DAY;
    struct scan scan = {out,
                        {interval_day_start(f->first), d->step, f->days * dataset_slots(d)},
                        strcmp(d->key, "constraintid") != 0};
    const char *time = d->horizon_step ? "run_time" : "settlementdate";
    size_t held = s->duck.held_count;
    char name[DUCK_NAME];
    struct buf sql = {0};
    TRY(duck_hold(&s->duck, path, name, &f->stamp));
    buf_printf(&sql,
               "WITH slots AS (SELECT %s AS key, bitstring_agg(((epoch_us(%s) - %lld) // %lld - 1)"
               "::INTEGER, 0, %d) AS bits, count(*) AS rows FROM read_parquet(",
               d->key, time, (long long)start_us, (long long)step_us, scan.span.slots - 1);
    duck_quote(&sql, str_from(name));
    buf_printf(&sql,
               ") WHERE %s <> '' AND epoch_us(%s) > %lld AND epoch_us(%s) <= %lld"
               " AND epoch_us(%s) %% %lld = 0 GROUP BY 1)"
               " SELECT '', bit_or(bits), 0::BIGINT FROM slots HAVING count(*) > 0"
               " UNION ALL (SELECT key, bits, rows FROM slots ORDER BY key)",
               d->key, time, (long long)start_us, time,
               (long long)start_us + f->days * (long long)AEST_DAY, time, (long long)step_us);
    err *e = err_wrap(duck_each(&s->duck, buf_cstr(&sql), take_keys, &scan), "reading %s", path);
    duck_release(&s->duck, held);
    buf_free(&sql);
    return e;
}

/* -- the cache: what can't be read or written there is counted again, and no error --------------
 */

static const char schema[] =
    "PRAGMA foreign_keys = ON;"
    "CREATE TABLE IF NOT EXISTS coverage ("
    "  id INTEGER PRIMARY KEY, dataset TEXT NOT NULL, day INTEGER NOT NULL, days INTEGER NOT NULL,"
    "  inode INTEGER NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,"
    "  rows INTEGER NOT NULL, UNIQUE (dataset, day, days));"
    "CREATE TABLE IF NOT EXISTS coverage_runs ("
    "  file INTEGER NOT NULL REFERENCES coverage ON DELETE CASCADE, key TEXT NOT NULL,"
    "  first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (file, key, first)"
    ") WITHOUT ROWID;";

enum statement { FIND, RUNS, DROP, PUT, PUT_RUN, BEGIN, COMMIT, ROLLBACK, STATEMENTS };
static const char *const sql_of[STATEMENTS] = {
    [FIND] = "SELECT id, rows FROM coverage WHERE dataset = ?1 AND day = ?2 AND days = ?3"
             " AND inode = ?4 AND size = ?5 AND modified = ?6",
    [RUNS] = "SELECT key, first, last FROM coverage_runs WHERE file = ?1 ORDER BY key, first",
    [DROP] = "DELETE FROM coverage WHERE dataset = ?1 AND day BETWEEN ?2 AND ?2 + ?3 - 1",
    [PUT] = "INSERT INTO coverage (dataset, day, days, inode, size, modified, rows)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [PUT_RUN] = "INSERT INTO coverage_runs VALUES (?1, ?2, ?3, ?4)",
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
};

struct cache {
    sqlite3 *db; /* NULL: there is none */
    bool writable;
    sqlite3_stmt *statements[STATEMENTS];
};

static void cache_close(struct cache *c) {
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(c->statements[i]);
    sqlite3_close(c->db);
    *c = (struct cache){0};
}

/* Whether the file is this user's: another's would be left files beside it that it can't write. */
static bool is_own(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && st.st_uid == geteuid() && access(path, W_OK) == 0;
}

static void cache_open(struct cache *c, const struct store *s) {
    enum { PATIENCE_MS = 2000 };
    struct arena a = {0};
    const char *path = arena_printf(&a, "%s/state.db", s->path);
    *c = (struct cache){.writable = s->mode == STORE_WRITE || is_own(path)};
    int flags = c->writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    bool ok = sqlite3_open_v2(path, &c->db, flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK;
    if (ok)
        sqlite3_busy_timeout(c->db, PATIENCE_MS);
    if (ok && c->writable)
        ok = sqlite3_exec(c->db, schema, NULL, NULL, NULL) == SQLITE_OK;
    for (int i = 0; ok && i < STATEMENTS; i++)
        ok = sqlite3_prepare_v2(c->db, sql_of[i], -1, &c->statements[i], NULL) == SQLITE_OK;
    if (!ok)
        cache_close(c);
    arena_free(&a);
}

static sqlite3_stmt *start(const struct cache *c, enum statement which) {
    sqlite3_reset(c->statements[which]);
    sqlite3_clear_bindings(c->statements[which]);
    return c->statements[which];
}

/* Binds what a file is known by, as far as the statement asks for it. */
static void bind_file(sqlite3_stmt *s, const struct dataset *d, const struct store_file *f) {
    sqlite3_bind_text(s, 1, d->name, -1, SQLITE_STATIC);
    sqlite3_bind_int(s, 2, f->first);
    sqlite3_bind_int(s, 3, f->days);
    sqlite3_bind_int64(s, 4, (int64_t)f->stamp.inode);
    sqlite3_bind_int64(s, 5, (int64_t)f->stamp.size);
    sqlite3_bind_int64(s, 6, f->stamp.modified_ns);
}

static bool run_through(sqlite3_stmt *s) {
    int result = sqlite3_step(s);
    sqlite3_reset(s);
    return result == SQLITE_DONE;
}

static bool cache_get(const struct cache *c, const struct dataset *d, const struct store_file *f,
                      struct held *out) {
    if (!c->db)
        return false;
    sqlite3_stmt *s = start(c, FIND);
    bind_file(s, d, f);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    int64_t id = found ? sqlite3_column_int64(s, 0) : 0;
    out->rows = found ? sqlite3_column_int64(s, 1) : 0;
    sqlite3_reset(s);
    s = start(c, RUNS);
    sqlite3_bind_int64(s, 1, id);
    int result = SQLITE_DONE;
    while (found && (result = sqlite3_step(s)) == SQLITE_ROW) {
        str key = {(const char *)sqlite3_column_text(s, 0), (size_t)sqlite3_column_bytes(s, 0)};
        const struct line *last =
            out->lines.len ? (const void *)(out->lines.at + out->lines.len - sizeof(struct line))
                           : NULL;
        key =
            last && str_eq(last->key, key) ? last->key : (str){str_dup(out->memory, key), key.len};
        add_line(out, key, sqlite3_column_int(s, 1), sqlite3_column_int(s, 2));
    }
    sqlite3_reset(s);
    return found && result == SQLITE_DONE;
}

static void cache_put(const struct cache *c, const struct dataset *d, const struct store_file *f,
                      const struct held *h) {
    const struct line *lines = (const void *)h->lines.at;
    if (!c->db || !c->writable || !run_through(start(c, BEGIN)))
        return;
    sqlite3_stmt *s = start(c, DROP);
    bind_file(s, d, f);
    bool ok = run_through(s);
    s = start(c, PUT);
    bind_file(s, d, f);
    sqlite3_bind_int64(s, 7, h->rows);
    ok = ok && run_through(s);
    int64_t id = sqlite3_last_insert_rowid(c->db);
    for (size_t i = 0; ok && i < h->lines.len / sizeof *lines; i++) {
        s = start(c, PUT_RUN);
        sqlite3_bind_int64(s, 1, id);
        sqlite3_bind_text(s, 2, lines[i].key.at, (int)lines[i].key.len, SQLITE_STATIC);
        sqlite3_bind_int(s, 3, lines[i].run.first);
        sqlite3_bind_int(s, 4, lines[i].run.last);
        ok = run_through(s);
    }
    run_through(start(c, ok ? COMMIT : ROLLBACK));
}

/* -- all of it ----------------------------------------------------------------------------------
 */

struct building {
    struct arena *memory;
    struct coverage *out;
    struct intern keys;
    struct runs *runs; /* by the number of the key */
    size_t capacity;
};

static void add_file(struct building *b, const struct held *h) {
    const struct line *lines = (const void *)h->lines.at;
    b->out->rows += h->rows;
    for (size_t i = 0; i < h->lines.len / sizeof *lines; i++) {
        struct runs *r = &b->out->any;
        if (lines[i].key.len) {
            uint32_t number = intern_add(&b->keys, lines[i].key);
            if (number == b->capacity) {
                b->capacity = b->capacity ? 2 * b->capacity : 64;
                b->runs = mem_resize(b->runs, b->capacity * sizeof *b->runs);
            }
            r = &b->runs[number];
            if (number == b->out->key_count) {
                *r = (struct runs){.key = lines[i].key};
                b->out->key_count++;
            }
        }
        add_run(b->memory, r, lines[i].run, b->out->dataset->step);
    }
}

static err *read_file(struct store *s, const struct cache *c, struct building *b,
                      const struct store_file *f) {
    const struct dataset *d = b->out->dataset;
    struct held held = {.memory = b->memory};
    err *e = NULL;
    if (!cache_get(c, d, f, &held)) {
        struct store_file now = *f;
        e = scan_file(s, store_file_path(s, b->memory, dataset_id(d), f), d, &now, &held);
        if (!e)
            cache_put(c, d, &now, &held);
    }
    if (!e)
        add_file(b, &held);
    buf_free(&held.lines);
    return e;
}

static int by_key(const void *a, const void *b) {
    const struct runs *x = a, *y = b;
    return str_compare(x->key, y->key);
}

static err *read_files(struct store *s, struct building *b, aest_day from, aest_day to) {
    const struct store_index *x;
    struct cache cache;
    TRY(store_files(s, dataset_id(b->out->dataset), &x));
    cache_open(&cache, s);
    err *e = NULL;
    for (size_t i = 0; i < x->count && !e; i++)
        if (x->files[i].first <= to && x->files[i].first + x->files[i].days > from)
            e = read_file(s, &cache, b, &x->files[i]);
    cache_close(&cache);
    return e;
}

err *coverage_read(struct store *s, struct arena *a, enum dataset_id dataset, aest_day from,
                   aest_day to, struct coverage *out) {
    struct building b = {.memory = a, .out = out};
    struct ledger *ledger;
    int lock;
    *out = (struct coverage){.dataset = &datasets[dataset]};
    TRY(store_ledger(s, &ledger)); /* sees to it that the database is there and whole */
    TRY(store_read_begin(s, &lock));
    err *e = read_files(s, &b, from, to);
    store_read_end(lock);
    if (out->key_count)
        qsort(b.runs, out->key_count, sizeof *b.runs, by_key);
    out->keys = ARENA_ARRAY(a, struct runs, out->key_count);
    if (out->key_count)
        memcpy(out->keys, b.runs, out->key_count * sizeof *out->keys);
    free(b.runs);
    intern_free(&b.keys);
    return e;
}
