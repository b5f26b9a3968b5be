#include "ops/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ops/backup.h"
#include "ops/verify.h"
#include "store/alerts.h"
#include "store/lock.h"
#include "store/note.h"
#include "store/sql.h"
#include "support/rows.h"

static const char *const five[] = {"NSW1", "QLD1", "SA1", "TAS1", "VIC1", NULL};
static const char *const units[] = {"BW01", "HPR1", NULL};
static const char *const links[] = {"V-SA", NULL};

static interval latest; /* of the store that is being made */

static bool has_come(const char *key, aest_day day, int slot) {
    (void)key;
    return interval_day_start(day) + slot + 1 <= latest;
}

static bool half_hour_has_come(const char *key, aest_day day, int slot) {
    (void)key;
    return interval_day_start(day) + (slot + 1) * 6 <= latest;
}

static bool but_for_a_hole(const char *key, aest_day day, int slot) {
    return has_come(key, day, slot) && interval_day_start(day) + slot + 1 != latest - 20;
}

/* A store in which all is well, as far as no other program is needed for it: rows up to now, looks
 * at folders, files that came in time. This process is its collector, since two hours. */
struct room {
    char *folder, *data;
    struct arena memory;
    struct doctor asked;
    struct running_entry entry;
    struct verdict verdicts[CHECKS];
};

static void fill(struct store *s, row_wanted *scada) {
    aest_day today = interval_day(latest);
    for (aest_day day = today - 1; day <= today; day++) {
        commit_rows(s, PRICES5, day, five, has_come);
        commit_rows(s, SCADA5, day, units, scada);
        commit_rows(s, REGIONS5, day, five, has_come);
        commit_rows(s, TRANSMISSION5, day, links, has_come);
        commit_rows(s, ROOFTOP30, day, five, half_hour_has_come);
    }
}

static void record_file(struct ledger *l, const char *feed, enum dataset_id dataset, interval at,
                        int64_t delay_s) {
    char name[64];
    const struct ledger_content content = {datasets[dataset].name, at, at, 5};
    snprintf(name, sizeof name, "%s-%s-%d.zip", feed, datasets[dataset].name, at);
    assert_ok(
        ledger_done(l, feed, str_from(name), 100, interval_to_unix(at - 1) + delay_s, &content, 1));
}

static void record_looks(struct store *s) {
    struct ledger *l;
    assert_ok(store_ledger(s, &l));
    for (int i = 0; i < FEEDS; i++)
        assert_ok(ledger_listed(l, feeds[i].name, NULL));
    for (interval at = latest - 13; at <= latest; at++) {
        record_file(l, "dispatchis", PRICES5, at, 30);
        record_file(l, "dispatchis", TRANSMISSION5, at, 30);
        record_file(l, "dispatchscada", SCADA5, at, 45);
    }
}

/* Says of this process's entry that it began [ago_s] ago. */
static void date_entry(struct room *r, int64_t ago_s) {
    char path[512];
    snprintf(path, sizeof path, "%s/running/%ld", r->data, (long)getpid());
    FILE *f = fopen(path, "r+e");
    assert_non_null(f);
    fprintf(f, "command=\"collect\"\nsince=\"%lld\"\ncollects=\"1\"\nalerts=\"1\"\n",
            (long long)time(NULL) - ago_s);
    assert_int_equal(ftruncate(fileno(f), ftell(f)), 0);
    fclose(f);
}

static struct room open_room(interval newest, row_wanted *scada) {
    struct room r = {.folder = temporary_folder()};
    struct store *s;
    latest = newest;
    r.data = arena_printf(&r.memory, "%s/store", r.folder);
    r.asked = (struct doctor){.data = r.data,
                              .home = r.folder,
                              .alerts = {.sinks = "sms",
                                         .price_on = true,
                                         .price_routed = true,
                                         .unit_on = true,
                                         .unit_routed = true}};
    assert_ok(store_open(r.data, STORE_WRITE, NULL, &s));
    fill(s, scada);
    record_looks(s);
    store_close(s);
    const struct running self = {.command = "collect", .collects = true, .alerts = true};
    assert_ok(running_enter(r.data, &self, &r.entry));
    date_entry(&r, 7200);
    return r;
}

static struct room good_room(void) {
    return open_room(interval_at_or_before(aest_now()), has_come);
}

