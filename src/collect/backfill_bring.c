#include "collect/backfill_bring.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "collect/ingest.h"
#include "collect/notice.h"
#include "collect/reference.h"
#include "mms/zip.h"

#define TEMPORARY ".backfill-" /* then the process, the bringer, which of its two */
static const uint64_t largest = UINT64_C(1) << 36; /* of a month in one zip */

/* -- a unit -------------------------------------------------------------------------------------
 */

static const char *temporary_path(const struct bringer *w, struct arena *a, int which) {
    return arena_printf(a, "%s/" TEMPORARY "%ld-%d-%d", w->store->path, (long)getpid(), w->number,
                        which);
}

struct saved {
    err *error;
};

static bool take_saved(struct source_request *request, struct buf *body, err *error) {
    struct saved *s = request->context;
    (void)body;
    s->error = error;
    return true;
}

/* Downloads a file and maps it; on the disk it is gone once it isn't mapped any more. */
static err *fetch(struct bringer *w, const struct listing_entry *entry, str *mapped) {
    struct arena a = {0};
    struct saved saved = {0};
    const char *path = temporary_path(w, &a, 0);
    unlink(path);
    struct source_request request = {.folder = w->unit->folder,
                                     .name = entry->name,
                                     .href = entry->href,
                                     .limit = largest,
                                     .context = &saved,
                                     .save_to = path};
    err *e = source_get(w->source, &request, 1, take_saved);
    if (e)
        err_free(saved.error);
    else
        e = saved.error;
    if (!e)
        e = file_map(path, mapped);
    unlink(path);
    w->bytes += e ? 0 : mapped->len;
    arena_free(&a);
    return e;
}

/* Moves the days of a month out of [batch]. */
static void take_month(struct batch *batch, enum dataset_id dataset, struct frames *month) {
    for (int i = 0; i < month->count; i++) {
        struct frame *f = batch_take(batch, dataset, month->first + i);
        if (!f)
            continue;
        frame_free(&month->day[i]);
        month->day[i] = *f;
        free(f);
    }
}

/* Commits what a month's tables gave: whole months, and days beyond them. */
static err *commit_month(struct bringer *w, struct batch *batch, aest_day first) {
    struct ledger_content contents[DATASETS];
    size_t count = batch_contents(batch, contents);
    for (size_t i = 0; i < count; i++) {
        const struct dataset *d = dataset_by_name(str_from(contents[i].dataset));
        struct frames month;
        frames_init(&month, d, first, month_days(first));
        take_month(batch, dataset_id(d), &month);
        err *e = store_commit_month(w->store, &month);
        frames_free(&month);
        if (e)
            return e;
    }
    return NULL;
}

static err *commit_days(struct bringer *w, struct batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        struct frame_change change = {0};
        TRY(store_commit(w->store, batch->frames[i], &change));
    }
    return NULL;
}

static err *commit(struct bringer *w, struct batch *batch) {
    if (w->unit->kind != UNIT_ARCHIVE)
        TRY(commit_month(w, batch, w->unit->month));
    return commit_days(w, batch);
}

/* A file of the unit, on its way from bytes to rows in a thread of its own. */
struct part {
    str mapped;
    struct batch batch;
    err *error;
    pthread_t thread;
    bool busy, threaded;
    pthread_mutex_t mutex; /* of [read] */
    pthread_cond_t changed;
    bool read;
};

static void *read_part(void *context) {
    struct part *p = context;
    p->error = ingest_file(p->mapped, largest, &p->batch);
    pthread_mutex_lock(&p->mutex);
    p->read = true;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->mutex);
    return NULL;
}

static void begin_part(struct part *p) {
    p->busy = true;
    p->read = false;
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->changed, NULL);
    p->threaded = pthread_create(&p->thread, NULL, read_part, p) == 0;
    if (!p->threaded)
        read_part(p);
}

/* Waits for the first of [count] parts. A month of several GB streams through: of none of them does
 * more stay in memory than what was read since the last look. */
