#include "store/alert_records.h"

err *alerts_records(struct alerts *a, struct arena *memory, struct alert_record **out,
                    size_t *count) {
    struct buf found = {0};
    sqlite3_stmt *row;
    bool there = true;
    err *e = sql_start(&a->sql, &row,
                       "SELECT measure, extreme, region, origin, hour, value, at FROM records", "");
    while (!e && !(e = sql_step(&a->sql, row, &there)) && there) {
        struct alert_record r = {.measure = sql_column_text(memory, row, 0),
                                 .extreme = sql_column_text(memory, row, 1),
                                 .region = sql_column_text(memory, row, 2),
                                 .origin = sql_column_text(memory, row, 3),
                                 .hour = sqlite3_column_int(row, 4),
                                 .value = sqlite3_column_double(row, 5),
                                 .at = sqlite3_column_int64(row, 6)};
        buf_add(&found, &r, sizeof r);
    }
    *out = sql_to_arena(memory, &found, sizeof **out, count);
    return e;
}

err *alerts_record_days(struct alerts *a, struct arena *memory, struct alert_record_day **out,
                        size_t *count) {
    struct buf found = {0};
    sqlite3_stmt *row;
    bool there = true;
    err *e = sql_start(&a->sql, &row, "SELECT day, stamp FROM record_days ORDER BY day", "");
    while (!e && !(e = sql_step(&a->sql, row, &there)) && there) {
        struct alert_record_day d = {(aest_day)sqlite3_column_int(row, 0),
                                     (uint64_t)sqlite3_column_int64(row, 1)};
        buf_add(&found, &d, sizeof d);
    }
    *out = sql_to_arena(memory, &found, sizeof **out, count);
    return e;
}

err *alerts_record_generation(struct alerts *a, int64_t *out) {
    return sql_number(&a->sql, out, "SELECT number FROM counters WHERE name = 'records'", "");
}

err *alerts_put_record(struct alerts *a, const struct alert_record *r) {
    return sql_run(&a->sql, "INSERT OR REPLACE INTO records VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                   "sssisdi", r->measure, r->extreme, r->region, (int64_t)r->hour, r->origin,
                   r->value, r->at);
}

err *alerts_drop_record(struct alerts *a, const struct alert_record *r) {
    return sql_run(&a->sql,
                   "DELETE FROM records WHERE measure = ?1 AND extreme = ?2 AND region = ?3"
                   " AND hour = ?4 AND origin = ?5",
                   "sssis", r->measure, r->extreme, r->region, (int64_t)r->hour, r->origin);
}

err *alerts_drop_records_of(struct alerts *a, const char *origin) {
    return sql_run(&a->sql, "DELETE FROM records WHERE origin = ?1", "s", origin);
}

err *alerts_put_record_day(struct alerts *a, const struct alert_record_day *d) {
    return sql_run(&a->sql, "INSERT OR REPLACE INTO record_days VALUES (?1, ?2)", "ii",
                   (int64_t)d->day, (int64_t)d->stamp);
}

err *alerts_count_up_records(struct alerts *a) {
    return sql_run(&a->sql,
                   "INSERT INTO counters VALUES ('records', 1)"
                   " ON CONFLICT (name) DO UPDATE SET number = number + 1",
                   "");
}
