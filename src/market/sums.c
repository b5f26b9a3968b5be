#include "market/sums.h"

#include <math.h>
#include <stdlib.h>

#include "store/lock.h"

/* Another number makes all sums anew. */
enum { FORMULA = 1 };

#define BOTH(fuel) fuel " generation," fuel " load,"
#define MIX_NAMES                                                                                  \
    BOTH("Unknown")                                                                                \
    BOTH("Black coal")                                                                             \
    BOTH("Brown coal")                                                                             \
    BOTH("CCGT")                                                                                   \
    BOTH("OCGT")                                                                                   \
    BOTH("Gas other")                                                                              \
    BOTH("Distillate")                                                                             \
    BOTH("Water")                                                                                  \
    BOTH("Wind")                                                                                   \
    BOTH("Solar")                                                                                  \
    BOTH("Battery") BOTH("Biomass") BOTH("Other") "imports,exports,partial"

const struct tiles_shape sums_mix5 = {"mix5", MIX_NAMES, MIX_LANES, INTERVALS_PER_DAY};
const struct tiles_shape sums_mix30 = {"mix30", MIX_NAMES, MIX_LANES, INTERVALS_PER_DAY / 6};
const struct tiles_shape sums_mix360 = {"mix360", MIX_NAMES, MIX_LANES, INTERVALS_PER_DAY / 72};
const struct tiles_shape sums_unit_days = {"unit_days", UNIT_DAY_LANE_NAMES, UNIT_DAY_LANES, 1};
const struct tiles_shape sums_price360 = {"price360", PRICE_LANE_NAMES, PRICE_LANES,
                                          INTERVALS_PER_DAY / 72};
const struct tiles_shape sums_price_days = {"price_days", PRICE_LANE_NAMES, PRICE_LANES, 1};

const char *const sums_areas[SUMS_AREAS] = {"NSW1", "QLD1", "SA1", "TAS1", "VIC1", "-", "NEM"};

/* What a day's sums are made from. */
struct sources {
    struct store *store;
    struct grid *grid;
    const struct units *units;
    const struct months *months; /* that are being made, or NULL */
};

static cell cell_of(double value) {
    return isnan(value) ? CELL_MISSING : cell_from_double(value);
}

/* A day's tile; holding the lock, it stays what it is. */
static bool tile_of(const struct sources *s, enum dataset_id dataset, aest_day day,
                    struct tiles **file, struct tile *out) {
    *file = grid_tiles(s->grid, grid_shape(s->grid, dataset), day);
    return *file && tiles_look(*file) && tile_begin(*file, day, out);
}

/* A series of a day in [out], of the tile's slots; false, and all NaN, where there is none. */
static bool read_day(const struct sources *s, enum dataset_id dataset, const char *column,
                     const char *key, aest_day day, double *out) {
    struct tiles *file;
    struct tile t;
    int slots = dataset_slots(&datasets[dataset]);
    int lane = grid_lane(dataset, column, 0);
    int64_t place = -1;
    if (tile_of(s, dataset, day, &file, &t))
        place = tiles_key(file, str_from(key));
    for (int i = 0; i < slots; i++)
        out[i] =
            place < 0 ? NAN : cell_to_double(tile_series(&t, (uint32_t)place, (uint32_t)lane)[i]);
    return place >= 0;
}

/* -- the mix ------------------------------------------------------------------------------------
 */

struct mix_day {
    double mw[SUMS_AREAS][MIX_LANES][INTERVALS_PER_DAY];
};

static void add(double *sum, double mw) {
    *sum = isnan(*sum) ? mw : *sum + mw;
}

static void add_units(const struct sources *s, aest_day day, struct mix_day *m) {
    struct tiles *file;
    struct tile t;
    if (!tile_of(s, SCADA5, day, &file, &t))
        return;
    for (uint32_t k = 0; k < t.keys; k++) {
        str duid = file->keys.texts[k];
        struct unit unit = units_find(s->units, duid, day);
        int sign = unit.sign, area = region_index(unit.region);
        const cell *cells = tile_series(&t, k, 0);
        double *generation = m->mw[area][mix_lane(unit.fuel, false)],
               *load = m->mw[area][mix_lane(unit.fuel, true)];
        for (int i = 0; sign && i < INTERVALS_PER_DAY; i++) {
            if (cells[i] == CELL_MISSING)
                continue;
            double mw = sign * cell_to_double(cells[i]);
            add(&generation[i], mw > 0 ? mw : 0);
            add(&load[i], mw < 0 ? -mw : 0);
        }
    }
}

