/* A store in trouble that is real: a disk that is full, files that may not grow, Parquet files that
 * are damaged in one place or another. */
#ifdef __linux__
#define _GNU_SOURCE
#include <sched.h>
#include <sys/mount.h>
#endif
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store.h"
#include "support/check.h"
#include "support/tree.h"

enum { UNITS = 40, SKIPPED = 77 };
static aest_day june;

static void put(struct frame *f, int first, int last, double base) {
    struct frame_change change = {0};
    for (int u = 0; u < UNITS; u++)
        for (int slot = first; slot <= last; slot++) {
            char duid[16];
            cell columns[DATASET_COLUMNS] = {cell_from_double(base + u * 0.37 + slot * 1.13)};
            snprintf(duid, sizeof duid, "UNIT%02d", u);
            frame_put(f, frame_key(f, str_from(duid)), slot, 0, 1000, columns, &change);
        }
}

static err *commit(struct store *s, enum dataset_id dataset, aest_day day, int first, int last,
                   double base) {
    struct frame f;
    struct frame_change change = {0};
    frame_init(&f, &datasets[dataset], day);
    put(&f, first, last, base);
    err *e = store_commit(s, &f, &change);
    frame_free(&f);
    return e;
}

static const char *part(struct arena *a, const char *folder) {
    return arena_printf(a, "%s/scada5/2020/2020-06-01.parquet", folder);
}

/* What every store here has at the end. */
static struct buf in_peace(void) {
    char *folder = temporary_folder();
    struct store *s;
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    assert_ok(commit(s, SCADA5, june, 0, 20, 100));
    assert_ok(commit(s, SCADA5, june, 21, 200, 300));
    store_close(s);
    struct buf bytes = tree_bytes(folder, ".parquet");
    remove_folder(folder);
    return bytes;
}

static bool same_bytes(const struct buf *a, const struct buf *b) {
    return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

/* The first rows, then [trouble], in which more can't be written, then its end, and they can: the
 * child's part of the two tests below. _exit says in which step it went wrong. */
static void live_through(const char *folder, bool (*trouble)(const char *folder, bool on)) {
    struct store *s;
    if (store_open(folder, STORE_WRITE, NULL, &s) || commit(s, SCADA5, june, 0, 20, 100))
        _exit(1);
    struct buf before = tree_bytes(folder, ".parquet");
    if (!trouble(folder, true))
        _exit(2);
    err *e = commit(s, SCADA5, june, 21, 200, 300);
    fprintf(stderr, "says: %s\n", e ? err_text(e) : "nothing");
    if (!e || err_kind(e) != ERR_IO || !strstr(err_text(e), "2020-06-01.parquet"))
        _exit(3);
    struct buf meanwhile = tree_bytes(folder, ".parquet");
    if (!same_bytes(&before, &meanwhile))
        _exit(4);
    if (!trouble(folder, false) || commit(s, SCADA5, june, 21, 200, 300))
        _exit(5);
    store_close(s);
    struct buf after = tree_bytes(folder, ".parquet"), expected = in_peace();
    _exit(same_bytes(&after, &expected) ? 0 : 6);
}

static int status_of(pid_t child) {
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

static bool limit_files(const char *folder, bool on) {
    (void)folder;
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit))
        return false;
    limit.rlim_cur = on ? 3000 : limit.rlim_max;
    return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

static void files_that_may_not_grow_lose_nothing(void **state) {
    (void)state;
    char *folder = temporary_folder();
    pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        live_through(folder, limit_files);
    }
    assert_int_equal(status_of(child), 0);
    remove_folder(folder);
}

#ifdef __linux__
/* A file that takes what is left of the disk, but for a page or so. */
static bool fill_disk(const char *folder, bool on) {
    char path[600], page[1024] = "";
    snprintf(path, sizeof path, "%s/.ballast", folder);
    if (!on)
        return unlink(path) == 0;
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    while (fd >= 0 && write(fd, page, sizeof page) > 0)
        ;
    return fd >= 0 && close(fd) == 0;
}

static void mount_small_disk(const char *folder) {
    if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("tmpfs", folder, "tmpfs", 0, "size=16m"))
        _exit(SKIPPED);
}
#endif

