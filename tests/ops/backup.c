/* When a backup is due, and what one that nobody looks at refuses. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "ops/backup_schedule.h"
#include "store/note.h"
#include "support/rows.h"

static aest_us at(const char *time) {
    aest_us out = 0;
    assert_true(aest_parse_iso(str_from(time), &out));
    return out;
}

static void a_time_of_day_is_read(void **state) {
    int minute = -1;
    (void)state;
    assert_ok(backup_schedule_read("X", "02:30", &minute));
    assert_int_equal(minute, 150);
    assert_ok(backup_schedule_read("X", "0:00", &minute));
    assert_int_equal(minute, 0);
    static const char *const wrong[] = {"", "2", "24:00", "02:60", "02:30:00", "-1:00", "noon"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_err(backup_schedule_read("NEMD_BACKUP_AT", wrong[i], &minute), ERR_USAGE,
                   "NEMD_BACKUP_AT is '");
}

static void one_is_due_each_day_and_what_was_missed_at_once(void **state) {
    static const struct {
        const char *begun, *tried, *due;
        bool failed;
    } cases[] = {
        /* never: the first comes at its time */
        {"2025-07-20 01:00", NULL, "2025-07-20 02:30", false},
        {"2025-07-20 02:30", NULL, "2025-07-21 02:30", false},
        {"2025-07-20 12:00", NULL, "2025-07-21 02:30", false},
        /* made in time; made by hand; off at the time */
        {"2025-07-01 00:00", "2025-07-20 02:30", "2025-07-21 02:30", false},
        {"2025-07-01 00:00", "2025-07-20 01:59", "2025-07-20 02:30", false},
        {"2025-07-20 12:00", "2025-07-19 02:31", "2025-07-20 02:30", false},
        /* failed: an hour later, or at its time where that is sooner */
        {"2025-07-01 00:00", "2025-07-20 02:30", "2025-07-20 03:30", true},
        {"2025-07-01 00:00", "2025-07-20 02:00", "2025-07-20 02:30", true},
    };
    const struct backup_schedule s = {.minute = 150};
    const struct backup_try never = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct backup_try tried = {cases[i].tried ? at(cases[i].tried) : 0, cases[i].failed};
        const aest_us now = at("2025-07-20 13:00"), begun = at(cases[i].begun);
        assert_int_equal(backup_due(&s, now, begun, tried, never), at(cases[i].due));
        assert_int_equal(backup_due(&s, now, begun, never, tried), at(cases[i].due));
    }
}

/* A machine that began with its clock in 2028 made one, and was set back. */
static void a_try_of_the_future_is_none(void **state) {
    const struct backup_schedule s = {.minute = 150};
    const struct backup_try future = {at("2028-01-01 02:30"), true}, never = {0},
                            past = {at("2025-07-20 02:30"), false};
    const aest_us now = at("2025-07-20 12:00"), before = at("2025-07-20 11:00"),
                  next = at("2025-07-21 02:30");
    (void)state;
    assert_int_equal(backup_due(&s, now, at("2028-01-01 01:00"), future, future), now);
    assert_int_equal(backup_due(&s, now, at("2028-01-01 01:00"), never, never), now);
    assert_int_equal(backup_due(&s, now, before, future, never), next);
    assert_int_equal(backup_due(&s, now, before, past, future), next);
    assert_int_equal(backup_due(&s, now, before, future, past), next);
}

/* A store with a day of prices, and where its backups go. */
struct room {
    char *folder;
    struct arena memory;
    struct backup backup;
};

static struct room open_room(void) {
    static const char *const regions[] = {"NSW1", "VIC1", NULL};
    struct room r = {.folder = temporary_folder()};
    struct store *s;
    r.backup = (struct backup){.data = arena_printf(&r.memory, "%s/store", r.folder),
                               .to = arena_printf(&r.memory, "%s/disk/backups", r.folder),
                               .by_itself = true};
    assert_ok(store_open(r.backup.data, STORE_WRITE, NULL, &s));
    commit_rows(s, PRICES5, day_of(2025, 8, 20), regions, NULL);
    store_close(s);
    return r;
}

static void close_room(struct room *r) {
    remove_folder(r->folder);
    arena_free(&r->memory);
}

static int64_t noted(struct room *r, const char *key) {
    struct note n;
    assert_ok(note_read(r->backup.data, "backup", &n));
    int64_t number = note_number(&n, key, -1);
    note_free(&n);
    return number;
}

