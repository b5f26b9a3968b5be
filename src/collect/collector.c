#include "collect/collector.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "collect/ingest.h"

enum {
    RETRY_MINUTES = 10,     /* before a bad file is asked for again */
    UNFETCHED_IN_A_ROW = 3, /* files that can't be had end the look: the server is in trouble */
};

/* A file of the listing that the store lacks. */
struct wanted {
    str name; /* in the ledger: DUPLICATE/ stands before those of that folder */
    const char *folder;
    const struct listing_entry *entry;
    aest_us time;
};

/* What became of a fetched file, until the group is recorded. */
struct outcome {
    struct look *look;
    const struct wanted *file;
    bool delivered;
    err *error; /* NULL: its rows are in the group's batch */
    int64_t fetched;
    struct ledger_content contents[DATASETS];
    size_t content_count;
};

/* One look at a feed. */
struct look {
    struct collector *collector;
    const struct feed *feed;
    struct collect_report *report;
    struct arena memory;
    struct buf wanted; /* of struct wanted */

    struct batch batch; /* of the group */
    struct outcome group[COLLECT_GROUP];
    size_t delivered; /* of all groups */
    int unfetched_in_a_row;
};

/* -- what is to be fetched ----------------------------------------------------------------------
 */

static err *is_due(struct look *l, str name, int64_t size, bool *due) {
    struct ledger *ledger;
    struct ledger_file known;
    *due = true;
    if (!l->collector->store)
        return NULL;
    TRY(store_ledger(l->collector->store, &ledger));
    TRY(ledger_find(ledger, l->feed->name, name, &known));
    if (known.status == LEDGER_UNKNOWN || (size >= 0 && known.size >= 0 && size != known.size))
        return NULL;
    bool hopeful = known.status == LEDGER_FAILED && known.tries < COLLECT_TRIES;
    *due = hopeful && (l->collector->ignore_next_try || known.next_try <= time(NULL));
    l->report->waiting += hopeful && !*due;
    return NULL;
}

/* Adds what the store lacks of one folder. */
static err *list_folder(struct look *l, const char *folder, const char *name_prefix) {
    size_t feed = (size_t)(l->feed - feeds);
    struct schedule *schedule = &l->collector->schedules[feed];
    struct listing_entry *entries;
    size_t count;
    bool unchanged;
    TRY(source_list(l->collector->source, &l->memory, folder, &entries, &count, &unchanged));
    for (size_t i = 0; i < count; i++) {
        const struct listing_entry *entry = &entries[i];
        struct wanted w = {.folder = folder, .entry = entry};
        bool due;
        if (entry->is_folder && str_eq_nocase(entry->name, STR("DUPLICATE")))
            l->collector->duplicates[feed] = true;
        if (entry->is_folder || !feed_wants(l->feed, entry->name))
            continue;
        l->report->listed++;
        if (feed_name_time(l->feed, entry->name, &w.time) && w.time > schedule->newest)
            schedule->newest = w.time;
        w.name = str_from(arena_printf(&l->memory, "%s%.*s", name_prefix, STR_ARG(entry->name)));
        TRY(is_due(l, w.name, entry->size, &due));
        if (due)
            buf_add(&l->wanted, &w, sizeof w);
    }
    return NULL;
}

static int newest_first(const void *a, const void *b) {
    const struct wanted *x = a, *y = b;
    int order = (x->time < y->time) - (x->time > y->time);
    return order ? order : str_compare(x->name, y->name);
}

static err *list_wanted(struct look *l) {
    const char *folder = arena_printf(&l->memory, "Reports/CURRENT/%s", l->feed->folder);
    bool *duplicates = &l->collector->duplicates[l->feed - feeds];
    TRY(list_folder(l, folder, ""));
    if (*duplicates) {
        err *e = list_folder(l, arena_printf(&l->memory, "%s/DUPLICATE", folder), "DUPLICATE/");
        if (e && err_kind(e) != ERR_INPUT)
            return e;
        *duplicates = !e; /* the subfolder comes and goes */
        err_free(e);
    }
    size_t count = l->wanted.len / sizeof(struct wanted);
    if (count)
        qsort(l->wanted.at, count, sizeof(struct wanted), newest_first);
    return NULL;
}

