#include "market/record_scan.h"

#include "market/mix.h"
#include "market/readings.h"
#include "market/shares.h"
#include "market/sums.h"

/* Another number has all of history read again. */
enum { FORMULA = 2 };
enum { BEFORE = 18 }; /* intervals that completeness is judged by */
static const double complete_from = 0.97;

struct scan {
    struct period period;
    size_t length;
    struct mix mix;
    struct span rooftop[REGIONS], demand[REGIONS], price[REGIONS], firm[REGIONS], stored[REGIONS];
    bool *provisional, *proxy, *incomplete;
};

/* -- reading ------------------------------------------------------------------------------------
 */

/* Units with a reading by interval, from [first] on. */
struct counting {
    interval first;
    size_t length;
    uint32_t *counts;
};

static void count_readings(void *context, const struct tiles *file, const struct tile *t) {
    struct counting *c = context;
    interval start = interval_day_start(t->day) + 1, end = c->first + (interval)c->length;
    int from = c->first > start ? c->first - start : 0;
    int to = end - start < INTERVALS_PER_DAY ? end - start : INTERVALS_PER_DAY;
    (void)file;
    for (int i = from; i < to; i++)
        c->counts[start + i - c->first] = 0;
    for (uint32_t k = 0; k < t->keys; k++) {
        const cell *cells = tile_series(t, k, 0);
        for (int i = from; i < to; i++)
            c->counts[start + i - c->first] += cells[i] != CELL_MISSING;
    }
}

/* An interval in which many units have no reading isn't what the market was. */
static void find_incomplete(struct store *s, struct arena *a, struct scan *scan) {
    struct grid *g = store_grid(s);
    struct counting c = {scan->period.after + 2 - BEFORE, scan->length + BEFORE - 1, NULL};
    c.counts = ARENA_ARRAY(a, uint32_t, c.length);
    scan->incomplete = ARENA_ARRAY(a, bool, scan->length);
    grid_each(g, grid_shape(g, SCADA5), interval_day(c.first), interval_day(scan->period.to),
              count_readings, &c);
    for (size_t i = 0; i < scan->length; i++) {
        uint32_t most = 0;
        for (size_t k = i; k < i + BEFORE; k++)
            most = c.counts[k] > most ? c.counts[k] : most;
        scan->incomplete[i] = c.counts[i + BEFORE - 1] < complete_from * most;
    }
}

static err *read_scan(struct store *s, struct arena *a, struct period p, struct scan *out) {
    *out = (struct scan){.period = p, .length = (size_t)(p.to - p.after)};
    out->provisional = ARENA_ARRAY(a, bool, out->length);
    out->proxy = ARENA_ARRAY(a, bool, out->length);
    struct buckets b = buckets_of_step(a, 1, p);
    TRY(mix_read(s, a, p, &b, &out->mix));
    TRY(rooftop_read(s, a, p, out->rooftop, out->provisional));
    TRY(operational_demand_read(s, a, p, out->demand, out->proxy));
    TRY(regions_read(s, a, PRICES5, "rrp", p, out->price));
    TRY(regions_read(s, a, PRICESTATUS5, "price_status", p, out->firm));
    TRY(regions_read(s, a, REGIONS5, "bdu_energy_storage", p, out->stored));
    find_incomplete(s, a, out);
    return NULL;
}

/* -- offering -----------------------------------------------------------------------------------
 */

/* An area's own columns; those of fuels are NULL where it has none. */
struct area {
    int number;
    const double *by_fuel[FUELS], *charge;
    const double *rooftop, *demand, *stored;
};

/* The regions' sum, unknown where one of them is; or of those that are known. */
static const double *sum_of(struct arena *a, const struct span of[REGIONS], size_t length,
                            bool of_known) {
    double *sum = ARENA_ARRAY(a, double, length);
    for (size_t i = 0; i < length; i++) {
        bool any = false;
        for (int r = 0; r < REGIONS; r++) {
            double value = of[r].values[i];
            any = any || !isnan(value);
            sum[i] += of_known && isnan(value) ? 0 : value;
        }
        sum[i] = any ? sum[i] : (double)NAN;
    }
    return sum;
}

