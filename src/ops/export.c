#include "ops/export.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"

struct work {
    const struct export *asked;
    struct arena *memory;
    struct store *store;
    struct duck duck;
    struct exported *out;
    size_t *count;
};

/* What is to become a file. */
struct item {
    const char *name, *select, *format, *options; /* [options] of COPY */
};

/* -- one file -----------------------------------------------------------------------------------
 */

static err *take_count(void *context, duckdb_data_chunk chunk) {
    const int64_t *count = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    *(int64_t *)context += count[0];
    return NULL;
}

static const char *path_of(struct work *w, const struct item *item) {
    return arena_printf(w->memory, "%s/%s.%s", w->asked->folder, item->name, item->format);
}

/* Writes the file aside, and counts what is in it against what went in. */
static err *copy(struct work *w, const struct item *item, const char *aside, int64_t *rows) {
    struct buf sql = {0};
    int64_t there = 0;
    *rows = 0;
    buf_printf(&sql, "COPY (%s) TO ", item->select);
    duck_quote(&sql, str_from(aside));
    buf_printf(&sql, " (FORMAT %s, USE_TMP_FILE false%s)", item->format, item->options);
    err *e = duck_each(&w->duck, buf_cstr(&sql), take_count, rows);
    if (!e) {
        sql.len = 0;
        buf_printf(&sql, "SELECT count(*) FROM read_%s(", item->format);
        duck_quote(&sql, str_from(aside));
        buf_add_str(&sql, strcmp(item->format, "csv") ? STR(")") : STR(", all_varchar = true)"));
        e = duck_each(&w->duck, buf_cstr(&sql), take_count, &there);
    }
    buf_free(&sql);
    if (!e && there != *rows)
        e = err_new(ERR_IO, "%s holds %lld rows of %lld", aside, (long long)there,
                    (long long)*rows);
    return e ? e : file_sync(aside);
}

static err *write_item(struct work *w, const struct item *item) {
    const char *path = path_of(w, item),
               *aside = arena_printf(w->memory, "%s/.%s.%s.tmp", w->asked->folder, item->name,
                                     item->format);
    int64_t rows;
    if (w->asked->progress)
        w->asked->progress(w->asked->context, item->name);
    err *e = copy(w, item, aside, &rows);
    if (!e)
        e = file_rename_durable(aside, path);
    if (e) {
        unlink(aside);
        return e;
    }
    w->out[(*w->count)++] = (struct exported){item->name, path, rows};
    return NULL;
}

/* -- all ----------------------------------------------------------------------------------------
 */

static err *write_items(struct work *w, const struct item *items, size_t count) {
    if (file_exists(arena_printf(w->memory, "%s/STORE", w->asked->folder)))
        return err_new(ERR_USAGE, "%s is a store: name an empty or new folder", w->asked->folder);
    for (size_t i = 0; i < count; i++)
        if (file_exists(path_of(w, &items[i])))
            return err_new(ERR_USAGE, "%s is there already: name an empty or new folder",
                           path_of(w, &items[i]));
    TRY(file_make_folders(w->asked->folder));
    w->duck.spill = w->asked->folder;
    TRY(duck_run(&w->duck, "SET memory_limit = '400MB'"));
    TRY(store_make_views(w->store, &w->duck));
    for (size_t i = 0; i < count; i++)
        TRY(write_item(w, &items[i]));
    return NULL;
}

static err *export_items(const struct export *x, struct arena *a, const struct item *items,
                         size_t item_count, struct exported *out, size_t *count) {
    struct work w = {.asked = x, .memory = a, .out = out, .count = count};
    int reading;
    *count = 0;
    w.duck.threads = -1;
    TRY(store_open(x->data, STORE_READ, NULL, &w.store));
    err *e = store_read_begin(w.store, &reading);
    if (!e) {
        e = write_items(&w, items, item_count);
        store_read_end(reading);
    }
    duck_close(&w.duck);
    store_close(w.store);
    return e;
}

/* -- plain --------------------------------------------------------------------------------------
 */

