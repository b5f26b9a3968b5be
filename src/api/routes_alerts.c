/* Alerts as the process that judges them has written them down: rules, what was decided, where it
 * went. Acknowledging and muting write into the same file, as `nemd alerts` does. */
#include <time.h>

#include "api/chart.h"
#include "store/alert_catalogue.h"
#include "store/outbox.h"

enum { MOST_DECISIONS = 5000 };

static err *open_to_read(struct call *c, struct alerts *out) {
    return alerts_open_to_read(out, alerts_path(c->memory, c->api->store->path));
}

/* A loop waits for nobody: while others write for long, the answer is 503. */
static err *open_to_change(struct call *c, struct alerts *out) {
    enum { WAIT_MS = 250 };
    return alerts_open_to_change(out, alerts_path(c->memory, c->api->store->path), WAIT_MS);
}

static void unix_cell(struct call *c, int64_t seconds) {
    answer_cell(&c->answer, seconds ? cell_instant(aest_from_unix(seconds)) : cell_none());
}

static void words_cell(struct call *c, const char *text) {
    answer_cell(&c->answer, text && *text ? cell_text(str_from(text)) : cell_none());
}

static void count_cell(struct call *c, int64_t number) {
    answer_cell(&c->answer, cell_whole(number));
}

/* -- rules --------------------------------------------------------------------------------------
 */

static const struct answer_column rule_columns[] = {
    {"rule", CELL_TEXT, NULL},    {"summary", CELL_TEXT, NULL},      {"judged", CELL_TIME, NULL},
    {"next", CELL_TIME, NULL},    {"key", CELL_TEXT, NULL},          {"level", CELL_WHOLE, NULL},
    {"name", CELL_TEXT, NULL},    {"since", CELL_TIME, NULL},        {"peak", CELL_NUMBER, NULL},
    {"peak_at", CELL_TIME, NULL}, {"acknowledged", CELL_FLAG, NULL},
};

/* A rule, and [s], which it holds armed, or NULL. */
static void rule_row(struct call *c, const struct alert_rule_entry *rule, int64_t judged,
                     const struct alert_state_row *row) {
    static const struct alert_state none = {.peak = NAN};
    const struct alert_state *s = row ? &row->state : &none;
    words_cell(c, rule->name);
    words_cell(c, rule->summary);
    unix_cell(c, judged);
    unix_cell(c, judged && rule->step_s ? judged + rule->step_s : 0);
    words_cell(c, row ? row->key : NULL);
    count_cell(c, s->level);
    words_cell(c, alert_level_name(c->memory, rule, s->level));
    unix_cell(c, s->since);
    answer_cell(&c->answer, cell_number(s->peak));
    unix_cell(c, s->peak_at);
    answer_cell(&c->answer, cell_flag(s->acked));
}

static err *add_rule(struct call *c, struct alerts *a, const struct alert_rule_entry *rule) {
    struct alert_state_row *rows;
    size_t count, armed = 0;
    int64_t judged;
    TRY(alerts_states(a, c->memory, rule->name, &rows, &count));
    TRY(alerts_watermark(a, rule->name, &judged));
    for (size_t i = 0; i < count; i++)
        if (rows[i].state.level) {
            rule_row(c, rule, judged, &rows[i]);
            armed++;
        }
    if (!armed)
        rule_row(c, rule, judged, NULL);
    return NULL;
}

static err *read_rules(struct call *c, struct alerts *a) {
    struct alert_rule_entry *rules;
    size_t count;
    TRY(alerts_rules(a, c->memory, &rules, &count));
    for (size_t i = 0; i < count; i++)
        TRY(add_rule(c, a, &rules[i]));
    return NULL;
}

/* -- history ------------------------------------------------------------------------------------
 */

static const struct parameter rule = {
    .name = "rule", .type = PARAMETER_NAME, .summary = "of this rule alone", .example = "price"};

static const struct answer_column history_columns[] = {
    {"id", CELL_WHOLE, NULL},        {"at", CELL_TIME, NULL},
    {"decided", CELL_TIME, NULL},    {"rule", CELL_TEXT, NULL},
    {"key", CELL_TEXT, NULL},        {"kind", CELL_TEXT, NULL},
    {"severity", CELL_TEXT, NULL},   {"value", CELL_NUMBER, NULL},
    {"text", CELL_TEXT, NULL},       {"not_sent", CELL_TEXT, NULL},
    {"deliveries", CELL_TEXT, NULL}, {"acknowledged", CELL_TIME, NULL},
};

