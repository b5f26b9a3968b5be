#include "base/intern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_str(str got, str want) {
    assert_int_equal(got.len, want.len);
    if (want.len)
        assert_memory_equal(got.at, want.at, want.len);
}

static void numbers_follow_the_order_of_coming(void **state) {
    (void)state;
    struct intern set = {0};
    assert_int_equal(intern_add(&set, STR("NSW1")), 0);
    assert_int_equal(intern_add(&set, STR("QLD1")), 1);
    assert_int_equal(intern_add(&set, STR("NSW1")), 0);
    assert_int_equal(intern_add(&set, STR("nsw1")), 2); /* another string */
    assert_int_equal(set.count, 3);
    assert_int_equal(intern_find(&set, STR("QLD1")), 1);
    assert_int_equal(intern_find(&set, STR("QLD")), INTERN_NONE);
    assert_int_equal(intern_find(&set, STR("QLD11")), INTERN_NONE);
    assert_str(set.texts[1], STR("QLD1"));
    intern_free(&set);
}

static void an_empty_set_holds_nothing(void **state) {
    (void)state;
    struct intern set = {0};
    assert_int_equal(intern_find(&set, STR("NSW1")), INTERN_NONE);
    assert_int_equal(intern_find(&set, STR("")), INTERN_NONE);
    intern_free(&set);
}

static void the_empty_string_has_a_number(void **state) {
    (void)state;
    struct intern set = {0};
    assert_int_equal(intern_add(&set, STR("a")), 0);
    assert_int_equal(intern_find(&set, STR("")), INTERN_NONE);
    assert_int_equal(intern_add(&set, (str){0}), 1);
    assert_int_equal(intern_add(&set, STR("")), 1);
    assert_int_equal(intern_find(&set, (str){0}), 1);
    assert_int_equal(set.texts[1].len, 0);
    intern_free(&set);
}

static void zero_bytes_tell_strings_apart(void **state) {
    (void)state;
    struct intern set = {0};
    assert_int_equal(intern_add(&set, STR("a\0b")), 0);
    assert_int_equal(intern_add(&set, STR("a\0c")), 1);
    assert_int_equal(intern_add(&set, STR("a")), 2);
    assert_int_equal(intern_add(&set, STR("a\0")), 3);
    assert_int_equal(intern_add(&set, STR("\0")), 4);
    assert_int_equal(intern_find(&set, STR("a\0c")), 1);
    assert_int_equal(intern_find(&set, STR("\0\0")), INTERN_NONE);
    assert_str(set.texts[0], STR("a\0b"));
    intern_free(&set);
}

static void texts_are_copies(void **state) {
    (void)state;
    struct intern set = {0};
    char text[] = "ARWF1";
    assert_int_equal(intern_add(&set, str_from(text)), 0);
    memcpy(text, "XXXXX", 5);
    assert_int_equal(intern_find(&set, STR("ARWF1")), 0);
    assert_str(set.texts[0], STR("ARWF1"));
    assert_int_equal(intern_add(&set, str_from(text)), 1);
    intern_free(&set);
}

enum { MANY = 100000 };

/* DUID-like names, many of which share beginnings and ends. */
static str name(int i, char out[24]) {
    return (str){out, (size_t)snprintf(out, 24, "%s%d#%d", i % 3 ? "UNIT" : "W/", i, i % 7)};
}

static void numbers_stay_while_the_set_grows(void **state) {
    (void)state;
    struct intern set = {0};
    char text[24];
    const char *first = NULL;
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(intern_find(&set, name(i, text)), INTERN_NONE);
        assert_int_equal(intern_add(&set, name(i, text)), i);
        assert_int_equal(intern_add(&set, name(i / 2, text)), i / 2);
        if (i == 0)
            first = set.texts[0].at;
    }
    assert_int_equal(set.count, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(intern_find(&set, name(i, text)), i);
        assert_str(set.texts[i], name(i, text));
    }
    assert_int_equal(intern_find(&set, name(MANY, text)), INTERN_NONE);
    assert_ptr_equal(set.texts[0].at, first); /* views of earlier texts stay good */
    intern_free(&set);
    assert_int_equal(set.count, 0);
    assert_int_equal(intern_find(&set, name(0, text)), INTERN_NONE);
    assert_int_equal(intern_add(&set, name(5, text)), 0); /* and can be used anew */
    intern_free(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_follow_the_order_of_coming),
        cmocka_unit_test(an_empty_set_holds_nothing),
        cmocka_unit_test(the_empty_string_has_a_number),
        cmocka_unit_test(zero_bytes_tell_strings_apart),
        cmocka_unit_test(texts_are_copies),
        cmocka_unit_test(numbers_stay_while_the_set_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
