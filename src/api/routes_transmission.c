/* Flows between regions. */
#include "api/chart.h"
#include "market/energy.h"
#include "market/readings.h"

static const struct parameter measure = {
    "measure",
    PARAMETER_CHOICES,
    .choices = CHOICES("meteredmwflow", "mwflow", "mwlosses", "exportlimit", "importlimit",
                       "marginalvalue", "forward", "backward"),
    .fallback = "meteredmwflow",
    .summary =
        "columns of AEMO's table; forward and backward part the metered flow by its direction "
        "before any mean",
};
enum { FIRST_PART = 6, BACKWARD };

static const char *column_of(int choice) {
    return measure.choices[choice < FIRST_PART ? choice : 0];
}

static void part(struct span *flow, int choice) {
    for (size_t i = 0; choice >= FIRST_PART && i < flow->length; i++) {
        double mw = choice == BACKWARD ? 0 - flow->values[i] : flow->values[i];
        flow->values[i] = mw < 0 ? 0 : mw;
    }
}

static err *add_measure(struct call *c, const struct chart *chart, int choice) {
    const char *name = measure.choices[choice];
    const char *unit = strcmp(name, "marginalvalue") == 0 ? "$/MWh" : "MW";
    struct series s;
    TRY(series_read(c->api->store, c->memory, TRANSMISSION5, column_of(choice), chart->range.after,
                    chart->range.to, &s));
    for (size_t k = 0; k < s.count; k++) {
        const struct interconnector *link = interconnector_find(s.keys[k]);
        struct span span = {s.first, s.step, s.length, s.values[k]};
        part(&span, choice);
        struct answer_series *out = chart_add(c, chart, s.keys[k], unit, &span);
        series_label(out, "measure", str_from(name));
        if (link) {
            series_label(out, "from", str_from(link->from));
            series_label(out, "to", str_from(link->to));
        }
    }
    return NULL;
}

static err *transmission(struct call *c) {
    const struct value *measures = value_of(c, &measure);
    struct range range;
    struct chart chart;
    TRY(range_of(c, TRANSMISSION5, LONGEST_CHART_DAYS, &range));
    TRY(chart_begin(c, &range, 1, &chart));
    for (size_t i = 0; i < measures->count; i++)
        TRY(add_measure(c, &chart, measures->chosen[i]));
    return NULL;
}

/* -- utilisation --------------------------------------------------------------------------------
 */

static const struct answer_column use_columns[] = {
    {"interconnector", CELL_TEXT, NULL},
    {"from", CELL_TEXT, NULL},
    {"to", CELL_TEXT, NULL},
    {"intervals", CELL_WHOLE, NULL},
    {"at_export_limit", CELL_WHOLE, NULL},
    {"at_import_limit", CELL_WHOLE, NULL},
    {"bound", CELL_WHOLE, NULL},
    {"share_at_limit", CELL_NUMBER, NULL},
    {"forward", CELL_NUMBER, "MWh"},
    {"backward", CELL_NUMBER, "MWh"},
    {"largest_forward", CELL_NUMBER, "MW"},
    {"largest_backward", CELL_NUMBER, "MW"},
};

/* The columns of a link's use, read one by one. */
enum { METERED, TARGET_FLOW, EXPORT_LIMIT, IMPORT_LIMIT, VALUE, USE_COLUMNS };

struct use {
    size_t intervals, at[LINK_BOUND + 1];
    double forward, backward, most, least;
};

static struct use use_of(double *const columns[USE_COLUMNS], size_t length) {
    struct use u = {.most = 0, .least = 0};
    for (size_t i = 0; i < length; i++) {
        double metered = columns[METERED][i];
        if (!isnan(columns[TARGET_FLOW][i])) {
            u.intervals++;
            u.at[link_limit_of(columns[TARGET_FLOW][i], columns[EXPORT_LIMIT][i],
                               columns[IMPORT_LIMIT][i], columns[VALUE][i])]++;
        }
        if (isnan(metered))
            continue;
        u.forward += (metered > 0 ? metered : 0) * HOURS_PER_INTERVAL;
        u.backward -= (metered < 0 ? metered : 0) * HOURS_PER_INTERVAL;
        u.most = metered > u.most ? metered : u.most;
        u.least = metered < u.least ? metered : u.least;
    }
    return u;
}

