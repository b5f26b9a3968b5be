#include "ops/migrate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "market/network.h"
#include "market/record_keep.h"
#include "market/registry.h"
#include "ops/pickle.h"
#include "store/alert_records.h"
#include "store/note.h"

enum { UNITS_BYTES = PICKLE_BYTES, DUCK_BYTES = 160 << 20 };

/* Five minutes before the half hours that can be made of them. */
static const enum dataset_id order[MIGRATED_TABLES] = {SCADA5,  PRICES5,  TRANSMISSION5, ROOFTOP30,
                                                       SCADA30, PRICES30, TRANSMISSION30};

struct work {
    const struct migrate *asked;
    struct migration *out;
    struct earlier_places places;
    struct duck duck;
    struct store *store; /* NULL in a dry run without one */
    struct thresholds limits;
};

static const char *words(struct work *w, err *e) {
    const char *text = str_dup(&w->out->memory, str_from(err_text(e)));
    err_free(e);
    return text;
}

/* What concerns a file alone is noted with it; the rest ends the migration. */
static err *note(struct work *w, err *e, const char **trouble) {
    if (!e || (err_kind(e) != ERR_INPUT && err_kind(e) != ERR_USAGE))
        return e;
    *trouble = words(w, e);
    return NULL;
}

/* -- tables -------------------------------------------------------------------------------------
 */

/* The time of a file's last change, on the market's clock. */
static aest_us written(const char *path) {
    int64_t seconds = file_stamp(path).modified_ns / 1000000000;
    return aest_from_unix(seconds);
}

static err *read_table(struct work *w, struct migrated_table *table) {
    struct table_file file = {0};
    TRY(table_file_make_room(&w->duck, table->path, DUCK_BYTES));
    err *e = table_file_open(&w->duck, table->dataset, table->path, w->asked->zone,
                             written(table->path), 0, &file);
    table->has_zone = file.has_zone;
    table->left = str_dup(&w->out->memory, buf_str(&file.left));
    table->first = file.first;
    table->last = file.last;
    const struct bring bring = {.store = w->store,
                                .duck = &w->duck,
                                .dry = w->asked->dry,
                                .limits = &w->limits,
                                .stop = w->asked->stop,
                                .progress = w->asked->progress,
                                .context = w->asked->context};
    if (!e)
        e = bring_file(&bring, &file, &table->brought);
    table_file_close(&file);
    return e;
}

static err *read_tables(struct work *w) {
    bool any = false;
    for (int i = 0; i < MIGRATED_TABLES; i++) {
        struct migrated_table *table = &w->out->tables[i];
        table->dataset = &datasets[order[i]];
        table->path = w->places.table[order[i]];
        if (!table->path)
            continue;
        any = true;
        struct file_stamp before = file_stamp(table->path);
        TRY(note(w, read_table(w, table), &table->trouble));
        if (!table->trouble && !file_stamp_eq(before, file_stamp(table->path)))
            table->trouble = "it was changed meanwhile: run this again";
    }
    return any ? NULL
               : err_new(ERR_USAGE, "none of the seven tables is there: no scada5.parquet, …; name "
                                    "their folder with --from, or their .env with --env");
}

/* -- beside the tables --------------------------------------------------------------------------
 */

static err *read_units(struct work *w) {
    struct migration *out = w->out;
    struct buf bytes = {0};
    struct records said;
    const char *slash = strrchr(out->units_file.path, '/');
    records_init(&said, UNIT_FACTS);
    err *e = file_read(out->units_file.path, UNITS_BYTES, &bytes);
    if (!e)
        e = err_wrap(earlier_units_read(buf_str(&bytes), slash ? slash + 1 : out->units_file.path,
                                        written(out->units_file.path), &said, &out->units),
                     "%s", out->units_file.path);
    if (!e && !w->asked->dry)
        e = registry_update(w->store, &said, &out->registry_changed);
    records_free(&said);
    buf_free(&bytes);
    return e;
}

/* A price over the threshold that was told of stays so: nemd tells when it is over, and not once
 * more that it began. One that is a week old was forgotten, not told. */
