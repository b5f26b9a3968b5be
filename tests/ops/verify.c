#include "ops/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <utime.h>

#include "support/rows.h"

static const char *const five[] = {"NSW1", "QLD1", "SA1", "TAS1", "VIC1", NULL};
static const char *const units[] = {"BW01", "HPR1", NULL};

/* A store with a day of prices, region sums and units, which is whole. */
struct room {
    char *folder;
    struct arena memory;
    struct store *store;
    aest_day day;
    interval start;
    struct findings *found;
};

static struct room open_room(void) {
    struct room r = {.folder = temporary_folder(), .day = day_of(2025, 7, 20)};
    r.start = interval_day_start(r.day);
    r.found = mem_zalloc(1, sizeof *r.found);
    assert_ok(store_open(r.folder, STORE_WRITE, NULL, &r.store));
    commit_rows(r.store, PRICES5, r.day, five, NULL);
    commit_rows(r.store, SCADA5, r.day, units, NULL);
    return r;
}

static void close_room(struct room *r) {
    store_close(r->store);
    findings_free(r->found);
    free(r->found);
    arena_free(&r->memory);
    remove_folder(r->folder);
}

static void look(struct room *r) {
    const struct verify v = {.data = r->folder, .wanted = EVERY_DATASET};
    findings_free(r->found);
    assert_ok(verify_store(&v, r->found));
}

/* Looks, and expects [count] findings of [kind] and none of others; the first of them. */
static const struct finding *only(struct room *r, enum finding_kind kind, int64_t count) {
    look(r);
    for (int i = 0; i < FINDING_KINDS; i++)
        if (r->found->count[i] != (i == (int)kind ? count : 0))
            fail_msg("%lld of %s: %s", (long long)r->found->count[i], finding_name[i],
                     r->found->count[i] ? r->found->rows[i][0].text : "-");
    return &r->found->rows[kind][0];
}

static void assert_finding(const struct finding *f, const char *dataset, const char *file,
                           interval at, const char *key, const char *text) {
    assert_string_equal(f->dataset, dataset);
    if (file)
        assert_string_equal(f->file, file);
    assert_int_equal(f->at, at);
    if (key)
        assert_string_equal(f->key, key);
    if (!strstr(f->text, text))
        fail_msg("%s", f->text);
}

/* Replaces the day's file of a dataset by what SQL makes of it: "@" stands for the old file. */
static void rewrite(struct room *r, enum dataset_id dataset, const char *select) {
    struct duck duck = {0};
    struct buf sql = {0};
    const char *path = store_day_path(r->store, &r->memory, dataset, r->day),
               *old = arena_printf(&r->memory, "%s/old", r->folder);
    assert_int_equal(rename(path, old), 0);
    buf_add_str(&sql, STR("COPY ("));
    for (const char *at = select; *at; at++) {
        if (*at == '@')
            buf_printf(&sql, "read_parquet('%s')", old);
        else
            buf_add_char(&sql, *at);
    }
    buf_printf(&sql, ") TO '%s' (FORMAT parquet)", path);
    assert_ok(duck_run(&duck, buf_cstr(&sql)));
    assert_int_equal(remove(old), 0);
    duck_close(&duck);
    buf_free(&sql);
}

static void a_whole_store_has_nothing_to_say(void **state) {
    (void)state;
    struct room r = open_room();
    only(&r, FINDING_GAP, 0);
    assert_int_equal(r.found->files, 4); /* with the half hours */
    assert_int_equal(r.found->data_rows, 7 * 288 + 7 * 48);
    assert_ok(store_close_month(r.store, SCADA5, month_first(r.day)));
    assert_ok(store_close_month(r.store, SCADA30, month_first(r.day)));
    only(&r, FINDING_GAP, 0);
    close_room(&r);
}

static void bytes_that_are_no_parquet(void **state) {
    (void)state;
    struct room r = open_room();
    const char *path = store_day_path(r.store, &r.memory, PRICES5, r.day);
    struct buf bytes = {0};
    assert_ok(file_read(path, 1 << 24, &bytes));
    bytes.len -= 20; /* cut short */
    assert_ok(file_write_atomic(path, buf_str(&bytes)));
    assert_finding(only(&r, FINDING_DAMAGED, 1), "prices5", "prices5/2025/2025-07-20.parquet", 0,
                   NULL, "");
    assert_ok(file_write_atomic(path, STR("no more than this")));
    only(&r, FINDING_DAMAGED, 1);
    buf_free(&bytes);
    close_room(&r);
}

