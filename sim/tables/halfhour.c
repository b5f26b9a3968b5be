#include "sim/tables/halfhour.h"

#include <math.h>

#include "sim/model/demand.h"
#include "sim/model/noise.h"
#include "sim/model/streams.h"
#include "sim/tables/registry.h"
#include "sim/tables/table.h"

enum { STREAM = SIM_STREAMS_HALFHOUR };
enum quantity { QUALITY, OUTAGE, STAMP, ROOFTOP_ERROR, DEMAND_ERROR, RESPONSE };

static struct noise stream(const struct sim_market *m, enum quantity q, int sub) {
    return (struct noise){sim_market_seed(m),
                          (uint64_t)STREAM << 40 | (uint64_t)q << 32 | (uint64_t)sub};
}

static double chance(const struct sim_market *m, enum quantity q, int sub, aest_us t) {
    return noise_uniform(stream(m, q, sub), t / SIM_HALF_HOUR);
}

/* The day whose half hours end after its 00:00 and up to the next one. */
static aest_day day_of(aest_us end) {
    return interval_day(interval_at_or_after(end));
}

static aest_day day(int yyyymmdd) {
    return (aest_day)(sim_date_to_aest(yyyymmdd) / AEST_DAY);
}

double sim_operational_demand_hh(struct sim_market *m, aest_us end, enum sim_region region) {
    aest_day date = interval_trading_day(interval_at_or_after(end));
    int64_t last = (end - date * AEST_DAY) / (INTERVAL_MINUTES * AEST_MINUTE) - 4 * 12 - 1;
    const struct sim_day *d = sim_market_day(m, date);
    double sum = 0;
    for (int64_t k = last - 5; k <= last; k++)
        sum += d->interval[k].region[region].operational_demand;
    sim_market_release(m, d);
    return round(sum / 6);
}

struct demand_row {
    aest_us end, load_date, lastchanged;
    const char *regionid;
    double demand, adjustment, wdr;
    double poe10, poe50, poe90;
};

static const struct sim_cell demand_cells[] = {
    {"INTERVAL_DATETIME", SIM_CELL_TIME, offsetof(struct demand_row, end), 0, NULL},
    {"LOAD_DATE", SIM_CELL_TIME, offsetof(struct demand_row, load_date), 0, NULL},
    {"REGIONID", SIM_CELL_TEXT, offsetof(struct demand_row, regionid), 0, NULL},
    {"OPERATIONAL_DEMAND", SIM_CELL_NUMBER, offsetof(struct demand_row, demand), 0, NULL},
    {"OPERATIONAL_DEMAND_ADJUSTMENT", SIM_CELL_NUMBER, offsetof(struct demand_row, adjustment), 0,
     NULL},
    {"WDR_ESTIMATE", SIM_CELL_NUMBER, offsetof(struct demand_row, wdr), 0, NULL},
    {"OPERATIONAL_DEMAND_POE10", SIM_CELL_NUMBER, offsetof(struct demand_row, poe10), 0, NULL},
    {"OPERATIONAL_DEMAND_POE50", SIM_CELL_NUMBER, offsetof(struct demand_row, poe50), 0, NULL},
    {"OPERATIONAL_DEMAND_POE90", SIM_CELL_NUMBER, offsetof(struct demand_row, poe90), 0, NULL},
    {"LASTCHANGED", SIM_CELL_TIME, offsetof(struct demand_row, lastchanged), 0, NULL},
    {0},
};

/* It is rare. */
double sim_demand_response_hh(const struct sim_market *m, aest_us end, enum sim_region region) {
    double response = chance(m, RESPONSE, (int)region, end);
    return response < 0.004 ? ceil(response * 7500) : 0;
}

static void write_demand(struct sim_file *f, aest_us end, enum sim_region region) {
    double wdr = sim_demand_response_hh(f->market, end, region);
    struct demand_row row = {
        .end = end,
        .regionid = sim_region_name[region],
        .demand = sim_operational_demand_hh(f->market, end, region),
        .adjustment = wdr,
        .wdr = wdr,
        .lastchanged =
            end + (1 + (int64_t)(chance(f->market, STAMP, (int)region, end) * 3)) * AEST_SECOND,
    };
    sim_file_row(f, &row);
}

