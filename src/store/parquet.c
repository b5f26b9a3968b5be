#include "store/parquet.h"

#include <stdlib.h>

enum { ROW_GROUP_SIZE = 245760 };

/* -- SQL ----------------------------------------------------------------------------------------
 */

static const char *const sql_type[] = {[COLUMN_DOUBLE] = "DOUBLE", [COLUMN_TEXT] = "VARCHAR"};

static void add_item(struct buf *sql, const char *name, const char *type, bool null) {
    buf_printf(sql, "%s::%s AS %s", null ? "NULL" : name, type, name);
}

void parquet_select_list(struct buf *sql, const struct dataset *d, bool null) {
    add_item(sql, "settlementdate", "TIMESTAMP", null);
    buf_add_str(sql, STR(", "));
    add_item(sql, d->key, "VARCHAR", null);
    for (int c = 0; c < dataset_column_count(d); c++) {
        buf_add_str(sql, STR(", "));
        add_item(sql, d->columns[c].name, sql_type[d->columns[c].type], null);
    }
    buf_add_str(sql, STR(", "));
    add_item(sql, "lastchanged", "TIMESTAMP", null);
}

/* -- writing ------------------------------------------------------------------------------------
 */

/* Where the table function is in the frame. */
struct cursor {
    const struct frame *frame;
    const uint32_t *keys; /* in order */
    struct arena memory;
    uint32_t key;
    int slot;
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

static void bind_frame(duckdb_bind_info info) {
    static const duckdb_type type[] = {
        [COLUMN_DOUBLE] = DUCKDB_TYPE_DOUBLE, [COLUMN_TEXT] = DUCKDB_TYPE_VARCHAR};
    const struct frame *f = *(const struct frame **)duckdb_bind_get_extra_info(info);
    add_result_column(info, "settlementdate", DUCKDB_TYPE_TIMESTAMP);
    add_result_column(info, f->dataset->key, DUCKDB_TYPE_VARCHAR);
    for (int c = 0; c < f->columns; c++)
        add_result_column(info, f->dataset->columns[c].name, type[f->dataset->columns[c].type]);
    add_result_column(info, "lastchanged", DUCKDB_TYPE_TIMESTAMP);
}

static void init_frame(duckdb_init_info info) {
    struct cursor *c = mem_zalloc(1, sizeof *c);
    c->frame = *(const struct frame **)duckdb_init_get_extra_info(info);
    c->keys = frame_sorted_keys(c->frame, &c->memory);
    duckdb_init_set_max_threads(info, 1);
    duckdb_init_set_init_data(info, c, cursor_free);
}

/* Hands out one column of the rows (keys[i], slots[i]). */
static void fill_column(const struct frame *f, duckdb_vector out, int column, const uint32_t *keys,
                        const int *slots, idx_t count) {
    bool text = f->dataset->columns[column].type == COLUMN_TEXT;
    double *values = duckdb_vector_get_data(out);
    uint64_t *validity = NULL;
    for (idx_t i = 0; i < count; i++) {
        cell c = frame_cell(f, keys[i], column, slots[i]);
        if (c == CELL_MISSING) {
            if (!validity) {
                duckdb_vector_ensure_validity_writable(out);
                validity = duckdb_vector_get_validity(out);
            }
            duckdb_validity_set_row_invalid(validity, i);
        } else if (text) {
            str s = frame_cell_text(f, c);
            duckdb_vector_assign_string_element_len(out, i, s.at, s.len);
        } else {
            values[i] = cell_to_double(c);
        }
    }
}

/* Moves to the next row there is and returns it; false at the end. */
static bool next_row(struct cursor *c, uint32_t *key, int *slot) {
    for (; c->key < c->frame->keys.count; c->key++, c->slot = 0) {
        while (c->slot < c->frame->slots) {
            *key = c->keys[c->key];
            *slot = c->slot++;
            if (frame_has(c->frame, *key, *slot))
                return true;
        }
    }
    return false;
}

static void scan_frame(duckdb_function_info info, duckdb_data_chunk chunk) {
    enum { CHUNK = 2048 };
    struct cursor *c = duckdb_function_get_init_data(info);
    const struct frame *f = c->frame;
    uint32_t keys[CHUNK];
    int slots[CHUNK];
    idx_t count = 0, room = duckdb_vector_size() < CHUNK ? duckdb_vector_size() : CHUNK;
    while (count < room && next_row(c, &keys[count], &slots[count]))
        count++;

    duckdb_vector key = duckdb_data_chunk_get_vector(chunk, 1);
    duckdb_timestamp *times = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    duckdb_timestamp *versions =
        duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, (idx_t)f->columns + 2));
    for (idx_t i = 0; i < count; i++) {
        str name = f->keys.texts[keys[i]];
        times[i].micros = interval_to_aest(frame_interval(f, slots[i]));
        versions[i].micros = (int64_t)frame_cell(f, keys[i], -1, slots[i]);
        duckdb_vector_assign_string_element_len(key, i, name.at, name.len);
    }
    for (int column = 0; column < f->columns; column++)
        fill_column(f, duckdb_data_chunk_get_vector(chunk, (idx_t)column + 2), column, keys, slots,
                    count);
    duckdb_data_chunk_set_size(chunk, count);
}