static void close_room(struct room *r) {
    running_leave(&r->entry);
    remove_folder(r->folder);
    arena_free(&r->memory);
}

/* Goes through the list; the verdict of one check, with words that must be in it. */
static const struct verdict *expect(struct room *r, const char *name, enum verdict_kind kind,
                                    const char *text) {
    assert_ok(doctor_run(&r->asked, &r->memory, r->verdicts));
    for (int i = 0; i < CHECKS; i++) {
        const struct verdict *v = &r->verdicts[i];
        if (strcmp(v->name, name) != 0)
            continue;
        if (v->kind != kind || !strstr(v->text, text))
            fail_msg("%s: %s: %s", name, verdict_name[v->kind], v->text);
        if (kind != VERDICT_OK && !v->advice)
            fail_msg("%s: no advice", name);
        return v;
    }
    fail_msg("no check %s", name);
    return NULL;
}

static void change_ledger(struct room *r, const char *statement) {
    struct sql s;
    assert_ok(sql_open(&s, "the ledger", arena_printf(&r->memory, "%s/state.db", r->data),
                       SQLITE_OPEN_READWRITE, statement, NULL));
    sql_close(&s);
}

/* Writes over the line of a note. */
static void write_note(struct room *r, const char *name, const char *text) {
    const char *folder = arena_printf(&r->memory, "%s/notes", r->data);
    assert_ok(file_make_folders(folder));
    assert_ok(file_write_atomic(arena_printf(&r->memory, "%s/%s", folder, name), str_from(text)));
}

static void what_is_well_is_ok(void **state) {
    (void)state;
    struct room r = good_room();
    expect(&r, "collector", VERDICT_OK, "last look");
    expect(&r, "datasets", VERDICT_OK, "datasets");
    expect(&r, "cycle", VERDICT_OK, "12 intervals, each within 45 s");
    expect(&r, "gaps", VERDICT_OK, "none");
    expect(&r, "takeover", VERDICT_OK, "nothing was taken over");
    expect(&r, "disk", VERDICT_OK, "a day leave");
    expect(&r, "errors", VERDICT_OK, "no error");
    expect(&r, "refused", VERDICT_OK, "none");
    expect(&r, "readable", VERDICT_OK, "rows");
    expect(&r, "grid", VERDICT_OK, "all of it");
    struct note n;
    assert_ok(note_read(r.data, "doctor", &n));
    assert_int_equal(note_number(&n, "cycle", -1), VERDICT_OK);
    assert_int_equal(note_number(&n, "backup", -1), VERDICT_FAILED);
    assert_string_equal(note_text(&n, "backup_text"), "nobody ever made one");
    assert_in_range(note_number(&n, "at", 0), time(NULL) - 60, time(NULL));
    note_free(&n);
    close_room(&r);
}

static void a_collector_that_is_gone_or_silent(void **state) {
    (void)state;
    struct room r = good_room();
    change_ledger(&r, "UPDATE feeds SET listed = listed - 3600");
    expect(&r, "collector", VERDICT_FAILED, "hasn't looked for 60 min");
    running_leave(&r.entry);
    expect(&r, "collector", VERDICT_FAILED, "no collector works on this store, the last look was");
    expect(&r, "cycle", VERDICT_FAILED, "no collector runs");
    change_ledger(&r, "UPDATE feeds SET listed = listed + 3600");
    expect(&r, "collector", VERDICT_WARNING, "no collector runs now");
    close_room(&r);
}

static void cycles_that_lack_or_are_late(void **state) {
    (void)state;
    struct room r = good_room();
    change_ledger(&r,
                  "DELETE FROM files WHERE name LIKE 'dispatchscada-%' AND id IN "
                  "(SELECT file FROM contents WHERE first = (SELECT max(first) FROM contents))");
    expect(&r, "cycle", VERDICT_FAILED, "1 of 12 intervals of scada5");
    close_room(&r);
    r = good_room();
    change_ledger(&r, "UPDATE files SET fetched = fetched + 900 WHERE name LIKE '%prices5%'");
    expect(&r, "cycle", VERDICT_WARNING, "the slowest 930 s");
    date_entry(&r, 20); /* what it makes up for is late by right */
    expect(&r, "cycle", VERDICT_WARNING, "too early to tell");
    close_room(&r);
}

