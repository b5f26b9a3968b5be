/* The renewable share, records and curtailment. */
#include "api/chart.h"
#include "api/kept_records.h"
#include "market/curtailment.h"
#include "market/demand_mean.h"
#include "market/energy.h"
#include "market/mix.h"
#include "market/readings.h"
#include "market/record_scan.h"
#include "market/rooftop_mean.h"
#include "market/shares.h"
#include "market/unit_totals.h"
#include "store/grid.h"

/* -- what shares are made of --------------------------------------------------------------------
 */

struct supplies {
    size_t length;
    struct supply *of[AREAS]; /* [length] */
    bool is_provisional;
    bool is_proxy;
};

static double bucket_value(const double *values, size_t i) {
    return values ? values[i] : 0; /* a fuel that the area doesn't have */
}

static void add_mix(struct arena *a, const struct mix *mix, struct supplies *out) {
    for (int area = 0; area < AREAS; area++) {
        out->of[area] = ARENA_ARRAY(a, struct supply, out->length);
        for (int f = 0; f < FUELS; f++) {
            const double *values =
                mix_sum(a, mix, false, area == NEM ? MIX_ALL_AREAS : 1u << area, (enum fuel)f);
            for (size_t i = 0; i < out->length; i++)
                out->of[area][i].by_fuel[f] = bucket_value(values, i);
        }
    }
}

/* Shares over a bucket are of its mean MW: of its energy. */
static err *supplies_read(struct call *c, const struct chart *chart, struct supplies *out) {
    struct store *s = c->api->store;
    struct arena *a = c->memory;
    const struct buckets *b = &chart->buckets;
    struct mix mix;
    struct rooftop_mean rooftop;
    double *used[REGIONS];
    bool none = false;
    *out = (struct supplies){.length = chart->buckets.count};
    TRY(units_load(s, &c->api->units));
    TRY(mix_read(s, a, chart->range, b, &mix));
    TRY(rooftop_mean_read(s, a, chart->range, b, rooftop_each_region, REGIONS, &rooftop));
    TRY(demand_mean_read(s, a, chart->range, b, false, used, &out->is_proxy, &none));
    out->is_provisional = rooftop.provisional;
    add_mix(a, &mix, out);
    for (int r = 0; r < REGIONS; r++) {
        const double *sun = rooftop.mean[r];
        for (size_t i = 0; i < out->length; i++) {
            out->of[r][i].rooftop = sun[i];
            out->of[r][i].underlying = used[r][i] + sun[i];
            out->of[NEM][i].rooftop += sun[i];
            out->of[NEM][i].underlying += used[r][i] + sun[i];
        }
    }
    return NULL;
}

/* -- shares -------------------------------------------------------------------------------------
 */

static const struct parameter share = {
    "share",
    PARAMETER_CHOICES,
    .choices = CHOICES("generation", "incl_storage", "of_demand"),
    .fallback = "generation",
    .summary = "of all generation without batteries; with what they discharge on both sides; of "
               "underlying demand",
};

static err *renewables(struct call *c) {
    const struct value *shares = value_of(c, &share);
    struct range range;
    struct chart chart;
    struct supplies supplies;
    TRY(range_of(c, SCADA5, LONGEST_CHART_DAYS, &range));
    TRY(chart_begin(c, &range, 1, &chart));
    TRY(supplies_read(c, &chart, &supplies));
    answer_note(&c->answer, "provisional", cell_flag(supplies.is_provisional));
    answer_note(&c->answer, "proxy", cell_flag(supplies.is_proxy));
    for (int area = 0; area < AREAS; area++) {
        for (size_t k = 0; k < shares->count && area_wanted(c, area); k++) {
            double *values = ARENA_ARRAY(c->memory, double, supplies.length);
            for (size_t i = 0; i < supplies.length; i++) {
                struct shares of = renewable_shares(&supplies.of[area][i]);
                const double ways[] = {of.generation, of.incl_storage, of.of_demand};
                values[i] = ways[shares->chosen[k]];
            }
            series_label(answer_add(&c->answer, area_name(area), "share", values), "measure",
                         str_from(share.choices[shares->chosen[k]]));
        }
    }
    return NULL;
}

/* -- day by day ---------------------------------------------------------------------------------
 */

