/* The store: a folder of Parquet files, a day each while a month is open, then one for the month.
 *
 *   <data>/STORE                             format and kind (real or simulated)
 *   <data>/scada5/2025/2025-06.parquet       a closed month of one dataset
 *   <data>/scada5/2025/2025-07-20.parquet    a day of an open month
 *   <data>/state.db                          the ledger
 *   <data>/lock, lock.turn                   held by whoever writes, and by the next one
 *   <data>/lock.read                         shared by who reads many files, see below
 *
 * A commit of one (dataset, day), under the lock:
 *
 *   1  load the day's file, unless it is the one in memory (inode, size, time of change)
 *   2  merge the new rows into it; nothing changed: go on with 5
 *   3  write .<name>.tmp beside it, fsync
 *   4  rename over the day's file, fsync the folder
 *   5  write the day's tile of the grid, and what else follows (follow.h), changed or not
 *   6  make the day's half hours from it, and commit them the same way where they differ
 *
 * so a reader opens either the old file or the new one, and a crash at any point leaves one of
 * them, at worst with a .tmp that the next writer removes. Files are committed one by one: a source
 * file that fills several datasets is atomic in each, and its entry in the ledger comes last, so
 * that a crash in between has it read again, which brings what is missing and changes nothing else.
 *
 * A month's file hides its days' files: where it is, it alone counts, for readers and as what rows
 * are merged into. Making one (closing a month, or writing a month of history at once) merges all
 * that there is into its .tmp, renames that, and unlinks the days. The last two steps need
 * lock.read to themselves, so that who reads a list of files under it finds each of them; a crash
 * between them leaves hidden days, which the next writer removes.
 *
 * A store object belongs to one thread; several, in one or more processes, may be open on a folder.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/file.h"
#include "base/stop.h"
#include "store/duck.h"
#include "store/frame.h"
#include "store/ledger.h"

struct grid;

/* Frames kept in memory: today's of every dataset, and yesterday's of some. */
enum { STORE_FRAMES = 32 };

/* A file that is there and not hidden. */
struct store_file {
    aest_day first;
    int days; /* 1, or those of a month */
    struct file_stamp stamp;
};

/* What is known of one dataset's folder, as of [listed]. */
struct store_index {
    uint64_t listed;          /* of the folders' stamps, when [files] were read */
    uint64_t seen;            /* of the files that the bounds are from */
    struct store_file *files; /* by date */
    size_t count;
    uint64_t bytes;
    bool has_bounds;
    interval first, last; /* of the rows, where has_bounds; of a forecast by run_time */
    char *damage;         /* why the bounds can't be read, or NULL */
};

struct store_frame {
    struct frame frame;
    struct file_stamp stamp;
    bool durable;  /* the file's name too, as far as this store object knows */
    uint64_t used; /* when, for eviction; 0: free */
};

enum store_mode {
    STORE_READ,  /* a store that is there */
    STORE_WRITE, /* makes it where there is none, and removes what a killed writer left behind */
};

struct store {
    char *path;
    const struct stop *stop; /* ends waiting for other writers; may be NULL */
    enum store_mode mode;
    bool simulated;
    struct file_stamp marker; /* of the STORE file that says so */
    struct duck duck;
    struct ledger *ledger;
    struct store_index indexes[DATASETS];
    struct store_frame frames[STORE_FRAMES];
    uint64_t clock;
    struct grid *grid; /* opened when it is first asked for */
    void *followed;    /* see follow.h */
};

/* Opens the store in the folder [path]. [stop] may be NULL. ERR_USAGE when there is no store and
 * none is to be made, or when the folder holds something else. */
err *store_open(const char *path, enum store_mode mode, const struct stop *stop,
                struct store **out) ERR_NODISCARD;
void store_close(struct store *s);

/* Says that what is to be stored is simulated, or real. A store without rows becomes of that kind;
 * one of the other kind is an ERR_USAGE: simulated rows never come to stand among real ones. */
err *store_require_kind(struct store *s, bool simulated) ERR_NODISCARD;
/* That error, for a store that turns out to be of the other kind. */
err *store_wrong_kind(const struct store *s, bool simulated) ERR_NODISCARD;
/* What the store holds, as another process may have settled it meanwhile. */
bool store_is_simulated(struct store *s);

