/* One look at one feed. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "collect/collector.h"
#include "collect/ingest.h"
#include "collect/notice.h"

enum {
    UNFETCHED_IN_A_ROW = 3, /* files that can't be had end the look: the server is in trouble */
    FIRST_RETRY_S = 60,     /* of a bad file: AEMO often mends one within a minute */
    LATER_RETRY_S = 600,
    FIRST_MISS_S = 5, /* of a file that couldn't be had, doubling */
};

/* A file of the listing that the store lacks. */
struct wanted {
    str name; /* in the ledger: DUPLICATE/ stands before those of that folder */
    const char *folder;
    const struct listing_entry *entry;
    aest_us time;
    int tries, misses; /* as the ledger has them */
};

/* What became of a file of the group, until it is recorded. */
struct outcome {
    struct look *look;
    const struct wanted *file;
    bool delivered;
    bool unstored; /* the error is the store's, not the file's */
    err *error;    /* NULL: its rows are in the group's batch */
    int64_t fetched;
    struct ledger_content contents[DATASETS];
    size_t content_count;
};

struct look {
    struct collector *collector;
    const struct feed *feed;
    struct feed_state *state;
    struct collect_report *report;
    struct arena memory;
    struct buf wanted; /* of struct wanted */

    struct batch batch;     /* of the group */
    struct records notices; /* of the group, where the feed has such */
    struct outcome group[COLLECT_GROUP];
    size_t most;      /* files that may make a group */
    size_t delivered; /* of all groups */
    int unfetched_in_a_row;
    err *damage; /* the first commit that a damaged file of the store prevented */
    err *absent; /* why an optional feed's folder can't be listed */
};

/* -- what is to be fetched ----------------------------------------------------------------------
 */

/* The schedule waits for a file until it is in the store. Names of the future tell nothing. */
static void note_newest(struct look *l, aest_us time) {
    struct schedule *s = &l->state->schedule;
    aest_us latest = aest_now() + (l->feed->lead_minutes + l->feed->cadence_minutes) * AEST_MINUTE;
    if (time > s->newest && time <= latest)
        s->newest = time;
}

/* Whether a try at [at] is due. One further ahead than any pause was written by a clock that has
 * been set back since. */
static bool has_come(int64_t at) {
    int64_t now = time(NULL);
    return at <= now || (at != INT64_MAX && at > now + LATER_RETRY_S);
}

/* Whether [w] is to be fetched, by what the ledger knows of it. */
static err *is_due(struct look *l, struct wanted *w, bool *due) {
    struct ledger *ledger;
    struct ledger_file known;
    int64_t size = w->entry->size;
    *due = true;
    if (!l->collector->store)
        return NULL;
    TRY(store_ledger(l->collector->store, &ledger));
    TRY(ledger_find(ledger, l->feed->name, w->name, &known));
    if (known.status == LEDGER_UNKNOWN || (size >= 0 && known.size >= 0 && size != known.size))
        return NULL;
    w->tries = known.tries;
    w->misses = known.misses;
    bool hopeful = known.status == LEDGER_FAILED && known.tries < COLLECT_TRIES;
    *due = hopeful && (l->collector->ignore_next_try || has_come(known.next_try));
    if (known.status == LEDGER_DONE)
        note_newest(l, w->time);

    return NULL;
}

static err *add_entries(struct look *l, const char *folder, const char *name_prefix,
                        const struct listing_entry *entries, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct listing_entry *entry = &entries[i];
        struct wanted w = {.folder = folder, .entry = entry};
        bool due;
        if (entry->is_folder && str_eq_nocase(entry->name, STR("DUPLICATE")))
            l->state->duplicates = true;
        if (entry->is_folder || !feed_wants(l->feed, entry->name))
            continue;
        l->report->listed++;
        feed_name_time(l->feed, entry->name, &w.time);
        w.name = str_from(arena_printf(&l->memory, "%s%.*s", name_prefix, STR_ARG(entry->name)));
        TRY(is_due(l, &w, &due));
        if (due)
            buf_add(&l->wanted, &w, sizeof w);
    }
    return NULL;
}

