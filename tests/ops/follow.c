#include "ops/follow.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/note.h"
#include "support/rows.h"

static const char *const regions[] = {"NSW1", "QLD1", "SA1", "TAS1", "VIC1", NULL};
static const char *const units[] = {"BW01", "HPR1", NULL};
static const char *const links[] = {"V-SA", NULL};

static interval latest;

static bool has_come(const char *key, aest_day day, int slot) {
    (void)key;
    return interval_day_start(day) + slot + 1 <= latest;
}

static bool half_hour_has_come(const char *key, aest_day day, int slot) {
    (void)key;
    return interval_day_start(day) + (slot + 1) * 6 <= latest;
}

/* A store with three days up to now, and an earlier system whose seven files say the same. */
struct room {
    char *folder, *data;
    const char *old;
    struct arena memory;
    struct stop stop;
    struct follow asked;
    struct followed found;
};

/* Writes a file of the earlier system: what SQL makes of the store's tables. */
static void write_old(struct room *r, const char *name, const char *select) {
    struct store *s;
    struct duck d = {0};
    int reading;
    const char *path = arena_printf(&r->memory, "%s/%s.parquet", r->old, name);
    assert_ok(store_open(r->data, STORE_READ, NULL, &s));
    assert_ok(store_read_begin(s, &reading));
    assert_ok(store_make_views(s, &d));
    assert_ok(
        duck_run(&d, arena_printf(&r->memory, "COPY (%s) TO '%s' (FORMAT parquet)", select, path)));
    duck_close(&d);
    store_read_end(reading);
    store_close(s);
}

static const char *const earlier[MIGRATED_TABLES] = {
    "scada5", "scada30", "prices5", "prices30", "transmission5", "transmission30", "rooftop30"};

static struct room open_room(void) {
    struct room r = {.folder = temporary_folder()};
    struct store *s;
    latest = interval_at_or_before(aest_now());
    r.data = arena_printf(&r.memory, "%s/store", r.folder);
    r.old = arena_printf(&r.memory, "%s/old", r.folder);
    assert_ok(file_make_folders(r.old));
    assert_ok(store_open(r.data, STORE_WRITE, NULL, &s));
    for (aest_day day = interval_day(latest) - 2; day <= interval_day(latest); day++) {
        commit_rows(s, PRICES5, day, regions, has_come);
        commit_rows(s, SCADA5, day, units, has_come);
        commit_rows(s, TRANSMISSION5, day, links, has_come);
        commit_rows(s, ROOFTOP30, day, regions, half_hour_has_come);
    }
    store_close(s);
    for (int i = 0; i < MIGRATED_TABLES; i++)
        write_old(&r, earlier[i],
                  arena_printf(&r.memory, "SELECT * EXCLUDE (lastchanged) FROM %s", earlier[i]));
    struct note n = {.text = {0}};
    note_add_number(&n, "seam", interval_to_unix(latest - INTERVALS_PER_DAY));
    assert_ok(note_write(r.data, "migration", &n));
    note_free(&n);
    return r;
}

static void close_room(struct room *r) {
    remove_folder(r->folder);
    arena_free(&r->memory);
}

/* Compares; what was found of a table. [why] has to be in what speaks against stopping the earlier
 * system; NULL: nothing does. */
static const struct followed_table *compare(struct room *r, const char *name, const char *why) {
    struct followed last;
    assert_ok(stop_init(&r->stop));
    r->asked = (struct follow){.data = r->data, .from = r->old, .stop = &r->stop};
    assert_ok(follow_compare(&r->asked, &r->memory, &r->found));
    stop_close(&r->stop);
    if (!why != r->found.safe || (why && !strstr(r->found.why, why)))
        fail_msg("%s: %s", r->found.safe ? "safe" : "not safe", r->found.why ? r->found.why : "-");
    assert_ok(follow_last(&r->memory, r->data, &last)); /* the note says the same */
    assert_string_equal(last.from, r->old);
    assert_int_equal(last.safe, r->found.safe);
    for (int i = 0; i < MIGRATED_TABLES; i++) {
        const struct followed_table *a = &r->found.tables[i], *b = &last.tables[i];
        assert_int_equal(a->rows, b->rows);
        assert_int_equal(a->different, b->different);
        assert_int_equal(a->missing, b->missing);
        assert_int_equal(a->by_rule, b->by_rule);
        assert_int_equal(a->last, b->last);
        assert_string_equal(a->trouble ? a->trouble : "", b->trouble ? b->trouble : "");
    }
    for (int i = 0; i < MIGRATED_TABLES; i++)
        if (strcmp(r->found.tables[i].dataset->name, name) == 0)
            return &r->found.tables[i];
    fail_msg("no table %s", name);
    return NULL;
}

