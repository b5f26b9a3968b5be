#include "sim/model/fcas.h"

#include <math.h>
#include <string.h>

#include "sim/model/noise.h"
#include "sim/model/streams.h"

/* The part of its capacity that a unit of each fuel can move in the time of a contingency service,
 * and within five minutes under automatic control. */
static const struct ability {
    double raise, lower, regulation;
} abilities[SIM_FUELS] = {
    [SIM_BLACK_COAL] = {0.03, 0.04, 0.05}, [SIM_BROWN_COAL] = {0.02, 0.03, 0.02},
    [SIM_CCGT] = {0.03, 0.04, 0.06},       [SIM_OCGT] = {0.04, 0.04, 0},
    [SIM_GAS_STEAM] = {0.04, 0.04, 0.06},  [SIM_HYDRO] = {0.08, 0.06, 0.10},
    [SIM_BATTERY] = {0.25, 0.25, 0.12},
};

/* How a service is called on: by which ability, and in how many of the half hours a unit that can
 * do it is needed. */
static const struct service {
    bool lower, regulation;
    double needed;
} services[SIM_SERVICES] = {
    [SIM_RAISE6SEC] = {false, false, 0.6},  [SIM_RAISE60SEC] = {false, false, 0.6},
    [SIM_RAISE5MIN] = {false, false, 0.5},  [SIM_RAISEREG] = {false, true, 0.25},
    [SIM_LOWER6SEC] = {true, false, 0.35},  [SIM_LOWER60SEC] = {true, false, 0.45},
    [SIM_LOWER5MIN] = {true, false, 0.35},  [SIM_LOWERREG] = {true, true, 0.25},
    [SIM_RAISE1SEC] = {false, false, 0.25}, [SIM_LOWER1SEC] = {true, false, 0.12},
};

enum { STREAM = SIM_STREAMS_FCAS, CENT = SIM_MW / 100 };

/* The one-second markets began on 2023-10-09. */
static int services_on(aest_day date) {
    aest_day first;
    aest_day_from_date(2023, 10, 9, &first);
    return date < first ? SIM_RAISE1SEC : SIM_SERVICES;
}

static double able(const struct sim_unit *unit, const struct service *s) {
    const struct ability *a = &abilities[unit->fuel];
    double part = s->regulation ? a->regulation : s->lower ? a->lower : a->raise;
    return floor(part * (double)unit->capacity_mw);
}

static bool takes_part(const struct sim_unit *unit) {
    return unit->kind != SIM_LOAD && !unit->non_scheduled && abilities[unit->fuel].raise > 0;
}

void sim_fcas_unit(const struct sim_market *m, const struct sim_day *day, int k, int run, int u,
                   struct sim_fcas *out) {
    const struct sim_unit *unit = day->unit[u];
    int at = k * day->units + u, count = services_on(day->date);
    sim_mw target = day->target[run][at];
    memset(out, 0, sizeof *out);
    if (!takes_part(unit) || (target == 0 && unit->kind != SIM_BIDIRECTIONAL))
        return;
    sim_mw room[2] = {day->availability[at] - target,
                      target + (sim_mw)lround((double)unit->load_mw * SIM_MW)};
    int64_t half_hour = day->interval[k].end / (30 * AEST_MINUTE);
    for (int s = 0; s < count; s++) {
        struct noise n = {sim_market_seed(m),
                          (uint64_t)STREAM << 40 | (uint64_t)(unit - sim_fleet) << 4 | (uint64_t)s};
        sim_mw most = (sim_mw)(able(unit, &services[s]) * SIM_MW);
        if (most > room[services[s].lower])
            most = room[services[s].lower] / CENT * CENT;
        if (most <= 0)
            continue;
        double part = noise_uniform(n, half_hour) / services[s].needed;
        out->available[s] = most;
        if (part < 1)
            out->enabled[s] = (sim_mw)(most * sqrt(part)) / CENT * CENT;
    }
}

void sim_fcas_regions(const struct sim_market *m, const struct sim_day *day, int k, int run,
                      struct sim_fcas out[SIM_REGIONS]) {
    memset(out, 0, SIM_REGIONS * sizeof *out);
    for (int u = 0; u < day->units; u++) {
        struct sim_fcas unit, *sum = &out[day->unit[u]->region];
        if (!takes_part(day->unit[u]))
            continue;
        sim_fcas_unit(m, day, k, run, u, &unit);
        for (int s = 0; s < SIM_SERVICES; s++) {
            sum->enabled[s] += unit.enabled[s];
            sum->available[s] += unit.available[s];
        }
    }
}
