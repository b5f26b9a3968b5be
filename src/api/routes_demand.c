/* Demand. */
#include "api/route.h"

static err *demand(struct call *c) {
    struct range range;
    struct series s;
    TRY(range_of(c, REGIONS5, LONGEST_RANGE_DAYS, &range));
    TRY(series_read(c->api->store, c->memory, REGIONS5, "totaldemand", range.from, range.to, &s));
    answer_times(&c->answer, s.first, s.step, s.length);
    for (size_t k = 0; k < s.count; k++)
        if (region_wanted(c, s.keys[k]))
            answer_add(&c->answer, s.keys[k], "MW", s.values[k]);
    return NULL;
}

const struct route routes_demand[] = {
    {"/v1/demand", "Demand by region", "Demand", ANSWER_SERIES, demand,
     .parameters = {RANGE_PARAMETERS, &parameter_five_minutes, &parameter_region},
     .details = "TOTALDEMAND: the dispatch target at the interval's end, not what was consumed."},
    {0},
};
