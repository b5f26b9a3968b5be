#include <stdio.h>
#include <time.h>

#include "base/json.h"
#include "cmd/command.h"
#include "ops/facts.h"
#include "ops/follow.h"

enum { SHOWN_FAILURES = 5, SHOWN_GAPS = 10 };

/* -- as JSON ------------------------------------------------------------------------------------
 */

static void add_time(struct json *j, const char *key, bool there, int64_t unix_s) {
    json_key(j, key);
    if (there)
        json_int(j, unix_s);
    else
        json_null(j);
}

static void add_text(struct json *j, const char *key, const char *text) {
    json_key(j, key);
    if (text)
        json_cstr(j, text);
    else
        json_null(j);
}

static void add_followed(struct json *j, const struct followed *f) {
    json_key(j, "follow");
    if (!f->from) {
        json_null(j);
        return;
    }
    json_object(j);
    add_text(j, "from", f->from);
    json_key(j, "at"), json_int(j, f->at);
    json_key(j, "safe"), json_bool(j, f->safe);
    add_text(j, "why", f->why);
    json_key(j, "tables"), json_array(j);
    for (int i = 0; i < MIGRATED_TABLES; i++) {
        const struct followed_table *t = &f->tables[i];
        json_object(j);
        add_text(j, "name", t->dataset->name);
        add_text(j, "path", t->path);
        add_text(j, "trouble", t->trouble);
        json_key(j, "intervals"), json_int(j, t->intervals);
        json_key(j, "rows"), json_int(j, t->rows);
        json_key(j, "by_rule"), json_int(j, t->by_rule);
        json_key(j, "different"), json_int(j, t->different);
        json_key(j, "missing"), json_int(j, t->missing);
        json_key(j, "more"), json_int(j, t->more);
        add_time(j, "first", t->intervals > 0, interval_to_unix(t->first));
        add_time(j, "last", t->intervals > 0, interval_to_unix(t->last));
        add_text(j, "example", t->example);
        json_end(j);
    }
    json_end(j);
    json_end(j);
}

static void print_json(struct store *s, const struct store_facts *r,
                       const struct followed *followed) {
    struct buf text = {0};
    struct json j = json_to(&text);
    json_object(&j);
    json_key(&j, "store"), json_cstr(&j, s->path);
    json_key(&j, "simulated"), json_bool(&j, store_is_simulated(s));
    json_key(&j, "datasets"), json_array(&j);
    for (int i = 0; i < DATASETS; i++) {
        const struct dataset_fact *d = &r->datasets[i];
        json_object(&j);
        json_key(&j, "name"), json_cstr(&j, datasets[i].name);
        json_key(&j, "rows"), json_int(&j, d->rows);
        add_time(&j, "first", d->has_bounds, interval_to_unix(d->first));
        add_time(&j, "latest", d->has_bounds, interval_to_unix(d->latest));
        add_time(&j, "age_seconds", d->has_bounds, d->age_s);
        json_key(&j, "stale"), json_bool(&j, d->stale);
        json_key(&j, "bytes"), json_int(&j, (int64_t)d->bytes);
        add_text(&j, "damage", d->damage);
        json_end(&j);
    }
    json_end(&j);
    json_key(&j, "feeds"), json_array(&j);
    for (int i = 0; i < FEEDS; i++) {
        const struct ledger_feed *f = &r->feeds[i];
        json_object(&j);
        json_key(&j, "name"), json_cstr(&j, feeds[i].name);
        json_key(&j, "done"), json_int(&j, f->done);
        json_key(&j, "failed"), json_int(&j, f->failed);
        add_time(&j, "last_fetch", f->last_fetch > 0, f->last_fetch);
        add_time(&j, "last_listed", f->last_listed > 0, f->last_listed);
        add_text(&j, "error", f->last_error);
        json_end(&j);
    }
    json_end(&j);
    json_key(&j, "gaps"), json_array(&j);
    for (size_t i = 0; i < r->gap_count; i++) {
        const struct gap *g = &r->gaps[i];
        json_object(&j);
        json_key(&j, "dataset"), json_cstr(&j, datasets[g->dataset].name);
        json_key(&j, "key");
        g->key.len ? json_str(&j, g->key) : json_null(&j);
        json_key(&j, "first"), json_int(&j, interval_to_unix(g->first));
        json_key(&j, "last"), json_int(&j, interval_to_unix(g->last));
        json_key(&j, "intervals"), json_int(&j, g->count);
        json_key(&j, "cause"), json_cstr(&j, gap_cause_text[g->cause]);
        add_text(&j, "file", g->file);
        json_end(&j);
    }
    json_end(&j);
    json_key(&j, "grid_days_missing"), json_int(&j, r->grid_missing);
    json_key(&j, "unknown_units"), json_int(&j, (int64_t)r->unknown_count);
    json_key(&j, "findings"), json_int(&j, r->findings);
    json_key(&j, "failures"), json_array(&j);
    for (size_t i = 0; i < r->failure_count; i++) {
        json_object(&j);
        add_text(&j, "feed", r->failures[i].feed);
        add_text(&j, "file", r->failures[i].name);
        add_text(&j, "reason", r->failures[i].reason);
        json_key(&j, "tries"), json_int(&j, r->failures[i].tries);
        json_key(&j, "at"), json_int(&j, r->failures[i].at);
        json_end(&j);
    }
    json_end(&j);
    add_followed(&j, followed);
    json_end(&j);
    printf("%s\n", buf_cstr(&text));
    buf_free(&text);
}

/* -- for people ---------------------------------------------------------------------------------
 */

