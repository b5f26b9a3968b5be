/* The watcher on a store of its own: what it publishes, and when. */
#include "api/watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/alerts.h"

static char folder[] = "/tmp/nemd-watch-XXXXXX";
static struct arena memory;
static struct events events;
static struct watch watch;

static int begin(void **state) {
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_null(
        file_write_atomic(arena_printf(&memory, "%s/STORE", folder), STR("format=1\nkind=real\n")));
    events_init(&events, 8);
    return 0;
}

static int end(void **state) {
    (void)state;
    events_free(&events);
    const char *command = arena_printf(&memory, "rm -rf %s", folder);
    int status = system(command); // NOLINT(cert-env33-c)
    arena_free(&memory);
    return status;
}

/* The event that holds [text] in [state], waited for; NULL when it doesn't come. */
static const char *published(const char *text) {
    for (int i = 0; i < 3000; i++) {
        const char *found = NULL;
        pthread_mutex_lock(&events.mutex);
        for (int k = 0; k < EVENTS_KEPT && !found; k++)
            if (events.ring[k].text && strstr(events.ring[k].text, text))
                found = str_dup(&memory, str_from(events.ring[k].text));
        pthread_mutex_unlock(&events.mutex);
        if (found)
            return found;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return NULL;
}

static void decide(struct alerts *a, const char *key) {
    const struct alert_decision d = {.rule = "price_high",
                                     .key = key,
                                     .kind = "alert",
                                     .severity = ALERT_CRITICAL,
                                     .at = 1755655200,
                                     .decided = 1755655210,
                                     .value = 1500.5,
                                     .text = "SA1 is \"high\""};
    assert_null(alerts_begin(a));
    assert_null(alerts_add_decision(a, &d));
    assert_null(alerts_commit(a));
}

static void what_alerts_decide_is_told_once_and_nothing_of_before(void **state) {
    struct alerts alerts;
    (void)state;
    assert_null(alerts_open(&alerts, alerts_path(&memory, folder), NULL));
    decide(&alerts, "BEFORE");
    assert_null(watch_open(&watch, folder, &events));
    assert_non_null(published("event: stale")); /* the first look is under way */
    /* and over when another one was asked for and made */
    while (watch.decision < 0)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    decide(&alerts, "SA1");
    watch_look(&watch);
    const char *event = published("event: alert");
    assert_non_null(event);
    assert_non_null(strstr(event,
                           "data: {\"id\":2,\"rule\":\"price_high\",\"key\":\"SA1\",\"kind\":"
                           "\"alert\",\"severity\":\"critical\",\"time\":1755655200,"
                           "\"value\":1500.5,\"text\":\"SA1 is \\\"high\\\"\",\"sent\":true}"));
    decide(&alerts, "NSW1");
    assert_non_null(published("NSW1"));
    watch_close(&watch);
    int alert_events = 0;
    for (int k = 0; k < EVENTS_KEPT; k++)
        alert_events += events.ring[k].text && strstr(events.ring[k].text, "event: alert");
    assert_int_equal(alert_events, 2);
    alerts_close(&alerts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_alerts_decide_is_told_once_and_nothing_of_before),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
