#include "store/ledger.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "base/file.h"

#include "support/check.h"

struct fixture {
    char *folder;
    struct arena memory;
    const char *path;
    struct ledger *ledger;
};

static int open_ledger(void **state) {
    struct fixture *f = mem_zalloc(1, sizeof *f);
    f->folder = temporary_folder();
    f->path = arena_printf(&f->memory, "%s/state.db", f->folder);
    assert_ok(ledger_open(f->path, NULL, &f->ledger));
    *state = f;
    return 0;
}

static int close_ledger(void **state) {
    struct fixture *f = *state;
    ledger_close(f->ledger);
    remove_folder(f->folder);
    arena_free(&f->memory);
    free(f);
    return 0;
}

static struct ledger_file find(struct fixture *f, const char *name) {
    struct ledger_file file;
    assert_ok(ledger_find(f->ledger, "feed", str_from(name), &file));
    return file;
}

static void an_unheard_of_file_is_unknown(void **state) {
    assert_int_equal(find(*state, "a.zip").status, LEDGER_UNKNOWN);
}

static void only_failures_of_the_file_itself_use_up_its_tries(void **state) {
    struct fixture *f = *state;
    assert_ok(ledger_failed(f->ledger, "feed", STR("a.zip"), 10, "no answer", false, 5));
    assert_int_equal(find(f, "a.zip").tries, 0);
    assert_ok(ledger_failed(f->ledger, "feed", STR("a.zip"), 10, "bad", true, 50));
    assert_ok(ledger_failed(f->ledger, "feed", STR("a.zip"), 10, "no answer", false, 60));
    assert_ok(ledger_failed(f->ledger, "feed", STR("a.zip"), 10, "bad", true, 70));
    struct ledger_file file = find(f, "a.zip");
    assert_int_equal(file.status, LEDGER_FAILED);
    assert_int_equal(file.tries, 2);
    assert_int_equal(file.next_try, 70);
    /* another size is another file */
    assert_ok(ledger_failed(f->ledger, "feed", STR("a.zip"), 11, "bad", true, 80));
    assert_int_equal(find(f, "a.zip").tries, 1);
    assert_int_equal(find(f, "a.zip").size, 11);
}

static void a_file_that_is_done_forgets_its_failures(void **state) {
    struct fixture *f = *state;
    const struct ledger_content contents[] = {{"prices5", 1000, 1002, 15},
                                              {"fcas5", 1000, 1002, 15}};
    struct ledger_failure *failures;
    struct ledger_feed feed;
    size_t count;
    assert_ok(ledger_failed(f->ledger, "feed", STR("a.zip"), 10, "it's \"bad\"", true, 50));
    assert_ok(ledger_failures(f->ledger, &f->memory, 5, &failures, &count));
    assert_int_equal(count, 1);
    assert_string_equal(failures[0].reason, "it's \"bad\"");
    assert_ok(ledger_done(f->ledger, "feed", STR("a.zip"), 10, 1234, contents, 2));
    assert_ok(ledger_done(f->ledger, "feed", STR("a.zip"), 10, 1235, contents, 2)); /* again */
    assert_ok(ledger_failures(f->ledger, &f->memory, 5, &failures, &count));
    assert_int_equal(count, 0);
    assert_ok(ledger_feed(f->ledger, &f->memory, "feed", &feed));
    assert_int_equal(feed.done, 1);
    assert_int_equal(feed.failed, 0);
    assert_int_equal(feed.last_fetch, 1235);
    assert_int_equal(find(f, "a.zip").tries, 0);
}

static void what_was_not_committed_is_gone_and_what_was_is_there_for_others(void **state) {
    struct fixture *f = *state;
    struct ledger *other;
    struct ledger_file file;
    assert_ok(ledger_begin(f->ledger));
    assert_ok(ledger_done(f->ledger, "feed", STR("lost.zip"), 1, 1, NULL, 0));
    ledger_rollback(f->ledger);
    assert_int_equal(find(f, "lost.zip").status, LEDGER_UNKNOWN);
    assert_ok(ledger_begin(f->ledger));
    assert_ok(ledger_done(f->ledger, "feed", STR("kept.zip"), 1, 1, NULL, 0));
    assert_ok(ledger_commit(f->ledger));
    assert_ok(ledger_open(f->path, NULL, &other));
    assert_ok(ledger_find(other, "feed", STR("kept.zip"), &file));
    assert_int_equal(file.status, LEDGER_DONE);
    ledger_close(other);
}

static void the_last_listing_of_a_feed_is_remembered(void **state) {
    struct fixture *f = *state;
    struct ledger_feed feed;
    assert_ok(ledger_listed(f->ledger, "feed", "the server answered 503"));
    assert_ok(ledger_feed(f->ledger, &f->memory, "feed", &feed));
    assert_string_equal(feed.last_error, "the server answered 503");
    assert_ok(ledger_listed(f->ledger, "feed", NULL));
    assert_ok(ledger_feed(f->ledger, &f->memory, "feed", &feed));
    assert_null(feed.last_error);
    assert_true(feed.last_listed > 0);
}