static void columns_that_are_others(void **state) {
    (void)state;
    struct room r = open_room();
    rewrite(&r, PRICES5,
            "SELECT settlementdate, regionid, rrp::FLOAT AS rrp, source, lastchanged"
            " FROM @");
    look(&r);
    assert_int_equal(r.found->count[FINDING_SCHEMA], 2);
    assert_finding(&r.found->rows[FINDING_SCHEMA][0], "prices5", NULL, 0, NULL, "rrp");
    close_room(&r);
}

static void rows_that_are_not_sorted_or_there_twice(void **state) {
    (void)state;
    struct room r = open_room();
    rewrite(&r, SCADA5, "SELECT * FROM @ ORDER BY duid DESC, settlementdate");
    assert_finding(only(&r, FINDING_ORDER, 1), "scada5", NULL, r.start + 1, "BW01",
                   "stands behind HPR1");
    rewrite(&r, SCADA5, "SELECT * FROM @ ORDER BY duid, settlementdate");
    only(&r, FINDING_ORDER, 0);
    rewrite(&r, SCADA5,
            "(FROM @ UNION ALL FROM @ WHERE duid = 'BW01' AND settlementdate ="
            " '2025-07-20 10:00') ORDER BY duid, settlementdate");
    assert_finding(only(&r, FINDING_DUPLICATE, 1), "scada5", NULL, r.start + 120, "BW01", "2 rows");
    close_room(&r);
}

static void times_off_the_grid_or_of_another_day(void **state) {
    (void)state;
    struct room r = open_room();
    rewrite(&r, PRICES5,
            "FROM @ UNION ALL SELECT TIMESTAMP '2025-07-21 00:05', 'VIC1', 50, NULL,"
            " TIMESTAMP '2025-07-20'");
    look(&r);
    assert_int_equal(r.found->count[FINDING_SPAN], 1);
    assert_finding(&r.found->rows[FINDING_SPAN][0], "prices5", NULL, r.start + 289, "VIC1",
                   "a time that the file is not for");
    rewrite(&r, PRICES5,
            "SELECT CASE WHEN settlementdate = '2025-07-20 10:00' AND regionid = 'SA1' THEN"
            " TIMESTAMP '2025-07-20 10:01' ELSE settlementdate END AS settlementdate,"
            " * EXCLUDE settlementdate FROM @ WHERE settlementdate <= '2025-07-21'");
    look(&r);
    assert_int_equal(r.found->count[FINDING_GRID], 1);
    assert_finding(&r.found->rows[FINDING_GRID][0], "prices5", NULL, r.start + 121, "SA1",
                   "10:01:00, which is no interval");
    close_room(&r);
}

static void values_that_can_not_be(void **state) {
    (void)state;
    struct room r = open_room();
    rewrite(&r, PRICES5,
            "SELECT * REPLACE (CASE WHEN settlementdate = '2025-07-20 10:00' AND regionid = 'SA1'"
            " THEN 20300.5 WHEN settlementdate = '2025-07-20 10:05' THEN 20300 ELSE rrp END AS rrp)"
            " FROM @");
    look(&r);
    assert_int_equal(r.found->count[FINDING_BOUNDS], 1); /* the cap itself is a price */
    assert_finding(&r.found->rows[FINDING_BOUNDS][0], "prices5", NULL, r.start + 120, "SA1",
                   "20300.5");
    assert_true(r.found->count[FINDING_DERIVED] > 0);
    rewrite(&r, SCADA5,
            "SELECT * REPLACE (CASE WHEN settlementdate = '2025-07-20 10:00' AND duid = 'BW01'"
            " THEN -3001 ELSE scadavalue END AS scadavalue) FROM @");
    look(&r);
    assert_int_equal(r.found->count[FINDING_BOUNDS], 2);
    assert_finding(&r.found->rows[FINDING_BOUNDS][1], "scada5", NULL, r.start + 120, "BW01",
                   "-3001.0 MW");
    close_room(&r);
}

