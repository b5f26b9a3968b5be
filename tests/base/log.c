#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/aest.h"
#include "base/file.h"

static struct arena memory;
static const char *folder, *path;

static void assert_fine(err *e) {
    if (e)
        fail_msg("%s", err_text(e));
}

static int make_folder(void **state) {
    (void)state;
    char name[] = "/tmp/nemd-log-XXXXXX";
    if (!mkdtemp(name))
        return -1;
    folder = arena_printf(&memory, "%s", name);
    path = arena_printf(&memory, "%s/nemd.log", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    struct file_entry *entries;
    size_t count;
    err_free(file_list(&memory, folder, &entries, &count));
    for (size_t i = 0; i < count; i++)
        unlink(arena_printf(&memory, "%s/%s", folder, entries[i].name.at));
    rmdir(folder);
    arena_free(&memory);
    return 0;
}

static const char *beside(const char *name) {
    return arena_printf(&memory, "%s/%s", folder, name);
}

/* The text of a log file, in [memory]. */
static str content(const char *file) {
    struct buf text = {0};
    assert_fine(file_read(file, 64 << 20, &text));
    str copy = {str_dup(&memory, buf_str(&text)), text.len};
    buf_free(&text);
    return copy;
}

static void start_anew(void) {
    unlink(path);
    assert_fine(log_open(path));
}

/* -- reading lines back ------------------------------------------------------------------------ */

struct pair {
    str key, value;
};

enum { MOST_PAIRS = 8 };

static int from_hex(char c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Takes a logfmt value off the front of [rest]. A line end inside one is a failure. */
static str take_value(str *rest) {
    char *out = arena_alloc(&memory, rest->len + 1);
    size_t length = 0, i = 0;
    bool quoted = rest->len && rest->at[0] == '"';
    for (i = quoted; i < rest->len && rest->at[i] != (quoted ? '"' : ' '); i++) {
        char c = rest->at[i];
        assert_true((unsigned char)c >= ' ' && c != 0x7f);
        if (!quoted)
            assert_true(c != '"' && c != '\\' && c != '=');
        if (c == '\\') {
            c = rest->at[++i];
            if (c == 'n') {
                c = '\n';
            } else if (c == 'x') {
                c = (char)(from_hex(rest->at[i + 1]) * 16 + from_hex(rest->at[i + 2]));
                i += 2;
            } else {
                assert_true(c == '"' || c == '\\');
            }
        }
        out[length++] = c;
    }
    assert_true(!quoted || i < rest->len);
    i += quoted;
    *rest = (str){rest->at + i, rest->len - i};
    return (str){out, length};
}

static size_t read_line(str line, struct pair pairs[MOST_PAIRS]) {
    size_t count = 0;
    while (line.len) {
        assert_true(count < MOST_PAIRS);
        pairs[count].key = str_cut(&line, '=');
        pairs[count++].value = take_value(&line);
        if (line.len)
            assert_true(*str_cut(&line, ' ').at == ' ');
    }
    return count;
}

/* The file must hold a single line, which is read into [pairs]. */
static size_t only_line(struct pair pairs[MOST_PAIRS]) {
    str text = content(path), line = str_cut(&text, '\n');
    assert_int_equal(text.len, 0);
    assert_true(line.len > 0 && line.at[line.len] == '\n');
    return read_line(line, pairs);
}

static void assert_pair(struct pair pair, const char *key, str value) {
    if (!str_eq(pair.key, str_from(key)) || !str_eq(pair.value, value))
        fail_msg("%.*s=\"%.*s\" is not %s=\"%.*s\"", STR_ARG(pair.key), STR_ARG(pair.value), key,
                 STR_ARG(value));
}

/* -- tests ------------------------------------------------------------------------------------- */

/* Comes first: the others leave the log with a file. */
static void events_go_to_standard_error_until_a_file_is_opened(void **state) {
    (void)state;
    int saved = dup(STDERR_FILENO);
    int fd = open(beside("stderr"), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(saved >= 0 && fd >= 0);
    fflush(stderr);
    dup2(fd, STDERR_FILENO);
    log_info("one");
    err *e = log_reopen();
    log_info("two");
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(fd);
    assert_null(e);
    str text = content(beside("stderr"));
    assert_true(str_find(text, STR(" level=info msg=one\n")) > 0);
    assert_true(str_find(text, STR(" level=info msg=two\n")) > 0);
}

static void a_line_holds_time_level_message_and_fields(void **state) {
    (void)state;
    struct pair pairs[MOST_PAIRS];
    aest_us t;
    start_anew();
    err *e = err_new(ERR_INPUT, "line 7: RRP is 'abc'");
    aest_us before = aest_now() / AEST_SECOND * AEST_SECOND;
    log_warn("committed", log_cstr("dataset", "prices5"), log_int("rows", -5), log_err(e));
    assert_int_equal(only_line(pairs), 6);
    assert_true(str_eq(pairs[0].key, STR("time")));
    assert_true(aest_parse_iso(pairs[0].value, &t));
    assert_true(t >= before && t <= aest_now());
    assert_pair(pairs[1], "level", STR("warn"));
    assert_pair(pairs[2], "msg", STR("committed"));
    assert_pair(pairs[3], "dataset", STR("prices5"));
    assert_pair(pairs[4], "rows", STR("-5"));
    assert_pair(pairs[5], "error", STR("line 7: RRP is 'abc'"));
    str text = content(path);
    assert_true(str_find(text, STR("msg=committed dataset=prices5 rows=-5 error=\"line 7")) > 0);
    err_free(e);
}

static void missing_and_empty_values_are_empty(void **state) {
    (void)state;
    struct pair pairs[MOST_PAIRS];
    start_anew();
    log_info("", log_str("a", (str){0}), log_cstr("b", ""), log_int("c", 0));
    assert_int_equal(only_line(pairs), 6);
    assert_pair(pairs[2], "msg", STR(""));
    assert_pair(pairs[3], "a", STR(""));
    assert_pair(pairs[4], "b", STR(""));
    assert_pair(pairs[5], "c", STR("0"));
}

static void a_value_cannot_forge_a_line(void **state) {
    (void)state;
    const str hostile[] = {
        STR("x\ntime=2025-08-20T18:10:00+10:00 level=error msg=fake"),
        STR("x\r\nlevel=error"),
        STR("x level=error"),
        STR("x\" level=error msg=\""),
        STR("\\\" level=error"),
        STR("\\"),
        STR("\""),
        STR("a=b"),
        STR("\x1b[2Jgone"),
        STR("\0\n\x7f\t\v\f\x08"),
        STR("\\n"),
        STR("\\x0a"),
        STR("Gr\xc3\xb6\xc3\x9f"
            "e \xff\xfe"),
    };
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct pair pairs[MOST_PAIRS];
        start_anew();
        log_info(str_dup(&memory, hostile[i]), log_str("value", hostile[i]), log_int("after", 1));
        assert_int_equal(only_line(pairs), 5);
        assert_pair(pairs[1], "level", STR("info"));
        assert_pair(pairs[2], "msg", str_from(str_dup(&memory, hostile[i])));
        assert_pair(pairs[3], "value", hostile[i]);
        assert_pair(pairs[4], "after", STR("1"));
    }
}

static void escapes_are_written_as_promised(void **state) {
    (void)state;
    start_anew();
    log_info("m", log_cstr("a", "one\ntwo"), log_cstr("b", "\t\x1b\x7f"), log_cstr("c", "\"\\"));
    str text = content(path);
    assert_true(str_find(text, STR(" a=\"one\\ntwo\" b=\"\\x09\\x1b\\x7f\" c=\"\\\"\\\\\"\n")) > 0);
}

static void every_byte_reads_back(void **state) {
    (void)state;
    for (int c = 0; c < 256; c++) {
        char bytes[] = {'a', (char)c, 'z', (char)c};
        struct pair pairs[MOST_PAIRS];
        start_anew();
        log_info("m", log_str("alone", (str){bytes + 1, 1}), log_str("within", (str){bytes, 4}));
        assert_int_equal(only_line(pairs), 5);
        assert_pair(pairs[3], "alone", (str){bytes + 1, 1});
        assert_pair(pairs[4], "within", (str){bytes, 4});
    }
}

static void long_values_are_kept_whole(void **state) {
    (void)state;
    enum { LENGTH = 300000 };
    struct pair pairs[MOST_PAIRS];
    char *value = arena_alloc(&memory, LENGTH);
    for (size_t i = 0; i < LENGTH; i++)
        value[i] = "a\nb\" \\"[i % 6];
    start_anew();
    log_info("m", log_str("long", (str){value, LENGTH}));
    assert_int_equal(only_line(pairs), 4);
    assert_pair(pairs[3], "long", (str){value, LENGTH});
}

static void events_below_the_level_are_dropped(void **state) {
    (void)state;
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    for (int level = LOG_DEBUG; level <= LOG_ERROR; level++) {
        start_anew();
        log_set_level((enum log_level)level);
        log_debug("m");
        log_info("m");
        log_warn("m");
        log_error("m");
        log_set_level(LOG_INFO);
        str text = content(path);
        for (int i = level; i <= LOG_ERROR; i++) {
            struct pair pairs[MOST_PAIRS];
            assert_int_equal(read_line(str_cut(&text, '\n'), pairs), 3);
            assert_pair(pairs[1], "level", str_from(levels[i]));
        }
        assert_int_equal(text.len, 0);
    }
}

static void levels_have_names_in_either_case(void **state) {
    (void)state;
    enum log_level level = LOG_ERROR;
    assert_true(log_level_from_name(STR("debug"), &level));
    assert_int_equal(level, LOG_DEBUG);
    assert_true(log_level_from_name(STR("INFO"), &level));
    assert_int_equal(level, LOG_INFO);
    assert_true(log_level_from_name(STR("Warn"), &level));
    assert_int_equal(level, LOG_WARN);
    assert_true(log_level_from_name(STR("warning"), &level)); /* as Python says it */
    assert_int_equal(level, LOG_WARN);
    assert_true(log_level_from_name(STR("CRITICAL"), &level));
    assert_int_equal(level, LOG_ERROR);
    assert_true(log_level_from_name(STR("error"), &level));
    assert_int_equal(level, LOG_ERROR);
    assert_false(log_level_from_name(STR(""), &level));
    assert_false(log_level_from_name(STR("warnings"), &level));
    assert_false(log_level_from_name(STR("inf"), &level));
    assert_int_equal(level, LOG_ERROR);
}

static void opening_appends_to_what_is_there(void **state) {
    (void)state;
    start_anew();
    log_info("one");
    assert_fine(log_open(path));
    log_info("two");
    str text = content(path);
    assert_true(str_find(text, STR("msg=one\n")) > 0);
    assert_true(str_find(text, STR("msg=two\n")) > str_find(text, STR("msg=one\n")));
}

static void reopening_follows_the_name_after_a_rotation(void **state) {
    (void)state;
    start_anew();
    log_info("one");
    assert_int_equal(rename(path, beside("nemd.log.1")), 0);
    log_info("two"); /* still to the file that was renamed */
    assert_false(file_exists(path));
    assert_fine(log_reopen());
    log_info("three");
    str old = content(beside("nemd.log.1")), new = content(path);
    assert_true(str_find(old, STR("msg=one\n")) > 0);
    assert_true(str_find(old, STR("msg=two\n")) > 0);
    assert_int_equal(str_find(old, STR("three")), -1);
    assert_true(str_find(new, STR("msg=three\n")) > 0);
    assert_int_equal(str_find(new, STR("two")), -1);
}

static void a_file_that_cannot_be_opened_leaves_the_old_one(void **state) {
    (void)state;
    const char *below_a_file = beside("nemd.log/x");
    start_anew();
    err *e = log_open(below_a_file);
    assert_non_null(e);
    assert_int_equal(err_kind(e), ERR_IO);
    assert_non_null(strstr(err_text(e), below_a_file));
    err_free(e);
    log_info("one");

    assert_int_equal(rename(path, beside("nemd.log.2")), 0);
    assert_int_equal(mkdir(path, 0755), 0); /* now a folder has the file's name */
    e = log_reopen();
    log_info("two");
    assert_int_equal(rmdir(path), 0);
    assert_non_null(e);
    assert_int_equal(err_kind(e), ERR_IO);
    err_free(e);
    str text = content(beside("nemd.log.2"));
    assert_true(str_find(text, STR("msg=one\n")) > 0);
    assert_true(str_find(text, STR("msg=two\n")) > 0);
    assert_fine(log_reopen()); /* it is the first file's name that counts */
    log_info("three");
    assert_true(str_find(content(path), STR("msg=three\n")) > 0);
}

enum { THREADS = 8, LINES = 500 };

static void *write_lines(void *context) {
    int thread = *(int *)context;
    char filler[400];
    memset(filler, 'a' + thread, sizeof filler);
    for (int i = 0; i < LINES; i++)
        log_info("line", log_int("thread", thread), log_int("number", i),
                 log_str("filler", (str){filler, (size_t)(i % 400)}));
    return NULL;
}

static void many_threads_write_whole_lines_through_rotations(void **state) {
    (void)state;
    enum { ROTATIONS = 5 };
    pthread_t threads[THREADS];
    int numbers[THREADS], next[THREADS] = {0};
    start_anew();
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, &numbers[i]), 0);
    }
    for (int i = 0; i < ROTATIONS; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
        assert_int_equal(rename(path, arena_printf(&memory, "%s/rotated.%d", folder, i)), 0);
        assert_fine(log_reopen());
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    int lines = 0;
    for (int i = 0; i <= ROTATIONS; i++) {
        str text =
            content(i < ROTATIONS ? arena_printf(&memory, "%s/rotated.%d", folder, i) : path);
        assert_true(text.len == 0 || text.at[text.len - 1] == '\n');
        while (text.len) {
            struct pair pairs[MOST_PAIRS];
            uint64_t thread, number;
            assert_int_equal(read_line(str_cut(&text, '\n'), pairs), 6);
            assert_true(str_to_u64(pairs[3].value, &thread) && thread < THREADS);
            assert_true(str_to_u64(pairs[4].value, &number));
            assert_int_equal(number, next[thread]++); /* each thread's in its own order */
            assert_int_equal(pairs[5].value.len, number % 400);
            for (size_t k = 0; k < pairs[5].value.len; k++)
                assert_true(pairs[5].value.at[k] == (char)('a' + thread));
            lines++;
        }
    }
    assert_int_equal(lines, THREADS * LINES);
}

