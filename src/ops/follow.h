/* Following: running beside the earlier system, and finding out when it can be stopped.
 *
 *   earlier system:  AEMO --> seven Parquet files, written anew every 4.5 minutes
 *   nemd:            AEMO --> store                  `--> read under <file>.lock, and compared
 *
 * Each interval that both have, nemd from AEMO itself, is compared row by row and value by value:
 *
 *   the same
 *   by rule     another value, and it is known why: a price that AEMO has revised since; a half
 *               hour whose five minutes agree (nemd's is the mean of six)
 *   different   another value, and nobody knows why
 *   missing     a row that only the earlier system has
 *   more        a row that only nemd has, which is no reason against it
 *
 * It is safe to stop the earlier system when a day of every table has been compared, up to the last
 * two hours, nothing is different or missing, and there is no gap since the earlier rows were taken
 * over. Gaps there are repaired from the source, as soon as the collector has caught up. Its
 * files, and their locks, are never written.
 */
#ifndef OPS_FOLLOW_H
#define OPS_FOLLOW_H

#include "collect/backfill.h"
#include "ops/migrate.h"

enum { FOLLOW_DAYS = 7, FOLLOW_LOCK_MS = 30000 }; /* what is compared; patience for a lock */

struct followed_table {
    const struct dataset *dataset;
    const char *path;        /* NULL: not found */
    const char *trouble;     /* why it couldn't be compared, or NULL */
    int64_t intervals, rows; /* that both have */
    int64_t by_rule, different, missing, more;
    interval first, last; /* compared, where intervals > 0 */
    const char *example;  /* of what is different or missing, or NULL */
};

struct followed {
    const char *from; /* NULL: nobody follows */
    int64_t at;       /* of the comparison, Unix seconds */
    struct followed_table tables[MIGRATED_TABLES];
    bool safe;
    const char *why; /* what speaks against it, or NULL */
};

struct follow {
    const char *data, *from;
    const struct backfill *repair; /* how gaps are repaired; NULL: they aren't */
    const struct stop *stop;
    int pause_s; /* at least so long between two comparisons */
};

/* Compares, and leaves the note "follow". ERR_USAGE when none of the files is there. Memory from
 * [a]. */
err *follow_compare(const struct follow *f, struct arena *a, struct followed *out) ERR_NODISCARD;
/* What was compared last; [from] is NULL where nothing was. */
err *follow_last(struct arena *a, const char *data, struct followed *out) ERR_NODISCARD;

/* Follows until the stop of [f] is requested, in a thread of its own; [f] has to live as long. */
struct follower;
err *follow_start(const struct follow *f, struct follower **out) ERR_NODISCARD;
void follow_join(struct follower *f); /* NULL is none */

#endif