static void a_full_disk_loses_nothing(void **state) {
    (void)state;
#ifdef __linux__
    char *folder = temporary_folder();
    pid_t child = fork();
    if (child == 0) {
        mount_small_disk(folder);
        live_through(folder, fill_disk);
    }
    int status = status_of(child);
    remove_folder(folder);
    if (status == SKIPPED) {
        print_message("a disk can't be mounted here\n");
        skip();
    }
    assert_int_equal(status, 0);
#else
    skip();
#endif
}

/* -- damages ------------------------------------------------------------------------------------
 */

static void spoil_start(struct buf *b) {
    memset(b->at, 'x', 64);
}
static void spoil_footer(struct buf *b) {
    memset(b->at + b->len - 60, 0xff, 50);
}
static void spoil_length(struct buf *b) {
    memset(b->at + b->len - 8, 0xff, 4);
}
static void spoil_end(struct buf *b) {
    memset(b->at + b->len - 4, 'x', 4);
}
static void spoil_middle(struct buf *b) {
    memset(b->at + b->len / 4, 0xff, b->len / 4);
}
static void cut_half(struct buf *b) {
    b->len /= 2;
}
static void cut_all(struct buf *b) {
    b->len = 0;
}
static const struct damage {
    const char *name;
    void (*spoil)(struct buf *b);
} damages[] = {
    {"start", spoil_start}, {"footer", spoil_footer}, {"length of footer", spoil_length},
    {"end", spoil_end},     {"middle", spoil_middle}, {"cut in half", cut_half},
    {"cut to 0", cut_all},
};

static void assert_bytes(const char *path, const struct buf *expected) {
    struct buf now = {0};
    assert_ok(file_read(path, 1 << 24, &now));
    assert_true(same_bytes(&now, expected));
    buf_free(&now);
}

/* The damaged file is named, stays as it is for whoever can still read it, and costs other days and
 * datasets nothing; out of the way, its rows can come again. */
static void live_with(const struct damage *damage, bool month) {
    char *folder = temporary_folder();
    struct arena a = {0};
    struct store *s;
    struct buf bytes = {0}, whole = {0};
    const struct frame *f;
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    assert_ok(commit(s, SCADA5, june, 0, 100, 100));
    assert_ok(commit(s, PRICES5, june, 0, 100, 100));
    if (month)
        assert_ok(store_close_month(s, SCADA5, june));
    store_close(s);
    const char *path =
        month ? arena_printf(&a, "%s/scada5/2020/2020-06.parquet", folder) : part(&a, folder);
    assert_ok(file_read(path, 1 << 24, &whole));
    assert_ok(file_read(path, 1 << 24, &bytes));
    damage->spoil(&bytes);
    assert_ok(file_write_atomic(path, buf_str(&bytes)));

    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    assert_err(commit(s, SCADA5, june, 101, 110, 5), ERR_INPUT, path);
    err *e = store_close_month(s, SCADA5, june);
    assert_err(e, ERR_INPUT, path);
    assert_err(store_frame(s, SCADA5, june, &f), ERR_INPUT, path);
    assert_bytes(path, &bytes);
    assert_ok(commit(s, PRICES5, june, 101, 110, 5));
    assert_ok(commit(s, SCADA5, june + 40, 0, 1, 5));

    assert_int_equal(unlink(path), 0);
    assert_ok(commit(s, SCADA5, june, 0, 100, 100));
    if (month)
        assert_ok(store_close_month(s, SCADA5, june));
    assert_bytes(path, &whole);
    store_close(s);
    buf_free(&bytes);
    buf_free(&whole);
    arena_free(&a);
    remove_folder(folder);
}

static void a_damaged_file_is_named_and_left_alone(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++)
        for (int month = 0; month < 2; month++) {
            print_message("%s of a %s\n", damages[i].name, month ? "month" : "day");
            live_with(&damages[i], month);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_may_not_grow_lose_nothing),
        cmocka_unit_test(a_full_disk_loses_nothing),
        cmocka_unit_test(a_damaged_file_is_named_and_left_alone),
    };
    if (!aest_day_from_date(2020, 6, 1, &june))
        return 1;
    use_memory_folders();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
