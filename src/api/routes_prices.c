/* Prices. */
#include "api/chart.h"
#include "market/bands.h"
#include "market/demand.h"
#include "market/energy.h"
#include "market/mix.h"
#include "market/nem_price.h"
#include "market/price_events.h"
#include "market/price_totals.h"
#include "market/readings.h"
#include "market/statistics.h"
#include "market/unit_totals.h"
#include "store/grid.h"

enum { WORKER_DAYS = 400 /* 15 ms of statistics */ };

static err *prices_of(struct call *c, struct range *range, struct span out[REGIONS]) {
    TRY(range_of(c, PRICES5, LONGEST_CHART_DAYS, range));
    return regions_read(c->api->store, c->memory, PRICES5, "rrp",
                        (struct period){range->from, range->to}, out);
}

/* -- spot ---------------------------------------------------------------------------------------
 */

enum { NEM_WEIGHTED, NEM_UNWEIGHTED };
static const struct parameter nem = {
    "nem",
    PARAMETER_CHOICES,
    .choices = CHOICES("weighted", "unweighted"),
    .absent = "neither",
    .summary =
        "one price for the NEM as well: weighted by max(0, totaldemand), and the mean of the "
        "five regions",
};

static void add_nem_series(struct call *c, int which, const double *values) {
    series_label(answer_add(&c->answer, STR("NEM"), "$/MWh", values), "measure",
                 str_from(nem.choices[which]));
}

/* Out of the sums of days and months that lie in the buckets. */
static err *add_nem_of_sums(struct call *c, const struct chart *chart) {
    const interval *edges = chart->buckets.edges;
    double *out = ARENA_ARRAY(c->memory, double, chart->buckets.count);
    for (size_t i = 0; i < chart->buckets.count; i++) {
        struct price_total totals[PRICE_AREAS];
        struct period p = {edges[i] > chart->range.after ? edges[i] : chart->range.after,
                           edges[i + 1] < chart->range.to ? edges[i + 1] : chart->range.to};
        TRY(price_totals_read(c->api->store, p, totals));
        out[i] = price_total_weighted(&totals[PRICE_NEM]);
    }
    add_nem_series(c, NEM_WEIGHTED, out);
    return NULL;
}

static bool has_days(const struct chart *chart) {
    const struct buckets *b = &chart->buckets;
    return b->count && b->edges[1] - b->edges[0] >= INTERVALS_PER_DAY;
}

/* The NEM's prices over the buckets: weighted over intervals as over regions. */
static err *add_nem(struct call *c, const struct chart *chart, int which) {
    struct span prices[REGIONS], demand[REGIONS];
    if (which == NEM_WEIGHTED && has_days(chart))
        return add_nem_of_sums(c, chart);
    TRY(regions_read(c->api->store, c->memory, PRICES5, "rrp", chart->range, prices));
    struct span value = span_new(c->memory, prices[0].first, 1, prices[0].length);
    struct span weight = span_new(c->memory, prices[0].first, 1, prices[0].length);
    TRY(regions_read(c->api->store, c->memory, REGIONS5, "totaldemand", chart->range, demand));
    for (size_t i = 0; i < value.length; i++) {
        double rrp[REGIONS], mw[REGIONS];
        for (int r = 0; r < REGIONS; r++) {
            rrp[r] = prices[r].values[i];
            mw[r] = demand[r].values[i];
        }
        struct nem_price p = nem_price_of(rrp, mw);
        value.values[i] = which == NEM_WEIGHTED ? p.weighted * p.weight : p.unweighted;
        weight.values[i] = which == NEM_WEIGHTED ? p.weight : isnan(p.unweighted) ? NAN : 1;
    }
    const double *sums = chart_values(c, chart, &value, CHART_SUM);
    const double *weights = chart_values(c, chart, &weight, CHART_SUM);
    double *out = ARENA_ARRAY(c->memory, double, chart->buckets.count);
    for (size_t i = 0; i < chart->buckets.count; i++)
        out[i] = sums[i] / weights[i];
    add_nem_series(c, which, out);
    return NULL;
}

static const struct parameter firmness = {
    "firmness",
    PARAMETER_CHOICE,
    .choices = CHOICES("no", "yes"),
    .fallback = "no",
    .summary = "yes: how many prices of a step aren't firm as well, with measure not_firm",
};

