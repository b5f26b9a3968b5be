/* Forecasts of prices, demand, sun and wind, run by run, and how good they were. */
#include "api/chart.h"
#include "market/readings.h"
#include "store/grid.h"

enum { LONGEST_FORECAST_DAYS = 31 };
enum source { FROM_P5MIN, FROM_PREDISPATCH, FROM_ROOFTOP };

static const struct parameter source = {
    "source",
    PARAMETER_CHOICE,
    .choices = CHOICES("p5min", "predispatch", "rooftop"),
    .fallback = "p5min",
    .summary =
        "p5min: an hour ahead; predispatch: to the end of a trading day; rooftop: seven days",
};
static const struct parameter measure = {
    "measure",
    PARAMETER_CHOICE,
    .choices = CHOICES("rrp", "totaldemand", "solar", "wind", "netinterchange"),
    .fallback = "rrp",
    .summary = "column of the forecast; rooftop has power alone, and takes no notice of this",
};
static const struct parameter as_of = {
    "as_of",
    PARAMETER_INSTANT,
    .absent = "now",
    .summary = "the newest run made by then",
};

static const enum dataset_id sources[] = {P5MIN, PREDISPATCH, ROOFTOP_FORECAST};

static enum dataset_id dataset_asked(const struct call *c) {
    return sources[value_of(c, &source)->choice];
}

static const char *column_asked(const struct call *c) {
    return dataset_asked(c) == ROOFTOP_FORECAST ? "power"
                                                : measure.choices[value_of(c, &measure)->choice];
}

static const char *unit_asked(const struct call *c) {
    return strcmp(column_asked(c), "rrp") == 0 ? "$/MWh" : "MW";
}

/* The runs of one region at one horizon, in (after, to]. */
static void runs_at(struct call *c, int region, int horizon, interval after, interval to,
                    double *out) {
    struct grid *g = store_grid(c->api->store);
    enum dataset_id dataset = dataset_asked(c);
    grid_read(g, grid_shape(g, dataset), str_from(regions[region]),
              grid_lane(dataset, column_asked(c), horizon), after, to, out);
}

/* -- one run ------------------------------------------------------------------------------------
 */

/* What a run has of a region, from the run's own time on. */
static bool read_run(struct call *c, int region, interval run, struct span *out) {
    bool is_there = false;
    for (size_t h = 0; h < out->length; h++) {
        runs_at(c, region, (int)h, run - 1, run, &out->values[h]);
        is_there |= !isnan(out->values[h]);
    }
    return is_there;
}

static size_t last_known(const struct span *s, size_t known) {
    for (size_t i = s->length; i > known; i--)
        if (!isnan(s->values[i - 1]))
            return i;
    return known;
}

static err *latest(struct call *c) {
    enum dataset_id dataset = dataset_asked(c);
    const struct dataset *d = &datasets[dataset];
    const struct value *asked = value_of(c, &as_of);
    const struct store_index *x;
    TRY(store_index(c->api->store, dataset, &x));
    c->answer.dataset = d->name;
    c->answer.resolution = d->horizon_step == 1 ? "5m" : "30m";
    interval run = x->last, until = asked->count ? interval_at_or_before(asked->instant) : run;
    if (!x->has_bounds || until < x->first)
        return NULL;
    run = (run < until ? run : until) / d->step * d->step;
    struct span spans[REGIONS];
    size_t known = 0, horizons = (size_t)grid_horizons(dataset);
    for (int back = 0; back < INTERVALS_PER_DAY && !known; back++, run -= d->step)
        for (int r = 0; r < REGIONS; r++) {
            spans[r] = span_new(c->memory, run, d->horizon_step, horizons);
            if (read_run(c, r, run, &spans[r]))
                known = last_known(&spans[r], known);
        }
    if (!known)
        return NULL;
    answer_note(&c->answer, "run", cell_time(spans[0].first));
    /* a run's first value is that of its own interval, or of the one behind it */
    size_t first = 1;
    for (int r = 0; r < REGIONS; r++)
        if (!isnan(spans[r].values[0]))
            first = 0;
    answer_times(&c->answer, span_time(&spans[0], first), d->horizon_step, known - first);
    for (int r = 0; r < REGIONS; r++)
        if (region_index_wanted(c, r))
            series_label(answer_add(&c->answer, str_from(regions[r]), unit_asked(c),
                                    spans[r].values + first),
                         "measure", str_from(column_asked(c)));
    return NULL;
}

/* -- all runs -----------------------------------------------------------------------------------
 */

static const struct answer_column run_columns[] = {
    {"run", CELL_TIME, NULL},
    {"time", CELL_TIME, NULL},
    {"region", CELL_TEXT, NULL},
    {"value", CELL_NUMBER, NULL},
};

enum { MOST_RUN_DAYS = 2 };

