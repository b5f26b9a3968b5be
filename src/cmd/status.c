#include <stdio.h>
#include <time.h>

#include "base/json.h"
#include "cmd/command.h"
#include "collect/feeds.h"
#include "collect/gaps.h"
#include "market/units.h"
#include "store/grid_refresh.h"

enum { LISTED_FAILURES = 100, SHOWN_FAILURES = 5, SHOWN_GAPS = 10, GAP_DAYS = 7 };
enum { SHOWN_UNKNOWN = 8 };

struct dataset_status {
    int64_t rows;
    bool has_bounds, stale;
    interval first, latest;
    int64_t age_s;
    uint64_t bytes;
    const char *damage; /* why it can't be read, or NULL */
};

struct report {
    struct dataset_status datasets[DATASETS];
    struct ledger_feed feeds[FEEDS];
    struct ledger_failure *failures;
    size_t failure_count;
    int64_t findings;
    struct gap *gaps; /* of the last GAP_DAYS of the store */
    size_t gap_count;
    int64_t grid_missing;               /* days that the grid lacks */
    const char *unknown[SHOWN_UNKNOWN]; /* units that nobody has registered; the first of them */
    size_t unknown_count;
};

static err *read_count(void *context, duckdb_data_chunk chunk) {
    int64_t *rows = context;
    *rows = *(int64_t *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    return NULL;
}

static err *read_dataset(struct store *s, enum dataset_id id, aest_us now,
                         struct dataset_status *out) {
    const struct store_index *x;
    struct arena a = {0};
    TRY(store_index(s, id, &x));
    *out = (struct dataset_status){.has_bounds = x->has_bounds,
                                   .stale = store_index_is_stale(x, &datasets[id], now),
                                   .first = x->first,
                                   .latest = x->last,
                                   .bytes = x->bytes,
                                   .damage = x->damage};
    if (x->damage)
        return NULL;
    out->age_s = x->has_bounds ? (now - interval_to_aest(x->last)) / AEST_SECOND : 0;
    if (out->age_s < 0) /* an interval is named by its end, and known at its start */
        out->age_s = 0;
    err *e = duck_each(&s->duck, arena_printf(&a, "SELECT count(*) FROM %s", datasets[id].name),
                       read_count, &out->rows);
    arena_free(&a);
    return e;
}

static err *read_datasets(struct store *s, aest_us now, struct report *r) {
    TRY(store_make_views(s, &s->duck));
    for (int i = 0; i < DATASETS; i++)
        TRY(read_dataset(s, (enum dataset_id)i, now, &r->datasets[i]));
    return NULL;
}

static err *first_damage(const struct report *r) {
    for (int i = 0; i < DATASETS; i++)
        if (r->datasets[i].damage)
            return err_new(ERR_INPUT, "%s is damaged: %s", datasets[i].name, r->datasets[i].damage);
    return NULL;
}

/* Those that are not to be expected yet are none. */
static err *read_gaps(struct store *s, struct arena *a, aest_us now, struct report *r) {
    interval latest = 0;
    size_t kept = 0;
    for (int i = 0; i < DATASETS; i++)
        if (r->datasets[i].has_bounds && r->datasets[i].latest > latest)
            latest = r->datasets[i].latest;
    struct gap_search search = {EVERY_DATASET, .first = latest - GAP_DAYS * INTERVALS_PER_DAY,
                                .only_stored = true, .now = now};
    TRY(gaps_find(s, a, &search, &r->gaps, &r->gap_count));
    for (size_t i = 0; i < r->gap_count; i++)
        if (r->gaps[i].cause != GAP_NOT_YET)
            r->gaps[kept++] = r->gaps[i];
    r->gap_count = kept;
    return NULL;
}

/* Adds a DUID of the last day, if nobody has registered it. */
struct unknown_search {
    struct arena *memory;
    struct units units;
    struct report *report;
    aest_day day;
};

static err *take_duid(void *context, duckdb_data_chunk chunk) {
    struct unknown_search *u = context;
    duckdb_string_t *duids = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); row++) {
        str duid = duck_text(duids, row);
        if (unit_is_dummy(duid) || units_find(&u->units, duid, u->day).is_registered)
            continue;
        if (u->report->unknown_count < SHOWN_UNKNOWN)
            u->report->unknown[u->report->unknown_count] = str_dup(u->memory, duid);
        u->report->unknown_count++;
    }
    return NULL;
}

