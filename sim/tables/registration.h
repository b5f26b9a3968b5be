/* What the tables of registration have in common. */
#ifndef SIM_REGISTRATION_H
#define SIM_REGISTRATION_H

#include "sim/tables/registry.h"

/* What units of a fuel have in common. */
struct sim_fuel_fact {
    const char *starttype;
    bool agc;
    double ramp;              /* MW a minute for each MW of capacity */
    const char *source;       /* CO2E_ENERGY_SOURCE; NULL: not a source of energy */
    const char *other_source; /* of some, or NULL */
    double factor;            /* t CO2-e a MWh sent out */
};
extern const struct sim_fuel_fact sim_fuel_facts[SIM_FUELS];

/* How many generating sets a unit has. */
int sim_genset_count(const struct sim_unit *u);

static inline bool sim_is_registered(const struct sim_unit *u, aest_us at) {
    return sim_date_to_aest(u->first) <= at;
}

static inline const char *sim_yes(bool b) {
    return b ? "Y" : "N";
}

#endif
