#include "base/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { ANY_SIZE = 1 << 30 };

static struct arena memory;
static const char *folder;

static int make_folder(void **state) {
    (void)state;
    char name[] = "/tmp/nemd-file-XXXXXX";
    if (!mkdtemp(name))
        return -1;
    folder = arena_printf(&memory, "%s", name);
    return 0;
}

/* Links are removed, not followed, as remove() does. */
static void remove_below(const char *path) {
    struct file_entry *entries;
    size_t count;
    err_free(file_list(&memory, path, &entries, &count));
    for (size_t i = 0; i < count; i++) {
        const char *entry = arena_printf(&memory, "%s/%s", path, entries[i].name.at);
        if (remove(entry)) {
            remove_below(entry);
            remove(entry);
        }
    }
}

static int remove_folder(void **state) {
    (void)state;
    remove_below(folder);
    remove(folder);
    arena_free(&memory);
    return 0;
}

static const char *in_folder(const char *name) {
    return arena_printf(&memory, "%s/%s", folder, name);
}

static void assert_fine(err *e) {
    if (e)
        fail_msg("%s", err_text(e));
}

/* Takes over [e], whose text must name [path]. */
static void assert_refused(err *e, enum err_kind kind, const char *path) {
    assert_non_null(e);
    assert_int_equal(err_kind(e), kind);
    if (!strstr(err_text(e), path))
        fail_msg("\"%s\" doesn't name %s", err_text(e), path);
    err_free(e);
}

/* Writes a file without the help of what is tested. */
static const char *put(const char *name, const char *text) {
    const char *path = in_folder(name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
    return path;
}

static void assert_holds(const char *path, const char *text) {
    struct buf got = {0};
    assert_fine(file_read(path, ANY_SIZE, &got));
    assert_string_equal(buf_cstr(&got), text);
    buf_free(&got);
}

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* -- reading ----------------------------------------------------------------------------------- */

static void reads_up_to_the_limit_and_not_beyond(void **state) {
    (void)state;
    const char *path = put("limit", "12345");
    struct buf out = {0};
    assert_fine(file_read(path, 5, &out));
    assert_string_equal(buf_cstr(&out), "12345");
    assert_refused(file_read(path, 4, &out), ERR_INPUT, path);
    assert_refused(file_read(path, 0, &out), ERR_INPUT, path);
    buf_free(&out);
    path = put("empty", "");
    assert_fine(file_read(path, 0, &out));
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

static void appends_to_the_buffer(void **state) {
    (void)state;
    const char *path = put("append", "12345");
    struct buf out = {0};
    buf_add_str(&out, STR("a long text that was there before"));
    assert_fine(file_read(path, 5, &out)); /* the limit is the file's, not the buffer's */
    assert_string_equal(buf_cstr(&out), "a long text that was there before12345");
    buf_free(&out);
}

static void reads_files_of_many_sizes(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 255, 256, 257, 4096, 65536, 1000003};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buf in = {0}, out = {0};
        while (in.len < sizes[i])
            buf_add_char(&in, (char)(in.len * 31 + in.len / 256));
        assert_fine(file_write_atomic(in_folder("sized"), buf_str(&in)));
        assert_fine(file_read(in_folder("sized"), sizes[i], &out));
        assert_true(str_eq(buf_str(&out), buf_str(&in)));
        buf_free(&in);
        buf_free(&out);
    }
}

/* The size that the system states is a hint: here it is zero, and the bytes never end. */
static void a_file_without_end_stops_at_the_limit(void **state) {
    (void)state;
    struct buf out = {0};
    assert_refused(file_read("/dev/zero", 100000, &out), ERR_INPUT, "/dev/zero");
    assert_true(out.capacity < 1000000);
    buf_free(&out);
}

