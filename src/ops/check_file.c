/* A file by itself: its schema, its order, its times, its values. */
#include <math.h>
#include <stdio.h>

#include "market/thresholds.h"
#include "market/units.h"
#include "ops/checks.h"
#include "store/parquet.h"

/* Where no capacity is known; a reading may be over the capacity by as much as the factor. */
static const double most_of_a_unit = 3000, over_capacity = 1.2;
static const double most_of_a_link = 2500;
/* -- queries ------------------------------------------------------------------------------------
 */

struct taking {
    struct checking *checking;
    const struct checked_file *file;
    enum finding_kind kind;
};

/* A text of a column that may be NULL, in [room]. */
static const char *text_at(duckdb_data_chunk chunk, idx_t column, idx_t row, struct arena *room) {
    duckdb_vector v = duckdb_data_chunk_get_vector(chunk, column);
    if (!duck_valid(duckdb_vector_get_validity(v), row))
        return NULL;
    return str_dup(room, duck_text(duckdb_vector_get_data(v), row));
}

static err *take_findings(void *context, duckdb_data_chunk chunk) {
    struct taking *taking = context;
    struct arena room = {0};
    duckdb_vector times = duckdb_data_chunk_get_vector(chunk, 0);
    const duckdb_timestamp *time = duckdb_vector_get_data(times);
    const int64_t *of = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 3));
    idx_t rows = duckdb_data_chunk_get_size(chunk);
    for (idx_t i = 0; i < rows; i++) {
        struct finding f = {.kind = taking->kind,
                            .dataset = datasets[taking->file->dataset].name,
                            .file = taking->file->name,
                            .key = text_at(chunk, 1, i, &room),
                            .text = text_at(chunk, 2, i, &room)};
        if (duck_valid(duckdb_vector_get_validity(times), i))
            f.at = interval_at_or_after(time[i].micros);
        finding_add(taking->checking, &f);
    }
    if (rows) /* those that the query left away */
        taking->checking->out->count[taking->kind] += of[0] - (int64_t)rows;
    arena_free(&room);
    return NULL;
}

err *check_query(struct checking *c, const struct checked_file *f, enum finding_kind kind,
                 const char *select) {
    struct taking taking = {c, f, kind};
    struct buf sql = {0};
    buf_printf(&sql,
               "SELECT time::TIMESTAMP, key::VARCHAR, text::VARCHAR, count(*) OVER ()"
               " FROM (%s) AS found(time, key, text) ORDER BY time, key LIMIT %d",
               select, FINDINGS_KEPT);
    err *e = duck_each(&c->store->duck, buf_cstr(&sql), take_findings, &taking);
    buf_free(&sql);
    return e;
}

err *check_add_files(struct checking *c, struct buf *sql, enum dataset_id dataset, aest_day first,
                     int days, bool *any) {
    struct arena a = {0};
    const struct store_index *x;
    TRY(store_index(c->store, dataset, &x));
    *any = false;
    for (size_t i = 0; i < x->count; i++) {
        if (x->files[i].first >= first + days || x->files[i].first + x->files[i].days <= first)
            continue;
        buf_add_str(sql, *any ? STR(",") : STR("read_parquet(["));
        duck_quote(sql, str_from(store_file_path(c->store, &a, dataset, &x->files[i])));
        *any = true;
    }
    if (*any)
        buf_add_str(sql, STR("])"));
    arena_free(&a);
    return NULL;
}

/* -- the schema, and all the bytes --------------------------------------------------------------
 */

