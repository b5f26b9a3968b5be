/* Rules on this machine's part: data that stays away, gaps, the disk, the collector. They run on
 * ticks of the clock. */
#include <math.h>
#include <sys/statvfs.h>

#include "alert/rule.h"
#include "collect/feeds.h"
#include "collect/gaps.h"
#include "store/note.h"

/* After a start, what came meanwhile is fetched before anybody is told that it is missing. */
enum { START_S = 5 * 60 };

/* -- data that stays away -----------------------------------------------------------------------
 */

static err *configure_stale(struct rule_use *u, const struct alert_settings *s, bool *on) {
    (void)s, (void)on;
    /* In multiples of the age at which a dataset counts as stale; an outage of a week is three
     * messages, and a feed that flaps within half an hour is one. */
    u->ladder = (struct ladder){.count = 3,
                                .steps = {{1, ALERT_WARNING, "Data missing"},
                                          {8, ALERT_WARNING, "Data still missing"},
                                          {96, ALERT_CRITICAL, "Data missing for long"}},
                                .clear = 1,
                                .over = "Data back",
                                .before = "",
                                .behind = " times its usual age",
                                .decimals = 1,
                                .hold_s = START_S,
                                .calm_s = 30 * 60};
    return NULL;
}

/* Of each dataset that ever had a row and is made by a feed itself. */
static err *stale_values(struct judging *j, struct reading **out, size_t *count) {
    *out = ARENA_ARRAY(j->memory, struct reading, DATASETS);
    *count = 0;
    for (int i = 0; i < DATASETS; i++) {
        const struct store_index *x;
        TRY(store_index(j->store, (enum dataset_id)i, &x));
        if (!x->has_bounds || x->damage || datasets[i].mean_of || i == CONSTRAINTS5)
            continue;
        double age_min = (double)(j->time - interval_to_unix(x->last)) / 60;
        (*out)[(*count)++] =
            (struct reading){datasets[i].name, age_min / datasets[i].stale_minutes,
                             arena_printf(j->memory, ", newest %s",
                                          time_text(j->memory, interval_to_unix(x->last)))};
    }
    return NULL;
}

const struct rule rule_stale = {
    .name = "stale",
    .summary = "a dataset's newest row is older than it should be",
    .clock = RULE_TICKS,
    .every_s = 30,
    .most_a_day = 3,
    .then_s = 86400,
    .configure = configure_stale,
    .values = stale_values,
};

/* -- gaps that stay -----------------------------------------------------------------------------
 */

enum { GAP_DAYS = 2, GAP_PATIENCE = 72 /* intervals: six hours, in which repair runs hourly */ };

static err *configure_gap(struct rule_use *u, const struct alert_settings *s, bool *on) {
    (void)s, (void)on;
    u->ladder = (struct ladder){.count = 1,
                                .steps = {{1, ALERT_WARNING, "Gap not repaired"}},
                                .clear = 0,
                                .over = "No gap left",
                                .before = "",
                                .behind = " intervals missing",
                                .none = "complete",
                                .one = "1 interval missing"};
    return NULL;
}

static err *gap_values(struct judging *j, struct reading **out, size_t *count) {
    struct gap *gaps;
    size_t gap_count;
    double missing[DATASETS] = {0};
    const char *first[DATASETS] = {0};
    aest_us now = aest_from_unix(j->time);
    interval latest = interval_at_or_before(now);
    const struct gap_search search = {EVERY_DATASET, .first = latest - GAP_DAYS * INTERVALS_PER_DAY,
                                      .last = latest - GAP_PATIENCE, .only_stored = true,
                                      .now = now};
    int reading;
    *count = 0;
    TRY(store_read_begin(j->store, &reading));
    err *e = gaps_find(j->store, j->memory, &search, &gaps, &gap_count);
    store_read_end(reading);
    TRY(e);
    for (size_t i = 0; i < gap_count; i++) {
        if (gaps[i].cause != GAP_NOT_FETCHED && gaps[i].cause != GAP_FAILED)
            continue;
        missing[gaps[i].dataset] += gaps[i].count;
        if (!first[gaps[i].dataset])
            first[gaps[i].dataset] =
                arena_printf(j->memory, ", the first %s", gap_text(j->memory, &gaps[i]));
    }
    *out = ARENA_ARRAY(j->memory, struct reading, DATASETS);
    for (int i = 0; i < DATASETS; i++)
        (*out)[(*count)++] = (struct reading){datasets[i].name, missing[i], first[i]};
    return NULL;
}

const struct rule rule_gap = {
    .name = "gap",
    .summary = "a gap of the last two days that six hours of repair left",
    .clock = RULE_TICKS,
    .every_s = 3600,
    .configure = configure_gap,
    .values = gap_values,
};

/* -- the disk -----------------------------------------------------------------------------------
 */

static err *configure_disk(struct rule_use *u, const struct alert_settings *s, bool *on) {
    double low;
    (void)on;
    TRY(setting_double(s, "ALERT_DISK_GB", 5, &low));
    u->ladder = (struct ladder){
        .below = true,
        .count = 2,
        .steps = {{low, ALERT_WARNING, "Disk nearly full"}, {low / 5, ALERT_CRITICAL, "Disk full"}},
        .clear = low * 1.2,
        .over = "Disk has room again",
        .before = "",
        .behind = " GB left",
        .decimals = 1};
    return NULL;
}

