/* What units generate and consume. */
#include "api/route.h"
#include "market/generation.h"

static err *by_total(struct call *c, const struct range *range) {
    struct generation g;
    TRY(generation_total(c->api->store, &c->api->units, c->memory, range->from, range->to, &g));
    answer_times(&c->answer, g.first, 1, g.length);
    answer_add(&c->answer, STR("generation"), "MW", g.generation);
    answer_add(&c->answer, STR("load"), "MW", g.load);
    return NULL;
}

static err *by_unit(struct call *c, const struct range *range) {
    struct series s;
    TRY(series_read(c->api->store, c->memory, SCADA5, "scadavalue", range->from, range->to, &s));
    answer_times(&c->answer, s.first, s.step, s.length);
    for (size_t k = 0; k < s.count; k++) {
        int sign = unit_sign(&c->api->units, s.keys[k], interval_day(range->to));
        double *values = s.values[k];
        if (!sign)
            continue;
        for (size_t i = 0; i < s.length; i++)
            values[i] = sign * values[i] + 0.0; /* a pump at rest is at 0, not at -0 */
        answer_add(&c->answer, s.keys[k], "MW", values);
    }
    return NULL;
}

static const struct {
    err *(*answer)(struct call *, const struct range *);
    int longest_days; /* hundreds of units make large answers */
} ways[] = {{by_total, LONGEST_RANGE_DAYS}, {by_unit, 2}};

static const struct parameter by = {
    "by",
    PARAMETER_CHOICE,
    .choices = CHOICES("total", "unit"), /* as [ways] */
    .fallback = "total",
    .summary = "total: generation and load of the NEM; unit: each DUID, output positive",
};

static err *generation(struct call *c) {
    int way = value_of(c, &by)->choice;
    struct range range;
    TRY(range_of(c, SCADA5, ways[way].longest_days, &range));
    TRY(units_load(c->api->store, &c->api->units));
    return ways[way].answer(c, &range);
}

const struct route routes_generation[] = {
    {"/v1/generation", "Generation and load", "Generation", ANSWER_SERIES, generation,
     .parameters = {RANGE_PARAMETERS, &parameter_five_minutes, &by},
     .details = "MW at the start of the interval: the sum of max(0, sign x scadavalue) over units "
                "is generation, that of max(0, -sign x scadavalue) load."},
    {0},
};