/* Flows, each link parted by its direction: what comes in at one end goes out at the other. */
static void add_links(const struct sources *s, aest_day day, struct mix_day *m) {
    double flow[INTERVALS_PER_DAY];
    for (int l = 0; l < INTERCONNECTORS; l++) {
        const struct interconnector *link = &interconnectors[l];
        int from = region_index(str_from(link->from)), to = region_index(str_from(link->to));
        read_day(s, TRANSMISSION5, "meteredmwflow", link->id, day, flow);
        for (int i = 0; i < INTERVALS_PER_DAY; i++) {
            if (isnan(flow[i]))
                continue;
            double forth = flow[i] > 0 ? flow[i] : 0, back = flow[i] < 0 ? -flow[i] : 0;
            add(&m->mw[from][MIX_LANE_EXPORTS][i], forth);
            add(&m->mw[from][MIX_LANE_IMPORTS][i], back);
            add(&m->mw[to][MIX_LANE_IMPORTS][i], forth);
            add(&m->mw[to][MIX_LANE_EXPORTS][i], back);
        }
    }
}

static void add_nem(struct mix_day *m) {
    for (int area = 0; area < SUMS_NEM; area++)
        for (int lane = 0; lane < 2 * FUELS; lane++)
            for (int i = 0; i < INTERVALS_PER_DAY; i++)
                if (!isnan(m->mw[area][lane][i]))
                    add(&m->mw[SUMS_NEM][lane][i], m->mw[area][lane][i]);
}

static void mix_of(const struct sources *s, aest_day day, struct mix_day *m) {
    double *all = &m->mw[0][0][0];
    for (size_t i = 0; i < sizeof m->mw / sizeof *all; i++)
        all[i] = NAN;
    add_units(s, day, m);
    add_links(s, day, m);
    add_nem(m);
}

static cell *series_of(cell *tile, const struct intern *keys, const struct tiles_shape *shape,
                       str key, int lane) {
    int64_t place = intern_find(keys, key);
    return place < 0 ? NULL : tile + ((size_t)place * shape->lanes + (size_t)lane) * shape->slots;
}

static void fill_mix5(void *context, aest_day day, const struct intern *keys, cell *tile) {
    struct mix_day *m = mem_alloc(sizeof *m);
    mix_of(context, day, m);
    for (int area = 0; area < SUMS_AREAS; area++)
        for (int lane = 0; lane < MIX_LANES; lane++) {
            cell *to = series_of(tile, keys, &sums_mix5, str_from(sums_areas[area]), lane);
            for (int i = 0; to && i < INTERVALS_PER_DAY; i++)
                to[i] = cell_of(m->mw[area][lane][i]);
        }
    free(m);
}

/* The half hours of a lane; *partial where one has fewer than its six. */
static void fill_halves(const double *five, cell *to, cell *partial) {
    enum { PARTS = 6 };
    for (int half = 0; half < INTERVALS_PER_DAY / PARTS; half++) {
        double sum = 0;
        int known = 0;
        for (int i = half * PARTS; i < (half + 1) * PARTS; i++)
            if (!isnan(five[i]))
                sum += five[i], known++;
        if (known)
            to[half] = cell_from_double(sum / known);
        if (known && known < PARTS)
            partial[half] = cell_from_double(1);
    }
}

/* From the tile of 5 minutes, which is made before it. */
static void fill_mix30(void *context, aest_day day, const struct intern *keys, cell *tile) {
    const struct sources *s = context;
    struct tiles *file = grid_tiles(s->grid, &sums_mix5, day);
    double five[INTERVALS_PER_DAY];
    struct tile t;
    if (!file || !tiles_look(file) || !tile_begin(file, day, &t))
        return;
    for (int area = 0; area < SUMS_AREAS; area++) {
        str key = str_from(sums_areas[area]);
        int64_t place = tiles_key(file, key);
        cell *partial = series_of(tile, keys, &sums_mix30, key, MIX_LANE_PARTIAL);
        for (int lane = 0; place >= 0 && partial && lane < MIX_LANE_PARTIAL; lane++) {
            const cell *cells = tile_series(&t, (uint32_t)place, (uint32_t)lane);
            for (int i = 0; i < INTERVALS_PER_DAY; i++)
                five[i] = cell_to_double(cells[i]);
            fill_halves(five, series_of(tile, keys, &sums_mix30, key, lane), partial);
        }
    }
}

