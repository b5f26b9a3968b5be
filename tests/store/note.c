#include "store/note.h"

#include "base/file.h"
#include "support/check.h"

static void what_is_written_is_read(void **state) {
    (void)state;
    char *folder = temporary_folder();
    static const char *const odd[] = {
        "",
        " two words ",
        "a \"quoted\" \\ one",
        "lines\nof\ntext",
        "k=v # no comment",
        "\xc3\xa9\xff",
    };
    struct note n = {.text = {0}};
    struct arena a = {0};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        note_add(&n, arena_printf(&a, "odd_%zu", i), odd[i]);
    note_add(&n, "none", NULL);
    note_add_number(&n, "least", INT64_MIN);
    note_add(&n, "words", "12 apples");
    assert_ok(note_write(folder, "test", &n));
    note_free(&n);
    assert_ok(note_read(folder, "test", &n));
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_string_equal(note_text(&n, arena_printf(&a, "odd_%zu", i)), odd[i]);
    assert_null(note_text(&n, "none"));
    assert_int_equal(note_number(&n, "least", 0), INT64_MIN);
    assert_int_equal(note_number(&n, "words", -1), -1);
    assert_int_equal(note_number(&n, "none", 7), 7);
    assert_true(note_number(&n, "at", 0) > 1000000000);
    note_free(&n);
    assert_ok(note_read(folder, "nothing", &n)); /* no note is an empty one */
    assert_null(note_text(&n, "at"));
    note_free(&n);
    assert_ok(
        file_write_atomic(arena_printf(&a, "%s/notes/test", folder), STR("no line at all\n")));
    assert_err(note_read(folder, "test", &n), ERR_USAGE, "notes/test, line 1");
    note_free(&n);
    arena_free(&a);
    remove_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_written_is_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
