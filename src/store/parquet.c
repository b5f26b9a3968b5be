#include "store/parquet.h"

#include <stdlib.h>

enum { ROW_GROUP_SIZE = 245760 };

/* -- SQL ----------------------------------------------------------------------------------------
 */

static const struct {
    const char *sql;
    duckdb_type duckdb;
} types[] = {
    [COLUMN_DOUBLE] = {"DOUBLE", DUCKDB_TYPE_DOUBLE},
    [COLUMN_INTEGER] = {"INTEGER", DUCKDB_TYPE_INTEGER},
    [COLUMN_TEXT] = {"VARCHAR", DUCKDB_TYPE_VARCHAR},
};

/* Where a file's columns stand: run_time of a forecast, settlementdate, the key, the dataset's own,
 * lastchanged. */
struct places {
    int time, key, first, version;
};
static struct places places_of(const struct dataset *d) {
    int time = d->horizon_step ? 1 : 0;
    return (struct places){time, time + 1, time + 2, time + 2 + dataset_column_count(d)};
}

static void add_item(struct buf *sql, const char *name, const char *type, bool null) {
    buf_printf(sql, "%s::%s AS %s, ", null ? "NULL" : name, type, name);
}

void parquet_select_list(struct buf *sql, const struct dataset *d, bool null) {
    if (d->horizon_step)
        add_item(sql, "run_time", "TIMESTAMP", null);
    add_item(sql, "settlementdate", "TIMESTAMP", null);
    add_item(sql, d->key, "VARCHAR", null);
    for (int c = 0; c < dataset_column_count(d); c++)
        add_item(sql, d->columns[c].name, types[d->columns[c].type].sql, null);
    add_item(sql, "lastchanged", "TIMESTAMP", null);
    sql->len -= strlen(", ");
}

/* -- writing ------------------------------------------------------------------------------------
 */

enum { NO_KEY = -1 };

/* Where the table function is: by key over all days, and within a key by time. */
struct cursor {
    const struct frames *frames;
    struct arena memory;
    uint32_t key_count, key; /* of all days; [key] is a place in the order of names */
    int32_t *number;         /* [key * days + day]: the key's number in that day's frame */
    int day, slot;
};

static void cursor_free(void *data) {
    struct cursor *c = data;
    arena_free(&c->memory);
    free(c);
}

static void add_result_column(duckdb_bind_info info, const char *name, duckdb_type type) {
    duckdb_logical_type logical = duckdb_create_logical_type(type);
    duckdb_bind_add_result_column(info, name, logical);
    duckdb_destroy_logical_type(&logical);
}

static void bind_frames(duckdb_bind_info info) {
    const struct frames *f = *(const struct frames **)duckdb_bind_get_extra_info(info);
    const struct dataset *d = f->day->dataset;
    if (d->horizon_step)
        add_result_column(info, "run_time", DUCKDB_TYPE_TIMESTAMP);
    add_result_column(info, "settlementdate", DUCKDB_TYPE_TIMESTAMP);
    add_result_column(info, d->key, DUCKDB_TYPE_VARCHAR);
    for (int c = 0; c < dataset_column_count(d); c++)
        add_result_column(info, d->columns[c].name, types[d->columns[c].type].duckdb);
    add_result_column(info, "lastchanged", DUCKDB_TYPE_TIMESTAMP);
}