static const char *at(struct room *r, int before) {
    char text[AEST_TEXT];
    aest_format_iso(interval_to_aest(latest - before), text);
    return arena_printf(&r->memory, "TIMESTAMP '%.19s'", text);
}

static void the_same_in_both(void **state) {
    (void)state;
    struct room r = open_room();
    const struct followed_table *t = compare(&r, "scada5", NULL);
    assert_true(t->intervals >= 2 * INTERVALS_PER_DAY);
    assert_int_equal(t->rows, 2 * t->intervals);
    assert_int_equal(t->last, latest);
    for (int i = 0; i < MIGRATED_TABLES; i++)
        assert_int_equal(r.found.tables[i].different + r.found.tables[i].missing +
                             r.found.tables[i].by_rule + r.found.tables[i].more,
                         0);
    close_room(&r);
}

static void what_differs_and_what_lacks(void **state) {
    (void)state;
    struct room r = open_room();
    write_old(&r, "prices5",
              arena_printf(&r.memory,
                           "SELECT settlementdate, regionid, CASE WHEN settlementdate = %s THEN "
                           "rrp + 0.5 ELSE rrp END AS rrp FROM prices5",
                           at(&r, 20)));
    const struct followed_table *t = compare(&r, "prices5", "prices5: 5 rows are different, as ");
    assert_int_equal(t->different, 5);
    assert_non_null(strstr(t->example, "NSW1"));
    /* AEMO has revised it: the earlier system has the first price */
    struct store *s;
    struct frame f;
    struct frame_change change = {0};
    assert_ok(store_open(r.data, STORE_WRITE, NULL, &s));
    frame_init(&f, &datasets[PRICESTATUS5], interval_day(latest - 20));
    int slot = latest - 20 - interval_day_start(interval_day(latest - 20)) - 1;
    for (int i = 0; regions[i]; i++)
        put_row(&f, regions[i], slot, slot + interval_day(latest - 20) % 7 * 0.5 + 1 + 0.5);
    assert_ok(store_commit(s, &f, &change));
    frame_free(&f);
    store_close(s);
    assert_int_equal(compare(&r, "prices5", NULL)->by_rule, 5);
    /* a unit that only the earlier system has; one that only nemd has */
    write_old(
        &r, "scada5",
        arena_printf(&r.memory,
                     "SELECT settlementdate, duid, scadavalue FROM scada5 WHERE duid = 'BW01' "
                     "UNION ALL SELECT %s, 'NEW1', 5.0",
                     at(&r, 7)));
    t = compare(&r, "scada5", "nemd lacks 1 rows, as ");
    assert_int_equal(t->missing, 1);
    assert_true(t->more > INTERVALS_PER_DAY);
    assert_non_null(strstr(t->example, "NEW1"));
    close_room(&r);
}

/* Half hours may be made by another rule, as long as the five minutes agree. */
static void half_hours_by_another_rule(void **state) {
    (void)state;
    struct room r = open_room();
    write_old(&r, "scada30",
              "SELECT settlementdate, duid, scadavalue * 3 AS scadavalue FROM scada30");
    const struct followed_table *t = compare(&r, "scada30", NULL);
    assert_int_equal(t->by_rule, t->rows);
    write_old(&r, "scada5",
              "SELECT settlementdate, duid, scadavalue + 1 AS scadavalue FROM scada5");
    t = compare(&r, "scada30", "scada5: ");
    assert_int_equal(t->different, t->rows);
    close_room(&r);
}

/* What the earlier files are known for is no difference. */
static void defects_are_passed_over(void **state) {
    (void)state;
    struct room r = open_room();
    write_old(&r, "scada30",
              "SELECT settlementdate, duid, scadavalue FROM scada30 UNION ALL SELECT "
              "settlementdate + INTERVAL 5 MINUTE, duid, 5.0 FROM scada30 UNION ALL SELECT NULL, "
              "'BW01', 1 UNION ALL SELECT settlementdate, NULL, 1 FROM scada30");
    write_old(&r, "rooftop30",
              "SELECT settlementdate, regionid, power FROM rooftop30 UNION ALL SELECT "
              "settlementdate, 'QLDN', 1.0 FROM rooftop30 WHERE regionid = 'QLD1'");
    write_old(&r, "prices5",
              "SELECT settlementdate AS \"SETTLEMENTDATE\", regionid AS \"REGIONID\", "
              "rrp::FLOAT AS \"RRP\" FROM prices5 UNION ALL SELECT settlementdate, "
              "regionid, rrp FROM prices5");
    compare(&r, "prices5", NULL);
    close_room(&r);
}

