/* What the earlier system knew beside its seven tables.
 *
 *   gen_info.pkl             a DataFrame: Region, Site Name, Owner, DUID, Capacity(MW),
 *                            Storage(MWh), Fuel
 *   price_alert_state.pkl    {region: {"high_alert", "high_time", "last_price"}}
 *   renewable_records.json   {"all_time": {"value", "timestamp"}, "hourly": {"0": {…}, …}}
 *
 * Its facts on units become facts of the source FACT_EARLIER, which is believed where nobody else
 * says anything. Alerts and records are handed over as they were.
 */
#ifndef OPS_EARLIER_H
#define OPS_EARLIER_H

#include "collect/facts.h"
#include "store/duck.h"

/* What became of the rows of gen_info. */
struct earlier_units {
    size_t rows, units, facts;
    size_t without_duid, repeated; /* rows left out: no DUID, one that came before */
    size_t refused;                /* values that no fact of its kind can be */
    char first_refused[120];       /* the first of them, in words */
};
/* Adds the facts of gen_info.pkl, in [bytes], to [said], records of the table UNIT_FACTS. [name] is
 * the file's, for their origin; [version] becomes their lastchanged. ERR_INPUT for what isn't such
 * a file. */
err *earlier_units_read(str bytes, const char *name, aest_us version, struct records *said,
                        struct earlier_units *out) ERR_NODISCARD;

/* Whether a region's price was over the threshold. */
struct earlier_alert {
    str region;
    bool is_high;
    bool has_since;
    aest_us since; /* as the earlier system's clock showed it: AEST */
    double last_price;
};
enum { EARLIER_ALERTS = 32 };
/* The regions of price_alert_state.pkl; memory from [a], which has to live as long as [bytes]. */
err *earlier_alerts_read(struct arena *a, str bytes, struct earlier_alert out[EARLIER_ALERTS],
                         size_t *count) ERR_NODISCARD;

/* A record of the renewable share, in percent. */
struct earlier_record {
    int hour; /* of the day, or -1 for the record of all hours */
    double percent;
    aest_us at; /* by the earlier system's clock, which was the machine's own */
    bool has_at;
};
enum { EARLIER_RECORDS = 25 };
/* The records in the file at [path]. Its shares are of another definition than those of market/,
 * and so their origin is always said with them. */
err *earlier_records_read(struct duck *d, const char *path,
                          struct earlier_record out[EARLIER_RECORDS], size_t *count) ERR_NODISCARD;

#endif
