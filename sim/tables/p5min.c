/* Five-minute pre-dispatch: each run looks an hour ahead. */
#include "sim/tables/outlook.h"
#include "sim/tables/predispatch.h"

enum { AHEAD = SIM_P5MIN_INTERVALS };
#define STEP (INTERVAL_MINUTES * AEST_MINUTE)

struct p5min {
    struct sim_outlook outlook;
    struct sim_interval interval[AHEAD];
};

void sim_p5min_expect(struct sim_market *m, aest_us run, struct sim_interval out[], int intervals) {
    for (int k = 0; k < intervals; k++)
        sim_market_forecast(m, run, run + k * STEP, &out[k]);
}

static struct sim_outlook outlook_of(struct sim_file *f, aest_us run) {
    aest_us took = (24 + (aest_us)(sim_outlook_chance(f->market, run) * 8)) * AEST_SECOND;
    struct sim_outlook o = {.run = run, .lastchanged = run - STEP + took, .file = f};
    sim_outlook_begin(&o);
    return o;
}

static void expect(struct p5min *p, struct sim_file *f, aest_us run, int ahead) {
    p->outlook = outlook_of(f, run);
    sim_p5min_expect(f->market, run, p->interval, ahead);
    p->outlook.intervention = p->interval[0].runs == 2;
}

static struct sim_outlook_interval at(const struct p5min *p, int64_t intervention, int k) {
    return (struct sim_outlook_interval){
        .end = p->outlook.run + k * STEP,
        .intervention = intervention,
        .now = &p->interval[k],
        .before = k ? &p->interval[k - 1] : NULL,
    };
}

static aest_us first_run(aest_us from) {
    return interval_to_aest(interval_at_or_before(from) + 1);
}

static void case_rows(struct sim_file *f, aest_us from, aest_us to) {
    struct p5min p;
    for (aest_us run = first_run(from); run <= to; run += STEP) {
        expect(&p, f, run, 1);
        sim_outlook_case(&p.outlook);
    }
}

static void region_rows(struct sim_file *f, aest_us from, aest_us to) {
    struct p5min p;
    for (aest_us run = first_run(from); run <= to; run += STEP) {
        expect(&p, f, run, AHEAD);
        for (int intervention = 0; intervention <= p.outlook.intervention; intervention++)
            for (int region = 0; region < SIM_REGIONS; region++)
                for (int k = 0; k < AHEAD; k++) {
                    struct sim_outlook_interval i = at(&p, intervention, k);
                    sim_outlook_region(&p.outlook, &i, (enum sim_region)region);
                }
    }
}

static void link_rows(struct sim_file *f, aest_us from, aest_us to) {
    struct p5min p;
    for (aest_us run = first_run(from); run <= to; run += STEP) {
        expect(&p, f, run, AHEAD);
        for (int intervention = p.outlook.intervention; intervention >= 0; intervention--)
            for (int link = 0; link < SIM_LINKS; link++)
                for (int k = 0; k < AHEAD; k++) {
                    struct sim_outlook_interval i = at(&p, intervention, k);
                    sim_outlook_link(&p.outlook, &i, (enum sim_link)link);
                }
    }
}

static void constraint_rows(struct sim_file *f, aest_us from, aest_us to) {
    struct p5min p;
    for (aest_us run = first_run(from); run <= to; run += STEP) {
        expect(&p, f, run, AHEAD);
        for (int intervention = p.outlook.intervention; intervention >= 0; intervention--)
            for (int k = 0; k < AHEAD; k++) {
                struct sim_outlook_interval i = at(&p, intervention, k);
                sim_outlook_constraints(&p.outlook, &i);
            }
    }
}

static void local_rows(struct sim_file *f, aest_us from, aest_us to) {
    for (aest_us run = first_run(from); run <= to; run += STEP) {
        struct sim_outlook o = outlook_of(f, run);
        for (int unit = 0; unit < sim_fleet_size; unit++)
            for (int k = 0; k < AHEAD; k++) {
                struct sim_outlook_interval i = {.end = run + k * STEP};
                sim_outlook_local_price(&o, &i, unit);
            }
    }
}

const struct sim_table sim_p5min_casesolution = {"P5MIN", "CASESOLUTION", sim_outlook_case_cells,
                                                 case_rows};
const struct sim_table sim_p5min_local_price = {"P5MIN", "LOCAL_PRICE", sim_outlook_local_cells,
                                                local_rows};
const struct sim_table sim_p5min_regionsolution = {"P5MIN", "REGIONSOLUTION",
                                                   sim_outlook_region_cells, region_rows};
const struct sim_table sim_p5min_interconnectorsoln = {"P5MIN", "INTERCONNECTORSOLN",
                                                       sim_outlook_link_cells, link_rows};
const struct sim_table sim_p5min_constraintsolution = {
    "P5MIN", "CONSTRAINTSOLUTION", sim_outlook_constraint_cells, constraint_rows};
