/* Each rule by itself: a case that fires, one that stays quiet, and that it
 * says so once. */
#include <math.h>
#include <time.h>

#include "alert/fixture.h"
#include "collect/feeds.h"
#include "store/ledger.h"
#include "store/note.h"

/* A rule that is off unless a setting asks for it. */
static void assert_off(struct fixture *f, const char *name) {
    struct rule_use *uses;
    size_t count;
    assert_ok(rules_configure(&f->settings, &uses, &count));
    for (size_t i = 0; i < count; i++)
        assert_string_not_equal(uses[i].name, name);
}

/* A row of which one column is [value], the others missing. */
static void put_column(struct fixture *f, enum dataset_id dataset, int slot, const char *key,
                       const char *column, double value) {
    struct frame frame;
    struct frame_change change = {0};
    cell columns[DATASET_COLUMNS];
    frame_init(&frame, &datasets[dataset], f->day + slot / dataset_slots(&datasets[dataset]));
    for (int c = 0; c < DATASET_COLUMNS; c++)
        columns[c] = CELL_MISSING;
    if (!isnan(value))
        columns[dataset_column(frame.dataset, str_from(column))] = cell_from_double(value);
    frame_put(&frame, frame_key(&frame, str_from(key)), slot % frame.slots, 0,
              AEST_DAY + ++f->versions, columns, &change);
    assert_ok(store_commit(f->engine.store, &frame, &change));
    frame_free(&frame);
}

/* -- prices -------------------------------------------------------------------------------------
 */

static void a_cumulative_price_is_told_at_each_of_its_steps(void **state) {
    struct fixture *f = *state;
    struct thresholds limits = {0};
    static const double percent[] = {40, 49.9, 50, 46, 51, 76, 60, 76, 100, 99, 100, 45.1, 45, 44};
    size_t count;
    use(f, "", "cumulative");
    thresholds_built_in(&limits);
    double whole = thresholds_at(&limits, interval_day_start(f->day))->cumulative;
    thresholds_free(&limits);
    for (int i = 0; i < 14; i++) {
        put_column(f, PRICESTATUS5, 100 + i, "NSW1", "cumul_pre_ap_energy_price",
                   whole * percent[i] / 100);
        put_column(f, PRICESTATUS5, 100 + i, "VIC1", "cumul_pre_ap_energy_price",
                   i % 2 ? (double)NAN : whole * 0.499);
        pass(f, 100 + i, 0);
    }
    assert_string_equal(decisions(f),
                        "alert NSW1; escalation NSW1; escalation NSW1; recovery NSW1");
    struct parcel *m = messages(f, &count);
    assert_non_null(strstr(m[2].message.title, "Cumulative price threshold: NSW1 100.0 %"));
    assert_int_equal(m[2].message.severity, ALERT_CRITICAL);
}

static void prices_that_are_administered_or_suspended_are_told(void **state) {
    struct fixture *f = *state;
    static const struct {
        double apcflag, suspended;
    } kinds[] = {{0, 0}, {2, 0}, {4, 0}, {1, 0}, {3, 0}, {1, 0},
                 {1, 1}, {0, 1}, {1, 0}, {0, 0}, {0, 0}};
    struct frame frame;
    use(f, "", "administered");
    for (int i = 0; i < 11; i++) {
        struct frame_change change = {0};
        frame_init(&frame, &datasets[PRICESTATUS5], f->day);
        for (int region = 0; region < 2; region++) {
            cell columns[DATASET_COLUMNS];
            for (int c = 0; c < DATASET_COLUMNS; c++)
                columns[c] = CELL_MISSING;
            columns[dataset_column(frame.dataset, STR("apcflag"))] =
                cell_from_double(region ? 2 : kinds[i].apcflag); /* VIC1: an override each time */
            columns[dataset_column(frame.dataset, STR("marketsuspendedflag"))] =
                cell_from_double(region ? 0 : kinds[i].suspended);
            frame_put(&frame, frame_key(&frame, region ? STR("VIC1") : STR("SA1")), 100 + i, 0,
                      AEST_DAY, columns, &change);
        }
        assert_ok(store_commit(f->engine.store, &frame, &change));
        frame_free(&frame);
        pass(f, 100 + i, 0);
        pass(f, 100 + i, 30);
    }
    assert_string_equal(decisions(f), "alert SA1; escalation SA1; recovery SA1");
}

/* Rows of old files lack columns. */
static void a_suspension_is_told_without_the_other_flag(void **state) {
    struct fixture *f = *state;
    use(f, "", "administered");
    put_column(f, PRICESTATUS5, 100, "SA1", "marketsuspendedflag", 0);
    pass(f, 100, 0);
    put_column(f, PRICESTATUS5, 101, "SA1", "marketsuspendedflag", 1);
    pass(f, 101, 0);
    assert_string_equal(decisions(f), "alert SA1");
}