static void warnings_and_errors_are_kept_beside_the_log(void **state) {
    (void)state;
    const char *kept = arena_printf(&memory, "%s/kept", folder),
               *before = arena_printf(&memory, "%s/kept.1", folder);
    char words[1000];
    memset(words, 'w', sizeof words - 1);
    words[sizeof words - 1] = 0;
    start_anew();
    assert_fine(log_keep(kept));
    log_info("not that");
    log_warn("this");
    log_error("and that");
    str text = content(kept);
    assert_true(str_find(text, STR("not that")) < 0);
    assert_true(str_find(text, STR("level=warn msg=this\n")) > 0);
    assert_true(str_find(text, STR("level=error msg=\"and that\"\n")) > 0);
    for (int i = 0; i < 2 * LOG_KEPT_BYTES / (int)sizeof words; i++)
        log_warn("long", log_cstr("words", words));
    assert_in_range(content(kept).len, 1, LOG_KEPT_BYTES + 2 * sizeof words);
    assert_in_range(content(before).len, LOG_KEPT_BYTES / 2, LOG_KEPT_BYTES + 2 * sizeof words);
    assert_int_equal(remove(kept), 0); /* whoever removes it gets a new one */
    log_warn("again");
    assert_true(str_find(content(kept), STR("msg=again")) > 0);
    assert_fine(log_keep(NULL));
    log_warn("no more");
    assert_true(str_find(content(kept), STR("no more")) < 0);
}

