/* Rules on what is to come: forecast prices, and how they move between runs. */
#include <math.h>
#include <stdlib.h>

#include "alert/rule.h"

/* -- a high price ahead -------------------------------------------------------------------------
 */

enum { AHEAD = 12 * 12 /* intervals of a run that count */ };

static err *configure_forecast(struct rule_use *u, const struct alert_settings *s, bool *on) {
    const bool p5min = u->dataset == P5MIN;
    double high;
    TRY(setting_double(s, p5min ? "FORECAST_PRICE_THRESHOLD" : "PREDISPATCH_PRICE_THRESHOLD",
                       (double)NAN, &high));
    *on = !isnan(high);
    u->ladder = (struct ladder){
        .count = 1,
        .steps = {{high, ALERT_WARNING,
                   p5min ? "High price forecast" : "High price in pre-dispatch"}},
        .clear = high * 0.5,
        .over = p5min ? "High price no longer forecast" : "High price no longer in pre-dispatch",
        .before = "$",
        .behind = "/MWh",
        .decimals = 2};
    return NULL;
}

/* The highest price ahead of each region in a run. */
static err *forecast_values(struct judging *j, struct reading **out, size_t *count) {
    struct reading *ahead;
    size_t all;
    TRY(judge_readings(j, j->use->dataset, "rrp", &ahead, &all));
    *out = ARENA_ARRAY(j->memory, struct reading, all);
    *count = 0;
    for (size_t k = 0; k < all; k++) {
        str text;
        int horizon;
        size_t i = 0;
        forecast_key_split(str_from(ahead[k].key), &text, &horizon);
        interval after = horizon * datasets[j->use->dataset].horizon_step;
        if (after > AHEAD)
            continue;
        const char *region = str_dup(j->memory, text);
        while (i < *count && strcmp((*out)[i].key, region) != 0)
            i++;
        if (i < *count && ahead[k].value <= (*out)[i].value)
            continue;
        const char *when = time_text(j->memory, j->time + after * 300);
        (*out)[i] =
            (struct reading){region, ahead[k].value, arena_printf(j->memory, " at %s", when)};
        *count += i == *count;
    }
    return NULL;
}

const struct rule rule_price_forecast = {
    .name = "price_forecast",
    .summary = "P5MIN sees a price over FORECAST_PRICE_THRESHOLD in the next hour",
    .dataset = P5MIN,
    .most_a_day = 3,
    .then_s = 3600,
    .configure = configure_forecast,
    .values = forecast_values,
};

const struct rule rule_price_predispatch = {
    .name = "price_predispatch",
    .summary =
        "pre-dispatch sees a price over PREDISPATCH_PRICE_THRESHOLD in the next twelve hours",
    .dataset = PREDISPATCH,
    .most_a_day = 3,
    .then_s = 3600,
    .configure = configure_forecast,
    .values = forecast_values,
};

/* -- pre-dispatch moves -------------------------------------------------------------------------
 */

static err *configure_moves(struct rule_use *u, const struct alert_settings *s, bool *on) {
    TRY(setting_double(s, "PREDISPATCH_MOVE_THRESHOLD", (double)NAN, &u->amount));
    *on = !isnan(u->amount);
    return NULL;
}

struct price_ahead {
    str region;
    interval at;
    double price;
};

static err *prices_ahead(struct judging *j, interval run, struct price_ahead **out, size_t *count) {
    struct series s;
    TRY(judge_series(j, PREDISPATCH, "rrp", run, 1, &s));
    *out = ARENA_ARRAY(j->memory, struct price_ahead, s.count);
    *count = 0;
    for (size_t k = 0; k < s.count; k++) {
        struct price_ahead p = {.price = s.values[k][0]};
        int horizon;
        forecast_key_split(s.keys[k], &p.region, &horizon);
        p.at = run + horizon * datasets[PREDISPATCH].horizon_step;
        p.region = (str){str_dup(j->memory, p.region), p.region.len};
        if (!isnan(p.price))
            (*out)[(*count)++] = p;
    }
    return NULL;
}

/* The largest move of each region between two runs, in the next [AHEAD] intervals. */
static err *judge_moves(struct judging *j) {
    enum { MOST_REGIONS = 16 };
    size_t before_count, count, moved = 0;
    struct price_ahead *before, *now;
    struct {
        const struct price_ahead *from, *to;
    } largest[MOST_REGIONS];
    TRY(prices_ahead(j, j->at - datasets[PREDISPATCH].step, &before, &before_count));
    TRY(prices_ahead(j, j->at, &now, &count));
    for (size_t i = 0; i < count; i++)
        for (size_t b = 0; b < before_count; b++) {
            if (now[i].at != before[b].at || now[i].at > j->at + AHEAD ||
                !str_eq(now[i].region, before[b].region) ||
                fabs(now[i].price - before[b].price) < j->use->amount)
                continue;
            size_t r = 0;
            while (r < moved && !str_eq(largest[r].to->region, now[i].region))
                r++;
            bool larger = r < moved && fabs(now[i].price - before[b].price) >
                                           fabs(largest[r].to->price - largest[r].from->price);
            if (r == moved && moved < MOST_REGIONS)
                moved++, larger = true;
            if (larger)
                largest[r].from = &before[b], largest[r].to = &now[i];
        }
    for (size_t r = 0; r < moved; r++) {
        const char *key = str_dup(j->memory, largest[r].to->region);
        const char *brief = arena_printf(j->memory, "%s $%s to $%s/MWh at %s", key,
                                         number_text(j->memory, largest[r].from->price, 2),
                                         number_text(j->memory, largest[r].to->price, 2),
                                         time_text(j->memory, interval_to_unix(largest[r].to->at)));
        struct finding found = {.key = key,
                                .kind = "alert",
                                .severity = ALERT_WARNING,
                                .value = largest[r].to->price - largest[r].from->price,
                                .head = "Pre-dispatch price moved",
                                .brief = brief,
                                .text =
                                    arena_printf(j->memory, "Pre-dispatch price moved: %s", brief)};
        judge_tells(j, key, &found.unsent);
        judge_find(j, &found);
    }
    return NULL;
}

const struct rule rule_predispatch = {
    .name = "predispatch",
    .summary = "a price of pre-dispatch moves by over PREDISPATCH_MOVE_THRESHOLD between runs",
    .dataset = PREDISPATCH,
    .configure = configure_moves,
    .judge = judge_moves,
};