static const struct answer_column day_columns[] = {
    {"region", CELL_TEXT, NULL},       {"year", CELL_WHOLE, NULL},
    {"day_of_year", CELL_WHOLE, NULL}, {"date", CELL_TEXT, NULL},
    {"generation", CELL_NUMBER, NULL}, {"incl_storage", CELL_NUMBER, NULL},
    {"of_demand", CELL_NUMBER, NULL},
};

static void day_row(struct call *c, int area, aest_day day, struct shares of) {
    char text[AEST_TEXT];
    int year, month, date;
    aest_day first;
    aest_date(day, &year, &month, &date);
    aest_day_from_date(year, 1, 1, &first);
    str_cell(c, area_name(area));
    whole_cell(c, (size_t)year);
    whole_cell(c, (size_t)(day - first) + 1);
    text_cell(c, arena_printf(c->memory, "%s", aest_format_date(day, text)));
    number_cell(c, of.generation);
    number_cell(c, of.incl_storage);
    number_cell(c, of.of_demand);
}

static err *by_day(struct call *c) {
    struct range range;
    struct chart chart;
    struct supplies supplies;
    enum day_kind kind = chart_day(c);
    TRY(range_of(c, SCADA5, LONGEST_CHART_DAYS, &range));
    chart = (struct chart){.range = {range.from, range.to}, .step = 1};
    chart.buckets = buckets_of(c->memory, RESOLUTION_1D, kind, chart.range);
    c->answer.resolution = "1d";
    TRY(supplies_read(c, &chart, &supplies));
    ANSWER_COLUMNS(c, day_columns);
    for (int area = 0; area < AREAS; area++)
        for (size_t i = 0; i < supplies.length && area_wanted(c, area); i++)
            day_row(c, area, day_of(kind, chart.buckets.edges[i + 1]),
                    renewable_shares(&supplies.of[area][i]));
    return NULL;
}

/* -- records ------------------------------------------------------------------------------------
 */

enum { HOURS_ALL, HOURS_EACH, HOURS_NOW };
static const struct parameter hours = {
    "hours",
    PARAMETER_CHOICE,
    .choices = CHOICES("all", "each", "now"),
    .summary = "all: of the whole day alone; each: by hour of the day as well; now: of the hour of "
               "the newest reading as well. Of a range all, else now",
};

static const struct answer_column record_columns[] = {
    {"region", CELL_TEXT, NULL}, {"measure", CELL_TEXT, NULL}, {"extreme", CELL_TEXT, NULL},
    {"hour", CELL_WHOLE, NULL},  {"value", CELL_NUMBER, NULL}, {"at", CELL_TIME, NULL},
    {"origin", CELL_TEXT, NULL},
};

static bool hour_wanted(int choice, int hour, int now) {
    return hour == RECORD_ALL_HOURS || choice == HOURS_EACH || (choice == HOURS_NOW && hour == now);
}

/* The rows of an area; [kept], which may be NULL, says which of them came from elsewhere. */
static void record_rows(struct call *c, const struct market_records *own,
                        const struct kept_records *kept, int area, int choice, int now) {
    for (int m = 0; m < RECORD_MEASURES; m++) {
        for (int e = 0; e < RECORD_EXTREMES; e++) {
            for (int h = 0; h < RECORD_HOURS; h++) {
                struct market_record best = own->best[m][e][area][h];
                if (isnan(best.value) || !hour_wanted(choice, h, now))
                    continue;
                str_cell(c, area_name(area));
                text_cell(c, record_measure_names[m]);
                text_cell(c, record_extreme_names[e]);
                answer_cell(&c->answer, h == RECORD_ALL_HOURS ? cell_none() : cell_whole(h));
                number_cell(c, best.value);
                answer_cell(&c->answer, record_time_cell(best));
                text_cell(c, kept && kept_is_outside(kept, m, e, area, h) ? "earlier" : "store");
            }
        }
    }
}

enum { LONGEST_RECORD_DAYS = 31 };

static err *records_of_range(struct call *c, struct market_records *found, int *now) {
    struct range range;
    struct thresholds limits = {0};
    TRY(range_of(c, SCADA5, LONGEST_RECORD_DAYS, &range));
    market_records_init(found);
    *now = record_hour(range.to);
    TRY(thresholds_load(c->api->store, &limits));
    err *e = record_scan(c->api->store, c->memory, &limits, (struct period){range.from, range.to},
                         found);
    thresholds_free(&limits);
    return e;
}

