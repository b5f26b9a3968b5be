/* The comparison of one table, and what follows from all of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "ops/facts.h"
#include "ops/follow.h"
#include "store/derive.h"
#include "store/note.h"

enum { DAY_S = 86400, FRESH_S = 2 * 3600 };

static const enum dataset_id order[MIGRATED_TABLES] = {
    SCADA5, SCADA30, PRICES5, PRICES30, TRANSMISSION5, TRANSMISSION30, ROOFTOP30};

struct comparison {
    const struct follow *asked;
    struct arena *memory;
    struct store *store;
    struct followed *out;
};

/* -- the earlier system's lock ------------------------------------------------------------------
 */

/* Shares the lock of whoever writes the file, *lock being -1 where it has none. */
static err *lock_file(struct comparison *c, const char *path, int *lock) {
    enum { STEP_MS = 50 };
    const char *name = arena_printf(c->memory, "%s.lock", path);
    *lock = open(name, O_RDONLY | O_CLOEXEC);
    if (*lock < 0)
        return errno == ENOENT ? NULL : err_errno(errno, "can't open %s", name);
    for (int waited = 0; flock(*lock, LOCK_SH | LOCK_NB); waited += STEP_MS) {
        bool stopped =
            errno == EWOULDBLOCK && waited < FOLLOW_LOCK_MS && stop_wait(c->asked->stop, STEP_MS);
        if (errno == EWOULDBLOCK && waited < FOLLOW_LOCK_MS && !stopped)
            continue;
        close(*lock);
        *lock = -1;
        return stopped ? err_new(ERR_STOPPED, "told to stop")
                       : err_new(ERR_BUSY, "%s has been held for over %d s", name,
                                 FOLLOW_LOCK_MS / 1000);
    }
    return NULL;
}

/* -- one table ----------------------------------------------------------------------------------
 */

static void add_time(struct buf *sql, interval at) {
    char text[AEST_TEXT];
    aest_format_iso(interval_to_aest(at), text);
    buf_printf(sql, "TIMESTAMP '%.19s'", text);
}

/* " FROM (…) WHERE" of rows of the earlier file that can be compared: on the grid, of a region that
 * is one, one for each time and key. */
static void add_earlier(struct buf *sql, const struct table_file *t, interval first,
                        interval last) {
    buf_printf(sql, "SELECT DISTINCT ON (time, key) * EXCLUDE (version) FROM (%.*s) WHERE time > ",
               (int)t->select.len, t->select.at);
    add_time(sql, first);
    buf_add_str(sql, STR(" AND time <= "));
    add_time(sql, last);
    buf_printf(sql, " AND key IS NOT NULL AND epoch_us(time) %% %lld = 0",
               (long long)t->dataset->step * INTERVAL_MINUTES * AEST_MINUTE);
    if (dataset_id(t->dataset) == ROOFTOP30)
        buf_add_str(sql, STR(" AND key IN ('NSW1', 'QLD1', 'SA1', 'TAS1', 'VIC1')"));
    buf_add_str(sql, STR(" AND coalesce("));
    for (int i = 0; i < dataset_column_count(t->dataset); i++)
        buf_printf(sql, "%sc%d::VARCHAR", i ? ", " : "", i);
    buf_add_str(sql, STR(") IS NOT NULL"));
}

static bool is_compared(const struct table_file *t, int column) {
    return t->has[column] && t->dataset->columns[column].type == COLUMN_DOUBLE;
}

/* Numbers of the file may have been kept with fewer digits. */
static void add_differs(struct buf *sql, const struct table_file *t) {
    bool any = false;
    buf_add_str(sql, STR("("));
    for (int i = 0; i < dataset_column_count(t->dataset); i++) {
        if (!is_compared(t, i))
            continue;
        const char *name = t->dataset->columns[i].name;
        buf_printf(sql,
                   "%s(o.c%d IS NOT NULL AND (n.%s IS NULL OR "
                   "abs(o.c%d - n.%s) > 1e-6 * greatest(1, abs(n.%s))))",
                   any ? " OR " : "", i, name, i, name, name);
        any = true;
    }
    buf_add_str(sql, any ? STR(")") : STR("false)"));
}

