/* What goes wrong at the source, on purpose: each fault has a rate, and falls on the same files and
 * requests for the same seed.
 */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "base/err.h"
#include "base/str.h"

enum sim_fault {
    /* of a request: the next try may succeed */
    SIM_FORBIDDEN,  /* 403 with an HTML body */
    SIM_THROTTLED,  /* 429 with Retry-After */
    SIM_BROKEN,     /* 500 */
    SIM_RESET,      /* the connection is reset midway */
    SIM_STALL,      /* nothing more comes, for a minute */
    SIM_TRUNCATED,  /* the zip ends early, with a Content-Length to match */
    SIM_FLIPPED,    /* a byte of the zip is another */
    SIM_STALE_LIST, /* the listing lacks the newest file */
    /* of a file: it is so for everybody, each time */
    SIM_FOOTER,     /* the line count of the footer is wrong at first; a correct file of another
                       size takes its place within 20 minutes */
    SIM_LATE,       /* published some minutes to an hour late */
    SIM_TWICE,      /* published again under another id, in DUPLICATE/ and in the folder */
    SIM_REVISED,    /* published again later under another id, with a later LASTCHANGED */
    SIM_NEVER,      /* never published, though the month's file of MMSDM has it */
    SIM_EMPTY,      /* a table has its header and no rows; a complete file follows */
    SIM_NEW_COLUMN, /* a column that nobody knows stands in the middle */
    SIM_VERSION,    /* a table of a version that nobody knows follows, beside the known one */
    SIM_NEW_DUID,   /* for some hours of a day a unit reports that no registration knows */
    SIM_MIDNIGHT,   /* the file of 00:00 is not published, though MMSDM has it */
    SIM_FAULTS,
};
extern const char *const sim_fault_name[SIM_FAULTS];

struct sim_faults {
    uint64_t seed;
    double rate[SIM_FAULTS]; /* 0 to 1; of files or requests, of days for SIM_NEW_DUID */
};

/* Whether [fault] falls on [what] (a file's name), the [n]th time it is asked for; [n] is 0 for
 * faults of a file. */
bool sim_fault_hits(const struct sim_faults *f, enum sim_fault fault, str what, uint64_t n);
/* Reads "all=0.02,stall=0,never=0.01"; ERR_USAGE names the word that is wrong and what there is. */
err *sim_faults_parse(str text, struct sim_faults *out) ERR_NODISCARD;

#endif