/* -- batteries ----------------------------------------------------------------------------------
 */

static void batteries_that_run_empty_are_told_once_until_they_are_charged(void **state) {
    struct fixture *f = *state;
    static const double stored[] = {300, 51, 50, 80, 40, 149.9, NAN, 10, 150, 160, 49};
    register_units(f); /* 1,000 MWh in NSW1 */
    use(f, "", "battery");
    for (int i = 0; i < 11; i++) {
        put_column(f, REGIONS5, 100 + i, "NSW1", "bdu_energy_storage", stored[i]);
        put_column(f, REGIONS5, 100 + i, "TAS1", "bdu_energy_storage", 0); /* has no batteries */
        pass(f, 100 + i, 0);
    }
    assert_string_equal(decisions(f), "alert NSW1; recovery NSW1; alert NSW1");
}

/* -- what is to come ----------------------------------------------------------------------------
 */

/* The price that a run has for so many of its steps ahead. */
static void put_ahead(struct fixture *f, enum dataset_id dataset, int slot, const char *region,
                      int horizon, double price) {
    char room[64];
    str key = forecast_key(room, str_from(region), horizon);
    put_column(f, dataset, slot, str_dup(&f->memory, key), "rrp", price);
}

static void a_high_price_ahead_is_told_where_it_is_wanted(void **state) {
    struct fixture *f = *state;
    static const double ahead[] = {999, 1000, 5000, 999, 501, 1200, 500, 499};
    size_t count;
    assert_off(f, "price_forecast");
    use(f, "FORECAST_PRICE_THRESHOLD=1000", "price_forecast");
    for (int i = 0; i < 8; i++) {
        put_ahead(f, P5MIN, 100 + i, "NSW1", 1, 80);
        put_ahead(f, P5MIN, 100 + i, "NSW1", 6, ahead[i]);
        put_ahead(f, P5MIN, 100 + i, "VIC1", 6, 999.99);
        pass(f, 100 + i, 0);
        pass(f, 100 + i, 60);
    }
    assert_string_equal(decisions(f), "alert NSW1; recovery NSW1");
    struct parcel *m = messages(f, &count);
    assert_non_null(strstr(m[0].message.text,
                           "NSW1 $1,000.00/MWh at 2025/08/20 09:00")); /* 08:30 and 6 steps */
}

/* Over twelve hours ahead it is no news yet. */
static void a_high_price_in_pre_dispatch_is_told_where_it_is_wanted(void **state) {
    struct fixture *f = *state;
    size_t count;
    assert_off(f, "price_predispatch");
    use(f, "PREDISPATCH_PRICE_THRESHOLD=1000", "price_predispatch");
    for (int run = 0; run < 5; run++) {
        put_ahead(f, PREDISPATCH, 20 + run, "NSW1", 26 - run, run < 4 ? 5000 : 400);
        put_ahead(f, PREDISPATCH, 20 + run, "VIC1", 3, 999);
        pass(f, (20 + run) * 6 + 5, 0);
        pass(f, (20 + run) * 6 + 5, 60);
    }
    assert_string_equal(decisions(f), "alert NSW1; recovery NSW1");
    struct parcel *m = messages(f, &count);
    assert_int_equal(m[0].message.at, time_of(f, 22 * 6 + 5));
    assert_non_null(strstr(m[0].message.text, "High price in pre-dispatch: NSW1 $5,000.00/MWh at "
                                              "2025/08/20 23:30"));
}

static void a_pre_dispatch_price_that_moves_is_told_of_each_run(void **state) {
    struct fixture *f = *state;
    size_t count;
    assert_off(f, "predispatch");
    use(f, "PREDISPATCH_MOVE_THRESHOLD=300", "predispatch");
    /* the price of one half hour, as runs see it that come nearer; of one just
     * beyond six hours; and of another region, which stays below the threshold */
    static const double price[] = {100, 399.99, 700, 700, 350};
    for (int run = 0; run < 5; run++) {
        put_ahead(f, PREDISPATCH, 20 + run, "NSW1", 10 - run, price[run]);
        put_ahead(f, PREDISPATCH, 20 + run, "NSW1", 40 - run, 1000 * run);
        put_ahead(f, PREDISPATCH, 20 + run, "VIC1", 10 - run, run * 299.9);
        pass(f, (20 + run) * 6 + 5, 0);
        pass(f, (20 + run) * 6 + 5, 60);
    }
    assert_string_equal(decisions(f), "alert NSW1; alert NSW1");
    struct parcel *m = messages(f, &count);
    assert_non_null(strstr(m[0].message.text, "$399.99 to $700.00/MWh"));
    assert_non_null(strstr(m[1].message.text, "$700.00 to $350.00/MWh"));
}

