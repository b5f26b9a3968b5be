#include "store/alert_catalogue.h"

static err *put_entries(struct alerts *a, const struct alert_rule_entry *rules, size_t rule_count,
                        const struct alert_sink_entry *sinks, size_t sink_count) {
    TRY(sql_run(&a->sql, "DELETE FROM rules", ""));
    TRY(sql_run(&a->sql, "DELETE FROM sinks", ""));
    for (size_t i = 0; i < rule_count; i++)
        TRY(sql_run(&a->sql, "INSERT INTO rules VALUES (?1, ?2, ?3, ?4, ?5)", "issis", (int64_t)i,
                    rules[i].name, rules[i].summary, rules[i].step_s, rules[i].steps));
    for (size_t i = 0; i < sink_count; i++)
        TRY(sql_run(&a->sql, "INSERT INTO sinks VALUES (?1, ?2, ?3, ?4)", "issi", (int64_t)i,
                    sinks[i].name, sinks[i].shown, sinks[i].rate));
    return NULL;
}

err *alerts_put_catalogue(struct alerts *a, const struct alert_rule_entry *rules, size_t rule_count,
                          const struct alert_sink_entry *sinks, size_t sink_count) {
    TRY(alerts_begin(a));
    err *e = put_entries(a, rules, rule_count, sinks, sink_count);
    if (!e)
        e = alerts_commit(a);
    if (e)
        alerts_rollback(a);
    return e;
}

err *alerts_rules(struct alerts *a, struct arena *memory, struct alert_rule_entry **out,
                  size_t *count) {
    struct buf found = {0};
    sqlite3_stmt *row;
    bool there = true;
    err *e = sql_start(&a->sql, &row,
                       "SELECT name, summary, steps, step_s FROM rules ORDER BY place", "");
    while (!e && !(e = sql_step(&a->sql, row, &there)) && there) {
        struct alert_rule_entry r = {.name = sql_column_text(memory, row, 0),
                                     .summary = sql_column_text(memory, row, 1),
                                     .steps = sql_column_text(memory, row, 2),
                                     .step_s = sqlite3_column_int64(row, 3)};
        buf_add(&found, &r, sizeof r);
    }
    *out = sql_to_arena(memory, &found, sizeof **out, count);
    return e;
}

err *alerts_sinks(struct alerts *a, struct arena *memory, struct alert_sink_entry **out,
                  size_t *count) {
    struct buf found = {0};
    sqlite3_stmt *row;
    bool there = true;
    err *e = sql_start(&a->sql, &row, "SELECT name, shown, rate FROM sinks ORDER BY place", "");
    while (!e && !(e = sql_step(&a->sql, row, &there)) && there) {
        struct alert_sink_entry s = {.name = sql_column_text(memory, row, 0),
                                     .shown = sql_column_text(memory, row, 1),
                                     .rate = sqlite3_column_int64(row, 2)};
        buf_add(&found, &s, sizeof s);
    }
    *out = sql_to_arena(memory, &found, sizeof **out, count);
    return e;
}

const char *alert_level_name(struct arena *memory, const struct alert_rule_entry *r, int level) {
    str rest = str_from(r->steps), name = {0};
    for (int i = 0; i < level; i++)
        name = str_cut(&rest, '\n');
    return name.len ? str_dup(memory, name) : "";
}

bool alert_until_read(str text, int64_t now, int64_t *out) {
    static const struct {
        char unit;
        int seconds;
    } units[] = {{'m', 60}, {'h', 3600}, {'d', 86400}};
    aest_us at;
    uint64_t number;
    for (size_t i = 0; text.len > 1 && i < sizeof units / sizeof *units; i++)
        if (text.at[text.len - 1] == units[i].unit &&
            str_to_u64((str){text.at, text.len - 1}, &number) && number < 100000) {
            *out = now + (int64_t)number * units[i].seconds;
            return true;
        }
    if (!aest_parse_iso(text, &at))
        return false;
    *out = aest_to_unix(at);
    return true;
}
