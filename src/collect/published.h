/* What was published when: for each dataset, where its rows can be had, and from which month on.
 *
 *      CURRENT    some days back          |                      |=======| now
 *      ARCHIVE    13 months back          |     |=====================|
 *      MMSDM      from then on for good   |==================|     until some days after the month
 *
 * A month before a dataset's first one, or after its last, has none of it: nothing is missing
 * there. It is what is known of NEMWEB, from its listings of 2015 to 2026; what a source really has
 * shows when it is asked.
 */
#ifndef COLLECT_PUBLISHED_H
#define COLLECT_PUBLISHED_H

#include "collect/history.h"

enum place { IN_CURRENT, IN_ARCHIVE, IN_MMSDM };

struct published {
    enum place place;
    const char
        *name; /* of the feed (feeds.h), of its archive or of the monthly table (history.h) */
    dataset_set fills;
    int first, last; /* yyyymm, both included; a last of 0: it goes on */
    int after_hours; /* from an interval, or the end of its month in MMSDM, until it is there */
    int keep_days;   /* 0: for good */
};
extern const struct published publications[];
extern const int publication_count;

enum availability {
    NEVER_PUBLISHED,
    NOT_YET_PUBLISHED,
    OFFERED,     /* some place has it now */
    GONE_BY_NOW, /* no place has it any more */
};

/* How an interval of a dataset stands at [now]. */
enum availability published_at(enum dataset_id dataset, interval at, aest_us now);

#endif