static struct area area_of(struct arena *a, const struct scan *s, int number) {
    bool nem = number == RECORD_NEM;
    unsigned areas = nem ? MIX_ALL_AREAS : 1u << number;
    struct area out = {.number = number};
    for (int f = 0; f < FUELS; f++)
        out.by_fuel[f] = mix_sum(a, &s->mix, false, areas, (enum fuel)f);
    out.charge = mix_sum(a, &s->mix, true, areas, FUEL_BATTERY);
    out.rooftop = nem ? sum_of(a, s->rooftop, s->length, false) : s->rooftop[number].values;
    out.demand = nem ? sum_of(a, s->demand, s->length, false) : s->demand[number].values;
    /* TAS1 has no batteries; all regions' rows come in one file */
    out.stored = nem ? sum_of(a, s->stored, s->length, true) : s->stored[number].values;
    return out;
}

static double share_of(const struct area *area, size_t i) {
    struct supply s = {.rooftop = area->rooftop[i], .underlying = NAN};
    bool any = false;
    for (int f = 0; f < FUELS; f++) {
        double mw = area->by_fuel[f] ? area->by_fuel[f][i] : (double)NAN;
        any = any || !isnan(mw);
        s.by_fuel[f] = isnan(mw) ? 0 : mw;
    }
    return any ? renewable_shares(&s).generation : (double)NAN;
}

static void offer_units(const struct scan *s, const struct area *area, size_t i,
                        struct market_records *r) {
    static const struct {
        enum record_measure measure;
        enum fuel fuel;
    } fuels[] = {{RECORD_WIND, FUEL_WIND},
                 {RECORD_SOLAR, FUEL_SOLAR},
                 {RECORD_WATER, FUEL_WATER},
                 {RECORD_DISCHARGE, FUEL_BATTERY}};
    interval at = s->period.after + 1 + (interval)i;
    unsigned faults = s->incomplete[i] ? RECORD_INCOMPLETE : 0;
    unsigned of_share = faults | (s->provisional[i] ? RECORD_PROVISIONAL : 0);
    for (size_t k = 0; k < sizeof fuels / sizeof *fuels; k++)
        if (area->by_fuel[fuels[k].fuel])
            market_records_offer(r, fuels[k].measure, area->number, at,
                                 area->by_fuel[fuels[k].fuel][i], faults, NULL);
    if (area->charge)
        market_records_offer(r, RECORD_CHARGE, area->number, at, area->charge[i], faults, NULL);
    market_records_offer(r, RECORD_SHARE, area->number, at, share_of(area, i), of_share, NULL);
}

/* A price whose status isn't known, as those of history, counts as firm. */
static bool is_firm(double word) {
    const char *status = isnan(word) ? NULL : grid_word(PRICESTATUS5, "price_status", word);
    return !status || strcmp(status, "FIRM") == 0;
}

static void offer_others(const struct scan *s, const struct area *area, size_t i,
                         const struct thresholds *limits, struct market_records *r) {
    interval at = s->period.after + 1 + (interval)i;
    int n = area->number;
    market_records_offer(r, RECORD_ROOFTOP, n, at, area->rooftop[i],
                         s->provisional[i] ? RECORD_PROVISIONAL : 0, NULL);
    market_records_offer(r, RECORD_DEMAND, n, at, area->demand[i],
                         s->proxy[i] ? RECORD_PROVISIONAL : 0, NULL);
    market_records_offer(r, RECORD_UNDERLYING, n, at, area->demand[i] + area->rooftop[i],
                         s->proxy[i] || s->provisional[i] ? RECORD_PROVISIONAL : 0, NULL);
    market_records_offer(r, RECORD_STATE_OF_CHARGE, n, at, area->stored[i], 0, NULL);
    if (n < REGIONS)
        market_records_offer(r, RECORD_PRICE, n, at, s->price[n].values[i],
                             is_firm(s->firm[n].values[i]) ? 0 : RECORD_NOT_FIRM,
                             thresholds_at(limits, at));
}