/* -- fetching and parsing -----------------------------------------------------------------------
 */

/* What a file's batch holds, a line for each dataset. */
static size_t summarize(const struct batch *b, struct ledger_content contents[DATASETS]) {
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++) {
        const struct frame *f = b->frames[i];
        struct ledger_content c = {.dataset = f->dataset->name, .rows = (int64_t)f->rows};
        size_t at = 0;
        if (!frame_bounds(f, &c.first, &c.last))
            continue;
        while (at < count && contents[at].dataset != c.dataset)
            at++;
        if (at == count) {
            contents[count++] = c;
            continue;
        }
        contents[at].rows += c.rows;
        if (c.first < contents[at].first)
            contents[at].first = c.first;
        if (c.last > contents[at].last)
            contents[at].last = c.last;
    }
    return count;
}

/* Says that a file was not taken, once, and counts it. */
static void note_failure(struct look *l, const struct wanted *w, const err *e) {
    bool bad = err_kind(e) == ERR_INPUT;
    log_warn(bad ? "refused" : "not fetched", log_cstr("feed", l->feed->name),
             log_str("file", w->name), log_err(e));
    if (bad)
        l->report->refused++;
    else
        l->report->unfetched++;
}

static bool deliver(struct source_request *request, struct buf *body, err *error) {
    struct outcome *o = request->context;
    struct look *l = o->look;
    struct batch batch = {0};
    o->delivered = true;
    o->fetched = time(NULL);
    o->error = error;
    l->unfetched_in_a_row = error && err_kind(error) == ERR_NETWORK ? l->unfetched_in_a_row + 1 : 0;
    if (!error) {
        l->report->fetched++;
        o->error = ingest_file(buf_str(body), l->feed->largest, &batch);
    }
    if (o->error) {
        note_failure(l, o->file, o->error);
    } else {
        o->content_count = summarize(&batch, o->contents);
        batch_merge(&l->batch, &batch);
    }
    batch_free(&batch);
    l->delivered++;
    if (l->collector->progress)
        l->collector->progress(l->feed, l->delivered, l->wanted.len / sizeof(struct wanted));
    return l->unfetched_in_a_row < UNFETCHED_IN_A_ROW;
}

/* -- committing and recording -------------------------------------------------------------------
 */

/* A dataset whose file is damaged doesn't keep the others from being committed; the group as a
 * whole has failed, and will be read again. */
static err *commit_batch(struct look *l) {
    err *first = NULL;
    for (size_t i = 0; i < l->batch.count; i++) {
        const struct frame *f = l->batch.frames[i];
        struct frame_change change = {0};
        err *e = f->rows ? store_commit(l->collector->store, f, &change) : NULL;
        l->report->added += change.added;
        l->report->replaced += change.replaced;
        l->batch.ties += change.ties;
        if (first)
            err_free(e);
        else
            first = e;
    }
    return first;
}

static err *record_outcome(struct ledger *ledger, const struct look *l, const struct outcome *o) {
    const struct wanted *w = o->file;
    if (!o->error)
        return ledger_done(ledger, l->feed->name, w->name, w->entry->size, o->fetched, o->contents,
                           o->content_count);
    bool bad = err_kind(o->error) == ERR_INPUT;
    return ledger_failed(ledger, l->feed->name, w->name, w->entry->size, err_text(o->error), bad,
                         time(NULL) + (bad ? RETRY_MINUTES * 60 : 0));
}

