/* Keeping the records: what of all history was the most and the least (market/records.h), in
 * alerts.db (store/alert_records.h), current with the store.
 *
 *   days whose stamp is another than when they were counted
 *       forget what was recorded in them, offer their intervals again
 *       a record fell:  offer all days, as a lower one of another day may be the record now
 *   records, stamps: one transaction
 *
 * So a store's first look counts all of its history, a new interval its day, and history that is
 * backfilled or revised the days that it came to. Days that are no longer in the grid keep what was
 * recorded in them, and nothing is counted while the grid is known to lack days.
 *
 * Whoever has the store open may do so: the collector's process before it judges alerts, who serves
 * because nobody else may be there.
 */
#ifndef MARKET_RECORD_KEEP_H
#define MARKET_RECORD_KEEP_H

#include "base/stop.h"
#include "market/record_scan.h"
#include "store/alerts.h"

/* Some of what is to be done, newest days first; *whole tells whether nothing is left. */
err *record_keep(struct store *s, struct alerts *a, const struct stop *stop,
                 bool *whole) ERR_NODISCARD;

/* The records as they are. [outside], which may be NULL, gets those taken over from elsewhere; they
 * aren't in [own]. */
err *record_keep_load(struct alerts *a, struct arena *memory, struct market_records *own,
                      struct market_records *outside) ERR_NODISCARD;

/* The day from which on records have been counted; false when none has. */
err *record_keep_since(struct alerts *a, bool *any, aest_day *first) ERR_NODISCARD;

/* Takes over records from elsewhere, in place of those of the same [origin]. */
struct record_from_outside {
    enum record_measure measure;
    enum record_extreme extreme;
    int area, hour;
    double value;
    int64_t at; /* Unix seconds; 0: not known */
};
err *record_keep_take_over(struct alerts *a, const char *origin,
                           const struct record_from_outside *records, size_t count) ERR_NODISCARD;

#endif
