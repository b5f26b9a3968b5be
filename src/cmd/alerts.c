#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "alert/engine.h"
#include "base/file.h"
#include "base/json.h"
#include "cmd/command.h"
#include "cmd/services.h"
#include "store/alert_catalogue.h"
#include "store/note.h"
#include "store/outbox.h"
#include "store/running.h"

struct request {
    struct setup setup;
    struct arena memory;
    struct alert_settings settings;
    const char *sink, *rule, *until, *key, *from, *to, *into;
    int limit, after;
    int got_through;     /* test messages, by another way than the log */
    const char *problem; /* the first of those that didn't */
    bool json;
    int status;
    int argc;
    char **argv;
};

static err *open_alerts(struct request *r, bool write, struct alerts *out) {
    const char *path = alerts_path(&r->memory, r->setup.data);
    struct store *store;
    TRY(store_open(r->setup.data, STORE_READ, NULL, &store)); /* says where there is none */
    store_close(store);
    return write ? alerts_open(out, path, NULL) : alerts_open_to_read(out, path);
}

/* -- list ---------------------------------------------------------------------------------------
 */

static void state_json(struct json *j, const struct alert_state_row *row) {
    const struct alert_state *s = &row->state;
    json_object(j);
    json_key(j, "key"), json_cstr(j, row->key);
    json_key(j, "level"), json_int(j, s->level);
    json_key(j, "since"), json_int(j, s->since);
    json_key(j, "peak"), json_double(j, s->peak);
    json_key(j, "acknowledged"), json_bool(j, s->acked);
    json_end(j);
}

static void print_state(struct request *r, const struct rule_use *u,
                        const struct alert_state_row *row) {
    const struct alert_state *s = &row->state;
    printf(
        "    %-16s since %s%s%s%s%s\n", row->key, time_text(&r->memory, s->since),
        u->ladder.count ? ", " : "",
        u->ladder.count ? u->ladder.steps[(s->level < LADDER_STEPS ? s->level : 1) - 1].head : "",
        u->ladder.count && s->peak == s->peak
            ? arena_printf(&r->memory, ", peak %s", ladder_value(&r->memory, &u->ladder, s->peak))
            : "",
        s->acked ? ", acknowledged" : "");
}

/* A rule, how far it has come, and what it holds armed. */
static err *list_rule(struct request *r, struct alerts *a, struct json *j,
                      const struct rule_use *u) {
    struct alert_state_row *rows;
    size_t count;
    int64_t mark;
    TRY(alerts_states(a, &r->memory, u->name, &rows, &count));
    TRY(alerts_watermark(a, u->name, &mark));
    bool next = mark && u->rule->clock == RULE_INTERVALS;
    int64_t due = mark + datasets[u->dataset].step * 300;
    json_object(j);
    json_key(j, "rule"), json_cstr(j, u->name);
    json_key(j, "summary"), json_cstr(j, u->rule->summary);
    json_key(j, "judged"), mark ? json_int(j, mark) : json_null(j);
    json_key(j, "next"), next ? json_int(j, due) : json_null(j);
    json_key(j, "armed"), json_array(j);
    if (!r->json)
        printf("%-15s %s%s%s\n", u->name, u->rule->summary, next ? "; next " : "",
               next ? time_text(&r->memory, due) : "");
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].state.level)
            continue;
        state_json(j, &rows[i]);
        if (!r->json)
            print_state(r, u, &rows[i]);
    }
    json_end(j);
    json_end(j);
    return NULL;
}

static void list_sink(struct request *r, struct json *j, const struct sink *s,
                      const struct outbox_sink *rows, size_t count) {
    struct outbox_sink none = {.sink = s->kind->name}, *found = &none;
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].sink, s->kind->name) == 0)
            none = rows[i];
    json_object(j);
    json_key(j, "sink"), json_cstr(j, s->kind->name);
    json_key(j, "to"), json_cstr(j, s->shown);
    json_key(j, "waiting"), json_int(j, found->waiting);
    json_key(j, "sent"), json_int(j, found->sent);
    json_key(j, "failed"), json_int(j, found->failed);
    json_key(j, "error"), found->last_error ? json_cstr(j, found->last_error) : json_null(j);
    json_end(j);
    if (!r->json)
        printf("%-15s %s; %lld sent, %lld waiting, %lld failed%s%s\n", s->kind->name, s->shown,
               (long long)found->sent, (long long)found->waiting, (long long)found->failed,
               found->last_error ? ": " : "", found->last_error ? found->last_error : "");
}

