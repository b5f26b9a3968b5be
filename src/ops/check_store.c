/* The ledger, the gaps and the folders. */
#include <stdio.h>

#include "collect/gaps.h"
#include "ops/checks.h"
#include "store/coverage.h"

/* -- the ledger ---------------------------------------------------------------------------------
 */

static void add_unkept(struct checking *c, enum dataset_id dataset, const struct ledger_holding *h,
                       interval at) {
    struct arena a = {0};
    finding_add(c, &(struct finding){.kind = FINDING_LEDGER,
                                     .dataset = datasets[dataset].name,
                                     .at = at,
                                     .text = arena_printf(&a,
                                                          "the ledger has %s %s as done, which had "
                                                          "rows of this interval, and it has none",
                                                          h->feed, h->name)});
    arena_free(&a);
}

/* Rows are only ever added, so that the first and the last interval of each file must be there. */
err *check_ledger(struct checking *c, enum dataset_id dataset) {
    struct arena a = {0};
    struct ledger *ledger;
    struct ledger_holding *files;
    struct coverage covered;
    size_t count = 0;
    const struct verify *v = c->asked;
    interval first = v->first ? v->first : INT32_MIN / 2, last = v->last ? v->last : INT32_MAX / 2;
    err *e = store_ledger(c->store, &ledger);
    if (!e)
        e = ledger_holdings(ledger, &a, datasets[dataset].name, first, last, &files, &count);
    if (!e && count)
        e = coverage_read(c->store, &a, dataset, interval_day(first), interval_day(last), &covered);
    for (size_t i = 0; !e && i < count; i++) {
        const struct ledger_holding *h = &files[i];
        if (h->first >= first && !runs_have(&covered.any, h->first))
            add_unkept(c, dataset, h, h->first);
        if (h->last != h->first && h->last <= last && !runs_have(&covered.any, h->last))
            add_unkept(c, dataset, h, h->last);
    }
    arena_free(&a);
    return e;
}

/* -- gaps ---------------------------------------------------------------------------------------
 */

err *check_gaps(struct checking *c, dataset_set of) {
    struct arena a = {0};
    struct gap *gaps;
    size_t count = 0;
    const struct gap_search search = {
        .wanted = of, .first = c->asked->first, .last = c->asked->last, .now = aest_now()};
    err *e = gaps_find(c->store, &a, &search, &gaps, &count);
    for (size_t i = 0; !e && i < count; i++) {
        const struct gap *g = &gaps[i];
        finding_add(c,
                    &(struct finding){.kind = FINDING_GAP,
                                      .dataset = datasets[g->dataset].name,
                                      .at = g->first,
                                      .key = g->key.len ? str_dup(&a, g->key) : NULL,
                                      .text = arena_printf(&a, "%d %s, %s", g->count,
                                                           g->count == 1 ? "interval" : "intervals",
                                                           gap_cause_text[g->cause])});
    }
    arena_free(&a);
    return e;
}

/* -- folders ------------------------------------------------------------------------------------
 */

static void add_file(struct checking *c, enum finding_kind kind, const char *dataset,
                     const char *path, const char *text) {
    finding_add(c, &(struct finding){.kind = kind,
                                     .dataset = dataset,
                                     .file = path + strlen(c->store->path) + 1,
                                     .text = text});
}

/* A writer may be at work on a file that is younger than a minute. */
static bool is_at_rest(struct file_stamp stamp) {
    return stamp.modified_ns / 1000000000 + 60 < aest_to_unix(aest_now());
}

static bool is_day(const char *name, aest_day *day) {
    aest_us t;
    if (strlen(name) != strlen("2025-07-20.parquet") ||
        !aest_parse_iso((str){name, strlen("2025-07-20")}, &t))
        return false;
    *day = (aest_day)(t / AEST_DAY);
    return true;
}

static bool is_month(const char *name) {
    aest_us t;
    char date[16];
    snprintf(date, sizeof date, "%.7s-01", name);
    return strlen(name) == strlen("2025-07.parquet") && aest_parse_iso(str_from(date), &t);
}

static err *check_year(struct checking *c, struct arena *a, enum dataset_id dataset,
                       const char *folder) {
    struct file_entry *entries;
    size_t count;
    TRY(file_list(a, folder, &entries, &count));
    for (size_t i = 0; i < count; i++) {
        const char *name = str_dup(a, entries[i].name);
        const char *path = arena_printf(a, "%s/%s", folder, name), *of = datasets[dataset].name;
        bool ours = !entries[i].is_folder && str_ends_nocase(entries[i].name, STR(".parquet"));
        aest_day day;
        if (ours && is_day(name, &day)) {
            if (file_exists(store_month_path(c->store, a, dataset, day)))
                add_file(c, FINDING_HIDDEN, of, path, "a day that its month's file hides");
        } else if (ours && is_month(name)) {
            continue;
        } else if (is_at_rest(entries[i].stamp)) {
            add_file(c, FINDING_STRAY, of, path,
                     str_ends_nocase(entries[i].name, STR(".tmp"))
                         ? "left by a writer that was killed"
                         : "no file of the store");
        }
    }
    return NULL;
}

static err *check_dataset(struct checking *c, struct arena *a, enum dataset_id dataset) {
    struct file_entry *years;
    size_t count;
    const char *folder = arena_printf(a, "%s/%s", c->store->path, datasets[dataset].name);
    TRY(file_list(a, folder, &years, &count));
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(a, "%s/%.*s", folder, STR_ARG(years[i].name));
        if (years[i].is_folder)
            TRY(check_year(c, a, dataset, path));
        else
            add_file(c, FINDING_STRAY, datasets[dataset].name, path, "no file of the store");
    }
    return NULL;
}

err *check_folders(struct checking *c) {
    struct arena a = {0};
    struct file_entry *entries;
    size_t count = 0;
    err *e = NULL;
    for (int i = 0; i < DATASETS && !e; i++)
        if (c->asked->wanted & DATASET_BIT(i))
            e = check_dataset(c, &a, (enum dataset_id)i);
    if (!e)
        e = file_list(&a, c->store->path, &entries, &count);
    for (size_t i = 0; i < count; i++)
        if ((str_starts(entries[i].name, STR(".backfill-")) ||
             str_ends_nocase(entries[i].name, STR(".tmp"))) &&
            is_at_rest(entries[i].stamp))
            add_file(c, FINDING_STRAY, NULL,
                     arena_printf(&a, "%s/%.*s", c->store->path, STR_ARG(entries[i].name)),
                     "left by a writer that was killed");
    arena_free(&a);
    return e;
}
