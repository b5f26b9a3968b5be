/* A day in a line for each region, beside the day before and the same day a year earlier. */
#include "api/chart.h"
#include "market/demand.h"
#include "market/mix.h"
#include "market/nem_price.h"
#include "market/readings.h"
#include "market/shares.h"
#include "market/statistics.h"

/* What a summary is made of; the NEM's price and demand are those of its weighted price. */
struct stretch {
    struct period p;
    size_t length;
    struct span rrp[AREAS], weight[AREAS], rooftop[REGIONS];
    bool *provisional; /* by interval: an estimate of rooftop */
    struct mix mix;
};

static void add_nem_price(struct arena *a, struct stretch *s) {
    s->rrp[NEM] = span_new(a, s->p.after + 1, 1, s->length);
    s->weight[NEM] = span_new(a, s->p.after + 1, 1, s->length);
    for (size_t i = 0; i < s->length; i++) {
        double rrp[REGIONS], mw[REGIONS];
        for (int r = 0; r < REGIONS; r++) {
            rrp[r] = s->rrp[r].values[i];
            mw[r] = s->weight[r].values[i];
        }
        struct nem_price price = nem_price_of(rrp, mw);
        s->rrp[NEM].values[i] = price.weighted;
        s->weight[NEM].values[i] = price.weight;
    }
}

static err *stretch_read(struct call *c, struct period p, struct stretch *out) {
    struct store *s = c->api->store;
    struct arena *a = c->memory;
    struct buckets b = buckets_of_step(a, 1, p);
    *out = (struct stretch){.p = p, .length = (size_t)(p.to - p.after)};
    out->provisional = ARENA_ARRAY(a, bool, out->length);
    TRY(regions_read(s, a, PRICES5, "rrp", p, out->rrp));
    TRY(regions_read(s, a, REGIONS5, "totaldemand", p, out->weight));
    TRY(rooftop_read(s, a, p, out->rooftop, out->provisional));
    TRY(mix_read(s, a, p, &b, &out->mix));
    add_nem_price(a, out);
    return NULL;
}

/* -- energy -------------------------------------------------------------------------------------
 */

/* MWh of the intervals of which all is known. */
struct energy_sum {
    struct supply supply;
    size_t intervals;
    bool is_provisional;
};

static double rooftop_of(const struct stretch *s, int area, size_t i) {
    double sum = 0;
    for (int r = 0; r < REGIONS; r++)
        sum += area == NEM || area == r ? s->rooftop[r].values[i] : 0;
    return sum;
}

static struct energy_sum energy_of(struct arena *a, const struct stretch *s, int area) {
    unsigned areas = area == NEM ? MIX_ALL_AREAS : 1u << area;
    struct energy_sum sum = {.supply.underlying = NAN};
    const double *mw[FUELS];
    for (int f = 0; f < FUELS; f++)
        mw[f] = mix_sum(a, &s->mix, false, areas, (enum fuel)f);
    for (size_t i = 0; i < s->length; i++) {
        double known = rooftop_of(s, area, i);
        for (int f = 0; f < FUELS; f++)
            known += mw[f] ? mw[f][i] : 0;
        if (isnan(known))
            continue;
        for (int f = 0; f < FUELS; f++)
            sum.supply.by_fuel[f] += mw[f] ? mw[f][i] * INTERVAL_MINUTES / 60 : 0;
        sum.supply.rooftop += rooftop_of(s, area, i) * INTERVAL_MINUTES / 60;
        sum.intervals++;
        sum.is_provisional |= s->provisional[i];
    }
    return sum;
}

/* -- the answer ---------------------------------------------------------------------------------
 */

static const struct answer_column columns[] = {
    {"region", CELL_TEXT, NULL},      {"period", CELL_TEXT, NULL},
    {"from", CELL_TIME, NULL},        {"to", CELL_TIME, NULL},
    {"price", CELL_NUMBER, "$/MWh"},  {"price_weighted", CELL_NUMBER, "$/MWh"},
    {"max", CELL_NUMBER, "$/MWh"},    {"max_at", CELL_TIME, NULL},
    {"min", CELL_NUMBER, "$/MWh"},    {"min_at", CELL_TIME, NULL},
    {"energy", CELL_NUMBER, "MWh"},   {"share_generation", CELL_NUMBER, NULL},
    {"share_gas", CELL_NUMBER, NULL}, {"share_coal", CELL_NUMBER, NULL},
    {"intervals", CELL_WHOLE, NULL},  {"provisional", CELL_FLAG, NULL},
};

