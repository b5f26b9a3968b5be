#include "ops/follow.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "collect/gaps_repair.h"
#include "ops/facts.h"
#include "store/note.h"

enum { LOOK_MS = 500, REPAIR_S = 3600 };

struct follower {
    const struct follow *asked;
    pthread_t thread;
    uint64_t seen;    /* of the files and the store, when they were compared */
    bool safe, said;  /* what was said last, and whether anything was */
    char *why;        /* the same, of what speaks against it */
    int64_t repaired; /* when the seam was repaired last; 0: not yet */
};

/* -- the seam -----------------------------------------------------------------------------------
 */

/* Whether each feed that the source offers was looked at since [begun]: what is missing then won't
 * come by itself. */
static bool has_caught_up(const char *data, int64_t begun) {
    struct arena a = {0};
    struct store *s = NULL;
    struct store_facts facts;
    err *e = store_open(data, STORE_READ, NULL, &s);
    if (!e)
        e = store_facts_glance(s, &a, &facts);
    bool caught_up = !e;
    for (int i = 0; caught_up && i < FEEDS; i++)
        caught_up = feeds[i].optional || facts.feeds[i].last_listed >= begun;
    err_free(e);
    store_close(s);
    arena_free(&a);
    return caught_up;
}

static err *repair_from(struct follower *f, interval first) {
    struct arena a = {0};
    struct repair_result result = {0};
    const struct repair r = {
        .search = {EVERY_DATASET, .first = first, .only_stored = true, .now = aest_now()},
        .backfill = *f->asked->repair,
        .only_certain = true};
    err *e = gaps_repair(&r, &a, &result);
    if (!e && result.count)
        log_info("gaps since the earlier system's rows end",
                 log_int("found", (int64_t)result.count),
                 log_int("filled", (int64_t)(result.count - result.left)));
    arena_free(&a);
    return e;
}

/* From the earlier system's last rows to nemd's own. */
static void repair_seam(struct follower *f, int64_t begun) {
    struct note n;
    int64_t now = (int64_t)time(NULL);
    if (!f->asked->repair || (f->repaired && now - f->repaired < REPAIR_S) ||
        !has_caught_up(f->asked->data, begun))
        return;
    err *e = note_read(f->asked->data, "migration", &n);
    int64_t seam = note_number(&n, "seam", 0);
    note_free(&n);
    f->repaired = now;
    if (!e && seam)
        e = repair_from(f, interval_at_or_before(aest_from_unix(seam)) - INTERVALS_PER_DAY);
    if (e && err_kind(e) != ERR_STOPPED)
        log_warn("gaps since the earlier system's rows end can't be repaired", log_err(e));
    err_free(e);
}

/* -- comparing ----------------------------------------------------------------------------------
 */

static void say(struct follower *f, const struct followed *found) {
    bool news = !f->said || f->safe != found->safe ||
                (found->why && (!f->why || strcmp(found->why, f->why) != 0));
    int64_t rows = 0;
    for (int i = 0; i < MIGRATED_TABLES; i++)
        rows += found->tables[i].rows;
    if (news && found->safe)
        log_info("the earlier system can be stopped", log_int("rows_compared", rows));
    else if (news)
        log_info("the earlier system is still needed", log_cstr("why", found->why),
                 log_int("rows_compared", rows));
    free(f->why);
    f->why = found->why ? mem_strdup(found->why) : NULL;
    f->safe = found->safe;
    f->said = true;
}

/* Changes with each of the files, and with any commit of their datasets. */
static uint64_t version(struct store *s, const struct followed *last) {
    uint64_t sum = 0;
    for (int i = 0; i < MIGRATED_TABLES; i++) {
        const struct followed_table *t = &last->tables[i];
        const struct store_index *x;
        struct file_stamp stamp = {0};
        if (t->path)
            stamp = file_stamp(t->path);
        err *e = store_files(s, dataset_id(t->dataset), &x);
        uint64_t bytes = e ? 0 : x->bytes;
        err_free(e); /* the comparison will say it */
        sum = (sum ^ stamp.inode ^ stamp.size ^ (uint64_t)stamp.modified_ns ^ bytes << 20) *
              UINT64_C(0x9e3779b97f4a7c15);
        sum ^= sum >> 29;
    }
    return sum;
}

/* One round, where anything is new. */
static err *compare(struct follower *f, struct store *s) {
    struct arena a = {0};
    struct followed last, found;
    err *e = follow_last(&a, f->asked->data, &last);
    uint64_t now = e ? 0 : version(s, &last);
    if (!e && f->said && now == f->seen) {
        arena_free(&a);
        return NULL;
    }
    f->seen = now;
    if (!e)
        e = follow_compare(f->asked, &a, &found);
    if (!e)
        say(f, &found);
    arena_free(&a);
    return e;
}

static void *run(void *context) {
    struct follower *f = context;
    const int64_t begun = (int64_t)time(NULL);
    struct store *s = NULL;
    int waited = f->asked->pause_s * 1000;
    while (!stop_wait(f->asked->stop, LOOK_MS)) {
        waited += LOOK_MS;
        if (waited < f->asked->pause_s * 1000)
            continue;
        waited = 0;
        err *e = s ? NULL : store_open(f->asked->data, STORE_READ, f->asked->stop, &s);
        if (!e)
            e = compare(f, s);
        if (e && err_kind(e) != ERR_STOPPED)
            log_warn("the earlier system's files can't be compared", log_err(e));
        err_free(e);
        repair_seam(f, begun);
    }
    store_close(s);
    return NULL;
}

err *follow_start(const struct follow *asked, struct follower **out) {
    *out = mem_zalloc(1, sizeof **out);
    (*out)->asked = asked;
    err *e =
        file_exists(asked->from) ? NULL : err_new(ERR_USAGE, "there is no folder %s", asked->from);
    int failed = e ? 0 : pthread_create(&(*out)->thread, NULL, run, *out);
    if (failed)
        e = err_errno(failed, "can't start the thread that follows");
    if (e) {
        free(*out);
        *out = NULL;
    }
    return e;
}

void follow_join(struct follower *f) {
    if (!f)
        return;
    pthread_join(f->thread, NULL);
    free(f->why);
    free(f);
}
