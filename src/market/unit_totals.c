#include "market/unit_totals.h"

#include <stdlib.h>

#include "market/readings.h"
#include "market/sums.h"

static void add_earnings(struct earnings *into, const struct earnings *more) {
    into->energy += more->energy;
    into->revenue += more->revenue;
    into->unpriced += more->unpriced;
    into->intervals += more->intervals;
}

/* A unit while days are read. Its facts hold on many days: over those only the sums of the days
 * are added up, in [days], and what follows from facts is taken of them all at once. */
struct running {
    aest_day to; /* what [facts_at] says holds on days before this */
    double
        days[UNIT_DAY_LANES]; /* since it does; of `largest` the highest, `provisional` the last */
};

/* What each day doesn't need: apart, so that what it does stays close to the processor. */
struct facts {
    struct unit_total total;
    struct unit unit;
    int sign;
};

/* Totals in the order in which units were first seen. */
struct reading_totals {
    struct intern keys;
    struct buf rows;  /* of struct running */
    struct buf facts; /* of struct facts, for each of them */
    struct arena *memory;
    const struct units *units;
};

static struct running *running_at(const struct reading_totals *t, uint32_t at) {
    return (struct running *)(void *)t->rows.at + at;
}

static struct facts *facts_at(const struct reading_totals *t, uint32_t at) {
    return (struct facts *)(void *)t->facts.at + at;
}

static uint32_t running_of(struct reading_totals *t, str duid) {
    uint32_t at = intern_add(&t->keys, duid);
    if (at == t->rows.len / sizeof(struct running)) {
        struct running new = {.to = INT32_MIN};
        struct facts facts = {.sign = 0};
        facts.total.unit.duid = (str){str_dup(t->memory, duid), duid.len};
        buf_add(&t->rows, &new, sizeof new);
        buf_add(&t->facts, &facts, sizeof facts);
    }
    return at;
}

/* Takes the days into the total, by the facts that held on them. */
static void take_days(struct running *r, struct facts *f) {
    struct unit_total *t = &f->total;
    const double *days = r->days;
    double factor = loss_factor(f->unit.mlf, f->unit.dlf), energy = days[UNIT_DAY_GENERATION];
    size_t intervals = (size_t)days[UNIT_DAY_INTERVALS];
    if (intervals == 0)
        return;
    add_earnings(&t->generation, &(struct earnings){energy, days[UNIT_DAY_REVENUE],
                                                    days[UNIT_DAY_UNPRICED], intervals});
    add_earnings(&t->load, &(struct earnings){days[UNIT_DAY_LOAD], days[UNIT_DAY_COST],
                                              days[UNIT_DAY_LOAD_UNPRICED], intervals});
    t->generation_settled += days[UNIT_DAY_REVENUE] * factor;
    t->load_settled += days[UNIT_DAY_COST] * factor;
    t->largest = days[UNIT_DAY_LARGEST] > t->largest ? days[UNIT_DAY_LARGEST] : t->largest;
    if (!isnan(f->unit.capacity_mw)) {
        t->rated_energy += energy;
        t->capacity_mwh += f->unit.capacity_mw * HOURS_PER_INTERVAL * (double)intervals;
    }
    emissions_add(&t->emissions, energy, f->unit.co2e_factor);
    t->intervals += intervals;
    t->is_provisional = days[UNIT_DAY_PROVISIONAL] > 0;
    str duid = t->unit.duid;
    t->unit = f->unit;
    t->unit.duid = duid;
    memset(r->days, 0, sizeof r->days);
}

/* The unit as it is on [day]. */
static void bring_facts(struct reading_totals *t, uint32_t at, aest_day day) {
    struct running *r = running_at(t, at);
    if (day < r->to)
        return;
    struct facts *f = facts_at(t, at);
    take_days(r, f);
    f->unit = units_find(t->units, f->total.unit.duid, day);
    f->sign = unit_sign_of(&f->unit);
    /* behind a unit's last row, or between two, it is looked up again each day */
    r->to = day < f->unit.to ? f->unit.to : day + 1;
}

static void add_day(struct running *r, const double day[UNIT_DAY_LANES]) {
    for (int lane = 0; lane < UNIT_DAY_LARGEST; lane++)
        r->days[lane] += day[lane];
    if (day[UNIT_DAY_LARGEST] > r->days[UNIT_DAY_LARGEST])
        r->days[UNIT_DAY_LARGEST] = day[UNIT_DAY_LARGEST];
    r->days[UNIT_DAY_PROVISIONAL] = day[UNIT_DAY_PROVISIONAL];
}

