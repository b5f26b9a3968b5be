/* Gaps: intervals that should have a row and have none.
 *
 * Expected is, on the dataset's grid, between the first and the last interval that the store has of
 * it (or in a range that is asked for):
 *
 *   - a row in each interval, of a forecast in each run
 *   - in an interval that has rows: one for each of the five regions; for each unit or link that is
 *     there both before and after, on the same day or the next one on which there are any rows
 *
 * Half hours that are made from five minutes have no gaps of their own, and neither has a month in
 * which AEMO published nothing of a dataset. Intervals without a row that follow one another are
 * one gap, as long as its cause is the same.
 */
#ifndef COLLECT_GAPS_H
#define COLLECT_GAPS_H

#include "collect/history.h"
#include "store/store.h"

enum gap_cause {
    GAP_NOT_FETCHED, /* some source should have it */
    GAP_FAILED,      /* a file that should hold it was refused or couldn't be had */
    GAP_SOURCE_GONE, /* older than what any source offers */
    GAP_NOT_YET,     /* next-day data, or this month's of the monthly archive */
};
extern const char *const gap_cause_text[];

struct gap {
    enum dataset_id dataset;
    str key;              /* empty: no key has a row */
    interval first, last; /* both without a row */
    int count;            /* of the intervals */
    enum gap_cause cause;
    const char *file; /* of GAP_FAILED: its name */
};

struct gap_search {
    dataset_set wanted;
    interval first, last; /* 0: as far as the store has rows */
    bool only_stored;     /* as far as the store has rows, whatever [first] and [last] are */
    aest_us now;
};

/* The gaps of the datasets that are wanted, by dataset, key and time; memory from [a]. A dataset of
 * which the store has no row is expected only where it is [wanted] by name and in a range. */
err *gaps_find(struct store *s, struct arena *a, const struct gap_search *search, struct gap **out,
               size_t *count) ERR_NODISCARD;

/* "scada5 BW01, 2025-07-20 10:05 to 10:30 (6 intervals)" */
const char *gap_text(struct arena *a, const struct gap *g);

#endif
