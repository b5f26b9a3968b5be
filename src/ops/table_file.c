#include "ops/table_file.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

#include "market/network.h"
#include "store/derive.h"

const char *const row_fault_name[ROW_FAULTS] = {
    [ROW_NO_TIME] = "no time",          [ROW_NO_KEY] = "no key",
    [ROW_OTHER_AGE] = "time",           [ROW_OFF_GRID] = "off grid",
    [ROW_FIVE_MINUTE] = "5-minute row", [ROW_SUBREGION] = "sub-region",
    [ROW_NO_VALUE] = "no value",        [ROW_REPEATED] = "repeated",
    [ROW_CONTRADICTS] = "contradicts",  [ROW_BOUNDS] = "bounds",
};

const char *const row_fault_rule[ROW_FAULTS] = {
    [ROW_NO_TIME] = "left out: a row without its time says nothing",
    [ROW_NO_KEY] = "left out: a row without its key says nothing",
    [ROW_OTHER_AGE] = "left out: before the market began, or in the future",
    [ROW_OFF_GRID] = "left out: no interval ends there",
    [ROW_FIVE_MINUTE] = "left out: a half hour is its mean; these were summed six times over",
    [ROW_SUBREGION] = "left out: its region has a row of its own, and would count twice",
    [ROW_NO_VALUE] = "left out: neither 0 nor anything else is known",
    [ROW_REPEATED] = "taken once",
    [ROW_CONTRADICTS] = "the larger by its bits was taken, as by every merge; AEMO's replaces it",
    [ROW_BOUNDS] = "taken as it is: no price or MW can be that",
};

/* -- its columns --------------------------------------------------------------------------------
 */

static void add_name(struct buf *sql, const char *name) {
    buf_add_char(sql, '"');
    for (; *name; name++) {
        if (*name == '"')
            buf_add_char(sql, '"');
        buf_add_char(sql, *name);
    }
    buf_add_char(sql, '"');
}

static void add_file(struct buf *sql, const char *path) {
    str p = str_from(path);
    bool csv = str_ends_nocase(p, STR(".csv")) || str_ends_nocase(p, STR(".csv.gz"));
    buf_add_str(sql, csv ? STR("read_csv(") : STR("read_parquet("));
    duck_quote(sql, p);
    buf_add_char(sql, ')');
}

/* The file's columns as they are found. */
struct columns {
    struct arena *memory;
    const struct dataset *dataset;
    const char *time, *key, *version, *own[DATASET_COLUMNS]; /* the file's names; NULL: none */
    const char *time_type;
    bool has_zone;
    aest_us since;
    struct buf *left;
};

static err *take_columns(void *context, duckdb_data_chunk chunk) {
    struct columns *c = context;
    duckdb_string_t *names = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0)),
                    *types = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 1));
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); row++) {
        const char *name = str_dup(c->memory, duck_text(names, row));
        str text = str_from(name);
        int column = -1;
        for (int i = 0; i < dataset_column_count(c->dataset); i++)
            if (str_eq_nocase(text, str_from(c->dataset->columns[i].name)))
                column = i;
        if (str_eq_nocase(text, STR("settlementdate")) && !c->time) {
            c->time = name;
            c->time_type = str_dup(c->memory, duck_text(types, row));
            c->has_zone = str_find_nocase(duck_text(types, row), STR("WITH TIME ZONE")) >= 0;
        } else if (str_eq_nocase(text, str_from(c->dataset->key)) && !c->key) {
            c->key = name;
        } else if (str_eq_nocase(text, STR("lastchanged")) && !c->version) {
            c->version = name;
        } else if (column >= 0 && !c->own[column]) {
            c->own[column] = name;
        } else {
            buf_printf(c->left, "%s%s", c->left->len ? " " : "", name);
        }
    }
    return NULL;
}

