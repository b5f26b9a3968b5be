#include "market/mix.h"

#include <math.h>

#include "store/series.h"

static double *new_column(struct arena *a, size_t length) {
    double *values = ARENA_ARRAY(a, double, length);
    for (size_t i = 0; i < length; i++)
        values[i] = NAN;
    return values;
}

/* A day's five-minute sums. */
struct day_sums {
    interval first;
    size_t length;
    double *generation[MIX_AREAS][FUELS], *load[MIX_AREAS][FUELS];
};

static void add_unit(struct arena *a, struct day_sums *sums, const struct unit *unit, int sign,
                     const double *readings) {
    int area = region_index(unit->region);
    double **generation = &sums->generation[area][unit->fuel],
           **load = &sums->load[area][unit->fuel];
    if (!*generation) {
        *generation = new_column(a, sums->length);
        *load = new_column(a, sums->length);
    }
    for (size_t i = 0; i < sums->length; i++) {
        double mw = sign * readings[i];
        if (isnan(mw))
            continue;
        if (isnan((*generation)[i]))
            (*generation)[i] = (*load)[i] = 0;
        (*generation)[i] += mw > 0 ? mw : 0;
        (*load)[i] -= mw < 0 ? mw : 0;
    }
}

static err *read_day(struct store *s, const struct units *units, struct arena *a, interval after,
                     interval to, struct day_sums *out) {
    struct series readings;
    aest_day day = interval_day(after + 1);
    *out = (struct day_sums){.first = after + 1, .length = (size_t)(to - after)};
    TRY(series_read(s, a, SCADA5, "scadavalue", after, to, &readings));
    for (size_t k = 0; k < readings.count; k++) {
        struct unit unit = units_find(units, readings.keys[k], day);
        int sign = unit_sign(units, readings.keys[k], day);
        if (sign)
            add_unit(a, out, &unit, sign, readings.values[k]);
    }
    return NULL;
}

/* Where sums of a bucket are collected until all days are in. */
struct folding {
    double *sum;
    uint32_t *count;
};

static void fold(struct arena *a, const struct buckets *b, size_t bucket, interval first,
                 const double *values, size_t length, struct folding *into) {
    if (!into->sum) {
        into->sum = ARENA_ARRAY(a, double, b->count);
        into->count = ARENA_ARRAY(a, uint32_t, b->count);
    }
    for (size_t i = 0; i < length; i++) {
        while (first + (interval)i > b->edges[bucket + 1])
            bucket++;
        if (isnan(values[i]))
            continue;
        into->sum[bucket] += values[i];
        into->count[bucket]++;
    }
}

static double *means(struct folding *c, size_t length) {
    for (size_t i = 0; c->sum && i < length; i++)
        c->sum[i] = c->count[i] ? c->sum[i] / c->count[i] : NAN;
    return c->sum;
}

struct foldings {
    struct folding generation[MIX_AREAS][FUELS], load[MIX_AREAS][FUELS];
};

static void fold_day(struct arena *a, const struct buckets *b, size_t bucket,
                     const struct day_sums *day, struct foldings *into) {
    for (int area = 0; area < MIX_AREAS; area++) {
        for (int f = 0; f < FUELS; f++) {
            if (!day->generation[area][f])
                continue;
            fold(a, b, bucket, day->first, day->generation[area][f], day->length,
                 &into->generation[area][f]);
            fold(a, b, bucket, day->first, day->load[area][f], day->length, &into->load[area][f]);
        }
    }
}

err *mix_read(struct store *s, const struct units *units, struct arena *a, struct period range,
              const struct buckets *b, struct mix *out) {
    struct foldings *columns = ARENA_NEW(a, struct foldings);
    size_t bucket = 0;
    *out = (struct mix){.length = b->count};
    for (interval after = range.after, to; after < range.to; after = to) {
        struct arena memory = {0};
        struct day_sums day;
        to = interval_day_start(interval_day(after + 1) + 1);
        to = to < range.to ? to : range.to;
        while (after + 1 > b->edges[bucket + 1])
            bucket++;
        err *e = read_day(s, units, &memory, after, to, &day);
        if (!e)
            fold_day(a, b, bucket, &day, columns);
        arena_free(&memory);
        TRY(e);
    }
    for (int area = 0; area < MIX_AREAS; area++) {
        for (int f = 0; f < FUELS; f++) {
            out->generation[area][f] = means(&columns->generation[area][f], b->count);
            out->load[area][f] = means(&columns->load[area][f], b->count);
        }
    }
    return NULL;
}

const double *mix_sum(struct arena *a, const struct mix *m, bool load, unsigned areas,
                      enum fuel fuel) {
    double *sum = NULL;
    for (int area = 0; area < MIX_AREAS; area++) {
        const double *values = (load ? m->load : m->generation)[area][fuel];
        if (!values || !(areas >> area & 1))
            continue;
        if (!sum)
            sum = new_column(a, m->length);
        for (size_t i = 0; i < m->length; i++)
            if (!isnan(values[i]))
                sum[i] = isnan(sum[i]) ? values[i] : sum[i] + values[i];
    }
    return sum;
}
