/* What each unit generated and took over a time, what that earned, and what it could have given.
 *
 * Energy and revenue are made at five minutes (market/energy.h) and summed. Output and consumption
 * are parted by sign, reading by reading, before that. A unit's facts (region, capacity, loss
 * factors) are those of each day; its name, fuel and the like are those of the last day.
 */
#ifndef MARKET_UNIT_TOTALS_H
#define MARKET_UNIT_TOTALS_H

#include "market/calendar.h"
#include "market/emissions.h"
#include "market/energy.h"
#include "market/units.h"

struct unit_total {
    struct unit unit;                 /* as on the last day it was read; .duid is its name */
    struct earnings generation, load; /* both >= 0 in energy; load's revenue is what it paid */
    double generation_settled;        /* $: with loss factors (mlf x dlf) of the day */
    double load_settled;
    double rated_energy;        /* MWh generated on days whose capacity is known, */
    double capacity_mwh;        /* and that capacity x the intervals with a reading */
    struct emissions emissions; /* of generation */
    double largest;             /* MW: the highest reading of generation */
    size_t intervals;           /* with a reading */
    bool is_provisional;        /* the last interval's energy is */
};

struct unit_totals {
    struct unit_total *rows; /* by DUID; without what is in no sum */
    size_t count;
    size_t intervals; /* of the range */
};

/* Over (p.after, p.to]. Memory from [a]. */
err *unit_totals_read(struct store *s, const struct units *units, struct arena *a, struct period p,
                      struct unit_totals *out) ERR_NODISCARD;

/* Adds up two units', for stations, owners, fuels and regions. The facts of [into] stay. */
void unit_total_add(struct unit_total *into, const struct unit_total *more);
/* 0 … 1 and more; NaN where no capacity is known. */
double unit_total_capacity_factor(const struct unit_total *t);

#endif