static void use_row(struct call *c, str id, const struct use *u) {
    const struct interconnector *link = interconnector_find(id);
    size_t limited = u->intervals - u->at[LINK_FREE];
    str_cell(c, id);
    str_cell(c, link ? str_from(link->from) : (str){0});
    str_cell(c, link ? str_from(link->to) : (str){0});
    whole_cell(c, u->intervals);
    whole_cell(c, u->at[LINK_AT_EXPORT]);
    whole_cell(c, u->at[LINK_AT_IMPORT]);
    whole_cell(c, u->at[LINK_BOUND]);
    number_cell(c, u->intervals ? (double)limited / (double)u->intervals : NAN);
    number_cell(c, u->forward);
    number_cell(c, u->backward);
    number_cell(c, u->most);
    number_cell(c, 0 - u->least);
}

static err *utilisation(struct call *c) {
    static const char *const names[USE_COLUMNS] = {"meteredmwflow", "mwflow", "exportlimit",
                                                   "importlimit", "marginalvalue"};
    struct range range;
    struct series s[USE_COLUMNS];
    TRY(range_of(c, TRANSMISSION5, LONGEST_CHART_DAYS, &range));
    for (int i = 0; i < USE_COLUMNS; i++)
        TRY(series_read(c->api->store, c->memory, TRANSMISSION5, names[i], range.from, range.to,
                        &s[i]));
    ANSWER_COLUMNS(c, use_columns);
    for (size_t k = 0; k < s[0].count; k++) {
        double *columns[USE_COLUMNS] = {0};
        bool is_whole = true; /* a commit in between can bring a link */
        for (int i = 0; i < USE_COLUMNS; i++) {
            is_whole = is_whole && k < s[i].count && str_eq(s[i].keys[k], s[0].keys[k]);
            columns[i] = is_whole ? s[i].values[k] : NULL;
        }
        if (!is_whole)
            continue;
        struct use u = use_of(columns, s[0].length);
        use_row(c, s[0].keys[k], &u);
    }
    return NULL;
}

/* -- net import ---------------------------------------------------------------------------------
 */

static const struct parameter basis = {
    "basis",
    PARAMETER_CHOICE,
    .choices = CHOICES("scada", "dispatch"),
    .fallback = "scada",
    .summary = "scada: metered flows, at the interval's start, as units' readings are; dispatch: "
               "-NETINTERCHANGE, at its end and with losses",
};

static err *net_import(struct call *c) {
    bool by_dispatch = value_of(c, &basis)->choice == 1;
    struct range range;
    struct chart chart;
    struct span spans[REGIONS];
    TRY(range_of(c, by_dispatch ? REGIONS5 : TRANSMISSION5, LONGEST_CHART_DAYS, &range));
    TRY(chart_begin(c, &range, 1, &chart));
    if (by_dispatch)
        TRY(regions_read(c->api->store, c->memory, REGIONS5, "netinterchange", chart.range, spans));
    else
        TRY(net_import_read(c->api->store, c->memory, chart.range, spans));
    for (int r = 0; r < REGIONS; r++) {
        for (size_t i = 0; by_dispatch && i < spans[r].length; i++)
            spans[r].values[i] = net_import_of_dispatch(spans[r].values[i]);
        if (region_index_wanted(c, r))
            chart_add(c, &chart, str_from(regions[r]), "MW", &spans[r]);
    }
    return NULL;
}

const struct route routes_transmission[] = {
    {"/v1/transmission", "Flows and limits of interconnectors", "Transmission", ANSWER_SERIES,
     transmission, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_resolution, &parameter_day, &measure},
     .details = "A positive flow is from region `from` to region `to`; both limits are signed as "
                "flows are. A mean of flows over longer steps is net."},
    {"/v1/transmission/utilisation", "How much and how often at its limit each link was",
     "Transmission", ANSWER_TABLE, utilisation, .of_grid = true, .parameters = {RANGE_PARAMETERS},
     .details =
         "At a limit: the target flow is within 1 MW of it. Bound: neither, but a megawatt more "
         "would have a value. Energy is metered flow x 5 minutes, by direction."},
    {"/v1/transmission/net-import", "What regions get from others, less what they give",
     "Transmission", ANSWER_SERIES, net_import, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_resolution, &parameter_day, &parameter_region,
                    &basis}},
    {0},
};
