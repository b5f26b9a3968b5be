/* Records as Parquet files. */
#include <unistd.h>

#include "store/follow.h"
#include "store/lock.h"
#include "store/records_copy.h"

static const char *const sql_types[] = {
    [RECORD_TEXT] = "VARCHAR", [RECORD_NUMBER] = "DOUBLE",  [RECORD_INTEGER] = "BIGINT",
    [RECORD_DATE] = "DATE",    [RECORD_TIME] = "TIMESTAMP",
};

const char *records_path(const struct store *s, struct arena *a, enum record_table_id table) {
    return arena_printf(a, "%s/%s.parquet", s->path, record_tables[table].name);
}

static enum record_table_id id_of(const struct record_table *t) {
    return (enum record_table_id)(t - record_tables);
}

/* "duid::VARCHAR AS duid, …", of NULLs with [null]. */
static void add_select_list(struct buf *sql, const struct record_table *t, bool null) {
    for (int c = 0; c < record_column_count(t); c++)
        buf_printf(sql, "%s%s::%s AS %s", c ? ", " : "", null ? "NULL" : t->columns[c].name,
                   sql_types[t->columns[c].type], t->columns[c].name);
}

/* -- reading ------------------------------------------------------------------------------------
 */

static struct record_value read_value(duckdb_vector v, enum record_type type, idx_t row) {
    void *data = duckdb_vector_get_data(v);
    if (!duck_valid(duckdb_vector_get_validity(v), row))
        return (struct record_value){0};
    switch (type) {
    case RECORD_TEXT:
        return record_text(duck_text(data, row));
    case RECORD_NUMBER:
        return record_number(((const double *)data)[row]);
    case RECORD_DATE:
        return record_integer(((const duckdb_date *)data)[row].days);
    case RECORD_TIME:
        return record_integer(((const duckdb_timestamp *)data)[row].micros);
    case RECORD_INTEGER:
        return record_integer(((const int64_t *)data)[row]);
    }
    return (struct record_value){0};
}

static err *read_chunk(void *context, duckdb_data_chunk chunk) {
    struct records *r = context;
    const struct record_table *t = r->table;
    int columns = record_column_count(t);
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); row++) {
        struct record_value values[RECORD_COLUMNS];
        for (int c = 0; c < columns; c++) {
            values[c] =
                read_value(duckdb_data_chunk_get_vector(chunk, (idx_t)c), t->columns[c].type, row);
            if (!values[c].there && (c < t->keys || c == columns - 1))
                return err_new(ERR_INPUT, "a row without its %s", t->columns[c].name);
        }
        records_put(r, values);
    }
    return NULL;
}

static err *read_file(struct store *s, const char *path, struct records *out) {
    size_t held = s->duck.held_count;
    char name[DUCK_NAME];
    struct file_stamp stamp;
    struct buf sql = {0};
    TRY(duck_hold(&s->duck, path, name, &stamp));
    buf_add_str(&sql, STR("SELECT "));
    add_select_list(&sql, out->table, false);
    buf_add_str(&sql, STR(" FROM read_parquet("));
    duck_quote(&sql, str_from(name));
    buf_add_char(&sql, ')');
    err *e = err_wrap(duck_each(&s->duck, buf_cstr(&sql), read_chunk, out), "reading %s", path);
    duck_release(&s->duck, held);
    buf_free(&sql);
    return e;
}

err *records_read_file(struct store *s, enum record_table_id table, struct records *out) {
    struct arena a = {0};
    const char *path = records_path(s, &a, table);
    records_init(out, table);
    err *e = file_exists(path) ? read_file(s, path, out) : NULL;
    records_settle(out);
    arena_free(&a);
    return e;
}

err *records_read(struct store *s, enum record_table_id table, struct records *out) {
    struct arena a = {0};
    const char *path = records_path(s, &a, table);
    records_init(out, table);
    struct file_stamp stamp = file_stamp(path);
    arena_free(&a);
    if (!stamp.inode || records_copy_read(s, stamp, out))
        return NULL;
    return records_read_file(s, table, out);
}

/* -- writing ------------------------------------------------------------------------------------
 */

/* A failure shows when the row ends. */
static void append_value(duckdb_appender to, enum record_type type, const struct record_value *v) {
    if (!v->there)
        duckdb_append_null(to);
    else if (type == RECORD_TEXT)
        duckdb_append_varchar_length(to, v->text.at, v->text.len);
    else if (type == RECORD_NUMBER)
        duckdb_append_double(to, v->number);
    else if (type == RECORD_DATE)
        duckdb_append_date(to, (duckdb_date){(int32_t)v->integer});
    else if (type == RECORD_TIME)
        duckdb_append_timestamp(to, (duckdb_timestamp){v->integer});
    else
        duckdb_append_int64(to, v->integer);
}