static void what_could_not_be_had_is_counted_apart_from_what_is_bad(void **state) {
    struct fixture *f = *state;
    for (int i = 1; i <= 3; i++) {
        assert_ok(ledger_failed(f->ledger, "feed", STR("a.zip"), 10, "no answer", false, 5));
        assert_int_equal(find(f, "a.zip").misses, i);
    }
    assert_ok(ledger_failed(f->ledger, "feed", STR("a.zip"), 10, "bad", true, 5));
    assert_int_equal(find(f, "a.zip").misses, 0);
    assert_int_equal(find(f, "a.zip").tries, 1);
}

static void a_finding_is_recorded_once(void **state) {
    struct fixture *f = *state;
    int64_t count;
    for (int i = 0; i < 3; i++)
        assert_ok(ledger_finding(f->ledger, "tie", i < 2 ? "a" : "b", "text"));
    assert_ok(ledger_finding_count(f->ledger, &count));
    assert_int_equal(count, 2);
}

static void a_damaged_ledger_is_put_aside(void **state) {
    struct fixture *f = *state;
    struct arena a = {0};
    ledger_close(f->ledger);
    f->ledger = NULL;
    assert_ok(file_write_atomic(f->path, STR("this is no database, and long enough to be read")));
    assert_ok(ledger_open(f->path, NULL, &f->ledger));
    assert_int_equal(find(f, "a.zip").status, LEDGER_UNKNOWN);
    assert_true(file_exists(arena_printf(&a, "%s.broken", f->path)));
    arena_free(&a);
}

static void assert_reads_as_empty(const char *path) {
    struct ledger *reader;
    struct ledger_file file;
    assert_ok(ledger_open_to_read(path, &reader));
    assert_ok(ledger_find(reader, "feed", STR("a.zip"), &file));
    assert_int_equal(file.status, LEDGER_UNKNOWN);
    ledger_close(reader);
}

static void a_ledger_that_has_no_tables_yet_reads_as_empty(void **state) {
    struct fixture *f = *state;
    struct arena a = {0};
    const char *begun = arena_printf(&a, "%s/be#gun?%%41.db", f->folder);
    assert_ok(file_write_atomic(begun, STR(""))); /* as a writer leaves it that is killed at once */
    assert_reads_as_empty(begun);
    sqlite3 *db; /* a little later it has a page, and a journal that is to be played back */
    assert_int_equal(sqlite3_open(begun, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (x); DROP TABLE t", NULL, NULL, NULL), 0);
    sqlite3_close(db);
    char journal[512] = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";
    journal[22] = 2, journal[26] = 0x10; /* sectors of 512 bytes, pages of 4,096 */
    assert_ok(
        file_write_atomic(arena_printf(&a, "%s-journal", begun), (str){journal, sizeof journal}));
    assert_reads_as_empty(begun);
    arena_free(&a);
}

static void reading_makes_no_ledger_and_changes_none(void **state) {
    struct fixture *f = *state;
    struct ledger *reader;
    struct ledger_file file;
    struct arena a = {0};
    const char *missing = arena_printf(&a, "%s/none.db", f->folder);
    assert_ok(ledger_open_to_read(missing, &reader));
    assert_ok(ledger_find(reader, "feed", STR("a.zip"), &file));
    assert_int_equal(file.status, LEDGER_UNKNOWN);
    ledger_close(reader);
    assert_false(file_exists(missing));
    assert_ok(ledger_done(f->ledger, "feed", STR("a.zip"), 1, 1, NULL, 0));
    assert_ok(ledger_open_to_read(f->path, &reader));
    assert_ok(ledger_find(reader, "feed", STR("a.zip"), &file));
    assert_int_equal(file.status, LEDGER_DONE);
    assert_err(ledger_listed(reader, "feed", NULL), ERR_IO, "readonly");
    ledger_close(reader);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, open_ledger, close_ledger)
        LEDGER_TEST(an_unheard_of_file_is_unknown),
        LEDGER_TEST(only_failures_of_the_file_itself_use_up_its_tries),
        LEDGER_TEST(a_file_that_is_done_forgets_its_failures),
        LEDGER_TEST(what_was_not_committed_is_gone_and_what_was_is_there_for_others),
        LEDGER_TEST(the_last_listing_of_a_feed_is_remembered),
        LEDGER_TEST(what_could_not_be_had_is_counted_apart_from_what_is_bad),
        LEDGER_TEST(a_finding_is_recorded_once),
        LEDGER_TEST(a_damaged_ledger_is_put_aside),
        LEDGER_TEST(a_ledger_that_has_no_tables_yet_reads_as_empty),
        LEDGER_TEST(reading_makes_no_ledger_and_changes_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
