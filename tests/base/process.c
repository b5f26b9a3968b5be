#include "base/process.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"

static void this_process_is_known(void **state) {
    (void)state;
    enum { MORE = 32 << 20 };
    struct process_usage before, after;
    assert_true(process_usage(getpid(), &before));
    assert_in_range(before.memory, 1 << 18, UINT32_MAX);
    char *more = malloc(MORE);
    assert_non_null(more);
    volatile double sum = 0;
    for (int i = 0; i < 200; i++) { /* until a tick of the clock was used */
        memset(more, i, MORE);
        sum += more[i];
        assert_true(process_usage(getpid(), &after));
        if (after.cpu_s > before.cpu_s)
            break;
    }
    assert_true(after.cpu_s > before.cpu_s);
    assert_true(after.memory >= before.memory + MORE / 2);
    free(more);
}

static void one_that_is_gone_is_not(void **state) {
    (void)state;
    struct process_usage usage;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(0);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_false(process_usage(child, &usage)); /* a zombie does nothing */
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(process_usage(child, &usage));
    assert_false(process_usage(-1, &usage));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(this_process_is_known),
        cmocka_unit_test(one_that_is_gone_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
