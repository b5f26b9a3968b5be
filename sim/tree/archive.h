/* Reports/ARCHIVE: zips of a day's, a week's or a month's files, for a little more than a year.
 *
 *      | files of a period … | … of the next one | 01:01: the period's archive is there
 *
 * An archive holds for each time the last file that was published, and nothing is wrong with it.
 * Its size is what the largest files would take, so that it is known before any of them is made.
 */
#ifndef SIM_ARCHIVE_H
#define SIM_ARCHIVE_H

#include "sim/tree/report.h"
#include "sim/tree/tree.h"

/* Calls [entry] for the archives of a report that are there at [now], oldest first. */
void sim_archive_list(const struct sim_tree *t, const struct sim_report *r, aest_us now,
                      void (*entry)(void *context, const struct sim_entry *e), void *context);
/* When the last of them was made; the tree's start when there is none. */
aest_us sim_archive_modified(const struct sim_tree *t, const struct sim_report *r, aest_us now);
/* Appends the archive of that name; false: it isn't there. */
bool sim_archive_read(const struct sim_tree *t, const struct sim_report *r, str name, aest_us now,
                      struct buf *out);

#endif