/* The quarters of a day's half hours: the mean of those that are whole; *partial where one isn't.
 */
static void fill_quarters(const cell *halves, const cell *partial_halves, cell *to, cell *partial) {
    enum { PARTS = 12, QUARTERS = INTERVALS_PER_DAY / 6 / PARTS };
    for (int quarter = 0; quarter < QUARTERS; quarter++) {
        double sum = 0;
        int known = 0;
        bool is_partial = false;
        for (int i = quarter * PARTS; i < (quarter + 1) * PARTS; i++) {
            if (halves[i] != CELL_MISSING)
                sum += cell_to_double(halves[i]), known++;
            is_partial = is_partial || partial_halves[i] != CELL_MISSING;
        }
        if (is_partial || (known && known < PARTS))
            partial[quarter] = cell_from_double(1);
        else if (known)
            to[quarter] = cell_from_double(sum / PARTS);
    }
}

/* From the tile of half hours, which is made before it. */
static void fill_mix360(void *context, aest_day day, const struct intern *keys, cell *tile) {
    const struct sources *s = context;
    struct tiles *file = grid_tiles(s->grid, &sums_mix30, day);
    struct tile t;
    if (!file || !tiles_look(file) || !tile_begin(file, day, &t))
        return;
    for (int area = 0; area < SUMS_AREAS; area++) {
        str key = str_from(sums_areas[area]);
        int64_t place = tiles_key(file, key);
        cell *partial = series_of(tile, keys, &sums_mix360, key, MIX_LANE_PARTIAL);
        for (int lane = 0; place >= 0 && partial && lane < MIX_LANE_PARTIAL; lane++)
            fill_quarters(tile_series(&t, (uint32_t)place, (uint32_t)lane),
                          tile_series(&t, (uint32_t)place, MIX_LANE_PARTIAL),
                          series_of(tile, keys, &sums_mix360, key, lane), partial);
    }
}

/* -- days of units ------------------------------------------------------------------------------
 */

/* Prices at which each region's energy of a day is settled. */
static void prices_of(const struct sources *s, aest_day day,
                      double prices[REGIONS][INTERVALS_PER_DAY]) {
    double halves[INTERVALS_PER_DAY / 6] = {0};
    interval first = interval_day_start(day) + 1;
    for (int r = 0; r < REGIONS; r++) {
        read_day(s, PRICES5, "rrp", regions[r], day, prices[r]);
        if (first > SETTLED_BY_HALF_HOUR_UNTIL)
            continue;
        read_day(s, PRICES30, "rrp", regions[r], day, halves);
        for (int i = 0; i < INTERVALS_PER_DAY; i++)
            prices[r][i] = halves[i / 6];
    }
}

static void fill_unit_days(void *context, aest_day day, const struct intern *keys, cell *tile) {
    const struct sources *s = context;
    double prices[REGIONS][INTERVALS_PER_DAY], readings[INTERVALS_PER_DAY], out[UNIT_DAY_LANES];
    struct tiles *file, *next_file;
    struct tile t, next;
    if (!tile_of(s, SCADA5, day, &file, &t))
        return;
    bool has_next = tile_of(s, SCADA5, day + 1, &next_file, &next);
    prices_of(s, day, prices);
    for (uint32_t k = 0; k < t.keys; k++) {
        str duid = file->keys.texts[k];
        struct unit unit = units_find(s->units, duid, day);
        int sign = unit.sign, area = region_index(unit.region);
        cell *to = series_of(tile, keys, &sums_unit_days, duid, 0);
        int64_t behind = has_next ? tiles_key(next_file, duid) : -1;
        bool any = false;
        for (int i = 0; i < INTERVALS_PER_DAY; i++) {
            readings[i] = cell_to_double(tile_series(&t, k, 0)[i]);
            any = any || !isnan(readings[i]);
        }
        if (!any || !sign || !to)
            continue;
        unit_day_of(readings, INTERVALS_PER_DAY,
                    behind < 0 ? (double)NAN
                               : cell_to_double(*tile_series(&next, (uint32_t)behind, 0)),
                    sign, area < REGIONS ? prices[area] : NULL, out);
        for (int lane = 0; lane < UNIT_DAY_LANES; lane++)
            to[lane] = cell_from_double(out[lane]);
    }
}

