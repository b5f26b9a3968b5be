/* The files of a report: which there are for a time, when and under which name, and their bytes.
 *
 * As a rule one file carries a time. Faults make it none, or two: a file that replaces the first
 * one under the same name, or one under another id that stands beside it.
 */
#ifndef SIM_PUBLICATION_H
#define SIM_PUBLICATION_H

#include "sim/tree/report.h"
#include "sim/tree/tree.h"

struct sim_publication {
    const struct sim_report *report;
    aest_us time;     /* in its name, and for which its rows are */
    aest_us created;  /* in its first line */
    aest_us modified; /* from when on it can be read */
    uint64_t id;
    enum sim_fault fault; /* SIM_FAULTS: none */
    bool replaces;        /* the one before it, which has the same name */
    bool repeats;         /* the one before it, which then is in DUPLICATE/ too */
    uint64_t size;
};

enum { SIM_PUBLICATIONS = 2, SIM_FILE_NAME = 100 };

/* All files that are ever published for [time], oldest first; returns how many. */
int sim_publications(const struct sim_tree *t, const struct sim_report *r, aest_us time,
                     struct sim_publication out[SIM_PUBLICATIONS]);
/* As it stands in the archive: the last one, and nothing is wrong with it. A unit that nobody knows
 * is in both. False: there is none. */
bool sim_publication_archived(const struct sim_tree *t, const struct sim_report *r, aest_us time,
                              struct sim_publication *out);

/* A time as names have it: the first [digits] of YYYYMMDDHHMMSS. */
enum { SIM_DIGITS = 15 };
void sim_format_digits(aest_us time, int digits, char out[SIM_DIGITS]);
/* "PUBLIC_DISPATCHIS_202508201810_0000000477155219.zip" */
void sim_publication_name(const struct sim_publication *p, char name[SIM_FILE_NAME]);
/* Appends the zip. */
void sim_publication_write(const struct sim_tree *t, const struct sim_publication *p,
                           struct buf *out);

/* The last file's time of creation is no more than this later than a healthy file's. */
#define SIM_LATEST (4 * 60 * AEST_MINUTE)

#endif