/* SQL that gives the time of a row in AEST, as TIMESTAMP; NULL for what is no time. */
static void add_time(struct buf *sql, const char *name, bool has_zone, enum table_zone zone) {
    buf_add_str(sql, has_zone ? STR("(") : STR("TRY_CAST("));
    add_name(sql, name);
    if (!has_zone)
        buf_add_str(sql, STR(" AS TIMESTAMP)"));
    else if (zone == ZONE_UTC)
        buf_add_str(sql, STR(" AT TIME ZONE 'UTC' + INTERVAL 10 HOUR)"));
    else
        buf_add_str(sql, STR(" AT TIME ZONE 'UTC')"));
}

/* A bound in the column's own type, as a comparison of anything else passes over nothing. Of a
 * day's width more, whatever a zone means. */
static void add_since(struct buf *sql, const struct columns *c) {
    char text[AEST_TEXT];
    if (!c->since || !str_starts(str_from(c->time_type), STR("TIMESTAMP")))
        return;
    aest_format_iso(c->since - AEST_DAY, text);
    buf_add_str(sql, STR(" WHERE "));
    add_name(sql, c->time);
    buf_printf(sql, " > CAST('%.19s%s' AS %s)", text, c->has_zone ? "+00" : "", c->time_type);
}

static void make_select(struct table_file *t, const struct columns *c, enum table_zone zone) {
    struct buf *sql = &t->select;
    sql->len = 0;
    buf_add_str(sql, STR("SELECT time, key"));
    for (int i = 0; i < dataset_column_count(t->dataset); i++)
        buf_printf(sql, ", c%d", i);
    buf_add_str(sql, STR(", version FROM (SELECT "));
    add_time(sql, c->time, c->has_zone, zone);
    buf_add_str(sql, STR(" AS time, "));
    add_name(sql, c->key);
    buf_add_str(sql, STR("::VARCHAR AS key"));
    for (int i = 0; i < dataset_column_count(t->dataset); i++) {
        const char *type = t->dataset->columns[i].type == COLUMN_TEXT ? "VARCHAR" : "DOUBLE";
        t->has[i] = c->own[i] != NULL;
        buf_add_str(sql, STR(", "));
        if (c->own[i]) {
            buf_add_str(sql, STR("TRY_CAST("));
            add_name(sql, c->own[i]);
            buf_printf(sql, " AS %s) AS c%d", type, i);
        } else {
            buf_printf(sql, "NULL::%s AS c%d", type, i);
        }
    }
    t->has_version = c->version != NULL;
    buf_add_str(sql, STR(", "));
    if (c->version)
        add_time(sql, c->version, false, ZONE_AEST);
    else
        buf_add_str(sql, STR("NULL::TIMESTAMP"));
    buf_add_str(sql, STR(" AS version FROM "));
    add_file(sql, t->path);
    add_since(sql, c);
    buf_add_char(sql, ')');
}

/* -- what there is ------------------------------------------------------------------------------
 */

static aest_us market_begin(void) {
    aest_day day = 0;
    aest_day_from_date(1998, 12, 1, &day);
    return day * AEST_DAY;
}

static int64_t number_at(duckdb_data_chunk chunk, idx_t column) {
    return *(int64_t *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, column));
}

static err *take_overview(void *context, duckdb_data_chunk chunk) {
    struct table_file *t = context;
    t->rows = number_at(chunk, 0);
    t->without_time = number_at(chunk, 1);
    t->other_age = number_at(chunk, 2);
    t->any = t->rows > t->without_time + t->other_age;
    t->first = t->any ? number_at(chunk, 3) : 0;
    t->last = t->any ? number_at(chunk, 4) : 0;
    t->keys = (size_t)number_at(chunk, 5);
    return NULL;
}

/* Counts rows, and those that no day can have. */
static err *look_over(struct duck *d, struct table_file *t) {
    struct buf sql = {0};
    char from[AEST_TEXT], to[AEST_TEXT];
    aest_format_date((aest_day)(market_begin() / AEST_DAY), from);
    aest_format_date((aest_day)(aest_now() / AEST_DAY) + 2, to);
    buf_printf(&sql,
               "WITH r AS (%s) SELECT count(*), count(*) FILTER (time IS NULL), count(*) FILTER "
               "(time < TIMESTAMP '%s' OR time >= TIMESTAMP '%s'), coalesce(epoch_us(min(time) "
               "FILTER (time >= TIMESTAMP '%s')), 0), coalesce(epoch_us(max(time) FILTER (time < "
               "TIMESTAMP '%s')), 0), approx_count_distinct(key) FROM r",
               buf_cstr(&t->select), from, to, from, to);
    err *e = duck_each(d, buf_cstr(&sql), take_overview, t);
    buf_free(&sql);
    return e;
}