static int by_name(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

/* The keys of all days in the order of their names, and their numbers in each day. */
static void order_keys(struct cursor *c) {
    const struct frames *f = c->frames;
    struct intern all = {0};
    for (int day = 0; day < f->count; day++)
        for (uint32_t k = 0; k < f->day[day].keys.count; k++)
            intern_add(&all, f->day[day].keys.texts[k]);
    c->key_count = all.count;
    str *names = ARENA_ARRAY(&c->memory, str, all.count);
    if (all.count) {
        memcpy(names, all.texts, all.count * sizeof *names);
        qsort(names, all.count, sizeof *names, by_name);
    }
    c->number = ARENA_ARRAY(&c->memory, int32_t, (size_t)all.count * (size_t)f->count);
    for (uint32_t k = 0; k < all.count; k++)
        for (int day = 0; day < f->count; day++)
            c->number[k * (uint32_t)f->count + (uint32_t)day] =
                (int32_t)intern_find(&f->day[day].keys, names[k]);
    intern_free(&all);
}

static void init_frames(duckdb_init_info info) {
    struct cursor *c = mem_zalloc(1, sizeof *c);
    c->frames = *(const struct frames **)duckdb_init_get_extra_info(info);
    order_keys(c);
    duckdb_init_set_max_threads(info, 1);
    duckdb_init_set_init_data(info, c, cursor_free);
}

/* A row that is there. */
struct found {
    const struct frame *frame;
    uint32_t key;
    int slot;
};

/* Moves to the next row there is; false at the end. */
static bool next_row(struct cursor *c, struct found *out) {
    for (; c->key < c->key_count; c->key++, c->day = 0)
        for (; c->day < c->frames->count; c->day++, c->slot = 0) {
            const struct frame *f = &c->frames->day[c->day];
            int32_t key = c->number[c->key * (uint32_t)c->frames->count + (uint32_t)c->day];
            while (key != NO_KEY && c->slot < f->slots) {
                *out = (struct found){f, (uint32_t)key, c->slot++};
                if (frame_has(f, out->key, out->slot))
                    return true;
            }
        }
    return false;
}

/* Hands out one column of the rows. */
static void fill_column(duckdb_vector out, int column, const struct found *rows, idx_t count) {
    void *values = duckdb_vector_get_data(out);
    uint64_t *validity = NULL;
    for (idx_t i = 0; i < count; i++) {
        const struct frame *f = rows[i].frame;
        cell c = frame_cell(f, rows[i].key, column, rows[i].slot);
        enum column_type type = f->dataset->columns[column].type;
        if (c == CELL_MISSING) {
            if (!validity) {
                duckdb_vector_ensure_validity_writable(out);
                validity = duckdb_vector_get_validity(out);
            }
            duckdb_validity_set_row_invalid(validity, i);
        } else if (type == COLUMN_TEXT) {
            str s = frame_cell_text(f, c);
            duckdb_vector_assign_string_element_len(out, i, s.at, s.len);
        } else if (type == COLUMN_INTEGER) {
            ((int32_t *)values)[i] = (int32_t)cell_to_double(c);
        } else {
            ((double *)values)[i] = cell_to_double(c);
        }
    }
}

static void fill_keys_and_times(duckdb_data_chunk chunk, struct places at, const struct found *rows,
                                idx_t count) {
    duckdb_vector keys = duckdb_data_chunk_get_vector(chunk, (idx_t)at.key);
    duckdb_timestamp *runs = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    duckdb_timestamp *times =
        duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, (idx_t)at.time));
    duckdb_timestamp *versions =
        duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, (idx_t)at.version));
    for (idx_t i = 0; i < count; i++) {
        const struct frame *f = rows[i].frame;
        str key = f->keys.texts[rows[i].key];
        interval time = frame_interval(f, rows[i].slot);
        if (f->dataset->horizon_step) {
            int horizon;
            runs[i].micros = interval_to_aest(time);
            forecast_key_split(key, &key, &horizon);
            time += horizon * f->dataset->horizon_step;
        }
        times[i].micros = interval_to_aest(time);
        versions[i].micros = frame_lastchanged(f, rows[i].key, rows[i].slot);
        duckdb_vector_assign_string_element_len(keys, i, key.at, key.len);
    }
}

static void scan_frames(duckdb_function_info info, duckdb_data_chunk chunk) {
    enum { CHUNK = 2048 };
    struct cursor *c = duckdb_function_get_init_data(info);
    const struct dataset *d = c->frames->day->dataset;
    struct found rows[CHUNK];
    struct places at = places_of(d);
    idx_t count = 0, room = duckdb_vector_size() < CHUNK ? duckdb_vector_size() : CHUNK;
    while (count < room && next_row(c, &rows[count]))
        count++;
    fill_keys_and_times(chunk, at, rows, count);
    for (int column = 0; column < dataset_column_count(d); column++)
        fill_column(duckdb_data_chunk_get_vector(chunk, (idx_t)at.first + (idx_t)column), column,
                    rows, count);
    duckdb_data_chunk_set_size(chunk, count);
}

