#include "sim/tables/predispatch.h"

#include <stdio.h>

#include "sim/tables/halfhour.h"
#include "sim/tables/outlook.h"

enum { PERIODID = 12 };
#define STEP (INTERVAL_MINUTES * AEST_MINUTE)
#define DAY_START (4 * 60 * AEST_MINUTE)

static aest_day trading_day(aest_us t) {
    return interval_trading_day(interval_at_or_after(t));
}

static aest_us day_start(aest_day d) {
    return d * AEST_DAY + DAY_START;
}

int64_t sim_predispatch_seqno(aest_us t) {
    aest_day d = trading_day(t);
    int year, month, day;
    aest_date(d, &year, &month, &day);
    return ((year * 100 + month) * 100 + day) * INT64_C(100) + (t - day_start(d)) / SIM_HALF_HOUR;
}

aest_us sim_predispatch_last(aest_us run) {
    aest_day d = trading_day(run);
    const aest_us offers_due = (12 * 60 + 30) * AEST_MINUTE;
    bool next_is_in = run - SIM_HALF_HOUR >= d * AEST_DAY + offers_due;
    return day_start(d + 1 + next_is_in);
}

void sim_predispatch_expect(struct sim_market *m, aest_us run, aest_us end,
                            struct sim_interval *out) {
    sim_market_forecast(m, run - SIM_HALF_HOUR + STEP, end, out);
}

static struct sim_outlook outlook_of(struct sim_file *f, aest_us run) {
    aest_us took = (66 + (aest_us)(sim_outlook_chance(f->market, run) * 20)) * AEST_SECOND;
    struct sim_outlook o = {
        .run = run,
        .lastchanged = run - SIM_HALF_HOUR + took,
        .seqno = sim_predispatch_seqno(run),
        .file = f,
    };
    sim_outlook_begin(&o);
    return o;
}

/* One half hour of a run after the other, with the one before it. */
struct walk {
    struct sim_outlook outlook;
    struct sim_outlook_interval at;
    struct sim_interval interval[2];
    char periodid[PERIODID];
    int k;
};

static void begin(struct walk *w, struct sim_file *f, aest_us run) {
    w->outlook = outlook_of(f, run);
    w->at = (struct sim_outlook_interval){.end = run - SIM_HALF_HOUR, .periodid = w->periodid};
    w->k = 0;
}

static bool next(struct walk *w) {
    const struct sim_outlook *o = &w->outlook;
    if (w->at.end == sim_predispatch_last(o->run))
        return false;
    struct sim_interval *now = &w->interval[w->k % 2];
    w->at.before = w->k ? w->at.now : NULL;
    w->at.now = now;
    w->at.end += SIM_HALF_HOUR;
    sim_predispatch_expect(o->file->market, o->run, w->at.end, now);
    if (w->k == 0)
        w->outlook.intervention = now->runs == 2;
    snprintf(w->periodid, sizeof w->periodid, "%02d", ++w->k);
    return true;
}

static void case_rows(struct sim_file *f, aest_us from, aest_us to) {
    struct walk w;
    for (aest_us run = sim_half_hour_after(from); run <= to; run += SIM_HALF_HOUR) {
        begin(&w, f, run);
        next(&w);
        sim_outlook_case(&w.outlook);
    }
}

typedef void outlook_writer(const struct sim_outlook *o, const struct sim_outlook_interval *i);

/* Of an intervention the prices begin with the pricing run, everything else with the physical one.
 */
static void write_runs(struct sim_file *f, aest_us from, aest_us to, bool pricing_first,
                       outlook_writer *write) {
    struct walk w;
    for (aest_us run = sim_half_hour_after(from); run <= to; run += SIM_HALF_HOUR)
        for (begin(&w, f, run); next(&w);)
            for (int n = 0; n <= w.outlook.intervention; n++) {
                w.at.intervention = pricing_first ? n : w.outlook.intervention - n;
                write(&w.outlook, &w.at);
            }
}

static void write_regions(const struct sim_outlook *o, const struct sim_outlook_interval *i) {
    for (int region = 0; region < SIM_REGIONS; region++)
        sim_outlook_region(o, i, (enum sim_region)region);
}

static void write_links(const struct sim_outlook *o, const struct sim_outlook_interval *i) {
    for (int link = 0; link < SIM_LINKS; link++)
        sim_outlook_link(o, i, (enum sim_link)link);
}

/* Here PERIODID is the number that a run would have that began with the half hour. */
static void write_constraints(const struct sim_outlook *o, const struct sim_outlook_interval *i) {
    char seqno[24];
    snprintf(seqno, sizeof seqno, "%lld", (long long)sim_predispatch_seqno(i->end));
    struct sim_outlook_interval numbered = *i;
    numbered.periodid = seqno;
    sim_outlook_constraints(o, &numbered);
}

static void price_rows(struct sim_file *f, aest_us from, aest_us to) {
    write_runs(f, from, to, true, write_regions);
}

static void region_rows(struct sim_file *f, aest_us from, aest_us to) {
    write_runs(f, from, to, false, write_regions);
}

static void link_rows(struct sim_file *f, aest_us from, aest_us to) {
    write_runs(f, from, to, false, write_links);
}

static void constraint_rows(struct sim_file *f, aest_us from, aest_us to) {
    write_runs(f, from, to, false, write_constraints);
}

static void local_rows(struct sim_file *f, aest_us from, aest_us to) {
    for (aest_us run = sim_half_hour_after(from); run <= to; run += SIM_HALF_HOUR) {
        struct sim_outlook o = outlook_of(f, run);
        int count = (int)((sim_predispatch_last(run) - run) / SIM_HALF_HOUR) + 1;
        for (int unit = 0; unit < sim_fleet_size; unit++)
            for (int k = 0; k < count; k++) {
                char periodid[PERIODID];
                snprintf(periodid, sizeof periodid, "%02d", k + 1);
                struct sim_outlook_interval i = {.end = run + k * SIM_HALF_HOUR,
                                                 .periodid = periodid};
                sim_outlook_local_price(&o, &i, unit);
            }
    }
}

const struct sim_table sim_predispatch_case_solution = {"PREDISPATCH", "CASE_SOLUTION",
                                                        sim_outlook_case_cells, case_rows};
const struct sim_table sim_predispatch_local_price = {"PREDISPATCH", "LOCAL_PRICE",
                                                      sim_outlook_local_cells, local_rows};
const struct sim_table sim_predispatch_region_prices = {"PREDISPATCH", "REGION_PRICES",
                                                        sim_outlook_region_cells, price_rows};
const struct sim_table sim_predispatch_region_solution = {"PREDISPATCH", "REGION_SOLUTION",
                                                          sim_outlook_region_cells, region_rows};
const struct sim_table sim_predispatch_interconnector_soln = {"PREDISPATCH", "INTERCONNECTOR_SOLN",
                                                              sim_outlook_link_cells, link_rows};
const struct sim_table sim_predispatch_constraint_solution = {
    "PREDISPATCH", "CONSTRAINT_SOLUTION", sim_outlook_constraint_cells, constraint_rows};