/* What the file's columns are, and the dataset's aren't, or the other way round. */
static err *check_schema(struct checking *c, const struct checked_file *f) {
    struct buf file = {0}, ours = {0}, sql = {0};
    buf_add_str(&file, STR("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "
                           "read_parquet("));
    duck_quote(&file, str_from(f->path));
    buf_add_str(&file, STR("))"));
    buf_add_str(&ours, STR("SELECT column_name, column_type FROM (DESCRIBE SELECT "));
    parquet_select_list(&ours, &datasets[f->dataset], true);
    buf_add_char(&ours, ')');
    buf_printf(&sql,
               "SELECT NULL, NULL, 'has ' || column_name || ' ' || column_type FROM (%s EXCEPT %s)"
               " UNION ALL "
               "SELECT NULL, NULL, 'lacks ' || column_name || ' ' || column_type"
               " FROM (%s EXCEPT %s)",
               buf_cstr(&file), buf_cstr(&ours), buf_cstr(&ours), buf_cstr(&file));
    err *e = check_query(c, f, FINDING_SCHEMA, buf_cstr(&sql));
    buf_free(&file);
    buf_free(&ours);
    buf_free(&sql);
    return e;
}

static err *add_count(void *context, duckdb_data_chunk chunk) {
    const int64_t *count = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    *(int64_t *)context += count[0];
    return NULL;
}

/* Decodes every value. */
static err *check_bytes(struct checking *c, const struct checked_file *f) {
    struct buf sql = {0};
    buf_add_str(&sql, STR("SELECT count(*), bit_xor(hash(r)) FROM (SELECT "));
    parquet_select_list(&sql, &datasets[f->dataset], false);
    buf_add_str(&sql, STR(" FROM read_parquet("));
    duck_quote(&sql, str_from(f->path));
    buf_add_str(&sql, STR(")) AS r"));
    err *e = duck_each(&c->store->duck, buf_cstr(&sql), add_count, &c->out->data_rows);
    buf_free(&sql);
    return e;
}

/* -- order and times ----------------------------------------------------------------------------
 */

/* Adds "WITH r AS (…)": the file's rows, t being the time on the axis, h what a forecast looks
 * ahead. */
static void add_rows(struct buf *sql, const struct checked_file *f) {
    const struct dataset *d = &datasets[f->dataset];
    buf_printf(sql, "WITH r AS (SELECT *, %s AS t, %s AS k, %s AS h FROM read_parquet(",
               d->horizon_step ? "run_time" : "settlementdate", d->key,
               d->horizon_step ? "epoch_us(settlementdate) - epoch_us(run_time)" : "0");
    duck_quote(sql, str_from(f->path));
    buf_add_str(sql, STR("))"));
}

static err *check_where(struct checking *c, const struct checked_file *f, enum finding_kind kind,
                        const char *where, const char *text) {
    struct buf sql = {0};
    add_rows(&sql, f);
    buf_printf(&sql, " SELECT t, k, %s FROM r WHERE %s", text, where);
    err *e = check_query(c, f, kind, buf_cstr(&sql));
    buf_free(&sql);
    return e;
}

static err *check_times(struct checking *c, const struct checked_file *f) {
    const struct dataset *d = &datasets[f->dataset];
    char first[AEST_TEXT], last[AEST_TEXT];
    struct arena a = {0};
    const char *where = arena_printf(
        &a, "t IS NULL OR k IS NULL OR k = '' OR t <= TIMESTAMP '%s' OR t > TIMESTAMP '%s'",
        aest_format_date(f->file.first, first),
        aest_format_date(f->file.first + f->file.days, last));
    err *e = check_where(c, f, FINDING_SPAN, where,
                         "CASE WHEN t IS NULL OR k IS NULL OR k = '' THEN 'a row without its time "
                         "or key' ELSE 'a row of a time that the file is not for' END");
    const long long step_us = d->step * INTERVAL_MINUTES * (long long)AEST_MINUTE;
    where = arena_printf(&a, "epoch_us(t) %% %lld <> 0", step_us);
    if (!e)
        e = check_where(c, f, FINDING_GRID, where, "'at ' || t || ', which is no interval'");
    arena_free(&a);
    return e;
}

/* Neighbours in the file: n is a row, and the p… of it those of the row before. */
#define NEIGHBOURS                                                                                 \
    ", n AS (SELECT t, k, h, lag(t) OVER () AS pt, lag(k) OVER () AS pk, lag(h) OVER () AS ph"     \
    " FROM r)"