static err *record_ties(struct ledger *ledger, const struct look *l, size_t ties) {
    char text[160];
    if (ties == 0)
        return NULL;
    snprintf(text, sizeof text,
             "%zu rows of equal version and rank disagree; the larger values were kept", ties);
    log_warn("tie", log_cstr("feed", l->feed->name), log_cstr("finding", text));
    return ledger_finding(ledger, "tie", l->feed->name, text);
}

static err *record_group(struct look *l, size_t count) {
    struct ledger *ledger;
    TRY(store_ledger(l->collector->store, &ledger));
    TRY(ledger_begin(ledger));
    err *e = NULL;
    for (size_t i = 0; i < count && !e; i++)
        if (l->group[i].delivered)
            e = record_outcome(ledger, l, &l->group[i]);
    if (!e)
        e = record_ties(ledger, l, l->batch.ties);
    if (!e)
        e = ledger_commit(ledger);
    if (e)
        ledger_rollback(ledger);
    return e;
}

/* Adds what a file held to the report. */
static void count_done(struct collect_report *r, const struct outcome *o) {
    r->done++;
    for (size_t i = 0; i < o->content_count; i++) {
        const struct ledger_content *c = &o->contents[i];
        struct ledger_content *sum =
            &r->contents[dataset_id(dataset_by_name(str_from(c->dataset)))];
        r->rows += (size_t)c->rows;
        if (sum->rows == 0)
            *sum = (struct ledger_content){c->dataset, c->first, c->last, 0};
        sum->rows += c->rows;
        sum->first = c->first < sum->first ? c->first : sum->first;
        sum->last = c->last > sum->last ? c->last : sum->last;
    }
}

/* Fetches up to COLLECT_GROUP files and sees them through to the ledger. */
static err *collect_group(struct look *l, const struct wanted *files, size_t count) {
    struct source_request requests[COLLECT_GROUP];
    for (size_t i = 0; i < count; i++) {
        l->group[i] = (struct outcome){.look = l, .file = &files[i]};
        requests[i] = (struct source_request){.folder = files[i].folder,
                                              .name = files[i].entry->name,
                                              .href = files[i].entry->href,
                                              .limit = l->feed->largest,
                                              .context = &l->group[i]};
    }
    err *stopped = source_get(l->collector->source, requests, count, deliver);
    err *e = NULL;
    if (l->collector->store) {
        e = commit_batch(l);
        if (!e)
            e = record_group(l, count);
    }
    for (size_t i = 0; i < count; i++) {
        if (l->group[i].delivered && !l->group[i].error)
            count_done(l->report, &l->group[i]);
        err_free(l->group[i].error);
    }
    batch_free(&l->batch);
    if (e) {
        err_free(stopped);
        return e;
    }
    return stopped;
}

static err *collect_wanted(struct look *l) {
    const struct wanted *files = (const struct wanted *)(void *)l->wanted.at;
    size_t count = l->wanted.len / sizeof *files;
    for (size_t at = 0; at < count; at += COLLECT_GROUP) {
        size_t group = count - at < COLLECT_GROUP ? count - at : COLLECT_GROUP;
        TRY(collect_group(l, files + at, group));
        if (l->unfetched_in_a_row >= UNFETCHED_IN_A_ROW)
            return err_new(ERR_NETWORK, "%s stopped answering; %zu files are still to be fetched",
                           source_name(l->collector->source), count - at);
    }
    return NULL;
}

/* -- a look at a feed ---------------------------------------------------------------------------
 */

static void log_report(const struct feed *feed, const struct collect_report *r) {
    char latest[AEST_TEXT] = "-";
    interval last = 0;
    for (int i = 0; i < DATASETS; i++)
        if (r->contents[i].rows && r->contents[i].last > last)
            last = r->contents[i].last;
    if (last)
        aest_format_iso(interval_to_aest(last), latest);
    if (r->fetched)
        log_info("collected", log_cstr("feed", feed->name), log_int("files", (int64_t)r->done),
                 log_int("refused", (int64_t)r->refused), log_int("rows", (int64_t)r->rows),
                 log_int("added", (int64_t)r->added), log_int("replaced", (int64_t)r->replaced),
                 log_cstr("latest", latest));
}