static const char *range_text(struct arena *a, const struct export *x, const struct dataset *d) {
    const char *time = d->horizon_step ? "run_time" : "settlementdate";
    char first[AEST_TEXT], last[AEST_TEXT];
    const char *from = "", *to = "";
    if (x->first)
        from = arena_printf(a, " AND %s >= TIMESTAMP '%.19s'", time,
                            aest_format_iso(interval_to_aest(x->first), first));
    if (x->last)
        to = arena_printf(a, " AND %s <= TIMESTAMP '%.19s'", time,
                          aest_format_iso(interval_to_aest(x->last), last));
    return arena_printf(a, " WHERE true%s%s", from, to);
}

static bool is_records(const char *name) {
    for (int i = 0; i < RECORD_TABLES; i++)
        if (strcmp(record_tables[i].name, name) == 0)
            return true;
    return false;
}

err *export_plain(const struct export *x, struct arena *a, struct exported out[EXPORTS],
                  size_t *count) {
    struct item items[EXPORTS];
    size_t item_count = 0;
    bool csv = strcmp(x->format, "csv") == 0;
    *count = 0;
    if (!csv && strcmp(x->format, "parquet") != 0)
        return err_new(ERR_USAGE, "--format is '%s', neither parquet nor csv", x->format);
    for (const char *const *name = x->names; *name; name++) {
        const struct dataset *d = dataset_by_name(str_from(*name));
        if ((!d && !is_records(*name)) || item_count == EXPORTS)
            return err_new(ERR_USAGE, "there is no dataset or table '%s'", *name);
        items[item_count++] =
            (struct item){*name, arena_printf(a, "FROM %s%s", *name, d ? range_text(a, x, d) : ""),
                          x->format, csv ? ", HEADER true" : ", COMPRESSION zstd"};
    }
    return export_items(x, a, items, item_count, out, count);
}

/* -- the earlier system's -----------------------------------------------------------------------
 */

/* Its pandas wrote times in nanoseconds, and rows in the order of time. */
#define EARLIER(key, columns, table)                                                               \
    "SELECT settlementdate::TIMESTAMP_NS AS settlementdate, " key ", " columns " FROM " table      \
    " ORDER BY settlementdate, " key
#define FLOWS "meteredmwflow, mwflow, exportlimit, importlimit, mwlosses"
/* Its words for fuels; a unit as it was last. */
#define GEN_INFO                                                                                   \
    "SELECT region AS \"Region\", station AS \"Site Name\", owner AS \"Owner\", duid AS \"DUID\"," \
    " capacity_mw AS \"Capacity(MW)\", storage_mwh AS \"Storage(MWh)\","                           \
    " CASE WHEN fuel LIKE '% coal' THEN 'Coal' WHEN fuel = 'Battery' THEN 'Battery Storage' ELSE"  \
    " fuel END AS \"Fuel\" FROM units QUALIFY row_number() OVER (PARTITION BY duid ORDER BY"       \
    " valid_from DESC) = 1 ORDER BY duid"
#define ROWS ", COMPRESSION snappy, ROW_GROUP_SIZE 245760"

static const struct item earlier[] = {
    {"scada5", EARLIER("duid", "scadavalue", "scada5"), "parquet", ROWS},
    {"scada30", EARLIER("duid", "scadavalue", "scada30"), "parquet", ROWS},
    {"prices5", EARLIER("regionid", "rrp", "prices5"), "parquet", ROWS},
    {"prices30", EARLIER("regionid", "rrp", "prices30"), "parquet", ROWS},
    {"transmission5", EARLIER("interconnectorid", FLOWS, "transmission5"), "parquet", ROWS},
    {"transmission30", EARLIER("interconnectorid", FLOWS, "transmission30"), "parquet", ROWS},
    {"rooftop30", EARLIER("regionid", "power, quality_indicator, type", "rooftop30"), "parquet",
     ROWS},
    {"gen_info", GEN_INFO, "parquet", ROWS},
    {"gen_info", GEN_INFO, "csv", ", HEADER true"},
};

err *export_earlier(const struct export *x, struct arena *a, struct exported out[EXPORTS],
                    size_t *count) {
    return export_items(x, a, earlier, sizeof earlier / sizeof *earlier, out, count);
}
