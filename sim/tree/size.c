#include "sim/tree/size.h"

#include <math.h>

#include "mms/zip_write.h"
#include "sim/model/event.h"
#include "sim/model/noise.h"
#include "sim/model/streams.h"
#include "sim/tables/predispatch.h"

enum { SIZE_STREAM = SIM_STREAMS_SIZE };
/* Per cent by which files differ, and that faults add. */
enum { SPREAD = 2, VERSION_MORE = 100, COLUMN_MORE = 15 };
#define HALF_HOUR (30 * AEST_MINUTE)
#define TRADING_DAY_START (4 * 60 * AEST_MINUTE)

/* -- how many items a file has ---------------------------------------------------------------- */

static int predispatch_intervals(const struct sim_market *m, aest_us run) {
    (void)m;
    return (int)((sim_predispatch_last(run) - run) / HALF_HOUR) + 1;
}

static int rooftop_forecast_intervals(const struct sim_market *m, aest_us run) {
    (void)m;
    aest_day last = interval_trading_day(interval_at_or_after(run)) + 8;
    return (int)((last * AEST_DAY + TRADING_DAY_START - run) / HALF_HOUR);
}

static int demand_forecast_intervals(const struct sim_market *m, aest_us run) {
    (void)m;
    return (int)(((run / AEST_DAY + 9) * AEST_DAY - run) / HALF_HOUR) + 1;
}

/* How many intervals that end in (from, to] may be in an intervention: whether the unit to be
 * directed is there, nobody asks. */
static int intervened(const struct sim_market *m, aest_us from, aest_us to) {
    const aest_us step = INTERVAL_MINUTES * AEST_MINUTE;
    int count = 0;
    for (aest_us day = from - from % AEST_DAY - AEST_DAY; day < to; day += AEST_DAY) {
        struct sim_intervention i =
            sim_intervention_on(sim_market_seed(m), (aest_day)(day / AEST_DAY));
        aest_us begin = day + TRADING_DAY_START + (i.from - 1) * step,
                end = day + TRADING_DAY_START + (i.to - 1) * step;
        begin = begin > from ? begin : from;
        end = end < to ? end : to;
        if (i.any && begin < end)
            count += (int)((end - begin + step - 1) / step);
    }
    return count;
}

/* Those of an intervention have twice the rows. */
static int reviewed_intervals(const struct sim_market *m, aest_us resolved) {
    const aest_us step = INTERVAL_MINUTES * AEST_MINUTE;
    int count = 0;
    for (aest_us day = resolved - resolved % AEST_DAY - 2 * AEST_DAY; day <= resolved;
         day += AEST_DAY) {
        struct sim_review review = sim_review_on(sim_market_seed(m), (aest_day)(day / AEST_DAY));
        aest_us start = day + TRADING_DAY_START;
        if (review.any && review.resolved == resolved)
            count += review.to - review.from +
                     intervened(m, start + review.from * step, start + review.to * step);
    }
    return count;
}

/* -- what was measured ------------------------------------------------------------------------ */

static const uint8_t sun_by_hour[24] = {91,  91,  91,  91,  97,  97,  100, 100, 100, 100, 100, 100,
                                        100, 100, 100, 100, 100, 100, 100, 100, 95,  95,  92,  92};
static const uint8_t sun_by_month[12] = {100, 98, 96, 88, 82, 78, 82, 84, 92, 96, 100, 100};

const struct sim_size sim_size_dispatchis = {.marks = {{20190101, 18900},
                                                       {20200101, 19300},
                                                       {20240101, 20200},
                                                       {20260101, 20900}},
                                             .intervention = 85},
                      sim_size_dispatchscada = {.marks = {{20090701, 2330},
                                                          {20120101, 2440},
                                                          {20170101, 2480},
                                                          {20180101, 2700},
                                                          {20190101, 3000},
                                                          {20200101, 3120},
                                                          {20210101, 3450},
                                                          {20220101, 3680},
                                                          {20230101, 3780},
                                                          {20240101, 4050},
                                                          {20250101, 4500},
                                                          {20260101, 4750}}},
                      sim_size_tradingis = {.marks = {{20211001, 1695},
                                                      {20211002, 840},
                                                      {20230601, 840},
                                                      {20230701, 895},
                                                      {20260101, 925}}},
                      sim_size_rooftop_actual = {.marks = {{20180302, 540}},
                                                 .by_hour = sun_by_hour},
                      sim_size_rooftop_forecast = {.fixed = 400,
                                                   .marks = {{20180302, 73}},
                                                   .items = rooftop_forecast_intervals,
                                                   .by_month = sun_by_month},
                      sim_size_demand_actual = {.marks = {{20211024, 462}, {20211025, 484}}},
                      sim_size_demand_forecast = {.fixed = 1000,
                                                  .marks = {{20090701, 55}},
                                                  .items = demand_forecast_intervals},
                      sim_size_p5min = {.marks = {{20190101, 24400},
                                                  {20200101, 25700},
                                                  {20220101, 26000},
                                                  {20230101, 26900},
                                                  {20260101, 28000}},
                                        .intervention = 75},
                      sim_size_predispatchis = {.fixed = 4000,
                                                .marks = {{20090701, 2200},
                                                          {20200101, 2310},
                                                          {20220101, 2350},
                                                          {20240101, 2420},
                                                          {20260101, 2500}},
                                                .items = predispatch_intervals,
                                                .intervention = 18},
                      sim_size_next_day_dispatch = {.marks = {{20180101, 1980000},
                                                              {20190101, 2200000},
                                                              {20200101, 2350000},
                                                              {20210101, 2650000},
                                                              {20230101, 2880000},
                                                              {20240101, 3150000},
                                                              {20250101, 3650000},
                                                              {20260101, 4100000}},
                                                    .intervention = 90},
                      sim_size_price_revision = {.fixed = 900,
                                                 .marks = {{20090701, 640}},
                                                 .items = reviewed_intervals},
                      sim_size_public_prices = {
                          .marks = {{20210930, 139000}, {20211001, 168000}, {20230701, 172000}},
                          .intervention = 90};

