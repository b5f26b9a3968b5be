#include "api/export_query.h"

#include <math.h>
#include <stdio.h>

#include "api/export.h"
#include "store/parquet.h"
#include "store/records.h"

/* As in the table of datasets, then tables of records. */
const char *const export_names[] = {"prices5",    "prices30",      "pricestatus5",
                                    "fcas5",      "scada5",        "scada30",
                                    "dispatch5",  "transmission5", "transmission30",
                                    "regions5",   "constraints5",  "demand5",
                                    "demand30",   "rooftop30",     "rooftop_forecast",
                                    "p5min",      "predispatch",   "units",
                                    "thresholds", "notices",       NULL};

static const struct {
    const char *name;
    enum record_table_id id;
} record_exports[] = {{"units", UNITS}, {"thresholds", THRESHOLDS}, {"notices", NOTICES}};

/* -- from the store -----------------------------------------------------------------------------
 */

static void add_bound(struct buf *sql, const char *column, const char *relation, aest_us at,
                      const char *before) {
    char text[AEST_TEXT];
    aest_format_iso(at, text);
    text[19] = 0; /* without the zone */
    buf_printf(sql, "%s%s %s TIMESTAMP '%s'", before, column, relation, text);
}

static bool overlaps(const struct export_query *q, const struct store_file *f) {
    aest_us begin = f->first * AEST_DAY, end = (f->first + f->days) * AEST_DAY;
    return !(q->has_from && end <= q->from) && !(q->has_to && begin >= q->to);
}

/* Each file of the range is held open from here on, so that the folder may change. */
static err *add_files(struct buf *sql, struct duck *d, struct store *s,
                      const struct export_query *q, const struct dataset *dataset) {
    struct arena a = {0};
    const struct store_index *x;
    err *e = store_index(s, dataset_id(dataset), &x);
    bool any = false;
    if (!e && x->damage)
        e = err_new(ERR_INPUT, "%s", x->damage);
    buf_add_str(sql, STR("SELECT "));
    size_t list = sql->len;
    parquet_select_list(sql, dataset, false);
    buf_add_str(sql, STR(" FROM read_parquet(["));
    for (size_t i = 0; !e && i < x->count; i++) {
        char name[DUCK_NAME];
        struct file_stamp stamp;
        if (!overlaps(q, &x->files[i]))
            continue;
        e = duck_hold(d, store_file_path(s, &a, dataset_id(dataset), &x->files[i]), name, &stamp);
        if (e || stamp.inode == 0)
            continue;
        buf_printf(sql, "%s'%s'", any ? "," : "", name);
        any = true;
    }
    buf_add_str(sql, STR("])"));
    if (!any) {
        sql->len = list;
        parquet_select_list(sql, dataset, true);
        buf_add_str(sql, STR(" WHERE false"));
    }
    arena_free(&a);
    return e;
}

static err *add_dataset(struct buf *sql, struct duck *d, struct store *s,
                        const struct export_query *q) {
    const struct dataset *dataset = dataset_by_name(str_from(q->name));
    const char *time = dataset->horizon_step ? "run_time" : "settlementdate";
    int reading;
    TRY(store_read_begin(s, &reading));
    buf_add_str(sql, STR("FROM ("));
    err *e = add_files(sql, d, s, q, dataset);
    buf_add_str(sql, STR(")"));
    store_read_end(reading);
    if (q->has_from)
        add_bound(sql, time, ">", q->from, " WHERE ");
    if (q->has_to)
        add_bound(sql, time, "<=", q->to, q->has_from ? " AND " : " WHERE ");
    return e;
}

static err *add_records(struct buf *sql, struct duck *d, struct store *s, const char *name) {
    (void)s;
    TRY(records_make_views(s, d));
    buf_printf(sql, "FROM %s", name);
    return NULL;
}

static err *add_source(struct buf *sql, struct duck *d, struct store *s,
                       const struct export_query *q) {
    for (size_t i = 0; i < sizeof record_exports / sizeof *record_exports; i++)
        if (strcmp(q->name, record_exports[i].name) == 0)
            return add_records(sql, d, s, q->name);
    return add_dataset(sql, d, s, q);
}

/* -- from an answer -----------------------------------------------------------------------------
 */

void answer_copy(const struct answer *a, const struct page *page, struct arena *memory,
                 struct answer *out) {
    *out = (struct answer){.memory = memory, .length = a->length};
    if (page) {
        size_t cells = page->limit * a->column_count;
        const struct cell *from =
            (const struct cell *)(const void *)a->cells.at + page->first * a->column_count;
        struct cell *to = ARENA_ARRAY(memory, struct cell, cells);
        for (size_t i = 0; i < cells; i++) {
            to[i] = from[i];
            if (from[i].text.len)
                to[i].text.at = str_dup(memory, from[i].text);
        }
        out->cells = (struct buf){(char *)to, cells * sizeof *to, 0};
        struct answer_column *columns = ARENA_ARRAY(memory, struct answer_column, a->column_count);
        for (size_t i = 0; i < a->column_count; i++)
            columns[i] = a->columns[i];
        answer_columns(out, columns, a->column_count);
        return;
    }
    interval *times = ARENA_ARRAY(memory, interval, a->length);
    for (size_t i = 0; i < a->length; i++)
        times[i] = a->times[i];
    out->times = times;
    size_t count = a->series.len / sizeof(struct answer_series);
    const struct answer_series *from = (const struct answer_series *)(const void *)a->series.at;
    struct answer_series *to = ARENA_ARRAY(memory, struct answer_series, count);
    for (size_t k = 0; k < count; k++) {
        struct buf name = {0};
        series_name(&name, &from[k]);
        to[k].id = (str){str_dup(memory, buf_str(&name)), name.len};
        buf_free(&name);
        double *values = ARENA_ARRAY(memory, double, a->length);
        if (a->length)
            memcpy(values, from[k].values, a->length * sizeof *values);
        to[k].values = values;
    }
    out->series = (struct buf){(char *)to, count * sizeof *to, 0};
}