static void rows_that_are_old_or_lack(void **state) {
    (void)state;
    struct room r = open_room(interval_at_or_before(aest_now()) - 24, has_come);
    expect(&r, "datasets", VERDICT_FAILED, "scada5 2 h old");
    expect(&r, "cycle", VERDICT_FAILED, "12 of 12");
    close_room(&r);
    r = open_room(interval_at_or_before(aest_now()), but_for_a_hole);
    expect(&r, "gaps", VERDICT_FAILED, "1 gaps of 1 intervals, the first scada5");
    char text[100];
    snprintf(text, sizeof text, "at=\"1\"\nseam=\"%lld\"\nfailed=\"0\"\n",
             (long long)interval_to_unix(latest - 30));
    write_note(&r, "migration", text);
    expect(&r, "takeover", VERDICT_FAILED, "1 gaps");
    write_note(&r, "migration", "at=\"1\"\nseam=\"1\"\nfailed=\"1\"\n");
    expect(&r, "takeover", VERDICT_FAILED, "left something behind");
    close_room(&r);
    r = good_room();
    write_note(&r, "migration", text);
    expect(&r, "takeover", VERDICT_OK, "none since");
    expect(&r, "parallel", VERDICT_OK, "by itself");
    write_note(&r, "follow",
               "at=\"5\"\nsource=\"/old\"\nsafe=\"0\"\nwhy=\"scada5: odd\"\n"
               "scada5_rows=\"10\"\nscada5_different=\"3\"\n");
    expect(&r, "parallel", VERDICT_WARNING, "7 of 10 rows agreed");
    write_note(&r, "follow", "at=\"5\"\nsource=\"/old\"\nsafe=\"1\"\nscada5_rows=\"10\"\n");
    expect(&r, "parallel", VERDICT_OK, "all of 10 rows agreed; it can be stopped");
    close_room(&r);
}

static void a_backup_of_any_age(void **state) {
    (void)state;
    struct room r = good_room();
    struct backup_done done;
    const struct backup b = {.data = r.data, .to = arena_printf(&r.memory, "%s/to", r.folder)};
    expect(&r, "backup", VERDICT_FAILED, "nobody ever made one");
    r.asked.backup_to = b.to;
    expect(&r, "backup", VERDICT_FAILED, "holds no backup");
    r.asked.backup_to = NULL;
    assert_ok(backup_run(&b, &done));
    expect(&r, "backup", VERDICT_OK, "/to");
    const char *young = arena_printf(&r.memory, "%s/%s", b.to, done.name);
    char date[AEST_TEXT];
    for (int days = 3; days <= 10; days += 7) {
        aest_format_date((aest_day)(aest_now() / AEST_DAY) - days, date);
        const char *old = arena_printf(&r.memory, "%s/%sT023000", b.to, date);
        assert_int_equal(rename(young, old), 0);
        expect(&r, "backup", days == 3 ? VERDICT_WARNING : VERDICT_FAILED,
               days == 3 ? "the newest is of" : "has one of");
        assert_int_equal(rename(old, young), 0);
    }
    const char *ahead = arena_printf(&r.memory, "%s/2999-01-01T023000", b.to);
    assert_int_equal(rename(young, ahead), 0);
    write_note(&r, "backup",
               arena_printf(&r.memory, "to=\"%s\"\nok=\"1\"\nlast=\"%lld\"\n", b.to,
                            (long long)time(NULL) - 3 * 86400));
    expect(&r, "backup", VERDICT_WARNING, "the newest is of 3 days ago");
    assert_int_equal(rename(ahead, young), 0);
    const char *objects = arena_printf(&r.memory, "%s/objects", b.to);
    assert_int_equal(rename(objects, arena_printf(&r.memory, "%s/away", r.folder)), 0);
    assert_ok(file_write_atomic(objects, STR("in the way"))); /* so that the next one fails */
    err *e = backup_run(&b, &done);
    assert_non_null(e);
    err_free(e);
    expect(&r, "backup", VERDICT_WARNING, "objects");
    close_room(&r);
}

