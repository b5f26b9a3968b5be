#include "market/records.h"

const char *const record_measure_names[RECORD_MEASURES] = {
    "renewable_share",   "wind",  "solar",     "rooftop", "hydro",           "demand",
    "underlying_demand", "price", "discharge", "charge",  "state_of_charge",
};

const char *const record_extreme_names[RECORD_EXTREMES] = {"max", "min"};

const char *record_area_name(int area) {
    return area == RECORD_NEM ? "NEM" : regions[area];
}

/* What can be, for the NEM with room to spare: the largest demand so far was under 36,000 MW, and
 * all of a region's batteries hold less than 100,000 MWh. Prices have limits of their own. */
static const struct {
    double min, max;
} plausible[RECORD_MEASURES] = {
    [RECORD_SHARE] = {0, 1},
    [RECORD_WIND] = {0, 60000},
    [RECORD_SOLAR] = {0, 60000},
    [RECORD_ROOFTOP] = {0, 60000},
    [RECORD_WATER] = {0, 15000},
    [RECORD_DEMAND] = {-10000, 60000},
    [RECORD_UNDERLYING] = {0, 60000},
    [RECORD_PRICE] = {-1000, 100000},
    [RECORD_DISCHARGE] = {0, 60000},
    [RECORD_CHARGE] = {0, 60000},
    [RECORD_STATE_OF_CHARGE] = {0, 500000},
};

static bool is_plausible(enum record_measure measure, double value,
                         const struct threshold *limits) {
    if (limits && (value < limits->floor || value > limits->cap))
        return false;
    return value >= plausible[measure].min && value <= plausible[measure].max;
}

static bool beats(enum record_extreme extreme, struct market_record a, struct market_record b) {
    if (isnan(a.value) || isnan(b.value))
        return !isnan(a.value);
    if (a.value < b.value || a.value > b.value)
        return (a.value > b.value) == (extreme == RECORD_MAX);
    return a.at < b.at;
}

/* Each place of the table. */
#define EACH_RECORD(m, e, a, h)                                                                    \
    for (int m = 0; m < RECORD_MEASURES; m++)                                                      \
        for (int e = 0; e < RECORD_EXTREMES; e++)                                                  \
            for (int a = 0; a < RECORD_AREAS; a++)                                                 \
                for (int h = 0; h < RECORD_HOURS; h++)

void market_records_init(struct market_records *r) {
    EACH_RECORD(m, e, a, h)
    r->best[m][e][a][h] = (struct market_record){.value = NAN};
}

void market_records_set(struct market_records *r, enum record_measure measure,
                        enum record_extreme extreme, int area, int hour,
                        struct market_record record) {
    struct market_record *best = &r->best[measure][extreme][area][hour];
    if (beats(extreme, record, *best))
        *best = record;
}

int record_hour(interval at) {
    enum { PER_HOUR = 60 / INTERVAL_MINUTES };
    return (at - 1 - interval_day_start(interval_day(at))) / PER_HOUR;
}

bool market_records_offer(struct market_records *r, enum record_measure measure, int area,
                          interval at, double value, unsigned faults,
                          const struct threshold *limits) {
    bool is_record = false;
    struct market_record offered = {value, at};
    if (faults || isnan(value) || !is_plausible(measure, value, limits))
        return false;
    for (int e = 0; e < RECORD_EXTREMES; e++) {
        enum record_extreme extreme = (enum record_extreme)e;
        is_record |= beats(extreme, offered, r->best[measure][e][area][RECORD_ALL_HOURS]);
        market_records_set(r, measure, extreme, area, RECORD_ALL_HOURS, offered);
        market_records_set(r, measure, extreme, area, record_hour(at), offered);
    }
    return is_record;
}

void market_records_merge(struct market_records *into, const struct market_records *from) {
    EACH_RECORD(m, e, a, h)
    market_records_set(into, (enum record_measure)m, (enum record_extreme)e, a, h,
                       from->best[m][e][a][h]);
}

static bool lies_in(struct market_record record, struct period p) {
    return !isnan(record.value) && record.at > p.after && record.at <= p.to;
}

void market_records_forget(struct market_records *r, struct period p) {
    EACH_RECORD(m, e, a, h)
    if (lies_in(r->best[m][e][a][h], p))
        r->best[m][e][a][h].value = NAN;
}

bool market_records_need_history(const struct market_records *before,
                                 const struct market_records *now, struct period p) {
    EACH_RECORD(m, e, a, h) {
        struct market_record was = before->best[m][e][a][h], is = now->best[m][e][a][h];
        if (lies_in(was, p) && beats((enum record_extreme)e, was, is))
            return true;
    }
    return false;
}