/* The last lines of a log that is put aside again and again: five files and the one in use. */
static void a_log_that_gets_long_is_put_aside(void **state) {
    (void)state;
    enum { WRITTEN = 2000, MOST = 4096 };
    const char *rotated = beside("rotated.log");
    size_t seen = 0;
    int64_t last = WRITTEN;
    assert_fine(log_open(rotated));
    log_rotate_at(MOST);
    for (int i = 0; i < WRITTEN; i++)
        log_info("line", log_int("number", i));
    log_rotate_at(0);
    assert_false(file_exists(arena_printf(&memory, "%s.%d", rotated, LOG_GENERATIONS + 1)));
    for (int i = 0; i <= LOG_GENERATIONS; i++) {
        str rest = content(i ? arena_printf(&memory, "%s.%d", rotated, i) : rotated);
        assert_in_range(rest.len, 1, MOST + 200);
        size_t count = 0;
        uint64_t first = 0, number = 0;
        for (; rest.len; count++) {
            str line = str_cut(&rest, '\n');
            size_t digits = line.len - (size_t)str_find(line, STR("number=")) - 7;
            assert_true(str_to_u64((str){line.at + line.len - digits, digits}, &number));
            first = count ? first : number;
            assert_int_equal(number, first + count);
        }
        assert_int_equal(number + 1, last); /* no line was lost between two files */
        last = (int64_t)first;
        seen += count;
    }
    assert_in_range(seen, 5 * MOST / 80, WRITTEN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_go_to_standard_error_until_a_file_is_opened),
        cmocka_unit_test(a_line_holds_time_level_message_and_fields),
        cmocka_unit_test(missing_and_empty_values_are_empty),
        cmocka_unit_test(a_value_cannot_forge_a_line),
        cmocka_unit_test(escapes_are_written_as_promised),
        cmocka_unit_test(every_byte_reads_back),
        cmocka_unit_test(long_values_are_kept_whole),
        cmocka_unit_test(events_below_the_level_are_dropped),
        cmocka_unit_test(levels_have_names_in_either_case),
        cmocka_unit_test(opening_appends_to_what_is_there),
        cmocka_unit_test(reopening_follows_the_name_after_a_rotation),
        cmocka_unit_test(a_file_that_cannot_be_opened_leaves_the_old_one),
        cmocka_unit_test(many_threads_write_whole_lines_through_rotations),
        cmocka_unit_test(warnings_and_errors_are_kept_beside_the_log),
        cmocka_unit_test(a_log_that_gets_long_is_put_aside),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