/* By region and time within a day, as the day's file has it. */
static void demand_rows(struct sim_file *f, aest_us from, aest_us to) {
    while (from < to) {
        aest_us until = from + AEST_DAY < to ? from + AEST_DAY : to;
        for (int region = 0; region < SIM_REGIONS; region++)
            for (aest_us t = sim_half_hour_after(from); t <= until; t += SIM_HALF_HOUR)
                write_demand(f, t, (enum sim_region)region);
        from = until;
    }
}

/* How wrong a forecast is, with a standard deviation of 1: one curve along the times forecast,
 * which slowly gives way to another from run to run. */
static double forecast_error(const struct sim_market *m, enum quantity q, int region, aest_us run,
                             aest_us end) {
    return noise_smooth(stream(m, q, region), (double)end + (double)run / 3,
                        (double)(6 * 60 * AEST_MINUTE));
}

/* 0 for what comes next, 1 from two days ahead on. */
static double ahead(aest_us run, aest_us end) {
    return fmin(1, (double)(end - run) / (double)(2 * AEST_DAY));
}

/* The run that is named by its first half hour, up to the end of the ninth day. */
static void write_demand_forecast(struct sim_file *f, aest_us run) {
    aest_us loaded = run - 32 * AEST_MINUTE - 19 * AEST_SECOND,
            last = (run / AEST_DAY + 9) * AEST_DAY;
    for (int region = 0; region < SIM_REGIONS; region++)
        for (aest_us end = run; end <= last; end += SIM_HALF_HOUR) {
            double far = ahead(run, end);
            double mean = sim_operational_demand(sim_market_seed(f->market),
                                                 (enum sim_region)region, end - SIM_HALF_HOUR / 2);
            double spread = fabs(mean) * (0.014 + 0.10 * far) + 40;
            mean += spread / 4 * forecast_error(f->market, DEMAND_ERROR, region, run, end);
            struct demand_row row = {
                .end = end,
                .load_date = loaded,
                .lastchanged = loaded,
                .regionid = sim_region_name[region],
                .poe10 = mean + spread,
                .poe50 = mean,
                .poe90 = mean - spread,
            };
            sim_file_row(f, &row);
        }
}

static void demand_forecast_rows(struct sim_file *f, aest_us from, aest_us to) {
    for (aest_us run = sim_half_hour_after(from); run <= to; run += SIM_HALF_HOUR)
        write_demand_forecast(f, run);
}

const struct sim_table sim_operational_demand_actual = {"OPERATIONAL_DEMAND", "ACTUAL",
                                                        demand_cells, demand_rows};
const struct sim_table sim_operational_demand_forecast = {"OPERATIONAL_DEMAND", "FORECAST",
                                                          demand_cells, demand_forecast_rows};

const struct sim_rooftop_area sim_rooftop_areas[SIM_ROOFTOP_AREAS] = {
    {"NSW1", SIM_NSW1, 0}, {"QLD1", SIM_QLD1, 0}, {"QLDC", SIM_QLD1, 1}, {"QLDN", SIM_QLD1, 2},
    {"QLDS", SIM_QLD1, 3}, {"SA1", SIM_SA1, 0},   {"TAS1", SIM_TAS1, 0}, {"TASN", SIM_TAS1, 1},
    {"TASS", SIM_TAS1, 2}, {"VIC1", SIM_VIC1, 0},
};

static const struct source_fact {
    const char *type;
    int first, last; /* dates; 0: still there */
    bool parts;      /* it has parts of regions too */
    enum sim_rooftop_type seen_by;
    double qi;
    double poor, poor_qi; /* how often another quality is given, and which */
    double outage;        /* the part of half hours (of days) that it knows nothing of */
} sources[SIM_ROOFTOP_SOURCES] = {
    [SIM_ROOFTOP_DAILY] = {"DAILY", 20160801, 20191020, false, SIM_MEASUREMENT, 1, 0.002, 0.7,
                           0.003},
    [SIM_ROOFTOP_MEASUREMENT] = {"MEASUREMENT", 20180301, 0, true, SIM_MEASUREMENT, 1, 0.006, 0.7,
                                 0.0005},
    [SIM_ROOFTOP_SATELLITE] = {"SATELLITE", 20180301, 0, true, SIM_SATELLITE, 0.6, 0.0003, 0.3,
                               0.0001},
};