static void region_sums_that_do_not_add_up(void **state) {
    (void)state;
    struct room r = open_room();
    commit_rows(r.store, REGIONS5, r.day, five, NULL); /* totaldemand, and else 0 */
    const struct finding *f = only(&r, FINDING_IDENTITY, 5 * 288);
    assert_finding(f, "regions5", "regions5/2025/2025-07-20.parquet", r.start + 1, "NSW1",
                   "totaldemand is");
    rewrite(&r, REGIONS5, "SELECT * REPLACE (totaldemand AS wdr_dispatched) FROM @");
    only(&r, FINDING_IDENTITY, 0); /* all of it was dispatched away */
    rewrite(&r, REGIONS5, "SELECT * REPLACE (0::DOUBLE AS wdr_dispatched) FROM @");
    rewrite(&r, REGIONS5,
            "SELECT * REPLACE (totaldemand - 12.005 AS netinterchange,"
            " 2 * totaldemand - 12 AS dispatchablegeneration) FROM @");
    only(&r, FINDING_IDENTITY, 0);
    rewrite(&r, REGIONS5,
            "SELECT * REPLACE (dispatchablegeneration + 1 AS dispatchablegeneration)"
            " FROM @ WHERE regionid <> 'SA1' OR settlementdate <> '2025-07-20 12:00'");
    look(&r);
    assert_int_equal(r.found->count[FINDING_IDENTITY], 5 * 288 - 1);
    close_room(&r);
}

static void a_reading_that_dispatch_contradicts(void **state) {
    (void)state;
    struct room r = open_room();
    commit_rows(r.store, DISPATCH5, r.day, units, NULL); /* initialmw is the same */
    only(&r, FINDING_IDENTITY, 0);
    rewrite(&r, DISPATCH5,
            "SELECT * REPLACE (CASE WHEN settlementdate = '2025-07-20 10:00'"
            " AND duid = 'HPR1' THEN 7 ELSE initialmw END AS initialmw) FROM @");
    assert_finding(only(&r, FINDING_IDENTITY, 1), "scada5", NULL, r.start + 120, "HPR1",
                   "initialmw of dispatch5 7.0");
    close_room(&r);
}

static void half_hours_that_are_not_those_of_their_five_minutes(void **state) {
    (void)state;
    struct room r = open_room();
    rewrite(&r, SCADA30,
            "SELECT * REPLACE (CASE WHEN settlementdate = '2025-07-20 10:00' AND duid = 'HPR1' THEN"
            " 7 ELSE scadavalue END AS scadavalue) FROM @ WHERE NOT (duid = 'BW01' AND"
            " settlementdate = '2025-07-20 12:00')");
    only(&r, FINDING_DERIVED, 2);
    assert_finding(&r.found->rows[FINDING_DERIVED][0], "scada30", NULL, r.start + 144, "BW01",
                   "is not there");
    assert_finding(&r.found->rows[FINDING_DERIVED][1], "scada30", NULL, r.start + 120, "HPR1",
                   "not the mean");
    assert_ok(store_derive(r.store, SCADA5, r.day));
    only(&r, FINDING_DERIVED, 0);
    close_room(&r);
}

static void half_hours_that_were_traded_are_means_too(void **state) {
    (void)state;
    struct room r = open_room();
    struct frame f;
    struct frame_change change = {0};
    aest_day day = day_of(2019, 7, 20);
    commit_rows(r.store, PRICES5, day, five, NULL);
    frame_init(&f, &datasets[PRICES30], day);
    for (int i = 0; five[i]; i++)
        for (int slot = 0; slot < 48; slot++)
            put_row(&f, five[i], slot, slot * 6 + 2.5 + day % 7 * 0.5 + 1 + (slot == 3 && i == 2));
    assert_ok(store_commit(r.store, &f, &change));
    look(&r);
    assert_int_equal(r.found->count[FINDING_IDENTITY], 1);
    assert_finding(&r.found->rows[FINDING_IDENTITY][0], "prices30", NULL,
                   interval_day_start(day) + 24, "SA1", "the mean of six");
    frame_free(&f);
    close_room(&r);
}

/* One reading all through some slots of a day, and others in the rest. */
static void commit_still(struct room *r, const char *duid, int first, int last, double value) {
    struct frame f;
    struct frame_change change = {0};
    frame_init(&f, &datasets[SCADA5], r->day);
    for (int slot = 0; slot < 288; slot++)
        put_row(&f, duid, slot, slot >= first && slot <= last ? value : slot * 0.37 + 1);
    assert_ok(store_commit(r->store, &f, &change));
    frame_free(&f);
}

static void a_reading_that_stands_still(void **state) {
    (void)state;
    struct room r = open_room();
    commit_still(&r, "STUCK", 50, 85, 61.23456);
    commit_still(&r, "SHORT", 50, 84, 61.23456);
    commit_still(&r, "OFF", 50, 150, 0);
    commit_still(&r, "NIGHT", 50, 150, -0.3);
    commit_still(&r, "STEADY", 0, 287, 100);
    assert_finding(only(&r, FINDING_FROZEN, 1), "scada5", NULL, r.start + 51, "STUCK",
                   "61.23456 MW for 36 intervals");
    close_room(&r);
}