static err *arm(struct work *w, struct alerts *alerts) {
    const int64_t now = aest_to_unix(aest_now()), oldest = now - 7 * 86400;
    for (size_t i = 0; i < w->out->alert_count; i++) {
        const struct earlier_alert *a = &w->out->alerts[i];
        const char *region = str_dup(&w->out->memory, a->region);
        struct alert_state state;
        int64_t since = aest_to_unix(a->since);
        if (!a->is_high || !a->has_since || since < oldest || since > now ||
            !region_exists(a->region))
            continue;
        TRY(alerts_state(alerts, &w->out->memory, "price", region, &state));
        if (state.since) /* nemd has judged the region itself */
            continue;
        state = (struct alert_state){.level = 1,
                                     .told = 1,
                                     .since = since,
                                     .waits = NAN,
                                     .peak = a->last_price,
                                     .peak_at = since};
        TRY(alerts_put_state(alerts, "price", region, &state));
        w->out->alerts_armed++;
    }
    return NULL;
}

static err *arm_alerts(struct work *w) {
    struct alerts alerts = {0};
    err *e = alerts_open(&alerts, alerts_path(&w->out->memory, w->asked->data), w->asked->stop);
    if (!e)
        e = alerts_begin(&alerts);
    if (!e)
        e = arm(w, &alerts);
    if (!e)
        e = alerts_commit(&alerts);
    alerts_close(&alerts);
    return e;
}

static err *read_alerts(struct work *w) {
    struct migration *out = w->out;
    struct buf bytes = {0};
    err *e = file_read(out->alerts_file.path, PICKLE_BYTES, &bytes);
    if (!e) /* texts point into the bytes */
        e = err_wrap(earlier_alerts_read(&out->memory,
                                         (str){str_dup(&out->memory, buf_str(&bytes)), bytes.len},
                                         out->alerts, &out->alert_count),
                     "%s", out->alerts_file.path);
    buf_free(&bytes);
    if (!e && !w->asked->dry)
        e = arm_alerts(w);
    return e;
}

static const char origin[] = "earlier";

static err *forget_records(struct alerts *a, struct arena *memory, size_t *count) {
    struct alert_record *rows;
    size_t all;
    *count = 0;
    TRY(alerts_records(a, memory, &rows, &all));
    for (size_t i = 0; i < all; i++)
        *count += strcmp(rows[i].origin, origin) == 0;
    return record_keep_take_over(a, origin, NULL, 0);
}

err *migrate_forget_records(const char *data, size_t *count) {
    struct arena memory = {0};
    struct alerts alerts;
    struct store *s;
    TRY(store_open(data, STORE_READ, NULL, &s)); /* says where there is none */
    store_close(s);
    err *e = alerts_open(&alerts, alerts_path(&memory, data), NULL);
    if (!e) {
        e = forget_records(&alerts, &memory, count);
        alerts_close(&alerts);
    }
    arena_free(&memory);
    return e;
}

/* Its records of the renewable share stand until the store has better ones. */
static err *keep_records(struct work *w) {
    struct migration *out = w->out;
    struct record_from_outside records[EARLIER_RECORDS];
    struct alerts alerts = {0};
    for (size_t i = 0; i < out->record_count; i++) {
        const struct earlier_record *r = &out->records[i];
        records[i] = (struct record_from_outside){
            .measure = RECORD_SHARE,
            .extreme = RECORD_MAX,
            .area = RECORD_NEM,
            .hour = r->hour < 0 ? RECORD_ALL_HOURS : r->hour,
            .value = r->percent / 100,
            .at = r->has_at ? aest_to_unix(r->at) : 0,
        };
    }
    err *e = alerts_open(&alerts, alerts_path(&out->memory, w->asked->data), w->asked->stop);
    if (!e)
        e = record_keep_take_over(&alerts, origin, records, out->record_count);
    alerts_close(&alerts);
    if (!e)
        out->records_kept = out->record_count;
    return e;
}

static err *read_records(struct work *w) {
    struct migration *out = w->out;
    TRY(err_wrap(
        earlier_records_read(&w->duck, w->places.records, out->records, &out->record_count), "%s",
        w->places.records));
    return w->asked->dry || !out->record_count ? NULL : keep_records(w);
}

static err *read_small_files(struct work *w) {
    struct migration *out = w->out;
    out->units_file.path = w->places.units;
    out->alerts_file.path = w->places.alerts;
    out->records_file.path = w->places.records;
    if (w->places.units)
        TRY(note(w, read_units(w), &out->units_file.trouble));
    if (w->places.alerts)
        TRY(note(w, read_alerts(w), &out->alerts_file.trouble));
    if (w->places.records)
        TRY(note(w, read_records(w), &out->records_file.trouble));
    return NULL;
}