static err *register_function(struct duck *d) {
    if (d->has_frame_function)
        return NULL;
    duckdb_table_function function = duckdb_create_table_function();
    duckdb_table_function_set_name(function, "nemd_frame");
    duckdb_table_function_set_extra_info(function, (void *)&d->frame, NULL);
    duckdb_table_function_set_bind(function, bind_frame);
    duckdb_table_function_set_init(function, init_frame);
    duckdb_table_function_set_function(function, scan_frame);
    duckdb_state state = duckdb_register_table_function(d->connection, function);
    duckdb_destroy_table_function(&function);
    d->has_frame_function = state == DuckDBSuccess;
    return d->has_frame_function ? NULL : err_new(ERR_IO, "DuckDB refuses the function nemd_frame");
}

err *parquet_write(struct duck *d, const struct frame *f, const char *path) {
    struct buf sql = {0};
    TRY(duck_open(d));
    TRY(register_function(d));
    d->frame = f;
    buf_add_str(&sql, STR("COPY (FROM nemd_frame()) TO "));
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

/* The chunk's columns while its rows are put into the frame. */
struct reader {
    struct frame *frame;
    void *data[DATASET_COLUMNS + 3];
    uint64_t *validity[DATASET_COLUMNS + 3];
};

static err *read_row(struct reader *r, idx_t row) {
    struct frame *f = r->frame;
    cell columns[DATASET_COLUMNS] = {CELL_MISSING};
    struct frame_change change = {0};
    interval at;
    int version = f->columns + 2;
    if (!duck_valid(r->validity[0], row) || !duck_valid(r->validity[1], row) ||
        !duck_valid(r->validity[version], row))
        return err_new(ERR_INPUT, "a row without settlementdate, %s or lastchanged",
                       f->dataset->key);
    aest_us time = ((duckdb_timestamp *)r->data[0])[row].micros;
    int slot = interval_from_aest(time, &at) ? frame_slot(f, at) : -1;
    if (slot < 0) {
        char text[AEST_TEXT];
        return err_new(ERR_INPUT, "a row for %s, which is no interval of that day",
                       aest_format_mms(time, text));
    }
    aest_us lastchanged = ((duckdb_timestamp *)r->data[version])[row].micros;
    if (lastchanged <= 0)
        return err_new(ERR_INPUT, "a row whose lastchanged is before 1970");
    for (int c = 0; c < f->columns; c++) {
        if (!duck_valid(r->validity[c + 2], row))
            continue;
        columns[c] = f->dataset->columns[c].type == COLUMN_TEXT
                         ? frame_text(f, duck_text(r->data[c + 2], row))
                         : cell_from_double(((double *)r->data[c + 2])[row]);
    }
    frame_put(f, frame_key(f, duck_text(r->data[1], row)), slot, 0, lastchanged, columns, &change);
    return NULL;
}

static err *read_chunk(void *context, duckdb_data_chunk chunk) {
    struct reader *r = context;
    for (int c = 0; c < r->frame->columns + 3; c++) {
        duckdb_vector v = duckdb_data_chunk_get_vector(chunk, (idx_t)c);
        r->data[c] = duckdb_vector_get_data(v);
        r->validity[c] = duckdb_vector_get_validity(v);
    }
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); row++)
        TRY(read_row(r, row));
    return NULL;
}

err *parquet_read(struct duck *d, const char *path, struct frame *f) {
    struct buf sql = {0};
    struct reader reader = {.frame = f};
    buf_add_str(&sql, STR("SELECT "));
    parquet_select_list(&sql, f->dataset, false);
    buf_add_str(&sql, STR(" FROM read_parquet("));
    duck_quote(&sql, str_from(path));
    buf_add_str(&sql, STR(")"));
    err *e = err_wrap(duck_each(d, buf_cstr(&sql), read_chunk, &reader), "reading %s", path);
    buf_free(&sql);
    return e;
}
