#include "store/parquet.h"

#include <stdlib.h>

/* -- SQL ----------------------------------------------------------------------------------------
 */

static const char *const types[] = {
    [COLUMN_DOUBLE] = "DOUBLE",
    [COLUMN_INTEGER] = "INTEGER",
    [COLUMN_TEXT] = "VARCHAR",
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
        add_item(sql, d->columns[c].name, types[d->columns[c].type], null);
    add_item(sql, "lastchanged", "TIMESTAMP", null);
    sql->len -= strlen(", ");
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