/* By region, 1 for a price that may still be changed. */
static err *add_not_firm(struct call *c, const struct chart *chart) {
    struct span word[REGIONS];
    TRY(regions_read(c->api->store, c->memory, PRICESTATUS5, "price_status", chart->range, word));
    for (int r = 0; r < REGIONS; r++) {
        if (!region_index_wanted(c, r))
            continue;
        for (size_t i = 0; i < word[r].length; i++) {
            const char *status = grid_word(PRICESTATUS5, "price_status", word[r].values[i]);
            word[r].values[i] = status ? strcmp(status, "FIRM") != 0 : NAN;
        }
        struct answer_series *s = answer_add(&c->answer, str_from(regions[r]), "",
                                             chart_values(c, chart, &word[r], CHART_SUM));
        series_label(s, "measure", STR("not_firm"));
    }
    return NULL;
}

static err *prices(struct call *c) {
    const struct value *also = value_of(c, &nem);
    struct range range;
    struct chart chart;
    TRY(range_of(c, PRICES5, LONGEST_CHART_DAYS, &range));
    TRY(chart_begin(c, &range, 1, &chart));
    TRY(chart_add_lines(c, &chart, PRICES5, "rrp", "$/MWh"));
    for (size_t i = 0; i < also->count; i++)
        TRY(add_nem(c, &chart, also->chosen[i]));
    return value_of(c, &firmness)->choice ? add_not_firm(c, &chart) : NULL;
}

/* -- statistics ---------------------------------------------------------------------------------
 */

static const struct answer_column stats_columns[] = {
    {"region", CELL_TEXT, NULL},    {"intervals", CELL_WHOLE, NULL},
    {"mean", CELL_NUMBER, "$/MWh"}, {"weighted", CELL_NUMBER, "$/MWh"},
    {"sd", CELL_NUMBER, "$/MWh"},   {"median", CELL_NUMBER, "$/MWh"},
    {"p05", CELL_NUMBER, "$/MWh"},  {"p10", CELL_NUMBER, "$/MWh"},
    {"p25", CELL_NUMBER, "$/MWh"},  {"p75", CELL_NUMBER, "$/MWh"},
    {"p90", CELL_NUMBER, "$/MWh"},  {"p95", CELL_NUMBER, "$/MWh"},
    {"p99", CELL_NUMBER, "$/MWh"},  {"min", CELL_NUMBER, "$/MWh"},
    {"min_at", CELL_TIME, NULL},    {"max", CELL_NUMBER, "$/MWh"},
    {"max_at", CELL_TIME, NULL},
};

static void stats_row(struct call *c, int region, const struct span *prices,
                      const struct price_total *total) {
    struct statistics s = statistics_of(c->memory, prices->values, prices->length);
    struct lowest_highest ends = lowest_highest_of(prices);
    const double numbers[] = {s.mean, price_total_weighted(total),
                              s.sd,   s.median,
                              s.p05,  s.p10,
                              s.p25,  s.p75,
                              s.p90,  s.p95,
                              s.p99};
    text_cell(c, regions[region]);
    whole_cell(c, s.count);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        number_cell(c, numbers[i]);
    number_cell(c, ends.min);
    answer_cell(&c->answer, s.count ? cell_time(ends.min_at) : cell_none());
    number_cell(c, ends.max);
    answer_cell(&c->answer, s.count ? cell_time(ends.max_at) : cell_none());
}

static err *stats(struct call *c) {
    struct range range;
    struct span spans[REGIONS];
    struct price_total totals[PRICE_AREAS];
    TRY(prices_of(c, &range, spans));
    TRY(price_totals_read(c->api->store, (struct period){range.from, range.to}, totals));
    ANSWER_COLUMNS(c, stats_columns);
    for (int r = 0; r < REGIONS; r++)
        if (region_index_wanted(c, r))
            stats_row(c, r, &spans[r], &totals[r]);
    return NULL;
}

/* -- bands --------------------------------------------------------------------------------------
 */

static const struct answer_column band_columns[] = {
    {"region", CELL_TEXT, NULL},          {"band", CELL_TEXT, NULL},
    {"from", CELL_NUMBER, "$/MWh"},       {"below", CELL_NUMBER, "$/MWh"},
    {"intervals", CELL_WHOLE, NULL},      {"time_share", CELL_NUMBER, NULL},
    {"energy", CELL_NUMBER, "MWh"},       {"revenue", CELL_NUMBER, "$"},
    {"revenue_share", CELL_NUMBER, NULL},
};

