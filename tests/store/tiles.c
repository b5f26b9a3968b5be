#define _GNU_SOURCE /* RTLD_NEXT */
#include "store/tiles.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"

/* -- a disk that fails --------------------------------------------------------------------------
 */

/* Writes until things go wrong; < 0: never. The last one is cut in half. */
static int writes_left = -1;
static bool die; /* then kill the process, else the disk is full from there on */

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at);

/* Takes the place of the C library's. */
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real) {
        void *found = dlsym(RTLD_NEXT, "pwrite");
        memcpy(&real, &found, sizeof real);
    }
    if (writes_left < 0)
        return real(fd, bytes, count, at);
    if (writes_left > 0) {
        writes_left--;
        return real(fd, bytes, count, at);
    }
    ssize_t wrote = count > 1 ? real(fd, bytes, count / 2, at) : 0;
    if (die)
        _exit(9);
    if (wrote > 0 && count > 1000) { /* a disk fills in the midst of a tile */
        real(fd, bytes, count / 2, at);
    }
    errno = ENOSPC;
    return -1;
}

/* -- tiles that are all one number --------------------------------------------------------------
 */

enum { YEAR = 2030, DAYS = 3 };
static const struct tiles_shape shape = {"test", "a,b", 2, 288};

static aest_day first_day(void) {
    aest_day day;
    assert_true(aest_day_from_date(YEAR, 6, 15, &day));
    return day;
}

static void fill(void *context, aest_day day, const struct intern *keys, cell *tile) {
    double value = *(double *)context;
    (void)day;
    for (size_t i = 0; i < (size_t)keys->count * shape.lanes * shape.slots; i++)
        tile[i] = cell_from_double(value);
}

static err *write_value(const char *path, double value, int key_count) {
    char names[TILES_KEYS][16];
    str keys[TILES_KEYS];
    struct file_stamp stamps[DAYS];
    struct tiles_written written;
    for (int k = 0; k < key_count; k++) {
        snprintf(names[k], sizeof names[k], "K%d", k);
        keys[k] = str_from(names[k]);
    }
    for (int d = 0; d < DAYS; d++)
        stamps[d] = (struct file_stamp){.inode = 1, .size = (uint64_t)value};
    struct tiles_change c = {.shape = &shape,
                             .year = YEAR,
                             .keys = keys,
                             .key_count = (size_t)key_count,
                             .first = first_day(),
                             .count = DAYS,
                             .stamps = stamps,
                             .fill = fill,
                             .context = &value};
    return tiles_write(path, &c, &written);
}

/* The one value of all cells of the keys that had it; -1 where there is no tile. Fails when there
 * are two. */
static double read_value(struct tiles *t, aest_day day, uint32_t keys) {
    struct tile tile;
    double value, other;
    do {
        if (!tiles_look(t) || !tile_begin(t, day, &tile))
            return -1;
        value = cell_to_double(tile.cells[0]);
        other = value;
        for (size_t i = 0; i < (size_t)keys * shape.lanes * shape.slots; i++)
            if (cell_to_double(tile.cells[i]) != value)
                other = cell_to_double(tile.cells[i]);
    } while (!tile_settled(&tile));
    assert_true(value == other);
    return value;
}

static const char *path_in(struct arena *a, const char *folder) {
    return arena_printf(a, "%s/test-%d.tiles", folder, YEAR);
}

/* What a reader may find after a writer of [after] stopped anywhere, over [before]. */
static void check_one_or_the_other(const char *path, double before, double after, uint32_t keys) {
    struct tiles t;
    assert_ok(tiles_open(path, &shape, YEAR, &t));
    for (int d = 0; d < DAYS && t.at; d++) {
        aest_day day = first_day() + d;
        struct file_stamp stamp = tiles_stamp(&t, day);
        double value = read_value(&t, day, keys);
        assert_true(value == before || value == after || value < 0);
        if (stamp.inode && stamp.size) /* what it says is true; half of one is nobody's */
            assert_true(value == (double)stamp.size);
    }
    tiles_close(&t);
}

/* In a child: writes 2 over 1, with more keys if wanted, and dies or fails at the nth write. */
static bool write_and_fail(const char *path, int n, bool killed, int keys) {
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        die = killed;
        writes_left = n;
        err *e = write_value(path, 2, keys);
        _exit(e ? 1 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == (killed ? 9 : 1));
    return WEXITSTATUS(status) == 0;
}

static void check_every_write(bool killed, int keys_before, int keys_after) {
    char *folder = temporary_folder();
    struct arena a = {0};
    const char *path = path_in(&a, folder);
    bool finished = false;
    int n = 0;
    for (; !finished; n++) {
        if (keys_before) {
            unlink(path);
            assert_ok(write_value(path, 1, keys_before));
        }
        finished = write_and_fail(path, n, killed, keys_after);
        check_one_or_the_other(path, 1, 2, (uint32_t)keys_before);
        assert_ok(write_value(path, 2, keys_after)); /* and the next writer makes it good */
        check_one_or_the_other(path, 2, 2, (uint32_t)keys_after);
    }
    assert_true(n > 3 * DAYS); /* it did fail at each of them */
    arena_free(&a);
    remove_folder(folder);
}

