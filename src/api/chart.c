#include "api/chart.h"

#include "market/readings.h"
#include "market/regions_resample.h"

enum day_kind chart_day(const struct call *c) {
    return value_of(c, &parameter_day)->choice ? DAY_TRADING : DAY_CALENDAR;
}

static const char *step_name(struct arena *a, int step) {
    int minutes = step * INTERVAL_MINUTES;
    if (minutes % (24 * 60) == 0)
        return arena_printf(a, "%dd", minutes / (24 * 60));
    return minutes % 60 ? arena_printf(a, "%dm", minutes) : arena_printf(a, "%dh", minutes / 60);
}

static void cut_evenly(struct call *c, struct chart *chart, int step) {
    chart->is_raw = step == chart->step;
    chart->buckets = buckets_of_step(c->memory, step, chart->range);
    c->answer.resolution = step_name(c->memory, step);
}

static err *cut_as_asked(struct call *c, struct chart *chart, enum resolution resolution) {
    static const int steps[] = {[RESOLUTION_5M] = 1, [RESOLUTION_30M] = 6, [RESOLUTION_1H] = 12};
    if (resolution > RESOLUTION_1H) {
        chart->buckets = buckets_of(c->memory, resolution, chart_day(c), chart->range);
        c->answer.resolution = resolution_names[resolution];
        return NULL;
    }
    if (steps[resolution] < chart->step)
        return call_refuse(c, &parameter_resolution,
                           "must be 30m or longer: there is nothing finer");
    if ((chart->range.to - chart->range.after) / steps[resolution] > CHART_MOST_POINTS)
        return call_refuse(c, &parameter_resolution,
                           "must be longer for such a range: at most %d values", CHART_MOST_POINTS);
    cut_evenly(c, chart, steps[resolution]);
    return NULL;
}

err *chart_begin(struct call *c, const struct range *range, int step, struct chart *out) {
    const struct value *asked = value_of(c, &parameter_resolution);
    *out = (struct chart){.range = {range->from, range->to}, .step = step};
    out->is_auto = !asked->count || asked->choice >= RESOLUTIONS; /* auto is the last choice */
    if (out->is_auto) {
        int even = chart_step((size_t)(range->to - range->from), CHART_POINTS);
        cut_evenly(c, out, even > step ? even : step);
    } else {
        TRY(cut_as_asked(c, out, (enum resolution)asked->choice));
    }
    answer_time_list(&c->answer, out->buckets.count ? out->buckets.edges + 1 : NULL,
                     out->buckets.count);
    return NULL;
}

const double *chart_values(struct call *c, const struct chart *chart, const struct span *s,
                           enum chart_way way) {
    /* each bucket is one of the values */
    if (chart->is_raw && s->length == chart->buckets.count && s->length &&
        s->first == chart->buckets.edges[1])
        return s->values;
    struct resampled r = resample(c->memory, s, &chart->buckets);
    const double *ways[] = {
        [CHART_MEAN] = r.mean, [CHART_SUM] = r.sum, [CHART_MIN] = r.min, [CHART_MAX] = r.max};
    return ways[way];
}

struct answer_series *chart_add(struct call *c, const struct chart *chart, str id, const char *unit,
                                const struct span *s) {
    return answer_add(&c->answer, id, unit, chart_values(c, chart, s, CHART_MEAN));
}

static void add_line(struct call *c, const struct chart *chart, str id, const char *unit,
                     const struct resampled *r) {
    answer_add(&c->answer, id, unit, r->mean);
    if (!chart->is_auto)
        return;
    series_label(answer_add(&c->answer, id, unit, r->min), "measure", STR("min"));
    series_label(answer_add(&c->answer, id, unit, r->max), "measure", STR("max"));
}

err *chart_add_lines(struct call *c, const struct chart *chart, enum dataset_id dataset,
                     const char *column, const char *unit) {
    struct store *s = c->api->store;
    struct span spans[REGIONS];
    struct resampled coarse[REGIONS];
    if (chart->is_raw)
        TRY(regions_read(s, c->memory, dataset, column, chart->range, spans));
    else
        regions_resample(s, c->memory, dataset, column, chart->range, &chart->buckets, coarse);
    for (int r = 0; r < REGIONS; r++) {
        if (!region_index_wanted(c, r))
            continue;
        if (chart->is_raw)
            chart_add(c, chart, str_from(regions[r]), unit, &spans[r]);
        else
            add_line(c, chart, str_from(regions[r]), unit, &coarse[r]);
    }
    return NULL;
}

const char *chart_time_of_day(struct call *c, enum day_kind kind, size_t slot, int step) {
    int end = ((int)slot + 1) * step * INTERVAL_MINUTES + (kind == DAY_TRADING ? 4 * 60 : 0);
    end %= 24 * 60;
    return arena_printf(c->memory, "%02d:%02d", end / 60, end % 60);
}