static aest_us rooftop_stamp(struct sim_market *m, aest_us end, enum sim_rooftop_source source) {
    aest_us late = (aest_us)(chance(m, STAMP, 16 + (int)source, end) * 12) * AEST_SECOND;
    if (source == SIM_ROOFTOP_DAILY)
        return day_of(end) * AEST_DAY + (23 * 60 + 30) * AEST_MINUTE + 26 * AEST_SECOND + late;
    aest_us after = source == SIM_ROOFTOP_MEASUREMENT ? 19 * 60 + 46 : 20 * 60 + 22;
    return end + after * AEST_SECOND + late;
}

bool sim_rooftop_record(struct sim_market *m, aest_us end, enum sim_rooftop_source source, int area,
                        struct sim_rooftop_record *out) {
    const struct source_fact *s = &sources[source];
    const struct sim_rooftop_area *a = &sim_rooftop_areas[area];
    aest_day d = day_of(end);
    if (d < day(s->first) || (s->last && d > day(s->last)) || (a->part && !s->parts))
        return false;
    bool daily = source == SIM_ROOFTOP_DAILY;
    aest_us spell = daily ? d * AEST_DAY : end;
    out->lastchanged = rooftop_stamp(m, end, source);
    if (chance(m, OUTAGE, (int)source, spell) < s->outage) {
        out->power = (double)NAN;
        out->qi = 0;
        return true;
    }
    int sub = (int)source * SIM_ROOFTOP_AREAS + area;
    out->qi = chance(m, QUALITY, sub, end) < s->poor ? s->poor_qi : s->qi;
    out->power = sim_market_rooftop(m, end, a->region, a->part, s->seen_by);
    if (daily) { /* the same measurements, gone over again */
        double again = 1 + 0.001 * noise_normal(stream(m, QUALITY, sub), -end / SIM_HALF_HOUR);
        out->power = round(out->power * again * 1000) / 1000;
    }
    return true;
}

struct rooftop_row {
    aest_us end, version, lastchanged;
    const char *regionid, *type;
    double power, qi;
    double mean, poe50, low, high;
};

static const struct sim_cell rooftop_cells[] = {
    {"INTERVAL_DATETIME", SIM_CELL_TIME, offsetof(struct rooftop_row, end), 0, NULL},
    {"VERSION_DATETIME", SIM_CELL_TIME, offsetof(struct rooftop_row, version), 0, NULL},
    {"REGIONID", SIM_CELL_TEXT, offsetof(struct rooftop_row, regionid), 0, NULL},
    {"POWER", SIM_CELL_NUMBER, offsetof(struct rooftop_row, power), 3, NULL},
    {"QI", SIM_CELL_NUMBER, offsetof(struct rooftop_row, qi), 1, NULL},
    {"TYPE", SIM_CELL_TEXT, offsetof(struct rooftop_row, type), 0, NULL},
    {"POWERMEAN", SIM_CELL_NUMBER, offsetof(struct rooftop_row, mean), 3, NULL},
    {"POWERPOE50", SIM_CELL_NUMBER, offsetof(struct rooftop_row, poe50), 3, NULL},
    {"POWERPOELOW", SIM_CELL_NUMBER, offsetof(struct rooftop_row, low), 3, NULL},
    {"POWERPOEHIGH", SIM_CELL_NUMBER, offsetof(struct rooftop_row, high), 3, NULL},
    {"LASTCHANGED", SIM_CELL_TIME, offsetof(struct rooftop_row, lastchanged), 0, NULL},
    {0},
};

static void write_rooftop(struct sim_file *f, aest_us end, enum sim_rooftop_source source,
                          int area) {
    struct sim_rooftop_record r;
    if (!sim_rooftop_record(f->market, end, source, area, &r))
        return;
    struct rooftop_row row = {
        .end = end,
        .lastchanged = r.lastchanged,
        .regionid = sim_rooftop_areas[area].id,
        .type = sources[source].type,
        .power = r.power,
        .qi = r.qi,
    };
    sim_file_row(f, &row);
}

