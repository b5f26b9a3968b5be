/* Rules on units: new ones, trips, batteries that run empty. */
#include <math.h>

#include "alert/rule.h"

/* -- units that the registry doesn't know -------------------------------------------------------
 */

enum { SAY_AGAIN_S = 86400 };

static err *configure_new(struct rule_use *u, const struct alert_settings *s, bool *on) {
    (void)u, (void)s, (void)on;
    return NULL;
}

/* ", NSW1" behind another word; "" where nobody knows the region. */
static const char *region_behind(struct judging *j, const struct unit *u) {
    return u->region.len ? arena_printf(j->memory, ", %.*s", STR_ARG(u->region)) : "";
}

static struct finding new_unit(struct judging *j, const char *duid, const struct unit *u,
                               double mw) {
    const char *guess = u->guess.fuel ? fuel_names[u->guess.fuel] : NULL;
    const char *about = guess ? arena_printf(j->memory, "by its name %s%s", guess,
                                             u->guess.is_load ? ", a load" : "")
                              : "its name tells nothing";
    return (struct finding){
        .key = duid,
        .kind = "alert",
        .severity = ALERT_INFO,
        .value = mw,
        .head = "New unit",
        .brief = guess ? arena_printf(j->memory, "%s (%s?)", duid, guess) : duid,
        .text = arena_printf(j->memory, "New unit: %s, %s MW, not in the registry; %s%s", duid,
                             number_text(j->memory, mw, 1), about, region_behind(j, u))};
}

/* Each is told once, and again after a day as long as nobody registers or acknowledges it. */
static err *judge_new(struct judging *j) {
    struct reading *readings;
    size_t count;
    TRY(judge_readings(j, SCADA5, "scadavalue", &readings, &count));
    for (size_t i = 0; i < count && j->units->count; i++) {
        struct alert_state s;
        const char *duid = readings[i].key;
        if (unit_is_dummy(str_from(duid)))
            continue;
        struct unit u = units_find(j->units, str_from(duid), interval_day(j->at));
        if (u.is_registered)
            continue;
        TRY(alerts_state(j->alerts, j->memory, j->use->name, duid, &s));
        if (s.level && (s.acked || j->time - s.since < SAY_AGAIN_S))
            continue;
        struct finding found = new_unit(j, duid, &u, readings[i].value);
        if (!judge_tells(j, duid, &found.unsent) && s.level)
            continue;
        judge_find(j, &found);
        s.level = 1;
        s.since = found.unsent ? j->time - SAY_AGAIN_S : j->time; /* told as soon as it is news */
        TRY(alerts_put_state(j->alerts, j->use->name, duid, &s));
    }
    return NULL;
}

const struct rule rule_new_unit = {
    .name = "new_unit",
    .summary = "a unit has readings and isn't in the registry",
    .dataset = SCADA5,
    .configure = configure_new,
    .judge = judge_new,
};

/* -- trips --------------------------------------------------------------------------------------
 */

enum { TRIP_FROM_MW = 100, TRIP_TO_MW = 1, TRIP_BACK_MW = 10, TRIPS_TOGETHER = 3 };

static err *configure_trip(struct rule_use *u, const struct alert_settings *s, bool *on) {
    (void)on;
    const char *all = config_get(s->config, "ALERT_TRIP_ALL", "");
    u->amount = *all && strcmp(all, "0") != 0 && !str_eq_nocase(str_from(all), STR("false"));
    return NULL;
}

static bool trips(enum fuel fuel, bool all) {
    return all || fuel == FUEL_BLACK_COAL || fuel == FUEL_BROWN_COAL || fuel == FUEL_CCGT;
}

static err *note_trip(struct judging *j, const struct unit *u, const char *duid, double from) {
    struct alert_state s;
    TRY(alerts_state(j->alerts, j->memory, j->use->name, duid, &s));
    if (s.level)
        return NULL;
    s = (struct alert_state){1, 1, j->time, (double)NAN, from, j->time, NULL, false};
    struct finding f = {
        .key = duid,
        .kind = "alert",
        .severity = ALERT_WARNING,
        .value = from,
        .head = "Unit trip",
        .brief = arena_printf(j->memory, "%s from %s MW", duid, number_text(j->memory, from, 0)),
        .text = arena_printf(j->memory,
                             "Unit trip: %s (%s%s) from %s MW to nothing within ten "
                             "minutes",
                             duid, fuel_names[u->fuel], region_behind(j, u),
                             number_text(j->memory, from, 0))};
    judge_tells(j, duid, &f.unsent);
    judge_find(j, &f);
    return alerts_put_state(j->alerts, j->use->name, duid, &s);
}