static void what_verify_found(void **state) {
    (void)state;
    struct room r = good_room();
    struct findings *found = mem_zalloc(1, sizeof *found);
    expect(&r, "verified", VERDICT_WARNING, "it never was");
    const struct verify v = {.data = r.data, .wanted = EVERY_DATASET};
    assert_ok(verify_store(&v, found));
    assert_int_equal(findings_count(found), found->count[FINDING_IDENTITY]); /* rows are made up */
    expect(&r, "verified", VERDICT_OK, "rows");
    findings_free(found);
    free(found);
    char text[100];
    snprintf(text, sizeof text, "at=\"%lld\"\nrows=\"5\"\nbounds=\"2\"\n", (long long)time(NULL));
    write_note(&r, "verify", text);
    expect(&r, "verified", VERDICT_OK, "2 of them odd");
    snprintf(text, sizeof text, "at=\"%lld\"\nrows=\"5\"\nderived=\"2\"\n", (long long)time(NULL));
    write_note(&r, "verify", text);
    expect(&r, "verified", VERDICT_FAILED, "with 2 findings");
    write_note(&r, "verify", "at=\"1000\"\nrows=\"5\"\n");
    expect(&r, "verified", VERDICT_WARNING, "the last time was");
    close_room(&r);
}

static void files_errors_and_damage(void **state) {
    (void)state;
    struct room r = good_room();
    char line[200], now[AEST_TEXT];
    change_ledger(
        &r, "INSERT INTO files (feed, name, size, status, error, tries, first_seen, recorded) "
            "VALUES ('dispatchis', 'BAD.zip', 1, 'failed', 'line 7: no number', 5, 1, 1)");
    expect(&r, "refused", VERDICT_WARNING, "1, the newest BAD.zip: line 7");
    aest_format_iso(aest_now(), now);
    snprintf(line, sizeof line,
             "time=%s level=warn msg=slow\ntime=%s level=error msg=\"look failed\" a=b\nrubbish\n",
             now, now);
    write_note(&r, "errors.log", line);
    expect(&r, "errors", VERDICT_WARNING,
           "1 errors and 1 warnings, the last: msg=\"look failed\" a=b");
    write_note(&r, "errors.log", "time=2020-01-01T00:00:00+10:00 level=error msg=old\n");
    expect(&r, "errors", VERDICT_OK, "no error, 0 warnings");
    expect(&r, "units", VERDICT_WARNING, "2 aren't: BW01 HPR1");
    struct store *s;
    assert_ok(store_open(r.data, STORE_READ, NULL, &s));
    const char *path = store_day_path(s, &r.memory, PRICES5, interval_day(latest));
    store_close(s);
    assert_ok(file_write_atomic(path, STR("PAR1 it isn't")));
    expect(&r, "readable", VERDICT_FAILED, "prices5 is damaged");
    expect(&r, "gaps", VERDICT_FAILED, "can't be told");
    close_room(&r);
}

/* A systemctl that says [text], in a folder that comes first in PATH. */
static void play_systemctl(struct room *r, const char *text) {
    const char *program = arena_printf(&r->memory, "%s/systemctl", r->folder);
    assert_ok(file_write_atomic(
        program, str_from(arena_printf(&r->memory, "#!/bin/sh\nprintf '%s'\n", text))));
    assert_int_equal(chmod(program, 0755), 0);
}

static void a_service_in_each_state(void **state) {
    (void)state;
#ifdef __APPLE__
    skip();
#endif
    struct room r = good_room();
    expect(&r, "service", VERDICT_FAILED, "it isn't installed");
    const char *folder = arena_printf(&r.memory, "%s/.config/systemd/user", r.folder);
    assert_ok(file_make_folders(folder));
    assert_ok(
        file_write_atomic(arena_printf(&r.memory, "%s/nemd.service", folder), STR("[Unit]\n")));
    char *path = mem_strdup(getenv("PATH"));
    setenv("PATH", arena_printf(&r.memory, "%s:%s", r.folder, path), 1);
    play_systemctl(&r, "");
    expect(&r, "service", VERDICT_WARNING, "nobody can be asked");
    play_systemctl(&r, "UnitFileState=disabled\\nActiveState=active\\n");
    expect(&r, "service", VERDICT_FAILED, "isn't enabled");
    play_systemctl(&r, "UnitFileState=enabled\\nActiveState=failed\\n");
    expect(&r, "service", VERDICT_FAILED, "doesn't run");
    play_systemctl(&r, "UnitFileState=enabled\\nActiveState=active\\n");
    expect(&r, "service", VERDICT_OK, "nemd.service");
    setenv("PATH", path, 1);
    free(path);
    close_room(&r);
}