static void what_cannot_be_read_is_named(void **state) {
    (void)state;
    struct buf out = {0};
    const char *path = put("plain", "x");
    assert_refused(file_read(in_folder("missing"), ANY_SIZE, &out), ERR_IO, "missing");
    assert_refused(file_read(folder, ANY_SIZE, &out), ERR_IO, folder);
    assert_refused(file_read(arena_printf(&memory, "%s/x", path), ANY_SIZE, &out), ERR_IO,
                   "plain/x");
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

/* -- writing ----------------------------------------------------------------------------------- */

static void writing_makes_and_replaces(void **state) {
    (void)state;
    const char *path = in_folder("written");
    assert_fine(file_write_atomic(path, STR("old")));
    assert_holds(path, "old");
    assert_fine(file_write_atomic(path, STR("newer and longer")));
    assert_holds(path, "newer and longer");
    assert_fine(file_write_atomic(path, (str){0}));
    assert_holds(path, "");
    assert_false(file_exists(in_folder("written.tmp")));
}

static void a_reader_that_has_opened_the_old_file_keeps_it(void **state) {
    (void)state;
    const char *path = put("kept", "old");
    char text[8] = {0};
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_fine(file_write_atomic(path, STR("new")));
    assert_int_equal(read(fd, text, 7), 3);
    close(fd);
    assert_string_equal(text, "old");
    assert_holds(path, "new");
}

static void a_write_that_fails_leaves_the_old_bytes(void **state) {
    (void)state;
    const char *file = put("file", "untouched");
    assert_refused(file_write_atomic(arena_printf(&memory, "%s/x", file), STR("new")), ERR_IO,
                   "file/x");
    assert_holds(file, "untouched");

    const char *path = put("blocked", "old"); /* the temporary file can't be made */
    assert_int_equal(mkdir(in_folder("blocked.tmp"), 0755), 0);
    assert_refused(file_write_atomic(path, STR("new")), ERR_IO, "blocked");
    assert_holds(path, "old");

    path = in_folder("target"); /* can't be renamed over a folder */
    assert_int_equal(mkdir(path, 0755), 0);
    assert_refused(file_write_atomic(path, STR("new")), ERR_IO, "target");
    assert_true(is_folder(path));
    assert_false(file_exists(in_folder("target.tmp")));

    assert_refused(file_write_atomic(in_folder("no/such/folder"), STR("new")), ERR_IO, "no/such");
}

/* A limit on the size of files stands in for a full disk: the write ends in the middle. */
static void a_disk_that_fills_up_leaves_the_old_bytes(void **state) {
    (void)state;
    enum { LIMIT = 100000 };
    const char *path = put("full", "old");
    char *bytes = arena_alloc(&memory, LIMIT * 2);
    struct rlimit before, limit;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = LIMIT;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    err *e = file_write_atomic(path, (str){bytes, (size_t)LIMIT * 2});
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    assert_refused(e, ERR_IO, "full");
    assert_holds(path, "old");
    assert_false(file_exists(in_folder("full.tmp")));
}

/* Writes one letter or another, a whole file of it each time, until it is killed; at the latest by
 * its alarm, should the test fail before it does. */
static void write_for_ever(const char *path, char *bytes, size_t count) {
    alarm(20);
    for (int i = 0;; i++) {
        memset(bytes, 'a' + i % 26, count);
        err_free(file_write_atomic(path, (str){bytes, count}));
    }
}

static void a_process_killed_while_it_writes_leaves_old_or_new(void **state) {
    (void)state;
    enum { COUNT = 200000, ROUNDS = 15 };
    const char *path = in_folder("killed");
    char *bytes = arena_alloc(&memory, COUNT);
    memset(bytes, 'z', COUNT);
    assert_fine(file_write_atomic(path, (str){bytes, COUNT}));
    for (int round = 0; round < ROUNDS; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_for_ever(path, bytes, COUNT);
        for (int i = 0; i <= 10; i++) {
            struct buf got = {0};
            if (i == 10) {
                kill(child, SIGKILL);
                waitpid(child, NULL, 0);
            }
            assert_fine(file_read(path, ANY_SIZE, &got));
            assert_int_equal(got.len, COUNT);
            for (size_t k = 1; k < got.len; k++)
                assert_true(got.at[k] == got.at[0]);
            buf_free(&got);
            nanosleep(&(struct timespec){.tv_nsec = 300000 + round * 70000}, NULL);
        }
    }
    assert_fine(file_write_atomic(path, STR("x"))); /* over what the last one left behind */
    assert_holds(path, "x");
}

static void renaming_replaces(void **state) {
    (void)state;
    const char *from = put("from", "new"), *to = put("to", "old");
    assert_fine(file_rename_durable(from, to));
    assert_holds(to, "new");
    assert_false(file_exists(from));
    assert_refused(file_rename_durable(from, to), ERR_IO, from);
    assert_holds(to, "new");
}

static void paths_need_no_folder_in_front(void **state) {
    (void)state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    err *written = file_write_atomic("bare", STR("here"));
    err *made = file_make_folders("bare-folder/below");
    assert_int_equal(chdir(before), 0);
    assert_fine(written);
    assert_fine(made);
    assert_holds(in_folder("bare"), "here");
    assert_true(is_folder(in_folder("bare-folder/below")));
}

static void syncing_takes_files_and_folders(void **state) {
    (void)state;
    assert_fine(file_sync(put("synced", "x")));
    assert_fine(file_sync(folder));
    assert_refused(file_sync(in_folder("missing")), ERR_IO, "missing");
}

/* -- folders ----------------------------------------------------------------------------------- */

static void folders_are_made_with_those_above_them(void **state) {
    (void)state;
    const char *path = in_folder("a/b/c");
    assert_fine(file_make_folders(path));
    assert_true(is_folder(path));
    assert_fine(file_make_folders(path)); /* again */
    assert_fine(file_make_folders(in_folder("a/b/d/")));
    assert_true(is_folder(in_folder("a/b/d")));
    assert_fine(file_make_folders(in_folder("a//e///f//")));
    assert_true(is_folder(in_folder("a/e/f")));
    assert_fine(file_make_folders("/"));
    assert_fine(file_make_folders("."));
    assert_int_equal(symlink(in_folder("a"), in_folder("link")), 0);
    assert_fine(file_make_folders(in_folder("link")));
    assert_fine(file_make_folders(in_folder("link/g")));
    assert_true(is_folder(in_folder("a/g")));
}

static void a_file_in_the_way_of_a_folder_is_named(void **state) {
    (void)state;
    const char *path = put("in-the-way", "x");
    assert_refused(file_make_folders(path), ERR_IO, path);
    assert_refused(file_make_folders(arena_printf(&memory, "%s/", path)), ERR_IO, path);
    assert_refused(file_make_folders(arena_printf(&memory, "%s/a/b", path)), ERR_IO, path);
    assert_holds(path, "x");
}

static void lists_a_folder_by_name(void **state) {
    (void)state;
    struct file_entry *entries;
    size_t count;
    static const char *const names[] = {"listed/b",  "listed/B",       "listed/a.csv",
                                        "listed/a",  "listed/.hidden", "listed/\xc3\xa9",
                                        "listed/10", "listed/9"};
    static const char *const ordered[] = {".hidden", "10", "9",      "B",       "a",
                                          "a.csv",   "b",  "folder", "\xc3\xa9"};
    assert_fine(file_make_folders(in_folder("listed/folder/below")));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put(names[i], names[i]);
    assert_int_equal(symlink("nowhere", in_folder("listed/dangling")), 0);
    assert_fine(file_list(&memory, in_folder("listed"), &entries, &count));
    assert_int_equal(unlink(in_folder("listed/dangling")), 0);
    assert_int_equal(count, sizeof ordered / sizeof *ordered);
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(&memory, "%s/listed/%s", folder, ordered[i]);
        assert_true(str_eq(entries[i].name, str_from(ordered[i])));
        assert_int_equal(entries[i].is_folder, strcmp(ordered[i], "folder") == 0);
        assert_true(file_stamp_eq(entries[i].stamp, file_stamp(path)));
        if (!entries[i].is_folder)
            assert_int_equal(entries[i].stamp.size, strlen("listed/") + strlen(ordered[i]));
    }
}