static void list_mutes(struct request *r, struct json *j, const struct alert_mute *m,
                       size_t count) {
    json_key(j, "mutes"), json_array(j);
    for (size_t i = 0; i < count; i++) {
        json_object(j);
        json_key(j, "rule"), json_cstr(j, m[i].rule);
        json_key(j, "key"), json_cstr(j, m[i].key);
        json_key(j, "until"), json_int(j, m[i].until);
        json_end(j);
        if (!r->json)
            printf("muted           rule %s, key %s until %s\n", m[i].rule, m[i].key,
                   time_text(&r->memory, m[i].until));
    }
    json_end(j);
}

/* The processes that see to alerts; without one the rules are only what the settings say. */
static err *list_judges(struct request *r, struct json *j) {
    struct running *rows;
    size_t count, judges = 0;
    TRY(running_list(&r->memory, r->setup.data, &rows, &count));
    json_key(j, "processes"), json_array(j);
    for (size_t i = 0; i < count; i++)
        if (rows[i].alerts) {
            json_int(j, rows[i].pid);
            judges++;
        }
    json_end(j);
    if (!judges && !r->json)
        printf("Nobody judges or sends: no `nemd run` or `nemd collect` is at work on this store. "
               "These are the rules of the settings that were given here.\n\n");
    return NULL;
}

static err *list_all(struct request *r, struct alerts *a, struct json *j) {
    struct rule_use *uses;
    struct sink *sinks;
    struct outbox_sink *rows;
    struct alert_mute *mutes;
    size_t count, use_count, sink_count;
    TRY(rules_configure(&r->settings, &uses, &use_count));
    TRY(sinks_configure(&r->settings, &sinks, &sink_count));
    json_object(j);
    TRY(list_judges(r, j));
    json_key(j, "rules"), json_array(j);
    for (size_t i = 0; i < use_count; i++)
        TRY(list_rule(r, a, j, &uses[i]));
    json_end(j);
    TRY(outbox_sinks(a, &r->memory, &rows, &count));
    json_key(j, "sinks"), json_array(j);
    if (!r->json)
        printf("\n");
    for (size_t i = 0; i < sink_count; i++)
        list_sink(r, j, &sinks[i], rows, count);
    json_end(j);
    TRY(alerts_mutes(a, &r->memory, time(NULL), &mutes, &count));
    list_mutes(r, j, mutes, count);
    json_end(j);
    return NULL;
}

static err *list(struct request *r) {
    struct alerts a;
    struct buf text = {0};
    struct json j = json_to(&text);
    TRY(open_alerts(r, false, &a));
    err *e = list_all(r, &a, &j);
    if (!e && r->json)
        printf("%s\n", buf_cstr(&text));
    buf_free(&text);
    alerts_close(&a);
    return e;
}

/* -- test ---------------------------------------------------------------------------------------
 */

static void say_outcome(struct json *j, bool json, const struct sink *s, size_t target,
                        enum sink_outcome outcome, const struct sink_problem *problem) {
    if (!json) {
        printf(
            "%-8s %s: %s%s%s\n", s->kind->name, s->shown, outcome == SINK_SENT ? "sent" : "FAILED",
            s->target_count > 1 ? arena_printf(s->settings->memory, " (%zu)", target + 1) : "",
            outcome == SINK_SENT ? "" : arena_printf(s->settings->memory, ": %s", problem->text));
        return;
    }
    json_object(j);
    json_key(j, "sink"), json_cstr(j, s->kind->name);
    json_key(j, "to"), json_cstr(j, s->shown);
    json_key(j, "sent"), json_bool(j, outcome == SINK_SENT);
    json_key(j, "error");
    outcome == SINK_SENT ? json_null(j) : json_cstr(j, problem->text);
    json_end(j);
}

