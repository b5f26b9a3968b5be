/* Records: the most, and of some measures the least, that there ever was.
 *
 * The rule runs on the clock of rooftop30, the last to come: then demand, prices and readings of
 * the half hour are there, and most revisions. It begins with the first interval of the store, so
 * that what it announces is measured against all of history, and says nothing of the past; where
 * the store has too little history, records are noted and not told.
 *
 * Each record is a state: [peak] is the value, [peak_at] when it was. A record that is broken
 * again and again on one afternoon is one episode, told once it is over: when it has stood for two
 * hours, or at midnight. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "alert/rule.h"
#include "market/mix.h"
#include "market/readings.h"
#include "market/records.h"
#include "market/shares.h"
#include "store/series.h"

enum { HALF_HOUR = 6, EPISODE_S = 2 * 3600, BEFORE = 18, DAY_S = 86400 };

static const struct {
    bool least; /* the minimum matters too */
    const char *unit;
    double scale;
    int decimals;
} shown[RECORD_MEASURES] = {
    [RECORD_SHARE] = {true, " %", 100, 1},   [RECORD_WIND] = {false, " MW", 1, 0},
    [RECORD_SOLAR] = {false, " MW", 1, 0},   [RECORD_ROOFTOP] = {false, " MW", 1, 0},
    [RECORD_WATER] = {false, " MW", 1, 0},   [RECORD_DEMAND] = {true, " MW", 1, 0},
    [RECORD_PRICE] = {true, " $/MWh", 1, 2}, [RECORD_DISCHARGE] = {false, " MW", 1, 0},
    [RECORD_CHARGE] = {false, " MW", 1, 0},  [RECORD_STATE_OF_CHARGE] = {false, " MWh", 1, 0},
};

static err *configure(struct rule_use *u, const struct alert_settings *s, bool *on) {
    (void)on;
    return setting_double(s, "ALERT_RECORD_DAYS", 365, &u->amount);
}

/* -- the values of a half hour ------------------------------------------------------------------
 */

struct half_hour {
    struct period period;
    struct mix mix;
    struct span rooftop[REGIONS], demand[REGIONS], price[REGIONS], stored[REGIONS];
    bool provisional[HALF_HOUR], proxy[HALF_HOUR], incomplete[HALF_HOUR];
    bool not_firm[REGIONS][HALF_HOUR];
};

/* An interval in which many units have no reading isn't what the market was. */
static err *find_incomplete(struct judging *j, struct half_hour *h) {
    struct series s;
    size_t counts[BEFORE] = {0}, most = 0;
    TRY(series_read(j->store, j->memory, SCADA5, "scadavalue", j->at - BEFORE, j->at, &s));
    for (size_t i = 0; i < s.length && i < BEFORE; i++) {
        for (size_t k = 0; k < s.count; k++)
            counts[i] += isnan(s.values[k][i]) ? 0 : 1;
        most = counts[i] > most ? counts[i] : most;
    }
    for (size_t i = 0; i < HALF_HOUR; i++)
        h->incomplete[i] = (double)counts[BEFORE - HALF_HOUR + i] < 0.97 * (double)most;
    return NULL;
}

static err *find_not_firm(struct judging *j, struct half_hour *h) {
    const struct frame *f;
    int slot, column = dataset_column(&datasets[PRICESTATUS5], STR("price_status"));
    for (int i = 0; i < HALF_HOUR; i++) {
        TRY(judge_frame(j, PRICESTATUS5, h->period.after + 1 + i, &f, &slot));
        for (int r = 0; f && r < REGIONS; r++) {
            int64_t k = intern_find(&f->keys, str_from(regions[r]));
            cell c = k < 0 ? CELL_MISSING : frame_cell(f, (uint32_t)k, column, slot);
            h->not_firm[r][i] = c != CELL_MISSING && str_eq(frame_cell_text(f, c), STR("NOT FIRM"));
        }
    }
    return NULL;
}

static err *read_half_hour(struct judging *j, struct half_hour *h) {
    h->period = (struct period){j->at - HALF_HOUR, j->at};
    struct buckets b = buckets_of_step(j->memory, 1, h->period);
    TRY(mix_read(j->store, j->memory, h->period, &b, &h->mix));
    TRY(rooftop_read(j->store, j->memory, h->period, h->rooftop, h->provisional));
    TRY(operational_demand_read(j->store, j->memory, h->period, h->demand, h->proxy));
    TRY(regions_read(j->store, j->memory, PRICES5, "rrp", h->period, h->price));
    TRY(regions_read(j->store, j->memory, REGIONS5, "bdu_energy_storage", h->period, h->stored));
    TRY(find_incomplete(j, h));
    return find_not_firm(j, h);
}

