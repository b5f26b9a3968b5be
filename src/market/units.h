/* The registry of units: what a unit is, on a day, and what its reading means for sums.
 *
 * It is the table `units` (market/registry.h says how that is made), in memory. A unit has a row
 * for each stretch of days on which all that is known of it stays the same.
 *
 * AEMO publishes a unit's MW as a positive number whether the unit generates or, when its dispatch
 * type is LOAD, consumes (MMSDM table DUDETAILSUMMARY, column DISPATCHTYPE). Every sum therefore
 * takes sign x value:
 *
 *    -1   pumps, and the charging half of a battery that was registered as two units
 *     0   in no sum: demand-response units and the dummy units DG_ and RT_
 *    +1   all others, among them bidirectional units, whose own sign tells charging from output
 *
 *    generation = sum of max(0, sign * scadavalue)      load = sum of max(0, -sign * scadavalue)
 *
 * A unit that isn't in the registry is in every sum all the same: with the sign that is publicly
 * known of it, else +1.
 */
#ifndef MARKET_UNITS_H
#define MARKET_UNITS_H

#include "market/fuels.h"
#include "store/records.h"

struct unit {
    str duid;
    aest_day from, to; /* holds from the day [from] until before the day [to], or INT32_MAX */
    str region, station, owner, dispatch_type, schedule_type; /* empty: not known */
    enum fuel fuel;
    str technology;
    double capacity_mw;   /* maximum output; of a load its maximum consumption; NaN: not known */
    double registered_mw; /* registered capacity */
    double load_mw;       /* a bidirectional unit's maximum consumption */
    double storage_mwh, mlf, dlf;
    double co2e_factor; /* t CO2-e a MWh sent out */
    str predecessor;    /* DUIDs, parted by blanks */
    str sources;        /* JSON: the origin of each fact */
    aest_us lastchanged;
    bool is_registered;
    int sign;                /* -1, 0 or 1: see above */
    struct fuel_guess guess; /* what the name suggests, where the fuel isn't known */
};

/* A zeroed struct is an empty registry. */
struct units {
    struct arena memory;
    struct unit *rows; /* by DUID and day */
    size_t count;
    struct intern duids;
    size_t *first; /* the first row of each of them; one more, behind the last */
    struct file_stamp stamp;
};

/* Reads the table where it isn't what [u] holds already. A store without one gives an empty
 * registry. Rows of before are not valid any longer. */
err *units_load(struct store *s, struct units *u) ERR_NODISCARD;
void units_free(struct units *u);

/* The unit as it is on [day]: in a day without a row, as it was before, or came to be. One that is
 * not in the registry comes back as what is known of it without. */
struct unit units_find(const struct units *u, str duid, aest_day day);

/* The same without a copy, as long as the registry stays; NULL for one that isn't in it. */
const struct unit *units_row(const struct units *u, str duid, aest_day day);

int unit_sign(const struct units *u, str duid, aest_day day);
/* The first day since which the unit has had the sign that it has on [day]. */
aest_day unit_sign_since(const struct units *u, str duid, aest_day day);
/* A dummy or a demand-response unit by its name: in no sum, and never unknown. */
bool unit_is_dummy(str duid);

#endif
