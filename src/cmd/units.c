#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "cmd/services.h"
#include "market/refresh.h"
#include "market/registry.h"
#include "market/unit_import.h"
#include "market/units.h"

enum { IMPORT_BYTES = 64 << 20 };

/* What the command line says. */
struct request {
    struct setup setup;
    const char *source;
    bool unknown, history, json;
    int argc; /* words behind the action */
    char **argv;
    int status; /* to end with when all went well */
};

/* -- list ---------------------------------------------------------------------------------------
 */

/* What is listed: rows of the registry, or units that aren't in it. */
struct list {
    struct store *store;
    struct units units;
    struct arena memory;
    struct buf rows; /* of struct unit */
};

static const struct unit *rows_of(const struct list *l, size_t *count) {
    *count = l->rows.len / sizeof(struct unit);
    return (const struct unit *)(const void *)l->rows.at;
}

static void list_registered(struct list *l, bool history) {
    for (size_t i = 0; i < l->units.count; i++) {
        const struct unit *u = &l->units.rows[i];
        bool is_last = i + 1 == l->units.count || !str_eq(u->duid, u[1].duid);
        if (history || is_last)
            buf_add(&l->rows, u, sizeof *u);
    }
}

/* A DUID with readings, and the days of the first and the last of them. */
static err *take_reading(void *context, duckdb_data_chunk chunk) {
    struct list *l = context;
    duckdb_string_t *duids = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    const duckdb_date *first = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 1)),
                      *last = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 2));
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); row++) {
        str duid = duck_text(duids, row);
        struct unit u = units_find(&l->units, duid, last[row].days);
        if (u.is_registered || unit_is_dummy(duid))
            continue;
        u.duid = (str){str_dup(&l->memory, duid), duid.len};
        u.from = first[row].days;
        u.to = last[row].days + 1;
        buf_add(&l->rows, &u, sizeof u);
    }
    return NULL;
}

static err *list_unknown(struct list *l) {
    TRY(store_make_views(l->store, &l->store->duck));
    return duck_each(&l->store->duck,
                     "SELECT duid, min(settlementdate)::DATE, max(settlementdate)::DATE FROM "
                     "scada5 GROUP BY duid ORDER BY duid",
                     take_reading, l);
}

static const char *day_text(aest_day day, char out[AEST_TEXT]) {
    return day == INT32_MAX ? "" : day == 0 ? "always" : aest_format_date(day, out);
}

static void print_number(double mw) {
    if (isnan(mw))
        printf(" %8s", "");
    else
        printf(" %8.1f", mw);
}

static void print_text(const struct list *l) {
    char from[AEST_TEXT], to[AEST_TEXT];
    size_t count;
    const struct unit *u = rows_of(l, &count);
    printf("%-12s %-6s %-13s %-11s %8s  %-10s  %-10s  %s\n", "duid", "region", "type", "fuel", "MW",
           "from", "to", "station");
    for (size_t i = 0; i < count; i++, u++) {
        bool guessed = u->fuel == FUEL_UNKNOWN && u->guess.fuel != FUEL_UNKNOWN;
        printf("%-12.*s %-6.*s %-13.*s %-11s", STR_ARG(u->duid), STR_ARG(u->region),
               STR_ARG(u->dispatch_type), fuel_names[u->fuel]);
        print_number(u->capacity_mw);
        printf("  %-10s  %-10s  %.*s%s%s%s\n", day_text(u->from, from), day_text(u->to, to),
               STR_ARG(u->station), guessed ? "(by its name: " : "",
               guessed ? fuel_names[u->guess.fuel] : "",
               guessed ? (u->guess.is_load ? " load)" : ")") : "");
    }
}

static void add_text(struct json *j, const char *key, str text) {
    json_key(j, key);
    if (text.len)
        json_str(j, text);
    else
        json_null(j);
}