static void a_folder_of_many_files_is_listed_whole(void **state) {
    (void)state;
    enum { MANY = 1000 };
    struct file_entry *entries;
    size_t count;
    assert_fine(file_make_folders(in_folder("many")));
    for (int i = 0; i < MANY; i++)
        put(arena_printf(&memory, "many/%04d", (i * 377) % MANY), "");
    assert_fine(file_list(&memory, in_folder("many"), &entries, &count));
    assert_int_equal(count, MANY);
    for (int i = 0; i < MANY; i++)
        assert_string_equal(str_dup(&memory, entries[i].name), arena_printf(&memory, "%04d", i));
}

static void a_folder_that_is_missing_is_empty(void **state) {
    (void)state;
    struct file_entry *entries;
    size_t count = 99;
    assert_fine(file_list(&memory, in_folder("missing"), &entries, &count));
    assert_int_equal(count, 0);
    assert_int_equal(mkdir(in_folder("nothing"), 0755), 0);
    assert_fine(file_list(&memory, in_folder("nothing"), &entries, &count));
    assert_int_equal(count, 0);
    const char *path = put("no-folder", "x");
    assert_refused(file_list(&memory, path, &entries, &count), ERR_IO, path);
    assert_int_equal(count, 0);
}

/* -- stamps ------------------------------------------------------------------------------------ */