/* Adds what the store lacks of one folder. */
static err *list_folder(struct look *l, const char *folder, const char *name_prefix) {
    struct listing_entry *entries;
    size_t count;
    bool unchanged;
    struct source *source = l->collector->source;
    TRY(source_list(source, &l->memory, folder, &entries, &count, &unchanged));
    if (l->collector->store)
        TRY(store_require_kind(l->collector->store, source_is_simulated(source)));
    struct ledger *ledger = NULL;
    if (l->collector->store) {
        TRY(store_ledger(l->collector->store, &ledger));
        TRY(ledger_begin_reading(ledger)); /* hundreds of questions, one lock */
    }
    err *e = add_entries(l, folder, name_prefix, entries, count);
    if (ledger)
        ledger_rollback(ledger);
    return e;
}

static int newest_first(const void *a, const void *b) {
    const struct wanted *x = a, *y = b;
    int order = (x->time < y->time) - (x->time > y->time);
    return order ? order : str_compare(x->name, y->name);
}

static const char *feed_folder(struct look *l) {
    return arena_printf(&l->memory, "Reports/CURRENT/%s", l->feed->folder);
}

/* A failed file that is due again may stand on a page that hasn't changed since. */
static err *forget_page_of_due_files(struct look *l, const char *folder) {
    struct ledger *ledger;
    int64_t next_try;
    if (!l->collector->store)
        return NULL;
    TRY(store_ledger(l->collector->store, &ledger));
    TRY(ledger_next_try(ledger, l->feed->name, COLLECT_TRIES, &next_try));
    if (has_come(next_try))
        source_forget(l->collector->source, folder);
    return NULL;
}

static err *list_wanted(struct look *l) {
    const char *folder = feed_folder(l);
    TRY(forget_page_of_due_files(l, folder));
    err *listing = list_folder(l, folder, "");
    if (listing && l->feed->optional && err_kind(listing) == ERR_INPUT) {
        l->absent = err_wrap(listing, "not offered");
        l->report->absent = true;
        return NULL;
    }
    TRY(listing);
    if (l->state->duplicates) {
        err *e = list_folder(l, arena_printf(&l->memory, "%s/DUPLICATE", folder), "DUPLICATE/");
        if (e && err_kind(e) != ERR_INPUT)
            return e;
        l->state->duplicates = !e; /* the subfolder comes and goes */
        err_free(e);
    }
    size_t count = l->wanted.len / sizeof(struct wanted);
    if (count)
        qsort(l->wanted.at, count, sizeof(struct wanted), newest_first);
    return NULL;
}

/* -- fetching and parsing -----------------------------------------------------------------------
 */

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

/* The rows of a file, or the notice that it is. */
static err *read_file(struct look *l, str bytes, struct batch *batch) {
    struct notice notice;
    if (!l->feed->notices)
        return ingest_file(bytes, l->feed->largest, batch);
    TRY(notice_parse(bytes, &notice));
    notice_put(&l->notices, &notice);
    return NULL;
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
        o->error = read_file(l, buf_str(body), &batch);
    }
    if (o->error) {
        note_failure(l, o->file, o->error);
    } else {
        o->content_count = batch_contents(&batch, o->contents);
        batch_merge(&l->batch, &batch);
    }
    batch_free(&batch);
    l->delivered++;
    if (l->collector->progress)
        l->collector->progress(l->feed, l->delivered, l->wanted.len / sizeof(struct wanted));
    return l->unfetched_in_a_row < UNFETCHED_IN_A_ROW;
}

/* -- committing ---------------------------------------------------------------------------------
 */

static bool holds_rows_of(const struct outcome *o, const struct frame *f) {
    for (size_t i = 0; i < o->content_count; i++)
        if (o->contents[i].dataset == f->dataset->name &&
            interval_day(o->contents[i].first) <= f->day &&
            interval_day(o->contents[i].last) >= f->day)
            return true;
    return false;
}

/* The files that gave rows to a frame that couldn't be committed have failed with it; with NULL,
 * those that gave notices. */
static void fail_files_of(struct look *l, size_t count, const struct frame *f, const err *e) {
    for (size_t i = 0; i < count; i++) {
        struct outcome *o = &l->group[i];
        if (!o->delivered || o->error || (f && !holds_rows_of(o, f)))
            continue;
        o->error = err_new(err_kind(e), "%s", err_text(e));
        o->unstored = true;
        l->report->unstored++;
    }
}

