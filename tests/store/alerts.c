/* What alerts remember, and the outbox: durable, whole, and once. */
#include "store/outbox.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "support/check.h"

struct fixture {
    char *folder;
    struct arena memory;
    const char *path;
    struct alerts alerts;
};

static int open_alerts(void **state) {
    struct fixture *f = mem_zalloc(1, sizeof *f);
    f->folder = temporary_folder();
    f->path = alerts_path(&f->memory, f->folder);
    assert_ok(alerts_open(&f->alerts, f->path, NULL));
    *state = f;
    return 0;
}

static int close_alerts(void **state) {
    struct fixture *f = *state;
    alerts_close(&f->alerts);
    remove_folder(f->folder);
    arena_free(&f->memory);
    free(f);
    return 0;
}

static int64_t put_message(struct alerts *a, const char *title, int64_t at, bool *fresh) {
    int64_t id;
    const struct alert_message m = {.at = at,
                                    .made = at,
                                    .rule = "price",
                                    .kind = "alert",
                                    .severity = ALERT_WARNING,
                                    .title = title,
                                    .text = title};
    assert_ok(alerts_add_message(a, &m, &id, fresh));
    return id;
}

static size_t waiting(struct fixture *f, struct parcel **out) {
    size_t count;
    assert_ok(outbox_waiting(&f->alerts, &f->memory, "sms", "t1", 100, out, &count));
    return count;
}

static void a_state_comes_back_as_it_was_put(void **state) {
    struct fixture *f = *state;
    struct alert_state s;
    assert_ok(alerts_state(&f->alerts, &f->memory, "price", "NSW1", &s));
    assert_true(s.level == 0 && s.since == 0 && isnan(s.waits) && isnan(s.peak) && !s.text);
    const struct alert_state put = {2, 1, 1000, -12.5, (double)NAN, 1300, "it's", true};
    assert_ok(alerts_put_state(&f->alerts, "price", "NSW1", &put));
    alerts_close(&f->alerts);
    assert_ok(alerts_open(&f->alerts, f->path, NULL));
    assert_ok(alerts_state(&f->alerts, &f->memory, "price", "NSW1", &s));
    assert_true(s.level == 2 && s.told == 1 && s.since == 1000 && s.waits == -12.5 &&
                isnan(s.peak) && s.peak_at == 1300 && s.acked);
    assert_string_equal(s.text, "it's");
    struct alert_state_row *rows;
    size_t count;
    assert_ok(alerts_states(&f->alerts, &f->memory, "other", &rows, &count));
    assert_int_equal(count, 0);
    assert_ok(alerts_states(&f->alerts, &f->memory, NULL, &rows, &count));
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].key, "NSW1");
}

static void what_was_judged_is_told_by_rule_and_time(void **state) {
    struct fixture *f = *state;
    struct alert_judged *rows;
    size_t count;
    assert_ok(alerts_put_judged(&f->alerts, "price", "QLD1", 600, 2));
    assert_ok(alerts_put_judged(&f->alerts, "price", "NSW1", 600, 1));
    assert_ok(alerts_put_judged(&f->alerts, "price", "NSW1", 900, (double)NAN));
    assert_ok(alerts_put_judged(&f->alerts, "other", "NSW1", 600, 9));
    assert_ok(alerts_judged(&f->alerts, &f->memory, "price", 600, 900, &rows, &count));
    assert_int_equal(count, 3);
    assert_string_equal(rows[0].key, "NSW1");
    assert_true(rows[1].value == 2 && isnan(rows[2].value));
    assert_ok(alerts_forget_judged(&f->alerts, "price", 900));
    assert_ok(alerts_judged(&f->alerts, &f->memory, "price", 0, 10000, &rows, &count));
    assert_int_equal(count, 1);
}

static void the_same_message_is_there_once(void **state) {
    struct fixture *f = *state;
    struct parcel *parcels;
    bool fresh;
    int64_t id = put_message(&f->alerts, "High price NSW1", 600, &fresh);
    assert_true(fresh);
    assert_ok(outbox_add(&f->alerts, id, "sms", "t1", 700));
    assert_int_equal(put_message(&f->alerts, "High price NSW1", 600, &fresh), id);
    assert_false(fresh);
    assert_ok(outbox_add(&f->alerts, id, "sms", "t1", 800));
    assert_ok(outbox_add(&f->alerts, id, "sms", "t2", 800));
    assert_int_equal(waiting(f, &parcels), 1);
    assert_int_equal(parcels[0].next_try, 700);
    assert_int_equal(strlen(parcels[0].message.key), 32);
    assert_int_not_equal(put_message(&f->alerts, "High price NSW1", 900, &fresh), id);
}