static void what_the_ledger_says_is_there(void **state) {
    (void)state;
    struct room r = open_room();
    struct ledger *ledger;
    assert_ok(store_ledger(r.store, &ledger));
    struct ledger_content content = {"prices5", r.start + 5, r.start + 288, 5};
    assert_ok(ledger_done(ledger, "dispatchis", STR("in.zip"), 1, 1, &content, 1));
    only(&r, FINDING_LEDGER, 0);
    content.first = r.start - 3;
    assert_ok(ledger_done(ledger, "dispatchis", STR("out.zip"), 1, 1, &content, 1));
    assert_finding(only(&r, FINDING_LEDGER, 1), "prices5", NULL, r.start - 3, NULL,
                   "dispatchis out.zip");
    close_room(&r);
}

static void make_old(const char *path) {
    struct utimbuf old = {1000000000, 1000000000};
    assert_ok(file_write_atomic(path, STR("x")));
    assert_int_equal(utime(path, &old), 0);
}

static void what_does_not_belong_into_the_folders(void **state) {
    (void)state;
    struct room r = open_room();
    struct buf bytes = {0};
    const char *day = store_day_path(r.store, &r.memory, PRICES5, r.day);
    make_old(arena_printf(&r.memory, "%s/prices5/2025/.2025-07-20.parquet.tmp", r.folder));
    make_old(arena_printf(&r.memory, "%s/prices5/2025/notes.txt", r.folder));
    make_old(arena_printf(&r.memory, "%s/.backfill-1-2-0", r.folder));
    only(&r, FINDING_STRAY, 3);
    assert_int_equal(remove(arena_printf(&r.memory, "%s/prices5/2025/notes.txt", r.folder)), 0);
    assert_ok(file_read(day, 1 << 24, &bytes));
    assert_ok(store_close_month(r.store, PRICES5, month_first(r.day)));
    assert_ok(file_write_atomic(day, buf_str(&bytes)));
    look(&r);
    assert_int_equal(r.found->count[FINDING_STRAY], 2);
    assert_int_equal(r.found->count[FINDING_HIDDEN], 1);
    assert_finding(&r.found->rows[FINDING_HIDDEN][0], "prices5", "prices5/2025/2025-07-20.parquet",
                   0, NULL, "hides");
    buf_free(&bytes);
    close_room(&r);
}

static bool morning(const char *key, aest_day day, int slot) {
    (void)key, (void)day;
    return slot < 100;
}

static void gaps_are_findings(void **state) {
    (void)state;
    struct room r = open_room();
    commit_rows(r.store, PRICES5, r.day + 2, five, morning);
    const struct finding *f = only(&r, FINDING_GAP, 1);
    assert_int_equal(f->at, r.start + 289);
    assert_true(strstr(f->text, "288 intervals") != NULL);
    close_room(&r);
}

/* What is asked for is looked at, and no more. */
static void a_range_and_datasets(void **state) {
    (void)state;
    struct room r = open_room();
    commit_rows(r.store, PRICES5, r.day + 2, five, NULL);
    struct verify v = {.data = r.folder, .wanted = DATASET_BIT(PRICES5)};
    v.first = r.start + 1;
    v.last = r.start + 288;
    assert_ok(verify_store(&v, r.found));
    assert_int_equal(r.found->files, 1);
    assert_int_equal(findings_count(r.found), 0);
    close_room(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_store_has_nothing_to_say),
        cmocka_unit_test(bytes_that_are_no_parquet),
        cmocka_unit_test(columns_that_are_others),
        cmocka_unit_test(rows_that_are_not_sorted_or_there_twice),
        cmocka_unit_test(times_off_the_grid_or_of_another_day),
        cmocka_unit_test(values_that_can_not_be),
        cmocka_unit_test(region_sums_that_do_not_add_up),
        cmocka_unit_test(a_reading_that_dispatch_contradicts),
        cmocka_unit_test(half_hours_that_are_not_those_of_their_five_minutes),
        cmocka_unit_test(half_hours_that_were_traded_are_means_too),
        cmocka_unit_test(a_reading_that_stands_still),
        cmocka_unit_test(what_the_ledger_says_is_there),
        cmocka_unit_test(what_does_not_belong_into_the_folders),
        cmocka_unit_test(gaps_are_findings),
        cmocka_unit_test(a_range_and_datasets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