/* MW of a fuel in a region; 0 where the region has none of it while others have readings. */
static double fuel_mw(const struct half_hour *h, bool load, int region, enum fuel fuel, int i) {
    const double *values = load ? h->mix.load[region][fuel] : h->mix.generation[region][fuel];
    return values && (size_t)i < h->mix.length ? (isnan(values[i]) ? 0 : values[i]) : 0;
}

static struct supply supply_of(const struct half_hour *h, int region, int i) {
    struct supply s = {.underlying = (double)NAN,
                       .rooftop = span_at(&h->rooftop[region], h->period.after + 1 + i)};
    for (int fuel = 0; fuel < FUELS; fuel++)
        s.by_fuel[fuel] = fuel_mw(h, false, region, (enum fuel)fuel, i);
    return s;
}

/* The value of a measure in a region; NaN where it isn't known. */
static double measure_of(const struct half_hour *h, enum record_measure m, int r, int i) {
    interval at = h->period.after + 1 + i;
    struct supply s;
    switch (m) {
    case RECORD_SHARE:
        s = supply_of(h, r, i);
        return renewable_shares(&s).generation;
    case RECORD_WIND:
        return fuel_mw(h, false, r, FUEL_WIND, i);
    case RECORD_SOLAR:
        return fuel_mw(h, false, r, FUEL_SOLAR, i);
    case RECORD_WATER:
        return fuel_mw(h, false, r, FUEL_WATER, i);
    case RECORD_DISCHARGE:
        return fuel_mw(h, false, r, FUEL_BATTERY, i);
    case RECORD_CHARGE:
        return fuel_mw(h, true, r, FUEL_BATTERY, i);
    case RECORD_ROOFTOP:
        return span_at(&h->rooftop[r], at);
    case RECORD_DEMAND:
        return span_at(&h->demand[r], at);
    case RECORD_PRICE:
        return span_at(&h->price[r], at);
    default:
        return span_at(&h->stored[r], at);
    }
}

/* Of the NEM: sums, and the share of the sums. It has no price of its own here. */
static double measure_of_nem(const struct half_hour *h, enum record_measure m, int i) {
    struct supply all = {.underlying = (double)NAN};
    double sum = 0;
    if (m == RECORD_PRICE)
        return (double)NAN;
    for (int r = 0; r < REGIONS; r++) {
        double value = measure_of(h, m, r, i);
        struct supply s = supply_of(h, r, i);
        for (int fuel = 0; fuel < FUELS; fuel++)
            all.by_fuel[fuel] += s.by_fuel[fuel];
        all.rooftop += s.rooftop;
        sum += m == RECORD_STATE_OF_CHARGE && isnan(value) ? 0 : value; /* TAS1 has no batteries */
    }
    return m == RECORD_SHARE ? renewable_shares(&all).generation : sum;
}

static unsigned faults_of(const struct half_hour *h, enum record_measure m, int area, int i) {
    bool of_units = m != RECORD_ROOFTOP && m != RECORD_DEMAND && m != RECORD_PRICE &&
                    m != RECORD_STATE_OF_CHARGE;
    unsigned faults = 0;
    if (of_units && (h->incomplete[i] || !h->mix.length))
        faults |= RECORD_INCOMPLETE;
    if (m == RECORD_PRICE && area < REGIONS && h->not_firm[area][i])
        faults |= RECORD_NOT_FIRM;
    if ((m == RECORD_SHARE || m == RECORD_ROOFTOP) && h->provisional[i])
        faults |= RECORD_PROVISIONAL;
    if (m == RECORD_DEMAND && h->proxy[i])
        faults |= RECORD_PROVISIONAL;
    return faults;
}

/* -- records as states --------------------------------------------------------------------------
 */

static const char *const extreme_names[RECORD_EXTREMES] = {"max", "min"};

static const char *record_key(struct arena *a, int m, int extreme, int area) {
    return arena_printf(a, "%s %s %s", record_measure_names[m], extreme_names[extreme],
                        area < REGIONS ? regions[area] : "NEM");
}

static const char *value_text(struct arena *a, int m, double value) {
    return arena_printf(a, "%s%s", number_text(a, value * shown[m].scale, shown[m].decimals),
                        shown[m].unit);
}

static const struct alert_state *find_state(const struct alert_state_row *rows, size_t count,
                                            const char *key) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].key, key) == 0)
            return &rows[i].state;
    return NULL;
}

static struct finding record_finding(struct judging *j, int m, int extreme, int area,
                                     const char *key, const struct alert_state *s) {
    const char *where = area < REGIONS ? regions[area] : "NEM";
    const char *value = value_text(j->memory, m, s->peak);
    const char *what = arena_printf(j->memory, "%s%s", extreme == RECORD_MIN ? "lowest " : "",
                                    record_measure_names[m]);
    return (struct finding){
        .key = key,
        .kind = "record",
        .severity = ALERT_INFO,
        .value = s->peak,
        .head = "Record",
        .brief = arena_printf(j->memory, "%s %s %s", what, where, value),
        .text = arena_printf(j->memory, "Record: %s %s %s at %s, before %s", what, where, value,
                             time_text(j->memory, s->peak_at), s->text ? s->text : "unknown")};
}

