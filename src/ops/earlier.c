#include "ops/earlier.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

#include "base/intern.h"
#include "market/fuels.h"
#include "market/registry.h"
#include "ops/pickle_table.h"

/* -- units --------------------------------------------------------------------------------------
 */

/* Its columns, and the facts they are. */
static const struct {
    const char *column, *fact;
} columns[] = {
    {"Region", "region"},
    {"Site Name", "station"},
    {"Owner", "owner"},
    {"Capacity(MW)", "capacity_mw"},
    {"Storage(MWh)", "storage_mwh"},
    {"Fuel", "fuel"},
};

/* Its words for fuels, where they aren't ours. */
static const struct {
    const char *word;
    enum fuel fuel;
} fuels[] = {
    {"Battery Storage", FUEL_BATTERY}, {"Hydro", FUEL_WATER},         {"Gas", FUEL_GAS_OTHER},
    {"Gas (CCGT)", FUEL_CCGT},         {"Gas (OCGT)", FUEL_OCGT},     {"Diesel", FUEL_DISTILLATE},
    {"Bioenergy", FUEL_BIOMASS},       {"Utility Solar", FUEL_SOLAR},
};

/* "Coal" is brown in Victoria, and black elsewhere since South Australia's last burnt in 2016. */
static str fuel_word(str word, str region) {
    enum fuel fuel;
    if (str_eq_nocase(word, STR("Coal")))
        return str_from(
            fuel_names[str_eq(region, STR("VIC1")) ? FUEL_BROWN_COAL : FUEL_BLACK_COAL]);
    if (fuel_from_name(word, &fuel))
        return str_from(fuel_names[fuel]);
    for (size_t i = 0; i < sizeof fuels / sizeof *fuels; i++)
        if (str_eq_nocase(word, str_from(fuels[i].word)))
            return str_from(fuel_names[fuels[i].fuel]);
    return word; /* refused as no fuel */
}

struct unit_reader {
    struct arena memory;
    struct py_table table;
    struct fact fact; /* what all have in common */
    struct intern duids;
    struct records *said;
    struct earlier_units *out;
};

/* A cell as text: a number as it is printed. Empty where nothing is said, or 0 stored. */
static str cell_text(struct unit_reader *r, const char *column, size_t row) {
    const struct py_column *c = py_table_column(&r->table, column);
    const struct py *v = c ? py_table_cell(c, &r->memory, row) : NULL;
    double number;
    str text;
    if (py_missing(v))
        return STR("");
    if (py_text(v, &text))
        return str_trim(text);
    return py_number(v, &number) ? str_from(arena_printf(&r->memory, "%.12g", number)) : STR("");
}

static void refuse(struct earlier_units *out, const struct fact *f, err *e) {
    if (out->refused++ == 0)
        snprintf(out->first_refused, sizeof out->first_refused, "%.*s: %s", STR_ARG(f->duid),
                 err_text(e));
    err_free(e);
}

static void take_row(struct unit_reader *r, size_t row) {
    struct fact f = r->fact;
    f.duid = cell_text(r, "DUID", row);
    if (f.duid.len == 0 || str_eq(f.duid, STR("-"))) {
        r->out->without_duid++;
        return;
    }
    uint32_t before = r->duids.count;
    if (intern_add(&r->duids, f.duid) < before) {
        r->out->repeated++;
        return;
    }
    str region = cell_text(r, "Region", row);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        str value = cell_text(r, columns[i].column, row);
        f.name = str_from(columns[i].fact);
        f.value = str_eq(f.name, STR("fuel")) && value.len ? fuel_word(value, region) : value;
        bool stores = !str_eq(f.name, STR("storage_mwh")) || !str_eq(value, STR("0"));
        if (value.len == 0 || str_eq(value, STR("-")) || !stores)
            continue;
        err *e = registry_say(r->said, f);
        if (e)
            refuse(r->out, &f, e);
        else
            r->out->facts++;
    }
}

static err *read_units(struct unit_reader *r, str bytes) {
    const struct py *root;
    TRY(pickle_read(&r->memory, bytes, &root));
    TRY(py_table_read(&r->memory, root, &r->table));
    if (!py_table_column(&r->table, "DUID"))
        return err_new(ERR_INPUT, "its DataFrame has no column DUID");
    for (size_t row = 0; row < r->table.rows; row++)
        take_row(r, row);
    r->out->rows = r->table.rows;
    r->out->units = r->duids.count;
    return NULL;
}

