#include "ops/backup_schedule.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "store/note.h"

static const aest_us again = 60 * AEST_MINUTE;

err *backup_schedule_read(const char *name, const char *text, int *minute) {
    str rest = str_from(text), hours = str_cut(&rest, ':');
    uint64_t h, m;
    if (!str_to_u64(hours, &h) || !str_to_u64(rest, &m) || h > 23 || m > 59)
        return err_new(ERR_USAGE, "%s is '%s', not a time of day as 02:30 (AEST)", name, text);
    *minute = (int)(h * 60 + m);
    return NULL;
}

/* The first time of the schedule behind [at]. */
static aest_us next_after(const struct backup_schedule *s, aest_us at) {
    const aest_us day = at / AEST_DAY * AEST_DAY, due = day + s->minute * AEST_MINUTE;
    return due > at ? due : due + AEST_DAY;
}

aest_us backup_due(const struct backup_schedule *s, aest_us now, aest_us begun,
                   struct backup_try noted, struct backup_try own) {
    struct backup_try last = {0};
    if (noted.at <= now)
        last = noted;
    if (own.at <= now && own.at > last.at)
        last = own;
    if (!last.at && begun > now) /* how long this runs isn't known either */
        return now;
    const aest_us due = next_after(s, last.at ? last.at : begun);
    return last.failed && last.at + again < due ? last.at + again : due;
}

/* What the note says of the last try, whoever made it. */
static struct backup_try noted_try(const struct backup_schedule *s) {
    struct note n;
    err *e = note_read(s->backup.data, "backup", &n);
    const int64_t at = e ? 0 : note_number(&n, "at", 0);
    const struct backup_try noted = {.at = at ? aest_from_unix(at) : 0,
                                     .failed = at && !note_number(&n, "ok", 0)};
    note_free(&n);
    err_free(e);
    return noted;
}

static err *make_one(const struct backup_schedule *s) {
    struct backup_done done;
    err *e = backup_run(&s->backup, &done);
    if (!e)
        log_info("backup", log_cstr("generation", done.name), log_int("files", (int64_t)done.files),
                 log_int("copied", (int64_t)done.copied),
                 log_int("copied_bytes", done.copied_bytes));
    else if (err_kind(e) != ERR_STOPPED)
        log_error("backup failed", log_err(e));
    return e;
}

/* By short steps, so that a machine that slept or whose clock was set is on time. */
void backup_each_day(const struct backup_schedule *s) {
    enum { LOOK_MS = 5000 };
    const aest_us begun = aest_now();
    struct backup_try own = {0}; /* the last one here, should its note be lost */
    do {
        const aest_us now = aest_now();
        if (now < backup_due(s, now, begun, noted_try(s), own))
            continue;
        err *e = make_one(s);
        own = (struct backup_try){.at = aest_now(), .failed = e != NULL};
        err_free(e);
    } while (!stop_wait(s->backup.stop, LOOK_MS));
}

/* -- in a thread --------------------------------------------------------------------------------
 */

struct backup_keeper {
    const struct backup_schedule *schedule;
    pthread_t thread;
};

static void *keep(void *context) {
    const struct backup_keeper *k = context;
    backup_each_day(k->schedule);
    return NULL;
}

err *backup_keeper_start(const struct backup_schedule *s, struct backup_keeper **out) {
    struct backup_keeper *k = mem_zalloc(1, sizeof *k);
    k->schedule = s;
    int failed = pthread_create(&k->thread, NULL, keep, k);
    *out = failed ? NULL : k;
    if (failed)
        free(k);
    return failed ? err_errno(failed, "can't start the thread that makes backups") : NULL;
}

void backup_keeper_join(struct backup_keeper *k) {
    if (!k)
        return;
    pthread_join(k->thread, NULL);
    free(k);
}