static void wait_for_part(struct part *p, struct part *all, size_t count) {
    enum { LOOK_MS = 100 };
    pthread_mutex_lock(&p->mutex);
    while (!p->read) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_MS * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&p->changed, &p->mutex, &until);
        for (size_t i = 0; i < count; i++)
            file_relax(all[i].mapped);
    }
    pthread_mutex_unlock(&p->mutex);
    if (p->threaded)
        pthread_join(p->thread, NULL);
    pthread_mutex_destroy(&p->mutex);
    pthread_cond_destroy(&p->changed);
    p->busy = p->threaded = false;
}

/* Adds the rows of a part, which is read, to [batch]. */
static err *end_part(struct bringer *w, struct part *p, size_t number, struct batch *batch,
                     struct ledger_content contents[DATASETS], size_t *count) {
    file_unmap(p->mapped);
    p->mapped = (str){0};
    *count = batch_contents(&p->batch, contents);
    for (size_t c = 0; c < *count; c++)
        w->rows += contents[c].rows;
    batch_merge(batch, &p->batch);
    batch_free(&p->batch);
    err *e = err_wrap(p->error, "%.*s", STR_ARG(w->unit->files[number].name));
    p->error = NULL;
    return e;
}

/* Reads all files of the unit, the next one while the last one is still being read, then commits.
 */
static err *bring_files(struct bringer *w, struct batch *batch,
                        struct ledger_content (*contents)[DATASETS], size_t *counts) {
    struct part *parts = mem_zalloc(2, sizeof *parts);
    size_t count = w->unit->count;
    err *e = NULL;
    for (size_t i = 0; i <= count; i++) {
        if (!e && i < count && !(e = fetch(w, &w->unit->files[i], &parts[i % 2].mapped)))
            begin_part(&parts[i % 2]);
        if (i == 0)
            continue;
        struct part *before = &parts[(i - 1) % 2];
        err *reading = NULL;
        if (before->busy) {
            wait_for_part(before, parts, 2);
            reading = end_part(w, before, i - 1, batch, contents[i - 1], &counts[i - 1]);
        }
        if (e)
            err_free(reading);
        else
            e = reading;
    }
    free(parts);
    return e ? e : commit(w, batch);
}

/* The table of market notices goes into records, not into frames. */
struct notices {
    struct arena memory;
    struct records records;
};

static err *take_notice(void *context, const struct mms_row *row, aest_us published) {
    struct notices *n = context;
    struct notice notice;
    (void)published;
    if (!str_eq_nocase(row->table->subtable, STR("MARKETNOTICEDATA")))
        return NULL;
    TRY(notice_from_row(&n->memory, row, &notice));
    notice_put(&n->records, &notice);
    return NULL;
}

/* Stores the notices of a file. */
static err *bring_notices(struct bringer *w, str bytes) {
    struct notices n = {0};
    bool changed;
    records_init(&n.records, NOTICES);
    err *e = reference_read_file(bytes, take_notice, &n);
    w->rows += e ? 0 : (int64_t)n.records.count;
    if (!e)
        e = records_commit(w->store, &n.records, &changed);
    records_free(&n.records);
    arena_free(&n.memory);
    return e;
}

static err *bring_notice_files(struct bringer *w) {
    err *e = NULL;
    for (size_t i = 0; i < w->unit->count && !e; i++) {
        str mapped = {0};
        e = fetch(w, &w->unit->files[i], &mapped);
        if (!e)
            e = err_wrap(bring_notices(w, mapped), "%.*s", STR_ARG(w->unit->files[i].name));
        file_unmap(mapped);
    }
    return e;
}

static str base_name(str path) {
    str base = path;
    for (size_t i = 0; i < path.len; i++)
        if (path.at[i] == '/')
            base = (str){path.at + i + 1, path.len - i - 1};
    return base;
}

