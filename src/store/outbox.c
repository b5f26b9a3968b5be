#include "store/outbox.h"

err *outbox_add(struct alerts *a, int64_t message, const char *sink, const char *target,
                int64_t now) {
    return sql_run(&a->sql,
                   "INSERT INTO outbox (message, sink, target, next_try) VALUES (?1, ?2, ?3, ?4)"
                   " ON CONFLICT (message, sink, target) DO NOTHING",
                   "issi", message, sink, target, now);
}

err *outbox_waiting(struct alerts *a, struct arena *memory, const char *sink, const char *target,
                    int limit, struct parcel **out, size_t *count) {
    sqlite3_stmt *row;
    bool there = true;
    *out = ARENA_ARRAY(memory, struct parcel, (size_t)limit);
    *count = 0;
    TRY(sql_start(
        &a->sql, &row,
        "SELECT o.id, attempts, next_try, held, m.id, key, rule, kind, severity, at, made,"
        "  title, text, data FROM outbox o JOIN messages m ON m.id = message"
        " WHERE sink = ?1 AND target = ?2 AND status = 'waiting' ORDER BY o.id LIMIT ?3",
        "ssi", sink, target, (int64_t)limit));
    for (;;) {
        TRY(sql_step(&a->sql, row, &there));
        if (!there)
            return NULL;
        (*out)[(*count)++] =
            (struct parcel){.id = sqlite3_column_int64(row, 0),
                            .attempts = sqlite3_column_int(row, 1),
                            .next_try = sqlite3_column_int64(row, 2),
                            .held = sqlite3_column_int(row, 3),
                            .message = {.id = sqlite3_column_int64(row, 4),
                                        .key = sql_column_text(memory, row, 5),
                                        .rule = sql_column_text(memory, row, 6),
                                        .kind = sql_column_text(memory, row, 7),
                                        .severity = (enum alert_severity)sqlite3_column_int(row, 8),
                                        .at = sqlite3_column_int64(row, 9),
                                        .made = sqlite3_column_int64(row, 10),
                                        .title = sql_column_text(memory, row, 11),
                                        .text = sql_column_text(memory, row, 12),
                                        .data = sql_column_text(memory, row, 13)}};
    }
}

err *outbox_sent_since(struct alerts *a, const char *sink, const char *target, int64_t since,
                       int64_t *out) {
    return sql_number(&a->sql, out,
                      "SELECT count(*) FROM outbox"
                      " WHERE sink = ?1 AND target = ?2 AND status = 'sent' AND sent > ?3",
                      "ssi", sink, target, since);
}

err *outbox_sent(struct alerts *a, int64_t id, int64_t now) {
    return sql_run(&a->sql,
                   "UPDATE outbox SET status = 'sent', sent = ?2, attempts = attempts + 1,"
                   " error = NULL WHERE id = ?1",
                   "ii", id, now);
}

err *outbox_retry(struct alerts *a, int64_t id, int64_t next_try, const char *error) {
    return sql_run(&a->sql,
                   "UPDATE outbox SET attempts = attempts + 1, next_try = ?2, error = ?3"
                   " WHERE id = ?1",
                   "iis", id, next_try, error);
}

err *outbox_failed(struct alerts *a, int64_t id, const char *error) {
    return sql_run(&a->sql,
                   "UPDATE outbox SET status = 'failed', attempts = attempts + 1, error = ?2"
                   " WHERE id = ?1",
                   "is", id, error);
}

err *outbox_hold(struct alerts *a, int64_t id) {
    return sql_run(&a->sql, "UPDATE outbox SET held = 1 WHERE id = ?1", "i", id);
}

static err *put_summary(struct alerts *a, const char *sink, const char *target, int64_t last,
                        const struct alert_message *summary, int64_t now) {
    int64_t id;
    bool fresh;
    TRY(sql_run(&a->sql,
                "UPDATE outbox SET status = 'summed'"
                " WHERE sink = ?1 AND target = ?2 AND status = 'waiting' AND id <= ?3",
                "ssi", sink, target, last));
    TRY(alerts_add_message(a, summary, &id, &fresh));
    return outbox_add(a, id, sink, target, now);
}

err *outbox_sum_up(struct alerts *a, const char *sink, const char *target, int64_t last,
                   const struct alert_message *summary, int64_t now) {
    TRY(alerts_begin(a));
    err *e = put_summary(a, sink, target, last, summary, now);
    if (!e)
        e = alerts_commit(a);
    if (e)
        alerts_rollback(a);
    return e;
}

