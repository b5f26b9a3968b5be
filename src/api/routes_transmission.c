/* Flows between regions. */
#include "api/route.h"
#include "market/network.h"

static const struct parameter measure = {
    "measure",
    PARAMETER_CHOICES,
    .choices = CHOICES("meteredmwflow", "mwflow", "mwlosses", "exportlimit", "importlimit",
                       "marginalvalue"), /* columns of transmission5 */
    .fallback = "meteredmwflow",
    .summary = "columns of AEMO's table, parted by commas",
};

static err *add_measure(struct call *c, const struct range *range, const char *column) {
    const char *unit = strcmp(column, "marginalvalue") == 0 ? "$/MWh" : "MW";
    struct series s;
    TRY(series_read(c->api->store, c->memory, TRANSMISSION5, column, range->from, range->to, &s));
    answer_times(&c->answer, s.first, s.step, s.length);
    for (size_t k = 0; k < s.count; k++) {
        const struct interconnector *link = interconnector_find(s.keys[k]);
        struct answer_series *out = answer_add(&c->answer, s.keys[k], unit, s.values[k]);
        series_label(out, "measure", str_from(column));
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
    TRY(range_of(c, TRANSMISSION5, LONGEST_RANGE_DAYS, &range));
    for (size_t i = 0; i < measures->count; i++)
        TRY(add_measure(c, &range, measure.choices[measures->chosen[i]]));
    return NULL;
}

const struct route routes_transmission[] = {
    {"/v1/transmission", "Flows and limits of interconnectors", "Transmission", ANSWER_SERIES,
     transmission, .parameters = {RANGE_PARAMETERS, &parameter_five_minutes, &measure},
     .details = "A positive flow is from region `from` to region `to`."},
    {0},
};
