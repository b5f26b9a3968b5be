#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void an_error_has_a_kind_and_a_text(void **state) {
    (void)state;
    err *e = err_new(ERR_USAGE, "no command '%s', line %d", "colect", 7);
    assert_int_equal(err_kind(e), ERR_USAGE);
    assert_string_equal(err_text(e), "no command 'colect', line 7");
    err_free(e);
    e = err_new(ERR_BUSY, "%s", "");
    assert_string_equal(err_text(e), "");
    err_free(e);
    err_free(NULL);
}

static void an_error_of_the_system_ends_with_its_words(void **state) {
    (void)state;
    err *e = err_errno(ENOENT, "can't open %s", "/data/x");
    char want[200];
    snprintf(want, sizeof want, "can't open /data/x: %s", strerror(ENOENT));
    assert_int_equal(err_kind(e), ERR_IO);
    assert_string_equal(err_text(e), want);
    err_free(e);
}

static void wrapping_puts_words_before_and_keeps_the_kind(void **state) {
    (void)state;
    for (int kind = ERR_INPUT; kind <= ERR_STOPPED; kind++) {
        err *e = err_new((enum err_kind)kind, "line %d: RRP is 'abc', not a number", 7);
        e = err_wrap(e, "%s", "PUBLIC_X.zip");
        e = err_wrap(e, "dispatchis");
        assert_int_equal(err_kind(e), kind);
        assert_string_equal(err_text(e),
                            "dispatchis: PUBLIC_X.zip: line 7: RRP is 'abc', not a number");
        err_free(e);
    }
}

static void percent_signs_in_a_cause_stay_as_they_are(void **state) {
    (void)state;
    err *e = err_wrap(err_new(ERR_INPUT, "%s", "PUBLIC_ARCHIVE%23X%s%n"), "can't get it");
    assert_string_equal(err_text(e), "can't get it: PUBLIC_ARCHIVE%23X%s%n");
    err_free(e);
}

static void a_wrapper_can_quote_its_cause(void **state) {
    (void)state;
    err *cause = err_new(ERR_IO, "full"), *e = err_wrap(cause, "(%s)", err_text(cause));
    assert_string_equal(err_text(e), "(full): full");
    err_free(e);
}

static void success_stays_success_when_wrapped(void **state) {
    (void)state;
    assert_null(err_wrap(NULL, "reading %s", "x"));
}

static void long_texts_are_kept_whole(void **state) {
    (void)state;
    enum { WIDTH = 5000, LAYERS = 50 };
    err *e = err_new(ERR_INPUT, "%*s", WIDTH, "x");
    for (int i = 0; i < LAYERS; i++)
        e = err_wrap(e, "%*d", WIDTH, i);
    assert_int_equal(strlen(err_text(e)), WIDTH + LAYERS * (WIDTH + 2));
    assert_int_equal(err_text(e)[WIDTH - 1], '9'); /* of layer 49, the outermost */
    err_free(e);
}

static int reached;

static err *succeed_then(err *later) {
    TRY(NULL);
    reached = 1;
    TRY(later);
    reached = 2;
    return NULL;
}

static void try_hands_on_the_first_failure(void **state) {
    (void)state;
    err *e = err_new(ERR_NETWORK, "refused");
    assert_ptr_equal(succeed_then(e), e);
    assert_int_equal(reached, 1);
    assert_null(succeed_then(NULL));
    assert_int_equal(reached, 2);
    err_free(e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_has_a_kind_and_a_text),
        cmocka_unit_test(an_error_of_the_system_ends_with_its_words),
        cmocka_unit_test(wrapping_puts_words_before_and_keeps_the_kind),
        cmocka_unit_test(percent_signs_in_a_cause_stay_as_they_are),
        cmocka_unit_test(a_wrapper_can_quote_its_cause),
        cmocka_unit_test(success_stays_success_when_wrapped),
        cmocka_unit_test(long_texts_are_kept_whole),
        cmocka_unit_test(try_hands_on_the_first_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
