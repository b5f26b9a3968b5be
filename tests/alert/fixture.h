/* An engine over a store that is made by hand, with a clock of the test's. */
#ifndef TESTS_ALERT_FIXTURE_H
#define TESTS_ALERT_FIXTURE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "alert/engine.h"
#include "base/log.h"
#include "store/outbox.h"
#include "store/records.h"
#include "support/rows.h"

struct fixture {
    char *folder;
    struct arena memory;
    struct config config;
    struct alert_settings settings;
    struct alerts alerts;
    struct engine engine;
    aest_day day;
    int versions;
};

static inline int set_up(void **state) {
    struct fixture *f = mem_zalloc(1, sizeof *f);
    log_set_level(LOG_ERROR);
    use_memory_folders();
    f->folder = temporary_folder();
    f->settings = (struct alert_settings){.config = &f->config, .memory = &f->memory};
    f->day = day_of(2025, 8, 20);
    assert_ok(store_open(f->folder, STORE_WRITE, NULL, &f->engine.store));
    assert_ok(alerts_open_in_memory(&f->alerts));
    f->engine.alerts = &f->alerts;
    *state = f;
    return 0;
}

static inline int tear_down(void **state) {
    struct fixture *f = *state;
    struct store *s = f->engine.store;
    engine_close(&f->engine);
    alerts_close(&f->alerts);
    store_close(s);
    remove_folder(f->folder);
    config_free(&f->config);
    arena_free(&f->memory);
    free(f);
    return 0;
}

/* The rules called [name], or all, as [text] configures them. */
static inline void use(struct fixture *f, const char *text, const char *name) {
    struct sink *sinks;
    size_t kept = 0;
    assert_ok(config_parse(&f->config, "test", str_from(text)));
    assert_ok(rules_configure(&f->settings, &f->engine.uses, &f->engine.use_count));
    for (size_t i = 0; i < f->engine.use_count; i++)
        if (strcmp(f->engine.uses[i].name, name) == 0)
            f->engine.uses[kept++] = f->engine.uses[i];
    f->engine.use_count = kept;
    assert_int_equal(kept, 1);
    assert_ok(sinks_configure(&f->settings, &sinks, &f->engine.sink_count));
    f->engine.sinks = sinks;
}

struct row {
    const char *key;
    double value;
};

/* Rows of an interval, the first column of them; later calls are newer
 * versions. */
static inline void put(struct fixture *f, enum dataset_id dataset, int slot, const struct row *rows,
                       size_t count) {
    struct frame frame;
    struct frame_change change = {0};
    frame_init(&frame, &datasets[dataset], f->day + slot / dataset_slots(&datasets[dataset]));
    f->versions++;
    for (size_t i = 0; i < count; i++) {
        cell columns[DATASET_COLUMNS] = {CELL_MISSING};
        for (int c = 0; c < frame.columns; c++)
            if (frame.dataset->columns[c].type != COLUMN_TEXT)
                columns[c] = cell_from_double(c ? 0 : rows[i].value);
        if (dataset == PRICESTATUS5)
            columns[dataset_column(frame.dataset, STR("price_status"))] =
                frame_text(&frame, STR("NOT FIRM"));
        frame_put(&frame, frame_key(&frame, str_from(rows[i].key)), slot % frame.slots, 0,
                  AEST_DAY + f->versions, columns, &change);
    }
    assert_ok(store_commit(f->engine.store, &frame, &change));
    frame_free(&frame);
}

static inline int64_t time_of(const struct fixture *f, int slot) {
    return interval_to_unix(interval_day_start(f->day) + slot + 1);
}

/* One pass, [late_s] after the interval's end. */
static inline void pass(struct fixture *f, int slot, int late_s) {
    bool told;
    assert_ok(engine_pass(&f->engine, time_of(f, slot) + late_s, &told));
}

static inline void price(struct fixture *f, int slot, double nsw, double vic) {
    const struct row rows[] = {{"NSW1", nsw}, {"VIC1", vic}};
    put(f, PRICES5, slot, rows, 2);
    for (size_t i = 0; i < f->engine.use_count; i++)
        f->engine.uses[i].seen_at = 0; /* no status comes */
}

static inline void judge_price(struct fixture *f, int slot, double nsw, double vic) {
    price(f, slot, nsw, vic);
    pass(f, slot, 0);
    pass(f, slot, 10); /* past the wait for a status */
}

/* "alert NSW1; recovery NSW1 (old)": the decisions so far. */
static inline const char *decisions(struct fixture *f) {
    struct alert_decision *rows;
    size_t count;
    struct buf out = {0};
    assert_ok(alerts_history(&f->alerts, &f->memory, &(struct alert_history){.limit = 10000}, &rows,
                             &count));
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%s%s %s%s%s%s", i ? "; " : "", rows[i].kind, rows[i].key,
                   rows[i].unsent ? " (" : "", rows[i].unsent ? rows[i].unsent : "",
                   rows[i].unsent ? ")" : "");
    const char *text = str_dup(&f->memory, buf_str(&out));
    buf_free(&out);
    return text;
}

static inline struct parcel *messages(struct fixture *f, size_t *count) {
    struct parcel *out;
    assert_ok(outbox_waiting(&f->alerts, &f->memory, "log", f->engine.sinks[0].digests[0], 2000,
                             &out, count));
    return out;
}

static inline void assert_messages(struct fixture *f, size_t expected) {
    size_t count;
    messages(f, &count);
    assert_int_equal(count, expected);
}

/* A registry with a coal unit, a gas turbine and a battery. */
static inline void register_units(struct fixture *f) {
    static const struct {
        const char *duid, *fuel;
        double storage;
    } units[] = {{"BW01", "Black coal", NAN}, {"GT1", "OCGT", NAN}, {"BATT1", "Battery", 1000}};
    struct records r;
    bool changed;
    records_init(&r, UNITS);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct record_value v[RECORD_COLUMNS] = {{0}};
        v[UNIT_DUID] = record_text(str_from(units[i].duid));
        v[UNIT_FROM] = record_integer(0);
        v[UNIT_REGION] = record_text(STR("NSW1"));
        v[record_column(&record_tables[UNITS], STR("fuel"))] = record_text(str_from(units[i].fuel));
        v[record_column(&record_tables[UNITS], STR("storage_mwh"))] =
            record_number(units[i].storage);
        v[UNIT_CHANGED] = record_integer(AEST_DAY);
        records_put(&r, v);
    }
    records_settle(&r);
    assert_ok(records_commit(f->engine.store, &r, &changed));
    records_free(&r);
}

#endif
