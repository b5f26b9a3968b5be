#include "market/unit_totals.h"

#include <stdlib.h>

#include "market/mix.h"
#include "market/readings.h"

/* While days are read: totals in the order in which units were first seen. */
struct reading_totals {
    struct intern keys;
    struct buf rows; /* of struct unit_total */
    struct arena *memory;
};

static struct unit_total *total_of(struct reading_totals *t, str duid) {
    uint32_t at = intern_add(&t->keys, duid);
    if (at == t->rows.len / sizeof(struct unit_total)) {
        struct unit_total new = {0};
        new.unit.duid = (str){str_dup(t->memory, duid), duid.len};
        buf_add(&t->rows, &new, sizeof new);
    }
    return (struct unit_total *)(void *)t->rows.at + at;
}

/* One day of one unit. */
struct unit_day {
    const double *readings;
    double next;
    size_t length;
    int sign;
    const struct span *prices; /* of the unit's region; NULL where that isn't known */
};

static double signed_part(double reading, int sign) {
    double mw = sign * reading;
    return mw < 0 ? 0 : mw; /* keeps a NaN */
}

/* Energy of one sign into [sum], priced; [scratch] holds the day. */
static void add_energy(struct earnings *sum, const struct unit_day *d, int sign, double *mw,
                       double *mwh) {
    for (size_t i = 0; i < d->length; i++)
        mw[i] = signed_part(d->readings[i], sign);
    energy_of_readings(mw, d->length, signed_part(d->next, sign), mwh, NULL);
    for (size_t i = 0; i < d->length; i++)
        earnings_add(sum, mwh[i], d->prices ? d->prices->values[i] : NAN);
}

static void add_earnings(struct earnings *into, const struct earnings *more) {
    into->energy += more->energy;
    into->revenue += more->revenue;
    into->unpriced += more->unpriced;
    into->intervals += more->intervals;
}

static void add_day(struct unit_total *t, const struct unit_day *d, const struct unit *unit) {
    double mw[INTERVALS_PER_DAY], mwh[INTERVALS_PER_DAY];
    struct earnings generation = {0}, load = {0};
    add_energy(&generation, d, d->sign, mw, mwh);
    add_energy(&load, d, -d->sign, mw, mwh);
    for (size_t i = 0; i < d->length; i++) {
        double value = signed_part(d->readings[i], d->sign);
        t->largest = value > t->largest ? value : t->largest;
    }
    double factor = loss_factor(unit->mlf, unit->dlf);
    t->generation_settled += generation.revenue * factor;
    t->load_settled += load.revenue * factor;
    if (!isnan(unit->capacity_mw)) {
        t->rated_energy += generation.energy;
        t->capacity_mwh += unit->capacity_mw * HOURS_PER_INTERVAL * (double)generation.intervals;
    }
    emissions_add(&t->emissions, generation.energy, unit->co2e_factor);
    t->intervals += generation.intervals;
    t->is_provisional = generation.intervals && isnan(d->next);
    add_earnings(&t->generation, &generation);
    add_earnings(&t->load, &load);
    str duid = t->unit.duid;
    t->unit = *unit;
    t->unit.duid = duid;
}

static err *read_day(struct store *s, const struct units *units, struct reading_totals *totals,
                     struct arena *a, struct period p) {
    struct series readings;
    struct span prices[REGIONS];
    aest_day day = interval_day(p.after + 1);
    /* one more: the reading that ends the last interval */
    TRY(series_read(s, a, SCADA5, "scadavalue", p.after, p.to + 1, &readings));
    TRY(settlement_prices_read(s, a, p, prices));
    for (size_t k = 0; k < readings.count; k++) {
        struct unit unit = units_find(units, readings.keys[k], day);
        int region = region_index(unit.region);
        struct unit_day d = {
            .readings = readings.values[k],
            .length = (size_t)(p.to - p.after),
            .sign = unit_sign(units, readings.keys[k], day),
            .prices = region < REGIONS ? &prices[region] : NULL,
        };
        d.next = d.readings[d.length];
        if (d.sign)
            add_day(total_of(totals, readings.keys[k]), &d, &unit);
    }
    return NULL;
}

static int by_duid(const void *a, const void *b) {
    return str_compare(((const struct unit_total *)a)->unit.duid,
                       ((const struct unit_total *)b)->unit.duid);
}

err *unit_totals_read(struct store *s, const struct units *units, struct arena *a, struct period p,
                      struct unit_totals *out) {
    struct reading_totals totals = {.memory = a};
    err *e = NULL;
    *out = (struct unit_totals){.intervals = (size_t)(p.to - p.after)};
    for (interval after = p.after, to; after < p.to && !e; after = to) {
        struct arena day = {0};
        to = interval_day_start(interval_day(after + 1) + 1);
        to = to < p.to ? to : p.to;
        e = read_day(s, units, &totals, &day, (struct period){after, to});
        arena_free(&day);
    }
    /* a unit that has a reading behind the last interval and none before isn't there */
    const struct unit_total *read = (const struct unit_total *)(const void *)totals.rows.at;
    out->rows = ARENA_ARRAY(a, struct unit_total, totals.keys.count);
    for (size_t k = 0; !e && k < totals.keys.count; k++)
        if (read[k].intervals)
            out->rows[out->count++] = read[k];
    if (out->count)
        qsort(out->rows, out->count, sizeof *out->rows, by_duid);
    intern_free(&totals.keys);
    buf_free(&totals.rows);
    return e;
}

void unit_total_add(struct unit_total *into, const struct unit_total *more) {
    add_earnings(&into->generation, &more->generation);
    add_earnings(&into->load, &more->load);
    into->generation_settled += more->generation_settled;
    into->load_settled += more->load_settled;
    into->rated_energy += more->rated_energy;
    into->capacity_mwh += more->capacity_mwh;
    into->emissions.tonnes += more->emissions.tonnes;
    into->emissions.energy += more->emissions.energy;
    into->emissions.uncovered += more->emissions.uncovered;
    into->intervals += more->intervals;
    into->is_provisional |= more->is_provisional;
}

double unit_total_capacity_factor(const struct unit_total *t) {
    return t->capacity_mwh > 0 ? t->rated_energy / t->capacity_mwh : NAN;
}
