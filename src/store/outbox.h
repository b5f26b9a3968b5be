/* The outbox: messages on their way, a row for each sink and target. Part of <data>/alerts.db.
 *
 *                    .---- retry ----.
 *                    v               |
 *   enqueue --> waiting ---------> try --> sent
 *                    |               `---> failed    (refused for good, or given up)
 *                    `--> summed     (several that were held back or piled up go as one)
 *
 * A target is known by a digest, so that no phone number or address stands in the file.
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "store/alerts.h"

/* The same message for the same sink and target is in it once. */
err *outbox_add(struct alerts *a, int64_t message, const char *sink, const char *target,
                int64_t now) ERR_NODISCARD;

struct parcel {
    int64_t id;
    struct alert_message message;
    int attempts;
    int64_t next_try;
    bool held; /* by quiet hours or the rate */
};
/* What waits for a target, oldest first. */
err *outbox_waiting(struct alerts *a, struct arena *memory, const char *sink, const char *target,
                    int limit, struct parcel **out, size_t *count) ERR_NODISCARD;
/* How many messages the target got since [since]. */
err *outbox_sent_since(struct alerts *a, const char *sink, const char *target, int64_t since,
                       int64_t *out) ERR_NODISCARD;

/* Outcomes of a try. The error is one that may be shown. */
err *outbox_sent(struct alerts *a, int64_t id, int64_t now) ERR_NODISCARD;
err *outbox_retry(struct alerts *a, int64_t id, int64_t next_try, const char *error) ERR_NODISCARD;
err *outbox_failed(struct alerts *a, int64_t id, const char *error) ERR_NODISCARD;
err *outbox_hold(struct alerts *a, int64_t id) ERR_NODISCARD;
/* Puts one message in the place of those that wait for a target, up to the parcel [last]: what was
 * decided since the summary was written still comes by itself. In one transaction. */
err *outbox_sum_up(struct alerts *a, const char *sink, const char *target, int64_t last,
                   const struct alert_message *summary, int64_t now) ERR_NODISCARD;
/* Ends what waits for targets of a sink that are not among [targets]. */
err *outbox_drop_others(struct alerts *a, const char *sink, const char *const *targets,
                        size_t count) ERR_NODISCARD;
/* Forgets what was sent or given up before [before], and the messages and decisions of then. */
err *outbox_forget(struct alerts *a, int64_t before) ERR_NODISCARD;

struct outbox_sink {
    const char *sink;
    int64_t waiting, sent, failed, last_sent;
    const char *last_error; /* of what waits or failed last, or NULL */
};
err *outbox_sinks(struct alerts *a, struct arena *memory, struct outbox_sink **out,
                  size_t *count) ERR_NODISCARD;

struct outbox_summary {
    int64_t message;
    const char *text; /* "mail sent, sms failed" */
};
/* What became of each message, by its number. */
err *outbox_summaries(struct alerts *a, struct arena *memory, struct outbox_summary **out,
                      size_t *count) ERR_NODISCARD;

struct outbox_delivery {
    const char *sink, *status, *error;
    int64_t attempts, sent;
};
err *outbox_deliveries(struct alerts *a, struct arena *memory, int64_t message,
                       struct outbox_delivery **out, size_t *count) ERR_NODISCARD;

#endif
