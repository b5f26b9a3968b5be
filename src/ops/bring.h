/* Bringing a file of others into the store: once, whole, and so that it can be proved.
 *
 *   file ──read──▶ frames of some months ──commit──▶ store ──read back──▶ compare row by row
 *
 * As many months at a time as a bounded amount of memory holds; the file may be in any order, and
 * is read once for each such stretch. What the store has already, as it would be after the commit,
 * isn't written again, so that a run that was cut off goes on where it was, and a second one writes
 * nothing. The file is only ever read.
 *
 * Each row that the file has no fault in is then looked up in the store, and is
 *
 *   the same     all of its values are there
 *   replaced     the store has a row of a later version: AEMO's own, or the mean of six five-minute
 *                rows for a half hour
 *   missing, or another value of the same version: an error, which nothing explains
 *
 * and the rows that are the same are summed up on both sides, to a checksum of times, keys and
 * values.
 */
#ifndef OPS_BRING_H
#define OPS_BRING_H

#include "ops/table_file.h"
#include "store/store.h"

struct brought {
    int64_t rows;     /* that were read */
    int64_t accepted; /* rows of different time and key that have no fault */
    struct row_faults faults;
    int64_t same, replaced, missing, other;
    int64_t added;                /* rows that the store hadn't (or, in a dry run, hasn't) */
    uint64_t sum_file, sum_store; /* over those that are the same */
    int64_t midnights;            /* days of a key without their 00:00, in the middle of others */
    char first_midnight[64], first_missing[96];
};

struct bring {
    struct store *store; /* NULL: there is none, and nothing is written */
    struct duck *duck;   /* reads the file */
    bool dry;
    size_t memory; /* for frames; 0: 160 MB */
    const struct thresholds *limits;
    const struct stop *stop;
    void (*progress)(void *context, const struct table_file *t, int64_t rows);
    void *context;
};

err *bring_file(const struct bring *b, const struct table_file *t,
                struct brought *out) ERR_NODISCARD;

#endif