/* -- prices -------------------------------------------------------------------------------------
 */

/* Each slot's prices of a day. */
static void fill_prices(const struct sources *s, const struct tiles_shape *shape, aest_day day,
                        const struct intern *keys, cell *tile) {
    double values[2][REGIONS][INTERVALS_PER_DAY];
    uint32_t each = INTERVALS_PER_DAY / shape->slots;
    for (int r = 0; r < REGIONS; r++) {
        read_day(s, PRICES5, "rrp", regions[r], day, values[0][r]);
        read_day(s, REGIONS5, "totaldemand", regions[r], day, values[1][r]);
    }
    for (uint32_t slot = 0; slot < shape->slots; slot++) {
        struct span rrp[REGIONS], demand[REGIONS];
        double sums[PRICE_AREAS][PRICE_LANES];
        interval first = interval_day_start(day) + 1 + (interval)(slot * each);
        for (int r = 0; r < REGIONS; r++) {
            rrp[r] = (struct span){first, 1, each, values[0][r] + slot * each};
            demand[r] = (struct span){first, 1, each, values[1][r] + slot * each};
        }
        price_sums_of(rrp, demand, sums);
        for (int area = 0; area < PRICE_AREAS; area++) {
            cell *to = series_of(tile, keys, shape, str_from(price_area(area)), 0);
            for (uint32_t lane = 0; to && sums[area][PRICE_COUNT] > 0 && lane < PRICE_LANES; lane++)
                to[lane * shape->slots + slot] = cell_from_double(sums[area][lane]);
        }
    }
}

static void fill_price360(void *context, aest_day day, const struct intern *keys, cell *tile) {
    fill_prices(context, &sums_price360, day, keys, tile);
}

static void fill_price_days(void *context, aest_day day, const struct intern *keys, cell *tile) {
    fill_prices(context, &sums_price_days, day, keys, tile);
}

/* -- months -------------------------------------------------------------------------------------
 */

static void fill_month(void *context, aest_day day, const struct intern *keys, cell *tile) {
    const struct sources *s = context;
    month_fill(s->months, s->grid, day, keys, tile);
}

/* -- which days ---------------------------------------------------------------------------------
 */

enum { SOURCES = 6 };