/* -- from that to sizes ----------------------------------------------------------------------- */

static aest_us date_time(int yyyymmdd) {
    aest_day day = 0;
    aest_day_from_date(yyyymmdd / 10000, yyyymmdd / 100 % 100, yyyymmdd % 100, &day);
    return day * AEST_DAY;
}

static double on_line(const struct sim_size_mark marks[SIM_SIZE_MARKS], aest_us t) {
    int i = 0;
    while (i + 1 < SIM_SIZE_MARKS && marks[i + 1].date && date_time(marks[i + 1].date) <= t)
        i++;
    aest_us from = date_time(marks[i].date);
    if (t <= from || i + 1 == SIM_SIZE_MARKS || !marks[i + 1].date)
        return marks[i].bytes;
    double part = (double)(t - from) / (double)(date_time(marks[i + 1].date) - from);
    return marks[i].bytes + part * (marks[i + 1].bytes - marks[i].bytes);
}

/* Without an intervention. */
static double most(const struct sim_tree *t, const struct sim_report *r, aest_us time) {
    const struct sim_size *s = r->size;
    int year, month, day, items = s->items ? s->items(t->market, time) : 1;
    double bytes = on_line(s->marks, time) * items;
    aest_date((aest_day)(time / AEST_DAY), &year, &month, &day);
    int64_t hour = time % AEST_DAY / (60 * AEST_MINUTE);
    if (s->by_hour)
        bytes *= 0.01 * s->by_hour[hour];
    if (s->by_month)
        bytes *= 0.01 * s->by_month[month - 1];
    return bytes + s->fixed + ZIP_PAD_LEAST;
}

/* The part of a file's rows, from 0 to 1, that an intervention doubles. Runs of pre-dispatch are
 * all in it or not at all. */
static double doubled(const struct sim_tree *t, const struct sim_report *r, aest_us time) {
    aest_us to = time + r->to;
    int count = r->size->intervention ? intervened(t->market, to - r->span, to) : 0;
    return r->span < AEST_DAY ? count > 0 : (double)count / INTERVALS_PER_DAY;
}

static double fault_factor(enum sim_fault fault) {
    int more = fault == SIM_VERSION ? VERSION_MORE : fault == SIM_NEW_COLUMN ? COLUMN_MORE : 0;
    return 1 + more / 100.0;
}

uint64_t sim_file_size(const struct sim_tree *t, const struct sim_publication *p) {
    const struct sim_report *r = p->report;
    uint64_t stream = (uint64_t)(r - sim_reports) << 8 | (uint64_t)p->replaces;
    struct noise n = {sim_market_seed(t->market), (uint64_t)SIZE_STREAM << 40 | stream};
    double spread = SPREAD / 100.0 * noise_uniform(n, p->created / AEST_SECOND);
    return (uint64_t)(most(t, r, p->time) * (1 + spread) *
                      (1 + doubled(t, r, p->time) * r->size->intervention / 100) *
                      fault_factor(p->fault));
}

/* The mean over a day of the most that files take. */
static double mean_of_day(const struct sim_tree *t, const struct sim_report *r, aest_us day) {
    bool alike = !r->size->by_hour && !r->size->items;
    const aest_us step = alike ? AEST_DAY : HALF_HOUR;
    double sum = 0;
    for (aest_us at = 0; at < AEST_DAY; at += step)
        sum += most(t, r, day + at);
    return sum * (double)step / (double)AEST_DAY;
}

uint64_t sim_files_size(const struct sim_tree *t, const struct sim_report *r, aest_us from,
                        aest_us to, uint64_t count) {
    struct noise n = {sim_market_seed(t->market),
                      (uint64_t)SIZE_STREAM << 40 | (uint64_t)(r - sim_reports) << 8 | 2};
    double spread = (100 + SPREAD * (1 + noise_uniform(n, from / AEST_SECOND))) / 100;
    aest_us first = from - from % AEST_DAY, last = to - to % AEST_DAY;
    double mean = fmax(mean_of_day(t, r, first), mean_of_day(t, r, last));
    double more = 0;
    if (r->size->intervention)
        more = intervened(t->market, from - AEST_DAY, to + 2 * AEST_DAY) *
               (double)(INTERVAL_MINUTES * AEST_MINUTE) / (double)(to - from);
    return (uint64_t)(mean * (double)count * spread * (1 + more * r->size->intervention / 100));
}