static err *disk_values(struct judging *j, struct reading **out, size_t *count) {
    struct statvfs disk;
    *count = 0;
    if (statvfs(j->store->path, &disk))
        return NULL;
    *out = ARENA_ARRAY(j->memory, struct reading, 1);
    (*out)[(*count)++] =
        (struct reading){"disk", (double)disk.f_bavail * (double)disk.f_frsize / 1e9, NULL};
    return NULL;
}

const struct rule rule_disk = {
    .name = "disk",
    .summary = "the store's disk has less than ALERT_DISK_GB (5) left",
    .clock = RULE_TICKS,
    .every_s = 60,
    .configure = configure_disk,
    .values = disk_values,
};

/* -- the collector ------------------------------------------------------------------------------
 */

static err *configure_collector(struct rule_use *u, const struct alert_settings *s, bool *on) {
    (void)s, (void)on;
    u->ladder = (struct ladder){.count = 2,
                                .steps = {{15, ALERT_WARNING, "Collector not running"},
                                          {120, ALERT_CRITICAL, "Collector not running"}},
                                .clear = 5,
                                .over = "Collector runs again",
                                .before = "",
                                .behind = " min since its last look",
                                .hold_s = START_S};
    return NULL;
}

/* The last look at any feed, however it went. The ledger is opened each time: the collector may be
 * about to make it. */
static err *collector_values(struct judging *j, struct reading **out, size_t *count) {
    struct ledger *ledger;
    int64_t last = 0;
    *count = 0;
    TRY(ledger_open_to_read(arena_printf(j->memory, "%s/state.db", j->store->path), &ledger));
    err *e = NULL;
    for (int i = 0; i < FEEDS && !e; i++) {
        struct ledger_feed feed = {0};
        e = ledger_feed(ledger, j->memory, feeds[i].name, &feed);
        last = feed.last_listed > last ? feed.last_listed : last;
    }
    ledger_close(ledger);
    TRY(e);
    if (!last)
        return NULL;
    *out = ARENA_ARRAY(j->memory, struct reading, 1);
    (*out)[(*count)++] = (struct reading){"collector", (double)(j->time - last) / 60, NULL};
    return NULL;
}

const struct rule rule_collector = {
    .name = "collector",
    .summary = "nobody has looked at AEMO's folders for a quarter of an hour",
    .clock = RULE_TICKS,
    .every_s = 60,
    .configure = configure_collector,
    .values = collector_values,
};

/* -- the backup ---------------------------------------------------------------------------------
 */

enum { BACKUP_HOURS = 36, BACKUP_CRITICAL = 5 /* times as old */ };

static err *configure_backup(struct rule_use *u, const struct alert_settings *s, bool *on) {
    double hours;
    TRY(setting_double(s, "ALERT_BACKUP_HOURS", BACKUP_HOURS, &hours));
    *on = hours > 0;
    u->ladder =
        (struct ladder){.count = 2,
                        .steps = {{hours, ALERT_WARNING, "Backup is old"},
                                  {BACKUP_CRITICAL * hours, ALERT_CRITICAL, "Backup is very old"}},
                        .clear = hours / 2,
                        .over = "Backup made",
                        .before = "",
                        .behind = " h since the last one",
                        .hold_s = START_S};
    return NULL;
}

/* Since the last one that was made, as its note tells; where nobody ever made one, nobody waits for
 * the next. One of the future was made by a clock that was wrong: it is as old as it is far off. */
static err *backup_values(struct judging *j, struct reading **out, size_t *count) {
    struct note n;
    *count = 0;
    err *e = note_read(j->store->path, "backup", &n);
    int64_t last = e ? 0 : note_number(&n, "last", 0);
    if (last) {
        const char *failed = note_text(&n, "error"), *to = note_text(&n, "to");
        *out = ARENA_ARRAY(j->memory, struct reading, 1);
        (*out)[(*count)++] =
            (struct reading){"backup", fabs((double)(j->time - last)) / 3600,
                             failed ? arena_printf(j->memory, "; the last try: %s", failed)
                                    : arena_printf(j->memory, ", in %s", to ? to : "?")};
    }
    note_free(&n);
    return e;
}

const struct rule rule_backup = {
    .name = "backup",
    .summary = "the last backup is older than ALERT_BACKUP_HOURS (36)",
    .clock = RULE_TICKS,
    .every_s = 300,
    .configure = configure_backup,
    .values = backup_values,
};

/* -- a backup that fails ------------------------------------------------------------------------
 */

static err *configure_backup_failed(struct rule_use *u, const struct alert_settings *s, bool *on) {
    (void)s, (void)on;
    u->ladder = (struct ladder){.count = 1,
                                .steps = {{1, ALERT_WARNING, "Backup failed"}},
                                .clear = 0,
                                .over = "Backup works again",
                                .before = "",
                                .behind = " times in a row",
                                .none = "made",
                                .one = "once"};
    return NULL;
}

static err *failed_values(struct judging *j, struct reading **out, size_t *count) {
    struct note n;
    *count = 0;
    err *e = note_read(j->store->path, "backup", &n);
    const char *error = note_text(&n, "error"), *to = note_text(&n, "to");
    if (!e && to) {
        *out = ARENA_ARRAY(j->memory, struct reading, 1);
        (*out)[(*count)++] = (struct reading){
            "backup", (double)note_number(&n, "failures", 0),
            arena_printf(j->memory, ", to %s%s%s", to, error ? ": " : "", error ? error : "")};
    }
    note_free(&n);
    return e;
}

const struct rule rule_backup_failed = {
    .name = "backup_failed",
    .summary = "the last try of a backup failed",
    .clock = RULE_TICKS,
    .every_s = 10,
    .configure = configure_backup_failed,
    .values = failed_values,
};
