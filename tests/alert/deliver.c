/* Delivery through outages, floods and quiet hours, with a clock of the test's and a sink that does
 * as it is told. */
#include "alert/deliver.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "support/check.h"

enum { MOST_SENT = 4000, BEGIN = 1755684000 /* 2025-08-20 20:00 AEST */ };

static struct receiver {
    enum sink_outcome answer;
    int retry_after_s, tries;
    size_t count;
    char titles[MOST_SENT][120];
    char last_text[4000];
} receiver;

static enum sink_outcome take(const struct sink *s, size_t target, const struct alert_message *m,
                              struct sink_problem *problem) {
    (void)s, (void)target;
    receiver.tries++;
    if (receiver.answer == SINK_SENT && receiver.count < MOST_SENT) {
        snprintf(receiver.titles[receiver.count++], 120, "%s", m->title);
        snprintf(receiver.last_text, sizeof receiver.last_text, "%s", m->text);
    }
    sink_say(problem, "told to");
    problem->retry_after_s = receiver.retry_after_s;
    return receiver.answer;
}

static const struct sink_kind kind = {.name = "test", .send = take};

struct fixture {
    struct alerts alerts;
    struct arena memory;
    struct sink sink;
};

static int set_up(void **state) {
    static const char *targets[] = {"t1"};
    struct fixture *f = mem_zalloc(1, sizeof *f);
    log_set_level(LOG_ERROR);
    assert_ok(alerts_open_in_memory(&f->alerts));
    f->sink = (struct sink){
        .kind = &kind, .targets = targets, .digests = targets, .target_count = 1, .rate = 10};
    memset(&receiver, 0, sizeof receiver);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    alerts_close(&f->alerts);
    arena_free(&f->memory);
    free(f);
    return 0;
}

static void enqueue(struct fixture *f, enum alert_severity severity, int64_t now) {
    static int number;
    int64_t id;
    bool fresh;
    const struct alert_message m = {.at = now,
                                    .made = now,
                                    .rule = "price",
                                    .kind = "alert",
                                    .severity = severity,
                                    .text = "text",
                                    .title = arena_printf(&f->memory, "alert %d", number++)};
    assert_ok(alerts_add_message(&f->alerts, &m, &id, &fresh));
    assert_ok(outbox_add(&f->alerts, id, "test", "t1", now));
}

static int64_t deliver(struct fixture *f, int64_t now) {
    int64_t next;
    assert_ok(deliver_due(&f->alerts, &f->sink, now, &next));
    assert_true(next > now && next <= now + 3600);
    return next;
}

/* As the thread does it, [from] to [to]; the number of tries. */
static int run(struct fixture *f, int64_t from, int64_t to) {
    int before = receiver.tries;
    while (from < to)
        from = deliver(f, from);
    return receiver.tries - before;
}

static void a_message_is_sent_once(void **state) {
    struct fixture *f = *state;
    enqueue(f, ALERT_INFO, BEGIN);
    run(f, BEGIN, BEGIN + 3600);
    assert_int_equal(receiver.count, 1);
    assert_int_equal(receiver.tries, 1);
}

static void pauses_double_up_to_a_limit(void **state) {
    (void)state;
    assert_int_equal(deliver_pause_s(0, 0), 5);
    assert_int_equal(deliver_pause_s(1, 0), 10);
    assert_int_equal(deliver_pause_s(0, 120), 120);
    assert_int_equal(deliver_pause_s(7, 0), 640);
    assert_int_equal(deliver_pause_s(8, 0), 900);
    assert_int_equal(deliver_pause_s(1000000, 0), 900);
}

static void an_outage_delays_and_loses_nothing(void **state) {
    struct fixture *f = *state;
    enqueue(f, ALERT_INFO, BEGIN);
    receiver.answer = SINK_RETRY;
    int tries = run(f, BEGIN, BEGIN + 2 * 86400);
    assert_in_range(tries, 100, 400);
    receiver.answer = SINK_SENT;
    run(f, BEGIN + 2 * 86400, BEGIN + 2 * 86400 + 1800);
    assert_int_equal(receiver.count, 1);
}

static void after_three_days_it_is_given_up_and_said(void **state) {
    struct fixture *f = *state;
    struct outbox_sink *sinks;
    size_t count;
    enqueue(f, ALERT_INFO, BEGIN);
    receiver.answer = SINK_RETRY;
    run(f, BEGIN, BEGIN + GIVE_UP_S + 3600);
    assert_ok(outbox_sinks(&f->alerts, &f->memory, &sinks, &count));
    assert_true(count == 1 && sinks[0].waiting == 0 && sinks[0].failed == 1);
    assert_string_equal(sinks[0].last_error, "told to");
}

