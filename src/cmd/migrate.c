#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "cmd/services.h"
#include "ops/migrate.h"

/* -- progress -----------------------------------------------------------------------------------
 */

struct meter {
    bool terminal;
    time_t last;
};

static void show(void *context, const struct table_file *t, int64_t rows) {
    struct meter *m = context;
    time_t now = time(NULL);
    if (now == m->last && rows < t->rows) /* once a second is enough */
        return;
    m->last = now;
    if (m->terminal)
        fprintf(stderr, "\r\033[K%s  %.1f of %.1f million rows%s", t->dataset->name,
                (double)rows / 1e6, (double)t->rows / 1e6, rows >= t->rows ? "\r\033[K" : "");
    else
        fprintf(stderr, "%s: %lld of %lld rows\n", t->dataset->name, (long long)rows,
                (long long)t->rows);
    fflush(stderr);
}

/* -- for people ---------------------------------------------------------------------------------
 */

static const char *day_text(aest_us t, char out[AEST_TEXT]) {
    aest_format_mms(t, out);
    out[16] = 0;
    return out;
}

static void print_table(const struct migrated_table *t, bool dry) {
    char first[AEST_TEXT], last[AEST_TEXT];
    const struct brought *b = &t->brought;
    if (!t->path) {
        printf("%-15s not found\n", t->dataset->name);
        return;
    }
    printf("%-15s %s\n", t->dataset->name, t->path);
    if (t->trouble) {
        printf("  REFUSED: %s\n", t->trouble);
        return;
    }
    printf("  %lld rows, %s to %s\n", (long long)b->rows, day_text(t->first, first),
           day_text(t->last, last));
    if (t->has_zone)
        printf("  times have a time zone: shown here as they were read\n");
    if (*t->left)
        printf("  columns left: %s\n", t->left);
    for (int f = 0; f < ROW_FAULTS; f++)
        if (b->faults.count[f])
            printf("  %-13s %lld rows, as %s: %s\n", row_fault_name[f],
                   (long long)b->faults.count[f],
                   *b->faults.first[f] ? b->faults.first[f] : "counted", row_fault_rule[f]);
    if (b->midnights)
        printf("  %-13s %lld days lack their 00:00, as %s: `nemd repair` asks AEMO for it\n",
               "midnight", (long long)b->midnights, b->first_midnight);
    printf("  %lld rows taken: %lld %s, %lld the same, %lld replaced by AEMO's or by the mean of "
           "six\n",
           (long long)b->accepted, (long long)b->added, dry ? "would be new" : "new",
           (long long)b->same, (long long)b->replaced);
    if (!dry)
        printf("  checksum %016llx here, %016llx there\n", (unsigned long long)b->sum_store,
               (unsigned long long)b->sum_file);
    if (b->missing + b->other)
        printf("  ERROR: %lld rows aren't in the store, %lld differ, as %s\n",
               (long long)b->missing, (long long)b->other, b->first_missing);
}

static void print_units(const struct migration *m) {
    const struct earlier_units *u = &m->units;
    if (!m->units_file.path) {
        printf("gen_info.pkl    not found\n");
        return;
    }
    printf("gen_info.pkl    %s\n", m->units_file.path);
    if (m->units_file.trouble) {
        printf("  REFUSED: %s\n", m->units_file.trouble);
        return;
    }
    printf("  %zu units, %zu facts; registry %s\n", u->units, u->facts,
           m->registry_changed ? "changed" : "as before");
    if (u->without_duid || u->repeated)
        printf("  %zu rows without DUID, %zu with one that came before: left out\n",
               u->without_duid, u->repeated);
    if (u->refused)
        printf("  %zu values are none of their kind, as %s\n", u->refused, u->first_refused);
}

static void print_alerts(const struct migration *m) {
    char since[AEST_TEXT];
    if (!m->alerts_file.path)
        return;
    printf("price alerts    %s\n", m->alerts_file.path);
    if (m->alerts_file.trouble)
        printf("  REFUSED: %s\n", m->alerts_file.trouble);
    for (size_t i = 0; i < m->alert_count; i++) {
        const struct earlier_alert *a = &m->alerts[i];
        printf("  %-5.*s %s, last price %.2f%s%s\n", STR_ARG(a->region),
               a->is_high ? "over the threshold" : "normal", a->last_price,
               a->has_since ? ", since " : "", a->has_since ? day_text(a->since, since) : "");
    }
    if (m->alerts_armed)
        printf("  %zu of them stand: nemd tells when they are over\n", m->alerts_armed);
}