static void add_unit(struct json *j, const struct unit *u) {
    char day[AEST_TEXT];
    const struct {
        const char *key;
        str text;
    } texts[] = {
        {"duid", u->duid},
        {"valid_from", str_from(aest_format_date(u->from, day))},
        {"region", u->region},
        {"station", u->station},
        {"owner", u->owner},
        {"dispatch_type", u->dispatch_type},
        {"schedule_type", u->schedule_type},
        {"fuel", str_from(fuel_names[u->fuel])},
        {"technology", u->technology},
        {"predecessor", u->predecessor},
        {"guess", str_from(u->guess.fuel ? fuel_names[u->guess.fuel] : NULL)},
        {"sources", u->sources},
    };
    const struct {
        const char *key;
        double number;
    } numbers[] = {
        {"capacity_mw", u->capacity_mw},
        {"registered_mw", u->registered_mw},
        {"load_mw", u->load_mw},
        {"storage_mwh", u->storage_mwh},
        {"mlf", u->mlf},
        {"dlf", u->dlf},
        {"co2e_factor", u->co2e_factor},
    };
    json_object(j);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_text(j, texts[i].key, texts[i].text);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_key(j, numbers[i].key), json_double(j, numbers[i].number);
    add_text(j, "valid_to", u->to == INT32_MAX ? STR("") : str_from(aest_format_date(u->to, day)));
    json_end(j);
}

static void print_json(const struct list *l) {
    struct buf text = {0};
    struct json j = json_to(&text);
    size_t count;
    const struct unit *u = rows_of(l, &count);
    json_array(&j);
    for (size_t i = 0; i < count; i++)
        add_unit(&j, &u[i]);
    json_end(&j);
    printf("%s\n", buf_cstr(&text));
    buf_free(&text);
}

static err *list(struct request *r) {
    struct list l = {0};
    if (r->argc)
        return err_new(ERR_USAGE, "what is '%s'?", r->argv[0]);
    err *e = store_open(r->setup.data, STORE_READ, NULL, &l.store);
    if (!e)
        e = units_load(l.store, &l.units);
    if (!e && r->unknown)
        e = list_unknown(&l);
    else if (!e)
        list_registered(&l, r->history);
    if (!e && r->json)
        print_json(&l);
    else if (!e)
        print_text(&l);
    if (!e && r->unknown && l.rows.len)
        r->status = EXIT_FINDINGS;
    buf_free(&l.rows);
    units_free(&l.units);
    arena_free(&l.memory);
    store_close(l.store);
    return e;
}

/* -- what changes the registry ------------------------------------------------------------------
 */

static err *refresh_from(struct request *r, struct store *store, struct source *source) {
    struct arena a = {0};
    struct refreshed result;
    err *e = market_refresh(store, source, &a, &result);
    if (!e) {
        printf("units %s, thresholds %s: MMSDM %s of %s\n", result.units ? "changed" : "as before",
               result.thresholds ? "changed" : "as before", result.month, source_name(source));
        if (*result.missing) {
            fprintf(stderr,
                    "nemd units: the month lacks %s: what they tell stays as it was, or isn't "
                    "known\n",
                    result.missing);
            r->status = EXIT_FINDINGS;
        }
    }
    arena_free(&a);
    return e;
}

static err *refresh(struct request *r) {
    struct source_options options = source_settings(&r->setup, NULL);
    struct source *source = NULL;
    struct store *store = NULL;
    if (r->argc)
        return err_new(ERR_USAGE, "what is '%s'?", r->argv[0]);
    err *e = source_open(source_setting(&r->setup, r->source), &options, &source);
    if (!e)
        e = store_open(r->setup.data, STORE_WRITE, NULL, &store);
    if (!e)
        e = refresh_from(r, store, source);
    source_close(source);
    store_close(store);
    return e;
}

/* Brings [said] into the store. */
static err *commit(const struct request *r, const struct records *said, bool *changed) {
    struct store *store = NULL;
    TRY(store_open(r->setup.data, STORE_WRITE, NULL, &store));
    err *e = registry_update(store, said, changed);
    store_close(store);
    return e;
}

static err *import(struct request *r) {
    struct buf bytes = {0};
    struct records said;
    size_t count = 0;
    bool changed;
    if (r->argc != 1)
        return err_new(ERR_USAGE, "one file is expected: units import FILE");
    const char *slash = strrchr(r->argv[0], '/'), *name = slash ? slash + 1 : r->argv[0];
    records_init(&said, UNIT_FACTS);
    err *e = file_read(r->argv[0], IMPORT_BYTES, &bytes);
    if (!e)
        e = err_wrap(unit_import(buf_str(&bytes), name, aest_now(), &said, &count), "%s", name);
    if (!e)
        e = commit(r, &said, &changed);
    if (!e)
        printf("%zu units in %s: registry %s\n", count, name, changed ? "changed" : "as before");
    records_free(&said);
    buf_free(&bytes);
    return e;
}