static void a_parcel_waits_is_tried_and_is_over(void **state) {
    struct fixture *f = *state;
    struct parcel *p;
    struct outbox_sink *sinks;
    size_t count;
    bool fresh;
    int64_t sent;
    for (int i = 0; i < 3; i++)
        assert_ok(outbox_add(&f->alerts, put_message(&f->alerts, "m", i, &fresh), "sms", "t1", 0));
    assert_int_equal(waiting(f, &p), 3);
    assert_ok(outbox_retry(&f->alerts, p[0].id, 60, "503"));
    assert_ok(outbox_sent(&f->alerts, p[1].id, 100));
    assert_ok(outbox_failed(&f->alerts, p[2].id, "21211: no such number"));
    assert_int_equal(waiting(f, &p), 1);
    assert_true(p[0].attempts == 1 && p[0].next_try == 60 && !p[0].held);
    assert_ok(outbox_hold(&f->alerts, p[0].id));
    waiting(f, &p);
    assert_true(p[0].held);
    assert_ok(outbox_sent_since(&f->alerts, "sms", "t1", 99, &sent));
    assert_int_equal(sent, 1);
    assert_ok(outbox_sent_since(&f->alerts, "sms", "t1", 100, &sent));
    assert_int_equal(sent, 0);
    assert_ok(outbox_sinks(&f->alerts, &f->memory, &sinks, &count));
    assert_int_equal(count, 1);
    assert_true(sinks[0].waiting == 1 && sinks[0].sent == 1 && sinks[0].failed == 1);
    assert_string_equal(sinks[0].last_error, "21211: no such number");
    const char *const others[] = {"t9"};
    assert_ok(outbox_drop_others(&f->alerts, "sms", others, 1));
    assert_int_equal(waiting(f, &p), 0);
}

static void a_summary_takes_the_place_of_what_waits(void **state) {
    struct fixture *f = *state;
    struct parcel *p;
    bool fresh;
    const struct alert_message summary = {
        .at = 99, .rule = "*", .kind = "summary", .title = "40 held back", .text = "all"};
    for (int i = 0; i < 40; i++)
        assert_ok(outbox_add(&f->alerts, put_message(&f->alerts, "m", i, &fresh), "sms", "t1", 0));
    size_t count = waiting(f, &p);
    assert_int_equal(count, 40);
    /* one that is decided while the summary is being written */
    assert_ok(outbox_add(&f->alerts, put_message(&f->alerts, "m", 40, &fresh), "sms", "t1", 0));
    assert_ok(outbox_sum_up(&f->alerts, "sms", "t1", p[count - 1].id, &summary, 5));
    assert_int_equal(waiting(f, &p), 2);
    assert_int_equal(p[0].message.at, 40);
    assert_string_equal(p[1].message.title, "40 held back");
}