static void a_writer_killed_at_any_write_leaves_the_old_tile_or_the_new_one(void **state) {
    (void)state;
    check_every_write(true, 4, 4);
}

static void killed_while_a_larger_file_is_made_it_leaves_the_smaller_one(void **state) {
    (void)state;
    check_every_write(true, 4, 40);
}

static void a_full_disk_leaves_no_wrong_value(void **state) {
    (void)state;
    check_every_write(false, 4, 40);
}

static void a_limit_on_file_sizes_is_an_error_and_no_signal_to_readers(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    const char *path = path_in(&a, folder);
    int status;
    assert_ok(write_value(path, 1, 4));
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {TILES_HEADER + 100000, TILES_HEADER + 100000};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        err *e = write_value(path, 2, 4);
        _exit(e && err_kind(e) == ERR_IO ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    check_one_or_the_other(path, 1, 2, 4);
    arena_free(&a);
    remove_folder(folder);
}

/* -- readers and a writer -----------------------------------------------------------------------
 */

static void readers_of_other_processes_see_whole_tiles_while_they_are_written(void **state) {
    (void)state;
    enum { WRITES = 150, KEYS = 30, READERS = 2 };
    char *folder = temporary_folder();
    struct arena a = {0};
    const char *path = path_in(&a, folder);
    struct tiles t;
    pid_t readers[READERS];
    assert_ok(write_value(path, 1, KEYS));
    for (int r = 0; r < READERS; r++) {
        readers[r] = fork();
        if (readers[r] == 0) {
            double last = 0, value = 0;
            if (tiles_open(path, &shape, YEAR, &t))
                _exit(1);
            while (value < WRITES) {
                value = read_value(&t, first_day() + r, KEYS);
                if (value < last)
                    _exit(2);
                last = value;
            }
            _exit(0);
        }
    }
    for (int i = 2; i <= WRITES; i++)
        assert_ok(write_value(path, i, KEYS));
    for (int r = 0; r < READERS; r++) {
        int status;
        assert_int_equal(waitpid(readers[r], &status, 0), readers[r]);
        assert_int_equal(status, 0);
    }
    arena_free(&a);
    remove_folder(folder);
}

static void what_never_was_written_is_missing_and_costs_no_disk(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    const char *path = path_in(&a, folder);
    struct tiles t;
    struct tile tile;
    assert_ok(write_value(path, 1, 100));
    assert_ok(tiles_open(path, &shape, YEAR, &t));
    assert_true(t.size > (size_t)100 * 2 * 288 * 8 * 365);
    assert_false(tile_begin(&t, t.first, &tile));
    assert_false(tile_begin(&t, t.first - 1, &tile));
    assert_false(tile_begin(&t, t.first + t.days, &tile));
    assert_int_equal(tiles_key(&t, STR("K99")), 99);
    assert_int_equal(tiles_key(&t, STR("K100")), -1);
    assert_int_equal(tiles_stamp(&t, t.first).inode, 0);
    tiles_close(&t);
    arena_free(&a);
    remove_folder(folder);
}

static void keys_beyond_the_table_are_left_out_and_counted(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    const char *path = path_in(&a, folder);
    double value = 3;
    str keys[TILES_KEYS + 10];
    struct file_stamp stamp = {.inode = 1, .size = 3};
    struct tiles_written written;
    for (int k = 0; k < TILES_KEYS + 9; k++)
        keys[k] = str_from(arena_printf(&a, "KEY%d", k));
    keys[TILES_KEYS + 9] = STR("a name that is longer than there is room for");
    struct tiles_change c = {.shape = &shape,
                             .year = YEAR,
                             .keys = keys,
                             .key_count = TILES_KEYS + 10,
                             .first = first_day(),
                             .count = 1,
                             .stamps = &stamp,
                             .fill = fill,
                             .context = &value};
    assert_ok(tiles_write(path, &c, &written));
    assert_int_equal(written.keys, 10);
    check_one_or_the_other(path, 3, 3, TILES_KEYS);
    arena_free(&a);
    remove_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_writer_killed_at_any_write_leaves_the_old_tile_or_the_new_one),
        cmocka_unit_test(killed_while_a_larger_file_is_made_it_leaves_the_smaller_one),
        cmocka_unit_test(a_full_disk_leaves_no_wrong_value),
        cmocka_unit_test(a_limit_on_file_sizes_is_an_error_and_no_signal_to_readers),
        cmocka_unit_test(readers_of_other_processes_see_whole_tiles_while_they_are_written),
        cmocka_unit_test(what_never_was_written_is_missing_and_costs_no_disk),
        cmocka_unit_test(keys_beyond_the_table_are_left_out_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
