/* Generation and load of the NEM's units, summed. */
#ifndef MARKET_GENERATION_H
#define MARKET_GENERATION_H

#include "market/units.h"
#include "store/series.h"

struct generation {
    interval first; /* of the first value, as settlementdate; a value a five-minute interval */
    size_t length;
    double *generation; /* MW, >= 0: sum of max(0, sign * scadavalue); NaN where no unit has a
                           reading */
    double *load;       /* MW, >= 0: sum of max(0, -sign * scadavalue) */
};

/* Sums scada5 over (from, to] by the signs of market/units.h; memory from [a]. A reading is the MW
 * at the start of the interval that it names. */
err *generation_total(struct store *s, const struct units *units, struct arena *a, interval from,
                      interval to, struct generation *out) ERR_NODISCARD;

#endif
