/* From a request to what is sent back: the folders and files of a site, the clock, and what goes
 * wrong with requests on purpose.
 */
#ifndef SIM_ANSWER_H
#define SIM_ANSWER_H

#include <stdatomic.h>

#include "sim/program/clock.h"
#include "sim/program/request.h"
#include "sim/tree/faults.h"
#include "sim/tree/tree.h"

/* What is served, as it stands at [now]. Paths are decoded; any thread may ask. */
struct sim_site {
    const void *context;
    /* Appends the page of a folder, whose path ends with '/'. False: no such folder. */
    bool (*page)(const void *context, str path, aest_us now, struct buf *html);
    /* Appends a file's bytes, and says when it was published, or 0 where that isn't known. False:
     * no such file. One that takes long goes to [flow] as it is made, unless that is NULL. */
    bool (*file)(const void *context, str path, aest_us now, const struct sim_flow *flow,
                 struct buf *bytes, aest_us *modified);
};

enum { SIM_COUNTED_PATHS = 1 << 16 };

struct sim_web {
    struct sim_site site;
    struct sim_clock *clock;
    bool control; /* whether the clock can be read and set as /clock */
    struct sim_faults faults;
    /* How often each path was asked for, at its hash: paths that share a place count as one. */
    atomic_uint asked[SIM_COUNTED_PATHS];
};

enum sim_ending {
    SIM_ENDS_WHOLE,
    SIM_ENDS_RESET,   /* half of it, and the connection is reset */
    SIM_ENDS_STALLED, /* half of it, and nothing more */
};

struct sim_answer {
    int status;
    const char *type;   /* Content-Type */
    struct buf headers; /* further ones, whole lines */
    struct buf body;
    enum sim_ending ending;
    /* Set by who sends it; once it has taken anything, status and type are as they stay, and the
     * body is what is left to send. NULL: the whole body comes at the end. */
    const struct sim_flow *flow;
};

/* Answers a request. [out] is zeroed, but for its flow; sim_answer_free gives back what it then
 * holds. */
void sim_answer(struct sim_web *web, const struct sim_request *request, struct sim_answer *out);
/* The page that says [status], in the words of IIS. */
void sim_answer_status(int status, struct sim_answer *out);
void sim_answer_free(struct sim_answer *a);

/* "Not Found" */
const char *sim_status_reason(int status);
/* "Wed, 20 Aug 2025 08:05:13 GMT" */
void sim_http_date(aest_us t, struct buf *out);

#endif