/* Units that had readings in the day before the latest one, and that the registry lacks. */
static err *read_unknown(struct store *s, struct arena *a, struct report *r) {
    const struct dataset_status *d = &r->datasets[SCADA5];
    char latest[AEST_TEXT];
    if (!d->has_bounds)
        return NULL;
    struct unknown_search u = {.memory = a, .report = r, .day = interval_day(d->latest)};
    TRY(units_load(s, &u.units));
    aest_format_iso(interval_to_aest(d->latest), latest);
    err *e = duck_each(&s->duck,
                       arena_printf(a,
                                    "SELECT DISTINCT duid FROM scada5 WHERE settlementdate > "
                                    "TIMESTAMP '%.19s' - INTERVAL 1 DAY ORDER BY duid",
                                    latest),
                       take_duid, &u);
    units_free(&u.units);
    return e;
}

static err *gather(struct store *s, struct arena *a, struct report *r) {
    struct ledger *ledger;
    int reading;
    TRY(store_read_begin(s, &reading));
    err *e = read_datasets(s, aest_now(), r);
    if (!e)
        e = grid_count_missing(s, &r->grid_missing);
    if (!e)
        e = first_damage(r);
    if (!e)
        e = read_gaps(s, a, aest_now(), r);
    if (!e)
        e = read_unknown(s, a, r);
    store_read_end(reading);
    if (e)
        return e;
    TRY(store_ledger(s, &ledger));
    for (int i = 0; i < FEEDS; i++)
        TRY(ledger_feed(ledger, a, feeds[i].name, &r->feeds[i]));
    TRY(ledger_finding_count(ledger, &r->findings));
    return ledger_failures(ledger, a, LISTED_FAILURES, &r->failures, &r->failure_count);
}

/* A dataset that never had a row is no news; a store without any is. */
static bool has_stale(const struct report *r) {
    bool rows = false;
    for (int i = 0; i < DATASETS; i++) {
        if (r->datasets[i].stale && r->datasets[i].has_bounds)
            return true;
        rows = rows || r->datasets[i].has_bounds;
    }
    return !rows;
}

/* -- as JSON ------------------------------------------------------------------------------------
 */

static void add_time(struct json *j, const char *key, bool there, int64_t unix_s) {
    json_key(j, key);
    if (there)
        json_int(j, unix_s);
    else
        json_null(j);
}

static void add_text(struct json *j, const char *key, const char *text) {
    json_key(j, key);
    if (text)
        json_cstr(j, text);
    else
        json_null(j);
}