/* Inflates a member to a file, and maps that. */
static err *extract(struct bringer *w, const struct zip *z, const struct zip_member *m,
                    str *mapped) {
    enum { CHUNK = 1 << 20 };
    struct arena a = {0};
    struct zip_stream *stream;
    const char *path = temporary_path(w, &a, 1);
    FILE *out = NULL;
    size_t got = 1;
    uint64_t written = 0;
    err *e = zip_stream_open(z, m, largest, &stream);
    char *bytes = mem_alloc(CHUNK);
    if (!e && !(out = fopen(path, "we")))
        e = err_new(ERR_IO, "can't make %s", path);
    while (!e && got) {
        e = zip_stream_read(stream, bytes, CHUNK, &got);
        if (!e && fwrite(bytes, 1, got, out) != got)
            e = err_new(ERR_IO, "can't write %s", path);
        written += got;
        if (written % (64 * CHUNK) < CHUNK)
            file_relax(z->bytes);
    }
    if (out && fclose(out) && !e)
        e = err_new(ERR_IO, "can't write %s", path);
    if (!e)
        e = file_map(path, mapped);
    unlink(path);
    zip_stream_close(stream);
    free(bytes);
    arena_free(&a);
    return e;
}

/* -- recording ----------------------------------------------------------------------------------
 */

enum { RETRY_S = 600 };

/* In a transaction of the ledger's. */
static err *record_file(struct ledger *l, const struct unit *u, str name, int64_t size,
                        const struct ledger_content *contents, size_t count, const err *failure) {
    return failure ? ledger_failed(l, u->feed, name, size, err_text(failure),
                                   err_kind(failure) == ERR_INPUT, time(NULL) + RETRY_S)
                   : ledger_done(l, u->feed, name, size, time(NULL), contents, count);
}

static err *record(struct bringer *w, struct ledger_content (*contents)[DATASETS],
                   const size_t *counts, const err *failure) {
    struct ledger *ledger;
    const struct unit *u = w->unit;
    TRY(store_ledger(w->store, &ledger));
    TRY(ledger_begin(ledger));
    err *e = NULL;
    for (size_t i = 0; i < u->count && !e; i++)
        e = record_file(ledger, u, u->files[i].name, u->files[i].size, contents[i], counts[i],
                        failure);
    if (!e)
        e = ledger_commit(ledger);
    if (e)
        ledger_rollback(ledger);
    return e;
}

/* Records what became of files, of which what is wrong with them is no error. */
static bool is_files_fault(const err *e) {
    return e && (err_kind(e) == ERR_INPUT || err_kind(e) == ERR_NETWORK);
}

static void log_failure(const struct unit *u, const err *e) {
    if (e)
        log_warn(err_kind(e) == ERR_INPUT ? "refused" : "not fetched", log_cstr("feed", u->feed),
                 log_err(e));
}

/* Brings a table's files, or says in *[failed] that something is wrong with them. */
static err *bring_unit(struct bringer *w, const struct unit *u, bool *failed) {
    struct batch batch = {0};
    struct ledger_content(*contents)[DATASETS] = mem_zalloc(u->count, sizeof *contents);
    size_t *counts = mem_zalloc(u->count, sizeof *counts);
    err *e = u->table && u->table->notices ? bring_notice_files(w)
                                           : bring_files(w, &batch, contents, counts);
    *failed = e != NULL;
    if (!e || is_files_fault(e)) {
        err *recording = record(w, contents, counts, e);
        log_failure(u, e);
        err_free(e);
        e = recording;
    }
    batch_free(&batch);
    free(contents);
    free(counts);
    return e;
}

/* -- a month in one zip -------------------------------------------------------------------------
 */

/* A member of it: a table's file, whole or in part. */
static err *bring_member(struct bringer *w, const struct zip *z, const struct zip_member *member,
                         const struct monthly *m, struct ledger_content contents[DATASETS],
                         size_t *count) {
    struct part inner = {0};
    err *e = extract(w, z, member, &inner.mapped);
    if (!e && m->notices) {
        e = bring_notices(w, inner.mapped);
    } else if (!e) {
        begin_part(&inner);
        wait_for_part(&inner, &inner, 1);
        e = inner.error;
    }
    file_unmap(inner.mapped);
    if (!e && !m->notices) {
        *count = batch_contents(&inner.batch, contents);
        for (size_t i = 0; i < *count; i++)
            w->rows += contents[i].rows;
        e = commit(w, &inner.batch);
    }
    batch_free(&inner.batch);
    return err_wrap(e, "%.*s", STR_ARG(member->name));
}