static void make_query(struct buf *sql, const struct table_file *t, interval first, interval last) {
    const struct dataset *d = t->dataset;
    const bool prices = dataset_id(d) == PRICES5;
    buf_add_str(sql, STR("WITH o AS ("));
    add_earlier(sql, t, first, last);
    buf_printf(sql, "), n AS (SELECT * FROM %s WHERE settlementdate > ", d->name);
    add_time(sql, first);
    buf_add_str(sql, STR(" AND settlementdate <= "));
    add_time(sql, last);
    buf_add_str(sql, STR("), j AS (SELECT coalesce(o.time, n.settlementdate) AS t, o.key AS k, "
                         "o.time IS NOT NULL AS old, n.settlementdate IS NOT NULL AS new, "
                         "n.lastchanged >= TIMESTAMP '1970-01-02' AS own, "));
    add_differs(sql, t);
    buf_printf(sql,
               " AS differs, %s AS revised FROM o FULL JOIN n ON o.time = n.settlementdate "
               "AND o.key = n.%s",
               prices ? "coalesce(o.c0 = s.rop, false)" : "false", d->key);
    if (prices)
        buf_add_str(sql, STR(" LEFT JOIN pricestatus5 s ON s.settlementdate = n.settlementdate AND "
                             "s.regionid = n.regionid"));
    buf_add_str(
        sql, STR("), v AS (SELECT *, old AND new AND own AS both_have FROM j) SELECT "
                 "count(DISTINCT t) FILTER (both_have), count(*) FILTER (both_have), "
                 "count(*) FILTER (both_have AND differs AND revised), "
                 "count(*) FILTER (both_have AND differs AND NOT revised), "
                 "count(*) FILTER (old AND NOT new), count(*) FILTER (new AND NOT old), "
                 "coalesce(epoch_us(min(t) FILTER (both_have)), 0), "
                 "coalesce(epoch_us(max(t) FILTER (both_have)), 0), "
                 "coalesce(min(strftime(t, '%Y-%m-%d %H:%M ') || k) FILTER ((both_have AND differs "
                 "AND NOT revised) OR (old AND NOT new)), '') FROM v"));
}

struct take {
    struct arena *memory;
    struct followed_table *out;
};

static err *take_counts(void *context, duckdb_data_chunk chunk) {
    struct take *k = context;
    int64_t number[8];
    for (idx_t i = 0; i < 8; i++)
        number[i] = *(int64_t *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, i));
    duckdb_string_t *texts = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 8));
    str example = duck_text(texts, 0);
    k->out->intervals = number[0];
    k->out->rows = number[1];
    k->out->by_rule = number[2];
    k->out->different = number[3];
    k->out->missing = number[4];
    k->out->more = number[5];
    k->out->first = interval_at_or_before(number[6]);
    k->out->last = interval_at_or_before(number[7]);
    k->out->example = example.len ? str_dup(k->memory, example) : NULL;
    return NULL;
}

static err *compare_rows(struct comparison *c, struct duck *duck, struct followed_table *out) {
    struct table_file file = {0};
    struct buf sql = {0};
    const struct store_index *x;
    struct file_stamp before = file_stamp(out->path);
    aest_us written = aest_from_unix(before.modified_ns / 1000000000);
    interval since = interval_at_or_before(aest_now()) - FOLLOW_DAYS * INTERVALS_PER_DAY;
    err *e = table_file_open(duck, out->dataset, out->path, ZONE_UNKNOWN, written,
                             interval_to_aest(since), &file);
    if (!e)
        e = store_index(c->store, dataset_id(out->dataset), &x);
    if (!e && file.any && x->has_bounds) {
        interval old = interval_at_or_before(file.last), last = old < x->last ? old : x->last;
        make_query(&sql, &file, since, last);
        struct take take = {c->memory, out};
        e = duck_each(duck, buf_cstr(&sql), take_counts, &take);
    }
    if (!e && !file_stamp_eq(before, file_stamp(out->path)))
        e = err_new(ERR_BUSY, "%s was changed meanwhile", out->path);
    table_file_close(&file);
    buf_free(&sql);
    return e;
}

/* The lock of the file outside, of the store's readers inside: the collector waits for neither. */
static err *compare_table(struct comparison *c, struct followed_table *out) {
    struct duck duck = {.threads = 0}; /* views are made for each, and memory is given back */
    int lock, reading;
    TRY(lock_file(c, out->path, &lock));
    err *e = store_read_begin(c->store, &reading);
    if (!e) {
        e = store_make_views(c->store, &duck);
        if (!e)
            e = compare_rows(c, &duck, out);
        store_read_end(reading);
    }
    duck_close(&duck);
    if (lock >= 0)
        close(lock);
    return e;
}

