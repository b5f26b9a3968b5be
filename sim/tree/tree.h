/* The simulated server's tree of folders and files, as it stands at a moment: Reports/CURRENT with
 * its retention, Reports/ARCHIVE, and the monthly archive under Data_Archive. Nothing is stored: a
 * listing is computed from the moment, and a file is made when it is read.
 */
#ifndef SIM_TREE_H
#define SIM_TREE_H

#include "sim/model/market.h"
#include "sim/tree/faults.h"

struct sim_tree {
    struct sim_market *market;
    aest_us start;            /* nothing before it was ever published */
    struct sim_faults faults; /* those of files */
};

enum { SIM_ENTRY_NAME = 160 };

struct sim_entry {
    char name[SIM_ENTRY_NAME];
    bool folder;
    uint64_t size; /* of a file, bytes as they are served; in the monthly archive an estimate */
    aest_us modified;
};

/* Calls [entry] for what a folder holds at [now], in the server's order (by name). Paths are as in
 * a URL after decoding, "/Reports/CURRENT/Dispatch_SCADA/", in either case. False: no such folder.
 */
bool sim_tree_list(const struct sim_tree *t, str path, aest_us now,
                   void (*entry)(void *context, const struct sim_entry *e), void *context);

/* Appends a file's bytes to [out]. False: it isn't there (not yet, no longer, never). */
bool sim_tree_read(const struct sim_tree *t, str path, aest_us now, struct buf *out);

/* Who reads a file while it is made: [take] gets what there is of it, and empties the buffer. */
struct sim_flow {
    void (*take)(void *context, struct buf *bytes);
    void *context;
};
/* The same; of a file that takes long [flow] gets all but the rest, which is left in [out]. */
bool sim_tree_flow(const struct sim_tree *t, str path, aest_us now, const struct sim_flow *flow,
                   struct buf *out);

/* The folder's page as IIS writes it. Until April 2026 dates are "Tuesday, August 31, 2021 12:50
 * PM", since then "5/14/2026  9:50 AM". False: no such folder. */
bool sim_listing(const struct sim_tree *t, str path, aest_us now, struct buf *html);

#endif