static err *note_back(struct judging *j, const char *duid) {
    struct alert_state s;
    TRY(alerts_state(j->alerts, j->memory, j->use->name, duid, &s));
    if (!s.level)
        return NULL;
    s.level = s.told = 0;
    return alerts_put_state(j->alerts, j->use->name, duid, &s);
}

/* Other units than coal and CCGT stop by themselves when prices are negative, or several at once.
 */
static err *is_planned(struct judging *j, str region, size_t together, bool *out) {
    struct reading *prices;
    size_t count;
    *out = together >= TRIPS_TOGETHER;
    TRY(judge_readings(j, PRICES5, "rrp", &prices, &count));
    for (size_t i = 0; i < count; i++)
        if (str_eq(str_from(prices[i].key), region) && prices[i].value < 0)
            *out = true;
    return NULL;
}

struct trip {
    const char *duid;
    struct unit unit;
    double from;
};

/* Who dropped from over TRIP_FROM_MW to nothing within two intervals; those that run again are no
 * longer tripped. */
static err *find_trips(struct judging *j, struct trip **out, size_t *count) {
    struct series s;
    *count = 0;
    TRY(judge_series(j, SCADA5, "scadavalue", j->at, 3, &s));
    *out = ARENA_ARRAY(j->memory, struct trip, s.count);
    for (size_t k = 0; k < s.count; k++) {
        const double *mw = s.values[k];
        double from = mw[1] > TRIP_FROM_MW ? mw[1] : mw[0];
        const char *duid = str_dup(j->memory, s.keys[k]);
        if (mw[2] >= TRIP_BACK_MW)
            TRY(note_back(j, duid));
        if (!(mw[2] <= TRIP_TO_MW) || !(from > TRIP_FROM_MW))
            continue;
        struct trip t = {duid, units_find(j->units, s.keys[k], interval_day(j->at)), from};
        if (trips(t.unit.fuel, j->use->amount != 0))
            (*out)[(*count)++] = t;
    }
    return NULL;
}

static err *judge_trips(struct judging *j) {
    struct trip *found;
    size_t count;
    TRY(find_trips(j, &found, &count));
    for (size_t i = 0; i < count; i++) {
        bool planned = false;
        if (!trips(found[i].unit.fuel, false))
            TRY(is_planned(j, found[i].unit.region, count, &planned));
        if (!planned)
            TRY(note_trip(j, &found[i].unit, found[i].duid, found[i].from));
    }
    return NULL;
}

const struct rule rule_trip = {
    .name = "trip",
    .summary = "a coal or CCGT unit drops from over 100 MW to nothing (ALERT_TRIP_ALL: any unit)",
    .dataset = SCADA5,
    .configure = configure_trip,
    .judge = judge_trips,
};

/* -- batteries ----------------------------------------------------------------------------------
 */

enum { CHARGE_LOW = 5, CHARGE_BACK = 15 };

static err *configure_charge(struct rule_use *u, const struct alert_settings *s, bool *on) {
    double low;
    (void)on;
    TRY(setting_double(s, "BATTERY_LOW_THRESHOLD", CHARGE_LOW, &low));
    u->ladder = (struct ladder){.below = true,
                                .count = 1,
                                .steps = {{low, ALERT_INFO, "Batteries nearly empty"}},
                                .clear = low + CHARGE_BACK - CHARGE_LOW,
                                .over = "Batteries charged again",
                                .before = "",
                                .behind = " % of capacity",
                                .decimals = 1};
    return NULL;
}

/* What a region's batteries can store, of those registered on the day. */
static double storage_of(const struct units *u, const char *region, aest_day day) {
    double sum = 0;
    for (size_t i = 0; i < u->count; i++) {
        const struct unit *unit = &u->rows[i];
        if (unit->from <= day && day < unit->to && unit->storage_mwh > 0 &&
            str_eq(unit->region, str_from(region)))
            sum += unit->storage_mwh;
    }
    return sum;
}

/* BDU_ENERGY_STORAGE of the region: known from late 2024. */
static err *charge_values(struct judging *j, struct reading **out, size_t *count) {
    size_t regions;
    TRY(judge_readings(j, REGIONS5, "bdu_energy_storage", out, &regions));
    *count = 0;
    for (size_t i = 0; i < regions; i++) {
        struct reading r = (*out)[i];
        double capacity = storage_of(j->units, r.key, interval_day(j->at));
        if (capacity > 0)
            (*out)[(*count)++] = (struct reading){r.key, r.value / capacity * 100, NULL};
    }
    return NULL;
}

const struct rule rule_charge = {
    .name = "battery",
    .summary = "what a region's batteries store is below 5 % of what they could",
    .dataset = REGIONS5,
    .configure = configure_charge,
    .values = charge_values,
};