static err *register_function(struct duck *d) {
    if (d->has_frames_function)
        return NULL;
    duckdb_table_function function = duckdb_create_table_function();
    duckdb_table_function_set_name(function, "nemd_frames");
    duckdb_table_function_set_extra_info(function, (void *)&d->frames, NULL);
    duckdb_table_function_set_bind(function, bind_frames);
    duckdb_table_function_set_init(function, init_frames);
    duckdb_table_function_set_function(function, scan_frames);
    duckdb_state state = duckdb_register_table_function(d->connection, function);
    duckdb_destroy_table_function(&function);
    d->has_frames_function = state == DuckDBSuccess;
    return d->has_frames_function ? NULL
                                  : err_new(ERR_IO, "DuckDB refuses the function nemd_frames");
}

err *parquet_write(struct duck *d, const struct frames *f, const char *path) {
    struct buf sql = {0};
    TRY(duck_open(d));
    TRY(register_function(d));
    d->frames = f;
    buf_add_str(&sql, STR("COPY (FROM nemd_frames()) TO "));
    duck_quote(&sql, str_from(path));
    buf_printf(&sql, " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %d, USE_TMP_FILE false)",
               ROW_GROUP_SIZE);
    err *e = duck_run(d, buf_cstr(&sql));
    if (e) { /* DuckDB's words on a full disk and the like: this machine's trouble, not the data's
              */
        err *io = err_new(ERR_IO, "can't write %s: %s", path, err_text(e));
        err_free(e);
        e = io;
    }
    buf_free(&sql);
    return e;
}

/* -- reading ------------------------------------------------------------------------------------
 */

/* The chunk's columns while its rows are put into the frames. */
struct reader {
    struct frames *frames;
    const struct dataset *dataset;
    struct places at;
    bool only;
    void *data[DATASET_COLUMNS + 4];
    uint64_t *validity[DATASET_COLUMNS + 4];
};

static aest_us time_at(const struct reader *r, int column, idx_t row) {
    return ((const duckdb_timestamp *)r->data[column])[row].micros;
}

static err *no_interval(aest_us time, const char *what) {
    char text[AEST_TEXT];
    return err_new(ERR_INPUT, "a row for %s, which is %s", aest_format_mms(time, text), what);
}

/* The key of a row in its frame: of a forecast with the horizon. */
static err *read_key(const struct reader *r, idx_t row, char room[64], str *key) {
    const struct dataset *d = r->dataset;
    *key = duck_text(r->data[r->at.key], row);
    if (!d->horizon_step)
        return NULL;
    int64_t ahead = time_at(r, r->at.time, row) - time_at(r, 0, row),
            step = d->horizon_step * (INTERVAL_MINUTES * AEST_MINUTE);
    if (ahead < 0 || ahead % step || ahead / step >= FORECAST_HORIZONS || key->len > 48)
        return no_interval(time_at(r, r->at.time, row), "no interval of its run");
    *key = forecast_key(room, *key, (int)(ahead / step));
    return NULL;
}

static cell read_cell(const struct reader *r, struct frame *f, int column, idx_t row) {
    const void *data = r->data[r->at.first + column];
    if (!duck_valid(r->validity[r->at.first + column], row))
        return CELL_MISSING;
    switch (r->dataset->columns[column].type) {
    case COLUMN_TEXT:
        return frame_text(f, duck_text(r->data[r->at.first + column], row));
    case COLUMN_INTEGER:
        return cell_from_double(((const int32_t *)data)[row]);
    case COLUMN_DOUBLE:
        return cell_from_double(((const double *)data)[row]);
    }
    return CELL_MISSING;
}

static err *read_row(struct reader *r, idx_t row) {
    cell columns[DATASET_COLUMNS];
    struct frame_change change = {0};
    char room[64];
    interval at;
    str key;
    bool whole = duck_valid(r->validity[r->at.version], row);
    for (int c = 0; c <= r->at.key; c++)
        whole = whole && duck_valid(r->validity[c], row);
    if (!whole)
        return err_new(ERR_INPUT, "a row without its time, %s or lastchanged", r->dataset->key);
    aest_us time = time_at(r, 0, row), lastchanged = time_at(r, r->at.version, row);
    if (!interval_from_aest(time, &at))
        return no_interval(time, "no interval");
    struct frame *f = frames_day(r->frames, interval_day(at));
    int slot = f ? frame_slot(f, at) : -1;
    if (!f && r->only)
        return NULL;
    if (slot < 0)
        return no_interval(time, r->frames->count == 1 ? "no interval of that day"
                                                       : "no interval of that month");
    if (lastchanged <= 0)
        return err_new(ERR_INPUT, "a row whose lastchanged is before 1970");
    TRY(read_key(r, row, room, &key));
    for (int c = 0; c < f->columns; c++)
        columns[c] = read_cell(r, f, c, row);
    frame_put(f, frame_key(f, key), slot, 0, lastchanged, columns, &change);
    return NULL;
}