static void test_sink(struct request *r, struct json *j, const struct sink *s) {
    char now[AEST_TEXT], id[40];
    aest_format_mms(aest_now(), now);
    snprintf(id, sizeof id, "test%lld", (long long)aest_now());
    const struct alert_message m = {
        .at = time(NULL),
        .made = time(NULL),
        .key = id,
        .rule = "test",
        .kind = "test",
        .severity = ALERT_INFO,
        .title = "Test message from nemd",
        .text = arena_printf(&r->memory,
                             "Test message from nemd, %.16s AEST. Alerts reach you this way.", now),
    };
    for (size_t t = 0; t < s->target_count; t++) {
        struct sink_problem problem = {.text = ""};
        enum sink_outcome outcome = s->kind->send(s, t, &m, &problem);
        if (outcome != SINK_SENT)
            r->status = EXIT_FAILED;
        say_outcome(j, r->json, s, t, outcome, &problem);
        if (s->kind == &sink_log)
            continue;
        if (outcome == SINK_SENT)
            r->got_through++;
        else if (!r->problem)
            r->problem = arena_printf(&r->memory, "%s: %s", s->kind->name, problem.text);
    }
}

/* For `nemd doctor`, where the store is there and can be written. */
static void leave_note(const struct request *r) {
    struct arena a = {0};
    struct note n = {.text = {0}};
    note_add_number(&n, "ok", r->got_through && !r->problem);
    note_add(&n, "error", r->problem);
    if (file_exists(arena_printf(&a, "%s/STORE", r->setup.data)))
        err_free(note_write(r->setup.data, "alerts_test", &n));
    note_free(&n);
    arena_free(&a);
}

static err *test(struct request *r) {
    struct sink *sinks;
    size_t count, tested = 0;
    struct buf text = {0};
    struct json j = json_to(&text);
    TRY(sinks_configure(&r->settings, &sinks, &count));
    json_array(&j);
    for (size_t i = 0; i < count; i++) {
        if (r->sink && strcmp(r->sink, sinks[i].kind->name) != 0)
            continue;
        test_sink(r, &j, &sinks[i]);
        tested++;
    }
    json_end(&j);
    if (r->json && tested)
        printf("%s\n", buf_cstr(&text));
    buf_free(&text);
    if (r->got_through || r->problem)
        leave_note(r);
    return tested ? NULL
                  : err_new(ERR_USAGE,
                            "there is no sink %s, or it isn't configured; see "
                            "`nemd alerts --help`",
                            r->sink);
}

/* -- history ------------------------------------------------------------------------------------
 */

static void delivery_json(struct json *j, const struct outbox_delivery *d, size_t count) {
    json_key(j, "deliveries"), json_array(j);
    for (size_t i = 0; i < count; i++) {
        json_object(j);
        json_key(j, "sink"), json_cstr(j, d[i].sink);
        json_key(j, "status"), json_cstr(j, d[i].status);
        json_key(j, "attempts"), json_int(j, d[i].attempts);
        json_key(j, "sent"), d[i].sent ? json_int(j, d[i].sent) : json_null(j);
        json_key(j, "error"), d[i].error ? json_cstr(j, d[i].error) : json_null(j);
        json_end(j);
    }
    json_end(j);
}

static void decision_json(struct json *j, const struct alert_decision *d) {
    json_key(j, "id"), json_int(j, d->id);
    json_key(j, "rule"), json_cstr(j, d->rule);
    json_key(j, "key"), json_cstr(j, d->key);
    json_key(j, "kind"), json_cstr(j, d->kind);
    json_key(j, "severity"), json_cstr(j, alert_severity_name[d->severity]);
    json_key(j, "at"), json_int(j, d->at);
    json_key(j, "decided"), json_int(j, d->decided);
    json_key(j, "value"), json_double(j, d->value);
    json_key(j, "text"), json_cstr(j, d->text);
    json_key(j, "not_sent"), d->unsent ? json_cstr(j, d->unsent) : json_null(j);
    json_key(j, "acknowledged"), d->acked ? json_int(j, d->acked) : json_null(j);
}

static void decision_text(const struct alert_decision *d, const struct outbox_delivery *sent,
                          size_t count) {
    char at[AEST_TEXT];
    aest_format_mms(aest_from_unix(d->at), at);
    printf("%6lld  %.16s  %-8s  %-10s  %s", (long long)d->id, at, alert_severity_name[d->severity],
           d->rule, d->text);
    if (d->unsent)
        printf("  (not sent: %s)", d->unsent);
    for (size_t i = 0; i < count; i++)
        printf("%s%s %s%s%s", i ? ", " : "  [", sent[i].sink, sent[i].status,
               sent[i].error ? ": " : "", sent[i].error ? sent[i].error : "");
    printf("%s%s\n", count ? "]" : "", d->acked ? "  acknowledged" : "");
}