/* -- all of them --------------------------------------------------------------------------------
 */

static const struct followed_table *table_of(const struct followed *f, const char *name) {
    for (int i = 0; i < MIGRATED_TABLES; i++)
        if (strcmp(f->tables[i].dataset->name, name) == 0)
            return &f->tables[i];
    return NULL;
}

/* Half hours of the earlier system are known to be made otherwise: where their five minutes agree,
 * it is the rule that differs. */
static void explain_half_hours(struct followed *f) {
    for (int i = 0; i < MIGRATED_TABLES; i++) {
        struct followed_table *t = &f->tables[i];
        const char *of = t->dataset->mean_of;
        const struct followed_table *five = of ? table_of(f, of) : NULL;
        if (!five || !five->rows || five->different || five->missing || !t->different)
            continue;
        t->by_rule += t->different;
        t->different = 0;
        if (!t->missing)
            t->example = NULL;
    }
}

static const char *reason_of_table(struct arena *a, const struct followed_table *t, int64_t now) {
    const char *name = t->dataset->name, *example = t->example ? t->example : "";
    const int day = INTERVALS_PER_DAY / t->dataset->step;
    if (!t->path)
        return arena_printf(a, "%s.parquet isn't there", name);
    if (t->trouble)
        return arena_printf(a, "%s: %s", name, t->trouble);
    if (t->different)
        return arena_printf(a, "%s: %lld rows are different, as %s", name, (long long)t->different,
                            example);
    if (t->missing)
        return arena_printf(a, "%s: nemd lacks %lld rows, as %s", name, (long long)t->missing,
                            example);
    if (t->intervals && t->intervals < day)
        return arena_printf(a, "%s: %lld of a day's %d intervals are compared", name,
                            (long long)t->intervals, day);
    if (now - interval_to_unix(t->last) > FRESH_S)
        return arena_printf(a, "%s: nothing of the last two hours is compared: both have to run",
                            name);
    return NULL;
}

/* Gaps since the earlier rows were taken over. */
static err *reason_of_seam(struct comparison *c, const char **why) {
    struct note n;
    struct gap *gaps;
    size_t count = 0;
    int reading;
    TRY(note_read(c->asked->data, "migration", &n));
    int64_t seam = note_number(&n, "seam", 0);
    note_free(&n);
    if (!seam) {
        *why = "the earlier rows aren't taken over yet: `nemd migrate`";
        return NULL;
    }
    interval first = interval_at_or_before(aest_from_unix(seam)) - INTERVALS_PER_DAY;
    TRY(store_read_begin(c->store, &reading));
    err *e = facts_gaps_since(c->store, c->memory, first, &gaps, &count);
    store_read_end(reading);
    if (!e && count)
        *why = arena_printf(c->memory, "%zu gaps since, as %s", count, gap_text(c->memory, gaps));
    return e;
}

static err *judge(struct comparison *c) {
    struct followed *f = c->out;
    for (int i = 0; i < MIGRATED_TABLES && !f->why; i++)
        f->why = reason_of_table(c->memory, &f->tables[i], f->at);
    if (!f->why)
        TRY(reason_of_seam(c, &f->why));
    f->safe = !f->why;
    return NULL;
}

/* -- the note -----------------------------------------------------------------------------------
 */

/* What is kept of a table, by the end of its line's name. */
static const struct {
    const char *name;
    size_t at;
} kept[] = {
    {"intervals", offsetof(struct followed_table, intervals)},
    {"rows", offsetof(struct followed_table, rows)},
    {"by_rule", offsetof(struct followed_table, by_rule)},
    {"different", offsetof(struct followed_table, different)},
    {"missing", offsetof(struct followed_table, missing)},
    {"more", offsetof(struct followed_table, more)},
};
enum { KEPT = sizeof kept / sizeof *kept };

static int64_t *kept_at(struct followed_table *t, int i) {
    return (int64_t *)(void *)((char *)t + kept[i].at);
}