/* Whether an episode is over, and then its message. */
static err *end_episode(struct judging *j, int m, int extreme, int area, const char *key,
                        struct alert_state *s, bool short_history) {
    bool midnight = interval_day_start(interval_day(j->at) + 1) == j->at;
    if (!midnight && j->time - s->peak_at < EPISODE_S)
        return NULL;
    struct finding f = record_finding(j, m, extreme, area, key, s);
    judge_tells(j, key, &f.unsent);
    if (short_history)
        f.unsent = "too little history";
    judge_find(j, &f);
    s->level = 0;
    return alerts_put_state(j->alerts, j->use->name, key, s);
}

/* One record: what it was, what it is after the half hour. */
static err *settle(struct judging *j, int m, int extreme, int area,
                   const struct alert_state_row *rows, size_t count,
                   const struct market_records *now, bool short_history) {
    const char *key = record_key(j->memory, m, extreme, area);
    const struct alert_state *was = find_state(rows, count, key);
    struct alert_state s =
        was ? *was : (struct alert_state){.waits = (double)NAN, .peak = (double)NAN};
    const struct market_record *best = &now->best[m][extreme][area][RECORD_ALL_HOURS];
    bool broken = !isnan(best->value) && !(best->value >= s.peak && best->value <= s.peak);
    if (broken) {
        if (!s.level && j->fresh && !isnan(s.peak)) { /* a first value is no record */
            s.level = 1;
            s.since = interval_to_unix(best->at);
            s.text = arena_printf(j->memory, "%s at %s", value_text(j->memory, m, s.peak),
                                  time_text(j->memory, s.peak_at));
        }
        s.peak = best->value;
        s.peak_at = interval_to_unix(best->at);
        TRY(alerts_put_state(j->alerts, j->use->name, key, &s));
    }
    return s.level ? end_episode(j, m, extreme, area, key, &s, short_history) : NULL;
}

static void offer_half_hour(struct judging *j, const struct half_hour *h,
                            struct market_records *records) {
    for (int m = 0; m < RECORD_MEASURES; m++)
        for (int area = 0; area < RECORD_AREAS; area++)
            for (int i = 0; i < HALF_HOUR; i++) {
                interval at = h->period.after + 1 + i;
                double value = area < REGIONS ? measure_of(h, (enum record_measure)m, area, i)
                                              : measure_of_nem(h, (enum record_measure)m, i);
                const struct threshold *limits =
                    m == RECORD_PRICE ? thresholds_at(j->thresholds, at) : NULL;
                if (!isnan(value))
                    market_records_offer(records, (enum record_measure)m, area, at, value,
                                         faults_of(h, (enum record_measure)m, area, i), limits);
            }
}

static err *judge(struct judging *j) {
    struct half_hour *h = ARENA_NEW(j->memory, struct half_hour);
    struct market_records *records = ARENA_NEW(j->memory, struct market_records);
    struct alert_state_row *rows;
    struct alert_state start;
    size_t count;
    TRY(read_half_hour(j, h));
    TRY(alerts_states(j->alerts, j->memory, j->use->name, &rows, &count));
    TRY(alerts_state(j->alerts, j->memory, j->use->name, "", &start));
    market_records_init(records);
    for (int m = 0; m < RECORD_MEASURES; m++)
        for (int e = 0; e < RECORD_EXTREMES; e++)
            for (int area = 0; area < RECORD_AREAS; area++) {
                const struct alert_state *s =
                    find_state(rows, count, record_key(j->memory, m, e, area));
                if (s && !isnan(s->peak))
                    market_records_set(
                        records, (enum record_measure)m, (enum record_extreme)e, area,
                        RECORD_ALL_HOURS,
                        (struct market_record){s->peak,
                                               interval_at_or_before(aest_from_unix(s->peak_at))});
            }
    offer_half_hour(j, h, records);
    bool short_history = (double)(j->time - start.since) < j->use->amount * DAY_S;
    for (int m = 0; m < RECORD_MEASURES; m++)
        for (int e = 0; e < (shown[m].least ? RECORD_EXTREMES : RECORD_MIN); e++)
            for (int area = 0; area < RECORD_AREAS; area++)
                TRY(settle(j, m, e, area, rows, count, records, short_history));
    return NULL;
}

const struct rule rule_record = {
    .name = "record",
    .summary = "the most there ever was: renewable share, wind, solar, rooftop, hydro, demand, "
               "price, batteries",
    .dataset = ROOFTOP30,
    .from_start = true,
    .news_s = 2 * 3600,
    .configure = configure,
    .judge = judge,
};
