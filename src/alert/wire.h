/* One exchange over the network: a POST, or a mail. What goes wrong is told without the URL, which
 * may hold a token. */
#ifndef ALERT_WIRE_H
#define ALERT_WIRE_H

#include "alert/sink.h"

enum { WIRE_TIMEOUT_S = 30, WIRE_CONNECT_S = 10, WIRE_ANSWER_BYTES = 64 << 10, WIRE_HEADERS = 8 };

struct wire_request {
    const char *url;
    const char *user, *password;       /* may be NULL */
    const char *headers[WIRE_HEADERS]; /* of a POST; the first NULL ends them */
    str body;
    /* Of a mail. */
    const char *from;
    const char **recipients;
    size_t recipient_count;
    bool encrypted; /* smtp:// turns to TLS before anything is said, or fails */
};

struct wire_answer {
    long status; /* of HTTP, or SMTP's last reply; 0: none */
    struct buf body;
};

/* SINK_SENT: there was an answer, whatever it says. Otherwise [problem] tells what happened. */
enum sink_outcome wire_exchange(const struct alert_settings *s, const struct wire_request *r,
                                struct wire_answer *answer, struct sink_problem *problem);
/* The same, where an answer of 2xx is all that is wanted: 408, 425, 429, 5xx, and what may be put
 * right by whoever runs the other side (401, 403, 404), are worth another try. */
enum sink_outcome wire_post(const struct alert_settings *s, const struct wire_request *r,
                            struct wire_answer *answer, struct sink_problem *problem);

#endif