static void add_column(struct buf *sql, const char *before, str name, const char *type) {
    buf_printf(sql, "%s\"", before);
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '"')
            buf_add_char(sql, '"');
        buf_add_char(sql, name.at[i]);
    }
    buf_printf(sql, "\" %s", type);
}

static const char *const sql_types[] = {
    [CELL_TEXT] = "VARCHAR",   [CELL_NUMBER] = "DOUBLE", [CELL_WHOLE] = "BIGINT",
    [CELL_TIME] = "TIMESTAMP", [CELL_FLAG] = "BOOLEAN",
};

static err *create_table(struct duck *d, const struct answer *a, bool is_table) {
    struct buf sql = {0};
    buf_add_str(&sql, STR("CREATE TEMP TABLE answer ("));
    if (is_table) {
        for (size_t i = 0; i < a->column_count; i++)
            add_column(&sql, i ? ", " : "", str_from(a->columns[i].name),
                       sql_types[a->columns[i].type]);
    } else {
        const struct answer_series *s = (const struct answer_series *)(const void *)a->series.at;
        add_column(&sql, "", STR("settlementdate"), "TIMESTAMP");
        for (size_t k = 0; k < a->series.len / sizeof *s; k++)
            add_column(&sql, ", ", s[k].id, "DOUBLE");
    }
    buf_add_str(&sql, STR(")"));
    err *e = duck_run(d, buf_cstr(&sql));
    buf_free(&sql);
    return e;
}

static void append_number(duckdb_appender to, double value) {
    if (isfinite(value))
        duckdb_append_double(to, value);
    else
        duckdb_append_null(to);
}

static void append_cell(duckdb_appender to, const struct cell *c) {
    switch (c->type) {
    case CELL_NONE:
        duckdb_append_null(to);
        break;
    case CELL_TEXT:
        duckdb_append_varchar_length(to, c->text.len ? c->text.at : "", c->text.len);
        break;
    case CELL_NUMBER:
        append_number(to, c->number);
        break;
    case CELL_WHOLE:
        duckdb_append_int64(to, c->whole);
        break;
    case CELL_TIME:
        duckdb_append_timestamp(to, (duckdb_timestamp){aest_from_unix(c->whole)});
        break;
    case CELL_FLAG:
        duckdb_append_bool(to, c->whole != 0);
        break;
    }
}

static void append_series_row(duckdb_appender to, const struct answer *a, size_t i) {
    const struct answer_series *s = (const struct answer_series *)(const void *)a->series.at;
    duckdb_append_timestamp(to, (duckdb_timestamp){interval_to_aest(a->times[i])});
    for (size_t k = 0; k < a->series.len / sizeof *s; k++)
        append_number(to, s[k].values[i]);
}

static err *append_rows(struct duck *d, const struct answer *a, bool is_table) {
    duckdb_appender to;
    size_t rows = is_table ? answer_rows(a) : a->length;
    const struct cell *cells = (const struct cell *)(const void *)a->cells.at;
    if (duckdb_appender_create(d->connection, NULL, "answer", &to) != DuckDBSuccess)
        return err_new(ERR_IO, "DuckDB can't append to a table");
    bool good = true;
    for (size_t i = 0; i < rows && good; i++) {
        for (size_t k = 0; is_table && k < a->column_count; k++)
            append_cell(to, &cells[i * a->column_count + k]);
        if (!is_table)
            append_series_row(to, a, i);
        good = duckdb_appender_end_row(to) == DuckDBSuccess;
    }
    good = duckdb_appender_close(to) == DuckDBSuccess && good;
    duckdb_appender_destroy(&to);
    return good ? NULL : err_new(ERR_IO, "DuckDB can't take the answer's rows");
}

static err *make_table(struct duck *d, const struct answer *a, bool is_table) {
    TRY(create_table(d, a, is_table));
    return append_rows(d, a, is_table);
}

/* -- both ---------------------------------------------------------------------------------------
 */

static err *copy_out(struct duck *d, const struct export_query *q, const char *select, int fd) {
    struct buf sql = {0};
    buf_printf(&sql, "COPY (%s) TO '/dev/fd/%d' (%s, USE_TMP_FILE false)", select, fd,
               q->format == FORMAT_CSV ? "FORMAT csv, HEADER true"
                                       : "FORMAT parquet, COMPRESSION zstd");
    err *e = duck_run(d, buf_cstr(&sql));
    buf_free(&sql);
    return e;
}

static err *run_query(const struct export_query *q, struct duck *d, int fd) {
    struct buf select = {0};
    struct store *s = NULL;
    err *e = duck_run(d, "SET memory_limit = '512MB'");
    if (!e && q->answer) {
        e = make_table(d, q->answer, q->is_table);
        buf_add_str(&select, STR("FROM answer"));
    } else if (!e) {
        e = store_open(q->store, STORE_READ, NULL, &s);
        if (!e)
            e = add_source(&select, d, s, q);
    }
    if (!e)
        e = copy_out(d, q, buf_cstr(&select), fd);
    store_close(s);
    buf_free(&select);
    return e;
}

err *export_query_run(const struct export_query *q, int fd, export_note *note, void *context) {
    struct duck d = {0};
    TRY(duck_open(&d));
    note(context, d.connection);
    err *e = run_query(q, &d, fd);
    note(context, NULL);
    duck_close(&d);
    return e;
}