/* Rows are of the past when the file is written, and seldom more than an hour old: read as UTC,
 * AEST stamped as UTC would lie ten hours in the future. */
static err *guess_zone(struct duck *d, struct table_file *t, const struct columns *c,
                       aest_us written) {
    const aest_us slack = 60 * AEST_MINUTE, shift = 600 * AEST_MINUTE;
    make_select(t, c, ZONE_AEST);
    TRY(look_over(d, t));
    if (!t->any)
        return NULL;
    if (t->last > written + slack)
        return err_new(ERR_USAGE,
                       "%s has times after it was written; say what they mean with "
                       "--zone aest or --zone utc",
                       t->path);
    bool can_be_utc = t->last + shift <= written + slack;
    if (can_be_utc && t->last + shift + 2 * AEST_DAY < written)
        return err_new(ERR_USAGE,
                       "the times in %s have a zone, and it ends too long before it was "
                       "written to tell whether that is true: --zone aest (the clock is "
                       "AEST, the zone wrong) or --zone utc",
                       t->path);
    if (!can_be_utc)
        return NULL;
    make_select(t, c, ZONE_UTC);
    return look_over(d, t);
}

static err *open_file(struct duck *d, struct table_file *t, struct columns *c, enum table_zone zone,
                      aest_us written) {
    struct buf sql = {0};
    buf_add_str(&sql, STR("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "));
    add_file(&sql, t->path);
    buf_add_char(&sql, ')');
    err *e = duck_each(d, buf_cstr(&sql), take_columns, c);
    buf_free(&sql);
    TRY(e);
    if (!c->time || !c->key)
        return err_new(ERR_INPUT, "it has no column %s",
                       c->time ? t->dataset->key : "settlementdate");
    bool any = false;
    for (int i = 0; i < dataset_column_count(t->dataset); i++)
        any = any || (t->dataset->columns[i].required && c->own[i]);
    if (!any)
        return err_new(ERR_INPUT, "it has none of the values of %s", t->dataset->name);
    t->has_zone = c->has_zone;
    if (c->has_zone && zone == ZONE_UNKNOWN)
        return guess_zone(d, t, c, written);
    make_select(t, c, zone);
    return look_over(d, t);
}

err *table_file_open(struct duck *d, const struct dataset *dataset, const char *path,
                     enum table_zone zone, aest_us written, aest_us since, struct table_file *out) {
    struct arena a = {0};
    struct columns c = {.memory = &a, .dataset = dataset, .left = &out->left, .since = since};
    *out = (struct table_file){.dataset = dataset, .path = path};
    if (dataset->horizon_step)
        return err_new(ERR_USAGE, "%s is a forecast: its runs come from AEMO alone", dataset->name);
    err *e = err_wrap(open_file(d, out, &c, zone, written), "%s", path);
    arena_free(&a);
    return e;
}

static err *take_size(void *context, duckdb_data_chunk chunk) {
    *(int64_t *)context = number_at(chunk, 0);
    return NULL;
}

err *table_file_make_room(struct duck *d, const char *path, int64_t bytes) {
    enum { THREADS = 2, COPIES = 2 /* as it is read, and inflated */ };
    struct buf sql = {0};
    int64_t largest = 0;
    buf_add_str(&sql,
                STR("SELECT coalesce(max(total_uncompressed_size), 0) FROM parquet_metadata("));
    duck_quote(&sql, str_from(path));
    buf_add_char(&sql, ')');
    err_free(duck_each(d, buf_cstr(&sql), take_size, &largest)); /* none: opening it says why */
    sql.len = 0;
    int64_t room = largest > bytes / 4 ? bytes + largest * THREADS * COPIES : bytes;
    buf_printf(&sql, "SET memory_limit = '%lldB'", (long long)room);
    err *e = duck_run(d, buf_cstr(&sql));
    buf_free(&sql);
    return e;
}