static const char *deliveries_of(const struct outbox_summary *rows, size_t count, int64_t message) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rows[middle].message == message)
            return rows[middle].text;
        if (rows[middle].message < message)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static err *read_history(struct call *c, struct alerts *a) {
    struct alert_decision *rows;
    struct outbox_summary *sent;
    size_t count, sent_count;
    const struct value *of = value_of(c, &rule);
    const struct alert_history which = {.rule = of->count ? str_dup(c->memory, of->name) : NULL,
                                        .limit = MOST_DECISIONS};
    TRY(alerts_history(a, c->memory, &which, &rows, &count));
    TRY(outbox_summaries(a, c->memory, &sent, &sent_count));
    for (size_t i = count; i-- > 0;) { /* the newest first */
        const struct alert_decision *d = &rows[i];
        count_cell(c, d->id);
        unix_cell(c, d->at);
        unix_cell(c, d->decided);
        words_cell(c, d->rule);
        words_cell(c, d->key);
        words_cell(c, d->kind);
        words_cell(c, alert_severity_name[d->severity]);
        answer_cell(&c->answer, cell_number(d->value));
        words_cell(c, d->text);
        words_cell(c, d->unsent);
        words_cell(c, deliveries_of(sent, sent_count, d->message));
        unix_cell(c, d->acked);
    }
    return NULL;
}

/* -- mutes and sinks ----------------------------------------------------------------------------
 */

static const struct answer_column mute_columns[] = {
    {"rule", CELL_TEXT, NULL}, {"key", CELL_TEXT, NULL}, {"until", CELL_TIME, NULL}};

static err *read_mutes(struct call *c, struct alerts *a) {
    struct alert_mute *rows;
    size_t count;
    TRY(alerts_mutes(a, c->memory, time(NULL), &rows, &count));
    for (size_t i = 0; i < count; i++) {
        words_cell(c, rows[i].rule);
        words_cell(c, rows[i].key);
        unix_cell(c, rows[i].until);
    }
    return NULL;
}

static const struct answer_column sink_columns[] = {
    {"sink", CELL_TEXT, NULL},      {"to", CELL_TEXT, NULL},    {"rate", CELL_WHOLE, NULL},
    {"waiting", CELL_WHOLE, NULL},  {"sent", CELL_WHOLE, NULL}, {"failed", CELL_WHOLE, NULL},
    {"last_sent", CELL_TIME, NULL}, {"error", CELL_TEXT, NULL},
};

static err *read_sinks(struct call *c, struct alerts *a) {
    struct alert_sink_entry *sinks;
    struct outbox_sink *rows;
    size_t sink_count, count;
    TRY(alerts_sinks(a, c->memory, &sinks, &sink_count));
    TRY(outbox_sinks(a, c->memory, &rows, &count));
    for (size_t i = 0; i < sink_count; i++) {
        struct outbox_sink of = {0};
        for (size_t k = 0; k < count; k++)
            if (strcmp(rows[k].sink, sinks[i].name) == 0)
                of = rows[k];
        words_cell(c, sinks[i].name);
        words_cell(c, sinks[i].shown);
        count_cell(c, sinks[i].rate);
        count_cell(c, of.waiting);
        count_cell(c, of.sent);
        count_cell(c, of.failed);
        unix_cell(c, of.last_sent);
        words_cell(c, of.last_error);
    }
    return NULL;
}

/* -- the answers --------------------------------------------------------------------------------
 */

static err *answer_from(struct call *c, err *(*read)(struct call *, struct alerts *)) {
    struct alerts a;
    TRY(open_to_read(c, &a));
    err *e = read(c, &a);
    alerts_close(&a);
    return e;
}

static err *rules(struct call *c) {
    ANSWER_COLUMNS(c, rule_columns);
    return answer_from(c, read_rules);
}

static err *history(struct call *c) {
    ANSWER_COLUMNS(c, history_columns);
    return answer_from(c, read_history);
}

static err *mutes(struct call *c) {
    ANSWER_COLUMNS(c, mute_columns);
    return answer_from(c, read_mutes);
}

static err *sinks(struct call *c) {
    ANSWER_COLUMNS(c, sink_columns);
    return answer_from(c, read_sinks);
}

/* -- changes ------------------------------------------------------------------------------------
 */

static const struct parameter id = {.name = "id",
                                    .type = PARAMETER_WHOLE,
                                    .low = 1,
                                    .high = 2147483647,
                                    .required = true,
                                    .summary = "of a decision, as the history has it"};

static err *acknowledge(struct call *c) {
    struct alerts a;
    int64_t which = (int64_t)value_of(c, &id)->number, now = time(NULL);
    TRY(open_to_change(c, &a));
    err *e = alerts_ack(&a, which, now);
    alerts_close(&a);
    if (e && err_kind(e) == ERR_USAGE) {
        err_free(e);
        return call_not_found(c, &id, "is of no decision that is still there");
    }
    TRY(e);
    struct json *j = answer_object(c);
    json_object(j);
    json_key(j, "id"), json_int(j, which);
    json_key(j, "acknowledged"), json_int(j, now);
    json_end(j);
    return NULL;
}