static void print_json(struct store *s, const struct report *r) {
    struct buf text = {0};
    struct json j = json_to(&text);
    json_object(&j);
    json_key(&j, "store"), json_cstr(&j, s->path);
    json_key(&j, "simulated"), json_bool(&j, store_is_simulated(s));
    json_key(&j, "datasets"), json_array(&j);
    for (int i = 0; i < DATASETS; i++) {
        const struct dataset_status *d = &r->datasets[i];
        json_object(&j);
        json_key(&j, "name"), json_cstr(&j, datasets[i].name);
        json_key(&j, "rows"), json_int(&j, d->rows);
        add_time(&j, "first", d->has_bounds, interval_to_unix(d->first));
        add_time(&j, "latest", d->has_bounds, interval_to_unix(d->latest));
        add_time(&j, "age_seconds", d->has_bounds, d->age_s);
        json_key(&j, "stale"), json_bool(&j, d->stale);
        json_key(&j, "bytes"), json_int(&j, (int64_t)d->bytes);
        add_text(&j, "damage", d->damage);
        json_end(&j);
    }
    json_end(&j);
    json_key(&j, "feeds"), json_array(&j);
    for (int i = 0; i < FEEDS; i++) {
        const struct ledger_feed *f = &r->feeds[i];
        json_object(&j);
        json_key(&j, "name"), json_cstr(&j, feeds[i].name);
        json_key(&j, "done"), json_int(&j, f->done);
        json_key(&j, "failed"), json_int(&j, f->failed);
        add_time(&j, "last_fetch", f->last_fetch > 0, f->last_fetch);
        add_time(&j, "last_listed", f->last_listed > 0, f->last_listed);
        add_text(&j, "error", f->last_error);
        json_end(&j);
    }
    json_end(&j);
    json_key(&j, "gaps"), json_array(&j);
    for (size_t i = 0; i < r->gap_count; i++) {
        const struct gap *g = &r->gaps[i];
        json_object(&j);
        json_key(&j, "dataset"), json_cstr(&j, datasets[g->dataset].name);
        json_key(&j, "key");
        g->key.len ? json_str(&j, g->key) : json_null(&j);
        json_key(&j, "first"), json_int(&j, interval_to_unix(g->first));
        json_key(&j, "last"), json_int(&j, interval_to_unix(g->last));
        json_key(&j, "intervals"), json_int(&j, g->count);
        json_key(&j, "cause"), json_cstr(&j, gap_cause_text[g->cause]);
        add_text(&j, "file", g->file);
        json_end(&j);
    }
    json_end(&j);
    json_key(&j, "grid_days_missing"), json_int(&j, r->grid_missing);
    json_key(&j, "unknown_units"), json_int(&j, (int64_t)r->unknown_count);
    json_key(&j, "findings"), json_int(&j, r->findings);
    json_key(&j, "failures"), json_array(&j);
    for (size_t i = 0; i < r->failure_count; i++) {
        json_object(&j);
        add_text(&j, "feed", r->failures[i].feed);
        add_text(&j, "file", r->failures[i].name);
        add_text(&j, "reason", r->failures[i].reason);
        json_key(&j, "tries"), json_int(&j, r->failures[i].tries);
        json_key(&j, "at"), json_int(&j, r->failures[i].at);
        json_end(&j);
    }
    json_end(&j);
    json_end(&j);
    printf("%s\n", buf_cstr(&text));
    buf_free(&text);
}

/* -- for people ---------------------------------------------------------------------------------
 */

static const char *age_text(int64_t seconds, char out[32]) {
    static const struct {
        int64_t from, unit;
        const char *name;
    } units[] = {{2 * 86400, 86400, "days"}, {2 * 3600, 3600, "h"}, {120, 60, "min"}, {0, 1, "s"}};
    int i = 0;
    while (seconds < units[i].from)
        i++;
    snprintf(out, 32, "%lld %s", (long long)(seconds / units[i].unit), units[i].name);
    return out;
}

static const char *size_text(uint64_t bytes, char out[32]) {
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    double size = (double)bytes;
    int i = 0;
    for (; size >= 1000 && i < 4; i++)
        size /= 1000;
    snprintf(out, 32, i ? "%.1f %s" : "%.0f %s", size, units[i]);
    return out;
}