static err *read_settings(struct work *w) {
    struct migration *out = w->out;
    earlier_settings(&out->memory, &w->out->env, &out->settings, &out->setting_count);
    if (w->asked->dry || !w->asked->config_folder || !out->setting_count)
        return NULL;
    return note(w,
                earlier_settings_write(&out->memory, w->asked->config_folder, &w->out->env,
                                       out->settings, out->setting_count, &out->config_path,
                                       &out->secrets_path),
                &out->settings_file.trouble);
}

/* -- all ----------------------------------------------------------------------------------------
 */

static err *find(struct work *w) {
    const struct migrate *m = w->asked;
    struct arena *a = &w->out->memory;
    const char *env = m->env;
    if (!m->from && !env)
        return err_new(ERR_USAGE, "--from DIR or --env FILE is needed");
    if (m->from && !file_exists(m->from))
        return err_new(ERR_USAGE, "there is no folder %s", m->from);
    if (!env && file_exists(arena_printf(a, "%s/.env", m->from)))
        env = arena_printf(a, "%s/.env", m->from);
    if (env)
        TRY(config_read(&w->out->env, env));
    w->out->settings_file.path = env;
    const char *slash = env ? strrchr(env, '/') : NULL;
    const char *folder = slash ? arena_printf(a, "%.*s", (int)(slash - env), env) : ".";
    earlier_find(a, m->from, &w->out->env, folder, &w->places);
    return NULL;
}

static err *open_store(struct work *w) {
    const struct migrate *m = w->asked;
    struct arena a = {0};
    bool there = file_exists(arena_printf(&a, "%s/STORE", m->data));
    arena_free(&a);
    if (m->dry && !there)
        return NULL;
    TRY(store_open(m->data, m->dry ? STORE_READ : STORE_WRITE, m->stop, &w->store));
    return m->dry ? NULL : store_require_kind(w->store, false);
}

static err *run(struct work *w) {
    TRY(find(w));
    TRY(open_store(w));
    thresholds_built_in(&w->limits);
    w->duck.threads = 2;
    TRY(duck_run(&w->duck, "SET preserve_insertion_order = false"));
    TRY(read_tables(w));
    TRY(read_small_files(w));
    return read_settings(w);
}

/* Where the earlier system's rows end, table by table, is where gaps may be between it and nemd. Of
 * several runs the first counts, as nemd has collected since. */
static void leave_note(const struct migrate *m, const struct migration *done) {
    struct note before, n = {.text = {0}};
    err *e = note_read(m->data, "migration", &before);
    int64_t seam = note_number(&before, "seam", INT64_MAX);
    for (int i = 0; i < MIGRATED_TABLES; i++) {
        const struct migrated_table *t = &done->tables[i];
        if (t->path && !t->trouble && t->last && aest_to_unix(t->last) < seam)
            seam = aest_to_unix(t->last);
    }
    note_add(&n, "source", m->from ? m->from : m->env);
    note_add_number(&n, "failed", migration_failed(done));
    if (seam != INT64_MAX)
        note_add_number(&n, "seam", seam);
    if (!e)
        e = note_write(m->data, "migration", &n);
    err_free(e);
    note_free(&before);
    note_free(&n);
}

err *migrate_run(const struct migrate *m, struct migration *out) {
    struct work w = {.asked = m, .out = out};
    err *e = run(&w);
    if (!e && !m->dry)
        leave_note(m, out);
    duck_close(&w.duck);
    store_close(w.store);
    thresholds_free(&w.limits);
    return e;
}

void migration_free(struct migration *m) {
    config_free(&m->env);
    arena_free(&m->memory);
    *m = (struct migration){0};
}

bool migration_failed(const struct migration *m) {
    for (int i = 0; i < MIGRATED_TABLES; i++) {
        const struct migrated_table *t = &m->tables[i];
        if (t->trouble || t->brought.missing + t->brought.other > 0 ||
            t->brought.sum_file != t->brought.sum_store)
            return true;
    }
    return m->units_file.trouble || m->alerts_file.trouble || m->records_file.trouble;
}

bool migration_has_findings(const struct migration *m) {
    for (int i = 0; i < MIGRATED_TABLES; i++) {
        const struct migrated_table *t = &m->tables[i];
        for (int f = 0; f < ROW_FAULTS; f++)
            if (t->brought.faults.count[f])
                return true;
        if (!t->path || t->brought.midnights)
            return true;
    }
    return m->units.refused || m->settings_file.trouble;
}