/* One pass tells whether each row stands behind the one before it; only then is it asked why. */
static err *check_order(struct checking *c, const struct checked_file *f) {
    static const struct {
        enum finding_kind kind;
        const char *sql;
    } reasons[] = {
        {FINDING_ORDER, NEIGHBOURS " SELECT t, k, 'stands behind ' || pk || ' ' || pt FROM n"
                                   " WHERE k < pk OR (k = pk AND (h < ph OR (h = ph AND t < pt)))"},
        {FINDING_DUPLICATE,
         " SELECT t, k, count(*) || ' rows' FROM r GROUP BY t, k, h HAVING count(*) > 1"},
    };
    int64_t wrong = 0;
    struct buf sql = {0};
    add_rows(&sql, f);
    buf_add_str(&sql,
                STR(NEIGHBOURS " SELECT count(*) FROM n"
                               " WHERE k < pk OR (k = pk AND (h < ph OR (h = ph AND t <= pt)))"));
    err *e = duck_each(&c->store->duck, buf_cstr(&sql), add_count, &wrong);
    for (size_t i = 0; !e && wrong && i < sizeof reasons / sizeof *reasons; i++) {
        sql.len = 0;
        add_rows(&sql, f);
        buf_add_str(&sql, str_from(reasons[i].sql));
        e = check_query(c, f, reasons[i].kind, buf_cstr(&sql));
    }
    buf_free(&sql);
    return e;
}

/* -- values -------------------------------------------------------------------------------------
 */

#define FCAS                                                                                       \
    "raise1secrrp, raise6secrrp, raise60secrrp, raise5minrrp, raiseregrrp, lower1secrrp, "         \
    "lower6secrrp, lower60secrrp, lower5minrrp, lowerregrrp"

/* Demand that was dispatched away counts as demand. */
#define EXCESS                                                                                     \
    "(totaldemand - (dispatchablegeneration - dispatchableload - netinterchange"                   \
    " + coalesce(wdr_dispatched, 0)))"

/* What can't be, by SQL over the rows of add_rows. "@cap" and "@floor" are the price limits,
 * "@unit" is what a unit may have, "@link" what a link. */
static const struct {
    enum dataset_id dataset;
    enum finding_kind kind;
    const char *where, *text;
} values[] = {
    {PRICES5, FINDING_BOUNDS, "rrp > @cap + 0.01 OR rrp < @floor - 0.01", "'rrp ' || rrp"},
    {PRICES30, FINDING_BOUNDS, "rrp > @cap + 0.01 OR rrp < @floor - 0.01", "'rrp ' || rrp"},
    {FCAS5, FINDING_BOUNDS, "greatest(" FCAS ") > @cap + 0.01 OR least(" FCAS ") < @floor - 0.01",
     "'prices from ' || least(" FCAS ") || ' to ' || greatest(" FCAS ")"},
    {SCADA5, FINDING_BOUNDS, "abs(scadavalue) > @unit", "scadavalue || ' MW of at most ' || @unit"},
    {DISPATCH5, FINDING_BOUNDS, "greatest(abs(initialmw), abs(totalcleared)) > @unit",
     "initialmw || ' to ' || totalcleared || ' MW of at most ' || @unit"},
    {TRANSMISSION5, FINDING_BOUNDS, "greatest(abs(meteredmwflow), abs(mwflow)) > @link",
     "'flow ' || meteredmwflow || ', target ' || mwflow"},
    {REGIONS5, FINDING_IDENTITY, "abs(" EXCESS ") > 0.0101",
     "'totaldemand is ' || totaldemand || ', generation - load - net interchange + wdr ' ||"
     " round(totaldemand - " EXCESS ", 5)"},
};

