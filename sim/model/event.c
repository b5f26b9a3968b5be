#include "sim/model/event.h"

#include <math.h>

#include "sim/model/noise.h"
#include "sim/model/streams.h"

enum stream {
    OUTAGE = SIM_STREAMS_EVENT,
    SCARCE_HOURS,
    SCARCE_DAYS,
    SCARCE_MINUTES,
    INTERVENTION,
    REVIEW
};

static struct noise stream(uint64_t seed, enum stream s, uint64_t which) {
    return (struct noise){seed, (uint64_t)s << 40 | which};
}

static const double hour_us = 60.0 * (double)AEST_MINUTE;

/* How often units break, by fuel: chance of an outage in each four weeks, and its mean length. */
static const struct reliability {
    double chance, days;
    double return_hours; /* from nothing to all */
} reliabilities[SIM_FUELS] = {
    [SIM_BLACK_COAL] = {.34, 4.0, 4}, [SIM_BROWN_COAL] = {.30, 5.0, 5},
    [SIM_CCGT] = {.18, 4, 1.5},       [SIM_OCGT] = {.10, 4, .3},
    [SIM_GAS_STEAM] = {.18, 5, 2},    [SIM_DISTILLATE] = {.08, 4, .3},
    [SIM_HYDRO] = {.12, 6, .2},       [SIM_BIOMASS] = {.10, 3, 2},
};

/* Outage number [slot] of a unit: hours from [begin] to [end], and the part that is left. */
struct outage {
    double begin, end, ramp_down, left;
};

enum { SLOT_HOURS = 28 * 24 };

static bool find_outage(uint64_t seed, const struct sim_unit *u, int64_t slot, struct outage *out) {
    const struct reliability *r = &reliabilities[u->fuel];
    struct noise n = stream(seed, OUTAGE, (uint64_t)(u - sim_fleet));
    if (noise_uniform(n, slot * 8) >= r->chance)
        return false;
    double kind = noise_uniform(n, slot * 8 + 1), length = noise_uniform(n, slot * 8 + 2);
    bool trip = kind<0.35, part = kind> 0.8;
    double days = r->days * (trip   ? 0.1 + 0.7 * length
                             : part ? 0.1 + 0.4 * length
                                    : 0.5 + 2 * length);
    double room = SLOT_HOURS - days * 24 - r->return_hours - 4;
    out->begin = (double)slot * SLOT_HOURS + 2 + fmax(0, room) * noise_uniform(n, slot * 8 + 3);
    out->end = out->begin + fmin(days * 24, SLOT_HOURS - r->return_hours - 4);
    out->ramp_down = trip ? 0 : 1.5;
    out->left = part ? 0.45 + 0.3 * noise_uniform(n, slot * 8 + 4) : 0;
    return true;
}

static double outage_part(const struct outage *o, double return_hours, double hours) {
    if (hours < o->begin - o->ramp_down || hours >= o->end + return_hours)
        return 1;
    if (hours < o->begin)
        return o->left + (1 - o->left) * (o->begin - hours) / o->ramp_down;
    if (hours < o->end)
        return o->left;
    return o->left + (1 - o->left) * (hours - o->end) / return_hours;
}

void sim_outage_day(uint64_t seed, const struct sim_unit *u, aest_us start,
                    double part[SIM_INSTANTS]) {
    const struct reliability *r = &reliabilities[u->fuel];
    for (int i = 0; i < SIM_INSTANTS; i++)
        part[i] = 1;
    if (r->chance == 0)
        return;
    double first = (double)start / hour_us;
    int64_t from = (int64_t)floor(first / SLOT_HOURS),
            to = (int64_t)floor((first + 24) / SLOT_HOURS);
    for (int64_t slot = from; slot <= to; slot++) {
        struct outage o;
        if (!find_outage(seed, u, slot, &o))
            continue;
        for (int i = 0; i < SIM_INSTANTS; i++)
            part[i] = fmin(part[i], outage_part(&o, r->return_hours, first + i / 12.0));
    }
}

double sim_scarcity(uint64_t seed, enum sim_region region, aest_us t) {
    double hours = (double)t / hour_us;
    double hour = (double)(t % AEST_DAY) / hour_us;
    double evening = exp(-0.5 * pow((hour - 18.5) / 1.7, 2)),
           morning = 0.5 * exp(-0.5 * pow((hour - 7.5) / 1.2, 2));
    uint64_t mainland = region == SIM_TAS1 ? 8 : 9; /* scarcity spreads */
    double all = noise_smooth(stream(seed, SCARCE_DAYS, mainland), hours, 30),
           own = noise_smooth(stream(seed, SCARCE_HOURS, region), hours, 1.6),
           now = noise_smooth(stream(seed, SCARCE_MINUTES, region), hours, 0.15);
    double mood = 0.75 * all + 0.65 * own + 0.35 * now + 0.9 * (evening + morning);
    double rare = region == SIM_TAS1 ? 2.3 : 1.75;
    return fmin(1, fmax(0, (mood - rare) / 1.5));
}

struct sim_intervention sim_intervention_on(uint64_t seed, aest_day date) {
    struct noise n = stream(seed, INTERVENTION, 0);
    struct sim_intervention out = {.any = noise_uniform(n, date * 8) < 0.035};
    /* nearly all of them are directions in South Australia, to keep its system strong */
    double where = noise_uniform(n, date * 8 + 1);
    out.region = where < 0.7    ? SIM_SA1
                 : where < 0.85 ? SIM_VIC1
                 : where < 0.95 ? SIM_QLD1
                                : SIM_NSW1;
    out.from = 1 + (int)(200 * noise_uniform(n, date * 8 + 2));
    out.to = out.from + 24 + (int)(60 * noise_uniform(n, date * 8 + 3));
    return out;
}

struct sim_review sim_review_on(uint64_t seed, aest_day date) {
    struct noise n = stream(seed, REVIEW, 0);
    struct sim_review out = {.any = noise_uniform(n, date * 8) < 0.04};
    out.from = 1 + (int)(270 * noise_uniform(n, date * 8 + 1));
    out.to = out.from + 1 + (int)(8 * noise_uniform(n, date * 8 + 2));
    out.rejected = noise_uniform(n, date * 8 + 3) < 0.35;
    out.replaced = 0.35 + 0.5 * noise_uniform(n, date * 8 + 4);
    double minutes = 35 + 150 * noise_uniform(n, date * 8 + 5);
    out.resolved = (aest_us)date * AEST_DAY + (4 * 60 + out.to * INTERVAL_MINUTES) * AEST_MINUTE +
                   (aest_us)(minutes * 60) * AEST_SECOND;
    return out;
}
