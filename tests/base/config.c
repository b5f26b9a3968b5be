#include "base/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct config config;

static int forget(void **state) {
    (void)state;
    config_free(&config);
    return 0;
}

static void take(const char *text) {
    err *e = config_parse(&config, "test.env", str_from(text));
    if (e)
        fail_msg("%s", err_text(e));
}

static void assert_value(const char *key, const char *want) {
    const char *got = config_get(&config, key, "(not set)");
    if (strcmp(got, want) != 0)
        fail_msg("%s is \"%s\", not \"%s\"", key, got, want);
}

/* [text] must be refused with [message]. */
static void assert_refused(const char *text, const char *message) {
    struct config c = {0};
    err *e = config_parse(&c, "test.env", str_from(text));
    if (!e)
        fail_msg("\"%s\" was taken", text);
    assert_int_equal(err_kind(e), ERR_USAGE);
    assert_string_equal(err_text(e), message);
    err_free(e);
    config_free(&c);
}

static void reads_the_forms_of_the_header(void **state) {
    (void)state;
    take("# a comment\n"
         "LOG_LEVEL=info\n"
         "export KEY=exported\n"
         "NAME=\"two words \\\"quoted\\\"\"\n"
         "PLAIN='as it is'\n");
    assert_value("LOG_LEVEL", "info");
    assert_value("KEY", "exported");
    assert_value("NAME", "two words \"quoted\"");
    assert_value("PLAIN", "as it is");
    assert_value("OTHER", "(not set)");
    assert_null(config_get(&config, "OTHER", NULL));
    assert_int_equal(config.count, 4);
}

static void reads_every_line(void **state) {
    (void)state;
    static const struct {
        const char *line, *value;
    } cases[] = {
        {"K=v", "v"},
        {"K=", ""},
        {"K=   ", ""},
        {"K=\"\"", ""},
        {"K=''", ""},
        {"  K = v  ", "v"},
        {"\tK\t=\tv\t", "v"},
        {"K=two words", "two words"},
        {"K=a=b=c", "a=b=c"},
        {"K=v # comment", "v"},
        {"K=v\t# comment", "v"},
        {"K=v#no comment", "v#no comment"},
        {"K=#comment", ""},
        {"K= # comment", ""},
        {"K=\"v # no comment\" # comment", "v # no comment"},
        {"K='v' # a \"comment\"", "v"},
        {"K=\"a\\nb\"", "a\nb"},
        {"K=\"a\\\\nb\"", "a\\nb"},
        {"K=\"a\\tb\"", "a\tb"},
        {"K=\"\\\\\"", "\\"},
        {"K='a\\nb'", "a\\nb"},
        {"K='\\'", "\\"},
        {"K='a\"b'", "a\"b"},
        {"K=\"it's\"", "it's"},
        {"K=\"over\ntwo lines\"", "over\ntwo lines"},
        {"K=a\"b", "a\"b"},
        {"K=C:\\new", "C:\\new"},
        {"K=https://www.nemweb.com.au/a?b=c#d", "https://www.nemweb.com.au/a?b=c#d"},
        {"K=\xc3\xa9", "\xc3\xa9"},
        {"export K=v", "v"},
        {"export   K = 'v'", "v"},
        {"#K=x\nK=v", "v"},
        {"\n\n  # K=\"\n\nK=v\n\n", "v"},
    };
    static const char *const ends[] = {"", "\n", "\r\n", "\nZ=z", "\r\nZ=z\r\n"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
            char text[200];
            snprintf(text, sizeof text, "A=a\n%s%s", cases[i].line, ends[k]);
            take(text);
            if (strcmp(config_get(&config, "K", "(not set)"), cases[i].value) != 0)
                fail_msg("\"%s\" became \"%s\"", text, config_get(&config, "K", "(not set)"));
            assert_value("A", "a");
            assert_value("Z", k >= 3 ? "z" : "(not set)");
            assert_int_equal(config.count, k >= 3 ? 3 : 2);
            config_free(&config);
        }
    }
}

