/* Units' energy and money, grouped. */
#include <stdlib.h>

#include "api/chart.h"
#include "market/unit_totals.h"

enum dimension { BY_REGION, BY_FUEL, BY_STATION, BY_OWNER, BY_UNIT, DIMENSIONS };

static const struct parameter by = {
    "by",
    PARAMETER_CHOICES,
    /* enum dimension; the last tells nothing apart */
    .choices = CHOICES("region", "fuel", "station", "owner", "unit", "all"),
    .fallback = "region,fuel",
    .summary = "what rows are told apart by; all: by nothing, so that one row is the total",
};
static const struct parameter mlf = {
    "mlf",
    PARAMETER_CHOICE,
    .choices = CHOICES("0", "1"),
    .fallback = "0",
    .summary = "1: revenue with transmission and distribution loss factors",
};

static const struct answer_column columns[] = {
    {"region", CELL_TEXT, NULL},        {"fuel", CELL_TEXT, NULL},
    {"station", CELL_TEXT, NULL},       {"owner", CELL_TEXT, NULL},
    {"duid", CELL_TEXT, NULL},          {"units", CELL_WHOLE, NULL},
    {"capacity", CELL_NUMBER, "MW"},    {"generation", CELL_NUMBER, "GWh"},
    {"load", CELL_NUMBER, "GWh"},       {"revenue", CELL_NUMBER, "$M"},
    {"cost", CELL_NUMBER, "$M"},        {"vwap", CELL_NUMBER, "$/MWh"},
    {"utilisation", CELL_NUMBER, NULL}, {"emissions", CELL_NUMBER, "t"},
};

struct group {
    str names[DIMENSIONS]; /* empty where rows aren't told apart by it */
    struct unit_total sum;
    double capacity;
    size_t units;
};

static str name_of(const struct unit *u, enum dimension d) {
    const str names[DIMENSIONS] = {
        [BY_REGION] = u->region,
        [BY_FUEL] = str_from(fuel_names[u->fuel]),
        [BY_STATION] = u->station.len ? u->station : u->duid,
        [BY_OWNER] = u->owner,
        [BY_UNIT] = u->duid,
    };
    return names[d].len ? names[d] : STR("Unknown");
}

static int compare(const void *a, const void *b) {
    const struct group *x = a, *y = b;
    for (int d = 0; d < DIMENSIONS; d++) {
        int order = str_compare(x->names[d], y->names[d]);
        if (order)
            return order;
    }
    return 0;
}

/* Sorts, and joins neighbours that are alike; returns how many are left. */
static size_t join(struct group *groups, size_t count) {
    size_t kept = 0;
    if (count)
        qsort(groups, count, sizeof *groups, compare);
    for (size_t i = 0; i < count; i++) {
        if (kept && compare(&groups[kept - 1], &groups[i]) == 0) {
            struct group *into = &groups[kept - 1];
            unit_total_add(&into->sum, &groups[i].sum);
            into->capacity += groups[i].capacity;
            into->units += groups[i].units;
        } else {
            groups[kept++] = groups[i];
        }
    }
    return kept;
}

static void row(struct call *c, const struct group *g) {
    bool settled = value_of(c, &mlf)->choice == 1;
    const struct unit_total *t = &g->sum;
    double revenue = settled ? t->generation_settled : t->generation.revenue;
    double cost = settled ? t->load_settled : t->load.revenue;
    double priced = t->generation.energy - t->generation.unpriced;
    for (int d = 0; d < DIMENSIONS; d++)
        str_cell(c, g->names[d]);
    whole_cell(c, g->units);
    number_cell(c, g->capacity);
    number_cell(c, t->generation.energy / 1e3);
    number_cell(c, t->load.energy / 1e3);
    number_cell(c, revenue / 1e6);
    number_cell(c, cost / 1e6);
    number_cell(c, priced > 0 ? revenue / priced : NAN);
    number_cell(c, unit_total_capacity_factor(t));
    number_cell(c, t->emissions.energy > 0 ? t->emissions.tonnes : NAN);
}

static err *pivot(struct call *c) {
    const struct value *dimensions = value_of(c, &by);
    struct range range;
    struct unit_totals totals;
    size_t count = 0;
    TRY(units_load(c->api->store, &c->api->units));
    TRY(range_of(c, SCADA5, LONGEST_CHART_DAYS, &range));
    TRY(unit_totals_read(c->api->store, &c->api->units, c->memory,
                         (struct period){range.from, range.to}, &totals));
    struct group *groups = ARENA_ARRAY(c->memory, struct group, totals.count);
    for (size_t i = 0; i < totals.count; i++) {
        const struct unit *u = &totals.rows[i].unit;
        if (!unit_wanted(c, u))
            continue;
        struct group *g = &groups[count++];
        *g = (struct group){.sum = totals.rows[i], .units = 1};
        g->capacity =
            isnan(u->capacity_mw) || str_eq(u->dispatch_type, STR("LOAD")) ? 0 : u->capacity_mw;
        for (size_t k = 0; k < dimensions->count; k++)
            if (dimensions->chosen[k] < DIMENSIONS)
                g->names[dimensions->chosen[k]] = name_of(u, (enum dimension)dimensions->chosen[k]);
    }
    count = join(groups, count);
    ANSWER_COLUMNS(c, columns);
    for (size_t i = 0; i < count; i++)
        row(c, &groups[i]);
    return NULL;
}

const struct route routes_pivot[] = {
    {"/v1/pivot", "Energy, revenue and utilisation, grouped", "Generation", ANSWER_TABLE, pivot,
     .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &by, &parameter_region, &parameter_duid, &parameter_station,
                    &mlf},
     .details =
         "Of the units with a reading in the range. Revenue is generation x price at "
         "settlement resolution, cost what consumption paid; spot market alone. Utilisation "
         "is energy over what the capacity in force could have given. Emissions are of units "
         "whose factor is known, on energy as generated."},
    {0},
};