static void print_text(struct store *s, struct arena *a, const struct store_facts *r) {
    char first[AEST_TEXT], latest[AEST_TEXT], age[FACT_TEXT], size[FACT_TEXT];
    time_t now = time(NULL);
    printf("store %s%s\n\n%-17s %12s  %-16s  %-16s  %8s  %9s\n", s->path,
           store_is_simulated(s) ? " (SIMULATED)" : "", "dataset", "rows", "first", "latest", "age",
           "size");
    for (int i = 0; i < DATASETS; i++) {
        const struct dataset_fact *d = &r->datasets[i];
        if (!d->has_bounds) {
            printf("%-17s %12d  %s\n", datasets[i].name, 0,
                   d->damage ? "damaged" : "nothing collected yet");
            continue;
        }
        aest_format_mms(interval_to_aest(d->first), first);
        aest_format_mms(interval_to_aest(d->latest), latest);
        printf("%-17s %12lld  %.16s  %.16s  %8s  %9s%s\n", datasets[i].name, (long long)d->rows,
               first, latest, age_text(d->age_s, age), size_text((double)d->bytes, size),
               d->stale ? "  stale" : "");
    }
    printf("\n%-17s %8s %8s  %s\n", "feed", "done", "failed", "last fetch");
    for (int i = 0; i < FEEDS; i++) {
        const struct ledger_feed *f = &r->feeds[i];
        printf("%-17s %8lld %8lld  %s%s%s%s\n", feeds[i].name, (long long)f->done,
               (long long)f->failed, f->last_fetch ? age_text(now - f->last_fetch, age) : "never",
               f->last_fetch ? " ago" : "", f->last_error ? "  " : "",
               f->last_error ? f->last_error : "");
    }
    if (r->grid_missing)
        printf("\ngrid: %lld days of datasets are to be made again; `nemd serve` and `nemd run` do "
               "so\n",
               (long long)r->grid_missing);
    else
        printf("\ngrid: current\n");
    if (r->gap_count)
        printf("\n%zu gaps in the last %d days%s\n", r->gap_count, FACTS_GAP_DAYS,
               r->gap_count > SHOWN_GAPS ? " (--json lists all)" : "");
    for (size_t i = 0; i < r->gap_count && i < SHOWN_GAPS; i++) {
        const struct gap *g = &r->gaps[i];
        printf("  %s: %s%s%s\n", gap_text(a, g), gap_cause_text[g->cause], g->file ? ", " : "",
               g->file ? g->file : "");
    }
    if (r->unknown_count)
        printf("\n%zu units with readings in the last day aren't in the registry (nemd units list "
               "--unknown):",
               r->unknown_count);
    for (size_t i = 0; i < r->unknown_count && i < FACTS_UNKNOWN; i++)
        printf(" %s", r->unknown[i]);
    if (r->unknown_count)
        printf("%s\n", r->unknown_count > FACTS_UNKNOWN ? " …" : "");
    if (r->findings)
        printf("\n%lld findings: rows of one version that disagree (table findings in state.db)\n",
               (long long)r->findings);
    if (r->failure_count)
        printf("\nrefused or not fetched, newest first%s\n",
               r->failure_count > SHOWN_FAILURES ? " (--json lists more)" : "");
    for (size_t i = 0; i < r->failure_count && i < SHOWN_FAILURES; i++)
        printf("  %s %s: %s (tries: %d)\n", r->failures[i].feed, r->failures[i].name,
               r->failures[i].reason, r->failures[i].tries);
}

static void print_followed(const struct followed *f) {
    printf("\nbeside %s: %s%s\n", f->from,
           f->safe ? "it can be stopped" : "it is still needed: ", f->safe ? "" : f->why);
    printf("%-17s %9s %12s %12s %9s %9s %9s\n", "table", "intervals", "rows", "the same", "by rule",
           "different", "missing");
    for (int i = 0; i < MIGRATED_TABLES; i++) {
        const struct followed_table *t = &f->tables[i];
        printf("%-17s %9lld %12lld %12lld %9lld %9lld %9lld\n", t->dataset->name,
               (long long)t->intervals, (long long)t->rows,
               (long long)(t->rows - t->by_rule - t->different), (long long)t->by_rule,
               (long long)t->different, (long long)t->missing);
    }
}

static int status(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct store *store = NULL;
    struct arena a = {0};
    struct store_facts facts = {.failures = NULL};
    struct followed followed = {.from = NULL};
    bool json = false;
    int exit_status;
    const struct option_spec options[] = {{"json", NULL, "for programs", .flag = &json}, {0}};
    if (!setup_read(&setup, self, options, &argc, argv, &exit_status))
        return exit_status;
    err *e = argc ? err_new(ERR_USAGE, "what is '%s'?", argv[0]) : NULL;
    if (!e && !(e = store_open(setup.data, STORE_READ, NULL, &store)) &&
        !(e = store_facts_read(store, &a, &facts)) &&
        !(e = follow_last(&a, setup.data, &followed))) {
        if (json)
            print_json(store, &facts, &followed);
        else
            print_text(store, &a, &facts);
        if (!json && followed.from)
            print_followed(&followed);
        exit_status = store_facts_stale(&facts) || facts.gap_count ? EXIT_FINDINGS : EXIT_DONE;
    }
    if (e)
        exit_status = command_fail(self, e);
    store_close(store);
    arena_free(&a);
    setup_free(&setup);
    return exit_status;
}

const struct command command_status = {
    .name = "status",
    .summary = "what the store holds, how fresh it is, what failed",
    .usage = "[--json]",
    .description =
        "Rows, first and latest interval, age and size of every dataset; files done and "
        "failed of every\nfeed; gaps; units with readings that nobody has registered. "
        "Exit status 3 when a dataset is\nstale, none has rows, or there are gaps in the "
        "last seven days.",
    .run = status,
};
