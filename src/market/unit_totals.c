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
    aest_day to;  /* what [facts_at] says holds on days before this */
    bool by_days; /* its facts change in the month that is read */
    double
        days[UNIT_DAY_LANES]; /* since it does; of `largest` the highest, `provisional` the last */
};

/* What each day doesn't need: apart, so that what it does stays close to the processor. */
struct facts {
    struct unit_total total;        /* but for its unit, of which it has the name */
    const struct unit *unit, *last; /* as it is now, and as it was on the last day with a reading */
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
        struct facts facts = {0};
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
    size_t intervals = (size_t)days[UNIT_DAY_INTERVALS];
    if (intervals == 0)
        return;
    double factor = loss_factor(f->unit->mlf, f->unit->dlf), energy = days[UNIT_DAY_GENERATION];
    add_earnings(&t->generation, &(struct earnings){energy, days[UNIT_DAY_REVENUE],
                                                    days[UNIT_DAY_UNPRICED], intervals});
    add_earnings(&t->load, &(struct earnings){days[UNIT_DAY_LOAD], days[UNIT_DAY_COST],
                                              days[UNIT_DAY_LOAD_UNPRICED], intervals});
    t->generation_settled += days[UNIT_DAY_REVENUE] * factor;
    t->load_settled += days[UNIT_DAY_COST] * factor;
    t->largest = days[UNIT_DAY_LARGEST] > t->largest ? days[UNIT_DAY_LARGEST] : t->largest;
    if (!isnan(f->unit->capacity_mw)) {
        t->rated_energy += energy;
        t->capacity_mwh += f->unit->capacity_mw * HOURS_PER_INTERVAL * (double)intervals;
    }
    emissions_add(&t->emissions, energy, f->unit->co2e_factor);
    t->intervals += intervals;
    t->is_provisional = days[UNIT_DAY_PROVISIONAL] > 0;
    f->last = f->unit;
    memset(r->days, 0, sizeof r->days);
}

static const struct unit *unit_on(const struct reading_totals *t, str duid, aest_day day) {
    const struct unit *row = units_row(t->units, duid, day);
    if (row)
        return row;
    struct unit *unregistered = ARENA_NEW(t->memory, struct unit);
    *unregistered = units_find(t->units, duid, day);
    return unregistered;
}

/* The unit as it is on [day]. */
static void bring_facts(struct reading_totals *t, uint32_t at, aest_day day) {
    struct running *r = running_at(t, at);
    if (day < r->to)
        return;
    struct facts *f = facts_at(t, at);
    take_days(r, f);
    f->unit = unit_on(t, f->total.unit.duid, day);
    /* behind a unit's last row, or between two, it is looked up again each day */
    r->to = day < f->unit->to ? f->unit->to : day + 1;
}