static err *append_rows(struct duck *d, const struct records *r) {
    duckdb_appender to;
    err *e = NULL;
    if (duckdb_appender_create(d->connection, NULL, "nemd_records", &to) != DuckDBSuccess)
        e = duck_error(ERR_IO, duckdb_appender_error(to));
    for (size_t i = 0; i < r->count && !e; i++) {
        for (int c = 0; c < record_column_count(r->table); c++)
            append_value(to, r->table->columns[c].type, &r->rows[i]->values[c]);
        if (duckdb_appender_end_row(to) != DuckDBSuccess)
            e = duck_error(ERR_IO, duckdb_appender_error(to));
    }
    if (!e && duckdb_appender_close(to) != DuckDBSuccess)
        e = duck_error(ERR_IO, duckdb_appender_error(to));
    duckdb_appender_destroy(&to);
    return e;
}

static err *write_file(struct store *s, const struct records *r, const char *path) {
    struct buf sql = {0};
    buf_add_str(&sql, STR("CREATE OR REPLACE TEMP TABLE nemd_records AS SELECT "));
    add_select_list(&sql, r->table, true);
    buf_add_str(&sql, STR(" WHERE false"));
    err *e = duck_run(&s->duck, buf_cstr(&sql));
    if (!e)
        e = append_rows(&s->duck, r);
    if (!e) {
        sql.len = 0;
        buf_add_str(&sql, STR("COPY nemd_records TO "));
        duck_quote(&sql, str_from(path));
        buf_add_str(&sql, STR(" (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false); "
                              "DROP TABLE nemd_records"));
        e = duck_run(&s->duck, buf_cstr(&sql));
    }
    buf_free(&sql);
    return e;
}

err *records_write(struct store *s, const struct records *r) {
    struct arena a = {0};
    const char *name = r->table->name, *path = records_path(s, &a, id_of(r->table)),
               *temporary = arena_printf(&a, "%s/.%s.parquet.tmp", s->path, name);
    err *e = err_wrap(write_file(s, r, temporary), "writing %s", path);
    if (!e)
        e = file_sync(temporary);
    if (!e)
        e = file_rename_durable(temporary, path);
    if (e)
        unlink(temporary);
    else
        store_follow_records(s);
    arena_free(&a);
    return e;
}

/* The rows that were there and those of the merge share their memory: of notices it is much. */
static err *merge(struct store *s, const struct records *from, bool *changed) {
    struct records all, before;
    err *e = records_read(s, id_of(from->table), &all);
    records_init(&before, id_of(from->table));
    before.count = all.count;
    before.rows = mem_zalloc(all.count + 1, sizeof(struct record *));
    for (size_t i = 0; i < all.count; i++)
        before.rows[i] = all.rows[i];
    for (size_t i = 0; i < from->count; i++)
        records_put(&all, from->rows[i]->values);
    records_settle(&all);
    *changed = !e && !records_equal(&before, &all);
    if (*changed)
        e = records_write(s, &all);
    records_free(&before);
    records_free(&all);
    return e;
}

err *records_commit(struct store *s, const struct records *from, bool *changed) {
    int lock;
    *changed = false;
    TRY(store_lock(s, &lock));
    err *e = merge(s, from, changed);
    lock_release(lock);
    return e;
}

/* -- views --------------------------------------------------------------------------------------
 */

static void add_view(struct buf *sql, struct duck *d, const struct record_table *t,
                     const char *path, const char *damage) {
    char name[DUCK_NAME];
    bool none = damage || !file_exists(path);
    sql->len = 0;
    buf_printf(sql, "CREATE VIEW %s AS SELECT ", t->name);
    add_select_list(sql, t, none);
    if (damage) { /* says what is wrong when it is asked, so that other views can be */
        buf_add_str(sql, STR(" WHERE error("));
        duck_quote(sql, str_from(damage));
        buf_add_str(sql, STR(")::BOOLEAN"));
    } else if (none) {
        buf_add_str(sql, STR(" WHERE false"));
    } else {
        buf_add_str(sql, STR(" FROM read_parquet("));
        duck_quote(sql, str_from(duck_hold_one_more(d, path, name) ? name : path));
        buf_add_char(sql, ')');
    }
}

err *records_make_views(struct store *s, struct duck *d) {
    struct arena a = {0};
    struct buf sql = {0};
    err *e = NULL;
    for (int i = 0; i < RECORD_TABLES && !e; i++) {
        const char *path = records_path(s, &a, (enum record_table_id)i);
        add_view(&sql, d, &record_tables[i], path, NULL);
        err *damage = duck_run(d, buf_cstr(&sql));
        if (!damage)
            continue;
        add_view(&sql, d, &record_tables[i], path, err_text(damage));
        err_free(damage);
        e = duck_run(d, buf_cstr(&sql));
    }
    buf_free(&sql);
    arena_free(&a);
    return e;
}
