#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { LONG_MS = 60000, SOON_MS = 5000 }; /* "at once", on a machine that is busy */

static struct stop stop;

static int open_stop(void **state) {
    (void)state;
    err *e = stop_init(&stop);
    err_free(e);
    return e ? -1 : 0;
}

static int close_stop(void **state) {
    (void)state;
    stop_close(&stop);
    return 0;
}

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void nothing_is_requested_at_first(void **state) {
    (void)state;
    assert_false(stop_requested(&stop));
    assert_false(stop_requested(&stop));
}

static void a_request_holds_for_good(void **state) {
    (void)state;
    stop_request(&stop);
    int64_t start = now_ms();
    for (int i = 0; i < 10; i++) {
        assert_true(stop_requested(&stop));
        assert_true(stop_wait(&stop, LONG_MS));
    }
    assert_true(now_ms() - start < SOON_MS);
}

static void waiting_lasts_as_long_as_told(void **state) {
    (void)state;
    int64_t start = now_ms();
    assert_false(stop_wait(&stop, 80));
    assert_true(now_ms() - start >= 79); /* the two clocks round */
    assert_false(stop_wait(&stop, 0));
}

struct sleeper {
    pthread_t thread;
    bool told;
};

static void *sleep_long(void *context) {
    struct sleeper *s = context;
    s->told = stop_wait(&stop, LONG_MS);
    return NULL;
}

static void a_request_wakes_all_sleepers_at_once(void **state) {
    (void)state;
    struct sleeper sleepers[4] = {0};
    int64_t start = now_ms();
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&sleepers[i].thread, NULL, sleep_long, &sleepers[i]), 0);
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    stop_request(&stop);
    for (int i = 0; i < 4; i++) {
        pthread_join(sleepers[i].thread, NULL);
        assert_true(sleepers[i].told);
    }
    assert_true(now_ms() - start < SOON_MS);
}

static void many_requests_do_not_block(void **state) {
    (void)state;
    for (int i = 0; i < 200000; i++) /* more than a pipe holds */
        stop_request(&stop);
    assert_true(stop_requested(&stop));
}

static void a_request_leaves_errno_alone(void **state) {
    (void)state;
    for (int i = 0; i < 200000; i++) { /* until the pipe is full, where write fails */
        errno = 4242;
        stop_request(&stop);
        assert_int_equal(errno, 4242);
    }
}

static volatile sig_atomic_t alarms;

static void on_alarm(int signal_number) {
    (void)signal_number;
    alarms = alarms + 1;
}

static void on_alarm_stop(int signal_number) {
    (void)signal_number;
    alarms = alarms + 1;
    stop_request(&stop);
}

/* Has [handler] called after 30 ms and, with [again], every 7 ms from then on. */
static void set_alarm(void (*handler)(int), bool again) {
    struct sigaction action = {.sa_handler = handler};
    struct itimerval when = {.it_value = {.tv_usec = 30000}};
    if (again)
        when.it_interval.tv_usec = 7000;
    alarms = 0;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &when, NULL);
}

static int no_alarm(void **state) {
    struct itimerval never = {0};
    setitimer(ITIMER_REAL, &never, NULL);
    signal(SIGALRM, SIG_DFL);
    return close_stop(state);
}

static void a_signal_handler_can_request(void **state) {
    (void)state;
    int64_t start = now_ms();
    set_alarm(on_alarm_stop, false);
    assert_true(stop_wait(&stop, LONG_MS));
    assert_true(now_ms() - start < SOON_MS);
    assert_int_equal(alarms, 1);
}

static void other_signals_do_not_cut_a_wait_short(void **state) {
    (void)state;
    int64_t start = now_ms();
    set_alarm(on_alarm, true);
    assert_false(stop_wait(&stop, 150));
    assert_true(now_ms() - start >= 149);
    assert_true(now_ms() - start < SOON_MS); /* nor does each begin it anew */
    assert_true(alarms >= 2);
}

static void programs_that_are_started_do_not_inherit_it(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_true(fcntl(stop.pipe[i], F_GETFD) & FD_CLOEXEC);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_requested_at_first, open_stop, close_stop),
        cmocka_unit_test_setup_teardown(a_request_holds_for_good, open_stop, close_stop),
        cmocka_unit_test_setup_teardown(waiting_lasts_as_long_as_told, open_stop, close_stop),
        cmocka_unit_test_setup_teardown(a_request_wakes_all_sleepers_at_once, open_stop,
                                        close_stop),
        cmocka_unit_test_setup_teardown(many_requests_do_not_block, open_stop, close_stop),
        cmocka_unit_test_setup_teardown(a_request_leaves_errno_alone, open_stop, close_stop),
        cmocka_unit_test_setup_teardown(a_signal_handler_can_request, open_stop, no_alarm),
        cmocka_unit_test_setup_teardown(other_signals_do_not_cut_a_wait_short, open_stop, no_alarm),
        cmocka_unit_test_setup_teardown(programs_that_are_started_do_not_inherit_it, open_stop,
                                        close_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