static void band_rows(struct call *c, int region, const struct span *prices,
                      const struct span *demand) {
    struct price_band_sums sums = {0};
    double *mwh = ARENA_ARRAY(c->memory, double, prices->length);
    for (size_t i = 0; i < prices->length; i++)
        mwh[i] = (demand->values[i] < 0 ? 0 : demand->values[i]) * HOURS_PER_INTERVAL;
    price_bands_add(&sums, prices->values, mwh, prices->length);
    for (int b = 0; b < PRICE_BANDS; b++) {
        text_cell(c, regions[region]);
        text_cell(c, price_bands[b].name);
        number_cell(c, price_bands[b].from);
        number_cell(c, price_bands[b].to);
        whole_cell(c, sums.intervals[b]);
        number_cell(c, price_band_time_share(&sums, b));
        number_cell(c, price_band_energy(&sums, b));
        number_cell(c, price_band_revenue(&sums, b));
        number_cell(c, price_band_revenue_share(&sums, b));
    }
}

static err *bands(struct call *c) {
    struct range range;
    struct span spans[REGIONS], demand[REGIONS];
    TRY(prices_of(c, &range, spans));
    TRY(regions_read(c->api->store, c->memory, REGIONS5, "totaldemand",
                     (struct period){range.from, range.to}, demand));
    ANSWER_COLUMNS(c, band_columns);
    for (int r = 0; r < REGIONS; r++)
        if (region_index_wanted(c, r))
            band_rows(c, r, &spans[r], &demand[r]);
    return NULL;
}

/* -- distribution -------------------------------------------------------------------------------
 */

static const struct answer_column distribution_columns[] = {
    {"region", CELL_TEXT, NULL}, {"share", CELL_NUMBER, NULL}, {"price", CELL_NUMBER, "$/MWh"}};

/* Shares of time, close together at both ends, where the money is made. */
static const double duration_shares[] = {
    0,   0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01,   0.02,   0.05,   0.1, 0.15,
    0.2, 0.25,   0.3,    0.35,   0.4,   0.5,   0.6,   0.65,   0.7,    0.75,   0.8, 0.85,
    0.9, 0.95,   0.98,   0.99,   0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999, 1};

static void duration_rows(struct call *c, int region, const struct span *prices) {
    size_t count;
    const double *sorted = sorted_known(c->memory, prices->values, prices->length, &count);
    for (size_t i = 0; count && i < sizeof duration_shares / sizeof *duration_shares; i++) {
        text_cell(c, regions[region]);
        number_cell(c, duration_shares[i]);
        number_cell(c, percentile_of_sorted(sorted, count, 1 - duration_shares[i]));
    }
}

static err *distribution(struct call *c) {
    struct range range;
    struct span spans[REGIONS];
    TRY(prices_of(c, &range, spans));
    ANSWER_COLUMNS(c, distribution_columns);
    for (int r = 0; r < REGIONS; r++)
        if (region_index_wanted(c, r))
            duration_rows(c, r, &spans[r]);
    return NULL;
}

/* -- events -------------------------------------------------------------------------------------
 */

static const struct parameter threshold = {
    "threshold",       PARAMETER_NUMBER,
    .low = -1000,      .high = 100000,
    .fallback = "300", .summary = "$/MWh: an event is a run of prices at or above it",
};

static const struct answer_column event_columns[] = {
    {"region", CELL_TEXT, NULL},    {"start", CELL_TIME, NULL},     {"end", CELL_TIME, NULL},
    {"minutes", CELL_WHOLE, "min"}, {"peak", CELL_NUMBER, "$/MWh"}, {"peak_at", CELL_TIME, NULL},
    {"mean", CELL_NUMBER, "$/MWh"}, {"open", CELL_FLAG, NULL},
};

static err *events(struct call *c) {
    struct range range;
    struct span spans[REGIONS];
    TRY(prices_of(c, &range, spans));
    ANSWER_COLUMNS(c, event_columns);
    for (int r = 0; r < REGIONS; r++) {
        size_t count;
        struct price_event *found =
            price_events_find(c->memory, &spans[r], value_of(c, &threshold)->number, &count);
        for (size_t i = 0; i < count && region_index_wanted(c, r); i++) {
            text_cell(c, regions[r]);
            answer_cell(&c->answer, cell_time(found[i].first - 1));
            answer_cell(&c->answer, cell_time(found[i].last));
            whole_cell(c, found[i].intervals * INTERVAL_MINUTES);
            number_cell(c, found[i].peak);
            answer_cell(&c->answer, cell_time(found[i].peak_at));
            number_cell(c, found[i].mean);
            answer_cell(&c->answer, cell_flag(found[i].is_open));
        }
    }
    return NULL;
}