/* Of all time, as they are kept. */
static err *records_of_all_time(struct call *c, const struct kept_records **kept, int *now) {
    const struct store_index *x;
    TRY(store_index(c->api->store, SCADA5, &x));
    TRY(kept_records_look(c->api, kept));
    *now = x->has_bounds ? record_hour(x->last) : -1;
    if ((*kept)->any)
        answer_note(&c->answer, "since", cell_time(interval_day_start((*kept)->since)));
    answer_note(&c->answer, "hour", *now < 0 ? cell_none() : cell_whole(*now));
    return NULL;
}

static err *records(struct call *c) {
    const struct kept_records *kept = NULL;
    struct market_records *found = ARENA_NEW(c->memory, struct market_records);
    bool is_range = value_of(c, &parameter_from)->count || value_of(c, &parameter_to)->count;
    int now, choice = is_range ? HOURS_ALL : HOURS_NOW;
    if (value_of(c, &hours)->count)
        choice = value_of(c, &hours)->choice;
    TRY(is_range ? records_of_range(c, found, &now) : records_of_all_time(c, &kept, &now));
    ANSWER_COLUMNS(c, record_columns);
    for (int area = 0; area < AREAS; area++)
        if (area_wanted(c, area))
            record_rows(c, kept ? &kept->best : found, kept, area, choice, now);
    return NULL;
}

/* -- curtailment --------------------------------------------------------------------------------
 */

static err *curtailment(struct call *c) {
    static const char *const sources[2][3] = {{"Solar", "ss_solar_uigf", "ss_solar_clearedmw"},
                                              {"Wind", "ss_wind_uigf", "ss_wind_clearedmw"}};
    struct range range;
    struct chart chart;
    TRY(range_of(c, REGIONS5, LONGEST_CHART_DAYS, &range));
    TRY(chart_begin(c, &range, 1, &chart));
    for (int k = 0; k < 2; k++) {
        struct span possible[REGIONS], cleared[REGIONS];
        TRY(regions_read(c->api->store, c->memory, REGIONS5, sources[k][1], chart.range, possible));
        TRY(regions_read(c->api->store, c->memory, REGIONS5, sources[k][2], chart.range, cleared));
        for (int r = 0; r < REGIONS; r++) {
            if (!region_index_wanted(c, r))
                continue;
            for (size_t i = 0; i < possible[r].length; i++)
                possible[r].values[i] =
                    curtailment_of_region(possible[r].values[i], cleared[r].values[i]);
            series_label(chart_add(c, &chart, str_from(regions[r]), "MW", &possible[r]), "measure",
                         str_from(sources[k][0]));
        }
    }
    return NULL;
}

static const struct answer_column curtailed_columns[] = {
    {"duid", CELL_TEXT, NULL},         {"station", CELL_TEXT, NULL},
    {"region", CELL_TEXT, NULL},       {"fuel", CELL_TEXT, NULL},
    {"possible", CELL_NUMBER, "MWh"},  {"offered_out", CELL_NUMBER, "MWh"},
    {"curtailed", CELL_NUMBER, "MWh"}, {"share", CELL_NUMBER, NULL},
};

/* What a unit's dispatch was made of, in turn. */
enum { UIGF, AVAILABILITY, TOTALCLEARED, DISPATCH_COLUMNS };

struct curtailed_unit {
    double possible, offered_out, curtailed; /* MWh */
};

static struct curtailed_unit curtailed_of(double *const mw[DISPATCH_COLUMNS], size_t length) {
    struct curtailed_unit sum = {0};
    for (size_t i = 0; i < length; i++) {
        struct curtailment at =
            curtailment_of_unit(mw[UIGF][i], mw[AVAILABILITY][i], mw[TOTALCLEARED][i]);
        if (isnan(at.offered_out) || isnan(at.curtailed))
            continue;
        sum.possible += mw[UIGF][i] * HOURS_PER_INTERVAL;
        sum.offered_out += at.offered_out * HOURS_PER_INTERVAL;
        sum.curtailed += at.curtailed * HOURS_PER_INTERVAL;
    }
    return sum;
}