static err *read_chunk(void *context, duckdb_data_chunk chunk) {
    struct reader *r = context;
    for (int c = 0; c <= r->at.version; c++) {
        duckdb_vector v = duckdb_data_chunk_get_vector(chunk, (idx_t)c);
        r->data[c] = duckdb_vector_get_data(v);
        r->validity[c] = duckdb_vector_get_validity(v);
    }
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); row++)
        TRY(read_row(r, row));
    return NULL;
}

/* " WHERE time > … AND time <= …", for the days of [f]. */
static void add_range(struct buf *sql, const struct frames *f) {
    const char *time = f->day->dataset->horizon_step ? "run_time" : "settlementdate";
    char first[AEST_TEXT], last[AEST_TEXT];
    buf_printf(sql, " WHERE %s > TIMESTAMP '%s' AND %s <= TIMESTAMP '%s'", time,
               aest_format_date(f->first, first), time,
               aest_format_date(f->first + f->count, last));
}

err *parquet_read(struct duck *d, const char *path, struct frames *f, bool only,
                  struct file_stamp *stamp) {
    const struct dataset *dataset = f->day->dataset;
    size_t held = d->held_count;
    char name[DUCK_NAME];
    struct buf sql = {0};
    TRY(duck_hold(d, path, name, stamp));
    struct reader reader = {
        .frames = f, .dataset = dataset, .at = places_of(dataset), .only = only};
    buf_add_str(&sql, STR("SELECT "));
    parquet_select_list(&sql, dataset, false);
    buf_add_str(&sql, STR(" FROM read_parquet("));
    duck_quote(&sql, str_from(name));
    buf_add_str(&sql, STR(")"));
    if (only)
        add_range(&sql, f);
    err *e = err_wrap(duck_each(d, buf_cstr(&sql), read_chunk, &reader), "reading %s", path);
    duck_release(d, held);
    buf_free(&sql);
    return e;
}

struct bounds {
    bool any;
    interval first, last;
};

static err *read_bounds(void *context, duckdb_data_chunk chunk) {
    struct bounds *b = context;
    duckdb_vector ends[2];
    interval at[2];
    for (int i = 0; i < 2; i++) {
        ends[i] = duckdb_data_chunk_get_vector(chunk, (idx_t)i);
        if (!duck_valid(duckdb_vector_get_validity(ends[i]), 0))
            return NULL; /* no row */
        aest_us time = ((duckdb_timestamp *)duckdb_vector_get_data(ends[i]))->micros;
        if (!interval_from_aest(time, &at[i]))
            return no_interval(time, "no interval");
    }
    *b = (struct bounds){true, at[0], at[1]};
    return NULL;
}

err *parquet_bounds(struct duck *d, const char *path, const struct dataset *dataset, bool *any,
                    interval *first, interval *last) {
    struct buf sql = {0};
    struct bounds b = {0};
    const char *time = dataset->horizon_step ? "run_time" : "settlementdate";
    size_t held = d->held_count;
    char name[DUCK_NAME];
    struct file_stamp stamp;
    TRY(duck_hold(d, path, name, &stamp));
    buf_printf(&sql, "SELECT min(%s)::TIMESTAMP, max(%s)::TIMESTAMP FROM read_parquet(", time,
               time);
    duck_quote(&sql, str_from(name));
    buf_add_str(&sql, STR(")"));
    err *e = err_wrap(duck_each(d, buf_cstr(&sql), read_bounds, &b), "reading %s", path);
    duck_release(d, held);
    buf_free(&sql);
    *any = b.any;
    *first = b.first;
    *last = b.last;
    return e;
}
