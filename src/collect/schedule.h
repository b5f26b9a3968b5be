/* When to look into a feed's folder again.
 *
 * AEMO publishes a dispatch file some 12 to 20 seconds after the start of the interval that it
 * names, now and then a minute late. So a feed is left alone until shortly after each boundary,
 * then looked at every few seconds until the new file is there, less and less often when it stays
 * away.
 *
 *      boundary  +8 s         file comes                         boundary + 5 min
 *         |-------|..|..|..|..|x---------------- quiet ----------------|-------|..|
 *
 * That is about three looks an interval, twenty in the worst minute, and one a minute when a feed
 * has been silent for a quarter of an hour. How long after the boundary files come is the feed's to
 * say: a daily report is left alone until hours after midnight.
 */
#ifndef COLLECT_SCHEDULE_H
#define COLLECT_SCHEDULE_H

#include "base/aest.h"
#include "collect/feeds.h"

struct schedule {
    aest_us asked;  /* when the folder was last looked at; 0: never */
    aest_us newest; /* the newest file that is in the store, by its name; 0: none */
    int failures;   /* in a row */
    bool absent;    /* the source doesn't offer the feed */
};

/* The moment of the next look, which can be in the past: at once. */
aest_us schedule_next(const struct schedule *s, const struct feed *feed, aest_us now);

#endif