/* The ledger, opened when it is first asked for; a store opened to read only reads it. Until it is
 * asked for again: one that doesn't see what is written later is then opened anew. */
err *store_ledger(struct store *s, struct ledger **out) ERR_NODISCARD;

/* Takes the lock of who writes; lock_release gives it back. An error when the store has become one
 * of the other kind. */
err *store_lock(struct store *s, int *lock) ERR_NODISCARD;

/* Merges the rows of [from] into its dataset and day, and makes the day's half hours. [change] is
 * added to. */
err *store_commit(struct store *s, const struct frame *from,
                  struct frame_change *change) ERR_NODISCARD;

/* The same for all days of a month at once ([month] begins on the first of one and has all of its
 * days), which ends as a month's file. [month] gets the rows that the store has beside its own. */
err *store_commit_month(struct store *s, struct frames *month) ERR_NODISCARD;

/* Makes one file of a month's days, where there are any. ERR_BUSY while others read: later then. */
err *store_close_month(struct store *s, enum dataset_id dataset, aest_day first) ERR_NODISCARD;
/* Closes every month that ended [STORE_OPEN_DAYS] before [today] or earlier and still has days. */
enum { STORE_OPEN_DAYS = 3 };
err *store_close_months(struct store *s, aest_day today) ERR_NODISCARD;

/* Removes days that a month's file hides; under the lock. */
err *store_sweep_hidden(struct store *s) ERR_NODISCARD;

/* Makes the half hours of a day again, as they are now. */
err *store_derive(struct store *s, enum dataset_id dataset, aest_day day) ERR_NODISCARD;

/* For who reads several files by their names: from here to store_read_end each name that an index
 * or a view gives can be opened, and none doubles another. */
err *store_read_begin(struct store *s, int *lock) ERR_NODISCARD;
void store_read_end(int lock);

/* The frame of a day, or NULL where the store has none. Valid until the next call for this store.
 */
err *store_frame(struct store *s, enum dataset_id dataset, aest_day day,
                 const struct frame **out) ERR_NODISCARD;

/* Days, bytes, first and last interval of a dataset, as they are now. Valid until the next call for
 * the same dataset. A file that can't be read is no error here: it shows as [damage]. */
err *store_index(struct store *s, enum dataset_id dataset,
                 const struct store_index **out) ERR_NODISCARD;

/* Whether the newest row is older than the dataset's rows should be; an empty dataset is stale. */
static inline bool store_index_is_stale(const struct store_index *x, const struct dataset *d,
                                        aest_us now) {
    return !x->has_bounds || now - interval_to_aest(x->last) > d->stale_minutes * AEST_MINUTE;
}

/* The store's grid, as it is now: what reads data reads it there (grid.h). */
struct grid *store_grid(struct store *s);

/* Whether the grid has every file of the dataset that has days in (from, to], as the file is now.
 * After store_index; a dataset that isn't in the grid lacks nothing there. */
bool store_grid_has(struct store *s, enum dataset_id dataset, interval from, interval to);

/* Which files a dataset has now: an index without its bounds, for which no file is opened. */
err *store_files(struct store *s, enum dataset_id dataset,
                 const struct store_index **out) ERR_NODISCARD;

/* A number that is another one after any commit by anybody. */
err *store_version(struct store *s, uint64_t *out) ERR_NODISCARD;

/* <data>/<dataset>/<year>/<date>.parquet, and <month>.parquet. */
const char *store_day_path(const struct store *s, struct arena *a, enum dataset_id dataset,
                           aest_day day);
const char *store_month_path(const struct store *s, struct arena *a, enum dataset_id dataset,
                             aest_day day);
const char *store_file_path(const struct store *s, struct arena *a, enum dataset_id dataset,
                            const struct store_file *f);
/* The first day of a day's month, and how many days the month has. */
aest_day month_first(aest_day day);
int month_days(aest_day first);

/* Holds every file open, as far as there are descriptors, and makes a view of each dataset and of
 * each table of records, by its name, in [d]: what `nemd query` sees. Between store_read_begin and
 * store_read_end, as long as the views are used. */
err *store_make_views(struct store *s, struct duck *d) ERR_NODISCARD;

#endif