/* -- this machine's part ------------------------------------------------------------------------
 */

static bool not_hundred_to_102(const char *key, aest_day day, int slot) {
    return slot < 100 || slot > 102 || day != day_of(2025, 8, 20) || !*key;
}

static void a_gap_is_told_once_repair_had_its_time(void **state) {
    struct fixture *f = *state;
    static const char *const five[] = {"NSW1", "QLD1", "SA1", "TAS1", "VIC1", NULL};
    size_t count;
    use(f, "", "gap");
    commit_rows(f->engine.store, PRICES5, f->day, five, not_hundred_to_102);
    commit_rows(f->engine.store, PRICES5, f->day + 1, five, NULL);
    pass(f, 160, 0); /* not yet six hours */
    assert_string_equal(decisions(f), "");
    for (int hour = 0; hour < 24; hour++)
        pass(f, 102 + 84 + 12 * hour, 0);
    assert_string_equal(decisions(f), "alert prices5");
    struct parcel *m = messages(f, &count);
    assert_non_null(strstr(m[0].message.text, "prices5 3 intervals missing, the first prices5, "
                                              "2025/08/20 08:25 to 2025/08/20 08:35"));
    assert_null(strstr(m[0].message.text, "at or above"));
    commit_rows(f->engine.store, PRICES5, f->day, five, NULL);
    pass(f, 102 + 84 + 12 * 25, 0);
    pass(f, 102 + 84 + 12 * 26, 0);
    assert_string_equal(decisions(f), "alert prices5; recovery prices5");
    m = messages(f, &count);
    assert_non_null(
        strstr(m[1].message.text, "No gap left: prices5 complete; peak 3 intervals missing at "));
}

static void a_disk_that_is_nearly_full_is_told(void **state) {
    struct fixture *f = *state;
    size_t count;
    use(f, "ALERT_DISK_GB=0.0001", "disk");
    pass(f, 100, 0);
    assert_string_equal(decisions(f), "");
    use(f, "ALERT_DISK_GB=1e9", "disk");
    for (int minute = 0; minute < 30; minute++)
        pass(f, 101, minute * 60);
    assert_string_equal(decisions(f), "alert disk");
    struct parcel *m = messages(f, &count);
    assert_non_null(strstr(m[0].message.title, "Disk full: disk"));
    struct ladder *l = &f->engine.uses[0].ladder; /* room is made, first not enough of it */
    l->steps[0].from = l->steps[1].from = 0.0001;
    pass(f, 110, 0);
    assert_string_equal(decisions(f), "alert disk");
    l->clear = 0.0002;
    pass(f, 111, 0);
    pass(f, 112, 0);
    assert_string_equal(decisions(f), "alert disk; recovery disk");
}

static void at_minute(struct fixture *f, int64_t begin, int minute) {
    bool told;
    assert_ok(engine_pass(&f->engine, begin + minute * 60, &told));
}

/* The ledger as a later look leaves it. */
static void look_later(const char *path, int64_t at) {
    struct sql s;
    assert_ok(sql_open(&s, "the ledger", path, SQLITE_OPEN_READWRITE, "", NULL));
    assert_ok(sql_run(&s, "UPDATE feeds SET listed = ?1", "i", at));
    sql_close(&s);
}

static void a_collector_that_stopped_is_told(void **state) {
    struct fixture *f = *state;
    struct ledger *ledger;
    const char *path = arena_printf(&f->memory, "%s/state.db", f->folder);
    use(f, "", "collector");
    int64_t begin = time(NULL);
    at_minute(f, begin, 0); /* nobody ever looked: it may not be meant to run */
    assert_string_equal(decisions(f), "");
    assert_ok(ledger_open(path, NULL, &ledger));
    begin = time(NULL);
    assert_ok(ledger_listed(ledger, feeds[0].name, NULL));
    for (int minute = 1; minute <= 18; minute++)
        at_minute(f, begin, minute);
    assert_string_equal(decisions(f), "");
    for (int minute = 19; minute < 600; minute++)
        at_minute(f, begin, minute);
    assert_string_equal(decisions(f), "alert collector; escalation collector");
    look_later(path, begin + 600 * 60);
    at_minute(f, begin, 601);
    at_minute(f, begin, 602);
    assert_string_equal(decisions(f), "alert collector; escalation collector; recovery collector");
    ledger_close(ledger);
}

