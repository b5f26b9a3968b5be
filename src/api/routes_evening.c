/* The evening peak, 17:00 to 22:00 AEST: what met it, and what it cost, against an earlier time.
 *
 * Everything here is made of half hours: means of their six intervals, then the mean of each of the
 * ten half hours over the evenings of the range.
 */
#include "api/chart.h"
#include "market/demand_mean.h"
#include "market/mix.h"
#include "market/nem_price.h"
#include "market/readings.h"
#include "market/rooftop_mean.h"
#include "market/shares.h"

enum { HALF_HOUR = 6, HALF_HOURS_PER_DAY = INTERVALS_PER_DAY / HALF_HOUR };
/* The half hours that end 17:30 to 22:00. */
enum { FIRST_SLOT = 17 * 2, SLOTS = 10 };
enum { LONGEST_EVENING_DAYS = 366 };

static const struct parameter against = {
    "against",
    PARAMETER_CHOICE,
    .choices = CHOICES("before", "year"),
    .fallback = "before",
    .summary = "before: as long a time just before; year: the same dates a year earlier",
};

/* What is known of an evening: these, then generation by fuel, then what is taken. */
enum {
    PRICE,
    DEMAND,
    ROOFTOP,
    NET_IMPORT,
    FIRST_FUEL,
    CHARGE = FIRST_FUEL + FUELS,
    LOAD,
    MEASURES
};
static const char *const measure_names[FIRST_FUEL] = {"price", "demand", "rooftop", "net_import"};

static const char *measure_name(int m) {
    if (m < FIRST_FUEL)
        return measure_names[m];
    return m == CHARGE ? "charge" : m == LOAD ? "load" : fuel_names[m - FIRST_FUEL];
}

/* The half hours of a period; NULL for what an area doesn't have. */
struct half_hours {
    struct chart chart;
    size_t count;
    interval *ends;
    const double *of[AREAS][MEASURES];
};

static const double *sum_of(struct call *c, const struct half_hours *h, int m) {
    double *sum = ARENA_ARRAY(c->memory, double, h->count);
    for (size_t i = 0; i < h->count; i++)
        for (int r = 0; r < REGIONS; r++)
            sum[i] += h->of[r][m][i];
    return sum;
}

/* Weighted by demand, over regions as over the half hour's intervals. */
static err *nem_price(struct call *c, struct half_hours *h, const struct span prices[REGIONS]) {
    struct span demand[REGIONS];
    struct span value = span_new(c->memory, prices[0].first, 1, prices[0].length);
    struct span weight = span_new(c->memory, prices[0].first, 1, prices[0].length);
    TRY(regions_read(c->api->store, c->memory, REGIONS5, "totaldemand", h->chart.range, demand));
    for (size_t i = 0; i < value.length; i++) {
        double rrp[REGIONS], mw[REGIONS];
        for (int r = 0; r < REGIONS; r++) {
            rrp[r] = prices[r].values[i];
            mw[r] = demand[r].values[i];
        }
        struct nem_price p = nem_price_of(rrp, mw);
        value.values[i] = p.weighted * p.weight;
        weight.values[i] = isnan(p.weighted) ? NAN : p.weight;
    }
    const double *sums = chart_values(c, &h->chart, &value, CHART_SUM);
    const double *weights = chart_values(c, &h->chart, &weight, CHART_SUM);
    double *out = ARENA_ARRAY(c->memory, double, h->count);
    for (size_t i = 0; i < h->count; i++)
        out[i] = sums[i] / weights[i];
    h->of[NEM][PRICE] = out;
    return NULL;
}

/* What units do. Loads are pumps and others; batteries' charge stands by itself. */
static err *read_mix(struct call *c, struct half_hours *h) {
    struct mix mix;
    TRY(mix_read(c->api->store, c->memory, h->chart.range, &h->chart.buckets, &mix));
    for (int area = 0; area < AREAS; area++) {
        unsigned areas = area == NEM ? MIX_ALL_AREAS : 1u << area;
        double *load = NULL;
        for (int f = 0; f < FUELS; f++) {
            const double *taken = mix_sum(c->memory, &mix, true, areas, (enum fuel)f);
            h->of[area][FIRST_FUEL + f] = mix_sum(c->memory, &mix, false, areas, (enum fuel)f);
            if (f == FUEL_BATTERY)
                h->of[area][CHARGE] = taken;
            if (f == FUEL_BATTERY || !taken)
                continue;
            load = load ? load : ARENA_ARRAY(c->memory, double, h->count);
            for (size_t i = 0; i < h->count; i++)
                load[i] += isnan(taken[i]) ? 0 : taken[i];
        }
        h->of[area][LOAD] = load;
    }
    return NULL;
}

