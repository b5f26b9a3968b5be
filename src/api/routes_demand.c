/* Demand and rooftop. */
#include "api/chart.h"
#include "market/demand.h"
#include "market/demand_mean.h"
#include "market/regions_resample.h"
#include "market/rooftop_mean.h"

enum demand_measure { TARGET, OPERATIONAL, UNDERLYING, DEMAND_MEASURES };

static const struct parameter measure = {
    "measure",
    PARAMETER_CHOICES,
    .choices = CHOICES("target", "operational", "underlying"), /* enum demand_measure */
    .fallback = "target",
    .summary =
        "target: TOTALDEMAND of dispatch; operational: measured, without rooftop; underlying: "
        "operational and rooftop",
};

struct demands {
    struct span spans[DEMAND_MEASURES][REGIONS];
    bool is_read[DEMAND_MEASURES];
    bool proxy, provisional; /* somewhere in them */
};

static bool any(const bool *flags, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (flags[i])
            return true;
    return false;
}

static bool chooses(const struct value *measures, int m) {
    for (size_t i = 0; i < measures->count; i++)
        if (measures->chosen[i] == m)
            return true;
    return false;
}

static void note_marks(struct call *c, const struct demands *d) {
    answer_note(&c->answer, "proxy", cell_flag(d->proxy));
    answer_note(&c->answer, "provisional", cell_flag(d->provisional));
}

/* Reads what `measure` asks for, and marks the answer. */
static err *read_demands(struct call *c, struct period p, struct demands *out) {
    const struct value *measures = value_of(c, &measure);
    size_t length = (size_t)(p.to - p.after);
    bool *proxy = ARENA_ARRAY(c->memory, bool, length);
    bool *provisional = ARENA_ARRAY(c->memory, bool, length);
    *out = (struct demands){0};
    for (int m = 0; m < DEMAND_MEASURES; m++)
        out->is_read[m] = chooses(measures, m);
    if (out->is_read[TARGET])
        TRY(regions_read(c->api->store, c->memory, REGIONS5, "totaldemand", p, out->spans[TARGET]));
    if (out->is_read[OPERATIONAL])
        TRY(operational_demand_read(c->api->store, c->memory, p, out->spans[OPERATIONAL], proxy));
    if (out->is_read[UNDERLYING])
        TRY(underlying_demand_read(c->api->store, c->memory, p, out->spans[UNDERLYING], proxy,
                                   provisional));
    out->proxy = any(proxy, length);
    out->provisional = any(provisional, length);
    note_marks(c, out);
    return NULL;
}

/* The means of a measure over the chart's buckets. */
static err *read_means(struct call *c, const struct chart *chart, int m, double *mean[REGIONS],
                       struct demands *marks) {
    struct store *s = c->api->store;
    struct resampled target[REGIONS];
    if (m != TARGET)
        return demand_mean_read(s, c->memory, chart->range, &chart->buckets, m == UNDERLYING, mean,
                                &marks->proxy, &marks->provisional);
    regions_resample(s, c->memory, REGIONS5, "totaldemand", chart->range, &chart->buckets, target);
    for (int r = 0; r < REGIONS; r++)
        mean[r] = target[r].mean;
    return NULL;
}

static err *demand(struct call *c) {
    const struct value *measures = value_of(c, &measure);
    struct range range;
    struct chart chart;
    struct demands marks = {0};
    TRY(range_of(c, REGIONS5, LONGEST_CHART_DAYS, &range));
    TRY(chart_begin(c, &range, 1, &chart));
    for (int m = 0; m < DEMAND_MEASURES; m++) {
        double *mean[REGIONS];
        if (!chooses(measures, m))
            continue;
        TRY(read_means(c, &chart, m, mean, &marks));
        for (int r = 0; r < REGIONS; r++)
            if (region_index_wanted(c, r))
                series_label(answer_add(&c->answer, str_from(regions[r]), "MW", mean[r]), "measure",
                             str_from(measure.choices[m]));
    }
    note_marks(c, &marks);
    return NULL;
}

/* -- extremes -----------------------------------------------------------------------------------
 */

