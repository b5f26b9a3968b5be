#include <stdio.h>

#include "market/units.h"
#include "ops/facts.h"
#include "store/grid_refresh.h"

static err *read_count(void *context, duckdb_data_chunk chunk) {
    int64_t *rows = context;
    *rows = *(int64_t *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    return NULL;
}

static err *read_bounds(struct store *s, struct arena *a, enum dataset_id id, aest_us now,
                        struct dataset_fact *out) {
    const struct store_index *x;
    TRY(store_index(s, id, &x));
    *out = (struct dataset_fact){.has_bounds = x->has_bounds,
                                 .stale = store_index_is_stale(x, &datasets[id], now),
                                 .first = x->first,
                                 .latest = x->last,
                                 .bytes = x->bytes,
                                 .damage = x->damage ? str_dup(a, str_from(x->damage)) : NULL};
    if (x->has_bounds && !x->damage)
        out->age_s = (now - interval_to_aest(x->last)) / AEST_SECOND;
    if (out->age_s < 0) /* an interval is named by its end, and known at its start */
        out->age_s = 0;
    return NULL;
}

static err *read_datasets(struct store *s, struct arena *a, aest_us now, struct store_facts *f) {
    for (int i = 0; i < DATASETS; i++)
        TRY(read_bounds(s, a, (enum dataset_id)i, now, &f->datasets[i]));
    return NULL;
}

static err *count_rows(struct store *s, struct arena *a, struct store_facts *f) {
    TRY(store_make_views(s, &s->duck));
    for (int i = 0; i < DATASETS; i++)
        if (!f->datasets[i].damage)
            TRY(duck_each(&s->duck, arena_printf(a, "SELECT count(*) FROM %s", datasets[i].name),
                          read_count, &f->datasets[i].rows));
    return NULL;
}

static err *first_damage(const struct store_facts *f) {
    for (int i = 0; i < DATASETS; i++)
        if (f->datasets[i].damage)
            return err_new(ERR_INPUT, "%s is damaged: %s", datasets[i].name, f->datasets[i].damage);
    return NULL;
}

err *facts_gaps_since(struct store *s, struct arena *a, interval first, struct gap **out,
                      size_t *count) {
    size_t found, kept = 0;
    struct gap_search search = {EVERY_DATASET, .first = first, .only_stored = true,
                                .now = aest_now()};
    TRY(gaps_find(s, a, &search, out, &found));
    for (size_t i = 0; i < found; i++)
        if ((*out)[i].cause != GAP_NOT_YET)
            (*out)[kept++] = (*out)[i];
    *count = kept;
    return NULL;
}

static err *read_gaps(struct store *s, struct arena *a, struct store_facts *f) {
    interval latest = 0;
    for (int i = 0; i < DATASETS; i++)
        if (f->datasets[i].has_bounds && f->datasets[i].latest > latest)
            latest = f->datasets[i].latest;
    return facts_gaps_since(s, a, latest - FACTS_GAP_DAYS * INTERVALS_PER_DAY, &f->gaps,
                            &f->gap_count);
}

/* Adds a DUID of the last day, if nobody has registered it. */
struct unknown_search {
    struct arena *memory;
    struct units units;
    struct store_facts *facts;
    aest_day day;
};

static err *take_duid(void *context, duckdb_data_chunk chunk) {
    struct unknown_search *u = context;
    duckdb_string_t *duids = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); row++) {
        str duid = duck_text(duids, row);
        if (unit_is_dummy(duid) || units_find(&u->units, duid, u->day).is_registered)
            continue;
        if (u->facts->unknown_count < FACTS_UNKNOWN)
            u->facts->unknown[u->facts->unknown_count] = str_dup(u->memory, duid);
        u->facts->unknown_count++;
    }
    return NULL;
}

/* Units that had readings in the day before the latest one, and that the registry lacks. */
static err *read_unknown(struct store *s, struct arena *a, struct store_facts *f) {
    const struct dataset_fact *d = &f->datasets[SCADA5];
    char latest[AEST_TEXT];
    if (!d->has_bounds)
        return NULL;
    struct unknown_search u = {.memory = a, .facts = f, .day = interval_day(d->latest)};
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

static err *read_ledger(struct store *s, struct arena *a, struct store_facts *f) {
    struct ledger *ledger;
    TRY(store_ledger(s, &ledger));
    for (int i = 0; i < FEEDS; i++)
        TRY(ledger_feed(ledger, a, feeds[i].name, &f->feeds[i]));
    TRY(ledger_finding_count(ledger, &f->findings));
    return ledger_failures(ledger, a, FACTS_FAILURES, &f->failures, &f->failure_count);
}

err *store_facts_glance(struct store *s, struct arena *a, struct store_facts *out) {
    *out = (struct store_facts){.failures = NULL};
    TRY(read_datasets(s, a, aest_now(), out));
    return read_ledger(s, a, out);
}

err *store_facts_read(struct store *s, struct arena *a, struct store_facts *out) {
    int reading;
    *out = (struct store_facts){.failures = NULL};
    TRY(store_read_begin(s, &reading));
    err *e = read_datasets(s, a, aest_now(), out);
    if (!e)
        e = count_rows(s, a, out);
    if (!e)
        e = grid_count_missing(s, &out->grid_missing);
    err *damage = e ? NULL : first_damage(out);
    if (!e && !damage)
        e = read_gaps(s, a, out);
    if (!e && !damage)
        e = read_unknown(s, a, out);
    store_read_end(reading);
    if (!e)
        e = read_ledger(s, a, out);
    if (!e)
        return damage;
    err_free(damage);
    return e;
}

bool store_facts_stale(const struct store_facts *f) {
    bool rows = false;
    for (int i = 0; i < DATASETS; i++) {
        if (f->datasets[i].stale && f->datasets[i].has_bounds)
            return true;
        rows = rows || f->datasets[i].has_bounds;
    }
    return !rows;
}

int64_t facts_last_look(const struct store_facts *f) {
    int64_t last = 0;
    for (int i = 0; i < FEEDS; i++)
        last = f->feeds[i].last_listed > last ? f->feeds[i].last_listed : last;
    return last;
}