/* A kind of sums: what it is made from decides what makes it anew. */
static const struct kind {
    const struct tiles_shape *shape;
    bool needs_units;      /* and the readings of the next day */
    enum dataset_id first; /* without a tile of this, there are none */
    enum dataset_id others[SOURCES];
    int other_count;
    void (*fill)(void *, aest_day, const struct intern *, cell *);
    const struct months *months; /* which these are, or NULL: behind their days */
} kinds[] = {
    {&sums_mix5, true, SCADA5, {TRANSMISSION5}, 1, fill_mix5, NULL},
    {&sums_mix30, true, SCADA5, {TRANSMISSION5}, 1, fill_mix30, NULL},
    {&sums_mix360, true, SCADA5, {TRANSMISSION5}, 1, fill_mix360, NULL},
    {&sums_unit_days, true, SCADA5, {PRICES5, PRICES30}, 2, fill_unit_days, NULL},
    {&sums_unit_months, true, SCADA5, {PRICES5, PRICES30}, 2, fill_month, &months_of_units},
    {&sums_price360, false, PRICES5, {REGIONS5}, 1, fill_price360, NULL},
    {&sums_price_days, false, PRICES5, {REGIONS5}, 1, fill_price_days, NULL},
    {&sums_price_months, false, PRICES5, {REGIONS5}, 1, fill_month, &months_of_prices},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static uint64_t sequence_of(const struct sources *s, enum dataset_id dataset, aest_day day) {
    struct tiles *t = grid_tiles(s->grid, grid_shape(s->grid, dataset), day);
    return t ? tiles_sequence(t, day) : 0;
}

/* What a day's sums are to be stamped with: all zero where there is nothing to sum. */
static struct file_stamp stamp_of(const struct sources *s, const struct kind *k, aest_day day) {
    if (k->months)
        return month_stamp(k->months, s->grid, day);
    uint64_t hash = sequence_of(s, k->first, day);
    if (hash == 0)
        return (struct file_stamp){0};
    hash = sums_hash(1469598103934665603u, hash);
    for (int i = 0; i < k->other_count; i++)
        hash = sums_hash(hash, sequence_of(s, k->others[i], day));
    if (k->shape == &sums_unit_days)
        hash = sums_hash(hash, sequence_of(s, SCADA5, day + 1));
    struct file_stamp stamp = {.inode = hash | 1, .modified_ns = FORMULA};
    if (k->needs_units) {
        const struct file_stamp *u = &s->units->stamp;
        stamp.size = sums_hash(sums_hash(u->inode, u->size), (uint64_t)u->modified_ns);
    }
    return stamp;
}

static struct file_stamp stamp_there(const struct sources *s, const struct kind *k, aest_day day) {
    struct tiles *t = grid_tiles(s->grid, k->shape, day);
    return t ? tiles_stamp(t, day) : (struct file_stamp){0};
}

/* Of which shape's keys a kind's are; NULL: areas. */
static const struct tiles_shape *keyed_by(const struct sources *s, const struct kind *k) {
    if (k->months)
        return k->months->days;
    return k->shape == &sums_unit_days ? grid_shape(s->grid, SCADA5) : NULL;
}

/* The keys of a kind's file: areas, or those of the days. */
static void keys_of(const struct sources *s, const struct kind *k, aest_day first, int count,
                    struct intern *keys) {
    const struct tiles_shape *days = keyed_by(s, k);
    for (int area = 0; !days && area < SUMS_AREAS; area++)
        if (k->first != PRICES5 || area != SUMS_NO_REGION)
            intern_add(keys, str_from(sums_areas[area]));
    for (int i = 0; days && i < count; i++) {
        struct tiles *file = grid_tiles(s->grid, days, first + i);
        if (file && tiles_look(file) && (i == 0 || first + i == file->first))
            for (uint32_t key = 0; key < file->keys.count; key++)
                intern_add(keys, file->keys.texts[key]);
    }
}

static err *make_kind(struct sources *s, const struct kind *k, aest_day first, int count,
                      int *made) {
    struct arena a = {0};
    struct intern keys = {0};
    if (k->months) { /* which stand on the first day of theirs */
        count += first - month_first(first);
        first = month_first(first);
    }
    s->months = k->months;
    struct file_stamp *stamps = ARENA_ARRAY(&a, struct file_stamp, (size_t)count);
    bool lack = false;
    int changed = 0;
    err *e = NULL;
    for (int i = 0; i < count; i++) {
        stamps[i] = stamp_of(s, k, first + i);
        lack = lack || !file_stamp_eq(stamps[i], stamp_there(s, k, first + i));
    }
    if (lack) {
        keys_of(s, k, first, count, &keys);
        e = grid_put(s->grid,
                     (struct tiles_change){.shape = k->shape,
                                           .keys = keys.texts,
                                           .key_count = keys.count,
                                           .first = first,
                                           .count = count,
                                           .stamps = stamps,
                                           .fill = k->fill,
                                           .context = s},
                     &changed);
    }
    *made += changed;
    intern_free(&keys);
    arena_free(&a);
    return e;
}

err *sums_make(struct store *s, const struct units *units, aest_day first, int count, int *made) {
    struct sources sources = {.store = s, .grid = store_grid(s), .units = units};
    for (int k = 0; k < KINDS; k++) {
        TRY(make_kind(&sources, &kinds[k], first, count, made));
        grid_look(sources.grid); /* it may have made the first file of a year */
    }
    return NULL;
}

/* -- following, and making good ------------------------------------------------------------------
 */

static bool is_source(enum dataset_id dataset) {
    for (int k = 0; k < KINDS; k++) {
        if (kinds[k].first == dataset)
            return true;
        for (int i = 0; i < kinds[k].other_count; i++)
            if (kinds[k].others[i] == dataset)
                return true;
    }
    return false;
}

static struct units *units_of(void **context) {
    if (!*context)
        *context = mem_zalloc(1, sizeof(struct units));
    return *context;
}

static err *follow(void **context, struct store *s, enum dataset_id dataset, aest_day first,
                   int count) {
    int made = 0;
    if (!is_source(dataset))
        return NULL;
    struct units *units = units_of(context);
    TRY(units_load(s, units));
    return sums_make(s, units, first - 1, count + 1, &made);
}

static void close_units(void *context) {
    units_free(context);
    free(context);
}

/* The days on which there is anything to sum. */
static bool span_of(struct grid *g, aest_day *first, aest_day *last) {
    interval from, to;
    bool any = false;
    for (int i = 0; i < DATASETS; i++) {
        if (!is_source((enum dataset_id)i) || !grid_bounds(g, (enum dataset_id)i, &from, &to))
            continue;
        *first = !any || interval_day(from) < *first ? interval_day(from) : *first;
        *last = !any || interval_day(to) > *last ? interval_day(to) : *last;
        any = true;
    }
    return any;
}

static bool lacks(const struct sources *s, aest_day day) {
    for (int k = 0; k < KINDS; k++)
        if (!file_stamp_eq(stamp_of(s, &kinds[k], day), stamp_there(s, &kinds[k], day)))
            return true;
    return false;
}

static err *make_locked(struct store *s, const struct units *units, aest_day first, int count,
                        int *made) {
    int lock;
    TRY(store_lock(s, &lock));
    err *e = sums_make(s, units, first, count, made);
    lock_release(lock);
    return e;
}

static int64_t count_lacking(const struct sources *s, aest_day first, aest_day last) {
    int64_t days = 0;
    for (aest_day day = first; day <= last; day++)
        days += lacks(s, day);
    return days;
}

/* How many days aren't what rows and units make of them, as both are now. */
static err *count_now(struct store *s, struct units *units, int64_t *days) {
    aest_day first = 0, last = 0;
    *days = 0;
    TRY(units_load(s, units));
    struct sources sources = {.store = s, .grid = store_grid(s), .units = units};
    if (span_of(sources.grid, &first, &last))
        *days = count_lacking(&sources, first, last);
    return NULL;
}

static err *lacking(void **context, struct store *s, int64_t *days) {
    return count_now(s, units_of(context), days);
}

const struct store_follower sums_follower = {follow, lacking, close_units};

static err *say_missing(struct store *s, int64_t days) {
    int lock;
    TRY(store_lock(s, &lock));
    err *e = grid_set_missing(store_grid(s), days);
    lock_release(lock);
    return e;
}

/* The same of [others] in place of what was [said], unless units have changed meanwhile or somebody
 * has said something else: then all is to be looked at again. */
static err *say_whole(struct store *s, struct units *units, int64_t said, int64_t others) {
    int64_t left;
    int lock;
    TRY(store_lock(s, &lock));
    err *e = count_now(s, units, &left);
    if (!e && left == 0 && grid_missing(store_grid(s)) == said)
        e = grid_set_missing(store_grid(s), others);
    lock_release(lock);
    return e;
}

static err *make_lacking(struct store *s, const struct units *units, const struct stop *stop,
                         aest_day first, aest_day last, int *made) {
    enum { AT_ONCE = 31 };
    for (aest_day day = last; day >= first && !(stop && stop_requested(stop)); day--) {
        struct sources sources = {.store = s, .grid = store_grid(s), .units = units};
        if (!lacks(&sources, day))
            continue;
        aest_day from = day - AT_ONCE + 1 > first ? day - AT_ONCE + 1 : first;
        TRY(make_locked(s, units, from, day - from + 1, made));
        day = from;
    }
    return NULL;
}

err *sums_refresh(struct store *s, struct units *units, const struct stop *stop, int *made) {
    aest_day first = 0, last = 0;
    *made = 0;
    TRY(units_load(s, units));
    struct sources sources = {.store = s, .grid = store_grid(s), .units = units};
    if (!span_of(sources.grid, &first, &last))
        return NULL;
    int64_t days = count_lacking(&sources, first, last), others = grid_missing(sources.grid);
    if (days == 0)
        return NULL;
    others = others > 0 ? others : 0;
    TRY(say_missing(s, days + others));
    err *e = make_lacking(s, units, stop, first, last, made);
    if (e || (stop && stop_requested(stop)))
        return e;
    return say_whole(s, units, days + others, others);
}