static void an_empty_text_sets_nothing(void **state) {
    (void)state;
    static const char *const texts[] = {"", "\n", "  \t\r\n \n", "#", "# K=v", "\n#\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        take(texts[i]);
    assert_int_equal(config.count, 0);
    assert_value("K", "(not set)");
}

static void keys_are_compared_whole_and_with_their_case(void **state) {
    (void)state;
    take("KEY_2=v\n_x=y\n");
    assert_value("KEY_2", "v");
    assert_value("_x", "y");
    assert_value("KEY_", "(not set)");
    assert_value("KEY_22", "(not set)");
    assert_value("key_2", "(not set)");
}

static void later_lines_win(void **state) {
    (void)state;
    take("K=first\nL=l\nK=second\n");
    assert_value("K", "second");
    take("K=third\nM=\n");
    assert_value("K", "third");
    assert_value("L", "l");
    assert_value("M", "");
}

static void the_environment_beats_the_file(void **state) {
    (void)state;
    take("NEMD_TEST_A=file\nNEMD_TEST_B=file\n");
    setenv("NEMD_TEST_A", "environment", 1);
    setenv("NEMD_TEST_B", "", 1);
    setenv("NEMD_TEST_C", "alone", 1);
    assert_value("NEMD_TEST_A", "environment");
    assert_value("NEMD_TEST_B", ""); /* empty, but set */
    assert_value("NEMD_TEST_C", "alone");
    unsetenv("NEMD_TEST_A");
    unsetenv("NEMD_TEST_B");
    unsetenv("NEMD_TEST_C");
    assert_value("NEMD_TEST_A", "file");
    assert_value("NEMD_TEST_C", "(not set)");
}

static void mistakes_are_named_with_their_line(void **state) {
    (void)state;
    assert_refused("A=1\n\nKEY\nB=2\n", "test.env, line 3: expected KEY=VALUE");
    assert_refused("KEY", "test.env, line 1: expected KEY=VALUE");
    assert_refused("# x\n=v\n", "test.env, line 2: expected KEY=VALUE");
    assert_refused("A=1\n2K=v\n", "test.env, line 2: expected KEY=VALUE");
    assert_refused("A-B=v\n", "test.env, line 1: expected KEY=VALUE");
    assert_refused("A B=v\n", "test.env, line 1: expected KEY=VALUE");
    assert_refused("export\nK=v\n", "test.env, line 1: expected KEY=VALUE");
    assert_refused("\xef\xbb\xbfK=v\n", "test.env, line 1: expected KEY=VALUE");
    assert_refused("A=1\n\n\nK=\"open\nB=2\n", "test.env, line 4: the quotes are not closed");
    assert_refused("K='open", "test.env, line 1: the quotes are not closed");
    assert_refused("K=\"", "test.env, line 1: the quotes are not closed");
    assert_refused("K=\"a\\\"", "test.env, line 1: the quotes are not closed");
    assert_refused("K=\"a\\", "test.env, line 1: the quotes are not closed");
    assert_refused("K='a'b\n", "test.env, line 1: text after the closing quote");
    assert_refused("A=\"1\n2\n\"\nK=\"a\" b # c\n",
                   "test.env, line 4: text after the closing quote");
    assert_refused("K=\"over\ntwo\" lines\n", "test.env, line 1: text after the closing quote");
}

/* Values with quotes must not each cost the memory of the rest of the file. */
static void a_large_file_of_quoted_values_needs_little_memory(void **state) {
    (void)state;
    enum { COUNT = 60000 };
    struct buf text = {0};
    for (int i = 0; i < COUNT; i++)
        buf_printf(&text, "K%d=\"v%d\"\n", i, i);
    take(buf_cstr(&text));
    buf_free(&text);
    assert_int_equal(config.count, COUNT);
    assert_value("K0", "v0");
    assert_value("K59999", "v59999");
}

static void values_outlive_the_text(void **state) {
    (void)state;
    char text[] = "K=v\nL=\"l\"\n";
    take(text);
    memset(text, 'x', sizeof text - 1);
    assert_value("K", "v");
    assert_value("L", "l");
}

static void reads_a_file(void **state) {
    (void)state;
    char path[] = "/tmp/nemd-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "K=v\nL\n", 4), 4);
    err *e = config_read(&config, path);
    assert_null(e);
    assert_value("K", "v");

    assert_int_equal(write(fd, "L\n", 2), 2);
    e = config_read(&config, path);
    assert_non_null(e);
    assert_non_null(strstr(err_text(e), path));
    assert_non_null(strstr(err_text(e), "line 2"));
    err_free(e);

    close(fd);
    unlink(path);
    e = config_read(&config, path);
    assert_non_null(e);
    assert_int_equal(err_kind(e), ERR_IO);
    err_free(e);
}

static void a_file_without_end_is_refused(void **state) {
    (void)state;
    err *e = config_read(&config, "/dev/zero");
    assert_non_null(e);
    assert_int_equal(err_kind(e), ERR_INPUT);
    err_free(e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(reads_the_forms_of_the_header, forget),
        cmocka_unit_test_teardown(reads_every_line, forget),
        cmocka_unit_test_teardown(an_empty_text_sets_nothing, forget),
        cmocka_unit_test_teardown(keys_are_compared_whole_and_with_their_case, forget),
        cmocka_unit_test_teardown(later_lines_win, forget),
        cmocka_unit_test_teardown(the_environment_beats_the_file, forget),
        cmocka_unit_test_teardown(mistakes_are_named_with_their_line, forget),
        cmocka_unit_test_teardown(a_large_file_of_quoted_values_needs_little_memory, forget),
        cmocka_unit_test_teardown(values_outlive_the_text, forget),
        cmocka_unit_test_teardown(reads_a_file, forget),
        cmocka_unit_test_teardown(a_file_without_end_is_refused, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
