/* What the store's tests share: assertions on errors, a folder that goes away, small frames. */
#ifndef TESTS_SUPPORT_CHECK_H
#define TESTS_SUPPORT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

/* Fails with the error's own words. */
#define assert_ok(expression)                                                                      \
    do {                                                                                           \
        err *check_error_ = (expression);                                                          \
        if (check_error_)                                                                          \
            fail_msg("%s", err_text(check_error_));                                                \
    } while (0)

/* Fails unless [expression] gives an error of [kind] whose text holds [part]. */
#define assert_err(expression, kind, part)                                                         \
    check_err((expression), (kind), (part), __FILE__, __LINE__)
void check_err(err *e, enum err_kind kind, const char *part, const char *file, int line);

/* A fresh folder under the system's temporary one, and its removal with all that is in it. */
char *temporary_folder(void);
void remove_folder(char *path);
/* From here on temporary folders are in memory where the system has such a place. For tests that
 * kill processes, not machines, by the hundred: waiting for a disk tells them nothing. */
void use_memory_folders(void);

/* With the sanitizers a fork takes long: they see every [SPARSE]th of the trials that the release
 * build does, another one of each kind. NEMD_LONG=1 in the environment has all of them done. */
#ifdef __SANITIZE_ADDRESS__
enum { SPARSE = 5 };
#else
enum { SPARSE = 1 };
#endif
bool want_long(void);

/* A small repeatable generator (xorshift64). */
struct random {
    uint64_t state;
};
uint64_t random_next(struct random *r);

#endif
