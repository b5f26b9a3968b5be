#include "base/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/check.h"

static void states_reach_the_socket_and_go_nowhere_without_one(void **state) {
    char *folder = temporary_folder(), text[32] = "";
    struct arena a = {0};
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)state;
    const char *path = arena_printf(&a, "%s/socket", folder);
    memcpy(at.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)(void *)&at, sizeof at), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
    notify_supervisor("READY=1");
    assert_int_equal(recv(fd, text, sizeof text, MSG_DONTWAIT), 7);
    assert_memory_equal(text, "READY=1", 7);
    static const char *const senseless[] = {"", "/", "relative", "/nowhere/at/all"};
    for (size_t i = 0; i < sizeof senseless / sizeof *senseless; i++) {
        setenv("NOTIFY_SOCKET", senseless[i], 1);
        notify_supervisor("READY=1");
    }
    unsetenv("NOTIFY_SOCKET");
    notify_supervisor("READY=1");
    assert_int_equal(recv(fd, text, sizeof text, MSG_DONTWAIT), -1);
    close(fd);
    arena_free(&a);
    remove_folder(folder);
}

static void the_watchdog_is_told_thrice_in_its_time(void **state) {
    char pid[32];
    (void)state;
    unsetenv("WATCHDOG_USEC");
    assert_int_equal(notify_watchdog_ms(), 0);
    setenv("WATCHDOG_USEC", "120000000", 1);
    assert_int_equal(notify_watchdog_ms(), 40000);
    setenv("WATCHDOG_PID", "1", 1); /* another process's */
    assert_int_equal(notify_watchdog_ms(), 0);
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    assert_int_equal(notify_watchdog_ms(), 40000);
    setenv("WATCHDOG_USEC", "-5", 1);
    assert_int_equal(notify_watchdog_ms(), 0);
    setenv("WATCHDOG_USEC", "99999999999999999999", 1);
    assert_int_equal(notify_watchdog_ms(), 0);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_reach_the_socket_and_go_nowhere_without_one),
        cmocka_unit_test(the_watchdog_is_told_thrice_in_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