static void a_stamp_changes_with_its_file(void **state) {
    (void)state;
    const char *path = put("stamped", "one");
    struct file_stamp first = file_stamp(path);
    assert_int_equal(first.size, 3);
    assert_true(file_stamp_eq(first, file_stamp(path)));

    assert_fine(file_write_atomic(path, STR("two"))); /* the same size, however soon */
    struct file_stamp second = file_stamp(path);
    assert_false(file_stamp_eq(first, second));

    put("stamped", "three");
    struct file_stamp third = file_stamp(path);
    assert_false(file_stamp_eq(second, third));

    const struct timeval times[2] = {{.tv_sec = 1755713400}, {.tv_sec = 1755713400}};
    assert_int_equal(utimes(path, times), 0);
    assert_false(file_stamp_eq(third, file_stamp(path)));
    assert_true(file_stamp(path).modified_ns == INT64_C(1755713400000000000));

    assert_int_equal(unlink(path), 0);
    assert_true(file_stamp_eq(file_stamp(path), (struct file_stamp){0}));
}

static void existence_is_seen(void **state) {
    (void)state;
    assert_true(file_exists(folder));
    assert_true(file_exists(put("there", "")));
    assert_false(file_exists(in_folder("missing")));
}

static void a_mapped_file_reads_the_same_after_its_memory_was_given_back(void **state) {
    (void)state;
    str mapped;
    assert_fine(file_map(put("mapped", "AEMO"), &mapped));
    assert_true(str_eq(mapped, STR("AEMO")));
    file_relax(mapped);
    assert_true(str_eq(mapped, STR("AEMO")));
    file_unmap(mapped);
    file_relax((str){0});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_up_to_the_limit_and_not_beyond),
        cmocka_unit_test(appends_to_the_buffer),
        cmocka_unit_test(reads_files_of_many_sizes),
        cmocka_unit_test(a_file_without_end_stops_at_the_limit),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(writing_makes_and_replaces),
        cmocka_unit_test(a_reader_that_has_opened_the_old_file_keeps_it),
        cmocka_unit_test(a_write_that_fails_leaves_the_old_bytes),
        cmocka_unit_test(a_disk_that_fills_up_leaves_the_old_bytes),
        cmocka_unit_test(a_process_killed_while_it_writes_leaves_old_or_new),
        cmocka_unit_test(renaming_replaces),
        cmocka_unit_test(paths_need_no_folder_in_front),
        cmocka_unit_test(syncing_takes_files_and_folders),
        cmocka_unit_test(folders_are_made_with_those_above_them),
        cmocka_unit_test(a_file_in_the_way_of_a_folder_is_named),
        cmocka_unit_test(lists_a_folder_by_name),
        cmocka_unit_test(a_folder_of_many_files_is_listed_whole),
        cmocka_unit_test(a_folder_that_is_missing_is_empty),
        cmocka_unit_test(a_stamp_changes_with_its_file),
        cmocka_unit_test(existence_is_seen),
        cmocka_unit_test(a_mapped_file_reads_the_same_after_its_memory_was_given_back),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
