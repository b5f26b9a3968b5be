#include "market/thresholds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// clang-format off
static const struct {
    int from; /* yyyymmdd */
    double cap, floor, cumulative, administered_cap;
} built_in[] = {
    {19971104, 5000, -1000, (double)NAN, 300},
    {20020401, 10000, -1000, 150000, 300},
    {20100701, 12500, -1000, 187500, 300},
    {20120701, 12900, -1000, 193900, 300},
    {20130701, 13100, -1000, 197100, 300},
    {20140701, 13500, -1000, 201900, 300},
    {20150701, 13800, -1000, 207000, 300},
    {20160701, 14000, -1000, 210100, 300},
    {20170701, 14200, -1000, 212800, 300},
    {20180701, 14500, -1000, 216900, 300},
    {20190701, 14700, -1000, 221100, 300},
    {20200701, 15000, -1000, 224600, 300},
    {20210701, 15100, -1000, 226500, 300},
    {20211001, 15100, -1000, 1359100, 300},
    {20220701, 15500, -1000, 1398100, 300},
    {20221201, 15500, -1000, 1398100, 600},
    {20230701, 16600, -1000, 1490200, 600},
    {20240701, 17500, -1000, 1573700, 600},
    {20250701, 20300, -1000, 1823600, 600},
    {20260701, 23200, -1000, 2225900, 600},
};
// clang-format on
enum { BUILT_IN = sizeof built_in / sizeof *built_in };

static aest_day day_of(int yyyymmdd) {
    aest_day day = 0;
    aest_day_from_date(yyyymmdd / 10000, yyyymmdd / 100 % 100, yyyymmdd % 100, &day);
    return day;
}

static double administered_cap(aest_day day) {
    int i = BUILT_IN - 1;
    while (i > 0 && day_of(built_in[i].from) > day)
        i--;
    return built_in[i].administered_cap;
}

static struct threshold built_in_row(int i) {
    return (struct threshold){day_of(built_in[i].from), built_in[i].cap, built_in[i].floor,
                              built_in[i].cumulative, built_in[i].administered_cap};
}

static void put(struct records *r, const struct threshold *t, const char *source,
                aest_us lastchanged) {
    records_put(r, (const struct record_value[]){
                       [THRESHOLD_FROM] = record_integer(t->from),
                       [THRESHOLD_CAP] = record_number(t->cap),
                       [THRESHOLD_FLOOR] = record_number(t->floor),
                       [THRESHOLD_CUMULATIVE] = record_number(t->cumulative),
                       [THRESHOLD_ADMINISTERED] = record_number(t->administered_cap),
                       [THRESHOLD_SOURCE] = record_text(str_from(source)),
                       [THRESHOLD_CHANGED] = record_integer(lastchanged),
                   });
}

void thresholds_put_built_in(struct records *r) {
    for (int i = 0; i < BUILT_IN; i++) {
        struct threshold t = built_in_row(i);
        put(r, &t, "built-in", 1);
    }
}

/* -- a table in memory --------------------------------------------------------------------------
 */

void thresholds_built_in(struct thresholds *out) {
    *out = (struct thresholds){mem_zalloc(BUILT_IN, sizeof *out->rows), BUILT_IN};
    for (int i = 0; i < BUILT_IN; i++)
        out->rows[i] = built_in_row(i);
}

void thresholds_free(struct thresholds *t) {
    free(t->rows);
    *t = (struct thresholds){0};
}

static double number(const struct record_value *v) {
    return v->there ? v->number : (double)NAN;
}

err *thresholds_load(struct store *s, struct thresholds *out) {
    struct records r;
    *out = (struct thresholds){0};
    err *e = records_read(s, THRESHOLDS, &r);
    if (!e) {
        thresholds_put_built_in(&r); /* newer ones than the file's, maybe */
        records_settle(&r);
        out->rows = mem_zalloc(r.count, sizeof *out->rows);
        for (size_t i = 0; i < r.count; i++) {
            const struct record_value *v = r.rows[i]->values;
            out->rows[out->count++] =
                (struct threshold){(aest_day)v[THRESHOLD_FROM].integer, number(&v[THRESHOLD_CAP]),
                                   number(&v[THRESHOLD_FLOOR]), number(&v[THRESHOLD_CUMULATIVE]),
                                   number(&v[THRESHOLD_ADMINISTERED])};
        }
    }
    records_free(&r);
    return e;
}

const struct threshold *thresholds_at(const struct thresholds *t, interval at) {
    aest_day day = interval_day(at);
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->rows[middle].from > day)
            high = middle;
        else
            low = middle + 1;
    }
    return &t->rows[low ? low - 1 : 0];
}

/* -- MMSDM --------------------------------------------------------------------------------------
 */

static str field(const struct mms_row *row, const char *name) {
    int column = mms_column(row->table, str_from(name));
    return column < 0 ? (str){0} : mms_field(row, column);
}

static err *read_number(const struct mms_row *row, const char *name, double *out) {
    str text = field(row, name);
    *out = (double)NAN;
    if (text.len && !str_to_double(text, out))
        return err_new(ERR_INPUT, "line %llu: %s is no number", (unsigned long long)row->line,
                       name);
    return NULL;
}

err *threshold_put_row(struct records *r, const struct mms_row *row, const char *month) {
    struct threshold t;
    aest_us from, changed;
    char source[64];
    TRY(read_number(row, "VOLL", &t.cap));
    TRY(read_number(row, "MARKETPRICEFLOOR", &t.floor));
    TRY(read_number(row, "ADMINISTERED_PRICE_THRESHOLD", &t.cumulative));
    if (isnan(t.cap) || isnan(t.floor) || !aest_parse_mms(field(row, "EFFECTIVEDATE"), &from) ||
        from <= 0 || !aest_parse_mms(field(row, "LASTCHANGED"), &changed) || changed <= 0)
        return err_new(ERR_INPUT, "line %llu: a row without cap, floor, day or LASTCHANGED",
                       (unsigned long long)row->line);
    t.from = (aest_day)(from / AEST_DAY);
    t.administered_cap = administered_cap(t.from);
    snprintf(source, sizeof source, "MMSDM MARKET_PRICE_THRESHOLDS %.16s", month);
    put(r, &t, source, changed);
    return NULL;
}