/* -- time of day --------------------------------------------------------------------------------
 */

static const struct answer_column profile_columns[] = {
    {"region", CELL_TEXT, NULL},
    {"time_of_day", CELL_TEXT, NULL},
    {"mean", CELL_NUMBER, "$/MWh"},
    {"days", CELL_WHOLE, NULL},
};

static err *profile(struct call *c) {
    struct range range;
    struct span spans[REGIONS];
    enum day_kind day = chart_day(c);
    TRY(prices_of(c, &range, spans));
    ANSWER_COLUMNS(c, profile_columns);
    for (int r = 0; r < REGIONS; r++) {
        if (!region_index_wanted(c, r))
            continue;
        struct profile p = profile_of(c->memory, day, &spans[r]);
        for (size_t i = 0; i < p.slots; i++) {
            text_cell(c, regions[r]);
            text_cell(c, chart_time_of_day(c, day, i, spans[r].step));
            number_cell(c, p.means[i]);
            whole_cell(c, p.counts[i]);
        }
    }
    return NULL;
}

/* -- by fuel ------------------------------------------------------------------------------------
 */

static const struct answer_column fuel_columns[] = {
    {"region", CELL_TEXT, NULL},   {"fuel", CELL_TEXT, NULL},      {"energy", CELL_NUMBER, "MWh"},
    {"revenue", CELL_NUMBER, "$"}, {"vwap", CELL_NUMBER, "$/MWh"},
};

static err *by_fuel(struct call *c) {
    struct range range;
    struct unit_totals totals;
    struct unit_total sums[MIX_AREAS][FUELS] = {0};
    TRY(range_of(c, SCADA5, LONGEST_CHART_DAYS, &range));
    TRY(units_load(c->api->store, &c->api->units));
    TRY(unit_totals_read(c->api->store, &c->api->units, c->memory,
                         (struct period){range.from, range.to}, &totals));
    for (size_t i = 0; i < totals.count; i++) {
        const struct unit *u = &totals.rows[i].unit;
        unit_total_add(&sums[region_index(u->region)][u->fuel], &totals.rows[i]);
    }
    ANSWER_COLUMNS(c, fuel_columns);
    for (int r = 0; r < REGIONS; r++) {
        for (int f = 0; f < FUELS; f++) {
            const struct unit_total *t = &sums[r][f];
            if (!t->intervals || !region_index_wanted(c, r))
                continue;
            text_cell(c, regions[r]);
            text_cell(c, fuel_names[f]);
            number_cell(c, t->generation.energy);
            number_cell(c, t->generation.revenue);
            number_cell(c, earnings_vwap(&t->generation));
        }
    }
    return NULL;
}

/* -- forecast -----------------------------------------------------------------------------------
 */

static const struct parameter as_of = {
    "as_of",
    PARAMETER_INSTANT,
    .absent = "now",
    .summary = "runs that were made by then",
};

static const struct parameter run_before = {
    "before",
    PARAMETER_CHOICE,
    .choices = CHOICES("no", "yes"),
    .fallback = "no",
    .summary = "yes: what the run before each said as well, with measure before",
};

/* The near part and the far one behind each other. */
static void add_forecast(struct call *c, int region, const struct span *near,
                         const struct span *far, const char *measure) {
    double *values = ARENA_ARRAY(c->memory, double, near->length + far->length);
    memcpy(values, near->values, near->length * sizeof *values);
    memcpy(values + near->length, far->values, far->length * sizeof *values);
    struct answer_series *s = answer_add(&c->answer, str_from(regions[region]), "$/MWh", values);
    if (measure)
        series_label(s, "measure", str_from(measure));
}