void table_file_close(struct table_file *t) {
    buf_free(&t->select);
    buf_free(&t->left);
}

size_t table_file_day_bytes(const struct table_file *t) {
    int columns = 1;
    for (int i = 0; i < DATASET_COLUMNS; i++)
        columns += t->has[i];
    return (t->keys + 8) * (size_t)dataset_slots(t->dataset) * (size_t)columns * sizeof(cell);
}

/* -- rows ---------------------------------------------------------------------------------------
 */

/* What MW can be; prices go by the market's limits. */
static const struct {
    enum dataset_id dataset;
    double most;
} bounds[] = {{SCADA5, 3000},
              {SCADA30, 3000},
              {TRANSMISSION5, 5000},
              {TRANSMISSION30, 5000},
              {ROOFTOP30, 20000}};

struct reading {
    const struct table_file *file;
    const struct thresholds *limits;
    struct frames *into;
    struct row_faults *faults;
    int64_t *rows;
    double most;
    int columns;
    struct frame_change change;
    const void *data[DATASET_COLUMNS + 3];
    uint64_t *validity[DATASET_COLUMNS + 3];
};

static void note(struct reading *r, enum row_fault fault, idx_t row) {
    struct row_faults *f = r->faults;
    if (f->count[fault]++)
        return;
    char time[AEST_TEXT] = "no time";
    str key = STR("no key");
    if (duck_valid(r->validity[0], row))
        aest_format_mms(((const duckdb_timestamp *)r->data[0])[row].micros, time);
    if (duck_valid(r->validity[1], row))
        key = duck_text((duckdb_string_t *)(uintptr_t)r->data[1], row);
    int length = snprintf(f->first[fault], sizeof f->first[fault], "%.16s %.*s", time,
                          (int)(key.len < 32 ? key.len : 32), key.at);
    if (r->file->dataset->columns[0].type == COLUMN_DOUBLE && duck_valid(r->validity[2], row))
        snprintf(f->first[fault] + length, sizeof f->first[fault] - (size_t)length, " %.8g",
                 ((const double *)r->data[2])[row]);
}

/* DUIDs and regions: letters, digits and a few signs. */
static bool is_key(str key) {
    for (size_t i = 0; i < key.len; i++)
        if (!isalnum((unsigned char)key.at[i]) && !memchr("_-#/.+", key.at[i], 6))
            return false;
    return key.len > 0 && key.len < 32;
}

/* Fills [columns]; false when none that the dataset is there for has a value. */
static bool take_values(struct reading *r, struct frame *f, idx_t row, cell *columns) {
    const struct dataset *d = r->file->dataset;
    bool any = false;
    for (int c = 0; c < r->columns; c++) {
        columns[c] = CELL_MISSING;
        if (!r->file->has[c] || !duck_valid(r->validity[c + 2], row))
            continue;
        if (d->columns[c].type == COLUMN_TEXT) {
            str text = duck_text((duckdb_string_t *)(uintptr_t)r->data[c + 2], row);
            columns[c] = text.len && text.len < 64 ? frame_text(f, text) : CELL_MISSING;
            continue;
        }
        double value = ((const double *)r->data[c + 2])[row];
        if (!isfinite(value))
            continue;
        columns[c] = cell_from_double(value);
        any = any || d->columns[c].required;
    }
    return any;
}

static bool within_bounds(const struct reading *r, cell first, interval at) {
    double value = cell_to_double(first);
    enum dataset_id id = dataset_id(r->file->dataset);
    if (isnan(value))
        return true;
    if ((id == PRICES5 || id == PRICES30) && r->limits) {
        const struct threshold *t = thresholds_at(r->limits, at);
        return value <= t->cap + 0.01 && value >= t->floor - 0.01;
    }
    return !(r->most > 0) || fabs(value) <= r->most;
}

