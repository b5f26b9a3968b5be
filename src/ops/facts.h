/* Facts: how a store and those who work on it are, each found in one place.
 *
 *   the store     datasets, feeds, files that failed, gaps, units that nobody registered, the grid
 *   the machine   processes, disk, errors of late, the service, the backup
 *
 * `status` prints those of the store, `monitor` draws both, and `doctor` (doctor.h) judges them.
 * Times are Unix seconds unless they are intervals.
 */
#ifndef OPS_FACTS_H
#define OPS_FACTS_H

#include "base/process.h"
#include "collect/feeds.h"
#include "collect/gaps.h"
#include "ops/supervise.h"
#include "store/running.h"
#include "store/store.h"

/* -- the store ----------------------------------------------------------------------------------
 */

enum { FACTS_FAILURES = 100, FACTS_GAP_DAYS = 7, FACTS_UNKNOWN = 8 };

struct dataset_fact {
    int64_t rows;
    bool has_bounds, stale;
    interval first, latest;
    int64_t age_s;
    uint64_t bytes;
    const char *damage; /* why it can't be read, or NULL */
};

struct store_facts {
    struct dataset_fact datasets[DATASETS];
    struct ledger_feed feeds[FEEDS];
    struct ledger_failure *failures;
    size_t failure_count;
    int64_t findings;
    struct gap *gaps; /* of the last FACTS_GAP_DAYS of the store; without those not to be had yet */
    size_t gap_count;
    int64_t grid_missing;               /* days that the grid lacks */
    const char *unknown[FACTS_UNKNOWN]; /* units that nobody has registered; the first of them */
    size_t unknown_count;
};

/* All of it; memory from [a]. ERR_INPUT when a dataset is damaged: what depends on its rows is then
 * not there, and the rest is. */
err *store_facts_read(struct store *s, struct arena *a, struct store_facts *out) ERR_NODISCARD;
/* Only what can be had many times a minute: no rows, gaps and units. */
err *store_facts_glance(struct store *s, struct arena *a, struct store_facts *out) ERR_NODISCARD;

/* A dataset that never had a row is no news; a store without any is. */
bool store_facts_stale(const struct store_facts *f);
/* Gaps from [first] on. */
err *facts_gaps_since(struct store *s, struct arena *a, interval first, struct gap **out,
                      size_t *count) ERR_NODISCARD;
/* The newest look at any feed; 0: never. */
int64_t facts_last_look(const struct store_facts *f);

/* -- the machine --------------------------------------------------------------------------------
 */

struct process_fact {
    struct running running;
    struct process_usage usage;
    int64_t uptime_s;
    double cpu; /* share of one core, over its life */
};
err *facts_processes(struct arena *a, const char *data, struct process_fact **out,
                     size_t *count) ERR_NODISCARD;

/* Growth is by the days that the store holds: what the files of the last GROWTH_DAYS take a day,
 * and what the grid and the databases take beside them in the same proportion as in the whole
 * store. So it is known at once, and a month of history that was brought doesn't count as growth.
 */
enum { GROWTH_DAYS = 14 };
struct disk_fact {
    uint64_t used, free, size; /* [used] by the store */
    double growth;             /* bytes a day; 0: not known */
    double days_left;          /* INFINITY where nothing grows */
};
err *facts_disk(struct store *s, struct disk_fact *out) ERR_NODISCARD;

/* Warnings and errors that services of this store have logged (base/log.h), newest first. */
struct error_fact {
    int64_t at;
    bool is_error; /* else a warning */
    const char *text;
};
enum { FACTS_ERRORS = 20 };
struct errors_fact {
    struct error_fact rows[FACTS_ERRORS];
    size_t count;
    int64_t errors, warnings; /* of the last day */
};
/* The file that they are kept in. */
const char *facts_errors_path(struct arena *a, const char *data);
err *facts_errors(struct arena *a, const char *data, int64_t now,
                  struct errors_fact *out) ERR_NODISCARD;

struct service_fact {
    const char *path; /* of the unit or agent, or NULL: not installed */
    bool system;
    bool asked;           /* whether systemd or launchd could be asked */
    bool at_boot, active; /* what it said */
};
void facts_service(struct arena *a, const char *home, struct service_fact *out);

struct backup_fact {
    int64_t last;            /* the newest generation that is whole; 0: none */
    int64_t failed;          /* the last attempt, where it failed; else 0 */
    const char *to;          /* where; NULL: nobody ever made one */
    const char *error;       /* of [failed] */
    const char *unreachable; /* why [to] can't be looked at, or NULL */
};
/* [to] is where it should go by the settings, or NULL. A target on another machine isn't asked:
 * what is known of it is what was noted here. */
err *facts_backup(struct arena *a, const char *data, const char *to,
                  struct backup_fact *out) ERR_NODISCARD;

/* -- in words -----------------------------------------------------------------------------------
 */

/* "12 min", "3 h", "2 days" and "1.2 GB". */
enum { FACT_TEXT = 32 };
const char *age_text(int64_t seconds, char out[FACT_TEXT]);
const char *size_text(double bytes, char out[FACT_TEXT]);

#endif