err *earlier_units_read(str bytes, const char *name, aest_us version, struct records *said,
                        struct earlier_units *out) {
    struct unit_reader r = {.said = said, .out = out};
    *out = (struct earlier_units){0};
    r.fact = (struct fact){.source = FACT_EARLIER,
                           .from = FACT_ALWAYS,
                           .to = FACT_OPEN,
                           .origin = str_from(arena_printf(&r.memory, "earlier system %s", name)),
                           .lastchanged = version};
    err *e = read_units(&r, bytes);
    intern_free(&r.duids);
    arena_free(&r.memory);
    return e;
}

/* -- alerts -------------------------------------------------------------------------------------
 */

err *earlier_alerts_read(struct arena *a, str bytes, struct earlier_alert out[EARLIER_ALERTS],
                         size_t *count) {
    const struct py *root;
    *count = 0;
    TRY(pickle_read(a, bytes, &root));
    if (root->kind != PY_DICT)
        return err_new(ERR_INPUT, "it holds no dict of regions");
    for (size_t i = 0; i + 1 < root->items.count; i += 2) {
        struct earlier_alert alert = {.last_price = NAN};
        const struct py *state = root->items.at[i + 1], *high = py_get(state, "high_alert");
        double number;
        bool has_zone;
        if (!py_text(root->items.at[i], &alert.region) || alert.region.len > 16 || !high ||
            high->kind != PY_BOOL)
            return err_new(ERR_INPUT, "entry %zu is no region's state", i / 2 + 1);
        if (*count == EARLIER_ALERTS)
            return err_new(ERR_INPUT, "it has more than %d regions", EARLIER_ALERTS);
        alert.is_high = high->integer != 0;
        if (py_number(py_get(state, "last_price"), &number))
            alert.last_price = number;
        alert.has_since = py_time(py_get(state, "high_time"), &alert.since, &has_zone);
        if (alert.has_since && has_zone) /* it then is UTC's */
            alert.since += AEST_UTC_OFFSET_S * AEST_SECOND;
        out[(*count)++] = alert;
    }
    return NULL;
}

/* -- records ------------------------------------------------------------------------------------
 */

struct record_list {
    struct earlier_record *at;
    size_t count;
};

static err *take_records(void *context, duckdb_data_chunk chunk) {
    struct record_list *list = context;
    const int32_t *hour = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    duckdb_vector shares = duckdb_data_chunk_get_vector(chunk, 1),
                  times = duckdb_data_chunk_get_vector(chunk, 2);
    const double *share = duckdb_vector_get_data(shares);
    const duckdb_timestamp *time = duckdb_vector_get_data(times);
    for (idx_t i = 0; i < duckdb_data_chunk_get_size(chunk); i++) {
        if (!duck_valid(duckdb_vector_get_validity(shares), i) || !(share[i] >= 0) ||
            !(share[i] <= 100))
            return err_new(ERR_INPUT, "a record is no share from 0 to 100");
        if (hour[i] < -1 || hour[i] > 23 || list->count == EARLIER_RECORDS)
            return err_new(ERR_INPUT, "a record of no hour of the day");
        struct earlier_record r = {.hour = hour[i], .percent = share[i]};
        r.has_at = duck_valid(duckdb_vector_get_validity(times), i);
        r.at = r.has_at ? time[i].micros : 0;
        list->at[list->count++] = r;
    }
    return NULL;
}

err *earlier_records_read(struct duck *d, const char *path,
                          struct earlier_record out[EARLIER_RECORDS], size_t *count) {
    struct record_list list = {.at = out};
    struct buf text = {0}, sql = {0};
    err *e = file_read(path, 1 << 20, &text);
    if (!e) {
        buf_add_str(&sql, STR("WITH j AS (SELECT "));
        duck_quote(&sql, buf_str(&text));
        buf_add_str(&sql, STR("::JSON AS j), r AS ("
                              "SELECT -1 AS hour, j->'all_time' AS r FROM j"
                              " UNION ALL SELECT k::INTEGER, j->'hourly'->k FROM"
                              " (SELECT j, unnest(json_keys(j->'hourly')) AS k FROM j))"
                              " SELECT hour::INTEGER, (r->>'value')::DOUBLE,"
                              " TRY_CAST(r->>'timestamp' AS TIMESTAMP) FROM r ORDER BY hour"));
        e = duck_each(d, buf_cstr(&sql), take_records, &list);
    }
    *count = e ? 0 : list.count;
    buf_free(&text);
    buf_free(&sql);
    return e;
}