/* "2025-07-01" of valid_from=2025-07-01; other words are facts. */
static err *read_day(str text, const char *key, aest_day *out) {
    aest_us t;
    if (!aest_parse_iso(text, &t) || t < 0)
        return err_new(ERR_USAGE, "%s is '%.*s', not a date", key, STR_ARG(text));
    *out = (aest_day)(t / AEST_DAY);
    return NULL;
}

static err *read_words(const struct request *r, struct fact f, struct records *said) {
    static const str from = {"valid_from", 10}, to = {"valid_to", 8};
    for (int pass = 0; pass < 2; pass++) /* days may stand behind the facts that they are of */
        for (int i = 1; i < r->argc; i++) {
            str value = str_from(r->argv[i]), key = str_cut(&value, '=');
            bool is_day = str_eq(key, from) || str_eq(key, to);
            if (!strchr(r->argv[i], '='))
                return err_new(ERR_USAGE, "'%s' is no key=value", r->argv[i]);
            if (pass == 0 && is_day)
                TRY(read_day(value, str_eq(key, from) ? "valid_from" : "valid_to",
                             str_eq(key, from) ? &f.from : &f.to));
            f.name = key, f.value = value;
            if (pass == 1 && !is_day)
                TRY(registry_say(said, f));
        }
    return said->count ? NULL : err_new(ERR_USAGE, "no fact is set");
}

static err *set(struct request *r) {
    struct records said;
    bool changed;
    struct fact f = {.source = FACT_USER,
                     .from = FACT_ALWAYS,
                     .to = FACT_OPEN,
                     .origin = STR("user"),
                     .lastchanged = aest_now()};
    if (r->argc < 2)
        return err_new(ERR_USAGE, "units set DUID key=value… is expected");
    f.duid = str_from(r->argv[0]);
    records_init(&said, UNIT_FACTS);
    err *e = read_words(r, f, &said);
    if (!e)
        e = commit(r, &said, &changed);
    if (!e)
        printf("%s %s\n", r->argv[0], changed ? "changed" : "as before");
    records_free(&said);
    return e;
}

/* -- the command --------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    err *(*run)(struct request *r);
} actions[] = {{"list", list}, {"refresh", refresh}, {"import", import}, {"set", set}};

static err *act(struct request *r, int argc, char **argv) {
    r->argc = argc - 1;
    r->argv = argv + 1;
    for (size_t i = 0; argc && i < sizeof actions / sizeof *actions; i++)
        if (strcmp(argv[0], actions[i].name) == 0)
            return actions[i].run(r);
    return err_new(ERR_USAGE, "list, refresh, import or set is expected%s%s", argc ? ", not " : "",
                   argc ? argv[0] : "");
}

static int units(const struct command *self, int argc, char **argv) {
    struct request r = {.status = EXIT_DONE};
    int status;
    const struct option_spec options[] = {
        {"unknown", NULL, "list: units with readings that aren't registered", .flag = &r.unknown},
        {"history", NULL, "list: all that each unit was, not only the last", .flag = &r.history},
        {"json", NULL, "list: for programs", .flag = &r.json},
        {"source", "URL|DIR", "refresh: where files come from (NEMD_SOURCE; default NEMWEB)",
         .value = &r.source},
        {0},
    };
    if (!setup_read(&r.setup, self, options, &argc, argv, &status))
        return status;
    err *e = act(&r, argc, argv);
    status = e ? command_fail(self, e) : r.status;
    setup_free(&r.setup);
    return status;
}

const struct command command_units = {
    .name = "units",
    .summary = "the registry of units: list, refresh, import, set",
    .usage = "list|refresh|import FILE|set DUID KEY=VALUE… [OPTION…]",
    .description =
        "list     the units: region, type, fuel, capacity; --unknown ends with 3 when there are "
        "any\n"
        "refresh  takes units and price limits from the newest month of AEMO's monthly archive\n"
        "import   takes units from CSV with a header of our column names, or from AEMO's NEM\n"
        "         Registration and Exemption List (.xlsx)\n"
        "set      says what is so of a unit: fuel=Wind capacity_mw=120 valid_from=2025-07-01; an\n"
        "         empty value takes it back\n\n"
        "What is set beats what is imported, that AEMO's list, that the monthly archive.\n"
        "`nemd query 'from units'` has all of it, with the source of each fact.",
    .details =
        "The registry is the view units of `nemd query`; each of its facts names its source.",
    .examples = {{"nemd units list --unknown",
                  "units that have readings and nobody has registered"},
                 {"nemd units set NEWWF1 fuel=Wind capacity_mw=120 region=NSW1",
                  "register one by hand"}},
    .run = units,
};