static void alerts_in_each_state(void **state) {
    (void)state;
    struct room r = good_room();
    struct alerts a;
    int lock;
    r.asked.alerts.error = "ALERT_QUIET is '25'";
    expect(&r, "price_alerts", VERDICT_FAILED, "ALERT_QUIET");
    r.asked.alerts.error = NULL;
    r.asked.alerts.price_on = false;
    expect(&r, "price_alerts", VERDICT_WARNING, "is turned off");
    r.asked.alerts.price_on = true;
    expect(&r, "price_alerts", VERDICT_FAILED, "nobody judges");
    assert_ok(lock_try(arena_printf(&r.memory, "%s/lock.alerts", r.data), &lock));
    expect(&r, "price_alerts", VERDICT_FAILED, "before the newest interval");
    assert_ok(alerts_open(&a, alerts_path(&r.memory, r.data), NULL));
    assert_ok(alerts_put_watermark(&a, "price", interval_to_unix(latest)));
    assert_ok(alerts_put_watermark(&a, "new_unit", interval_to_unix(latest) - 3600));
    expect(&r, "unit_alerts", VERDICT_FAILED, "judged up to 60 min before");
    expect(&r, "price_alerts", VERDICT_WARNING, "nothing was ever sent by sms");
    r.asked.alerts.price_routed = false;
    expect(&r, "price_alerts", VERDICT_WARNING, "neither of sms");
    r.asked.alerts.price_routed = true;
    r.asked.alerts.sinks = "";
    expect(&r, "price_alerts", VERDICT_WARNING, "no way out");
    r.asked.alerts.sinks = "sms";
    write_note(&r, "alerts_test", "at=\"5\"\nok=\"0\"\nerror=\"sms: 401\"\n");
    expect(&r, "price_alerts", VERDICT_FAILED, "a test message doesn't get through: sms: 401");
    write_note(&r, "alerts_test", "at=\"5\"\nok=\"1\"\n");
    expect(&r, "price_alerts", VERDICT_OK, "judged to the newest interval");
    alerts_close(&a);
    lock_release(lock);
    close_room(&r);
}

static void a_dashboard_that_does_not_answer(void **state) {
    (void)state;
    struct room r = good_room();
    expect(&r, "dashboard", VERDICT_FAILED, "no process shows this store");
    running_leave(&r.entry);
    const struct running self = {.command = "serve", .host = "127.0.0.1", .port = 1};
    assert_ok(running_enter(r.data, &self, &r.entry));
    expect(&r, "dashboard", VERDICT_FAILED, "http://127.0.0.1:1/");
    struct process_usage own;
    assert_true(process_usage(getpid(), &own)); /* a sanitizer takes more */
    expect(&r, "memory", own.memory < 400000000 ? VERDICT_OK : VERDICT_FAILED, "uses");
    close_room(&r);
}

/* Entries of processes that are gone go too; a name that is none, and what can't be read, is left
 * alone. */
static void entries_of_the_dead(void **state) {
    (void)state;
    struct room r = good_room();
    struct running *rows;
    size_t count;
    const char *dead = arena_printf(&r.memory, "%s/running/999999", r.data);
    assert_ok(file_write_atomic(dead, STR("command=\"run\"\n")));
    assert_ok(file_write_atomic(arena_printf(&r.memory, "%s/running/x", r.data), STR("?")));
    assert_ok(running_list(&r.memory, r.data, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].pid, getpid());
    assert_string_equal(rows[0].command, "collect");
    assert_false(file_exists(dead));
    running_leave(&r.entry);
    assert_ok(running_list(&r.memory, r.data, &rows, &count));
    assert_int_equal(count, 0);
    close_room(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_well_is_ok),
        cmocka_unit_test(a_collector_that_is_gone_or_silent),
        cmocka_unit_test(cycles_that_lack_or_are_late),
        cmocka_unit_test(rows_that_are_old_or_lack),
        cmocka_unit_test(a_backup_of_any_age),
        cmocka_unit_test(what_verify_found),
        cmocka_unit_test(files_errors_and_damage),
        cmocka_unit_test(a_service_in_each_state),
        cmocka_unit_test(alerts_in_each_state),
        cmocka_unit_test(a_dashboard_that_does_not_answer),
        cmocka_unit_test(entries_of_the_dead),
    };
    use_memory_folders();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