/* Years before what is compared are passed over, whatever type the times have. */
static void old_rows_are_not_read(void **state) {
    static const char *const types[] = {"TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "VARCHAR",
                                        "TIMESTAMP WITH TIME ZONE"};
    (void)state;
    struct room r = open_room();
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        write_old(&r, "scada5",
                  arena_printf(&r.memory,
                               "SELECT settlementdate::%s AS settlementdate, duid, scadavalue FROM "
                               "(SELECT TIMESTAMP '2020-01-01' + INTERVAL 5 MINUTE * i AS "
                               "settlementdate, 'BW01' AS duid, 1.0 AS scadavalue FROM "
                               "range(150000) t(i) UNION ALL SELECT settlementdate, duid, "
                               "scadavalue FROM scada5)",
                               types[i]));
        const struct followed_table *t = compare(&r, "scada5", NULL);
        assert_int_equal(t->rows, 2 * t->intervals);
        assert_int_equal(t->missing + t->different, 0);
    }
    struct duck d = {0};
    struct table_file file;
    const char *path = arena_printf(&r.memory, "%s/scada5.parquet", r.old);
    assert_ok(table_file_open(&d, &datasets[SCADA5], path, ZONE_AEST, aest_now(), 0, &file));
    int64_t all = file.rows;
    table_file_close(&file);
    assert_ok(table_file_open(&d, &datasets[SCADA5], path, ZONE_AEST, aest_now(),
                              interval_to_aest(latest - 100), &file));
    assert_true(all > 150000 && file.rows < 10000);
    table_file_close(&file);
    duck_close(&d);
    close_room(&r);
}

/* An earlier system that ended long ago, whatever type its times have. */
static void nothing_of_late_is_no_question_of_zones(void **state) {
    static const char *const types[] = {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"};
    (void)state;
    struct room r = open_room();
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        write_old(&r, "scada5",
                  arena_printf(&r.memory,
                               "SELECT (settlementdate - INTERVAL 60 DAY)::%s AS settlementdate, "
                               "duid, scadavalue FROM scada5",
                               types[i]));
        const struct followed_table *t = compare(&r, "scada5", "scada5: nothing of the last two");
        assert_null(t->trouble);
        assert_int_equal(t->rows, 0);
    }
    close_room(&r);
}

static void reasons_to_wait(void **state) {
    (void)state;
    struct room r = open_room();
    write_old(&r, "transmission5",
              arena_printf(&r.memory, "SELECT * FROM transmission5 WHERE settlementdate > %s",
                           at(&r, 100)));
    compare(&r, "transmission5", "100 of a day's 288 intervals");
    write_old(&r, "transmission5",
              arena_printf(&r.memory, "SELECT * FROM transmission5 WHERE settlementdate <= %s",
                           at(&r, 40)));
    compare(&r, "transmission5", "nothing of the last two hours");
    const char *path = arena_printf(&r.memory, "%s/transmission5.parquet", r.old);
    assert_ok(file_write_atomic(path, STR("PAR1 half a file")));
    assert_non_null(compare(&r, "transmission5", "transmission5.parquet")->trouble);
    assert_int_equal(unlink(path), 0);
    compare(&r, "transmission5", "transmission5.parquet isn't there");
    for (int i = 0; i < MIGRATED_TABLES; i++)
        unlink(arena_printf(&r.memory, "%s/%s.parquet", r.old, earlier[i]));
    assert_err(follow_compare(&r.asked, &r.memory, &r.found), ERR_USAGE, "none of");
    close_room(&r);
}

/* Under a lock that is held it waits, and a request to stop ends that; the lock's file stays as it
 * is. */
static void the_lock_of_who_writes(void **state) {
    (void)state;
    struct room r = open_room();
    const char *lock = arena_printf(&r.memory, "%s/scada5.parquet.lock", r.old);
    assert_ok(file_write_atomic(lock, STR("")));
    struct file_stamp before = file_stamp(lock);
    compare(&r, "scada5", NULL); /* nobody holds it */
    int fd = open(lock, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_ok(stop_init(&r.stop));
    stop_request(&r.stop);
    assert_err(follow_compare(&r.asked, &r.memory, &r.found), ERR_STOPPED, "stop");
    stop_close(&r.stop);
    close(fd);
    compare(&r, "scada5", NULL);
    assert_true(file_stamp_eq(before, file_stamp(lock)));
    close_room(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_in_both),
        cmocka_unit_test(what_differs_and_what_lacks),
        cmocka_unit_test(half_hours_by_another_rule),
        cmocka_unit_test(defects_are_passed_over),
        cmocka_unit_test(old_rows_are_not_read),
        cmocka_unit_test(reasons_to_wait),
        cmocka_unit_test(the_lock_of_who_writes),
        cmocka_unit_test(nothing_of_late_is_no_question_of_zones),
    };
    use_memory_folders();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
