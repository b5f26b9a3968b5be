/* Notices that the store has changed, whoever changed it, and says so as events.
 *
 * Once a second it asks the store for its version, which is a look at some folders; a collector in
 * the same process may have it look at once. It also says when a dataset gets stale, or is again
 * as fresh as it should be, and what alerts decide (store/alerts.h), whichever process has them. A
 * thread of its own: reading the bounds of a new day would hold up
 * requests.
 */
#ifndef API_WATCH_H
#define API_WATCH_H

#include <pthread.h>

#include "api/events.h"
#include "store/store.h"

struct watch {
    struct events *events;
    struct store *store;
    pthread_t thread;
    int pipe[2]; /* a byte: look now; closed: end */
    struct {
        uint64_t seen; /* the index's, 0 before the first look */
        bool stale, known;
    } datasets[DATASETS];
    uint64_t version;
    bool failing;
    struct file_stamp alerts[2]; /* of the alerts' file and its log, at the last look */
    int64_t decision;            /* the last one that was told; -1 before the first look */
};

err *watch_open(struct watch *w, const char *store, struct events *events) ERR_NODISCARD;
/* From any thread: something was committed. */
void watch_look(struct watch *w);
void watch_close(struct watch *w);

#endif
