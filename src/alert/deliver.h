/* Delivery: from the outbox to a sink.
 *
 * Each sink has a thread and an outbox of its own, so that one that hangs holds up no other. To a
 * target messages go in order, one after the other:
 *
 *   - a try that fails is repeated after 5 s, 10 s, 20 s … 15 min (or what Retry-After says), for
 *     three days; what the other side refuses for good isn't
 *   - in quiet hours only what is critical goes; over the sink's hourly rate nothing does. What was
 *     held back so goes, once it may, as one message that lists it
 *   - so do more than PILE messages that piled up during an outage
 *
 * The promise: a message that was decided on is sent at least once, and twice only when nemd is
 * killed between the moment at which the other side has taken it and the note of that. Webhooks,
 * commands and mails carry a key that is the same both times; SMS, chats and ntfy have none.
 */
#ifndef ALERT_DELIVER_H
#define ALERT_DELIVER_H

#include "alert/sink.h"
#include "store/outbox.h"

enum { PILE = 4, GIVE_UP_S = 3 * 86400 };

/* Sends what is due at [now] (Unix seconds), and says when to look again at the latest. */
err *deliver_due(struct alerts *a, const struct sink *s, int64_t now, int64_t *next) ERR_NODISCARD;

/* Pauses after so many tries that failed. */
int64_t deliver_pause_s(int attempts, int asked_s);

#endif