/* All members of a table, committed and recorded; not one that the month lacks. */
static err *bring_table(struct bringer *w, const struct zip *z, const struct monthly *m,
                        bool *failed) {
    struct arena a = {0};
    struct ledger *ledger;
    struct ledger_content contents[DATASETS];
    const struct listing_entry *file = &w->unit->files[0];
    const char *name = monthly_part_name(&a, file->name, m);
    size_t count = 0;
    bool done = false;
    err *trouble = NULL, *e = store_ledger(w->store, &ledger);
    if (!e)
        e = plan_is_done(ledger, w->unit->feed, str_from(name), file, &done);
    for (size_t i = 0; !e && !done && !trouble && i < z->count; i++)
        if (monthly_name_is(m, base_name(z->members[i].name)))
            trouble = bring_member(w, z, &z->members[i], m, contents, &count);
    if (trouble && !is_files_fault(trouble))
        e = trouble;
    else if (!e && !done) {
        *failed |= trouble != NULL;
        log_failure(w->unit, trouble);
        e = record_file(ledger, w->unit, str_from(name), file->size, contents, count, trouble);
        err_free(trouble);
    }
    arena_free(&a);
    return e;
}

/* What couldn't be had is recorded for each table that was wanted of it. */
static err *record_unfetched(struct bringer *w, const err *failure) {
    struct arena a = {0};
    struct ledger *ledger;
    const struct listing_entry *file = &w->unit->files[0];
    err *e = store_ledger(w->store, &ledger);
    for (int i = 0; i < monthly_table_count && !e; i++)
        if (monthly_tables[i].fills & w->wanted)
            e = record_file(ledger, w->unit,
                            str_from(monthly_part_name(&a, file->name, &monthly_tables[i])),
                            file->size, NULL, 0, failure);
    arena_free(&a);
    return e;
}

/* Each table in it is brought, committed and recorded by itself: who asked for prices may ask for
 * units another day, and what was done before a kill stays done. */
static err *bring_whole(struct bringer *w, bool *failed) {
    struct arena a = {0};
    struct zip z;
    str mapped = {0};
    err *e = fetch(w, &w->unit->files[0], &mapped);
    if (!e)
        e = zip_open(&a, mapped, &z);
    if (is_files_fault(e)) {
        *failed = true;
        log_failure(w->unit, e);
        err *recording = record_unfetched(w, e);
        err_free(e);
        e = recording;
    } else {
        for (int i = 0; !e && i < monthly_table_count; i++)
            if (monthly_tables[i].fills & w->wanted)
                e = bring_table(w, &z, &monthly_tables[i], failed);
    }
    file_unmap(mapped);
    arena_free(&a);
    return e;
}

/* Brings a unit into the store. What is wrong with its files is recorded and no error. */
err *backfill_bring(struct bringer *w, const struct unit *u, bool *failed) {
    w->unit = u;
    w->bytes = 0;
    w->rows = 0;
    *failed = false;
    return u->kind == UNIT_WHOLE ? bring_whole(w, failed) : bring_unit(w, u, failed);
}

/* -- what was left --------------------------------------------------------------------------------
 */

err *backfill_sweep(const struct store *store) {
    struct arena a = {0};
    struct file_entry *files;
    size_t count;
    err *e = file_list(&a, store->path, &files, &count);
    for (size_t i = 0; !e && i < count; i++) {
        uint64_t pid;
        str rest = files[i].name;
        if (!str_starts(rest, STR(TEMPORARY)))
            continue;
        rest.at += strlen(TEMPORARY);
        rest.len -= strlen(TEMPORARY);
        if (str_to_u64(str_cut(&rest, '-'), &pid) && kill((pid_t)pid, 0))
            unlink(arena_printf(&a, "%s/%.*s", store->path, STR_ARG(files[i].name)));
    }
    arena_free(&a);
    return e;
}