/* [text] with what its "@" words stand for. */
static const char *expand(const struct checking *c, struct arena *a, const char *text) {
    const struct {
        str word, meaning;
    } words[] = {
        {STR("@cap"), buf_str(&c->price_limits)},
        {STR("@floor"), buf_str(&c->price_floors)},
        {STR("@unit"), str_from(arena_printf(a, "coalesce(mw, %g)", most_of_a_unit))},
        {STR("@link"), str_from(arena_printf(a, "%g", most_of_a_link))},
    };
    struct buf out = {0};
    for (str rest = str_from(text); rest.len;) {
        size_t length = 1;
        str with = {rest.at, 1};
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (str_starts(rest, words[i].word)) {
                length = words[i].word.len;
                with = words[i].meaning;
            }
        buf_add_str(&out, with);
        rest = (str){rest.at + length, rest.len - length};
    }
    const char *expanded = str_dup(a, buf_str(&out));
    buf_free(&out);
    return expanded;
}

static err *check_values(struct checking *c, const struct checked_file *f) {
    struct arena a = {0};
    err *e = NULL;
    for (size_t i = 0; i < sizeof values / sizeof *values && !e; i++) {
        if (values[i].dataset != f->dataset)
            continue;
        struct buf sql = {0};
        add_rows(&sql, f);
        buf_printf(&sql, " SELECT t, k, %s FROM r LEFT JOIN verify_limits ON k = unit WHERE %s",
                   expand(c, &a, values[i].text), expand(c, &a, values[i].where));
        e = check_query(c, f, values[i].kind, buf_cstr(&sql));
        buf_free(&sql);
    }
    arena_free(&a);
    return e;
}

/* -- what they need -----------------------------------------------------------------------------
 */

/* "CASE WHEN t > TIMESTAMP '2024-07-01' THEN 17500 … ELSE 5000 END", the newest first: a day's
 * midnight is the last interval of the day before. */
static void add_limits(struct buf *sql, const struct thresholds *t, bool floor) {
    char date[AEST_TEXT];
    buf_add_str(sql, STR("(CASE"));
    for (size_t i = t->count; i-- > 0;)
        buf_printf(sql, " WHEN t > TIMESTAMP '%s' THEN %g", aest_format_date(t->rows[i].from, date),
                   floor ? t->rows[i].floor : t->rows[i].cap);
    buf_printf(sql, " ELSE %g END)", floor ? t->rows[0].floor : t->rows[0].cap);
}

/* A table of what each unit may have, by the largest of what was ever known of it. */
static err *make_unit_limits(struct checking *c, const struct units *units) {
    struct buf sql = {0};
    buf_add_str(&sql, STR("CREATE TEMP TABLE verify_limits AS SELECT unit, max(mw) AS mw FROM"
                          " (VALUES ('', 0::DOUBLE)"));
    for (size_t i = 0; i < units->count; i++) {
        const struct unit *u = &units->rows[i];
        double mw = fmax(u->capacity_mw, fmax(u->registered_mw, u->load_mw));
        if (!(mw > 0))
            continue;
        buf_add_str(&sql, STR(", ("));
        duck_quote(&sql, u->duid);
        buf_printf(&sql, ", %g)", mw * over_capacity);
    }
    buf_add_str(&sql, STR(") AS known(unit, mw) GROUP BY unit"));
    err *e = duck_run(&c->store->duck, buf_cstr(&sql));
    buf_free(&sql);
    return e;
}

err *check_file_begin(struct checking *c) {
    struct thresholds thresholds;
    struct units units = {0};
    err *e = thresholds_load(c->store, &thresholds);
    if (!e && thresholds.count) {
        add_limits(&c->price_limits, &thresholds, false);
        add_limits(&c->price_floors, &thresholds, true);
    }
    thresholds_free(&thresholds);
    if (!e)
        e = units_load(c->store, &units);
    if (!e)
        e = make_unit_limits(c, &units);
    units_free(&units);
    return e;
}

err *check_file(struct checking *c, const struct checked_file *f) {
    static err *(*const checks[])(struct checking *, const struct checked_file *) = {
        check_bytes, check_times, check_order, check_values};
    int64_t before = c->out->count[FINDING_SCHEMA];
    TRY(check_schema(c, f));
    if (c->out->count[FINDING_SCHEMA] > before) /* the rest goes by the columns' names */
        return NULL;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        TRY(checks[i](c, f));
    return NULL;
}
