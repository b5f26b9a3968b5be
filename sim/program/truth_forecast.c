/* The forecasts, by the run that is named by the time: prices from its pricing runs, MW from its
 * physical ones. */
#include "sim/program/truth_rows.h"
#include "sim/tables/predispatch.h"

static void begin_row(const struct truth_row *t, aest_us end, int region) {
    truth_begin(t, t->end);
    truth_time(t, end);
    truth_text(t, sim_region_name[region]);
}

void truth_rooftop_forecast(const struct truth_row *t) {
    aest_us last = sim_rooftop_forecast_last(t->end);
    for (aest_us end = t->end + SIM_HALF_HOUR; end <= last; end += SIM_HALF_HOUR)
        for (int r = 0; r < SIM_REGIONS; r++) {
            double mean = sim_rooftop_forecast_mean(t->market, t->end, end, (enum sim_region)r);
            begin_row(t, end, r);
            truth_number(t, truth_round(mean, 3));
            truth_end(t);
        }
}

/* [intervention]: of the run, which is that of its first interval. [source] has the MW. */
static void write_outlook(const struct truth_row *t, aest_us end, const struct sim_interval *i,
                          bool intervention, const struct truth_source *source) {
    const struct sim_region_run *physical = i->region_run[sim_outlook_run(i, intervention)];
    for (int r = 0; r < SIM_REGIONS; r++) {
        begin_row(t, end, r);
        truth_number(t, i->region_run[0][r].price);
        truth_number(t, physical[r].totaldemand);
        truth_number(t, truth_if_published(source, "SS_SOLAR_CLEAREDMW", physical[r].solar));
        truth_number(t, truth_if_published(source, "SS_WIND_CLEAREDMW", physical[r].wind));
        truth_number(t, physical[r].netinterchange);
        truth_end(t);
    }
}

void truth_p5min(const struct truth_row *t) {
    const struct truth_source source = {"P5MIN", "REGIONSOLUTION", truth_dispatched(t)};
    struct sim_interval seen[SIM_P5MIN_INTERVALS];
    sim_p5min_expect(t->market, t->end, seen, SIM_P5MIN_INTERVALS);
    for (int k = 0; k < SIM_P5MIN_INTERVALS; k++)
        write_outlook(t, t->end + k * INTERVAL_MINUTES * AEST_MINUTE, &seen[k], seen[0].runs == 2,
                      &source);
}

void truth_predispatch(const struct truth_row *t) {
    const struct truth_source source = {"PREDISPATCH", "REGION_SOLUTION", t->end - SIM_HALF_HOUR};
    struct sim_interval seen;
    bool intervention = false;
    aest_us last = sim_predispatch_last(t->end);
    for (aest_us end = t->end; end <= last; end += SIM_HALF_HOUR) {
        sim_predispatch_expect(t->market, t->end, end, &seen);
        if (end == t->end)
            intervention = seen.runs == 2;
        write_outlook(t, end, &seen, intervention, &source);
    }
}