static err *commit_notices(struct look *l, size_t count) {
    bool changed;
    if (l->notices.count == 0)
        return NULL;
    l->report->rows += l->notices.count;
    err *e = records_commit(l->collector->store, &l->notices, &changed);
    if (e)
        fail_files_of(l, count, NULL, e);
    return e;
}

/* Commits the group's frames. A day whose file is damaged keeps neither other days nor other
 * datasets from being committed; when the disk or another writer is in the way, the look ends. */
static err *commit_batch(struct look *l, size_t count) {
    for (size_t i = 0; i < l->batch.count; i++) {
        const struct frame *f = l->batch.frames[i];
        struct frame_change change = {0};
        err *e = f->rows ? store_commit(l->collector->store, f, &change) : NULL;
        l->report->added += change.added;
        l->report->replaced += change.replaced;
        frame_change_add(&l->batch.noted, &change);
        if (!e)
            continue;
        fail_files_of(l, count, f, e);
        if (err_kind(e) != ERR_INPUT) {
            for (size_t k = i + 1; k < l->batch.count; k++)
                fail_files_of(l, count, l->batch.frames[k], e);
            return e;
        }
        if (l->damage)
            err_free(e);
        else
            l->damage = e;
    }
    return commit_notices(l, count);
}

/* -- recording ----------------------------------------------------------------------------------
 */

static int64_t retry_delay(const struct wanted *w, bool bad) {
    if (bad)
        return w->tries == 0 ? FIRST_RETRY_S : LATER_RETRY_S;
    int64_t delay = FIRST_MISS_S;
    for (int i = 0; i < w->misses && delay < LATER_RETRY_S; i++)
        delay *= 2;
    return delay < LATER_RETRY_S ? delay : LATER_RETRY_S;
}

static err *record_outcome(struct look *l, struct ledger *ledger, const struct outcome *o) {
    const struct wanted *w = o->file;
    if (!o->error) {
        note_newest(l, w->time);
        return ledger_done(ledger, l->feed->name, w->name, w->entry->size, o->fetched, o->contents,
                           o->content_count);
    }
    if (err_kind(o->error) == ERR_STOPPED)
        return NULL; /* as if it had not been fetched */
    bool bad = err_kind(o->error) == ERR_INPUT && !o->unstored;
    return ledger_failed(ledger, l->feed->name, w->name, w->entry->size, err_text(o->error), bad,
                         time(NULL) + retry_delay(w, bad));
}

static err *record_ties(struct ledger *ledger, const struct look *l) {
    const struct frame_change *noted = &l->batch.noted;
    if (noted->ties)
        log_warn("rows of equal version and rank disagree; those with the larger bits were kept",
                 log_cstr("feed", l->feed->name), log_int("rows", (int64_t)noted->ties));
    for (size_t i = 0; i < noted->ties && i < FRAME_TIES; i++) {
        const struct frame_tie *t = &noted->tied[i];
        char at[AEST_TEXT], subject[120];
        snprintf(subject, sizeof subject, "%s %s %s", t->dataset->name,
                 aest_format_mms(interval_to_aest(t->at), at), t->key);
        TRY(ledger_finding(ledger, "tie", subject,
                           "two rows of equal version and rank disagree; the one with the larger "
                           "bits was kept"));
    }
    return NULL;
}

static err *record_group(struct look *l, size_t count) {
    struct ledger *ledger;
    TRY(store_ledger(l->collector->store, &ledger));
    TRY(ledger_begin(ledger));
    err *e = NULL;
    for (size_t i = 0; i < count && !e; i++)
        if (l->group[i].delivered)
            e = record_outcome(l, ledger, &l->group[i]);
    if (!e)
        e = record_ties(ledger, l);
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
        r->rows += (size_t)c->rows;
        batch_content_add(&r->contents[dataset_id(dataset_by_name(str_from(c->dataset)))], c);
    }
}

/* -- a group, a look ----------------------------------------------------------------------------
 */

/* How many files a group may have, where [count] took [memory]. */
static size_t files_that_fit(size_t memory, size_t count) {
    size_t fit = memory ? COLLECT_GROUP_MEMORY * count / memory : COLLECT_GROUP;
    return fit < 1 ? 1 : fit < COLLECT_GROUP ? fit : COLLECT_GROUP;
}

