/* The evening peak, 17:00 to 22:00 AEST: what met it, and what it cost, against an earlier time.
 *
 * Everything here is made of half hours (market/evening.h): the mean of each of the ten over the
 * evenings of the range, or over all of them.
 */
#include "api/chart.h"
#include "market/evening.h"
#include "market/shares.h"

enum { LONGEST_EVENING_DAYS = 366, WORKER_DAYS = 100 /* 10 ms, with the time before */ };

static const struct parameter against = {
    "against",
    PARAMETER_CHOICE,
    .choices = CHOICES("before", "year"),
    .fallback = "before",
    .summary = "before: as long a time just before; year: the same dates a year earlier",
};

static const char *const measure_names[EVENING_FUEL] = {"price", "demand", "rooftop", "net_import"};

static const char *measure_name(int m) {
    if (m < EVENING_FUEL)
        return measure_names[m];
    return m == EVENING_CHARGE ? "charge"
           : m == EVENING_LOAD ? "load"
                               : fuel_names[m - EVENING_FUEL];
}

/* The range's half hours and those of what it is compared with. */
static err *read_both(struct call *c, struct evenings out[2]) {
    struct range range;
    TRY(range_of(c, SCADA5, LONGEST_EVENING_DAYS, &range));
    struct period now = {range.from, range.to};
    struct period before = value_of(c, &against)->choice ? period_a_year_before(DAY_CALENDAR, now)
                                                         : period_before(now);
    TRY(evenings_read(c->api->store, c->memory, now, &out[0]));
    TRY(evenings_read(c->api->store, c->memory, before, &out[1]));
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

/* Means by half hour of the evening. */
struct evening_profile {
    double means[EVENING_SLOTS];
    size_t counts[EVENING_SLOTS]; /* of evenings */
};

static struct evening_profile profile_of_evenings(const struct evenings *h, const double *values) {
    struct evening_profile p = {0};
    for (size_t i = 0; values && i < h->count; i++) {
        int slot = evening_slot(h->ends[i]);
        if (isnan(values[i]))
            continue;
        p.means[slot] += values[i];
        p.counts[slot]++;
    }
    for (int slot = 0; slot < EVENING_SLOTS; slot++)
        p.means[slot] = p.counts[slot] ? p.means[slot] / (double)p.counts[slot] : NAN;
    return p;
}

static void evening_rows(struct call *c, const struct evenings both[2], int area, int m) {
    struct evening_profile now = profile_of_evenings(&both[0], both[0].of[area][m]);
    struct evening_profile before = profile_of_evenings(&both[1], both[1].of[area][m]);
    for (int slot = 0; slot < EVENING_SLOTS; slot++) {
        str_cell(c, area_name(area));
        text_cell(c, measure_name(m));
        text_cell(c,
                  arena_printf(c->memory, "%02d:%02d", 17 + (slot + 1) / 2, (slot + 1) % 2 * 30));
        number_cell(c, now.means[slot]);
        number_cell(c, before.means[slot]);
        whole_cell(c, now.counts[slot]);
        whole_cell(c, before.counts[slot]);
    }
}

static err *evening(struct call *c) {
    struct evenings *both = ARENA_ARRAY(c->memory, struct evenings, 2);
    TRY(read_both(c, both));
    ANSWER_COLUMNS(c, columns);
    for (int area = 0; area < AREAS; area++)
        for (int m = 0; m < EVENING_MEASURES && area_wanted(c, area); m++)
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
    double mean[EVENING_FUEL], highest[EVENING_FUEL];
    interval highest_at[EVENING_FUEL];
    double share; /* of renewables in generation: of sums, not a mean of shares */
};

static void summarise_measure(const struct evenings *h, int area, int m, struct summary *out) {
    const double *values = h->of[area][m];
    size_t known = 0;
    double sum = 0;
    out->highest[m] = NAN;
    for (size_t i = 0; values && i < h->count; i++) {
        if (isnan(values[i]))
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
static double share_of_evenings(const struct evenings *h, int area) {
    struct supply sum = {.underlying = NAN};
    for (size_t i = 0; i < h->count; i++) {
        double rooftop = h->of[area][EVENING_ROOFTOP][i], any = NAN;
        for (int f = 0; f < FUELS; f++)
            if (h->of[area][EVENING_FUEL + f] && !isnan(h->of[area][EVENING_FUEL + f][i]))
                any = 0;
        if (isnan(rooftop + any))
            continue;
        sum.rooftop += rooftop;
        for (int f = 0; f < FUELS; f++) {
            const double *mw = h->of[area][EVENING_FUEL + f];
            sum.by_fuel[f] += mw && !isnan(mw[i]) ? mw[i] : 0;
        }
    }
    return renewable_shares(&sum).generation;
}

static struct summary summarise(const struct evenings *h, int area) {
    struct summary s = {0};
    aest_day last = -1;
    for (size_t i = 0; i < h->count; i++) {
        aest_day day = day_of(DAY_CALENDAR, h->ends[i]);
        bool known =
            !isnan(h->of[area][EVENING_PRICE][i]) || !isnan(h->of[area][EVENING_DEMAND][i]);
        if (!known || day == last)
            continue;
        last = day;
        s.evenings++;
    }
    summarise_measure(h, area, EVENING_PRICE, &s);
    summarise_measure(h, area, EVENING_DEMAND, &s);
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
    struct evenings *both = ARENA_ARRAY(c->memory, struct evenings, 2);
    TRY(read_both(c, both));
    ANSWER_COLUMNS(c, summary_columns);
    for (int area = 0; area < AREAS; area++) {
        if (!area_wanted(c, area))
            continue;
        struct summary now = summarise(&both[0], area), before = summarise(&both[1], area);
        str_cell(c, area_name(area));
        whole_cell(c, now.evenings);
        whole_cell(c, before.evenings);
        summary_cells(c, &now, &before, EVENING_PRICE);
        summary_cells(c, &now, &before, EVENING_DEMAND);
        number_cell(c, now.share);
        number_cell(c, before.share);
    }
    return NULL;
}

const struct route routes_evening[] = {
    {"/v1/evening", "The evening peak by half hour, against an earlier time", "Evening",
     ANSWER_TABLE, evening, .of_grid = true, .worker_days = WORKER_DAYS,
     .parameters = {RANGE_PARAMETERS, &parameter_region, &against},
     .details = "Each of the ten half hours that end 17:30 to 22:00, as a mean over the range's "
                "evenings: price in $/MWh, all else in MW. demand is operational; charge and load "
                "are taken, all fuels given. The NEM's price is weighted by max(0, totaldemand) "
                "within each half hour."},
    {"/v1/evening/summary", "The evening peak in sum, by region", "Evening", ANSWER_TABLE, summary,
     .of_grid = true, .worker_days = WORKER_DAYS,
     .parameters = {RANGE_PARAMETERS, &parameter_region, &against},
     .details = "Means and the highest half hour over the evenings of the range, and of the time "
                "before it. share is of generation with rooftop, as in /v1/renewables."},
    {0},
};
