/* The ledger: which of the source's files are in the store.
 *
 *   files     one row a file: (feed, name, size), done or failed, why, how often it was tried, when
 *   contents  what a file held: dataset, first and last interval, rows. Answers "which files gave
 *             this interval its values"
 *   findings  what deserves a look though nothing failed: rows of equal version that disagree
 *   feeds     when each feed was last looked at, and what went wrong then
 *
 * It is written after the Parquet files that it speaks of, and is a cache of them: a file that is
 * committed but not in the ledger is read once more, and changes nothing. Losing the ledger costs
 * time. It lives in <data>/state.db, SQLite in WAL mode, safe for several processes; a ledger
 * object belongs to one thread.
 */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include "base/aest.h"
#include "base/stop.h"

struct ledger;

/* Opens or makes the ledger at [path]. One that is no database, or a damaged one, is put aside as
 * <path>.broken, with a line in the log: a new one costs time, no rows. [stop], which may be NULL,
 * ends waiting for other writers. */
err *ledger_open(const char *path, const struct stop *stop, struct ledger **out) ERR_NODISCARD;
/* Opens the ledger to read it only, from a folder that need not be writable; where there is none,
 * as an empty one. */
err *ledger_open_to_read(const char *path, struct ledger **out) ERR_NODISCARD;
/* Whether it stays as it was when it was opened: nobody had made it, or it can't be read beside its
 * writers. */
bool ledger_is_snapshot(const struct ledger *l);
void ledger_close(struct ledger *l);

/* Everything between these two becomes durable at once, or not at all. */
err *ledger_begin(struct ledger *l) ERR_NODISCARD;
err *ledger_commit(struct ledger *l) ERR_NODISCARD;
void ledger_rollback(struct ledger *l);
/* Up to ledger_rollback, questions are answered from one state and without a lock for each. */
err *ledger_begin_reading(struct ledger *l) ERR_NODISCARD;

enum ledger_status { LEDGER_UNKNOWN, LEDGER_DONE, LEDGER_FAILED };

struct ledger_file {
    enum ledger_status status;
    int64_t size;     /* as listed; -1 where the listing had none */
    int tries;        /* that found the file itself to be bad */
    int misses;       /* in a row, that didn't get it */
    int64_t next_try; /* Unix seconds, of a failed one */
};
err *ledger_find(struct ledger *l, const char *feed, str name,
                 struct ledger_file *out) ERR_NODISCARD;

/* What a file held of one dataset. */
struct ledger_content {
    const char *dataset;
    interval first, last;
    int64_t rows;
};
/* Records a file that was committed. [fetched] is in Unix seconds. */
err *ledger_done(struct ledger *l, const char *feed, str name, int64_t size, int64_t fetched,
                 const struct ledger_content *contents, size_t count) ERR_NODISCARD;
/* Records a failure. [spent] says that the file itself is bad, so that the try counts. */
err *ledger_failed(struct ledger *l, const char *feed, str name, int64_t size, const char *reason,
                   bool spent, int64_t next_try) ERR_NODISCARD;

/* When the first of a feed's failed files with under [tries] tries is due; INT64_MAX for none. */
err *ledger_next_try(struct ledger *l, const char *feed, int tries, int64_t *out) ERR_NODISCARD;

/* Records what deserves a look; the same finding once. */
err *ledger_finding(struct ledger *l, const char *kind, const char *subject,
                    const char *text) ERR_NODISCARD;
err *ledger_finding_count(struct ledger *l, int64_t *out) ERR_NODISCARD;
/* The feed was looked at; [error] is NULL when that went well. */
err *ledger_listed(struct ledger *l, const char *feed, const char *error) ERR_NODISCARD;

struct ledger_feed {
    int64_t done, failed;
    int64_t last_listed, last_fetch; /* Unix seconds, 0 for never */
    char *last_error;                /* of the last look, NULL when it went well */
};
err *ledger_feed(struct ledger *l, struct arena *a, const char *feed,
                 struct ledger_feed *out) ERR_NODISCARD;

struct ledger_failure {
    const char *feed, *name, *reason;
    int tries;
    int64_t at;
};
/* The newest failures that still stand, up to [limit]. */
err *ledger_failures(struct ledger *l, struct arena *a, int limit, struct ledger_failure **out,
                     size_t *count) ERR_NODISCARD;

/* What a file that is done held of a dataset. */
struct ledger_holding {
    const char *feed, *name;
    interval first, last;
};
/* The files that are done and held rows of [dataset] somewhere in [first] to [last], by time. */
err *ledger_holdings(struct ledger *l, struct arena *a, const char *dataset, interval first,
                     interval last, struct ledger_holding **out, size_t *count) ERR_NODISCARD;
/* Of the intervals from [first] on that files of a feed brought to [dataset], one to a file: how
 * many, and how many seconds after its begin the latest to come was there. */
err *ledger_arrivals(struct ledger *l, const char *feed, const char *dataset, interval first,
                     int *intervals, int64_t *slowest_s) ERR_NODISCARD;
/* Makes a file unknown, so that it is read again where it is still offered. */
err *ledger_forget(struct ledger *l, const char *feed, str name) ERR_NODISCARD;

#endif