static err *all_runs(struct call *c) {
    enum dataset_id dataset = dataset_asked(c);
    const struct dataset *d = &datasets[dataset];
    struct range range;
    interval first;
    TRY(range_of(c, dataset, MOST_RUN_DAYS, &range));
    size_t count = grid_length(d->step, range.from, range.to, &first);
    size_t horizons = (size_t)grid_horizons(dataset);
    double *values = ARENA_ARRAY(c->memory, double, count *horizons);
    ANSWER_COLUMNS(c, run_columns);
    for (int r = 0; r < REGIONS && count; r++) {
        if (!region_index_wanted(c, r))
            continue;
        for (size_t h = 0; h < horizons; h++)
            runs_at(c, r, (int)h, range.from, range.to, values + h * count);
        for (size_t i = 0; i < count; i++) {
            interval run = first + (interval)i * d->step;
            for (size_t h = 0; h < horizons; h++) {
                if (isnan(values[h * count + i]))
                    continue;
                answer_cell(&c->answer, cell_time(run));
                answer_cell(&c->answer, cell_time(run + (interval)h * d->horizon_step));
                text_cell(c, regions[r]);
                number_cell(c, values[h * count + i]);
            }
        }
    }
    return NULL;
}

/* -- errors -------------------------------------------------------------------------------------
 */

static const struct answer_column error_columns[] = {
    {"region", CELL_TEXT, NULL}, {"minutes_ahead", CELL_WHOLE, "min"}, {"count", CELL_WHOLE, NULL},
    {"bias", CELL_NUMBER, NULL}, {"mean_absolute", CELL_NUMBER, NULL}, {"rms", CELL_NUMBER, NULL},
};

static const struct parameter judged = {
    "measure",
    PARAMETER_CHOICE,
    .choices = CHOICES("rrp", "totaldemand"),
    .fallback = "rrp",
    .summary = "what is held against what came: the price, or (p5min alone) the dispatch target",
};
static const struct parameter judged_source = {
    "source",
    PARAMETER_CHOICE,
    .choices = CHOICES("p5min", "predispatch"),
    .fallback = "p5min",
    .summary = "p5min is held against five-minute values, predispatch against half hours",
};

struct errors {
    size_t count;
    double sum, absolute, squares;
};

static void add_errors(struct errors *e, const double *runs, size_t count, interval first,
                       int run_step, int ahead, const struct span *actual) {
    for (size_t i = 0; i < count; i++) {
        double off = runs[i] - span_at(actual, first + (interval)i * run_step + ahead);
        if (isnan(off))
            continue;
        e->count++;
        e->sum += off;
        e->absolute += fabs(off);
        e->squares += off * off;
    }
}

static err *errors(struct call *c) {
    bool is_demand = value_of(c, &judged)->choice == 1;
    enum dataset_id dataset = sources[value_of(c, &judged_source)->choice];
    const struct dataset *d = &datasets[dataset];
    enum dataset_id truth = is_demand ? REGIONS5 : dataset == P5MIN ? PRICES5 : PRICES30;
    const char *column = is_demand ? "totaldemand" : "rrp";
    struct grid *g = store_grid(c->api->store);
    struct range range;
    struct span actual[REGIONS];
    interval first;
    if (is_demand && dataset != P5MIN)
        return call_refuse(c, &judged, "must be rrp for predispatch");
    TRY(range_of(c, dataset, LONGEST_FORECAST_DAYS, &range));
    int reach = grid_horizons(dataset) * d->horizon_step;
    TRY(regions_read(c->api->store, c->memory, truth, column,
                     (struct period){range.from - d->step, range.to + reach}, actual));
    size_t count = grid_length(d->step, range.from, range.to, &first);
    double *runs = ARENA_ARRAY(c->memory, double, count);
    ANSWER_COLUMNS(c, error_columns);
    for (int r = 0; r < REGIONS; r++) {
        for (int h = 0; h < grid_horizons(dataset) && count && region_index_wanted(c, r); h++) {
            struct errors e = {0};
            int ahead = h * d->horizon_step;
            grid_read(g, grid_shape(g, dataset), str_from(regions[r]),
                      grid_lane(dataset, column, h), range.from, range.to, runs);
            add_errors(&e, runs, count, first, d->step, ahead, &actual[r]);
            if (!e.count)
                continue;
            text_cell(c, regions[r]);
            whole_cell(c, (size_t)ahead * INTERVAL_MINUTES);
            whole_cell(c, e.count);
            number_cell(c, e.sum / (double)e.count);
            number_cell(c, e.absolute / (double)e.count);
            number_cell(c, sqrt(e.squares / (double)e.count));
        }
    }
    return NULL;
}

const struct route routes_forecasts[] = {
    {"/v1/forecasts", "A forecast's newest run, or the one of a time", "Forecasts", ANSWER_SERIES,
     latest, .of_grid = true, .parameters = {&source, &measure, &as_of, &parameter_region},
     .details = "meta.run is when it was made: of p5min the end of the first interval."},
    {"/v1/forecasts/runs", "All runs of a time", "Forecasts", ANSWER_TABLE, all_runs,
     .of_grid = true, .parameters = {RANGE_PARAMETERS, &source, &measure, &parameter_region},
     .details = "from and to are of the runs."},
    {"/v1/forecasts/error", "How far off forecasts were, by how far ahead they looked", "Forecasts",
     ANSWER_TABLE, errors, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &judged_source, &judged, &parameter_region},
     .details =
         "Forecast less what came, over all runs of the range: its mean (bias), the mean of its "
         "size and the root of its mean square."},
    {0},
};