static err *read_half_hours(struct call *c, struct period p, struct half_hours *out) {
    struct store *s = c->api->store;
    struct arena *a = c->memory;
    struct span prices[REGIONS], imports[REGIONS];
    struct rooftop_mean rooftop;
    double *demand[REGIONS];
    bool proxy = false, provisional = false;
    *out = (struct half_hours){.chart = {.range = p, .step = 1}};
    out->chart.buckets = buckets_of(a, RESOLUTION_30M, DAY_CALENDAR, p);
    out->count = out->chart.buckets.count;
    out->ends = out->count ? out->chart.buckets.edges + 1 : NULL;
    TRY(regions_read(s, a, PRICES5, "rrp", p, prices));
    TRY(net_import_read(s, a, p, imports));
    TRY(demand_mean_read(s, a, p, &out->chart.buckets, false, demand, &proxy, &provisional));
    TRY(rooftop_mean_read(s, a, p, &out->chart.buckets, rooftop_each_region, REGIONS, &rooftop));
    for (int r = 0; r < REGIONS; r++) {
        out->of[r][PRICE] = chart_values(c, &out->chart, &prices[r], CHART_MEAN);
        out->of[r][DEMAND] = demand[r];
        out->of[r][ROOFTOP] = rooftop.mean[r];
        out->of[r][NET_IMPORT] = chart_values(c, &out->chart, &imports[r], CHART_MEAN);
    }
    out->of[NEM][DEMAND] = sum_of(c, out, DEMAND);
    out->of[NEM][ROOFTOP] = sum_of(c, out, ROOFTOP);
    TRY(nem_price(c, out, prices));
    return read_mix(c, out);
}

/* The range's half hours and those of what it is compared with. */
static err *read_both(struct call *c, struct half_hours out[2]) {
    struct range range;
    TRY(units_load(c->api->store, &c->api->units));
    TRY(range_of(c, SCADA5, LONGEST_EVENING_DAYS, &range));
    struct period now = {range.from, range.to};
    struct period before = value_of(c, &against)->choice ? period_a_year_before(DAY_CALENDAR, now)
                                                         : period_before(now);
    TRY(read_half_hours(c, now, &out[0]));
    TRY(read_half_hours(c, before, &out[1]));
    c->answer.resolution = "30m";
    answer_note(&c->answer, "before_from", cell_time(before.after));
    answer_note(&c->answer, "before_to", cell_time(before.to));
    return NULL;
}

/* -- half hour by half hour ---------------------------------------------------------------------
 */

static const struct answer_column columns[] = {
    {"region", CELL_TEXT, NULL},           {"measure", CELL_TEXT, NULL},
    {"time_of_day", CELL_TEXT, NULL},      {"value", CELL_NUMBER, NULL},
    {"before", CELL_NUMBER, NULL},         {"evenings", CELL_WHOLE, NULL},
    {"evenings_before", CELL_WHOLE, NULL},
};

static struct profile profile_of_half_hours(struct call *c, const struct half_hours *h,
                                            const double *values) {
    struct span s = {h->count ? h->ends[0] : 0, HALF_HOUR, values ? h->count : 0, (double *)values};
    return profile_of(c->memory, DAY_CALENDAR, &s);
}

static void evening_rows(struct call *c, const struct half_hours both[2], int area, int m) {
    struct profile now = profile_of_half_hours(c, &both[0], both[0].of[area][m]);
    struct profile before = profile_of_half_hours(c, &both[1], both[1].of[area][m]);
    for (size_t slot = FIRST_SLOT; slot < FIRST_SLOT + SLOTS; slot++) {
        str_cell(c, area_name(area));
        text_cell(c, measure_name(m));
        text_cell(c, chart_time_of_day(c, DAY_CALENDAR, slot, HALF_HOUR));
        number_cell(c, now.means[slot]);
        number_cell(c, before.means[slot]);
        whole_cell(c, now.counts[slot]);
        whole_cell(c, before.counts[slot]);
    }
}

static err *evening(struct call *c) {
    struct half_hours *both = ARENA_ARRAY(c->memory, struct half_hours, 2);
    TRY(read_both(c, both));
    ANSWER_COLUMNS(c, columns);
    for (int area = 0; area < AREAS; area++)
        for (int m = 0; m < MEASURES && area_wanted(c, area); m++)
            if (both[0].of[area][m] || both[1].of[area][m])
                evening_rows(c, both, area, m);
    return NULL;
}

/* -- in sum -------------------------------------------------------------------------------------
 */

static const struct answer_column summary_columns[] = {
    {"region", CELL_TEXT, NULL},
    {"evenings", CELL_WHOLE, NULL},
    {"evenings_before", CELL_WHOLE, NULL},
    {"price", CELL_NUMBER, "$/MWh"},
    {"price_before", CELL_NUMBER, "$/MWh"},
    {"highest_price", CELL_NUMBER, "$/MWh"},
    {"highest_price_at", CELL_TIME, NULL},
    {"highest_price_before", CELL_NUMBER, "$/MWh"},
    {"demand", CELL_NUMBER, "MW"},
    {"demand_before", CELL_NUMBER, "MW"},
    {"highest_demand", CELL_NUMBER, "MW"},
    {"highest_demand_at", CELL_TIME, NULL},
    {"highest_demand_before", CELL_NUMBER, "MW"},
    {"share", CELL_NUMBER, "share"},
    {"share_before", CELL_NUMBER, "share"},
};