/* The ledger keeps how the last listing of a feed went, for status. */
static err *record_listing(struct collector *c, const struct feed *feed, const err *listing) {
    struct ledger *ledger;
    if (!c->store)
        return NULL;
    TRY(store_ledger(c->store, &ledger));
    return ledger_listed(ledger, feed->name, listing ? err_text(listing) : NULL);
}

err *collect_feed(struct collector *c, const struct feed *feed, struct collect_report *report) {
    struct look *l = mem_zalloc(1, sizeof *l);
    *report = (struct collect_report){0};
    l->collector = c;
    l->feed = feed;
    l->report = report;
    err *e = list_wanted(l);
    if (!e || err_kind(e) != ERR_STOPPED) {
        err *ledger = record_listing(c, feed, e);
        if (e)
            err_free(ledger);
        else
            e = ledger;
    }
    if (!e)
        e = collect_wanted(l);
    log_report(feed, report);
    buf_free(&l->wanted);
    arena_free(&l->memory);
    free(l);
    return err_wrap(e, "%s", feed->name);
}

/* -- looks in a row -----------------------------------------------------------------------------
 */

/* Says once that the source can't be reached, and once that it can again. */
static void log_outcome(struct collector *c, const err *e) {
    bool unreachable = e && err_kind(e) == ERR_NETWORK;
    if (unreachable && !c->unreachable)
        log_warn("source can't be reached; what the store has stays available, trying again",
                 log_cstr("source", source_name(c->source)), log_err(e));
    else if (e && !unreachable)
        log_error("look failed", log_err(e));
    else if (!e && c->unreachable)
        log_info("source answers again", log_cstr("source", source_name(c->source)));
    if (!e || unreachable)
        c->unreachable = unreachable;
}

/* One look, with its consequences for the feed's schedule. True when told to stop. */
static bool look_at(struct collector *c, int feed, struct collect_report *report, bool *failed) {
    struct schedule *s = &c->schedules[feed];
    s->asked = aest_now();
    err *e = collect_feed(c, &feeds[feed], report);
    bool stopped = e && err_kind(e) == ERR_STOPPED;
    if (!stopped)
        log_outcome(c, e);
    *failed = (e && !stopped) || report->unfetched;
    if (e || report->refused || report->unfetched || report->waiting)
        source_forget(c->source); /* files are still to be had from pages that won't change */
    s->failures = *failed ? s->failures + 1 : 0;
    err_free(e);
    return stopped;
}

err *collect_once(struct collector *c, struct collect_report reports[FEEDS], size_t *failed) {
    *failed = 0;
    for (int i = 0; i < FEEDS; i++) {
        bool look_failed;
        if (look_at(c, i, &reports[i], &look_failed))
            return err_new(ERR_STOPPED, "told to stop");
        *failed += look_failed;
    }
    return NULL;
}

static aest_us next_look(const struct collector *c, int feed, aest_us now) {
    const struct schedule *s = &c->schedules[feed];
    if (c->period_s && s->asked && !s->failures)
        return s->asked + c->period_s * AEST_SECOND;
    return schedule_next(s, &feeds[feed], now);
}

void collect_forever(struct collector *c) {
    struct collect_report report;
    for (;;) {
        aest_us now = aest_now(), next = INT64_MAX;
        int feed = 0;
        for (int i = 0; i < FEEDS; i++) {
            aest_us at = next_look(c, i, now);
            if (at < next)
                next = at, feed = i;
        }
        int64_t wait_ms = next > now ? (next - now) / 1000 + 1 : 0;
        bool failed;
        if (stop_wait(c->stop, (int)(wait_ms < INT32_MAX ? wait_ms : INT32_MAX)) ||
            look_at(c, feed, &report, &failed))
            return;
    }
}