/* Where a row of a time belongs, or its fault. */
static bool place(struct reading *r, idx_t row, interval *at, struct frame **f, int *slot) {
    aest_us time = ((const duckdb_timestamp *)r->data[0])[row].micros;
    if (!interval_from_aest(time, at)) {
        note(r, ROW_OFF_GRID, row);
        return false;
    }
    *f = frames_day(r->into, interval_day(*at));
    *slot = *f ? frame_slot(*f, *at) : -1;
    if (*f && *slot < 0)
        note(r, ROW_FIVE_MINUTE, row);
    return *slot >= 0;
}

static aest_us version_of(const struct reading *r, idx_t row) {
    const struct dataset *d = r->file->dataset;
    aest_us own = d->mean_of ? ROW_IMPORTED_MEAN : ROW_IMPORTED;
    if (d->mean_of && derive_source(d, r->into->first)) /* what follows from others has no other */
        return own;
    if (!duck_valid(r->validity[r->columns + 2], row))
        return own;
    aest_us version = ((const duckdb_timestamp *)r->data[r->columns + 2])[row].micros;
    return version > own ? version : own;
}

/* Two rows of one time and key in the file: are they the same? */
static void note_standing(struct reading *r, const struct frame *f, uint32_t key, int slot,
                          const cell *columns, idx_t row) {
    bool same = true;
    for (int c = 0; c < r->columns; c++)
        same = same && frame_cell(f, key, c, slot) == columns[c];
    note(r, same ? ROW_REPEATED : ROW_CONTRADICTS, row);
}

static void take_row(struct reading *r, idx_t row) {
    cell columns[DATASET_COLUMNS];
    struct frame *f = NULL;
    interval at;
    int slot;
    if (!place(r, row, &at, &f, &slot))
        return;
    str key = {0};
    if (duck_valid(r->validity[1], row))
        key = str_trim(duck_text((duckdb_string_t *)(uintptr_t)r->data[1], row));
    bool rooftop = r->file->dataset == &datasets[ROOFTOP30];
    if (!is_key(key))
        note(r, ROW_NO_KEY, row);
    else if (rooftop && !region_exists(key))
        note(r, ROW_SUBREGION, row);
    else if (!take_values(r, f, row, columns))
        note(r, ROW_NO_VALUE, row);
    else {
        uint32_t k = frame_key(f, key);
        if (frame_has(f, k, slot))
            note_standing(r, f, k, slot, columns, row);
        if (!within_bounds(r, columns[0], at))
            note(r, ROW_BOUNDS, row);
        frame_put(f, k, slot, 0, version_of(r, row), columns, &r->change);
    }
}

static err *take_chunk(void *context, duckdb_data_chunk chunk) {
    struct reading *r = context;
    idx_t rows = duckdb_data_chunk_get_size(chunk);
    for (int c = 0; c < r->columns + 3; c++) {
        duckdb_vector v = duckdb_data_chunk_get_vector(chunk, (idx_t)c);
        r->data[c] = duckdb_vector_get_data(v);
        r->validity[c] = duckdb_vector_get_validity(v);
    }
    for (idx_t row = 0; row < rows; row++)
        take_row(r, row);
    *r->rows += (int64_t)rows;
    return NULL;
}

err *table_file_read(struct duck *d, const struct table_file *t, const struct thresholds *limits,
                     struct frames *into, struct row_faults *faults, int64_t *rows) {
    struct reading r = {.file = t,
                        .limits = limits,
                        .into = into,
                        .faults = faults,
                        .rows = rows,
                        .columns = dataset_column_count(t->dataset)};
    char first[AEST_TEXT], last[AEST_TEXT];
    struct buf sql = {0};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (t->dataset == &datasets[bounds[i].dataset])
            r.most = bounds[i].most;
    buf_printf(&sql, "%.*s WHERE time > TIMESTAMP '%s' AND time <= TIMESTAMP '%s'",
               (int)t->select.len, t->select.at, aest_format_date(into->first, first),
               aest_format_date(into->first + into->count, last));
    err *e = err_wrap(duck_stream(d, buf_cstr(&sql), take_chunk, &r), "%s", t->path);
    buf_free(&sql);
    return e;
}
