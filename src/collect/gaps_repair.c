#include "collect/gaps_repair.h"

#include <stdlib.h>

#include "collect/collector.h"
#include "collect/published.h"

struct work {
    const struct repair *repair;
    struct arena *memory;
    struct store *store;
    struct source *source;
    struct gap *gaps; /* as they are now */
    size_t count;
};

static err *find(struct work *w) {
    return gaps_find(w->store, w->memory, &w->repair->search, &w->gaps, &w->count);
}

static dataset_set datasets_of(const struct gap *gaps, size_t count) {
    dataset_set set = 0;
    for (size_t i = 0; i < count; i++)
        set |= DATASET_BIT(gaps[i].dataset);
    return set;
}

/* -- reading again ------------------------------------------------------------------------------
 */

/* Whether a file of the ledger is one of MMSDM or ARCHIVE, and not of CURRENT. */
static bool is_history(const struct ledger_holding *h) {
    aest_day first, last;
    if (strcmp(h->feed, "mmsdm") == 0)
        return true;
    for (int i = 0; i < archived_feed_count; i++)
        if (strcmp(archived_feeds[i].feed, h->feed) == 0 &&
            archived_name_days(&archived_feeds[i], str_from(h->name), &first, &last))
            return true;
    return false;
}

static err *forget_files_of(struct work *w, struct ledger *ledger, const struct gap *g,
                            bool history) {
    struct ledger_holding *files;
    size_t count;
    TRY(ledger_holdings(ledger, w->memory, datasets[g->dataset].name, g->first, g->last, &files,
                        &count));
    for (size_t i = 0; i < count; i++) {
        bool certain = !g->key.len && files[i].first >= g->first && files[i].last <= g->last;
        if (is_history(&files[i]) == history && (certain || !w->repair->only_certain))
            TRY(ledger_forget(ledger, files[i].feed, str_from(files[i].name)));
    }
    return NULL;
}

/* Makes files unknown that are done and should have filled a gap. */
static err *forget_files(struct work *w, bool history) {
    struct ledger *ledger;
    TRY(store_ledger(w->store, &ledger));
    TRY(ledger_begin(ledger));
    err *e = NULL;
    for (size_t i = 0; i < w->count && !e; i++)
        e = forget_files_of(w, ledger, &w->gaps[i], history);
    if (!e)
        e = ledger_commit(ledger);
    if (e)
        ledger_rollback(ledger);
    return e;
}

/* -- sources ------------------------------------------------------------------------------------
 */

static bool may_fill(const char *feed, dataset_set wanted) {
    for (int i = 0; i < publication_count; i++)
        if (publications[i].place == IN_CURRENT && publications[i].fills & wanted &&
            strcmp(publications[i].name, feed) == 0)
            return true;
    return false;
}

static err *look_at_current(struct work *w) {
    const dataset_set wanted = datasets_of(w->gaps, w->count);
    struct collector c = {.store = w->store,
                          .source = w->source,
                          .stop = w->repair->backfill.stop,
                          .ignore_next_try = true};
    TRY(forget_files(w, false));
    for (int i = 0; i < FEEDS; i++) {
        struct collect_report report;
        err *e = may_fill(feeds[i].name, wanted) ? collect_feed(&c, &feeds[i], &report) : NULL;
        if (e && err_kind(e) != ERR_INPUT)
            return e;
        err_free(e); /* a source without that folder, or a damaged file, that was said */
    }
    return NULL;
}

/* The days to bring for a gap: AEMO's files of unit dispatch go by trading days. */
static struct backfill_part part_of(const struct gap *g) {
    aest_day from =
        g->dataset == DISPATCH5 ? interval_trading_day(g->first) : interval_day(g->first);
    return (struct backfill_part){DATASET_BIT(g->dataset), from, interval_day(g->last)};
}

static err *bring_history(struct work *w, struct backfill_progress *progress) {
    struct backfill b = w->repair->backfill;
    struct backfill_part *parts = ARENA_ARRAY(w->memory, struct backfill_part, w->count);
    b.from = INT32_MAX;
    b.to = INT32_MIN;
    for (size_t i = 0; i < w->count; i++) {
        parts[i] = part_of(&w->gaps[i]);
        b.from = parts[i].from < b.from ? parts[i].from : b.from;
        b.to = parts[i].to > b.to ? parts[i].to : b.to;
    }
    b.wanted = datasets_of(w->gaps, w->count);
    b.parts = parts;
    b.part_count = w->count;
    TRY(forget_files(w, true));
    return backfill_run(&b, progress);
}

static err *fill(struct work *w, struct backfill_progress *progress) {
    const struct backfill *b = &w->repair->backfill;
    struct source_options options = b->source;
    options.stop = b->stop;
    TRY(source_open(b->location, &options, &w->source));
    TRY(look_at_current(w));
    TRY(find(w));
    if (w->count)
        TRY(bring_history(w, progress));
    return find(w);
}

/* -- what became of each ------------------------------------------------------------------------
 */

static void compare(struct repaired *r, const struct gap *now, size_t count) {
    const struct gap *g = &r->gap;
    const int step = datasets[g->dataset].step;
    for (size_t i = 0; i < count; i++) {
        const struct gap *n = &now[i];
        interval first = n->first > g->first ? n->first : g->first,
                 last = n->last < g->last ? n->last : g->last;
        if (n->dataset != g->dataset || first > last ||
            (n->key.len && g->key.len && !str_eq(n->key, g->key)))
            continue;
        if (n->key.len && !g->key.len)
            r->keys_missing = true;
        else
            r->missing += (last - first) / step + 1;
        r->now = r->now ? r->now : n;
    }
}

static void conclude(const struct work *w, const struct gap *before, size_t count,
                     struct repair_result *out) {
    out->gaps = ARENA_ARRAY(w->memory, struct repaired, count);
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        out->gaps[i].gap = before[i];
        compare(&out->gaps[i], w->gaps, w->count);
        out->left += !repaired_is_filled(&out->gaps[i]);
    }
}

static err *repair_store(struct work *w, struct repair_result *out) {
    TRY(find(w));
    const struct gap *before = w->gaps;
    const size_t count = w->count;
    err *e = count && !w->repair->only_list ? fill(w, &out->backfill) : NULL;
    conclude(w, before, count, out);
    return e;
}

err *gaps_repair(const struct repair *r, struct arena *a, struct repair_result *out) {
    struct work w = {.repair = r, .memory = a};
    enum store_mode mode = r->only_list ? STORE_READ : STORE_WRITE;
    *out = (struct repair_result){0};
    err *e = store_open(r->backfill.data, mode, r->backfill.stop, &w.store);
    if (!e)
        e = repair_store(&w, out);
    source_close(w.source);
    store_close(w.store);
    return e;
}

err *gaps_repair_recent(const struct backfill *settings, aest_us now, struct arena *a,
                        struct repair_result *out) {
    struct repair r = {
        .search = {EVERY_DATASET, .first = interval_at_or_after(now - 2 * AEST_DAY), .now = now,
                   .only_stored = true},
        .backfill = *settings,
        .only_certain = true,
    };
    return gaps_repair(&r, a, out);
}