static const struct parameter muted_rule = {.name = "rule",
                                            .type = PARAMETER_NAME,
                                            .fallback = "*",
                                            .summary = "the rule; * for all",
                                            .example = "price"};
static const struct parameter muted_key = {.name = "key",
                                           .type = PARAMETER_NAME,
                                           .fallback = "*",
                                           .summary = "what the rule says it of: a region, a unit, "
                                                      "a feed; * for all",
                                           .example = "SA1"};
static const struct parameter until = {.name = "until",
                                       .type = PARAMETER_NAME,
                                       .required = true,
                                       .summary = "30m, 2h or 7d from now on, or a date and time; "
                                                  "0m ends it",
                                       .example = "2h"};

/* Whether the process that judges has such a rule. */
static err *is_rule(struct call *c, struct alerts *a, str name, bool *out) {
    struct alert_rule_entry *rows;
    size_t count;
    *out = str_eq(name, STR("*"));
    TRY(alerts_rules(a, c->memory, &rows, &count));
    for (size_t i = 0; i < count; i++)
        *out = *out || str_eq(name, str_from(rows[i].name));
    return NULL;
}

static err *mute_in(struct call *c, struct alerts *a, const struct alert_mute *m) {
    bool known;
    TRY(is_rule(c, a, str_from(m->rule), &known));
    if (!known)
        return call_refuse(c, &muted_rule, "must be * or a rule of /v1/alerts");
    TRY(alerts_put_mute(a, m));
    struct json *j = answer_object(c);
    json_object(j);
    json_key(j, "rule"), json_cstr(j, m->rule);
    json_key(j, "key"), json_cstr(j, m->key);
    json_key(j, "until"), json_int(j, m->until);
    json_end(j);
    return NULL;
}

static err *mute(struct call *c) {
    struct alerts a;
    struct alert_mute m = {str_dup(c->memory, value_of(c, &muted_rule)->name),
                           str_dup(c->memory, value_of(c, &muted_key)->name), 0};
    if (!alert_until_read(value_of(c, &until)->name, time(NULL), &m.until))
        return call_refuse(c, &until, "must be 30m, 2h, 7d or the like, or a date and time");
    TRY(open_to_change(c, &a));
    err *e = mute_in(c, &a, &m);
    alerts_close(&a);
    return e;
}

const struct route routes_alerts[] = {
    {"/v1/alerts", "The rules of alerts, and what they hold armed", "Alerts", ANSWER_TABLE, rules,
     .details =
         "A row for each rule and what it holds armed (a region, a unit, a feed): the level and "
         "its "
         "name, since when, the most extreme value since. Level 0 of a rule that holds nothing. "
         "judged is the newest interval that the rule has judged, next the one it waits for. "
         "Empty as long as no collector has run on this store."},
    {"/v1/alerts/history", "What was decided, the newest first", "Alerts", ANSWER_TABLE, history,
     .parameters = {&rule},
     .details = "The newest 5,000 decisions. not_sent says why nobody was told; deliveries what "
                "became of the message at each sink."},
    {"/v1/alerts/mutes", "What is recorded and not sent, until when", "Alerts", ANSWER_TABLE, mutes,
     .details = "rule or key * is any."},
    {"/v1/alerts/sinks", "Where messages go, and how that goes", "Alerts", ANSWER_TABLE, sinks,
     .details = "rate is of messages an hour. No addresses, numbers or secrets."},
    {"/v1/alerts/acknowledge", "Acknowledges a decision", "Alerts", ANSWER_OBJECT, acknowledge,
     .is_change = true, .parameters = {&id},
     .details = "There are no reminders of it until it is over.",
     .schema = "{\"type\":\"object\",\"required\":[\"id\",\"acknowledged\"],\"properties\":{"
               "\"id\":{\"type\":\"integer\"},\"acknowledged\":{\"type\":\"integer\"}}}"},
    {"/v1/alerts/mute", "Mutes a rule, or a rule's key", "Alerts", ANSWER_OBJECT, mute,
     .is_change = true, .parameters = {&muted_rule, &muted_key, &until},
     .details = "What is muted is recorded and not sent. What still stands when it ends is told "
                "then.",
     .schema = "{\"type\":\"object\",\"required\":[\"rule\",\"key\",\"until\"],\"properties\":{"
               "\"rule\":{\"type\":\"string\"},\"key\":{\"type\":\"string\"},"
               "\"until\":{\"type\":\"integer\"}}}"},
    {0},
};