/* Five minutes for an hour, then half hours: as each is forecast by its newest run. */
static err *forecast(struct call *c) {
    const struct value *asked = value_of(c, &as_of);
    bool is_before_wanted = value_of(c, &run_before)->choice == 1;
    const struct store_index *x;
    struct span near[REGIONS], far[REGIONS], near_before[REGIONS], far_before[REGIONS];
    TRY(store_index(c->api->store, P5MIN, &x));
    interval now = asked->count    ? interval_at_or_before(asked->instant)
                   : x->has_bounds ? x->last
                                   : interval_at_or_before(aest_now());
    enum { HOUR = 60 / INTERVAL_MINUTES, AHEAD = 40 * HOUR };
    struct period p = {now - 1, now - 1 + HOUR}, q = {p.to, now + AHEAD};
    TRY(forecast_read(c->api->store, c->memory, P5MIN, "rrp", now, p, near, near_before));
    TRY(forecast_read(c->api->store, c->memory, PREDISPATCH, "rrp", now, q, far, far_before));
    size_t length = near[0].length + far[0].length;
    interval *times = ARENA_ARRAY(c->memory, interval, length);
    for (size_t i = 0; i < length; i++)
        times[i] =
            i < near[0].length ? span_time(&near[0], i) : span_time(&far[0], i - near[0].length);
    answer_note(&c->answer, "as_of", cell_time(now));
    answer_time_list(&c->answer, times, length);
    for (int r = 0; r < REGIONS; r++) {
        if (!region_index_wanted(c, r))
            continue;
        add_forecast(c, r, &near[r], &far[r], NULL);
        if (is_before_wanted)
            add_forecast(c, r, &near_before[r], &far_before[r], "before");
    }
    return NULL;
}

const struct route routes_prices[] = {
    {"/v1/prices", "Spot prices by region", "Prices", ANSWER_SERIES, prices, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_resolution, &parameter_day, &parameter_region,
                    &nem, &firmness},
     .details =
         "RRP of dispatch; before 2021-10-01 settled by the half hour. Where resolution is "
         "left to the route and comes out longer than five minutes, each region has its mean "
         "and, with measure min and max, its extremes."},
    {"/v1/prices/stats", "Mean, percentiles and extremes of prices", "Prices", ANSWER_TABLE, stats,
     .of_grid = true, .worker_days = WORKER_DAYS,
     .parameters = {RANGE_PARAMETERS, &parameter_region},
     .details =
         "weighted is weighted by max(0, totaldemand), mean by time. Percentiles lie between "
         "the nearest two prices in proportion; sd is a sample's."},
    {"/v1/prices/bands", "How much time and revenue fell into which band of price", "Prices",
     ANSWER_TABLE, bands, .of_grid = true, .parameters = {RANGE_PARAMETERS, &parameter_region},
     .details =
         "A band has prices from `from` and below `below`; the first and the last are open, so "
         "that the floor and the cap are in them. Energy is max(0, totaldemand) x 5 minutes."},
    {"/v1/prices/distribution", "The price that a share of the time was at or above", "Prices",
     ANSWER_TABLE, distribution, .of_grid = true, .worker_days = WORKER_DAYS,
     .parameters = {RANGE_PARAMETERS, &parameter_region},
     .details = "A duration curve: at share 0 the highest price, at 1 the lowest; the shares lie "
                "closer together at both ends. Percentiles as in /v1/prices/stats."},
    {"/v1/prices/events", "Runs of high prices", "Prices", ANSWER_TABLE, events, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_region, &threshold},
     .details =
         "An interval without a price ends an event; one that lasts to the end of the range is "
         "open."},
    {"/v1/prices/time-of-day", "Mean price by time of day", "Prices", ANSWER_TABLE, profile,
     .of_grid = true, .parameters = {RANGE_PARAMETERS, &parameter_day, &parameter_region},
     .details = "time_of_day is the end of the five minutes."},
    {"/v1/prices/by-fuel", "What each fuel's energy sold for", "Prices", ANSWER_TABLE, by_fuel,
     .of_grid = true, .parameters = {RANGE_PARAMETERS, &parameter_region},
     .details = "Volume-weighted average price: revenue at settlement resolution over energy, spot "
                "market alone."},
    {"/v1/prices/forecast", "Prices ahead: P5MIN for an hour, then pre-dispatch", "Prices",
     ANSWER_SERIES, forecast, .of_grid = true,
     .parameters = {&as_of, &run_before, &parameter_region},
     .details =
         "Each time as the newest run has it that was made by as_of. Steps are five minutes, "
         "then half an hour."},
    {0},
};
