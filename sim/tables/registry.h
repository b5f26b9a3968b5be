/* Stations and participants of the fleet, with the ids that tables refer to them by: the real ones
 * where they are known, else made from the name.
 */
#ifndef SIM_REGISTRY_H
#define SIM_REGISTRY_H

#include "base/mem.h"
#include "sim/model/fleet.h"

struct sim_party {
    const char *id, *name;
    enum sim_region region; /* of its first unit */
    int first;              /* date of its first unit, yyyymmdd */
};

struct sim_registry {
    int stations, participants;
    struct sim_party *station, *participant;
    int *station_of, *participant_of; /* by unit of the fleet */
};

/* All of them, whether already registered or not, in the order of the fleet; in memory of [a]. */
void sim_registry_make(struct arena *a, struct sim_registry *r);

/* The real id of a name, or NULL. */
const char *sim_known_station(const char *name);
const char *sim_known_participant(const char *name);

/* A date as a time, its 00:00, and the date of a time. */
aest_us sim_date_to_aest(int yyyymmdd);
int sim_date_of(aest_us t);

#endif
