/* The collector: list, see what the ledger lacks, fetch, parse, commit, record.
 *
 *   listing --> ledger says: unknown, other size, or failed and due --> fetch a few files at once
 *       --> parse each by itself, so that a bad one is refused whole --> merge the good ones
 *       --> commit each dataset and day --> record all of them in the ledger
 *
 * A feed with much to catch up on makes way, after each group, for those before it in the table
 * that are due: the current price doesn't wait for last month's files.
 *
 * Files come newest first, in groups, so that the current price is there soon and a day is written
 * once for many files. What failed stays unknown or failed in the ledger, never "seen": it is tried
 * again, a bounded number of times when the file itself is bad.
 */
#ifndef COLLECT_COLLECTOR_H
#define COLLECT_COLLECTOR_H

#include <pthread.h>
#include <stdatomic.h>

#include "collect/backfill.h"
#include "collect/feeds.h"
#include "collect/schedule.h"
#include "collect/source.h"
#include "store/store.h"

/* A group ends at so many files, or bytes as listed; and how many files make one goes by what those
 * before it took in memory as rows. The first is small: nothing is known yet, and the newest file
 * is in it. */
enum {
    COLLECT_TRIES = 5,
    COLLECT_FIRST_GROUP = 4,
    COLLECT_GROUP = 64,
    COLLECT_GROUP_BYTES = 32 << 20,
    COLLECT_GROUP_MEMORY = 64 << 20,
};

/* Told how far a look has come: [done] of the [wanted] files of [feed] were fetched or given up. */
typedef void collect_progress(const struct feed *feed, size_t done, size_t wanted);

/* What the collector remembers of a feed from one look to the next. */
struct feed_state {
    struct schedule schedule;
    bool duplicates; /* its folder has a subfolder DUPLICATE */
    bool failing;    /* the last look failed, and that was said */
};

/* The thread that repairs, from one time to the next. */
struct repairer {
    const struct backfill *settings;
    pthread_t thread;
    bool begun; /* and still to be joined */
    atomic_bool running;
};

struct collector {
    struct store *store; /* NULL: a test, that fetches and parses, and writes nothing */
    struct source *source;
    const struct stop *stop;
    int period_s;                      /* look at every feed this often; 0: by the schedule */
    bool ignore_next_try;              /* a failed file is due at once */
    collect_progress *progress;        /* may be NULL */
    void (*committed)(void *listener); /* called when files have been stored; may be NULL */
    void *listener;
    aest_us until; /* a look ends with the group of then; 0: with the last */
    /* Brings what changes by the month, the registry of units above all: once the feeds are
     * through, and then daily. NULL: nobody does. */
    err *(*refresh)(struct store *store, struct source *source);
    /* How the last two days' gaps are repaired, hourly, in a thread of its own; NULL: they aren't.
     */
    const struct backfill *repair;
    struct repairer repairer;
    struct feed_state states[FEEDS];
};

/* What one look at a feed brought. */
struct collect_report {
    size_t listed, fetched, done;
    size_t refused;   /* files that are bad */
    size_t unfetched; /* files that the source didn't give */
    size_t unstored;  /* good files that the store couldn't take */
    size_t rows, added, replaced;
    bool absent;     /* the source doesn't offer the feed, which is no failure */
    bool unfinished; /* the collector's [until] came before the last group */
    struct ledger_content contents[DATASETS]; /* of all files together, where rows > 0 */
};

/* One look at one feed. An error is the feed's (its folder can't be listed, the source stops
 * answering) or this machine's; files that were refused are counted and logged. ERR_STOPPED when
 * told to stop; what was fetched until then is committed. */
err *collect_feed(struct collector *c, const struct feed *feed,
                  struct collect_report *report) ERR_NODISCARD;

/* One look at every feed. Failures are logged and counted in *failed. */
err *collect_once(struct collector *c, struct collect_report reports[FEEDS],
                  size_t *failed) ERR_NODISCARD;

/* Looks until told to stop. */
void collect_forever(struct collector *c);

#endif