static void source_rows(struct sim_file *f, aest_us from, aest_us to,
                        enum sim_rooftop_source source) {
    for (aest_us t = sim_half_hour_after(from); t <= to; t += SIM_HALF_HOUR)
        for (int area = 0; area < SIM_ROOFTOP_AREAS; area++)
            write_rooftop(f, t, source, area);
}

static void measurement_rows(struct sim_file *f, aest_us from, aest_us to) {
    source_rows(f, from, to, SIM_ROOFTOP_MEASUREMENT);
}

static void satellite_rows(struct sim_file *f, aest_us from, aest_us to) {
    source_rows(f, from, to, SIM_ROOFTOP_SATELLITE);
}

/* For some years the month's file ran a day into the next month. */
static void all_rows(struct sim_file *f, aest_us from, aest_us to) {
    aest_day d = (aest_day)(from / AEST_DAY);
    if (f->edition == SIM_MMSDM && d >= day(20191001) && d < day(20240801))
        to += AEST_DAY;
    for (aest_us t = sim_half_hour_after(from); t <= to; t += SIM_HALF_HOUR)
        for (int area = 0; area < SIM_ROOFTOP_AREAS; area++)
            for (int source = 0; source < SIM_ROOFTOP_SOURCES; source++)
                write_rooftop(f, t, (enum sim_rooftop_source)source, area);
}

aest_us sim_rooftop_forecast_last(aest_us run) {
    aest_us lead = 4 * 60 * AEST_MINUTE;
    return (interval_trading_day(interval_at_or_after(run)) + 8) * AEST_DAY + lead;
}

/* How far off a forecast may be, as a part of it. */
static double rooftop_spread(aest_us run, aest_us end) {
    return 0.03 + 0.12 * ahead(run, end);
}

double sim_rooftop_forecast_mean(struct sim_market *m, aest_us run, aest_us end,
                                 enum sim_region region) {
    double error = forecast_error(m, ROOFTOP_ERROR, (int)region, run, end);
    double factor = 1 + rooftop_spread(run, end) * error;
    return fmax(0, factor) * sim_market_rooftop(m, end, region, 0, SIM_MEASUREMENT);
}

/* A run is made eight minutes before the time that names it. */
static void write_rooftop_forecast(struct sim_file *f, aest_us run) {
    aest_us last = sim_rooftop_forecast_last(run);
    for (int region = 0; region < SIM_REGIONS; region++)
        for (aest_us end = run + SIM_HALF_HOUR; end <= last; end += SIM_HALF_HOUR) {
            double part = rooftop_spread(run, end);
            double mean = sim_rooftop_forecast_mean(f->market, run, end, (enum sim_region)region);
            struct rooftop_row row = {
                .end = end,
                .version = run,
                .lastchanged = run - 8 * AEST_MINUTE - AEST_SECOND,
                .regionid = sim_region_name[region],
                .mean = mean,
                .poe50 = mean * (1 - 0.1 * part),
                .low = mean * (0.9 - part),
                .high = mean * (1 + part),
            };
            sim_file_row(f, &row);
        }
}

static void rooftop_forecast_rows(struct sim_file *f, aest_us from, aest_us to) {
    for (aest_us run = sim_half_hour_after(from); run <= to; run += SIM_HALF_HOUR)
        write_rooftop_forecast(f, run);
}

const struct sim_table sim_rooftop_actual_measurement = {"ROOFTOP", "ACTUAL", rooftop_cells,
                                                         measurement_rows};
const struct sim_table sim_rooftop_actual_satellite = {"ROOFTOP", "ACTUAL", rooftop_cells,
                                                       satellite_rows};
const struct sim_table sim_rooftop_actual_all = {"ROOFTOP", "ACTUAL", rooftop_cells, all_rows};
const struct sim_table sim_rooftop_forecast = {"ROOFTOP", "FORECAST", rooftop_cells,
                                               rooftop_forecast_rows};