static void print_records(const struct migration *m) {
    char at[AEST_TEXT];
    if (!m->records_file.path)
        return;
    printf("records         %s\n", m->records_file.path);
    if (m->records_file.trouble)
        printf("  REFUSED: %s\n", m->records_file.trouble);
    if (m->record_count && m->records[0].hour < 0)
        printf("  renewable share %.1f %%%s%s, and %zu of hours of the day\n",
               m->records[0].percent, m->records[0].has_at ? ", " : "",
               m->records[0].has_at ? day_text(m->records[0].at, at) : "", m->record_count - 1);
    if (m->records_kept)
        printf(
            "  they stand, marked as the earlier system's, until the store has better ones: their "
            "share was defined in another way\n");
}

static void print_settings(const struct migration *m) {
    if (!m->settings_file.path)
        return;
    printf("settings        %s\n", m->settings_file.path);
    for (size_t i = 0; i < m->setting_count; i++) {
        const struct migrated_setting *s = &m->settings[i];
        if (s->name)
            printf("  %-26s taken%s%s%s\n", s->key, strcmp(s->key, s->name) ? " as " : "",
                   strcmp(s->key, s->name) ? s->name : "", s->is_secret ? ", a secret" : "");
        else
            printf("  %-26s not taken: %s\n", s->key, s->note);
    }
    if (m->settings_file.trouble)
        printf("  %s\n", m->settings_file.trouble);
    if (m->config_path)
        printf("  written to %s; use it with --config\n", m->config_path);
    if (m->secrets_path)
        printf("  secrets to %s, which only you can read\n", m->secrets_path);
}

static void print_text(const struct migration *m, bool dry) {
    for (int i = 0; i < MIGRATED_TABLES; i++)
        print_table(&m->tables[i], dry);
    print_units(m);
    print_alerts(m);
    print_records(m);
    print_settings(m);
    printf("%s\n", migration_failed(m) ? "FAILED: see above; what was taken stays"
                   : dry               ? "Nothing was written: leave --dry-run away to do it"
                   : migration_has_findings(m) ? "Done, with the findings above"
                                               : "Done");
}

/* -- as JSON ------------------------------------------------------------------------------------
 */

static void add_text(struct json *j, const char *key, const char *text) {
    json_key(j, key);
    if (text)
        json_cstr(j, text);
    else
        json_null(j);
}

static void add_number(struct json *j, const char *key, int64_t number) {
    json_key(j, key);
    json_int(j, number);
}

static void add_table(struct json *j, const struct migrated_table *t) {
    char sum[24];
    const struct brought *b = &t->brought;
    json_object(j);
    add_text(j, "dataset", t->dataset->name);
    add_text(j, "path", t->path);
    add_text(j, "refused", t->trouble);
    add_number(j, "rows", b->rows);
    add_number(j, "taken", b->accepted);
    add_number(j, "new", b->added);
    add_number(j, "same", b->same);
    add_number(j, "replaced", b->replaced);
    add_number(j, "missing", b->missing);
    add_number(j, "different", b->other);
    add_number(j, "midnights", b->midnights);
    snprintf(sum, sizeof sum, "%016llx", (unsigned long long)b->sum_file);
    add_text(j, "checksum_source", sum);
    snprintf(sum, sizeof sum, "%016llx", (unsigned long long)b->sum_store);
    add_text(j, "checksum_store", sum);
    json_key(j, "findings"), json_object(j);
    for (int f = 0; f < ROW_FAULTS; f++)
        if (b->faults.count[f])
            add_number(j, row_fault_name[f], b->faults.count[f]);
    json_end(j);
    json_end(j);
}

static void print_json(const struct migration *m, bool dry) {
    struct buf text = {0};
    struct json j = json_to(&text);
    json_object(&j);
    json_key(&j, "dry_run"), json_bool(&j, dry);
    json_key(&j, "failed"), json_bool(&j, migration_failed(m));
    json_key(&j, "tables"), json_array(&j);
    for (int i = 0; i < MIGRATED_TABLES; i++)
        add_table(&j, &m->tables[i]);
    json_end(&j);
    json_key(&j, "units"), json_object(&j);
    add_text(&j, "path", m->units_file.path);
    add_text(&j, "refused", m->units_file.trouble);
    add_number(&j, "units", (int64_t)m->units.units);
    add_number(&j, "facts", (int64_t)m->units.facts);
    json_end(&j);
    add_number(&j, "alerts_armed", (int64_t)m->alerts_armed);
    add_number(&j, "records_kept", (int64_t)m->records_kept);
    json_key(&j, "alerts"), json_array(&j);
    for (size_t i = 0; i < m->alert_count; i++) {
        json_object(&j);
        json_key(&j, "region"), json_str(&j, m->alerts[i].region);
        json_key(&j, "high"), json_bool(&j, m->alerts[i].is_high);
        json_key(&j, "last_price"), json_double(&j, m->alerts[i].last_price);
        json_end(&j);
    }
    json_end(&j);
    json_key(&j, "settings"), json_array(&j);
    for (size_t i = 0; i < m->setting_count; i++) {
        json_object(&j);
        add_text(&j, "key", m->settings[i].key);
        add_text(&j, "taken_as", m->settings[i].name);
        json_end(&j);
    }
    json_end(&j);
    add_text(&j, "config", m->config_path);
    add_text(&j, "secrets", m->secrets_path);
    json_end(&j);
    printf("%s\n", buf_cstr(&text));
    buf_free(&text);
}

