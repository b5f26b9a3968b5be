/* Reports/CURRENT: the files of the last days, and DUPLICATE/ within a report's folder with files
 * that were published once more.
 */
#ifndef SIM_CURRENT_H
#define SIM_CURRENT_H

#include "sim/tree/publication.h"
#include "sim/tree/tree.h"

typedef void sim_publication_visit(void *context, const struct sim_publication *p);
/* Calls [visit] for the files of one report that came in (from, to]. */
void sim_report_published(const struct sim_tree *t, const struct sim_report *r, aest_us from,
                          aest_us to, sim_publication_visit *visit, void *context);

/* [folder] is the reports' own, as in struct sim_report, or SIM_NOTICES. */
#define SIM_NOTICES "Market_Notice"
void sim_current_list(const struct sim_tree *t, const char *folder, bool duplicate, aest_us now,
                      void (*entry)(void *context, const struct sim_entry *e), void *context);
bool sim_current_read(const struct sim_tree *t, const char *folder, bool duplicate, str name,
                      aest_us now, struct buf *out);
/* When its newest file came; the tree's start when there is none of late. */
aest_us sim_current_modified(const struct sim_tree *t, const char *folder, bool duplicate,
                             aest_us now);

#endif