/* A note as backups leave it. */
static void note_backup(struct fixture *f, int64_t last, const char *error) {
    struct note n = {.text = {0}};
    note_add_number(&n, "ok", !error);
    note_add_number(&n, "failures", error ? 1 : 0);
    note_add(&n, "to", "nas:nemd");
    note_add_number(&n, "last", last);
    note_add(&n, "error", error);
    assert_ok(note_write(f->folder, "backup", &n));
    note_free(&n);
}

static void tick(struct fixture *f, int64_t now) {
    bool told;
    assert_ok(engine_pass(&f->engine, now, &told));
}

static void a_backup_that_gets_old_is_told_and_a_new_one_ends_it(void **state) {
    struct fixture *f = *state;
    const int64_t hour = 3600, start = time_of(f, 0);
    use(f, "", "backup");
    tick(f, start); /* nobody ever made one */
    assert_string_equal(decisions(f), "");
    note_backup(f, start, NULL);
    tick(f, start + 35 * hour);
    assert_string_equal(decisions(f), "");
    note_backup(f, start, "the disk is full");
    tick(f, start + 36 * hour);
    tick(f, start + 36 * hour + 600); /* what is so at a start has to last */
    tick(f, start + 60 * hour);
    assert_string_equal(decisions(f), "alert backup");
    assert_messages(f, 1);
    tick(f, start + 180 * hour);
    note_backup(f, start + 181 * hour, NULL);
    tick(f, start + 182 * hour);
    assert_string_equal(decisions(f), "alert backup; escalation backup; recovery backup");
    assert_messages(f, 3);
}

/* Made by a clock that was set back since. */
static void a_backup_of_the_future_is_told(void **state) {
    struct fixture *f = *state;
    const int64_t hour = 3600, start = time_of(f, 0);
    use(f, "", "backup");
    note_backup(f, start + 100 * hour, NULL);
    tick(f, start);
    tick(f, start + 600); /* what is so at a start has to last */
    assert_string_equal(decisions(f), "alert backup");
    note_backup(f, start + hour + 1, NULL); /* a second's difference is none */
    tick(f, start + hour);
    assert_string_equal(decisions(f), "alert backup; recovery backup");
}

static void a_backup_that_fails_is_told_before_it_is_old(void **state) {
    struct fixture *f = *state;
    size_t count;
    const int64_t start = time_of(f, 0);
    use(f, "", "backup_failed");
    tick(f, start); /* nobody ever made one */
    note_backup(f, start, NULL);
    tick(f, start + 60);
    assert_string_equal(decisions(f), "");
    note_backup(f, start, "/mnt/b isn't there");
    for (int minute = 2; minute < 600; minute++)
        tick(f, start + minute * 60);
    assert_string_equal(decisions(f), "alert backup");
    struct parcel *m = messages(f, &count);
    assert_non_null(
        strstr(m[0].message.text, "Backup failed: backup once, to nas:nemd: /mnt/b isn't there"));
    note_backup(f, start + 36000, NULL);
    tick(f, start + 36060);
    assert_string_equal(decisions(f), "alert backup; recovery backup");
}

/* The first one of all: there is none that could be old. */
static void a_first_backup_that_fails_is_told(void **state) {
    struct fixture *f = *state;
    use(f, "", "backup_failed");
    note_backup(f, 0, "no such folder");
    tick(f, time_of(f, 0));
    assert_string_equal(decisions(f), "alert backup");
}

static void a_backup_is_not_watched_where_that_is_not_wanted(void **state) {
    struct fixture *f = *state;
    assert_ok(config_parse(&f->config, "test", STR("ALERT_BACKUP_HOURS=0")));
    assert_off(f, "backup");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_cumulative_price_is_told_at_each_of_its_steps),
        TEST(prices_that_are_administered_or_suspended_are_told),
        TEST(a_suspension_is_told_without_the_other_flag),
        TEST(batteries_that_run_empty_are_told_once_until_they_are_charged),
        TEST(a_high_price_ahead_is_told_where_it_is_wanted),
        TEST(a_high_price_in_pre_dispatch_is_told_where_it_is_wanted),
        TEST(a_pre_dispatch_price_that_moves_is_told_of_each_run),
        TEST(a_gap_is_told_once_repair_had_its_time),
        TEST(a_disk_that_is_nearly_full_is_told),
        TEST(a_collector_that_stopped_is_told),
        TEST(a_backup_that_gets_old_is_told_and_a_new_one_ends_it),
        TEST(a_backup_of_the_future_is_told),
        TEST(a_backup_that_fails_is_told_before_it_is_old),
        TEST(a_first_backup_that_fails_is_told),
        TEST(a_backup_is_not_watched_where_that_is_not_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