static err *leave_note(struct comparison *c) {
    struct followed *f = c->out;
    struct note n = {.text = {0}};
    note_add(&n, "source", f->from);
    note_add_number(&n, "safe", f->safe);
    note_add(&n, "why", f->why);
    for (int i = 0; i < MIGRATED_TABLES; i++) {
        struct followed_table *t = &f->tables[i];
        const char *name = t->dataset->name;
        for (int k = 0; k < KEPT; k++)
            note_add_number(&n, arena_printf(c->memory, "%s_%s", name, kept[k].name),
                            *kept_at(t, k));
        note_add_number(&n, arena_printf(c->memory, "%s_first", name), t->first);
        note_add_number(&n, arena_printf(c->memory, "%s_last", name), t->last);
        note_add(&n, arena_printf(c->memory, "%s_path", name), t->path);
        note_add(&n, arena_printf(c->memory, "%s_trouble", name), t->trouble);
        note_add(&n, arena_printf(c->memory, "%s_example", name), t->example);
    }
    err *e = note_write(c->asked->data, "follow", &n);
    note_free(&n);
    return e;
}

static const char *text_of(struct arena *a, const struct note *n, const char *name,
                           const char *what) {
    const char *text = note_text(n, arena_printf(a, "%s_%s", name, what));
    return text ? str_dup(a, str_from(text)) : NULL;
}

err *follow_last(struct arena *a, const char *data, struct followed *out) {
    struct note n;
    *out = (struct followed){.from = NULL};
    err *e = note_read(data, "follow", &n);
    const char *from = note_text(&n, "source"), *why = note_text(&n, "why");
    out->from = from ? str_dup(a, str_from(from)) : NULL;
    out->why = why ? str_dup(a, str_from(why)) : NULL;
    out->at = note_number(&n, "at", 0);
    out->safe = note_number(&n, "safe", 0) != 0;
    for (int i = 0; i < MIGRATED_TABLES; i++) {
        struct followed_table *t = &out->tables[i];
        t->dataset = &datasets[order[i]];
        const char *name = t->dataset->name;
        for (int k = 0; k < KEPT; k++)
            *kept_at(t, k) = note_number(&n, arena_printf(a, "%s_%s", name, kept[k].name), 0);
        t->first = (interval)note_number(&n, arena_printf(a, "%s_first", name), 0);
        t->last = (interval)note_number(&n, arena_printf(a, "%s_last", name), 0);
        t->path = text_of(a, &n, name, "path");
        t->trouble = text_of(a, &n, name, "trouble");
        t->example = text_of(a, &n, name, "example");
    }
    note_free(&n);
    return e;
}

static err *find_tables(struct comparison *c) {
    struct config env = {0};
    struct earlier_places places;
    bool any = false;
    const char *from = c->asked->from, *file = arena_printf(c->memory, "%s/.env", from);
    err *e = file_exists(file) ? config_read(&env, file) : NULL;
    if (!e) {
        earlier_find(c->memory, from, &env, from, &places);
        for (int i = 0; i < MIGRATED_TABLES; i++) {
            const char *path = places.table[order[i]];
            c->out->tables[i] =
                (struct followed_table){.dataset = &datasets[order[i]],
                                        .path = path ? str_dup(c->memory, str_from(path)) : NULL};
            any = any || path;
        }
    }
    config_free(&env);
    TRY(e);
    return any ? NULL
               : err_new(ERR_USAGE, "none of the earlier system's seven tables is in %s", from);
}

static err *compare_all(struct comparison *c) {
    TRY(find_tables(c));
    for (int i = 0; i < MIGRATED_TABLES; i++) {
        struct followed_table *t = &c->out->tables[i];
        err *e = t->path ? compare_table(c, t) : NULL;
        if (e && err_kind(e) == ERR_STOPPED)
            return e;
        t->trouble = e ? str_dup(c->memory, str_from(err_text(e))) : NULL;
        err_free(e);
    }
    explain_half_hours(c->out);
    TRY(judge(c));
    return leave_note(c);
}

err *follow_compare(const struct follow *f, struct arena *a, struct followed *out) {
    struct comparison c = {.asked = f, .memory = a, .out = out};
    *out = (struct followed){.from = f->from, .at = (int64_t)time(NULL)};
    TRY(store_open(f->data, STORE_READ, f->stop, &c.store));
    err *e = compare_all(&c);
    store_close(c.store);
    return e;
}