/* The half hours of evenings alone. */
struct summary {
    size_t evenings; /* days with a half hour of which a price or a demand is known */
    double mean[FIRST_FUEL], highest[FIRST_FUEL];
    interval highest_at[FIRST_FUEL];
    double share; /* of renewables in generation: of sums, not a mean of shares */
};

static bool is_evening(interval end) {
    int slot = (int)((end - 1 - day_after(DAY_CALENDAR, day_of(DAY_CALENDAR, end))) / HALF_HOUR);
    return slot >= FIRST_SLOT && slot < FIRST_SLOT + SLOTS;
}

static void summarise_measure(const struct half_hours *h, int area, int m, struct summary *out) {
    const double *values = h->of[area][m];
    size_t known = 0;
    double sum = 0;
    out->highest[m] = NAN;
    for (size_t i = 0; values && i < h->count; i++) {
        if (!is_evening(h->ends[i]) || isnan(values[i]))
            continue;
        known++;
        sum += values[i];
        if (!(values[i] <= out->highest[m])) {
            out->highest[m] = values[i];
            out->highest_at[m] = h->ends[i];
        }
    }
    out->mean[m] = known ? sum / (double)known : NAN;
}

/* A half hour counts where rooftop and any generation are known. */
static double share_of_evenings(const struct half_hours *h, int area) {
    struct supply sum = {.underlying = NAN};
    for (size_t i = 0; i < h->count; i++) {
        double rooftop = h->of[area][ROOFTOP][i], any = NAN;
        for (int f = 0; f < FUELS; f++)
            if (h->of[area][FIRST_FUEL + f] && !isnan(h->of[area][FIRST_FUEL + f][i]))
                any = 0;
        if (!is_evening(h->ends[i]) || isnan(rooftop + any))
            continue;
        sum.rooftop += rooftop;
        for (int f = 0; f < FUELS; f++) {
            const double *mw = h->of[area][FIRST_FUEL + f];
            sum.by_fuel[f] += mw && !isnan(mw[i]) ? mw[i] : 0;
        }
    }
    return renewable_shares(&sum).generation;
}

static struct summary summarise(const struct half_hours *h, int area) {
    struct summary s = {0};
    aest_day last = -1;
    for (size_t i = 0; i < h->count; i++) {
        aest_day day = day_of(DAY_CALENDAR, h->ends[i]);
        bool known = !isnan(h->of[area][PRICE][i]) || !isnan(h->of[area][DEMAND][i]);
        if (!known || day == last || !is_evening(h->ends[i]))
            continue;
        last = day;
        s.evenings++;
    }
    summarise_measure(h, area, PRICE, &s);
    summarise_measure(h, area, DEMAND, &s);
    s.share = share_of_evenings(h, area);
    return s;
}

static void summary_cells(struct call *c, const struct summary *now, const struct summary *before,
                          int m) {
    number_cell(c, now->mean[m]);
    number_cell(c, before->mean[m]);
    number_cell(c, now->highest[m]);
    answer_cell(&c->answer, isnan(now->highest[m]) ? cell_none() : cell_time(now->highest_at[m]));
    number_cell(c, before->highest[m]);
}

static err *summary(struct call *c) {
    struct half_hours *both = ARENA_ARRAY(c->memory, struct half_hours, 2);
    TRY(read_both(c, both));
    ANSWER_COLUMNS(c, summary_columns);
    for (int area = 0; area < AREAS; area++) {
        if (!area_wanted(c, area))
            continue;
        struct summary now = summarise(&both[0], area), before = summarise(&both[1], area);
        str_cell(c, area_name(area));
        whole_cell(c, now.evenings);
        whole_cell(c, before.evenings);
        summary_cells(c, &now, &before, PRICE);
        summary_cells(c, &now, &before, DEMAND);
        number_cell(c, now.share);
        number_cell(c, before.share);
    }
    return NULL;
}

const struct route routes_evening[] = {
    {"/v1/evening", "The evening peak by half hour, against an earlier time", "Evening",
     ANSWER_TABLE, evening, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_region, &against},
     .details = "Each of the ten half hours that end 17:30 to 22:00, as a mean over the range's "
                "evenings: price in $/MWh, all else in MW. demand is operational; charge and load "
                "are taken, all fuels given. The NEM's price is weighted by max(0, totaldemand) "
                "within each half hour."},
    {"/v1/evening/summary", "The evening peak in sum, by region", "Evening", ANSWER_TABLE, summary,
     .of_grid = true, .parameters = {RANGE_PARAMETERS, &parameter_region, &against},
     .details = "Means and the highest half hour over the evenings of the range, and of the time "
                "before it. share is of generation with rooftop, as in /v1/renewables."},
    {0},
};