/* -- the command --------------------------------------------------------------------------------
 */

static err *read_zone(const char *text, enum table_zone *out) {
    *out = ZONE_UNKNOWN;
    if (!text)
        return NULL;
    if (strcmp(text, "aest") == 0)
        *out = ZONE_AEST;
    else if (strcmp(text, "utc") == 0)
        *out = ZONE_UTC;
    return *out ? NULL : err_new(ERR_USAGE, "--zone is '%s', neither aest nor utc", text);
}

/* ~/.config/nemd */
static const char *default_folder(struct config *c) {
    const char *home = getenv("HOME"), *base = getenv("XDG_CONFIG_HOME");
    if (base && base[0] == '/')
        return arena_printf(&c->memory, "%s/nemd", base);
    return arena_printf(&c->memory, "%s/.config/nemd", home ? home : "");
}

/* Records that were taken over by mistake: a wrong one would stand for good, as nothing beats it.
 */
static err *forget_records(const struct migrate *m, bool json) {
    size_t count;
    if (m->from || m->env || m->dry)
        return err_new(ERR_USAGE, "--forget-records goes with --to alone");
    TRY(migrate_forget_records(m->data, &count));
    if (json)
        printf("{\"forgotten\":%zu}\n", count);
    else
        printf("%zu records of the earlier system forgotten; the store's own stay\n", count);
    return NULL;
}

static err *take_over(struct setup *setup, struct migrate *m, bool json, struct migration *done) {
    struct meter meter = {.terminal = isatty(STDERR_FILENO)};
    m->config_folder = m->config_folder ? m->config_folder : default_folder(&setup->config);
    m->progress = show;
    m->context = &meter;
    TRY(migrate_run(m, done));
    if (json)
        print_json(done, m->dry);
    else
        print_text(done, m->dry);
    return NULL;
}

static int migrate(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct stop stop;
    struct migrate m = {.stop = &stop};
    const char *to = NULL, *zone = NULL;
    bool json = false, forget = false;
    int status;
    const struct option_spec options[] = {
        {"from", "DIR", "the earlier system's folder of tables", .value = &m.from},
        {"env", "FILE", "its settings, whose paths count too (default: DIR/.env)", .value = &m.env},
        {"to", "DATA", "the store, as --data", .value = &to},
        {"dry-run", NULL, "look and report, write nothing", .flag = &m.dry},
        {"zone", "aest|utc", "what times that have a zone mean", .value = &zone},
        {"settings-to", "DIR", "where settings go (default ~/.config/nemd)",
         .value = &m.config_folder},
        {"forget-records", NULL, "only drop the records that were taken over from it",
         .flag = &forget},
        {"json", NULL, "for programs", .flag = &json},
        {0},
    };
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    struct migration *done = mem_zalloc(1, sizeof *done);
    err *e = service_begin(&setup, argc, argv, NULL, &stop);
    if (!e)
        e = read_zone(zone, &m.zone);
    m.data = to ? to : setup.data;
    if (!e)
        e = forget ? forget_records(&m, json) : take_over(&setup, &m, json, done);
    status = e                              ? command_fail(self, e)
             : forget                       ? EXIT_DONE
             : migration_failed(done)       ? EXIT_FAILED
             : migration_has_findings(done) ? EXIT_FINDINGS
                                            : EXIT_DONE;
    migration_free(done);
    free(done);
    setup_free(&setup);
    return status;
}

const struct command command_migrate = {
    .name = "migrate",
    .summary = "take over from the earlier system",
    .usage = "--from DIR|--env FILE|--forget-records [--to DATA] [--dry-run] [OPTION…]",
    .description =
        "Finds the earlier system's seven tables, its units, alerts, records and settings, says "
        "what is wrong\nwith them, brings all good rows into the store, and compares both row by "
        "row. Nothing is written\nwhere the earlier system is; it may go on running. It can be "
        "stopped and started again, and a\nsecond run changes nothing.\nExit status 1 when a row "
        "that should be there isn't, 3 when there is something to look at.",
    .details = "docs/migration.md goes through the whole move.\n\nA record of the earlier system "
               "that is wrong would stand for good, as nothing beats it: `--forget-records` drops "
               "those that were taken over, and the store's own take their place. To take others, "
               "mend its `renewable_records.json` and migrate again.",
    .examples = {{"nemd migrate --from ~/aemo/data --dry-run",
                  "what is there, and what is wrong with it"},
                 {"nemd migrate --from ~/aemo/data --to ~/nemd", "take it over"},
                 {"nemd migrate --forget-records --to ~/nemd",
                  "drop its records, where they were wrong"}},
    .run = migrate,
};