static err *print_history(struct request *r, struct alerts *a, struct json *j) {
    struct alert_decision *rows;
    size_t count;
    const struct alert_history which = {
        .after = r->after, .rule = r->rule, .limit = r->limit ? r->limit : 50};
    TRY(alerts_history(a, &r->memory, &which, &rows, &count));
    json_array(j);
    for (size_t i = 0; i < count; i++) {
        struct outbox_delivery *sent = NULL;
        size_t sent_count = 0;
        if (rows[i].message)
            TRY(outbox_deliveries(a, &r->memory, rows[i].message, &sent, &sent_count));
        if (!r->json) {
            decision_text(&rows[i], sent, sent_count);
            continue;
        }
        json_object(j);
        decision_json(j, &rows[i]);
        delivery_json(j, sent, sent_count);
        json_end(j);
    }
    json_end(j);
    return NULL;
}

static err *history(struct request *r) {
    struct alerts a;
    struct buf text = {0};
    struct json j = json_to(&text);
    TRY(open_alerts(r, false, &a));
    err *e = print_history(r, &a, &j);
    if (!e && r->json)
        printf("%s\n", buf_cstr(&text));
    buf_free(&text);
    alerts_close(&a);
    return e;
}

/* -- replay -------------------------------------------------------------------------------------
 */

static int by_time(const void *a, const void *b) {
    const struct alert_decision *x = a, *y = b;
    return x->at != y->at ? (x->at < y->at ? -1 : 1) : (x->id > y->id) - (x->id < y->id);
}

static err *print_replay(struct request *r, struct alerts *a) {
    struct alert_decision *rows;
    size_t count;
    struct buf text = {0};
    struct json j = json_to(&text);
    const struct alert_history all = {.rule = r->rule, .limit = INT32_MAX};
    TRY(alerts_history(a, &r->memory, &all, &rows, &count));
    if (count)
        qsort(rows, count, sizeof *rows, by_time);
    json_array(&j);
    for (size_t i = 0; i < count; i++) {
        if (!r->json) {
            decision_text(&rows[i], NULL, 0);
            continue;
        }
        json_object(&j);
        decision_json(&j, &rows[i]);
        json_end(&j);
    }
    json_end(&j);
    if (r->json)
        printf("%s\n", buf_cstr(&text));
    else
        printf("%zu decisions\n", count);
    buf_free(&text);
    return NULL;
}

static err *replay_into(struct request *r, struct alerts *a, interval from, interval to) {
    struct engine e = {.alerts = a};
    size_t kept = 0;
    TRY(rules_configure(&r->settings, &e.uses, &e.use_count));
    for (size_t i = 0; i < e.use_count; i++)
        if (!r->rule || strcmp(r->rule, e.uses[i].name) == 0)
            e.uses[kept++] = e.uses[i];
    if (!kept)
        return err_new(ERR_USAGE, "there is no rule %s, or it isn't on", r->rule);
    e.use_count = kept;
    TRY(store_open(r->setup.data, STORE_READ, NULL, &e.store));
    err *error = engine_replay(&e, from, to);
    if (!error)
        error = print_replay(r, a);
    engine_close(&e);
    store_close(e.store);
    return error;
}

static err *read_moment(const char *name, const char *text, interval *out) {
    aest_us at;
    if (!text || !aest_parse_iso(str_from(text), &at))
        return err_new(ERR_USAGE, "--%s TIME is expected: a date, or a date and time", name);
    *out = interval_at_or_before(at);
    return NULL;
}

/* What would have been sent, from the first rule to the last, without sending it. */
static err *replay(struct request *r) {
    struct alerts a;
    interval from = 0, to = 0;
    TRY(read_moment("from", r->from, &from));
    TRY(read_moment("to", r->to, &to));
    if (to <= from)
        return err_new(ERR_USAGE, "--to %s isn't behind --from %s", r->to, r->from);
    TRY(r->into ? alerts_open(&a, r->into, NULL) : alerts_open_in_memory(&a));
    err *e = replay_into(r, &a, from, to);
    alerts_close(&a);
    return e;
}

/* -- ack, mute ----------------------------------------------------------------------------------
 */

static err *ack(struct request *r) {
    struct alerts a;
    uint64_t id;
    if (r->argc != 1 || !str_to_u64(str_from(r->argv[0]), &id) || id > INT32_MAX)
        return err_new(ERR_USAGE, "alerts ack ID is expected; `nemd alerts history` shows the ids");
    TRY(open_alerts(r, true, &a));
    err *e = alerts_ack(&a, (int64_t)id, time(NULL));
    alerts_close(&a);
    return e;
}