err *record_scan(struct store *s, struct arena *a, const struct thresholds *limits, struct period p,
                 struct market_records *r) {
    struct scan scan;
    if (p.to <= p.after)
        return NULL;
    TRY(read_scan(s, a, p, &scan));
    for (int n = 0; n < RECORD_AREAS; n++) {
        struct area area = area_of(a, &scan, n);
        for (size_t i = 0; i < scan.length; i++) {
            offer_units(&scan, &area, i, r);
            offer_others(&scan, &area, i, limits, r);
        }
    }
    return NULL;
}

/* -- what days are made from --------------------------------------------------------------------
 */

/* The datasets that records are made from; of some the day before matters too. */
static const struct {
    enum dataset_id dataset;
    int days;
} sources[] = {{SCADA5, 2},       {ROOFTOP30, 2}, {DEMAND5, 1}, {DEMAND30, 1},
               {PRICESTATUS5, 1}, {PRICES5, 1},   {REGIONS5, 1}};
enum { SOURCES = sizeof sources / sizeof *sources };

static uint64_t mix_in(uint64_t hash, uint64_t value) {
    return (hash ^ value) * UINT64_C(0x100000001b3) ^ hash >> 29;
}

static uint64_t mix_in_stamp(uint64_t hash, struct file_stamp stamp) {
    return mix_in(mix_in(mix_in(hash, stamp.inode), stamp.size), (uint64_t)stamp.modified_ns);
}

static struct file_stamp stamp_of(struct grid *g, const struct tiles_shape *shape, aest_day day) {
    struct tiles *t = grid_tiles(g, shape, day);
    return t ? tiles_stamp(t, day) : (struct file_stamp){0};
}

uint64_t record_scan_stamp(struct store *s, aest_day day) {
    static const struct file_stamp none = {0};
    struct grid *g = store_grid(s);
    struct arena a = {0};
    bool any = false;
    uint64_t hash = mix_in(UINT64_C(1469598103934665603), FORMULA);
    for (int i = 0; i < SOURCES; i++)
        for (int back = 0; back < sources[i].days; back++) {
            struct file_stamp stamp = stamp_of(g, grid_shape(g, sources[i].dataset), day - back);
            any = any || (back == 0 && !file_stamp_eq(stamp, none));
            hash = mix_in_stamp(hash, stamp);
        }
    hash = mix_in_stamp(hash, stamp_of(g, &sums_mix5, day));
    hash = mix_in_stamp(hash, file_stamp(records_path(s, &a, THRESHOLDS)));
    arena_free(&a);
    return any ? hash | 1 : 0;
}

bool record_scan_days(struct store *s, aest_day *first, aest_day *last) {
    bool any = false;
    for (int i = 0; i < SOURCES; i++) {
        interval from, to;
        if (!grid_bounds(store_grid(s), sources[i].dataset, &from, &to))
            continue;
        *first = !any || interval_day(from) < *first ? interval_day(from) : *first;
        *last = !any || interval_day(to) > *last ? interval_day(to) : *last;
        any = true;
    }
    return any;
}

err *record_scan_history(struct store *s, const struct thresholds *limits, interval to,
                         struct market_records *r) {
    enum { AT_ONCE = 8 * INTERVALS_PER_DAY };
    struct arena a = {0};
    aest_day first, last;
    err *e = NULL;
    if (!record_scan_days(s, &first, &last))
        return NULL;
    for (interval after = interval_day_start(first); after < to && !e; after += AT_ONCE) {
        arena_reset(&a);
        e = record_scan(s, &a, limits,
                        (struct period){after, after + AT_ONCE < to ? after + AT_ONCE : to}, r);
    }
    arena_free(&a);
    return e;
}
