/* The feeds: which of NEMWEB's folders are read, and how often they fill.
 *
 * A feed is a folder under Reports/CURRENT. One entry here and, for a table that isn't known yet,
 * one in routes.c make a new one.
 */
#ifndef COLLECT_FEEDS_H
#define COLLECT_FEEDS_H

#include <stdint.h>

#include "base/str.h"

struct feed {
    const char *name;    /* in the ledger, in status and in messages */
    const char *folder;  /* under Reports/CURRENT */
    const char *prefix;  /* of the files that are wanted */
    int cadence_minutes; /* from one file to the next; its multiples since midnight are boundaries
                          */
    int after_s;         /* the first moment after a boundary at which a file can be there */
    int lead_minutes;    /* the name of a file of the boundary T says T + lead */
    bool irregular;      /* files come when something happened: looked at once a cadence */
    bool notices;        /* its files are market notices, in words, and no zips */
    bool optional;       /* a source without the folder is no broken one */
    uint64_t largest;    /* bytes that a file may have, packed or not */
};

enum { FEEDS = 15 };
extern const struct feed feeds[FEEDS];

/* True for a .zip or .csv with the feed's prefix, in any case; for a notice, ".R" and its number.
 */
bool feed_wants(const struct feed *f, str name);

/* The interval that a file's name gives (PUBLIC_DISPATCHIS_202508201810_….zip), as AEST; false
 * where it gives none. Files are taken newest first by it; what they hold is what counts. */
bool feed_name_time(const struct feed *f, str name, int64_t *aest);

#endif
