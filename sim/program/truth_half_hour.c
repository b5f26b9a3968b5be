/* The half-hourly datasets: means of six intervals, and what is published by the half hour. */
#include "sim/program/truth_rows.h"
#include "sim/tables/times.h"
#include "sim/tables/trading.h"

enum { PARTS = 6 };

/* A value of part [part] of the half hour, the earliest first; [which] unit, region or link. */
typedef double part_value(const struct truth_row *t, int part, int which);

static double mean(const struct truth_row *t, part_value *value, int which) {
    double sum = 0;
    for (int part = 0; part < PARTS; part++)
        sum += value(t, part, which);
    return sum / PARTS;
}

static const struct sim_interval *part_interval(const struct truth_row *t, int part) {
    return &t->day->interval[t->k - PARTS + 1 + part];
}

static double part_price(const struct truth_row *t, int part, int region) {
    struct sim_price price;
    sim_market_price(t->market, part_interval(t, part)->end, (enum sim_region)region, &price);
    return price.rrp;
}

/* Half hours were traded until five-minute settlement, at a price in cents. */
void truth_prices30(const struct truth_row *t) {
    for (int r = 0; r < SIM_REGIONS; r++) {
        truth_begin(t, t->end);
        truth_text(t, sim_region_name[r]);
        truth_number(t, sim_settled_by_5_minutes(t->end)
                            ? mean(t, part_price, r)
                            : sim_trading_rrp(t->market, t->end, (enum sim_region)r));
        truth_end(t);
    }
}

static double part_scada(const struct truth_row *t, int part, int unit) {
    return sim_mw_value(t->day->scada[(t->k - PARTS + 1 + part) * t->day->units + unit]);
}

void truth_scada30(const struct truth_row *t) {
    for (int i = 0; i < t->day->units; i++) {
        truth_begin(t, t->end);
        truth_text(t, t->by_duid[i].duid);
        truth_number(t, mean(t, part_scada, t->by_duid[i].index));
        truth_end(t);
    }
}

static const struct sim_link_run *part_link(const struct truth_row *t, int part, int link) {
    const struct sim_interval *now = part_interval(t, part);
    return &now->link_run[now->runs - 1][link];
}

static double part_meteredmwflow(const struct truth_row *t, int part, int link) {
    return part_interval(t, part)->meteredmwflow[link];
}

static double part_mwflow(const struct truth_row *t, int part, int link) {
    return part_link(t, part, link)->mwflow;
}

static double part_mwlosses(const struct truth_row *t, int part, int link) {
    return part_link(t, part, link)->mwlosses;
}

static double part_exportlimit(const struct truth_row *t, int part, int link) {
    return part_link(t, part, link)->exportlimit;
}

static double part_importlimit(const struct truth_row *t, int part, int link) {
    return part_link(t, part, link)->importlimit;
}

void truth_transmission30(const struct truth_row *t) {
    static part_value *const columns[] = {part_meteredmwflow, part_mwflow, part_mwlosses,
                                          part_exportlimit, part_importlimit};
    for (int l = 0; l < SIM_LINKS; l++) {
        truth_begin(t, t->end);
        truth_text(t, sim_links[l].id);
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
            truth_number(t, mean(t, columns[i], l));
        truth_end(t);
    }
}

/* Without DEMAND_LESS_SNSG, which no half-hourly file has. */
void truth_demand30(const struct truth_row *t) {
    const struct truth_source source = {"OPERATIONAL_DEMAND", "ACTUAL", t->end};
    for (int r = 0; r < SIM_REGIONS; r++) {
        double response = sim_demand_response_hh(t->market, t->end, (enum sim_region)r);
        truth_begin(t, t->end);
        truth_text(t, sim_region_name[r]);
        truth_number(t, sim_operational_demand_hh(t->market, t->end, (enum sim_region)r));
        truth_number(t, truth_if_published(&source, "OPERATIONAL_DEMAND_ADJUSTMENT", response));
        truth_number(t, truth_if_published(&source, "WDR_ESTIMATE", response));
        truth_number(t, (double)NAN);
        truth_end(t);
    }
}

/* The best of what is published of each half hour: the daily value, the measured one, what
 * satellites saw. */
void truth_rooftop30(const struct truth_row *t) {
    static const char *const types[SIM_ROOFTOP_SOURCES] = {"DAILY", "MEASUREMENT", "SATELLITE"};
    for (int area = 0; area < SIM_ROOFTOP_AREAS; area++)
        for (int source = 0; source < SIM_ROOFTOP_SOURCES && sim_rooftop_areas[area].part == 0;
             source++) {
            struct sim_rooftop_record record;
            if (!sim_rooftop_record(t->market, t->end, (enum sim_rooftop_source)source, area,
                                    &record) ||
                isnan(record.power))
                continue;
            truth_begin(t, t->end);
            truth_text(t, sim_rooftop_areas[area].id);
            truth_number(t, record.power);
            truth_number(t, record.qi);
            truth_text(t, types[source]);
            truth_end(t);
            break;
        }
}
