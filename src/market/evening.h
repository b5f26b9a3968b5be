/* The evening peak: the ten half hours that end 17:30 to 22:00 AEST, of each day of a time.
 *
 * A half hour is the mean of what is known of its six intervals. Nothing of the rest of the day is
 * read.
 */
#ifndef MARKET_EVENING_H
#define MARKET_EVENING_H

#include "market/calendar.h"
#include "market/fuels.h"
#include "market/network.h"
#include "store/store.h"

/* What is known of a half hour: these, then generation by fuel, then what is taken; $/MWh and MW.
 * Loads are pumps and others; batteries' charge stands by itself. */
enum evening_measure {
    EVENING_PRICE, /* the NEM's: weighted by demand, over regions as over intervals */
    EVENING_DEMAND,
    EVENING_ROOFTOP,
    EVENING_NET_IMPORT, /* not of the NEM */
    EVENING_FUEL,       /* the first of them */
    EVENING_CHARGE = EVENING_FUEL + FUELS,
    EVENING_LOAD,
    EVENING_MEASURES,
};

enum { EVENING_SLOTS = 10 };
enum { EVENING_NEM = REGIONS, EVENING_AREAS };

/* Half hours in the order of time. */
struct evenings {
    size_t count;
    interval *ends;
    double *of[EVENING_AREAS][EVENING_MEASURES]; /* [count] each; NULL: nothing is known */
};

/* Those of the evenings in (p.after, p.to], which may begin or end within one. Memory from [a]. */
err *evenings_read(struct store *s, struct arena *a, struct period p,
                   struct evenings *out) ERR_NODISCARD;

/* Which half hour of its evening ends at [end], one of theirs: 0 to 9. */
int evening_slot(interval end);

#endif
