#include "market/refresh.h"

#include "collect/reference.h"
#include "collect/registration.h"
#include "market/registry.h"
#include "market/thresholds.h"

/* What a month says, on its way into the store. */
struct month {
    struct source *source;
    struct arena *memory;
    struct reference files;
    struct registration registration;
    struct records facts, thresholds;
};

static err *take_threshold(void *context, const struct mms_row *row, aest_us published) {
    struct month *m = context;
    (void)published;
    return str_eq_nocase(row->table->subtable, STR("MARKET_PRICE_THRESHOLDS"))
               ? threshold_put_row(&m->thresholds, row, m->files.month)
               : NULL;
}

static err *read_table(struct month *m, const char *table, reference_row *take, void *context,
                       struct refreshed *out) {
    bool found;
    TRY(reference_read(m->source, &m->files, table, take, context, &found));
    if (!found)
        out->missing =
            arena_printf(m->memory, "%s%s%s", out->missing, *out->missing ? " " : "", table);
    return NULL;
}

static err *read_month(struct month *m, struct refreshed *out) {
    TRY(reference_newest(m->source, m->memory, registration_tables[0], &m->files));
    out->month = m->files.month;
    for (int i = 0; i < REGISTRATION_TABLES; i++)
        TRY(read_table(m, registration_tables[i], registration_row, &m->registration, out));
    TRY(read_table(m, "MARKET_PRICE_THRESHOLDS", take_threshold, m, out));
    registration_facts(&m->registration, out->month, &m->facts);
    thresholds_put_built_in(&m->thresholds);
    return NULL;
}

err *market_refresh(struct store *s, struct source *source, struct arena *a,
                    struct refreshed *out) {
    struct month m = {.source = source, .memory = a};
    *out = (struct refreshed){.missing = ""};
    records_init(&m.facts, UNIT_FACTS);
    records_init(&m.thresholds, THRESHOLDS);
    err *e = read_month(&m, out);
    if (!e)
        e = store_require_kind(s, source_is_simulated(source));
    if (!e)
        e = registry_update(s, &m.facts, &out->units);
    if (!e)
        e = records_commit(s, &m.thresholds, &out->thresholds);
    registration_free(&m.registration);
    records_free(&m.facts);
    records_free(&m.thresholds);
    return e;
}
