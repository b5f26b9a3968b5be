/* Market notices: what the operator tells the market in words. They come as files of text, and as
 * rows of MARKETNOTICEDATA.
 *
 * The notices of a day are a function of the seed and the day: told by stories (notice_story.h)
 * that begin on it or on one of the days before.
 */
#ifndef SIM_NOTICE_H
#define SIM_NOTICE_H

#include "sim/model/market.h"

struct sim_notice {
    uint64_t id; /* grows with the days, but not in the order of time */
    const char *type, *description;
    aest_us created;       /* whole seconds */
    const char *reference; /* a story's notices mostly share it */
    const char *reason;    /* the text, with CRLF */
};

/* The notices created in (from, to], by time, in memory of [a]. */
void sim_notices(struct sim_market *m, aest_us from, aest_us to, struct arena *a,
                 const struct sim_notice **out, int *count);

/* "NEMITWEB1_MKTNOTICE_20260803.R144731" */
enum { SIM_NOTICE_NAME = 64 };
const char *sim_notice_name(const struct sim_notice *n, char out[SIM_NOTICE_NAME]);
/* Appends the file. */
void sim_notice_print(const struct sim_notice *n, struct buf *out);

#endif