static const struct answer_column extreme_columns[] = {
    {"measure", CELL_TEXT, NULL}, {"region", CELL_TEXT, NULL}, {"min", CELL_NUMBER, "MW"},
    {"min_at", CELL_TIME, NULL},  {"max", CELL_NUMBER, "MW"},  {"max_at", CELL_TIME, NULL},
};

static void extreme_row(struct call *c, int m, const char *region, const struct span *span) {
    struct lowest_highest found = lowest_highest_of(span);
    text_cell(c, measure.choices[m]);
    text_cell(c, region);
    number_cell(c, found.min);
    answer_cell(&c->answer, isnan(found.min) ? cell_none() : cell_time(found.min_at));
    number_cell(c, found.max);
    answer_cell(&c->answer, isnan(found.max) ? cell_none() : cell_time(found.max_at));
}

/* The NEM's demand, where all regions' is known. */
static struct span nem_demand(struct call *c, const struct span spans[REGIONS]) {
    struct span sum = span_new(c->memory, spans[0].first, 1, spans[0].length);
    for (size_t i = 0; i < sum.length; i++) {
        sum.values[i] = 0;
        for (int r = 0; r < REGIONS; r++)
            sum.values[i] += spans[r].values[i];
    }
    return sum;
}

static err *extremes(struct call *c) {
    struct range range;
    struct demands demands;
    TRY(range_of(c, REGIONS5, LONGEST_CHART_DAYS, &range));
    TRY(read_demands(c, (struct period){range.from, range.to}, &demands));
    ANSWER_COLUMNS(c, extreme_columns);
    for (int m = 0; m < DEMAND_MEASURES; m++) {
        if (!demands.is_read[m])
            continue;
        for (int r = 0; r < REGIONS; r++)
            if (region_index_wanted(c, r))
                extreme_row(c, m, regions[r], &demands.spans[m][r]);
        struct span sum = nem_demand(c, demands.spans[m]);
        if (value_of(c, &parameter_region)->count == 0)
            extreme_row(c, m, "NEM", &sum);
    }
    return NULL;
}

/* -- rooftop ------------------------------------------------------------------------------------
 */

static err *rooftop(struct call *c) {
    struct range range;
    struct chart chart;
    struct rooftop_mean found;
    TRY(range_of(c, REGIONS5, LONGEST_CHART_DAYS, &range)); /* up to now, not to the last point */
    c->answer.dataset = datasets[ROOFTOP30].name;
    TRY(chart_begin(c, &range, 1, &chart));
    TRY(rooftop_mean_read(c->api->store, c->memory, chart.range, &chart.buckets,
                          rooftop_each_region, REGIONS, &found));
    if (found.provisional)
        answer_note(&c->answer, "provisional_from", cell_time(found.first));
    answer_note(&c->answer, "provisional", cell_flag(found.provisional));
    for (int r = 0; r < REGIONS; r++)
        if (region_index_wanted(c, r))
            answer_add(&c->answer, str_from(regions[r]), "MW", found.mean[r]);
    return NULL;
}

const struct route routes_demand[] = {
    {"/v1/demand", "Demand by region", "Demand", ANSWER_SERIES, demand, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_resolution, &parameter_day, &parameter_region,
                    &measure},
     .details =
         "Target is the dispatch target at the interval's end, not what was consumed. "
         "Operational demand is of half hours, each of whose intervals has its mean, where none "
         "of five minutes is there; before 2024-08 it is a proxy, TOTALDEMAND + "
         "TOTALINTERMITTENTGENERATION, and meta.proxy. Underlying demand with estimated rooftop "
         "is meta.provisional."},
    {"/v1/demand/extremes", "Lowest and highest demand", "Demand", ANSWER_TABLE, extremes,
     .of_grid = true, .parameters = {RANGE_PARAMETERS, &parameter_region, &measure},
     .details = "The first of equals. Demand can be negative."},
    {"/v1/rooftop", "Output of rooftop systems by region", "Demand", ANSWER_SERIES, rooftop,
     .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_resolution, &parameter_day, &parameter_region},
     .details = "A line between AEMO's half-hourly estimates; from meta.provisional_from on the "
                "forecast, scaled to the last of them."},
    {0},
};