/* The sums of a unit as they stand in a tile. */
static void add_cells(struct reading_totals *t, uint32_t at, const cell *cells) {
    double sums[UNIT_DAY_LANES];
    for (int lane = 0; lane < UNIT_DAY_LANES; lane++)
        sums[lane] = cell_to_double(cells[lane]);
    unit_day_add(running_at(t, at)->days, sums);
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

/* One reading of totals from the files of the grid. */
struct totals_read {
    struct store *store;
    struct grid *grid;
    struct reading_totals *totals;
    struct places readings, days, months;
    bool settled; /* false: a writer came in between, and all is to be read again */
};

/* -- parts of days ------------------------------------------------------------------------------
 */

/* A part of a day, from its readings. */
struct part {
    const struct tiles *file;
    struct tile tile;
    size_t slot, length;
    struct tiles *next_file; /* where the reading behind the last one is, when in another tile */
    struct tile next;
    struct span prices[REGIONS];
};

static double reading_behind(const struct part *p, str duid, uint32_t key) {
    size_t behind = p->slot + p->length;
    if (behind < p->tile.slots)
        return cell_to_double(tile_series(&p->tile, key, 0)[behind]);
    if (!p->next_file)
        return NAN;
    int64_t place = p->next_file == p->file ? key : tiles_key(p->next_file, duid);
    return place < 0 || place >= p->next.keys
               ? (double)NAN
               : cell_to_double(*tile_series(&p->next, (uint32_t)place, 0));
}

static void add_part(struct totals_read *r, const struct part *p, aest_day day, str duid,
                     uint32_t key, uint32_t at) {
    double readings[INTERVALS_PER_DAY], sums[UNIT_DAY_LANES];
    const cell *cells = tile_series(&p->tile, key, 0) + p->slot;
    cell any = 0;
    for (size_t i = 0; i < p->length; i++) {
        readings[i] = cell_to_double(cells[i]);
        any |= cells[i] ^ CELL_MISSING;
    }
    if (!any)
        return;
    bring_facts(r->totals, at, day);
    const struct facts *f = facts_at(r->totals, at);
    int region = region_index(f->unit->region);
    if (!f->unit->sign)
        return;
    unit_day_of(readings, p->length, reading_behind(p, duid, key), f->unit->sign,
                region < REGIONS ? p->prices[region].values : NULL, sums);
    unit_day_add(running_at(r->totals, at)->days, sums);
}

static bool begin_tile(struct totals_read *r, aest_day day, struct tiles **file, struct tile *t) {
    *file = grid_tiles(r->grid, grid_shape(r->grid, SCADA5), day);
    return *file && tiles_look(*file) && tile_begin(*file, day, t);
}

static err *read_part(struct totals_read *r, struct arena *a, struct period p) {
    aest_day day = interval_day(p.after + 1);
    struct part part = {.slot = (size_t)(p.after - interval_day_start(day)),
                        .length = (size_t)(p.to - p.after)};
    struct tiles *file;
    TRY(settlement_prices_read(r->store, a, p, part.prices));
    if (!begin_tile(r, day, &file, &part.tile))
        return NULL;
    part.file = file;
    bool ends_day = part.slot + part.length == part.tile.slots;
    if (!ends_day || !begin_tile(r, day + 1, &part.next_file, &part.next))
        part.next_file = NULL;
    bring_places(r->totals, &r->readings, file);
    for (uint32_t k = 0; k < part.tile.keys; k++)
        add_part(r, &part, day, file->keys.texts[k], k, r->readings.at[k]);
    r->settled = tile_settled(&part.tile) && (!part.next_file || tile_settled(&part.next));
    return NULL;
}

/* -- whole days and months ----------------------------------------------------------------------
 */

/* A whole day, from the sums; of the month's units that go by days alone, where it is told. */
static void read_day(struct totals_read *r, aest_day day, bool by_days) {
    struct tiles *file = grid_tiles(r->grid, &sums_unit_days, day);
    struct tile t;
    if (!file || !tiles_look(file) || !tile_begin(file, day, &t))
        return;
    bring_places(r->totals, &r->days, file);
    for (uint32_t k = 0; k < t.keys; k++) {
        const cell *cells = tile_series(&t, k, 0);
        uint32_t at = r->days.at[k];
        if ((by_days && !running_at(r->totals, at)->by_days) ||
            cells[UNIT_DAY_INTERVALS] == CELL_MISSING)
            continue;
        bring_facts(r->totals, at, day);
        add_cells(r->totals, at, cells);
    }
    r->settled = tile_settled(&t);
}

/* A whole month of [days]; false where its sums aren't kept, or aren't those of its days. */
static bool read_month(struct totals_read *r, aest_day first, int days) {
    struct tiles *file = month_tiles(&months_of_units, r->grid, first);
    struct tile t;
    bool any = false;
    if (!file || !tile_begin(file, first, &t))
        return false;
    bring_places(r->totals, &r->months, file);
    for (uint32_t k = 0; k < t.keys; k++) {
        const cell *cells = tile_series(&t, k, 0);
        uint32_t at = r->months.at[k];
        if (cells[UNIT_DAY_INTERVALS] == CELL_MISSING)
            continue;
        bring_facts(r->totals, at, first);
        struct running *unit = running_at(r->totals, at);
        unit->by_days = unit->to < first + days;
        any = any || unit->by_days;
        if (!unit->by_days)
            add_cells(r->totals, at, cells);
    }
    r->settled = tile_settled(&t);
    for (int i = 0; any && i < days && r->settled; i++)
        read_day(r, first + i, true);
    return true;
}

/* Reads as much as there is in one piece behind [after]: a month, a day, or a part of one. */
static err *read_piece(struct totals_read *r, interval after, interval to, interval *end) {
    aest_day day = interval_day(after + 1);
    bool begins_day = after == interval_day_start(day);
    int days = begins_day ? month_days_from(day) : 0;
    *end = interval_day_start(day + days);
    if (days && *end <= to && read_month(r, day, days))
        return NULL;
    *end = interval_day_start(day + 1);
    if (begins_day && *end <= to) {
        read_day(r, day, false);
        return NULL;
    }
    struct arena memory = {0};
    *end = *end < to ? *end : to;
    err *e = read_part(r, &memory, (struct period){after, *end});
    arena_free(&memory);
    /* it may have taken notice of other files */
    r->readings.file = r->days.file = r->months.file = NULL;
    return e;
}

/* Reads all of [p]; *settled is false when a writer came in between. */
static err *read_all(struct store *s, struct reading_totals *totals, struct period p,
                     bool *settled) {
    struct totals_read *r = mem_zalloc(1, sizeof *r);
    err *e = NULL;
    *r = (struct totals_read){.store = s, .grid = store_grid(s), .totals = totals, .settled = true};
    for (interval after = p.after, end; after < p.to && !e && r->settled; after = end)
        e = read_piece(r, after, p.to, &end);
    *settled = r->settled;
    free(r);
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
        if (f->total.intervals == 0)
            continue;
        struct unit_total *row = &out->rows[out->count++];
        *row = f->total;
        row->unit = *f->last;
        row->unit.duid = f->total.unit.duid;
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