/* Fetches a group's files and sees them through to the ledger. */
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
    records_init(&l->notices, NOTICES);
    err *fetching = source_get(l->collector->source, requests, count, deliver);
    err *e = NULL;
    if (l->collector->store) {
        e = commit_batch(l, count);
        err *recording = record_group(l, count);
        if (e)
            err_free(recording);
        else
            e = recording;
        if (l->collector->committed)
            l->collector->committed(l->collector->listener);
    }
    l->most = files_that_fit(batch_memory(&l->batch), count);
    for (size_t i = 0; i < count; i++) {
        if (l->group[i].delivered && !l->group[i].error)
            count_done(l->report, &l->group[i]);
        err_free(l->group[i].error);
    }
    batch_free(&l->batch);
    records_free(&l->notices);
    if (e)
        err_free(fetching);
    return e ? e : fetching;
}

/* How many of [count] files make a group. One whose size isn't listed may be as large as any. */
static size_t group_of(const struct look *l, const struct wanted *files, size_t count) {
    uint64_t bytes = 0;
    size_t group = 0;
    while (group < count && group < l->most) {
        int64_t size = files[group].entry->size;
        bytes += size < 0 ? l->feed->largest : (uint64_t)size;
        if (group && bytes > COLLECT_GROUP_BYTES)
            break;
        group++;
    }
    return group;
}

static bool makes_way(const struct collector *c) {
    return c->until && aest_now() >= c->until;
}

static err *collect_wanted(struct look *l) {
    const struct wanted *files = (const struct wanted *)(void *)l->wanted.at;
    size_t count = l->wanted.len / sizeof *files;
    for (size_t at = 0, group; at < count; at += group) {
        group = group_of(l, files + at, count - at);
        TRY(collect_group(l, files + at, group));
        if (l->unfetched_in_a_row >= UNFETCHED_IN_A_ROW)
            return err_new(ERR_NETWORK, "%s stopped answering; %zu files are still to be fetched",
                           source_name(l->collector->source), count - l->delivered);
        if (at + group < count && makes_way(l->collector)) {
            l->report->unfinished = true;
            source_forget(l->collector->source, feed_folder(l));
            break;
        }
    }
    return NULL;
}

static void log_report(const struct feed *feed, const struct collect_report *r) {
    char latest[AEST_TEXT] = "-";
    interval last = 0;
    for (int i = 0; i < DATASETS; i++)
        if (r->contents[i].rows && r->contents[i].last > last)
            last = r->contents[i].last;
    if (last)
        aest_format_iso(interval_to_aest(last), latest);
    if (r->done)
        log_info("collected", log_cstr("feed", feed->name), log_int("files", (int64_t)r->done),
                 log_int("rows", (int64_t)r->rows), log_int("added", (int64_t)r->added),
                 log_int("replaced", (int64_t)r->replaced), log_cstr("latest", latest));
}

/* The ledger keeps how the last look at a feed went, for status. Where it can't be written, the
 * look's own error says why. */
static err *record_look(struct look *l, const err *error) {
    struct ledger *ledger;
    if (!l->collector->store)
        return NULL;
    TRY(store_ledger(l->collector->store, &ledger));
    const err *said = error ? error : l->damage ? l->damage : l->absent;
    return ledger_listed(ledger, l->feed->name, said ? err_text(said) : NULL);
}

err *collect_feed(struct collector *c, const struct feed *feed, struct collect_report *report) {
    struct look *l = mem_zalloc(1, sizeof *l);
    *report = (struct collect_report){0};
    l->collector = c;
    l->feed = feed;
    l->state = &c->states[feed - feeds];
    l->report = report;
    l->most = COLLECT_FIRST_GROUP;
    err *e = list_wanted(l);
    if (!e)
        e = collect_wanted(l);
    if (e) /* files are still to be had from pages that needn't change */
        source_forget(c->source, feed_folder(l));
    if (l->damage)
        log_error(
            "a file of the store is damaged; put it aside, and what AEMO still offers will be "
            "read again",
            log_cstr("feed", feed->name), log_err(l->damage));
    if (!e || err_kind(e) != ERR_STOPPED) {
        err *recording = record_look(l, e);
        if (e)
            err_free(recording);
        else
            e = recording;
    }
    log_report(feed, report);
    err_free(l->damage);
    err_free(l->absent);
    buf_free(&l->wanted);
    arena_free(&l->memory);
    free(l);
    return err_wrap(e, "%s", feed->name);
}