static void decisions_are_told_in_order_and_can_be_acknowledged(void **state) {
    struct fixture *f = *state;
    struct alert_decision *rows;
    struct alert_state s = {.level = 1};
    size_t count;
    for (int i = 0; i < 5; i++) {
        const struct alert_decision d = {.rule = i == 3 ? "other" : "price",
                                         .key = "NSW1",
                                         .kind = "alert",
                                         .at = i,
                                         .value = i,
                                         .text = "t",
                                         .unsent = i ? "late" : NULL};
        assert_ok(alerts_add_decision(&f->alerts, &d));
    }
    assert_ok(
        alerts_history(&f->alerts, &f->memory, &(struct alert_history){.limit = 2}, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(rows[0].at == 3 && rows[1].at == 4);
    const struct alert_history prices = {.after = rows[0].id - 2, .rule = "price", .limit = 9};
    assert_ok(alerts_history(&f->alerts, &f->memory, &prices, &rows, &count));
    assert_true(count == 2 && rows[0].at == 2 && rows[1].at == 4);
    assert_string_equal(rows[0].unsent, "late");
    assert_ok(alerts_put_state(&f->alerts, "price", "NSW1", &s));
    assert_ok(alerts_ack(&f->alerts, rows[0].id, 77));
    assert_ok(alerts_state(&f->alerts, &f->memory, "price", "NSW1", &s));
    assert_true(s.acked);
    assert_err(alerts_ack(&f->alerts, 999, 77), ERR_USAGE, "no alert 999");
}

static void mutes_end(void **state) {
    struct fixture *f = *state;
    struct alert_mute *mutes;
    size_t count;
    assert_ok(alerts_put_mute(&f->alerts, &(struct alert_mute){"price", "*", 100}));
    assert_ok(alerts_put_mute(&f->alerts, &(struct alert_mute){"*", "SA1", 200}));
    assert_ok(alerts_mutes(&f->alerts, &f->memory, 100, &mutes, &count));
    assert_int_equal(count, 1);
    assert_true(alert_mute_covers(&mutes[0], "price", "SA1"));
    assert_false(alert_mute_covers(&mutes[0], "price", "NSW1"));
}

/* Each transaction writes a decision, its message, its parcel and the watermark. */
static void write_until_killed(const char *path) {
    struct alerts a;
    int64_t from;
    bool fresh;
    assert_ok(alerts_open(&a, path, NULL));
    assert_ok(alerts_watermark(&a, "price", &from));
    for (int64_t i = from + 1;; i++) {
        assert_ok(alerts_begin(&a));
        const struct alert_decision d = {.rule = "price",
                                         .key = "NSW1",
                                         .kind = "alert",
                                         .at = i,
                                         .text = "t",
                                         .message = put_message(&a, "m", i, &fresh)};
        assert_ok(alerts_add_decision(&a, &d));
        assert_ok(outbox_add(&a, d.message, "sms", "t1", 0));
        assert_ok(alerts_put_watermark(&a, "price", i));
        assert_ok(alerts_commit(&a));
    }
}

static void a_kill_leaves_whole_transactions(void **state) {
    struct fixture *f = *state;
    struct random random = {20250820};
    int64_t mark = 0, count;
    for (int round = 0; round < 6; round++) {
        pid_t child = fork();
        if (child == 0) {
            write_until_killed(f->path);
            _exit(0);
        }
        usleep((useconds_t)(20000 + random_next(&random) % 60000));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    struct alerts a;
    assert_ok(alerts_open(&a, f->path, NULL));
    assert_ok(alerts_watermark(&a, "price", &mark));
    static const char *const counts[] = {
        "SELECT count(*) FROM decisions d JOIN messages m ON m.id = d.message AND m.at = d.at",
        "SELECT count(DISTINCT at) FROM decisions", "SELECT count(*) FROM messages",
        "SELECT count(*) FROM outbox"};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        assert_ok(sql_number(&a.sql, &count, counts[i], ""));
        assert_int_equal(count, mark);
    }
    alerts_close(&a);
}

static void a_damaged_file_is_put_aside_and_one_that_is_not_there_reads_as_empty(void **state) {
    struct fixture *f = *state;
    struct alerts a;
    int64_t mark;
    alerts_close(&f->alerts);
    assert_ok(
        file_write_atomic(f->path, STR("this is no database, and long enough to be told so"
                                       " by SQLite, which reads a hundred bytes first.....")));
    assert_ok(alerts_open(&f->alerts, f->path, NULL));
    assert_true(file_exists(arena_printf(&f->memory, "%s.broken", f->path)));
    assert_ok(alerts_put_watermark(&f->alerts, "price", 5));
    assert_ok(alerts_open_to_read(&a, f->path));
    assert_ok(alerts_watermark(&a, "price", &mark));
    assert_int_equal(mark, 5);
    assert_err(alerts_put_watermark(&a, "price", 6), ERR_IO, "readonly");
    alerts_close(&a);
    assert_ok(alerts_open_to_read(&a, "/nowhere/alerts.db"));
    alerts_close(&a);
}

static void who_cannot_wait_is_told_that_another_writes(void **state) {
    struct fixture *f = *state;
    struct alerts other;
    const struct alert_mute mute = {"price", "SA1", 2000};
    struct alert_mute *rows;
    size_t count;
    assert_ok(alerts_begin(&f->alerts));
    assert_ok(alerts_put_watermark(&f->alerts, "price", 1000));
    assert_ok(alerts_open_to_change(&other, f->path, 10));
    assert_err(alerts_put_mute(&other, &mute), ERR_BUSY, "locked");
    assert_ok(alerts_commit(&f->alerts));
    assert_ok(alerts_put_mute(&other, &mute));
    alerts_close(&other);
    assert_ok(alerts_mutes(&f->alerts, &f->memory, 1000, &rows, &count));
    assert_int_equal(count, 1);
    /* and one that isn't there yet is made */
    const char *fresh = arena_printf(&f->memory, "%s/fresh.db", f->folder);
    assert_ok(alerts_open_to_change(&other, fresh, 10));
    assert_ok(alerts_put_mute(&other, &mute));
    alerts_close(&other);
    assert_true(file_exists(fresh));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_alerts, close_alerts)
    const struct CMUnitTest tests[] = {
        TEST(a_state_comes_back_as_it_was_put),
        TEST(what_was_judged_is_told_by_rule_and_time),
        TEST(the_same_message_is_there_once),
        TEST(a_parcel_waits_is_tried_and_is_over),
        TEST(a_summary_takes_the_place_of_what_waits),
        TEST(decisions_are_told_in_order_and_can_be_acknowledged),
        TEST(mutes_end),
        TEST(who_cannot_wait_is_told_that_another_writes),
        TEST(a_kill_leaves_whole_transactions),
        TEST(a_damaged_file_is_put_aside_and_one_that_is_not_there_reads_as_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