/* The disk that is mounted there is away: its folder is there, and empty. */
static void a_disk_that_is_away_is_no_new_place(void **state) {
    struct room r = open_room();
    struct backup_done done;
    (void)state;
    const char *disk = arena_printf(&r.memory, "%s/disk", r.folder);
    const char *away = arena_printf(&r.memory, "%s/away", r.folder);
    assert_ok(backup_run(&r.backup, &done));
    assert_int_equal(noted(&r, "failures"), 0);
    assert_int_equal(rename(disk, away), 0);
    assert_ok(file_make_folders(r.backup.to));
    for (int i = 1; i <= 2; i++) {
        assert_err(backup_run(&r.backup, &done), ERR_IO, "is its disk mounted?");
        assert_int_equal(noted(&r, "failures"), i);
        assert_true(noted(&r, "last") > 0);
    }
    remove_folder(mem_strdup(disk));
    assert_err(backup_run(&r.backup, &done), ERR_IO, "is its disk mounted?");
    assert_false(file_exists(disk));
    assert_int_equal(rename(away, disk), 0);
    assert_ok(backup_run(&r.backup, &done)); /* it is back */
    assert_int_equal(done.generations, 2);
    assert_int_equal(noted(&r, "failures"), 0);
    remove_folder(mem_strdup(disk));
    r.backup.by_itself = false; /* somebody wants it anew */
    assert_ok(backup_run(&r.backup, &done));
    assert_int_equal(done.generations, 1);
    close_room(&r);
}

/* However the folder is written, and with the disk away together with the folders on it. */
static void a_disk_that_is_away_is_known_by_any_name(void **state) {
    static const char *const names[] = {"%s/disk/backups/", "%s/link/backups",
                                        "%s//disk/./backups//", "disk/backups", "./link//backups/"};
    char before[PATH_MAX];
    (void)state;
    assert_non_null(getcwd(before, sizeof before));
    for (size_t i = 0; i < 2 * sizeof names / sizeof *names; i++) {
        struct room r = open_room();
        struct backup_done done;
        const char *disk = arena_printf(&r.memory, "%s/disk", r.folder), *name = names[i / 2];
        assert_int_equal(symlink(disk, arena_printf(&r.memory, "%s/link", r.folder)), 0);
        assert_ok(file_make_folders(disk));
        assert_int_equal(chdir(r.folder), 0);
        r.backup.to = *name == '%' ? arena_printf(&r.memory, "%s%s", r.folder, name + 2) : name;
        assert_ok(backup_run(&r.backup, &done));
        assert_int_equal(rename(disk, arena_printf(&r.memory, "%s/away", r.folder)), 0);
        if (i % 2 || strstr(name, "link")) /* its mount point stays */
            assert_ok(file_make_folders(disk));
        assert_err(backup_run(&r.backup, &done), ERR_IO, "is its disk mounted?");
        assert_int_equal(chdir(before), 0);
        close_room(&r);
    }
}

/* What somebody makes elsewhere in between doesn't count. */
static void a_disk_that_is_away_is_known_after_one_by_hand(void **state) {
    struct room r = open_room();
    struct backup_done done;
    (void)state;
    assert_ok(backup_run(&r.backup, &done));
    struct backup by_hand = r.backup;
    by_hand.by_itself = false;
    by_hand.to = arena_printf(&r.memory, "%s/stick", r.folder);
    assert_ok(backup_run(&by_hand, &done));
    remove_folder(mem_strdup(arena_printf(&r.memory, "%s/disk", r.folder)));
    assert_err(backup_run(&r.backup, &done), ERR_IO, "is its disk mounted?");
    close_room(&r);
}

/* Another folder is begun, and one that holds other things refused, which is noted: nobody sees the
 * error. */
static void another_place_is_begun(void **state) {
    struct room r = open_room();
    struct backup_done done;
    (void)state;
    assert_ok(backup_run(&r.backup, &done));
    r.backup.to = r.folder;
    assert_err(backup_run(&r.backup, &done), ERR_USAGE, "holds other things");
    assert_int_equal(noted(&r, "failures"), 1);
    r.backup.to = arena_printf(&r.memory, "%s/elsewhere", r.folder);
    assert_ok(backup_run(&r.backup, &done));
    assert_int_equal(done.generations, 1);
    close_room(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_of_day_is_read),
        cmocka_unit_test(one_is_due_each_day_and_what_was_missed_at_once),
        cmocka_unit_test(a_try_of_the_future_is_none),
        cmocka_unit_test(a_disk_that_is_away_is_no_new_place),
        cmocka_unit_test(a_disk_that_is_away_is_known_by_any_name),
        cmocka_unit_test(a_disk_that_is_away_is_known_after_one_by_hand),
        cmocka_unit_test(another_place_is_begun),
    };
    use_memory_folders();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