static void price_cells(struct call *c, const struct span *rrp, const struct span *weight) {
    struct statistics found = statistics_of(c->memory, rrp->values, rrp->length);
    struct lowest_highest ends = lowest_highest_of(rrp);
    number_cell(c, found.mean);
    number_cell(c, weighted_mean(rrp->values, weight->values, rrp->length));
    number_cell(c, ends.max);
    answer_cell(&c->answer, isnan(ends.max) ? cell_none() : cell_time(ends.max_at));
    number_cell(c, ends.min);
    answer_cell(&c->answer, isnan(ends.min) ? cell_none() : cell_time(ends.min_at));
}

static void energy_cells(struct call *c, const struct energy_sum *sum) {
    const double *fuel = sum->supply.by_fuel;
    double all = sum->intervals ? generation_without_batteries(&sum->supply) : NAN;
    double gas = fuel[FUEL_CCGT] + fuel[FUEL_OCGT] + fuel[FUEL_GAS_OTHER];
    double coal = fuel[FUEL_BLACK_COAL] + fuel[FUEL_BROWN_COAL];
    number_cell(c, all);
    number_cell(c, sum->intervals ? renewable_shares(&sum->supply).generation : NAN);
    number_cell(c, all > 0 ? gas / all : NAN);
    number_cell(c, all > 0 ? coal / all : NAN);
    whole_cell(c, sum->intervals);
    answer_cell(&c->answer, cell_flag(sum->is_provisional));
}

static void row(struct call *c, const struct stretch *s, int area, const char *period) {
    struct energy_sum sum = energy_of(c->memory, s, area);
    str_cell(c, area_name(area));
    text_cell(c, period);
    answer_cell(&c->answer, cell_time(s->p.after));
    answer_cell(&c->answer, cell_time(s->p.to));
    price_cells(c, &s->rrp[area], &s->weight[area]);
    energy_cells(c, &sum);
}

static err *summary(struct call *c) {
    static const char *const names[] = {"day", "before", "year"};
    struct stretch stretches[3];
    const struct store_index *x;
    TRY(store_index(c->api->store, SCADA5, &x));
    ANSWER_COLUMNS(c, columns);
    if (!x->has_bounds)
        return NULL;
    enum day_kind kind = chart_day(c);
    struct period p = {day_after(kind, day_of(kind, x->last)), x->last};
    struct period before = {p.after - INTERVALS_PER_DAY, p.to - INTERVALS_PER_DAY};
    struct period periods[] = {p, before, period_a_year_before(kind, p)};
    c->answer.has_range = c->answer.has_latest = true;
    c->answer.from = p.after;
    c->answer.to = c->answer.latest = p.to;
    TRY(units_load(c->api->store, &c->api->units));
    for (int i = 0; i < 3; i++)
        TRY(stretch_read(c, periods[i], &stretches[i]));
    for (int area = 0; area < AREAS; area++)
        for (int i = 0; i < 3 && area_wanted(c, area); i++)
            row(c, &stretches[i], area, names[i]);
    return NULL;
}

const struct route routes_summary[] = {
    {"/v1/summary", "The day so far by region, beside the day before and a year before", "Overview",
     ANSWER_TABLE, summary, .parameters = {&parameter_day, &parameter_region},
     .details =
         "Of the day of the newest SCADA reading up to that reading (period day), the same hours "
         "of "
         "the day before (before) and of that date a year earlier (year). price is the mean by "
         "time, price_weighted by max(0, totaldemand); the NEM's are those of its weighted price. "
         "energy is generation without batteries and with rooftop, MW x 5 minutes over intervals "
         "of "
         "which all is known; shares are of it. provisional: with an estimate of rooftop."},
    {0},
};
