/* Prices. */
#include "api/route.h"

static err *prices(struct call *c) {
    struct range range;
    struct series s;
    TRY(range_of(c, PRICES5, LONGEST_RANGE_DAYS, &range));
    TRY(series_read(c->api->store, c->memory, PRICES5, "rrp", range.from, range.to, &s));
    answer_times(&c->answer, s.first, s.step, s.length);
    for (size_t k = 0; k < s.count; k++)
        if (region_wanted(c, s.keys[k]))
            answer_add(&c->answer, s.keys[k], "$/MWh", s.values[k]);
    return NULL;
}

const struct route routes_prices[] = {
    {"/v1/prices", "Spot prices by region", "Prices", ANSWER_SERIES, prices,
     .parameters = {RANGE_PARAMETERS, &parameter_five_minutes, &parameter_region},
     .details = "RRP of dispatch, five-minutely; before 2021-10-01 settled by the half hour."},
    {0},
};