static void curtailed_row(struct call *c, const struct unit *u, const struct curtailed_unit *sum) {
    str_cell(c, u->duid);
    str_cell(c, u->station);
    str_cell(c, u->region);
    text_cell(c, fuel_names[u->fuel]);
    number_cell(c, sum->possible);
    number_cell(c, sum->offered_out);
    number_cell(c, sum->curtailed);
    number_cell(c, sum->possible > 0 ? (sum->offered_out + sum->curtailed) / sum->possible : NAN);
}

static err *curtailment_by_unit(struct call *c) {
    static const char *const names[DISPATCH_COLUMNS] = {"uigf", "availability", "totalcleared"};
    struct grid *g = store_grid(c->api->store);
    const struct tiles_shape *shape = grid_shape(g, DISPATCH5);
    struct range range;
    double *mw[DISPATCH_COLUMNS];
    interval first;
    str *keys;
    TRY(units_load(c->api->store, &c->api->units));
    TRY(range_of(c, DISPATCH5, LONGEST_CHART_DAYS, &range));
    size_t length = grid_length(1, range.from, range.to, &first);
    size_t count = grid_keys(g, c->memory, shape, grid_lane(DISPATCH5, names[UIGF], 0), range.from,
                             range.to, &keys);
    for (int i = 0; i < DISPATCH_COLUMNS; i++)
        mw[i] = ARENA_ARRAY(c->memory, double, length);
    ANSWER_COLUMNS(c, curtailed_columns);
    for (size_t k = 0; k < count; k++) {
        struct unit u = units_find(&c->api->units, keys[k], interval_day(range.to));
        if (!str_eq(u.schedule_type, STR("SEMI-SCHEDULED")) || !unit_wanted(c, &u))
            continue;
        for (int i = 0; i < DISPATCH_COLUMNS; i++)
            grid_read(g, shape, keys[k], grid_lane(DISPATCH5, names[i], 0), range.from, range.to,
                      mw[i]);
        struct curtailed_unit sum = curtailed_of(mw, length);
        curtailed_row(c, &u, &sum);
    }
    return NULL;
}

const struct route routes_renewables[] = {
    {"/v1/renewables", "The renewable share", "Renewables", ANSWER_SERIES, renewables,
     .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_resolution, &parameter_day, &parameter_region,
                    &share},
     .details = "(Wind + Solar + Rooftop + Water + Biomass) over what `share` says; of sums, never "
                "means of shares. Not known where a part of it isn't. meta.provisional: rooftop at "
                "the end is an estimate; meta.proxy: demand is a proxy."},
    {"/v1/renewables/by-day", "Shares of each day, by day of the year", "Renewables", ANSWER_TABLE,
     by_day, .of_grid = true, .parameters = {RANGE_PARAMETERS, &parameter_day, &parameter_region},
     .details = "Of the day's sums; the first and the last as far as the range has them."},
    {"/v1/renewables/records", "Records: highest and lowest values, of all time or a range",
     "Renewables", ANSWER_TABLE, records,
     .parameters = {RANGE_PARAMETERS, &parameter_region, &hours},
     .details =
         "Without from and to those of all time, as they are kept; meta.since is when the first "
         "day that was counted begins, meta.hour the hour of the newest reading. Complete, firm "
         "and plausible values alone: no estimates, no proxies, no price outside its day's limits. "
         "hour is null for all hours; 23 holds 23:05 to 00:00. State of charge is in MWh. origin "
         "is store, or earlier for one that was taken over from the earlier system."},
    {"/v1/curtailment", "Sun and wind that were possible and not taken, by region", "Renewables",
     ANSWER_SERIES, curtailment, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_resolution, &parameter_day, &parameter_region},
     .details =
         "max(0, UIGF - CLEAREDMW) of semi-scheduled units, live: what was offered out and what "
         "was curtailed together."},
    {"/v1/curtailment/units", "The same by unit, told apart", "Renewables", ANSWER_TABLE,
     curtailment_by_unit, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_region, &parameter_duid, &parameter_station},
     .details = "Offered out is max(0, UIGF - AVAILABILITY), curtailed max(0, AVAILABILITY - "
                "TOTALCLEARED). Known on the next day."},
    {0},
};
