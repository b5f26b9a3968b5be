#include "sim/model/storage.h"

#include <math.h>
#include <stdlib.h>

#include "sim/model/noise.h"
#include "sim/model/streams.h"

enum stream { HABIT = SIM_STREAMS_STORAGE, REGULATION, PUMP };

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void sim_wish_make(const double residual[SIM_INSTANTS], const double scarcity[SIM_INSTANTS],
                   struct sim_wish *out) {
    enum { LOW = SIM_INSTANTS * 30 / 100, HIGH = SIM_INSTANTS * 76 / 100 };
    double sorted[SIM_INSTANTS];
    memcpy(sorted, residual, sizeof sorted);
    qsort(sorted, SIM_INSTANTS, sizeof *sorted, ascending);
    double low = sorted[LOW], high = sorted[HIGH];
    double depth = fmax(1, low - sorted[3]), height = fmax(1, sorted[SIM_INSTANTS - 4] - high);
    for (int i = 0; i < SIM_INSTANTS; i++) {
        double store = fmin(1, fmax(0, (low - residual[i]) / depth));
        double give = fmin(1, fmax(0, (residual[i] - high) / height));
        double wish = pow(give, 0.7) - pow(store, 0.6);
        out->at[i] = (float)fmin(1, wish + 1.5 * scarcity[i]);
    }
}

static const double efficiency = 0.92; /* one way */
static const double interval_hours = 1.0 / 12;
/* Charge at 04:00, and the range that owners stay in, as parts of all. */
static const double rest_charge = 0.30, lowest = 0.03, highest = 0.97;

/* At rest at 04:00, and free a quarter of an hour later. */
static double waking(int i) {
    int from_rest = i < SIM_INSTANTS / 2 ? i : SIM_INSTANTS - 1 - i;
    return fmin(1, from_rest / 4.0);
}

/* What leaves the cells over an interval, MWh, for power [a] at its start and [b] at its end. */
static double drain(double a, double b) {
    double given = (a + b) / 2 * interval_hours;
    return given > 0 ? given / efficiency : given * efficiency;
}

static void trace_charge(const double power[SIM_INSTANTS], double start,
                         double charge[SIM_INSTANTS]) {
    charge[0] = start;
    for (int i = 1; i < SIM_INSTANTS; i++)
        charge[i] = charge[i - 1] - drain(power[i - 1], power[i]);
}

static double round_mw(double mw) {
    return (double)llround(mw * SIM_MW) / SIM_MW;
}

/* From midnight on, it goes back to the charge of 04:00: what is missing is spread over the night
 * in one swell, until nothing is. */
static void close_cycle(double power[SIM_INSTANTS], double charge[SIM_INSTANTS], double rest) {
    enum { FROM = 236, TO = 286 }; /* 23:40 to 03:50 */
    const double pi = 3.14159265358979323846;
    for (int pass = 0; pass < 12; pass++) {
        double missing = rest - charge[SIM_INSTANTS - 1];
        if (fabs(missing) < 1e-7 * rest)
            break;
        double mean = missing / ((TO - FROM) * interval_hours);
        mean *= missing > 0 ? 1 / efficiency : efficiency;
        for (int i = FROM; i < TO; i++)
            power[i] -= mean * pi / 2 * sin(pi * (i - FROM) / (TO - FROM));
        trace_charge(power, charge[0], charge);
    }
}

void sim_battery_day(uint64_t seed, const struct sim_unit *u, aest_day date,
                     const struct sim_wish *wish, double mw, double load_mw, double mwh,
                     double power[SIM_INSTANTS], double charge[SIM_INSTANTS]) {
    struct noise habit = {seed, (uint64_t)HABIT << 40 | (uint64_t)(u - sim_fleet)},
                 regulation = {seed, (uint64_t)REGULATION << 40 | (uint64_t)(u - sim_fleet)};
    double keen = 0.55 + 0.45 * noise_uniform(habit, date); /* the rest is kept for FCAS */
    double shift = 0.12 * noise_normal(habit, -date);       /* its owner's own forecast */
    double rest = rest_charge * mwh;
    power[0] = 0;
    charge[0] = rest;
    for (int i = 1; i < SIM_INSTANTS; i++) {
        double want = (double)wish->at[i];
        want = fabs(want) < 0.05 ? 0 : fmin(1, fmax(-1, want + shift * want));
        double p = (want > 0 ? mw : load_mw) * want * keen;
        p += 0.015 * mw * (noise_uniform(regulation, date * 512 + i) - 0.5);
        /* the night's own cycle is set below; the evening ends by midnight */
        p *= i < 222 ? 1 : i < 240 ? 1 - 0.85 * (i - 222) / 18 : 0.15;
        p = fmin(mw, fmax(-load_mw, p)) * waking(i);
        /* what the cells still hold or can take, with room to come to rest in the next interval */
        double full = (charge[i - 1] - lowest * mwh) * efficiency / interval_hours,
               empty = (charge[i - 1] - highest * mwh) / efficiency / interval_hours;
        double most = full - power[i - 1] / 2, least = empty - power[i - 1] / 2;
        p = fmin(fmax(0, most), fmax(fmin(0, least), p));
        power[i] = p;
        charge[i] = charge[i - 1] - drain(power[i - 1], p);
    }
    power[SIM_INSTANTS - 1] = 0;
    trace_charge(power, rest, charge);
    close_cycle(power, charge, rest);
    for (int i = 0; i < SIM_INSTANTS; i++)
        power[i] = round_mw(power[i]);
    trace_charge(power, rest, charge);
}

void sim_pump_day(uint64_t seed, const struct sim_unit *u, aest_day date,
                  const struct sim_wish *wish, double power[SIM_INSTANTS]) {
    struct noise n = {seed, (uint64_t)PUMP << 40 | (uint64_t)(u - sim_fleet)};
    double mood = noise_uniform(n, date);
    for (int i = 0; i < SIM_INSTANTS; i++) {
        double want = waking(i) < 1 ? 0 : -(double)wish->at[i];
        double part = want > 0.75 + 0.3 * mood ? 1 : want > 0.45 + 0.4 * mood ? 0.5 : 0;
        power[i] = round_mw((double)u->capacity_mw * part);
    }
}