static void print_text(struct store *s, struct arena *a, const struct report *r) {
    char first[AEST_TEXT], latest[AEST_TEXT], age[32], size[32];
    time_t now = time(NULL);
    printf("store %s%s\n\n%-17s %12s  %-16s  %-16s  %8s  %9s\n", s->path,
           store_is_simulated(s) ? " (SIMULATED)" : "", "dataset", "rows", "first", "latest", "age",
           "size");
    for (int i = 0; i < DATASETS; i++) {
        const struct dataset_status *d = &r->datasets[i];
        if (!d->has_bounds) {
            printf("%-17s %12d  %s\n", datasets[i].name, 0,
                   d->damage ? "damaged" : "nothing collected yet");
            continue;
        }
        aest_format_mms(interval_to_aest(d->first), first);
        aest_format_mms(interval_to_aest(d->latest), latest);
        printf("%-17s %12lld  %.16s  %.16s  %8s  %9s%s\n", datasets[i].name, (long long)d->rows,
               first, latest, age_text(d->age_s, age), size_text(d->bytes, size),
               d->stale ? "  stale" : "");
    }
    printf("\n%-17s %8s %8s  %s\n", "feed", "done", "failed", "last fetch");
    for (int i = 0; i < FEEDS; i++) {
        const struct ledger_feed *f = &r->feeds[i];
        printf("%-17s %8lld %8lld  %s%s%s%s\n", feeds[i].name, (long long)f->done,
               (long long)f->failed, f->last_fetch ? age_text(now - f->last_fetch, age) : "never",
               f->last_fetch ? " ago" : "", f->last_error ? "  " : "",
               f->last_error ? f->last_error : "");
    }
    if (r->grid_missing)
        printf("\ngrid: %lld days of datasets are to be made again; `nemd serve` and `nemd run` do "
               "so\n",
               (long long)r->grid_missing);
    else
        printf("\ngrid: current\n");
    if (r->gap_count)
        printf("\n%zu gaps in the last %d days%s\n", r->gap_count, GAP_DAYS,
               r->gap_count > SHOWN_GAPS ? " (--json lists all)" : "");
    for (size_t i = 0; i < r->gap_count && i < SHOWN_GAPS; i++) {
        const struct gap *g = &r->gaps[i];
        printf("  %s: %s%s%s\n", gap_text(a, g), gap_cause_text[g->cause], g->file ? ", " : "",
               g->file ? g->file : "");
    }
    if (r->unknown_count)
        printf("\n%zu units with readings in the last day aren't in the registry (nemd units list "
               "--unknown):",
               r->unknown_count);
    for (size_t i = 0; i < r->unknown_count && i < SHOWN_UNKNOWN; i++)
        printf(" %s", r->unknown[i]);
    if (r->unknown_count)
        printf("%s\n", r->unknown_count > SHOWN_UNKNOWN ? " …" : "");
    if (r->findings)
        printf("\n%lld findings: rows of one version that disagree (table findings in state.db)\n",
               (long long)r->findings);
    if (r->failure_count)
        printf("\nrefused or not fetched, newest first%s\n",
               r->failure_count > SHOWN_FAILURES ? " (--json lists more)" : "");
    for (size_t i = 0; i < r->failure_count && i < SHOWN_FAILURES; i++)
        printf("  %s %s: %s (tries: %d)\n", r->failures[i].feed, r->failures[i].name,
               r->failures[i].reason, r->failures[i].tries);
}

static int status(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct store *store = NULL;
    struct arena a = {0};
    struct report report = {0};
    bool json = false;
    int exit_status;
    const struct option_spec options[] = {{"json", NULL, "for programs", .flag = &json}, {0}};
    if (!setup_read(&setup, self, options, &argc, argv, &exit_status))
        return exit_status;
    err *e = argc ? err_new(ERR_USAGE, "what is '%s'?", argv[0]) : NULL;
    if (!e && !(e = store_open(setup.data, STORE_READ, NULL, &store)) &&
        !(e = gather(store, &a, &report))) {
        if (json)
            print_json(store, &report);
        else
            print_text(store, &a, &report);
        exit_status = has_stale(&report) || report.gap_count ? EXIT_FINDINGS : EXIT_DONE;
    }
    if (e)
        exit_status = command_fail(self, e);
    store_close(store);
    arena_free(&a);
    setup_free(&setup);
    return exit_status;
}

const struct command command_status = {
    .name = "status",
    .summary = "what the store holds, how fresh it is, what failed",
    .usage = "[--json]",
    .description =
        "Rows, first and latest interval, age and size of every dataset; files done and "
        "failed of every\nfeed; gaps; units with readings that nobody has registered. "
        "Exit status 3 when a dataset is\nstale, none has rows, or there are gaps in the "
        "last seven days.",
    .run = status,
};