/* A part of a day, from its readings. */
static err *read_part(struct store *s, struct reading_totals *totals, struct arena *a,
                      struct period p) {
    struct series readings;
    struct span prices[REGIONS];
    size_t length = (size_t)(p.to - p.after);
    /* one more: the reading that ends the last interval */
    TRY(series_read(s, a, SCADA5, "scadavalue", p.after, p.to + 1, &readings));
    TRY(settlement_prices_read(s, a, p, prices));
    for (size_t k = 0; k < readings.count; k++) {
        uint32_t at = running_of(totals, readings.keys[k]);
        double day[UNIT_DAY_LANES];
        bring_facts(totals, at, interval_day(p.after + 1));
        const struct facts *f = facts_at(totals, at);
        int region = region_index(f->unit.region);
        if (!f->sign)
            continue;
        unit_day_of(readings.values[k], length, readings.values[k][length], f->sign,
                    region < REGIONS ? prices[region].values : NULL, day);
        add_day(running_at(totals, at), day);
    }
    return NULL;
}

/* Where the keys of a year's file are among the totals. */
struct places {
    const struct tiles *file;
    uint32_t count;
    uint32_t at[TILES_KEYS];
};

static void bring_places(struct reading_totals *t, struct places *p, const struct tiles *file) {
    if (p->file != file)
        p->count = 0;
    p->file = file;
    for (; p->count < file->keys.count; p->count++)
        p->at[p->count] = running_of(t, file->keys.texts[p->count]);
}

/* A whole day, from the sums; false when they changed meanwhile, and all is to be read again. */
static bool read_sums(struct grid *g, struct reading_totals *totals, struct places *places,
                      aest_day day) {
    struct tiles *file = grid_tiles(g, &sums_unit_days, day);
    struct tile t;
    if (!file || !tiles_look(file) || !tile_begin(file, day, &t))
        return true;
    bring_places(totals, places, file);
    for (uint32_t k = 0; k < t.keys; k++) {
        const cell *cells = tile_series(&t, k, 0);
        double sums[UNIT_DAY_LANES];
        if (cells[UNIT_DAY_INTERVALS] == CELL_MISSING)
            continue;
        bring_facts(totals, places->at[k], day);
        for (int lane = 0; lane < UNIT_DAY_LANES; lane++)
            sums[lane] = cell_to_double(cells[lane]);
        add_day(running_at(totals, places->at[k]), sums);
    }
    return tile_settled(&t);
}

/* Reads all of [p]; *settled is false when a writer came in between. */
static err *read_all(struct store *s, struct reading_totals *totals, struct period p,
                     bool *settled) {
    struct grid *g = store_grid(s);
    struct places places = {0};
    err *e = NULL;
    *settled = true;
    for (interval after = p.after, to; after < p.to && !e && *settled; after = to) {
        aest_day day = interval_day(after + 1);
        to = interval_day_start(day + 1);
        if (after == interval_day_start(day) && to <= p.to) {
            *settled = read_sums(g, totals, &places, day);
            continue;
        }
        struct arena memory = {0};
        to = to < p.to ? to : p.to;
        e = read_part(s, totals, &memory, (struct period){after, to});
        arena_free(&memory);
        places.file = NULL; /* it may have taken notice of other files */
    }
    return e;
}

static void totals_free(struct reading_totals *t) {
    intern_free(&t->keys);
    buf_free(&t->rows);
    buf_free(&t->facts);
    t->rows = t->facts = (struct buf){0};
}

static int by_duid(const void *a, const void *b) {
    return str_compare(((const struct unit_total *)a)->unit.duid,
                       ((const struct unit_total *)b)->unit.duid);
}

err *unit_totals_read(struct store *s, const struct units *units, struct arena *a, struct period p,
                      struct unit_totals *out) {
    enum { TRIES = 20 };
    struct reading_totals totals = {.memory = a, .units = units};
    err *e = NULL;
    bool settled = false;
    *out = (struct unit_totals){.intervals = (size_t)(p.to - p.after)};
    for (int i = 0; i < TRIES && !settled && !e; i++) {
        totals_free(&totals);
        e = read_all(s, &totals, p, &settled);
    }
    /* a unit that has a reading behind the last interval and none before isn't there */
    out->rows = ARENA_ARRAY(a, struct unit_total, totals.keys.count);
    for (uint32_t k = 0; !e && k < totals.keys.count; k++) {
        struct facts *f = facts_at(&totals, k);
        take_days(running_at(&totals, k), f);
        if (f->total.intervals)
            out->rows[out->count++] = f->total;
    }
    if (out->count)
        qsort(out->rows, out->count, sizeof *out->rows, by_duid);
    totals_free(&totals);
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
