/* Brings what AEMO publishes of the market's making: units and price limits, from the newest month
 * of MMSDM.
 */
#ifndef MARKET_REFRESH_H
#define MARKET_REFRESH_H

#include "collect/source.h"
#include "store/store.h"

struct refreshed {
    const char *month;      /* "2025-06" */
    bool units, thresholds; /* whether they came out other than before */
    const char *missing;    /* tables that the month lacks, parted by blanks; empty: none */
};

/* Memory from [a]. What a table of an earlier month said stays where the month lacks the table. */
err *market_refresh(struct store *s, struct source *source, struct arena *a,
                    struct refreshed *out) ERR_NODISCARD;

#endif