err *outbox_drop_others(struct alerts *a, const char *sink, const char *const *targets,
                        size_t count) {
    struct buf list = {0};
    buf_add_char(&list, '|');
    for (size_t i = 0; i < count; i++)
        buf_printf(&list, "%s|", targets[i]);
    err *e = sql_run(&a->sql,
                     "UPDATE outbox SET status = 'failed', error = 'no longer configured'"
                     " WHERE sink = ?1 AND status = 'waiting' AND"
                     " instr(?2, '|' || target || '|') = 0",
                     "ss", sink, buf_cstr(&list));
    buf_free(&list);
    return e;
}

err *outbox_forget(struct alerts *a, int64_t before) {
    TRY(sql_run(&a->sql,
                "DELETE FROM messages WHERE made < ?1 AND NOT EXISTS"
                " (SELECT 1 FROM outbox WHERE message = messages.id AND status = 'waiting')",
                "i", before));
    return sql_run(&a->sql, "DELETE FROM decisions WHERE decided < ?1", "i", before);
}

err *outbox_sinks(struct alerts *a, struct arena *memory, struct outbox_sink **out, size_t *count) {
    enum { MOST = 32 };
    sqlite3_stmt *row;
    bool there = true;
    *out = ARENA_ARRAY(memory, struct outbox_sink, MOST);
    *count = 0;
    TRY(sql_start(&a->sql, &row,
                  "SELECT sink, sum(status = 'waiting'), sum(status = 'sent'),"
                  "  sum(status = 'failed'), max(sent),"
                  "  (SELECT error FROM outbox e WHERE e.sink = o.sink AND error IS NOT NULL"
                  "    ORDER BY id DESC LIMIT 1)"
                  " FROM outbox o GROUP BY sink ORDER BY sink LIMIT ?1",
                  "i", (int64_t)MOST));
    for (;;) {
        TRY(sql_step(&a->sql, row, &there));
        if (!there)
            return NULL;
        (*out)[(*count)++] = (struct outbox_sink){.sink = sql_column_text(memory, row, 0),
                                                  .waiting = sqlite3_column_int64(row, 1),
                                                  .sent = sqlite3_column_int64(row, 2),
                                                  .failed = sqlite3_column_int64(row, 3),
                                                  .last_sent = sqlite3_column_int64(row, 4),
                                                  .last_error = sql_column_text(memory, row, 5)};
    }
}

err *outbox_deliveries(struct alerts *a, struct arena *memory, int64_t message,
                       struct outbox_delivery **out, size_t *count) {
    enum { MOST = 64 };
    sqlite3_stmt *row;
    bool there = true;
    *out = ARENA_ARRAY(memory, struct outbox_delivery, MOST);
    *count = 0;
    TRY(sql_start(&a->sql, &row,
                  "SELECT sink, status, error, attempts, sent FROM outbox WHERE message = ?1"
                  " ORDER BY id LIMIT ?2",
                  "ii", message, (int64_t)MOST));
    for (;;) {
        TRY(sql_step(&a->sql, row, &there));
        if (!there)
            return NULL;
        (*out)[(*count)++] = (struct outbox_delivery){.sink = sql_column_text(memory, row, 0),
                                                      .status = sql_column_text(memory, row, 1),
                                                      .error = sql_column_text(memory, row, 2),
                                                      .attempts = sqlite3_column_int64(row, 3),
                                                      .sent = sqlite3_column_int64(row, 4)};
    }
}

err *outbox_summaries(struct alerts *a, struct arena *memory, struct outbox_summary **out,
                      size_t *count) {
    struct buf found = {0};
    sqlite3_stmt *row;
    bool there = true;
    err *e = sql_start(&a->sql, &row,
                       "SELECT message, group_concat(sink || ' ' || status, ', ') FROM"
                       " (SELECT DISTINCT message, sink, status FROM outbox"
                       "  ORDER BY message, sink, status) GROUP BY message ORDER BY message",
                       "");
    while (!e && !(e = sql_step(&a->sql, row, &there)) && there) {
        struct outbox_summary s = {sqlite3_column_int64(row, 0), sql_column_text(memory, row, 1)};
        buf_add(&found, &s, sizeof s);
    }
    *out = sql_to_arena(memory, &found, sizeof **out, count);
    return e;
}
