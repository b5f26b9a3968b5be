/* Fuels, and the public facts that AEMO's tables don't tell.
 *
 * GENUNITS names a unit's energy source in words ("Natural Gas (Pipeline)", "Bagasse"), from which
 * its fuel follows but for two things: whether gas is burnt in an open or a combined cycle, which
 * takes the technology, and units that have no entry. Both come from one table here, taken from
 * AEMO's NEM Registration and Exemption List (2013, 2017, 2021 and 2026).
 */
#ifndef MARKET_FUELS_H
#define MARKET_FUELS_H

#include "base/str.h"

enum fuel {
    FUEL_UNKNOWN,
    FUEL_BLACK_COAL,
    FUEL_BROWN_COAL,
    FUEL_CCGT,
    FUEL_OCGT,
    FUEL_GAS_OTHER,
    FUEL_DISTILLATE,
    FUEL_WATER,
    FUEL_WIND,
    FUEL_SOLAR,
    FUEL_BATTERY,
    FUEL_BIOMASS,
    FUEL_OTHER,
    FUELS,
};

/* "Black coal", …, "Unknown"; NULL behind them. */
extern const char *const fuel_names[FUELS + 1];
/* In any case; false for a name that is none. */
bool fuel_from_name(str name, enum fuel *out);

/* The fuel of an energy source in AEMO's words; [technology] may be empty. Gas of unknown
 * technology is FUEL_GAS_OTHER, words that aren't known FUEL_OTHER, none FUEL_UNKNOWN. */
enum fuel fuel_from_source(str energy_source, str technology);
/* Whether the fuel of [energy_source] hangs on the technology. */
bool fuel_needs_technology(str energy_source);

/* What the name of a unit that nobody has registered suggests. */
struct fuel_guess {
    enum fuel fuel;
    bool is_load;
};
struct fuel_guess fuel_guess(str duid);

/* What is publicly known of a unit. */
struct public_fact {
    enum fuel fuel;
    const char *technology;    /* or NULL */
    const char *dispatch_type; /* where it isn't GENERATOR, or NULL */
    const char *duids;         /* parted by blanks */
};
/* NULL for a unit of which nothing stands in the table. */
const struct public_fact *public_fact_of(str duid);

/* The DUIDs, parted by a blank, that a bidirectional unit took the place of, where the names don't
 * tell; else NULL. */
const char *public_predecessor_of(str duid);

#endif