static void what_is_refused_for_good_holds_up_no_other(void **state) {
    struct fixture *f = *state;
    enqueue(f, ALERT_INFO, BEGIN);
    receiver.answer = SINK_REFUSED;
    run(f, BEGIN, BEGIN + 60);
    assert_int_equal(receiver.tries, 1);
    receiver.answer = SINK_SENT;
    enqueue(f, ALERT_INFO, BEGIN + 60);
    run(f, BEGIN + 60, BEGIN + 120);
    assert_int_equal(receiver.count, 1);
}

static void a_pause_that_is_asked_for_is_kept(void **state) {
    struct fixture *f = *state;
    enqueue(f, ALERT_INFO, BEGIN);
    receiver.answer = SINK_RETRY;
    receiver.retry_after_s = 1000;
    deliver(f, BEGIN);
    assert_int_equal(run(f, BEGIN + 1, BEGIN + 1000), 0);
}

static void what_piled_up_comes_as_one(void **state) {
    struct fixture *f = *state;
    receiver.answer = SINK_RETRY;
    for (int i = 0; i < 150; i++)
        enqueue(f, i == 70 ? ALERT_CRITICAL : ALERT_INFO, BEGIN + i);
    run(f, BEGIN + 200, BEGIN + 40000);
    receiver.answer = SINK_SENT;
    run(f, BEGIN + 40000, BEGIN + 50000);
    assert_int_equal(receiver.count, 1);
    assert_string_equal(receiver.titles[0], "150 alerts since 2025/08/20 20:00");
    assert_non_null(strstr(receiver.last_text, "and 130 more"));
}

static void a_flood_is_bound_to_the_rate_and_nothing_is_hidden(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 24 * 12; i++) { /* every five minutes, all day */
        enqueue(f, ALERT_WARNING, BEGIN + i * 300);
        run(f, BEGIN + i * 300, BEGIN + (i + 1) * 300);
    }
    run(f, BEGIN + 86400, BEGIN + 2 * 86400);
    assert_in_range(receiver.count, 24, 24 * 10 + 10);
    int64_t left, summed, sent;
    assert_ok(sql_number(&f->alerts.sql, &left,
                         "SELECT count(*) FROM outbox WHERE status = 'waiting'", ""));
    assert_ok(sql_number(&f->alerts.sql, &summed,
                         "SELECT count(*) FROM outbox WHERE status = 'summed'", ""));
    assert_ok(sql_number(&f->alerts.sql, &sent,
                         "SELECT count(*) FROM outbox JOIN messages m ON m.id = message"
                         " WHERE status = 'sent' AND kind = 'alert'",
                         ""));
    assert_int_equal(left, 0);
    assert_int_equal(summed + sent, 24 * 12);
    assert_true(summed > 0);
}

static void in_quiet_hours_only_what_is_critical_goes(void **state) {
    struct fixture *f = *state;
    f->sink.quiet = (struct quiet_hours){true, 20 * 60, 7 * 60};
    for (int i = 0; i < 3; i++)
        enqueue(f, ALERT_WARNING, BEGIN + i);
    enqueue(f, ALERT_CRITICAL, BEGIN + 10);
    run(f, BEGIN + 10, BEGIN + 10 * 3600);
    assert_int_equal(receiver.count, 1);
    assert_string_equal(receiver.last_text, "text");
    run(f, BEGIN + 10 * 3600, BEGIN + 12 * 3600);
    assert_int_equal(receiver.count, 2);
    assert_string_equal(receiver.titles[1], "3 alerts since 2025/08/20 20:00");
}

static void told_to_stop_it_is_still_to_be_sent(void **state) {
    struct fixture *f = *state;
    enqueue(f, ALERT_INFO, BEGIN);
    receiver.answer = SINK_STOPPED;
    deliver(f, BEGIN);
    receiver.answer = SINK_SENT;
    deliver(f, BEGIN + 1);
    assert_int_equal(receiver.count, 1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_message_is_sent_once),
        TEST(pauses_double_up_to_a_limit),
        TEST(an_outage_delays_and_loses_nothing),
        TEST(after_three_days_it_is_given_up_and_said),
        TEST(what_is_refused_for_good_holds_up_no_other),
        TEST(a_pause_that_is_asked_for_is_kept),
        TEST(what_piled_up_comes_as_one),
        TEST(a_flood_is_bound_to_the_rate_and_nothing_is_hidden),
        TEST(in_quiet_hours_only_what_is_critical_goes),
        TEST(told_to_stop_it_is_still_to_be_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
