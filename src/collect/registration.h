/* From MMSDM's tables of registration to facts.
 *
 *   DUDETAILSUMMARY  a unit's region, station, owner, types and loss factors, by day
 *   DUDETAIL         its capacities, by day
 *   DUALLOC          the generating sets that it is made of; GENUNITS their fuel and emissions
 *   STATION, PARTICIPANT    the names of stations and owners
 *
 * The tables of one month come in any order; each tells the whole history. The owner is
 * DUDETAILSUMMARY's participant: the table has one on every row, by day, so that STATIONOWNER has
 * nothing to add. A unit's emission factor is that of its sets, weighted by their capacity; its
 * energy source that of the largest of them.
 */
#ifndef COLLECT_REGISTRATION_H
#define COLLECT_REGISTRATION_H

#include "base/intern.h"
#include "collect/facts.h"
#include "mms/csv.h"

enum { REGISTRATION_TABLES = 6 };
/* The first is the one that a month must have. */
extern const char *const registration_tables[REGISTRATION_TABLES];

/* A number for each id, and what is known by it. */
struct registration_names {
    struct intern ids;
    struct buf names; /* of str, by number */
};

/* A zeroed struct is an empty one. */
struct registration {
    struct arena memory;
    struct registration_names stations, participants;
    struct buf summaries, details; /* of struct stretch */
    struct buf allocations;        /* of struct allocation */
    struct intern gensets;
    struct buf genset_facts;                      /* of struct genset, by number in [gensets] */
    aest_us summaries_at, details_at, gensets_at; /* when their files were published */
};

/* Takes a row of any of the tables; a reference_row. Rows of others are passed over. */
err *registration_row(void *registration, const struct mms_row *row,
                      aest_us published) ERR_NODISCARD;
/* Adds what all rows say; [month] names it. */
void registration_facts(struct registration *r, const char *month, struct records *out);
void registration_free(struct registration *r);

#endif