static err *mute(struct request *r) {
    struct alerts a;
    char until[AEST_TEXT];
    struct alert_mute m = {r->argc ? r->argv[0] : "*", r->key ? r->key : "*", 0};
    if (!rule_exists(m.rule))
        return err_new(ERR_USAGE, "there is no rule %s; see `nemd alerts list`", m.rule);
    if (!r->until || !alert_until_read(str_from(r->until), time(NULL), &m.until))
        return err_new(ERR_USAGE, "--until TIME is expected: 30m, 2h, 7d, or a date and time");
    TRY(open_alerts(r, true, &a));
    err *e = alerts_put_mute(&a, &m);
    alerts_close(&a);
    if (!e && m.until <= time(NULL))
        printf("rule %s, key %s: told again\n", m.rule, m.key);
    else if (!e)
        printf("rule %s, key %s: recorded and not sent until %.16s AEST\n", m.rule, m.key,
               aest_format_mms(aest_from_unix(m.until), until));
    return e;
}

/* -- the command --------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    int words; /* that may come behind it */
    err *(*run)(struct request *r);
} actions[] = {{"list", 0, list},     {"test", 0, test}, {"history", 0, history},
               {"replay", 0, replay}, {"ack", 1, ack},   {"mute", 1, mute}};

static err *act(struct request *r, int argc, char **argv) {
    r->argc = argc - 1;
    r->argv = argv + 1;
    r->settings = alert_settings(&r->setup, &r->memory, NULL);
    if (r->rule && !rule_exists(r->rule))
        return err_new(ERR_USAGE, "there is no rule %s; see `nemd alerts list`", r->rule);
    for (size_t i = 0; argc && i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(argv[0], actions[i].name) != 0)
            continue;
        if (r->argc > actions[i].words)
            return err_new(ERR_USAGE, "what is '%s'?", r->argv[actions[i].words]);
        return actions[i].run(r);
    }
    return err_new(ERR_USAGE, "list, test, history, replay, ack or mute is expected%s%s",
                   argc ? ", not " : "", argc ? argv[0] : "");
}

static int alerts(const struct command *self, int argc, char **argv) {
    struct request r = {.status = EXIT_DONE};
    int status;
    const struct option_spec options[] = {
        {"sink", "S", "test: this one alone", .value = &r.sink},
        {"rule", "R", "history, replay: this rule alone", .value = &r.rule},
        {"from", "TIME", "replay: the intervals behind it", .value = &r.from},
        {"to", "TIME", "replay: up to and with it", .value = &r.to},
        {"into", "FILE", "replay: keep state and decisions there, and go on from it",
         .value = &r.into},
        {"limit", "N", "history: the newest so many (default 50)", .number = &r.limit},
        {"after", "ID", "history: those behind it", .number = &r.after},
        {"key", "K", "mute: a region, a unit, a feed (default all)", .value = &r.key},
        {"until", "TIME", "mute: 30m, 2h, 7d, or a date and time", .value = &r.until},
        {"json", NULL, "for programs", .flag = &r.json},
        {0},
    };
    if (!setup_read(&r.setup, self, options, &argc, argv, &status))
        return status;
    err *e = act(&r, argc, argv);
    status = e ? command_fail(self, e) : r.status;
    arena_free(&r.memory);
    setup_free(&r.setup);
    return status;
}

const struct command command_alerts = {
    .name = "alerts",
    .summary = "alerts: rules and state, test messages, history, replay, mute",
    .usage = "list|test|history|replay|ack ID|mute [RULE] [OPTION…]",
    .description = "test     sends a test message through each configured sink; 1 when one fails\n"
                   "history  what was decided, and what became of each message\n"
                   "replay   what would have been sent over a span of history; sends nothing\n"
                   "ack      tells that somebody knows: no reminders until it is over\n"
                   "mute     records a rule's alerts and sends none, until a time",
    .details = "Rules, sinks and their settings are in `nemd.env`(5) and docs/alerts.md. `nemd "
               "run` and `nemd collect` judge and send; of several processes on a store one does.",
    .examples = {{"nemd alerts test --sink sms", "whether a message gets through"},
                 {"nemd alerts replay --from 2025-06-10 --to 2025-06-14",
                  "what would have been sent"},
                 {"nemd alerts mute price --key SA1 --until 2h", "silence one region's prices"}},
    .run = alerts,
};
