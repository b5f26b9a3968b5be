/* The fleet: every unit that the simulated market has or had, from public facts of the real one.
 *
 * A battery that was registered before July 2024 stands here three times: as the generating and the
 * loading half of its first registration, which end on the day before, and as the bidirectional
 * unit that took over. Units that never report to UNIT_SCADA are not in the fleet.
 */
#ifndef SIM_FLEET_H
#define SIM_FLEET_H

#include "base/aest.h"

enum sim_fuel {
    SIM_BLACK_COAL,
    SIM_BROWN_COAL,
    SIM_CCGT,
    SIM_OCGT,
    SIM_GAS_STEAM,
    SIM_DISTILLATE,
    SIM_HYDRO,
    SIM_PUMP, /* a load: pumps of a pumped hydro station */
    SIM_WIND,
    SIM_SOLAR,
    SIM_BATTERY,
    SIM_BIOMASS,
    SIM_DUMMY, /* DG_ and RT_ units: 0 in every file */
    SIM_FUELS,
};

enum sim_kind {
    SIM_GENERATOR,     /* positive MW is output */
    SIM_LOAD,          /* positive MW is consumption */
    SIM_BIDIRECTIONAL, /* positive MW is output, negative is charging */
};

enum sim_region { SIM_NSW1, SIM_QLD1, SIM_SA1, SIM_TAS1, SIM_VIC1, SIM_REGIONS };
extern const char *const sim_region_name[SIM_REGIONS];

struct sim_unit {
    const char *duid, *station, *owner;
    uint8_t region, fuel, kind;
    bool semi_scheduled, non_scheduled; /* neither: scheduled */
    float capacity_mw;                  /* maximum output; of a load its maximum consumption */
    float load_mw;     /* a bidirectional unit's maximum charging, as a positive number */
    float storage_mwh; /* of a battery; 0 for others */
    int first,
        last; /* dates of the first and the last trading day, yyyymmdd; last 0: still there */
    const char *pair; /* DUID that it shares a battery or a pumped hydro station with, or NULL */
};

/* Whether dispatch gives it targets: units that are only metered have no row in UNIT_SOLUTION. */
static inline bool sim_unit_is_dispatched(const struct sim_unit *unit) {
    return !unit->non_scheduled || unit->fuel == SIM_DUMMY;
}

extern const struct sim_unit sim_fleet[];
extern const int sim_fleet_size;

#endif
