#include "sim/tables/registry.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

aest_us sim_date_to_aest(int yyyymmdd) {
    aest_day d = 0;
    aest_day_from_date(yyyymmdd / 10000, yyyymmdd / 100 % 100, yyyymmdd % 100, &d);
    return d * AEST_DAY;
}

int sim_date_of(aest_us t) {
    int year, month, day;
    aest_date((aest_day)(t / AEST_DAY), &year, &month, &day);
    return year * 10000 + month * 100 + day;
}

enum { ID_LENGTH = 10 };

static bool has_id(const struct sim_party *p, int count, const char *id) {
    for (int i = 0; i < count; i++)
        if (p[i].id && !strcmp(p[i].id, id))
            return true;
    return false;
}

/* The first letters, digits and underscores of a name, and a number when another has them already.
 */
static const char *make_id(struct arena *a, const struct sim_party *p, int count,
                           const char *name) {
    char *id = arena_alloc(a, ID_LENGTH + 1);
    size_t length = 0;
    for (; *name && length < ID_LENGTH; name++)
        if (isalnum((unsigned char)*name) || *name == '_')
            id[length++] = (char)toupper((unsigned char)*name);
    size_t stem = length < ID_LENGTH - 2 ? length : ID_LENGTH - 2;
    for (int n = 2; has_id(p, count, id); n++)
        snprintf(id + stem, ID_LENGTH + 1 - stem, "%d", n % 100);
    return id;
}

static int find_or_add(struct sim_party *p, int *count, const char *name, const struct sim_unit *u,
                       const char *(*known)(const char *name)) {
    int i = 0;
    while (i < *count && strcmp(p[i].name, name) != 0)
        i++;
    if (i == *count)
        p[(*count)++] = (struct sim_party){known(name), name, u->region, u->first};
    if (u->first < p[i].first)
        p[i].first = u->first;
    return i;
}

static void name_the_rest(struct arena *a, struct sim_party *p, int count) {
    for (int i = 0; i < count; i++)
        if (!p[i].id)
            p[i].id = make_id(a, p, count, p[i].name);
}

void sim_registry_make(struct arena *a, struct sim_registry *r) {
    size_t units = (size_t)sim_fleet_size;
    *r = (struct sim_registry){
        .station = ARENA_ARRAY(a, struct sim_party, units),
        .participant = ARENA_ARRAY(a, struct sim_party, units),
        .station_of = ARENA_ARRAY(a, int, units),
        .participant_of = ARENA_ARRAY(a, int, units),
    };
    for (int u = 0; u < sim_fleet_size; u++) {
        const struct sim_unit *unit = &sim_fleet[u];
        /* each dummy unit is a station of its own */
        const char *station = unit->fuel == SIM_DUMMY ? unit->duid : unit->station;
        r->station_of[u] = find_or_add(r->station, &r->stations, station, unit, sim_known_station);
        r->participant_of[u] =
            find_or_add(r->participant, &r->participants, unit->owner, unit, sim_known_participant);
    }
    name_the_rest(a, r->station, r->stations);
    name_the_rest(a, r->participant, r->participants);
}
